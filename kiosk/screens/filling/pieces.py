"""What the pages of a form are put together from: the question above, the ways out below, and lists that turn pages.

The foot is the same on every page: somebody to help, one's own phone, reading aloud, and the one way on. A list shows as many of its rows as there is
room for and turns pages, as all lists on this kiosk do; nothing scrolls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from forms.form import Paragraph, blocks
from forms.form import Words as Texts
from forms.form import say as pick
from forms.rules import Wrong, sentence
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.shown import At, Filling
from kiosk.flow.model import Model
from kiosk.screens.saying import Saying
from kiosk.typeset import isolate
from kiosk.widgets.boxes import Box, Columns, Stack
from kiosk.widgets.look import look
from kiosk.widgets.press import Card, Press
from kiosk.widgets.text import Words

SENTENCES = re.compile(r"(?<=[.?!؟۔।])\s+")
"""Where little room makes pages short, a paragraph may be turned over between its sentences."""


def of(model: Model) -> Filling:
    return model.visitor.filling or Filling()


def short() -> bool:
    """Whether the panel itself is small; not that a large one's lower part is used."""
    return look().panel.compact


class FormTold(Card):
    """A sentence about what is not right, where it is not right."""

    def __init__(self, text: str, **kwargs: Any) -> None:
        super().__init__(style="told", pad=look().pad * 0.7, **kwargs)
        self.add_widget(Words(text=text, bold=True, tone="on_told"))


def paragraphs(text: str, *, drop: int = 0, tone: str = "ink") -> list[Words]:
    """A long text as words under each other, points with a dot before them."""
    found = []
    for block in blocks(text):
        lines = [block.text] if isinstance(block, Paragraph) else [f"•  {line}" for line in block.lines]
        pieces = [piece for line in lines for piece in (SENTENCES.split(line) if look().compact else [line])]
        found += [Words(text=piece, tone=tone, drop=drop) for piece in pieces]
    return found


class Page:
    """How a page speaks: the catalogue's sentences and the form's own."""

    def __init__(self, model: Model, say: Saying) -> None:
        self.model, self.say, self.filling = model, say, of(model)

    def form(self, texts: Texts) -> str:
        return pick(texts, self.say.language)

    def wrong(self, wrong: Wrong | None) -> str:
        if wrong is None:
            return ""
        if wrong.word == "photo_failed":
            return self.say("scan.hint_not_taken")
        return sentence(self.say.language, wrong)


def title(text: str, *, drop: int = 0) -> Words:
    """The question. It gives way last of all that can."""
    return Words(
        text=text, role="name" if look().compact else "title", bold=True, tone="main", balance=True, drop=drop
    )


def button(action: Any, text: str, icon: str = "", *, main: bool = False, **more: Any) -> Press:
    made = Press(
        action=action, text=text, icon=icon, align="centre", style="main" if main else "card", **more
    )
    made.share = made.wanted()
    return made


