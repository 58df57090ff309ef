"""Where one of a few is chosen: what the papers are for, what kind a paper is, where a receipt goes, a person."""

from __future__ import annotations

from kiosk.flow.marks import ScanAct
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.shown import Scanning
from kiosk.screens.chrome import more_button
from kiosk.screens.scanning.parts import ScanFoot, button, person
from kiosk.screens.screen import Screen, rules
from kiosk.widgets import tiles
from kiosk.widgets.press import Press
from kiosk.widgets.text import Words
from wire.vocabulary import PaperKind, PrinterState

KIND_ICONS = {
    PaperKind.LETTER: "envelope", PaperKind.FORM: "form", PaperKind.IDENTITY: "licence", PaperKind.BANK: "money",
    PaperKind.WAGES: "work", PaperKind.TENANCY: "home", PaperKind.BILL: "pound", PaperKind.MEDICAL: "heart",
    PaperKind.OTHER: "other",
}  # fmt: skip
WITHOUT_PAPER = frozenset(
    {PrinterState.OUT, PrinterState.COVER_OPEN, PrinterState.MISSING, PrinterState.NONE}
)


class ChoosingScreen(Screen):
    """A heading, tiles, and at the foot what leads on without choosing."""

    has_person = True

    @property
    def scanning(self) -> Scanning:
        return self.model.visitor.scanning or Scanning()

    def fill(self) -> None:
        self._head()
        self.ids.tiles.more = more_button(self.say)
        for tile in self.choices():
            self.ids.tiles.add_widget(tile)
        if foot := self.at_foot():
            self.add_widget(ScanFoot(foot))

    def _head(self) -> None:
        """On a small panel a person stands beside the heading: every row at the foot costs one of tiles."""
        heading = Words(text=self.heading(), role="title", bold=True, tone="main", balance=True)
        self.ids.head.add_widget(heading)
        if self.now.compact and self.has_person:
            press = person(self.say)
            press.share = 0.62
            self.ids.head.add_widget(press)
        self.ids.lead.text = self.under()

    def heading(self) -> str:
        return ""

    def under(self) -> str:
        return ""

    def choices(self) -> list[Press]:
        return []

    def at_foot(self) -> list[Press]:
        return [] if self.now.compact or not self.has_person else [person(self.say)]

    def tile(self, action: ScanAct, text: str, icon: str, more: str = "") -> Press:
        more = "" if self.now.compact or self.now.large else more
        return Press(action=action, text=text, more=more, icon=icon or "info", chip=True)


class PurposeScreen(ChoosingScreen):
    def heading(self) -> str:
        return self.say("scan.purpose_title")

    def under(self) -> str:
        return self.say("scan.purpose_or_lay" if self.model.station.live else "scan.purpose_lead")

    def choices(self) -> list[Press]:
        return [
            self.tile(a.ChoosePurpose(each.id), self.say.name(each.names), each.icon)
            for each in self.model.offer.purposes
        ]


class KindScreen(ChoosingScreen):
    def heading(self) -> str:
        return self.say("scan.kind_title")

    def choices(self) -> list[Press]:
        return [self.tile(a.IsKind(kind), self.say(f"paper.{kind}"), KIND_ICONS[kind]) for kind in PaperKind]


class ReceiptScreen(ChoosingScreen):
    def heading(self) -> str:
        return self.say("scan.receipt_title")

    def under(self) -> str:
        no_paper = self.model.printer in WITHOUT_PAPER
        return self.say("scan.receipt_no_paper" if no_paper else "scan.receipt_lead")

    def choices(self) -> list[Press]:
        scanning = self.scanning
        return [
            self.tile(a.ByText(), scanning.phone or self.say("scan.by_text"), "phone"),
            self.tile(a.ByEmail(), scanning.email or self.say("scan.by_email"), "envelope"),
        ]

    def at_foot(self) -> list[Press]:
        return [*super().at_foot(), button(a.Without(), self.say("scan.no_thanks"), "no")]


class PersonScreen(ChoosingScreen):
    has_person = False

    def heading(self) -> str:
        return self.say("scan.person_title")

    def under(self) -> str:
        return self.say("scan.person_ticket_lead") if self.scanning.pages else ""

    def choices(self) -> list[Press]:
        return [
            self.tile(a.WantPerson(), self.say("scan.person_come"), "person"),
            self.tile(a.TicketInstead(), self.say("scan.person_ticket"), "people"),
        ]


NAMED_IN_KV = (tiles,)
"""Imported for the kv file, which names its class."""
rules(__file__)
