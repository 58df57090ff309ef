"""What each act and event does. The functions are those every part has (`kiosk.flow.parts`)."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.flow.effects import Effect, Sound, Tone
from kiosk.flow.marks import ScanAct, ScanEvent
from kiosk.flow.scanning.acts import Begin
from kiosk.flow.scanning.shown import Scanning
from kiosk.flow.shown import Screen, Tile

if TYPE_CHECKING:
    from kiosk.flow.events import Event, Taken
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model

SCREEN = Screen.SCAN
FIELD = "scanning"
ACT = ScanAct
EVENT = ScanEvent


def act(model: Model, action: ScanAct) -> Step:
    if not isinstance(action, Begin):
        return model, ()
    begun = replace(model, visitor=replace(model.visitor, scanning=Scanning()), screen=SCREEN)
    return begun, (Sound(Tone.TOUCH),)


def heard(model: Model, event: ScanEvent) -> Step:
    return model, ()


def tick(model: Model) -> Step:
    return model, ()


def back(model: Model) -> Model:
    return replace(model, visitor=replace(model.visitor, scanning=None), screen=Screen.NEEDS)


def taken(model: Model, event: Taken) -> tuple[Effect, ...]:
    return ()


def left(model: Model, event: Event) -> tuple[Effect, ...]:
    return ()


def may_stay(model: Model) -> bool:
    return model.visitor.scanning is not None


def touchable(model: Model) -> Hashable:
    return None


def tiles(model: Model) -> tuple[Tile, ...]:
    return ()


def entered(model: Model, tile: str) -> ScanAct | None:
    return None