class FormFoot(Stack):
    """The ways out and the way on. One row where there is little height: then the ways out that are less needed are signs alone."""

    def __init__(self, model: Model, say: Saying, ways_on: Sequence[Press], *, person: bool = True) -> None:
        super().__init__()
        self._ways_on = list(ways_on)
        self._out = _ways_out(model, say, person=person)
        self._bare = [_without_text(press) for press in self._out]
        self._arranged: tuple[float, bool] | None = None
        self._placing = False

    def _arrange(self, width: float, *, bare: bool = False) -> None:
        if (width, bare) == self._arranged:
            return
        self._arranged = (width, bare)
        for row in list(self.children):
            row.clear_widgets()
        self.clear_widgets()
        if look().flat:
            for row in self._in_few_rows(width):
                self.add_widget(row)
            return
        for presses in (self._ways_on, self._bare if bare else self._whole(width)):
            if presses:
                self.add_widget(_row(presses))

    def _whole(self, width: float) -> list[Press]:
        """The ways out, with as many of their words as are not broken."""
        for out in (self._out, [*self._out[:1], *self._bare[1:]]):
            if sum(press.narrowest() for press in out) + look().gap * (len(out) - 1) <= width:
                return out
        return self._bare

    def _in_few_rows(self, width: float) -> list[Columns]:
        """In one, where no word of the ways on is broken by that. Signs alone stay as wide as a finger, and what is left is for words."""
        for out in (self._out, [*self._out[:1], *self._bare[1:]], self._bare):
            row = [*out, *self._ways_on]
            if sum(press.wanted() for press in row) + look().gap * (len(row) - 1) <= width:
                return [_row(row)] if row else []
        made = _row([*self._bare, *self._ways_on])
        left = (
            width - len(self._bare) * look().target - look().gap * (len(self._bare) + len(self._ways_on) - 1)
        )
        wanted = sum(press.wanted() for press in self._ways_on) or 1.0
        for press in self._bare:
            press.share = look().target
        for press in self._ways_on:
            press.share = max(look().target, left * press.wanted() / wanted)
        if any(press.breaks_word(left * press.wanted() / wanted) for press in self._ways_on):
            made.clear_widgets()
            return [_row(self._ways_on), _row(self._bare)]
        return [made]

    def natural(self, width: float) -> float:
        if not self._placing:
            self._arrange(width)
        return super().natural(width)

    def least(self, width: float) -> float:
        """With signs alone for the ways out."""
        self._arrange(width, bare=True)
        return super().natural(width)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        if self.natural(width) > height + 0.5:
            self._arrange(width, bare=True)
        self._placing = True
        super().place(x, y, width, height)
        self._placing = False


def _row(presses: Sequence[Press]) -> Columns:
    row = Columns()
    for press in presses:
        press.share = press.wanted()
        row.add_widget(press)
    return row


def _ways_out(model: Model, say: Saying, *, person: bool) -> list[Press]:
    filling = of(model)
    found = []
    if person:
        found.append(_bar(a.WantPerson(), say("scan.person"), "person"))
    if filling.form is not None and not filling.sent and filling.at is not At.CARRY and model.link_up:
        found.append(_bar(a.CarryOn(), say("fill.phone"), "phone"))
    if filling.form is not None and model.language in model.speaks:
        found.append(_bar(a.ReadAloud(), say("fill.hush" if filling.speaking else "fill.aloud"), "speak"))
    return found


def _bar(action: Any, text: str, icon: str) -> Press:
    return Press(action=action, text=text, icon=icon, style="bar", align="centre", bold=False, role="body")


def _without_text(press: Press) -> Press:
    return Press(action=press.action, icon=press.icon, style="bar", align="centre")


def person_sign() -> Press:
    return Press(action=a.WantPerson(), icon="person", style="bar", align="centre")


