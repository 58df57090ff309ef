"""One touch, one action: which touches count.

Touch panels bounce, palms rest on them, children drum on them, and a finger already on its way down cannot
know that the screen has just changed under it. A touch counts only when

* it was drawn from the generation on screen now (else it was meant for something that is gone),
* the panel was quiet before it: *any* touch, counted or not, starts the quiet anew, so drumming is one
  touch however long it lasts,
* the screen has stood long enough to have been seen,
* and no ticket is being taken.

The keys of a reference are quicker: they are many, alike, and stay where they are.

To hide counts always: it can only take things away, and whoever wants it wants it now.
"""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum, auto
from typing import TYPE_CHECKING

from kiosk.flow.events import DeleteSign, HideNow, Touched, TypeSign
from kiosk.flow.marks import PartAct
from kiosk.flow.parts import of_screen
from kiosk.flow.shown import Screen

if TYPE_CHECKING:
    from kiosk.flow.model import Model


KEYS = (TypeSign, DeleteSign)


class Verdict(Enum):
    COUNTS = auto()
    MISSED = auto()
    """A real finger on something that has just gone: does nothing, but shows that somebody is there."""
    DROPPED = auto()
    """Bounce, palm or drumming: no sign of anybody, or a stuck panel would keep a stranger's ticket on
    screen for ever.
    """


def judge(model: Model, touch: Touched) -> Verdict:
    if isinstance(touch.action, HideNow):
        return Verdict.COUNTS
    quick = touch.action.quick if isinstance(touch.action, PartAct) else isinstance(touch.action, KEYS)
    quiet = model.limits.typing if quick else model.limits.bounce
    if model.ordered or touch.at - model.last_touch < quiet:
        return Verdict.DROPPED
    if touch.generation != model.generation or touch.at - model.last_change < model.limits.settle:
        return Verdict.MISSED
    return Verdict.COUNTS


def touchable(model: Model) -> Hashable:
    """What decides where buttons are and what they do. When it changes, touches meant for the old one no
    longer count.
    """
    visitor = model.visitor
    part = of_screen(model.screen)
    tiles = {Screen.NEEDS: model.choices, Screen.SERVICES: model.services}.get(model.screen, ())
    return (
        model.screen,
        visitor.choice,
        visitor.private,
        visitor.checking is not None and visitor.checking.told,
        visitor.large,
        visitor.reach_down,
        visitor.help_shown,
        model.idle_left is not None,
        model.asks_paper,
        model.banner is not None,
        model.at_exit,
        tuple((model.announced or {}).items()),
        visitor.ticket.id if visitor.ticket else None,
        tuple((tile.id, tile.open) for tile in tiles),
        model.right_to_left,
        part and part.touchable(model),
    )
