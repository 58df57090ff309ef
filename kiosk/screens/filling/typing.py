"""Pages on which something is typed: one field or several, and the keyboard.

On a tall panel everything stands at once. A small panel has room for the keys, the fields and one line of the question; where the question says
more than that, the page is read first and the keys come when a field is touched, as on a phone. That is the page's own affair and nothing the
journey knows of. What is typed changes in place.
"""

from __future__ import annotations

from typing import Any

from forms.form import Kind, Question
from forms.judging import MOST_TYPED, most_characters
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.pages import PARTS
from kiosk.flow.filling.shown import Address
from kiosk.flow.model import Model
from kiosk.screens.filling.pieces import (
    FormFoot,
    FormTold,
    Page,
    Paged,
    button,
    of,
    paragraphs,
    person_sign,
    short,
    title,
)
from kiosk.screens.filling.progress import progress
from kiosk.screens.screen import Screen
from kiosk.typeset import isolate
from kiosk.widgets.boxes import Box, Columns, Space
from kiosk.widgets.keyboard.board import Keyboard
from kiosk.widgets.keyboard.entry import Entry
from kiosk.widgets.keyboard.layouts import Field, for_field
from kiosk.widgets.look import look
from kiosk.widgets.press import NOTHING, Press
from kiosk.widgets.text import Words

_FIELDS = {
    Kind.TEXT: Field.TEXT,
    Kind.LONG_TEXT: Field.TEXT,
    Kind.MONEY: Field.MONEY,
    Kind.PHONE: Field.PHONE,
    Kind.EMAIL: Field.EMAIL,
    Kind.REFERENCE: Field.REFERENCE,
    Kind.NAME: Field.NAME,
    Kind.DATE: Field.NUMBER,
}
_LATIN = frozenset({Kind.NUMBER, Kind.MONEY, Kind.PHONE, Kind.EMAIL, Kind.REFERENCE, Kind.DATE})
HEAD_MM = 10.6
"""What a small panel has left above the field and the keys."""
LEGIBLE = 0.97
"""Down to this share of its size a question may shrink to stay on its line beside the keys."""


def field_of(question: Question, part: str) -> Field:
    if question.kind is Kind.NUMBER:
        signed = question.least is None or question.least < 0
        if question.decimals:
            return Field.SIGNED_DECIMAL if signed else Field.DECIMAL
        return Field.SIGNED if signed else Field.NUMBER
    if question.kind is Kind.ADDRESS:
        return Field.REFERENCE if part == "postcode" else Field.NAME
    return _FIELDS[question.kind]


class FieldPress(Press):
    """A field that can be touched to type in it."""

    def __init__(self, entry: Entry, action: Any, **kwargs: Any) -> None:
        super().__init__(action=action, **kwargs)
        self.entry = entry
        self.add_widget(entry)

    def _build(self) -> None:
        self._built, self._icon, self._words = True, None, []

    def _paint(self) -> None:
        self.fill = self.edge = NOTHING

    def natural(self, width: float) -> float:
        return self.entry.natural(width)

    def least(self, width: float) -> float:
        return self.entry.least(width)

    def wanted(self) -> float:
        return float(look().mm(40.0))

    def place(self, x: float, y: float, width: float, height: float) -> None:
        Box.place(self, x, y, width, height)
        self.entry.place(x, y, width, height)


