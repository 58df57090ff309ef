"""A signature by finger, and photographs of papers by the camera over the plate.

A line of the signature shows while it is drawn and counts when the finger is lifted, wherever that is. Points are parts of the field's width and height, so
what is signed on one panel looks the same on paper.
"""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Line, Rectangle
from kivy.graphics.texture import Texture

from kiosk.album import ALBUM
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.pages import can_photograph
from kiosk.flow.filling.shown import SIGNATURE, Stroke
from kiosk.flow.model import Model
from kiosk.screens.filling.pieces import FormFoot, FormTold, Page, button, of, paragraphs, put, title
from kiosk.screens.filling.progress import progress
from kiosk.screens.screen import Screen
from kiosk.widgets.boxes import Box, Space
from kiosk.widgets.icons import Icon
from kiosk.widgets.look import look
from kiosk.widgets.press import Card, Press
from kiosk.widgets.text import Words

STEP = 0.004
"""A point nearer than this to the last adds nothing."""
MOST_POINTS = 400


class SigningPad(Press):
    """White in every palette, as the paper it will stand on."""

    def __init__(self, strokes: tuple[Stroke, ...], hint: str, **kwargs: Any) -> None:
        self._strokes = strokes
        self._drawn: list[tuple[float, float]] = []
        self._hint = Words(text=hint, tone="soft", align="centre", colour=(0.35, 0.4, 0.45, 1))
        super().__init__(action=None, **kwargs)
        self.add_widget(self._hint)
        with self.canvas.after:
            Color(0.05, 0.1, 0.25, 1)
        self._lines: list[Line] = []
        self._paint()

    def _build(self) -> None:
        self._built, self._icon, self._words = True, None, []

    def _paint(self) -> None:
        palette = look().palette
        self.fill, self.edge = palette.paper, palette.edge

    @property
    def enabled(self) -> bool:
        return True

    def natural(self, width: float) -> float:
        return width * SIGNATURE[1] / SIGNATURE[0]

    def least(self, width: float) -> float:
        return float(look().mm(28.0))

    def place(self, x: float, y: float, width: float, height: float) -> None:
        Box.place(self, x, y, width, height)
        self._hint.place(x, y + height * 0.08, width, self._hint.natural(width))
        self._draw()

    def drag(self, x: float, y: float, *, begins: bool) -> None:
        point = (
            round(min(1.0, max(0.0, (x - self.x) / max(1.0, self.width))), 4),
            round(min(1.0, max(0.0, 1 - (y - self.y) / max(1.0, self.height))), 4),
        )
        if begins:
            self._drawn = []
        last = self._drawn[-1] if self._drawn else None
        near = last is not None and abs(point[0] - last[0]) + abs(point[1] - last[1]) < STEP
        if not near and len(self._drawn) < MOST_POINTS:
            self._drawn.append(point)
        self.action = a.Sign(tuple(self._drawn))
        self._draw()

    def show(self, strokes: tuple[Stroke, ...]) -> None:
        self._strokes, self._drawn = strokes, []
        self._draw()

    def _draw(self) -> None:
        self._hint.opacity = 0 if self._strokes or self._drawn else 1
        for line in self._lines:
            self.canvas.after.remove(line)
        self._lines = []
        wide = max(2.0, look().mm(0.8))
        for stroke in (*self._strokes, tuple(self._drawn)):
            points = [
                place for x, y in stroke for place in (self.x + x * self.width, self.top - y * self.height)
            ]
            if len(points) == 2:
                points += [points[0] + 1, points[1] + 1]
            if points:
                line = Line(points=points, width=wide / 2, cap="round", joint="round")
                self.canvas.after.add(line)
                self._lines.append(line)


class SignatureScreen(Screen):
    def fill(self) -> None:
        page, filling = Page(self.model, self.say), of(self.model)
        question = filling.question
        assert question is not None  # the roster chose this screen for it
        for box in (progress(self.model, self.say), title(page.form(question.title))):
            self.add_widget(box)
        for words in paragraphs(page.form(question.hint), tone="soft", drop=2):
            self.add_widget(words)
        if filling.wrong is not None:
            self.add_widget(FormTold(page.wrong(filling.wrong)))
        self.pad_ = SigningPad(filling.signature, self.say("form.sign_here"))
        elsewhere = bool(filling.value()) and not filling.signature
        if elsewhere:  # on a phone, before it came here
            self.add_widget(Words(text=self.say("form.signed"), bold=True))
        self.add_widget(self.pad_)
        self.add_widget(Space(grow=0.4))
        again = "" if look().compact else self.say("form.sign_again")
        ways = [button(a.SignAgain(), again, "pen")]
        if not question.required:
            ways.append(button(a.Skip(), self.say("fill.skip")))
        ways.append(button(a.GoOn(), self.say("form.carry_on"), main=True))
        self.add_widget(FormFoot(self.model, self.say, ways))

    def follow(self, model: Model) -> None:
        self.model = model
        self.pad_.show(of(model).signature)


