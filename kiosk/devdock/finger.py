"""A finger that comes over the wire: a real Kivy touch, dispatched like one from a panel."""

from __future__ import annotations

from itertools import count
from typing import Any

from kivy.base import EventLoop
from kivy.input.motionevent import MotionEvent

_numbers = count(1)


class Finger(MotionEvent):  # type: ignore[misc]  # Kivy has no types
    """At a place given as parts of the width and height, from the lower left."""

    def __init__(self, place: tuple[float, float]) -> None:
        super().__init__("dock", f"finger{next(_numbers)}", place, is_touch=True, type_id="touch")
        self.profile = ["pos"]

    def depack(self, args: Any) -> None:
        self.sx, self.sy = args
        super().depack(args)


def down(place: tuple[float, float]) -> Finger:
    finger = Finger(place)
    EventLoop.post_dispatch_input("begin", finger)
    return finger


def move(finger: Finger, place: tuple[float, float]) -> None:
    finger.move(place)
    EventLoop.post_dispatch_input("update", finger)


def up(finger: Finger) -> None:
    finger.update_time_end()
    EventLoop.post_dispatch_input("end", finger)


def tap(place: tuple[float, float]) -> None:
    up(down(place))