class Fields(Box):
    """The fields of a page: side by side where they are short or there is no height, else under each other."""

    def __init__(self, page: Page, question: Question, parts: tuple[str, ...], *, keys: bool) -> None:
        super().__init__()
        self._question, self._parts = question, parts
        self._beside = question.kind in (Kind.DATE, Kind.NAME) or look().compact
        small, lines = look().compact, 1
        if question.kind is Kind.LONG_TEXT:
            lines = 1 if small and keys else 3 if small else 6
        self.presses: dict[str, FieldPress] = {}
        for part in parts:
            label = page.say(f"form.{part}") if part else ""
            latin = question.kind in _LATIN or part == "postcode"
            entry = Entry(
                of(page.model).value(part), lines=lines, latin=latin, label="" if small else label, hint=label if small else "",
                role="name" if small or len(parts) > 3 else "title",
            )  # fmt: skip
            named = label or page.form(question.title)  # not drawn: what a keypad and the dock call it
            press = FieldPress(entry, a.Into(part) if len(parts) > 1 else None, text=named)
            self.presses[part] = press
            self.add_widget(press)
        self.unit = Words(text=_unit(page, question), role="body", tone="soft")
        self.add_widget(self.unit)

    def follow(self, model: Model) -> None:
        filling = of(model)
        for part, press in self.presses.items():
            if press.entry.text != filling.value(part):
                press.entry.show(filling.value(part))
            active = part == filling.part or len(self._parts) == 1
            if press.entry.active is not active:
                press.entry.active = active
                if look().compact and self.width > 1:
                    self.place(*self.pos, *self.size)

    def _shares(self) -> dict[str, float]:
        if self._question.kind is Kind.DATE:
            return {"day": 1.0, "month": 1.0, "year": 1.5}
        if self._question.kind is Kind.ADDRESS and self._beside:
            return {part: 2.6 if press.entry.active else 1.0 for part, press in self.presses.items()}
        return dict.fromkeys(self._parts, 1.0)

    def _gap(self) -> float:
        return float(look().mm(1.2) if look().compact else look().gap * 0.7)

    def _unit_wide(self) -> float:
        return self.unit.wanted() + look().gap if self.unit.text else 0.0

    def natural(self, width: float) -> float:
        return self._high([press.natural(width) for press in self.presses.values()])

    def least(self, width: float) -> float:
        return self._high([press.least(width) for press in self.presses.values()])

    def _high(self, heights: list[float]) -> float:
        if self._beside:
            return max(heights)
        rows = -(-len(heights) // 2) if len(heights) > 2 else len(heights)
        return float(rows * max(heights) + self._gap() * (rows - 1))

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        presses = list(self.presses.values())
        if not self._beside:
            columns = 2 if len(presses) > 2 else 1
            rows = -(-len(presses) // columns)
            wide = (width - self._gap() * (columns - 1)) / columns
            high = (height - self._gap() * (rows - 1)) / rows
            if self._parts == ("postcode",):
                wide *= 0.55
            for at, press in enumerate(presses):
                row, column = divmod(at, columns)
                across = column * (wide + self._gap())
                left = x + width - wide - across if look().rtl else x + across
                press.place(left, y + height - (row + 1) * high - row * self._gap(), wide, high)
            return
        self._place_beside(x, y, width, height)

    def _place_beside(self, x: float, y: float, width: float, height: float) -> None:
        """Day, month and year stand in that order for every reader here; other fields from the side one reads from."""
        shares, unit = self._shares(), self._unit_wide()
        mirror = look().rtl and self._question.kind is not Kind.DATE
        most = width - unit
        if self._question.kind is Kind.DATE and not look().compact:
            most = min(most, look().mm(170))
        inner = most - self._gap() * (len(self._parts) - 1)
        left = x + (width - most if look().rtl else 0)
        for part in reversed(self._parts) if mirror else self._parts:
            wide = inner * shares[part] / sum(shares.values())
            self.presses[part].place(left, y, wide, height)
            left += wide + self._gap()
        if unit:
            at = x if look().rtl else left
            self.unit.place(at, y, self.unit.wanted(), height)


def _unit(page: Page, question: Question) -> str:
    return "£" if question.kind is Kind.MONEY else page.form(question.unit)


class TypedScreen(Screen):
    """`reading`: on a small panel, the page without its keys."""

    def __init__(self, model: Model, say: Any, **kwargs: Any) -> None:
        self._keys: Keyboard | None = None
        self._fields: Fields | None = None
        self._left: Words | None = None
        self._head: Words | None = None
        self._reading = False
        super().__init__(model, say, **kwargs)

    @property
    def _parts(self) -> tuple[str, ...]:
        filling, question = of(self.model), self._question
        if question.kind is Kind.ADDRESS and filling.address is not Address.TYPING:
            return ("postcode",)
        return PARTS.get(question.kind, ("",))

    @property
    def _question(self) -> Question:
        question = of(self.model).question
        assert question is not None  # the roster chose this screen for it
        return question

    def fill(self) -> None:
        self.gap = -1.0
        page, question = Page(self.model, self.say), self._question
        self._said = page.form(question.title)
        self._wrong = page.wrong(of(self.model).wrong)
        if short():
            self._reading = not self._fits_beside_keys(page)
            (self._read if self._reading else self._type)()
        else:
            self._whole(page)
        self.follow(self.model)

    # What stands on it ----------------------------------------------------------------------------------------

    def _fits_beside_keys(self, page: Page) -> bool:
        """Whether all there is to be said is one line."""
        said, question = self._wrong or self._said, self._question
        if len(self._parts) > 1 or question.kind is Kind.ADDRESS:
            return False  # beside the keys stands what the field is called, or there is a choice to be made first
        more = any(page.form(each) for each in (question.hint, question.why)) or of(self.model).searched
        meant = bool(of(self.model).meant)
        width = self.now.panel.wide - 2 * self.now.margin
        line = Words(text=said, role="body", bold=True)
        fits = line.wanted() * LEGIBLE <= width and line.natural(width) <= look().mm(HEAD_MM)
        return fits and not meant and (bool(self._wrong) or not more) and not (self.now.large and bool(more))

    def _about(self, page: Page) -> list[Box]:
        """What is said of the question, below it."""
        question, filling = self._question, of(self.model)
        found: list[Box] = [*paragraphs(page.form(question.hint), tone="soft", drop=2)]
        why = page.form(question.why)
        if why:
            found += paragraphs(f"{self.say('form.why')}: {why}", tone="soft", drop=1)
        if question.kind is Kind.DATE and not question.hint:
            found.append(Words(text=self.say("form.date_example"), tone="soft", drop=2))
        if filling.searched:
            found.append(FormTold(self.say("form.no_addresses")))
        elif self._wrong:
            found.append(FormTold(self._wrong))
        if filling.meant:
            text = self.say("form.meant", address=isolate(filling.meant))
            found.append(button(a.TakeMeant(), text, "yes"))
        return found

    def _ways_on(self) -> list[Press]:
        question, filling = self._question, of(self.model)
        if question.kind is Kind.ADDRESS and filling.address is not Address.TYPING:
            ways = [button(a.FindAddress(), self.say("form.find_address"), "place", main=True)]
            ways.append(button(a.TypeAddress(), self.say("form.type_address"), "form"))
        else:
            ways = [button(a.GoOn(), self.say("form.carry_on"), main=True)]
        if not question.required:
            ways.insert(0, button(a.Skip(), self.say("fill.skip")))
        return ways

    def _whole(self, page: Page) -> None:
        self._fields = Fields(page, self._question, self._parts, keys=True)
        self._keys = self._keyboard(go=False)
        self._left = Words(text="", tone="soft") if self._counts else None
        said: list[Box] = [progress(self.model, self.say), title(self._said), *self._about(page)]
        if self.now.large:
            rows = Paged(self.say)
            rows.fill(said)
            said = [rows]
        for box in (*said, *self._air(0.3), self._fields):
            self.add_widget(box)
        if self._left is not None:
            self.add_widget(self._left)
        for box in (*self._air(1.0), self._keys, FormFoot(self.model, self.say, self._ways_on())):
            self.add_widget(box)

    def _air(self, grow: float) -> list[Box]:
        """Large letters need the room."""
        return [] if self.now.large else [Space(grow=grow)]

    def _read(self) -> None:
        """A small panel, before the keys."""
        page = Page(self.model, self.say)
        self._fields = Fields(page, self._question, self._parts, keys=False)
        for press in self._fields.presses.values():
            press.action = self._begin_typing
        self._keys = None
        rows = Paged(self.say, grow=1.0)
        rows.fill([title(self._said), *self._about(page)])
        foot = FormFoot(self.model, self.say, self._ways_on())
        if not of(self.model).value(self._parts[0]):
            for press in self._fields.presses.values():
                press.entry.active = False
        for box in (progress(self.model, self.say), rows, self._fields, foot):
            self.add_widget(box)

    def _begin_typing(self) -> None:
        self._reading = False
        self.clear_widgets()
        self._type()
        self.follow(self.model)
        self.place(*self.pos, *self.size)

    def _type(self) -> None:
        page = Page(self.model, self.say)
        self.gap = look().mm(0.8)
        self._fields = Fields(page, self._question, self._parts, keys=True)
        self._keys = self._keyboard(go=True)
        self._head = Words(text="", role="body", bold=True, tone="main", shrink=LEGIBLE, drop=3)
        row = Columns(gap=look().mm(1.2))
        self._fields.share, person = 11.0, person_sign()
        person.share = 1.0
        for box in (self._fields, person):
            row.add_widget(box)
        self._left = None
        self._name_field()
        for box in (self._head, row, self._keys):
            self.add_widget(box)
        self._keys.grow = 1.0

    def _name_field(self) -> None:
        """Above the keys of a small panel: what is wrong, or what the field is called where there are several, or the question."""
        if self._head is None:
            return
        part = of(self.model).part
        named = self.say(f"form.{part}") if len(self._parts) > 1 and part in self._parts else self._said
        said = self._wrong or named
        width = self.now.panel.wide - 2 * self.now.margin
        self._head.text = said if Words(text=said, role="body", bold=True).wanted() * LEGIBLE <= width else ""

    def _keyboard(self, *, go: bool) -> Keyboard:
        filling, question = of(self.model), self._question
        part = filling.part if filling.part in self._parts else self._parts[0]
        self._keys_for = field_of(question, part)
        searching = question.kind is Kind.ADDRESS and filling.address is not Address.TYPING
        return Keyboard(
            for_field(self._keys_for, self.model.language.value), a.Type, a.Delete(), field=self._keys_for,
            lines=question.kind is Kind.LONG_TEXT, typed=filling.value(part),
            go=a.GoOn() if go else None,
            go_text=self.say("form.find_address" if searching else "form.carry_on") if go else "",
        )  # fmt: skip

    # What changes on it ---------------------------------------------------------------------------------------

    @property
    def _counts(self) -> bool:
        return self._question.kind is Kind.LONG_TEXT and most_characters(self._question) < MOST_TYPED

    def follow(self, model: Model) -> None:
        """The same page, with other signs."""
        self.model = model
        filling = of(model)
        if self._fields is None or filling.question is None:
            return
        self._fields.follow(model)
        if self._head is not None and not self._reading and len(self._parts) > 1:
            was, self._wrong = self._head.text, "" if filling.wrong is None else self._wrong
            self._name_field()
            if self._head.text != was and self._head.width > 1:
                self._head.place(*self._head.pos, *self._head.size)
        part = filling.part if filling.part in self._parts else self._parts[0]
        if self._keys is not None:
            if field_of(self._question, part) is not self._keys_for:
                self._other_keys(part)
            self._keys.follow(filling.value(part))
        if self._left is not None:
            over = len(filling.value()) - most_characters(self._question)
            self._left.text = self.say(
                "form.letters_over" if over > 0 else "form.letters_left", count=abs(over)
            )
            if self.width > 1 and self._left.width > 1:
                self._left.place(*self._left.pos, *self._left.size)

    def _other_keys(self, part: str) -> None:
        """Another field wants other keys, in the same place."""
        old = self._keys
        assert old is not None
        self._keys_for = field_of(self._question, part)
        new = self._keyboard(go=short())
        new.grow = old.grow
        children = list(reversed(self.children))
        self.clear_widgets()
        for each in children:
            self.add_widget(new if each is old else each)
        self._keys = new
        self.place(*self.pos, *self.size)
