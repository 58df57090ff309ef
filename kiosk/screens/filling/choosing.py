"""Pages on which something is chosen: one of several, several, yes or no, a declaration, an address out of a list.

One of several is the answer as soon as it is touched, as everywhere on this kiosk; "Back" takes it back. Several are ticked and left by "Continue".
Long lists turn pages.
"""

from __future__ import annotations

from typing import Any

from forms.form import Kind, Option
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.shown import Address
from kiosk.flow.model import Model
from kiosk.screens.filling.pieces import FormFoot, FormTold, Page, button, of, paragraphs, put, title, turns
from kiosk.screens.filling.progress import progress
from kiosk.screens.screen import Screen
from kiosk.typeset import isolate
from kiosk.widgets.boxes import Box
from kiosk.widgets.look import look
from kiosk.widgets.press import Card, Press
from kiosk.widgets.text import Words

MANY = 6
"""From so many on they stand in two columns, where they are short."""


class ChoiceScreen(Screen):
    """Options of a question. Ticks change in place, and the page of the list stays."""

    def fill(self) -> None:
        page, filling = Page(self.model, self.say), of(self.model)
        question = filling.question
        assert question is not None  # the roster chose this screen for it
        self._head: list[Box] = [progress(self.model, self.say), title(page.form(question.title))]
        hint = page.form(question.hint) or (
            self.say("form.choose_any") if question.kind is Kind.CHOICES else ""
        )
        why = page.form(question.why)
        self._head += paragraphs(hint, tone="soft", drop=2)
        self._head += paragraphs(f"{self.say('form.why')}: {why}" if why else "", tone="soft", drop=3)
        if filling.wrong is not None:
            self._head.append(FormTold(page.wrong(filling.wrong)))
        if question.kind is Kind.DECLARATION and turns():
            self._head += paragraphs(page.form(question.statement))
        foot = FormFoot(self.model, self.say, self._ways_on())
        self._options = put(self, self._head, self._boxes(), foot, columns=self._columns(page))

    def _columns(self, page: Page) -> int:
        question = of(self.model).question
        assert question is not None
        wide = look().panel.wide_mm > 190 and not look().large
        bare = all(not page.form(each.hint) for each in question.options)
        if question.kind is Kind.YES_NO:
            return 2
        return 2 if wide and bare and (len(question.options) >= MANY or look().compact) else 1

    def _ways_on(self) -> list[Press]:
        question = of(self.model).question
        assert question is not None
        ways = []
        if not question.required:
            ways.append(button(a.Skip(), self.say("fill.skip")))
        if question.kind in (Kind.CHOICES, Kind.DECLARATION):
            ways.append(button(a.GoOn(), self.say("form.carry_on"), main=True))
        return ways

    def _boxes(self) -> list[Box]:
        page, filling = Page(self.model, self.say), of(self.model)
        question = filling.question
        self._ticked = (filling.chosen, filling.value())
        if question is None:
            return []
        if question.kind is Kind.YES_NO:
            return [self._option(each, self.say(f"form.{each}"), "", one=True) for each in ("yes", "no")]
        if question.kind is Kind.DECLARATION:
            agree = self._option("yes", self.say("form.agree"), "", one=False)
            if turns():  # what is agreed to may be long, and stands above
                return [agree]
            card = Card(pad=look().pad)
            for words in paragraphs(page.form(question.statement)):
                card.add_widget(words)
            return [card, agree]
        return [self._of(page, each, one=question.kind is Kind.CHOICE) for each in question.options]

    def _of(self, page: Page, option: Option, *, one: bool) -> Press:
        return self._option(option.value, page.form(option.label), page.form(option.hint), one=one)

    def _option(self, value: str, text: str, more: str, *, one: bool) -> Press:
        filling = of(self.model)
        chosen = value in filling.chosen or (filling.value() == value and bool(value))
        icon = ("yes" if chosen else "") if one else ("ticked" if chosen else "box")
        return Press(
            action=a.Choose(value), text=text, more=more, icon=icon, style="main" if chosen else "card"
        )

    def follow(self, model: Model) -> None:
        """The same page, with other ticks."""
        self.model = model
        filling = of(model)
        if filling.question is None or self._ticked == (filling.chosen, filling.value()):
            return
        self._options.fill(self._boxes(), self._head if turns() else ())
        if self._options.width > 1:
            self._options.place(*self._options.pos, *self._options.size)


class AddressesScreen(Screen):
    """What was found at a postcode. "Not in this list" stands below it, whichever page shows."""

    def fill(self) -> None:
        filling = of(self.model)
        ways = [button(a.TypeAddress(), self.say("form.not_listed"), "form")]
        foot = FormFoot(self.model, self.say, ways)
        if filling.address is Address.LOOKING:
            put(self, [progress(self.model, self.say), title(self.say("fill.looking"))], [], foot)
            return
        head = [
            title(self.say("form.choose_address")),
            Words(text=isolate(filling.value("postcode").upper()), tone="soft", drop=3),
        ]
        rows = [self._row(number, each.lines) for number, each in enumerate(filling.found)]
        put(self, head, rows, foot, columns=2 if look().compact and not look().large else 1)

    @staticmethod
    def _row(number: int, lines: Any) -> Press:
        return Press(
            action=a.PickAddress(number),
            text=isolate(", ".join(lines)),
            language="en",
            role="body",
            bold=False,
        )

    def follow(self, model: Model) -> None:
        self.model = model
