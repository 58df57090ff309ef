"""Gives Kivy the fingers of a touch panel that `hardware.touch` reads. The only one to do so: SDL's own is put out, or each tap would be two."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from kivy.base import EventLoop
from kivy.input.motionevent import MotionEvent

from hardware.touch import TouchPanel

_numbers = count(1)
SDL = "SDL2MotionEventProvider"


class PanelTouch(MotionEvent):  # type: ignore[misc]  # Kivy has no types
    """At parts of the width and height of the glass, from the lower left; the window turns them as it turns its picture."""

    def __init__(self, place: tuple[float, float]) -> None:
        super().__init__("panel", f"panel{next(_numbers)}", place, is_touch=True, type_id="touch")
        self.profile = ["pos"]

    def depack(self, args: Any) -> None:
        self.sx, self.sy = args
        super().depack(args)


class Touches:
    """One of Kivy's input providers: it is asked in each round of the picture loop."""

    def __init__(self, panel: TouchPanel, woken: Callable[[], None]) -> None:
        self.panel, self._woken = panel, woken
        self._fingers: dict[int, PanelTouch] = {}

    def begin(self) -> None:
        """Instead of every other source of touches."""
        for each in list(EventLoop.input_providers):
            if type(each).__name__ == SDL:
                EventLoop.remove_input_provider(each)
        EventLoop.add_input_provider(self)

    def start(self) -> None:
        pass

    def stop(self) -> None:
        self.panel.close()

    def update(self, dispatch_fn: Callable[[str, MotionEvent], None]) -> None:
        for moved in self.panel.read():
            place = (moved.x, 1.0 - moved.y)
            touch = self._fingers.get(moved.finger)
            if moved.what == "down":
                touch = self._fingers[moved.finger] = PanelTouch(place)
                dispatch_fn("begin", touch)
            elif touch is not None and moved.what == "move":
                touch.move(place)
                dispatch_fn("update", touch)
            elif touch is not None:
                del self._fingers[moved.finger]
                touch.update_time_end()
                dispatch_fn("end", touch)
            self._woken()
