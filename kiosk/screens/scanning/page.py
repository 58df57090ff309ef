"""One page, large, and what can be done with it; and its corners, moved on the photograph it was cut from.

A corner can be dragged, and need not be: a touch brings the nearest corner to where it was (WCAG 2.2, 2.5.7).
"""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Ellipse, Line

from kiosk.flow.model import Model
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.shown import Corners, Page, Scanning
from kiosk.screens.scanning.parts import Picture, ScanFoot, button, of_page, person
from kiosk.screens.screen import Screen
from kiosk.widgets.boxes import Box
from kiosk.widgets.look import look
from kiosk.widgets.press import Press
from kiosk.widgets.text import Words

USUAL: Corners = ((0.05, 0.05), (0.95, 0.05), (0.95, 0.95), (0.05, 0.95))


class _OnePage(Screen):
    """A picture beside its buttons where the panel is wide, over them where it is tall."""

    picture: Box

    @property
    def scanning(self) -> Scanning:
        return self.model.visitor.scanning or Scanning()

    @property
    def page(self) -> Page:
        return self.scanning.now or Page("")

    def set(self, title: str, picture: Box, presses: list[Press], lead: str = "") -> None:
        self._title = Words(text=title, role="title", bold=True, tone="main", balance=True)
        self._lead = Words(text=lead, tone="soft")
        self.picture, self._foot = picture, ScanFoot(presses, most=3)
        for box in (self._title, self._lead, picture, self._foot):
            self.add_widget(box)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        Box.place(self, x, y, width, height)
        gap = look().gap
        wide = look().flat or not look().panel.upright
        part = width * 0.56 if wide else width
        beside = x + (0 if look().rtl else width - part) if wide else x
        foot = self._foot.natural(part)
        title, lead = self._title.natural(part), self._lead.natural(part)
        room = height - foot - gap if wide else height - foot - gap - look().mm(60)
        self._lead.leave_out(title + lead + 2 * gap > room)
        lead = 0.0 if self._lead.left_out else lead
        self._title.leave_out(title + gap > room)
        top = y + height
        for box, high in ((self._title, title), (self._lead, lead)):
            if not box.left_out and high:
                box.place(beside, top - high, part, high)
                top -= high + gap
        self._foot.place(beside, y, part, foot)
        if wide:
            left = x + part + gap if look().rtl else x
            self.picture.place(left, y, width - part - gap, height)
        else:
            self.picture.place(x, y + foot + gap, width, top - y - foot - gap)


class PageScreen(_OnePage):
    def fill(self) -> None:
        say, scanning, page = self.say, self.scanning, self.page
        picture = Picture()
        picture.show(of_page((page.id, page.version, "page")))
        number = scanning.pages.index(page) + 1 if page in scanning.pages else 1
        title = say("scan.page_title", number=number, count=len(scanning.pages))
        presses = [
            button(a.TurnPage(), say("scan.turn"), "again"),
            button(a.ChangeCorners(), say("scan.corners"), "scan") if page.corners else None,
            button(a.Retake(), say("scan.retake"), "paper"),
            button(a.DeletePage(), say("scan.delete"), "bin"),
            button(a.ChooseKind(), self._kind(), "document"),
            button(a.BeginsPaper(), say("scan.joins" if page.begins else "scan.begins"), "form")
            if number > 1
            else None,
            person(say),
            button(a.GoOn(), say("scan.good"), "yes", "main"),
        ]
        self.set(title, picture, [press for press in presses if press is not None])

    def _kind(self) -> str:
        kind = self.scanning.kind
        return self.say("scan.kind" if kind == "other" else f"paper.{kind}")


class Handles(Press):
    """The photograph with the page's corners on it."""

    def __init__(self, corners: Corners, moved: Any, **kwargs: Any) -> None:
        super().__init__(action=lambda: None, style="flat", **kwargs)
        self.corners = corners
        self._moved, self._held = moved, 0
        self._picture = Picture()
        self.add_widget(self._picture)
        with self._picture.canvas.after:
            Color(0, 0, 0, 0.75)
            self._under = Line(points=[], width=look().mm(0.7), close=True, joint="round")
            Color(*look().palette.paper)
            self._line = Line(points=[], width=look().mm(0.4), close=True, joint="round")
            self._knobs = []
            for _ in range(4):
                Color(*look().palette.paper)
                outer = Ellipse()
                Color(*look().palette.main[:3], 1)
                self._knobs.append((outer, Ellipse()))

    def show(self, picture: Any) -> None:
        self._picture.show(picture)

    def natural(self, width: float) -> float:
        return width * 0.7

    def place(self, x: float, y: float, width: float, height: float) -> None:
        Box.place(self, x, y, width, height)
        edge = look().mm(5)
        self._picture.place(x + edge, y + edge, width - 2 * edge, height - 2 * edge)
        self._draw()

    def points(self) -> list[tuple[float, float]]:
        left, bottom, wide, high = self._picture.frame
        return [(left + x * wide, bottom + (1 - y) * high) for x, y in self.corners]

    def drag(self, x: float, y: float, *, begins: bool) -> None:
        """The nearest corner, to where the finger is."""
        left, bottom, wide, high = self._picture.frame
        if not wide or not high:
            return
        if begins:
            self._held = min(
                range(4), key=lambda at: (self.points()[at][0] - x) ** 2 + (self.points()[at][1] - y) ** 2
            )
        at = (min(1.0, max(0.0, (x - left) / wide)), min(1.0, max(0.0, 1 - (y - bottom) / high)))
        self.corners = tuple(at if number == self._held else each for number, each in enumerate(self.corners))
        self._moved()
        self._draw()

    def _draw(self) -> None:
        points = self.points()
        self._line.points = self._under.points = [each for point in points for each in point]
        for (outer, inner), (x, y) in zip(self._knobs, points, strict=True):
            for knob, size in ((outer, look().mm(9)), (inner, look().mm(6.4))):
                knob.size, knob.pos = (size, size), (x - size / 2, y - size / 2)


class CornersScreen(_OnePage):
    def fill(self) -> None:
        say, page = self.say, self.page
        self.handles = Handles(page.corners or USUAL, self._moved)
        self.handles.show(of_page((page.id, page.version, "photograph")))
        self._done = button(a.MoveCorners(self.handles.corners), say("scan.corners_done"), "yes", "main")
        lead = say("scan.corners_lead")
        self.set(say("scan.corners_title"), self.handles, [person(say), self._done], lead)

    def _moved(self) -> None:
        self._done.action = a.MoveCorners(self.handles.corners)

    def follow(self, model: Model) -> None:
        """Nothing of the model changes here; what the finger has moved stays."""
