"""What each act and event does. The functions are those every part has (`kiosk.flow.parts`)."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.flow.effects import Effect, Sound, Tone
from kiosk.flow.finding.acts import Begin
from kiosk.flow.finding.shown import Finding
from kiosk.flow.marks import FindAct, FindEvent
from kiosk.flow.shown import Screen, Tile

if TYPE_CHECKING:
    from kiosk.flow.events import Event, Taken
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model

SCREEN = Screen.FIND
FIELD = "finding"
ACT = FindAct
EVENT = FindEvent


def act(model: Model, action: FindAct) -> Step:
    if not isinstance(action, Begin):
        return model, ()
    begun = replace(model, visitor=replace(model.visitor, finding=Finding()), screen=SCREEN)
    return begun, (Sound(Tone.TOUCH),)


def heard(model: Model, event: FindEvent) -> Step:
    return model, ()


def tick(model: Model) -> Step:
    return model, ()


def back(model: Model) -> Model:
    return replace(model, visitor=replace(model.visitor, finding=None), screen=Screen.NEEDS)


def taken(model: Model, event: Taken) -> tuple[Effect, ...]:
    return ()


def left(model: Model, event: Event) -> tuple[Effect, ...]:
    return ()


def may_stay(model: Model) -> bool:
    return model.visitor.finding is not None


def touchable(model: Model) -> Hashable:
    return None


def tiles(model: Model) -> tuple[Tile, ...]:
    return ()


def entered(model: Model, tile: str) -> FindAct | None:
    return None