class Photo(Card):
    """One that was taken, and the way to take it away."""

    def __init__(self, name: str, remove: str) -> None:
        super().__init__(pad=look().pad * 0.6)
        self._name = name
        with self.canvas.after:
            Color(1, 1, 1, 1)
            self._shape = Rectangle(size=(0, 0))
        self._press = Press(
            action=a.DropPhoto(name),
            text=remove,
            icon="bin",
            style="bar",
            align="centre",
            role="body",
            bold=False,
        )
        self._sign = Icon("document", 16.0, look().palette.icon)
        for box in (self._sign, self._press):
            self.add_widget(box)
        self._texture = self._picture()
        self._sign.opacity = 0 if self._texture is not None else 1

    def _picture(self) -> Any:
        picture = ALBUM.get((self._name, 1, "small"))
        if picture is None:
            return None
        high, wide = picture.shape[:2]
        texture = Texture.create(size=(wide, high), colorfmt="rgb", mipmap=False)
        texture.blit_buffer(picture.tobytes(), colorfmt="rgb", bufferfmt="ubyte")
        texture.flip_vertical()
        return texture

    def natural(self, width: float) -> float:
        return float(look().mm(14.0 if look().compact else 60.0) + self._press.natural(width - 2 * self.pad))

    def place(self, x: float, y: float, width: float, height: float) -> None:
        Box.place(self, x, y, width, height)
        inner, bar = width - 2 * self.pad, self._press.natural(width - 2 * self.pad)
        self._press.place(x + self.pad, y + self.pad, inner, bar)
        room = height - bar - 3 * self.pad
        bottom = y + bar + 2 * self.pad
        self._sign.place(x + self.pad, bottom, inner, room)
        if self._texture is not None:
            scale = min(inner / self._texture.width, room / self._texture.height)
            size = (self._texture.width * scale, self._texture.height * scale)
            self._shape.texture, self._shape.size = self._texture, size
            self._shape.pos = (x + (width - size[0]) / 2, bottom + (room - size[1]) / 2)


class PhotoScreen(Screen):
    """Without a camera here it can be left out, or the form be carried on on a phone, which has one."""

    def fill(self) -> None:
        page, filling = Page(self.model, self.say), of(self.model)
        question = filling.question
        assert question is not None  # the roster chose this screen for it
        can = can_photograph(self.model)
        told = Words(text=self.say("fill.photo_lay" if can else "fill.photo_none"), bold=not can)
        head: list[Box] = [progress(self.model, self.say), title(page.form(question.title))]
        head += [*paragraphs(page.form(question.hint), tone="soft", drop=2), told]
        if filling.wrong is not None:
            head.append(FormTold(page.wrong(filling.wrong)))
        if filling.working:
            head.append(Words(text=self.say("scan.hint_taking"), bold=True, tone="main"))
        columns = 3 if look().panel.wide > look().panel.high else 2
        rows = [
            Photo(name, "" if look().compact else self.say("form.photo_remove")) for name in filling.chosen
        ]
        put(self, head, rows, FormFoot(self.model, self.say, self._ways_on(can=can)), columns=columns)

    def _ways_on(self, *, can: bool) -> list[Press]:
        filling = of(self.model)
        question = filling.question
        assert question is not None
        ways = []
        if can:
            key = "form.photo_more" if filling.chosen else "form.photo"
            ways.append(button(a.TakePhoto(), self.say(key), "camera", main=not filling.chosen))
        if filling.chosen:
            ways.append(button(a.GoOn(), self.say("form.carry_on"), main=True))
        elif not question.required:
            ways.append(button(a.Skip(), self.say("fill.skip")))
        return ways

    def follow(self, model: Model) -> None:
        self.model = model