class Paged(Box):
    """Boxes under each other, or in columns, as many as there is room for; then pages."""

    def __init__(self, say: Saying, *, columns: int = 1, page: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._say, self._columns, self.page = say, columns, page
        self._rows: list[Box] = []
        self._head: list[Box] = []
        self._bar = Columns()
        signs = turns()
        """A column of signs beside the list, where height is what there is least of."""
        self._earlier = _bar(self._turner(-1), "" if signs else say("fill.page_before"), "less")
        self._later = _bar(self._turner(1), "" if signs else say("fill.page_next"), "more")
        self._count = Words(role="body", tone="soft", align="centre")
        for box in (self._earlier, self._count, self._later):
            self._bar.add_widget(box)
        self.pages = 1

    def fill(self, rows: Sequence[Box], head: Sequence[Box] = ()) -> None:
        """`head`: rows of the whole width, before the others."""
        self.clear_widgets()
        self._head = [box for box in head if not isinstance(box, Words) or box.text]
        self._rows = [*self._head, *rows]
        for row in self._rows:
            self.add_widget(row)
        self.add_widget(self._bar)

    def _turner(self, by: int) -> Callable[[], None]:
        def turn() -> None:
            self.page = max(0, min(self.pages - 1, self.page + by))
            self.place(*self.pos, *self.size)

        return turn

    def _wide(self, width: float) -> float:
        return (width - look().gap * (self._columns - 1)) / self._columns

    def _lines(self, width: float) -> list[tuple[list[Box], float]]:
        wide = self._wide(width)
        found: list[tuple[list[Box], float]] = [([box], box.natural(width)) for box in self._head]
        rows = self._rows[len(self._head) :]
        for at in range(0, len(rows), self._columns):
            line = rows[at : at + self._columns]
            found.append((line, max(box.natural(wide) for box in line)))
        return found

    def natural(self, width: float) -> float:
        lines = self._lines(width)
        return float(sum(high for _, high in lines) + look().gap * max(0, len(lines) - 1))

    def least(self, width: float) -> float:
        """One row, and the way to the next."""
        lines = self._lines(width)
        if len(lines) < 2:
            return self.natural(width)
        if turns():
            beside = self._lines(width - self._side)
            return float(max(2 * look().target + look().gap, *(high for _, high in beside)))
        return float(max(high for _, high in lines) + look().gap + self._bar.natural(width))

    @property
    def _side(self) -> float:
        return float(look().target + look().gap)

    def _paged(self, width: float, height: float) -> list[list[tuple[list[Box], float]]]:
        gap, found = look().gap, [[]]  # type: ignore[var-annotated]  # of lines
        used = 0.0
        for line in self._lines(width):
            if found[-1] and used + line[1] > height:
                found.append([])
                used = 0.0
            found[-1].append(line)
            used += line[1] + gap
        return found

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        gap, rtl = look().gap, look().rtl
        whole = self.natural(width) <= height + 0.5
        beside = turns()
        bar = 0.0 if whole else self._bar.natural(width)
        left = x
        if beside and not whole:
            self._place_signs(x, y, width, height)
            width -= self._side
            left = x + self._side if rtl else x
            paged = self._paged(width, height)
        else:
            paged = [self._lines(width)] if whole else self._paged(width, height - bar - gap)
        wide = self._wide(width)
        self.pages = len(paged)
        self.page = max(0, min(self.page, self.pages - 1))
        shown = {box for line, _ in paged[self.page] for box in line} if paged else set()
        for row in self._rows:
            row.leave_out(row not in shown)
        top = y + height
        for line, high in paged[self.page] if paged else []:
            for at, box in enumerate(line):
                column = self._columns - 1 - at if rtl else at
                if box in self._head:
                    box.place(left, top - high, width, high)
                    continue
                box.place(left + column * (wide + gap), top - high, wide, high)
            top -= high + gap
        self._turning(x, y, width, bar, whole=whole)

    def _place_signs(self, x: float, y: float, width: float, height: float) -> None:
        side = look().target
        at = x if look().rtl else x + width - side
        high = min(height / 2 - look().gap / 2, look().mm(26.0))
        self._earlier.place(at, y + height - high, side, high)
        self._later.place(at, y, side, high)

    def _turning(self, x: float, y: float, width: float, bar: float, *, whole: bool) -> None:
        self._bar.leave_out(whole)
        for press, possible in ((self._earlier, self.page > 0), (self._later, self.page < self.pages - 1)):
            press.leave_out(False)
            press.opacity = 1 if possible else 0
            press.action = self._turner(-1 if press is self._earlier else 1) if possible else None
        if turns():
            self._count.leave_out(True)
            self._bar.leave_out(whole)
        elif not whole:
            self._count.text = isolate(f"{self.page + 1} / {self.pages}")
            self._earlier.share = self._later.share = max(self._earlier.wanted(), self._later.wanted())
            self._count.share = self._count.wanted() + look().gap * 2
            self._bar.place(x, y, width, bar)


def turns() -> bool:
    """Whether what is said turns over with what can be touched: on a small panel, and in large letters."""
    return look().compact or look().large


def put(screen: Any, head: Sequence[Box], rows: Sequence[Box], *below: Box, columns: int = 1) -> Paged:
    """A page: what is said, its rows, and what stands below. Where there is little height, what is said turns over with the rows."""
    paged = Paged(screen.say, columns=columns, grow=1.0)
    if turns():
        paged.fill(rows, head)
    else:
        for box in head:
            screen.add_widget(box)
        paged.fill(rows)
    for box in (paged, *below):
        screen.add_widget(box)
    return paged
