"""Where a form goes: being sent, not sent, sent; to a person; to a phone."""

from __future__ import annotations

from forms.rules import ending
from kiosk.flow import events as e
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.sending import COPIES
from kiosk.flow.filling.shown import At, Receipt
from kiosk.flow.model import Model
from kiosk.screens.filling.pieces import FormFoot, Page, button, of, paragraphs, put, title
from kiosk.screens.screen import Screen
from kiosk.widgets.boxes import Box, Columns, Space, Stack
from kiosk.widgets.look import look
from kiosk.widgets.press import Card, Press
from kiosk.widgets.qr import Qr
from kiosk.widgets.text import Words
from wire.references import show_reference
from wire.vocabulary import PaperState

_PAPER = {
    PaperState.RESERVED: "scan.printing",
    PaperState.SENT: "scan.printing",
    PaperState.CONFIRMED: "scan.take_receipt",
    PaperState.UNKNOWN: "scan.unsure_receipt",
    PaperState.NOT_PRINTED: "scan.no_receipt",
}


class FormSendingScreen(Screen):
    """One moment; or why it could not be kept, with everything still there."""

    def fill(self) -> None:
        filling = of(self.model)
        if filling.at is not At.FAILED:
            put(self, [title(self.say("scan.sending_title"))], [Words(text=self.say("fill.sending_lead"))])
            return
        own = "fill" if filling.failed == "large" else "scan"
        rows = [
            Words(text=self.say(f"{own}.failed_{filling.failed or 'fault'}")),
            Words(text=self.say("fill.failed_lead"), bold=True),
        ]
        again = button(a.Send(), self.say("scan.again"), "again", main=True)
        put(self, [title(self.say("scan.failed_title"))], rows, FormFoot(self.model, self.say, [again]))

    def follow(self, model: Model) -> None:
        self.model = model


class FormSentScreen(Screen):
    """The reference, large: it is what one is asked for. Then what happens next, and honestly where the form is now."""

    def fill(self) -> None:
        small = look().compact
        self._where, self._title, self._paper = Words(text=""), title("", drop=6), Words(text="", bold=True)
        self._reference = Words(
            text="", role="big" if small else "code", bold=True, language="en", align="centre", tone="main", shrink=0.4
        )  # fmt: skip
        card = Card(pad=look().pad * (0.5 if small else 1.3))
        card.add_widget(Words(text=self.say("scan.sent_reference"), tone="soft", align="centre", drop=1))
        card.add_widget(self._reference)
        rows = [self._where, self._paper, *self._next()]
        self._said()
        foot = FormFoot(self.model, self.say, self._ways_on(), person=False)
        if small and not look().large:
            self.add_widget(card)
            put(self, [self._title], rows, foot)
        else:
            put(self, [self._title, card], rows, foot)
        self.follow(self.model)

    def _next(self) -> list[Box]:
        """What happens now."""
        page, filling = Page(self.model, self.say), of(self.model)
        if filling.form is None:
            return []
        end = ending(filling.form, filling.answers)
        rows: list[Box] = [Words(text=page.form(end.title) or self.say("form.next_steps"), bold=True)]
        rows += paragraphs(page.form(end.text))
        if end.link:
            rows.append(Qr(text=end.link, least_mm=28 if look().compact else 50, most_mm=50))
        return rows

    def _ways_on(self) -> list[Press]:
        receipt = of(self.model).receipt or Receipt("", "", 0)
        ways = []
        if receipt.paper is not PaperState.SENT and receipt.copies < COPIES:
            ways.append(button(a.PrintAgain(), self.say("scan.print_again"), "paper"))
        return [*ways, button(e.Done(), self.say("ticket.finish"), "yes", main=True)]

    def follow(self, model: Model) -> None:
        """The same, when it has arrived."""
        self.model = model
        self._said()
        if self.width > 1 and self._where.width > 1:
            self.place(*self.pos, *self.size)

    def _said(self) -> None:
        receipt = of(self.model).receipt
        if receipt is None:
            return
        self._title.text = self.say("scan.sent_title" if receipt.received else "scan.held_title")
        self._reference.text = show_reference(receipt.reference)
        self._where.text = self.say("fill.sent_received" if receipt.received else "fill.sent_held")
        self._paper.text = self.say(_PAPER[receipt.paper])


class FormPersonScreen(Screen):
    def fill(self) -> None:
        lead = "" if look().compact and look().large else self.say("fill.person_ticket_lead")
        rows = [
            Press(
                action=a.TicketInstead(),
                text=self.say("scan.person_ticket"),
                more=lead,
                icon="paper",
                chip=True,
            ),
            Press(action=a.WantPerson(), text=self.say("scan.person_come"), icon="person", chip=True),
        ]
        put(
            self,
            [title(self.say("scan.person_title"))],
            rows,
            FormFoot(self.model, self.say, [], person=False),
        )

    def follow(self, model: Model) -> None:
        self.model = model


class CarryScreen(Screen):
    """The square for the phone. What it opens is opened once, and then nothing of it stays here."""

    def fill(self) -> None:
        carried = of(self.model).carried
        if carried.failed:
            self.add_widget(title(self.say("fill.carry_failed_title")))
            self.add_widget(Words(text=self.say("fill.carry_failed_lead")))
            self.add_widget(Space(grow=1.0))
            self.add_widget(
                FormFoot(
                    self.model, self.say, [button(a.CarryOn(), self.say("scan.again"), "again", main=True)]
                )
            )
            return
        self.add_widget(title(self.say("fill.carry_title" if carried.url else "scan.sending_title")))
        if carried.url:
            self._square(carried.url)
        else:
            self.add_widget(Space(grow=1.0))
        ways = [button(e.Done(), self.say("fill.carry_done"), "yes", main=True)] if carried.url else []
        self.add_widget(FormFoot(self.model, self.say, ways))

    def _square(self, url: str) -> None:
        words: list[Box] = [
            Words(text=self.say("fill.carry_lead"), drop=2),
            Words(text=self.say("fill.carry_wipes"), tone="soft", drop=1),
        ]
        square = Qr(text=url, least_mm=42 if look().compact else 90, most_mm=60 if look().compact else 110)
        if look().panel.wide > look().panel.high or look().compact:
            row, beside = Columns(grow=1.0), Stack(middle=True)
            for each in words:
                beside.add_widget(each)
            square.share, beside.share = 0.8, 1.0
            for box in (square, beside):
                row.add_widget(box)
            self.add_widget(row)
            return
        for each in words:
            self.add_widget(each)
        square.grow = 1.0
        self.add_widget(square)

    def follow(self, model: Model) -> None:
        self.model = model
