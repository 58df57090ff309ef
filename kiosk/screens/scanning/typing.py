"""Where something is typed: a reference, a mobile number, an e-mail address. The keys are the kiosk's own (`kiosk.widgets.keyboard`).

What is wrong with it stands where the explanation stood, so no key moves under a finger.
"""

from __future__ import annotations

from kiosk.flow.model import Model
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.entry import purpose_of
from kiosk.flow.scanning.shown import At, Scanning
from kiosk.screens.checkin import Hint
from kiosk.screens.scanning.parts import Foot, button, person
from kiosk.screens.screen import Screen
from kiosk.widgets.keyboard.board import Keyboard
from kiosk.widgets.keyboard.entry import Entry
from kiosk.widgets.keyboard.layouts import Field, for_field
from kiosk.widgets.press import Press
from kiosk.widgets.text import Words

FIELDS = {At.REFERENCE: Field.REFERENCE, At.PHONE: Field.PHONE, At.EMAIL: Field.EMAIL}


class TypingScreen(Screen):
    @property
    def scanning(self) -> Scanning:
        return self.model.visitor.scanning or Scanning()

    def fill(self) -> None:
        at = self.scanning.at
        field = FIELDS.get(at, Field.REFERENCE)
        self.gap = self.now.mm(1.0) if self.now.panel.compact else self.now.gap
        title, lead = self._asked()
        self.add_widget(Words(text=title, role="title", bold=True, tone="main", balance=True, drop=8))
        self.lead = Words(text=lead, tone="soft", drop=7)
        self.entry = Entry(latin=True)
        self.wrong = Hint([""])
        self.keys = Keyboard(
            for_field(field, self.model.language.value), a.Type, a.Erase(), field=field, grow=1.0
        )
        for box in (self.lead, self.entry, self.keys):
            self.add_widget(box)
        self.add_widget(Foot(self._foot()))
        self._usual = lead
        self.follow(self.model)

    def _asked(self) -> tuple[str, str]:
        at, say = self.scanning.at, self.say
        if at is At.REFERENCE:
            purpose = purpose_of(self.model, self.scanning.purpose)
            return (say.name(purpose.asks) if purpose else ""), say("scan.reference_lead")
        return say("scan.phone_title" if at is At.PHONE else "scan.email_title"), say("scan.contact_lead")

    def _foot(self) -> list[Press]:
        say = self.say
        reference = self.scanning.at is At.REFERENCE
        without = button(a.Without(), say("scan.without" if reference else "scan.no_thanks"), "no")
        presses = [person(say), without, button(a.GoOn(), say("scan.next"), "yes", "main")]
        if self.scanning.meant:
            presses.insert(2, button(a.TakeMeant(), say("scan.meant_yes"), "yes"))
        return presses

    def follow(self, model: Model) -> None:
        """The same screen, with other signs."""
        scanning = model.visitor.scanning or Scanning()
        self.entry.show(scanning.typed)
        self.keys.follow(scanning.typed)
        said = self.say.line(scanning.wrong)
        self.lead.text, self.lead.tone = said or self._usual, "main" if said else "soft"
        self.lead.bold = bool(said)
        self.lead.drop = 0 if said else 7
        if self.width > 1:
            self.place(*self.pos, *self.size)
