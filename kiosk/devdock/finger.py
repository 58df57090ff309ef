"""A finger that comes over the wire: a real Kivy touch, dispatched like one from a panel."""

from __future__ import annotations

from itertools import count
from typing import Any

from kivy.base import EventLoop
from kivy.core.window import Window
from kivy.input.motionevent import MotionEvent

_numbers = count(1)


class Finger(MotionEvent):  # type: ignore[misc]  # Kivy has no types
    """At a place given as parts of the width and height of the picture as people see it, from the lower left."""

    def __init__(self, place: tuple[float, float]) -> None:
        super().__init__(
            "dock", f"finger{next(_numbers)}", _on_the_glass(place), is_touch=True, type_id="touch"
        )
        self.profile = ["pos"]

    def depack(self, args: Any) -> None:
        self.sx, self.sy = args
        super().depack(args)


def _on_the_glass(place: tuple[float, float]) -> tuple[float, float]:
    """The window turns places of the glass as it turns its picture (`panel.turn`), so they are turned the other way here."""
    x, y = place
    return {90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}.get(Window.rotation, place)


def down(place: tuple[float, float]) -> Finger:
    finger = Finger(place)
    EventLoop.post_dispatch_input("begin", finger)
    return finger


def move(finger: Finger, place: tuple[float, float]) -> None:
    finger.move(_on_the_glass(place))
    EventLoop.post_dispatch_input("update", finger)


def up(finger: Finger) -> None:
    finger.update_time_end()
    EventLoop.post_dispatch_input("end", finger)


def tap(place: tuple[float, float]) -> None:
    up(down(place))
