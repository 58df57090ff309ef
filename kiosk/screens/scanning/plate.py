"""The plate: what the camera sees with the page outlined in it, one sentence about it, and what was taken so far.

The outline is thick and closed where a page is good and thin where something is wrong with it, beside its colour and the sentence: nothing is told by
colour alone. The sentence has the room of the longest, so nothing moves when it changes.
"""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Line

from kiosk.flow.model import Model
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.shown import TROUBLE, Hint, Scanning
from kiosk.screens.scanning.parts import Picture, ScanFoot, ScanTold, button, person
from kiosk.screens.scanning.strip import Strip
from kiosk.screens.screen import Screen
from kiosk.widgets.boxes import Box
from kiosk.widgets.icons import Icon
from kiosk.widgets.look import look
from kiosk.widgets.press import Card

GOOD, WRONG, UNDER = (0.09, 0.62, 0.27, 1.0), (1.0, 0.75, 0.1, 1.0), (0.0, 0.0, 0.0, 0.75)
PROPORTION = 0.75
"""Of the live picture's room: its height by its width."""


class Live(Card):
    """The live picture. Without one: where to lay a page."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pad=look().mm(1.2), **kwargs)
        self._icon = Icon("scan", 16.0 if look().compact else 40.0, look().palette.icon)
        self.picture = Picture()
        self.add_widget(self._icon)
        self.add_widget(self.picture)
        with self.picture.canvas.after:
            self._under_colour = Color(*UNDER[:3], 0)
            self._under = Line(points=[], width=1, close=True, joint="round")
            self._colour = Color(*WRONG[:3], 0)
            self._line = Line(points=[], width=1, close=True, joint="round")
        self._corners: tuple[tuple[float, float], ...] = ()

    @property
    def outline(self) -> list[float]:
        return list(self._line.points) if self._colour.a else []

    def natural(self, width: float) -> float:
        return width * PROPORTION

    def least(self, width: float) -> float:
        return float(look().mm(24.0))

    def place(self, x: float, y: float, width: float, height: float) -> None:
        Box.place(self, x, y, width, height)
        side = self._icon.wanted()
        self._icon.place(x + (width - side) / 2, y + (height - side) / 2, side, side)
        self.picture.place(x + self.pad, y + self.pad, width - 2 * self.pad, height - 2 * self.pad)
        self._outline()

    def show(self, view: Any | None) -> None:
        """A `kiosk.scanning.View`; None: nothing any more."""
        self.picture.show(view.picture if view is not None else None)
        self._icon.opacity = 0 if view is not None else 1
        self._corners = view.corners if view is not None else ()
        if view is not None:
            good = view.good
            self._colour.rgb = (GOOD if good else WRONG)[:3]
            self._line.width = look().mm(0.9 if good else 0.5)
            self._under.width = self._line.width + look().mm(0.3)
        self._outline()

    def _outline(self) -> None:
        shown = bool(self._corners) and self.picture.shown
        self._colour.a, self._under_colour.a = (1.0, UNDER[3]) if shown else (0.0, 0.0)
        if not shown:
            return
        left, bottom, wide, high = self.picture.frame
        points = [at for x, y in self._corners for at in (left + x * wide, bottom + (1 - y) * high)]
        self._line.points = self._under.points = points


class PlateScreen(Screen):
    """The picture beside what is said of it; one under the other on a tall panel."""

    def fill(self) -> None:
        say, model = self.say, self.model
        scanning = self._scanning(model)
        self.plate = Live()
        usual = say("scan.hint_lay")
        self.hint = ScanTold([say(f"scan.hint_{hint}") for hint in Hint], usual)
        self._strip = Strip(say)
        trouble = model.station.trouble is not None or scanning.hint in TROUBLE
        self._foot = ScanFoot([person(say)] if trouble and not scanning.pages else self._buttons(scanning))
        for box in (self.plate, self.hint, self._strip, self._foot):
            self.add_widget(box)
        self.follow(model)

    @staticmethod
    def _scanning(model: Model) -> Scanning:
        return model.visitor.scanning or Scanning()

    def _buttons(self, scanning: Scanning) -> list[Any]:
        say = self.say
        live = self.model.station.live
        take = button(a.TakePicture(), say("scan.take" if live else "scan.scan_this"), "scan")
        done = button(a.AllDone() if scanning.pages else None, say("scan.all_done"), "yes", "main")
        presses = [person(say), take]
        if scanning.pages and not scanning.replaces:
            key = "scan.new_paper_on" if scanning.next_begins else "scan.new_paper"
            presses.append(
                button(a.NextPaper(), say(key), "document", "told" if scanning.next_begins else "card")
            )
        return [*presses, done]

    def follow(self, model: Model) -> None:
        """The same screen, with another sentence and one page more."""
        scanning = self._scanning(model)
        trouble = model.station.trouble
        hint = trouble or scanning.hint
        said = self.say(f"scan.hint_{hint}")
        if hint in TROUBLE:
            said = f"{said}. {self.say('scan.trouble_lead')}"
        self.hint.say("" if hint is Hint.LAY else said)
        self._strip.show(scanning.pages)

    # Its places ---------------------------------------------------------------------------------------------

    def place(self, x: float, y: float, width: float, height: float) -> None:
        Box.place(self, x, y, width, height)
        if look().compact or look().panel.wide > look().panel.high:
            self._beside(x, y, width, height)
        else:
            self._under(x, y, width, height)

    def _beside(self, x: float, y: float, width: float, height: float) -> None:
        gap = look().gap
        foot = self._foot.natural(width)
        self._foot.place(x, y, width, foot)
        y, height = y + foot + gap, height - foot - gap
        part = 0.5 if look().large else 0.58
        wide = min(width * part, height / PROPORTION)
        rest = width - wide - gap
        left = x + width - wide if look().rtl else x
        self.plate.place(left, y, wide, height)
        beside = x if look().rtl else x + wide + gap
        strip = min(self._strip.natural(rest), height * 0.5)
        hint = height - strip - gap
        crowded = hint < self.hint.needs(rest)
        self._strip.leave_out(crowded)
        hint = height if crowded else hint
        self.hint.place(beside, y + height - hint, rest, hint)
        if not crowded:
            self._strip.place(beside, y, rest, strip)

    def _under(self, x: float, y: float, width: float, height: float) -> None:
        gap = look().gap
        foot = self._foot.natural(width)
        self._foot.place(x, y, width, foot)
        hint = self.hint.natural(width)
        strip = self._strip.natural(width)
        low = y + foot + gap
        room = height - foot - hint - strip - 3 * gap
        high = min(room, width * PROPORTION)
        top = y + height
        self.plate.place(x, top - high, width, high)
        self.hint.place(x, top - high - gap - hint, width, hint)
        self._strip.place(x, low, width, min(strip * 1.4, top - high - 2 * gap - hint - low))
