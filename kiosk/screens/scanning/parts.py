"""What the scan station's screens are made of: a foot of buttons, a button with a picture on it, a picture of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture

from kiosk.album import ALBUM, Name, Rgb
from kiosk.flow.marks import PartAct
from kiosk.flow.scanning import acts as a
from kiosk.screens.checkin import Hint
from kiosk.screens.saying import Saying
from kiosk.widgets.boxes import Box, Columns, Stack
from kiosk.widgets.icons import Icon
from kiosk.widgets.look import look
from kiosk.widgets.press import Press
from kiosk.widgets.text import Words


def person(say: Saying) -> Press:
    return button(a.WantPerson(), say("scan.person"), "person")


def button(action: PartAct | None, text: str, icon: str, style: str = "card") -> Press:
    return Press(action=action, text=text, icon=icon, style=style, align="centre")


def fact(icon: str, text: str, title: str = "", *, drop: int = 0, strong: bool = False) -> Columns:
    """An icon and what it stands for."""
    now = look()
    row = Columns(drop=drop)
    picture = Icon(icon, (7.0 if now.compact else 9.0) * now.room, now.palette.icon)
    picture.share = 0.1
    texts = Stack(gap=0, middle=True)
    if title:
        texts.add_widget(Words(text=title, tone="soft", drop=1))
    texts.add_widget(Words(text=text, role="body" if now.compact else "strong", bold=strong))
    row.add_widget(picture)
    row.add_widget(texts)
    return row


class ScanTold(Hint):
    """One sentence in the room of the longest, large enough to be read while both hands are busy."""

    def __init__(self, longest: list[str], usual: str = "", **kwargs: Any) -> None:
        self._role = "body" if look().compact else "name"
        super().__init__(longest, usual, **kwargs)
        self._words.role = self._role

    def natural(self, width: float) -> float:
        inner = width - 2 * self.pad
        return float(
            max(Words(text=text, role=self._role).natural(inner) for text in self._longest) + 2 * self.pad
        )


class ScanFoot(Stack):
    """Buttons side by side, in as few rows as hold every word whole. On a small panel no more than `most` rows: then those of less need are
    signs alone, the main one never."""

    def __init__(self, presses: Sequence[Press] = (), *, most: int = 1, **kwargs: Any) -> None:
        kwargs.setdefault("gap", look().mm(1.6 if look().compact else 4.0))
        super().__init__(**kwargs)
        self._presses = list(presses)
        self._most = most if look().compact else len(self._presses)
        self._arranged = -1.0

    def _arrange(self, width: float) -> None:
        if width == self._arranged:
            return
        self._arranged = width
        for row in list(self.children):
            row.clear_widgets()
        self.clear_widgets()
        for presses in self._rows(width):
            row = Columns(gap=self._gap())
            for press in presses:
                press.share = press.wanted()
                row.add_widget(press)
            self.add_widget(row)

    def _rows(self, width: float) -> list[list[Press]]:
        """With all words; with the person as a sign; with all but the main ones as signs."""
        others = [press for press in self._presses if press.style != "main"]
        persons = [press for press in others if isinstance(press.action, a.WantPerson)]
        for bare in ([], persons, others):
            presses = [_bare(press) if press in bare else press for press in self._presses]
            for count in range(1, min(self._most, len(presses)) + 1):
                rows = _split(presses, count)
                if all(self._fit(row, width) for row in rows):
                    return rows
        return _split(
            [_bare(press) if press in others else press for press in self._presses], max(1, self._most)
        )

    def _fit(self, row: list[Press], width: float) -> bool:
        room = width - self._gap() * (len(row) - 1)
        wanted = sum(press.wanted() for press in row)
        parts = [(press, room * press.wanted() / wanted) for press in row]
        lines = 1 if look().compact and look().large else 2
        return all(
            wide >= look().target and not press.breaks_word(wide) and press.lines(wide) <= lines
            for press, wide in parts
        )

    def natural(self, width: float) -> float:
        self._arrange(width)
        return super().natural(width)

    def least(self, width: float) -> float:
        return self.natural(width)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        self._arrange(width)
        super().place(x, y, width, height)


def _bare(press: Press) -> Press:
    return Press(action=press.action, icon=press.icon, style=press.style, align="centre")


def _split(presses: list[Press], count: int) -> list[list[Press]]:
    """Into rows as alike in length as can be, in order."""
    size, more = divmod(len(presses), count)
    rows, at = [], 0
    for number in range(count):
        end = at + size + (number >= count - more)
        rows.append(presses[at:end])
        at = end
    return rows


class Picture(Box):
    """A picture, as large as fits in its place and no larger than it is clear."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas:
            self._light = Color(1, 1, 1, 0)
            self._shape = Rectangle(size=(0, 0))
        self._texture: Any = None

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """Where it stands: left, bottom, width, height."""
        return (*self._shape.pos, *self._shape.size)

    @property
    def shown(self) -> bool:
        return self._texture is not None

    def show(self, picture: Rgb | None) -> None:
        if picture is None:
            self._texture, self._light.a = None, 0
            return
        self._texture = textured(picture, self._texture)
        self._shape.texture = self._texture
        self._light.a = 1
        self.fit()
        self.canvas.ask_update()

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        self.fit()

    def fit(self) -> None:
        if self._texture is None:
            return
        wide, high = self._texture.size
        scale = min(self.width / wide, self.height / high)
        size = (wide * scale, high * scale)
        self._shape.size = size
        self._shape.pos = (self.x + (self.width - size[0]) / 2, self.y + (self.height - size[1]) / 2)


def textured(picture: Rgb, old: Any = None) -> Any:
    """As a texture; into `old` where that is as large."""
    high, wide = picture.shape[:2]
    texture = old
    if texture is None or tuple(texture.size) != (wide, high):
        texture = Texture.create(size=(wide, high), colorfmt="rgb", mipmap=False)
        texture.flip_vertical()
    texture.blit_buffer(picture.tobytes(), colorfmt="rgb", bufferfmt="ubyte")
    return texture


def of_page(name: Name) -> Rgb | None:
    return ALBUM.get(name)


class PagePress(Press):
    """A button with a picture of a page over its words."""

    def __init__(self, picture: Rgb | None, *, high_mm: float, **kwargs: Any) -> None:
        super().__init__(align="centre", **kwargs)
        self._high_mm = high_mm
        self.picture = Picture()
        self.add_widget(self.picture)
        self.picture.show(picture)

    def show(self, picture: Rgb | None, text: str) -> None:
        """Another page on the same button."""
        self.picture.show(picture)
        self.text = text
        self._build()
        if self._words:
            self._words[0].text = text
        if self.width > 1:
            self.place(*self.pos, *self.size)

    def _edge(self) -> float:
        return float(look().mm(1.4))

    def _text_high(self, width: float) -> float:
        return float(sum(words.natural(width - 2 * self._pad()) for words in self._shown()))

    def natural(self, width: float) -> float:
        self._build()
        return float(look().mm(self._high_mm)) + self._text_high(width) + 3 * self._edge()

    def place(self, x: float, y: float, width: float, height: float) -> None:
        self._build()
        Box.place(self, x, y, width, height)
        edge, pad = self._edge(), self._pad()
        bottom = y + edge
        for words in reversed(self._shown()):
            high = words.natural(width - 2 * pad)
            words.place(x + pad, bottom, width - 2 * pad, high)
            bottom += high
        self.picture.place(
            x + edge, bottom + edge, width - 2 * edge, max(1.0, y + height - bottom - 2 * edge)
        )
