"""The parts of the journey that have rooms of their own, and what the journey asks of each.

A part is a module of functions over the whole `Model`, of which it changes `screen` and its own field of `Visitor`:

* `SCREEN`, `FIELD`, `ACT`, `EVENT`: the one screen it is shown on, its field, and the marks of what is meant for it (`marks`).
* `act(model, action)`, `heard(model, event)`, `tick(model)`: as the journey's own. `tick` is asked only while its screen shows.
* `back(model)`: the button "back" on its screen; from its first page it leaves for the needs, where nothing of it is kept.
* `taken(model, event)`: a ticket that it ordered was given out; whatever must go along with it is an effect now.
* `left(model, event)`: its visitor has gone or was put elsewhere by this event, from this model: what must be let go of or told. Its
  field (`FIELD`) is empty already.
* `may_stay(model)`: False when it cannot go on, such as when what it needs was switched off.
* `touchable(model)`: what decides where its buttons are and what they do (`guard`).
* `tiles(model)`: what it adds to the first choices, in front of them; `entered(model, tile)`: the act that tile stands for, else None.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Protocol, cast

from kiosk.flow.filling import steps as filling
from kiosk.flow.finding import steps as finding
from kiosk.flow.rating import steps as rating
from kiosk.flow.scanning import steps as scanning
from kiosk.flow.shown import Screen, Tile

if TYPE_CHECKING:
    from kiosk.flow.effects import Effect
    from kiosk.flow.events import Event, Taken
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model


class Part(Protocol):
    SCREEN: Screen
    FIELD: str
    ACT: type
    EVENT: type

    def act(self, model: Model, action: Any) -> Step: ...
    def heard(self, model: Model, event: Any) -> Step: ...
    def tick(self, model: Model) -> Step: ...
    def back(self, model: Model) -> Model: ...
    def taken(self, model: Model, event: Taken) -> tuple[Effect, ...]: ...
    def left(self, model: Model, event: Event) -> tuple[Effect, ...]: ...
    def may_stay(self, model: Model) -> bool: ...
    def touchable(self, model: Model) -> Hashable: ...
    def tiles(self, model: Model) -> tuple[Tile, ...]: ...
    def entered(self, model: Model, tile: str) -> Any: ...


PARTS: tuple[Part, ...] = cast("tuple[Part, ...]", (scanning, filling, finding, rating))
PART_SCREENS = frozenset(part.SCREEN for part in PARTS)


def of_screen(screen: Screen) -> Part | None:
    return next((part for part in PARTS if part.SCREEN is screen), None)


def of_act(action: object) -> Part | None:
    return next((part for part in PARTS if isinstance(action, part.ACT)), None)


def of_event(event: object) -> Part | None:
    return next((part for part in PARTS if isinstance(event, part.EVENT)), None)


def built(model: Model) -> Hashable:
    """What the part's screen is built for (`Part.built`); what else changes on it changes in place. By default, what can be touched."""
    part = of_screen(model.screen)
    return None if part is None else getattr(part, "built", part.touchable)(model)


def holds(model: Model) -> bool:
    """Whether somebody stands there with what is nowhere else yet: neither closing time nor a fault takes it from them."""
    return scanning.holds(model) or filling.holds(model)
