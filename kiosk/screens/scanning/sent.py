"""Sending, sent, and not to be sent.

What is said is true at that moment: "sent" once the server has it or the line is up, "kept safe in this machine" while it is down. Where no paper came
out, the reference stands larger, beside a square for the phone that says the same.
"""

from __future__ import annotations

from kiosk.flow import events as e
from kiosk.flow import opening
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.entry import purpose_of
from kiosk.flow.scanning.shown import Receipt, Scanning
from kiosk.screens import standing
from kiosk.screens.scanning.parts import ScanFoot, button, fact, person
from kiosk.screens.screen import Screen, rules
from kiosk.typeset import isolate_numbers
from kiosk.widgets.boxes import Box, Split, Stack
from kiosk.widgets.press import Card, Press
from kiosk.widgets.qr import Qr
from kiosk.widgets.text import Words
from wire.references import show_reference
from wire.vocabulary import PaperState


class SendingScreen(Screen):
    def fill(self) -> None:
        self.ids.sign.show("time")


class FailedScreen(Screen):
    @property
    def why(self) -> str:
        scanning = self.model.visitor.scanning or Scanning()
        return self.say(f"scan.failed_{scanning.failed or 'fault'}")

    def fill(self) -> None:
        self.ids.sign.show("fault")
        again = button(a.Send(), self.say("scan.again"), "again", "main")
        self.add_widget(ScanFoot([person(self.say), again]))


class SentScreen(Screen):
    @property
    def receipt(self) -> Receipt:
        scanning = self.model.visitor.scanning
        assert scanning is not None
        return scanning.receipt or Receipt("", "", 0, 0)

    def fill(self) -> None:
        now = self.now
        scanning = self.model.visitor.scanning
        lies = scanning is not None and scanning.lies
        crowded = now.compact and now.large
        body = Split(grow=1.0)
        card = Card(style="card", middle=True, grow=0.6, share=1.0, gap=now.mm(2))
        for words in self._card():
            card.add_widget(words)
        beside = Stack(middle=True, grow=1.0, share=1.1, gap=now.mm(1.5) if now.compact else now.gap)
        for box in [self._take()] if lies and crowded else self._facts():
            beside.add_widget(box)
        body.add_widget(card)
        body.add_widget(beside)
        self.add_widget(body)
        if lies and not crowded:
            self.add_widget(self._take())
        self.add_widget(ScanFoot(self._foot()))

    def _take(self) -> Card:
        """Whoever has a receipt in the hand looks for nothing more. On the smallest panel it comes before all else there is to say."""
        card = Card(style="told", pad=self.now.pad)
        role = "body" if self.now.compact else "name"
        text = self.say("scan.take_papers")
        card.add_widget(Words(text=text, role=role, bold=True, align="centre", tone="on_told", balance=True))
        return card

    def _card(self) -> list[Words]:
        say, receipt = self.say, self.receipt
        arrived = receipt.received or self.model.link_up
        small = self.now.compact
        return [
            Words(text=say("scan.sent_title" if arrived else "scan.held_title"), role="body" if small else "name",
                  bold=True, align="centre", balance=True, drop=7),
            Words(text=say("scan.sent_reference"), tone="soft", align="centre", drop=4),
            Words(text=show_reference(receipt.reference), role="code", bold=True, align="centre", language="en",
                  tone="main", shrink=0.3, tight=True),
            Words(text=f"{say('scan.pages', count=receipt.pages)}", align="centre", drop=5),
        ]  # fmt: skip

    def _facts(self) -> list[Box]:
        say, receipt = self.say, self.receipt
        purpose = purpose_of(self.model, (self.model.visitor.scanning or Scanning()).purpose)
        whom = say.name(purpose.whom) if purpose else ""
        facts: list[Box] = [fact("paper", self._paper(), strong=True)]
        if receipt.received:
            facts.append(fact("yes", say("scan.sent_received"), drop=3))
        elif not self.model.link_up:
            facts.append(fact("keys", say("scan.sent_held"), drop=2))
        if whom:
            facts.append(fact("help", isolate_numbers(whom), say("receipt.whom"), drop=4))
        if receipt.paper in (PaperState.NOT_PRINTED, PaperState.UNKNOWN):
            facts.append(Qr(text=self._said(), least_mm=26 if self.now.compact else 48, most_mm=60, drop=5))
        return facts

    def _paper(self) -> str:
        key = {
            PaperState.CONFIRMED: "take_receipt", PaperState.NOT_PRINTED: "no_receipt", PaperState.UNKNOWN: "unsure_receipt",
        }.get(self.receipt.paper, "printing")  # fmt: skip
        if key == "no_receipt" and self.now.compact and self.now.large:
            key = "unsure_receipt"  # the same in fewer words
        return self.say(f"scan.{key}")

    def _said(self) -> str:
        """In the square: what the paper would have said, for a phone's notes. Nothing secret, and no address."""
        at = opening.local(self.model, self.receipt.at)
        lines = [
            self.model.centre_name,
            show_reference(self.receipt.reference),
            at.strftime("%d.%m.%Y %H:%M"),
        ]
        return "\n".join([*lines, self.say("scan.pages", count=self.receipt.pages)])

    def _foot(self) -> list[Press]:
        say, receipt = self.say, self.receipt
        presses = [person(say)]
        if receipt.paper in (PaperState.UNKNOWN, PaperState.NOT_PRINTED):
            presses.append(button(a.PrintAgain(), say("scan.print_again"), "paper"))
        done = Press(action=e.Done(), text=say("ticket.finish"), icon="yes", style="main", align="centre")
        return [*presses, done]


NAMED_IN_KV = (standing,)
"""Imported for the kv file, which names its class."""
rules(__file__)
