"""Where something is typed: a reference, a mobile number, an e-mail address. The keys are the kiosk's own (`kiosk.widgets.keyboard`).

On a tall panel everything stands at once. A small one has no room for the keys beside what there is to say: there the page is read first, and the keys
come when the field is touched.
"""

from __future__ import annotations

from kiosk.flow.model import Model
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.entry import purpose_of
from kiosk.flow.scanning.shown import At, Scanning
from kiosk.screens.filling.typing import FieldPress
from kiosk.screens.scanning.parts import ScanFoot, button, person
from kiosk.screens.screen import Screen
from kiosk.widgets.boxes import Columns, Space
from kiosk.widgets.keyboard.board import Keyboard
from kiosk.widgets.keyboard.entry import Entry
from kiosk.widgets.keyboard.layouts import Field, for_field
from kiosk.widgets.look import look
from kiosk.widgets.press import Press
from kiosk.widgets.text import Words

FIELDS = {At.REFERENCE: Field.REFERENCE, At.PHONE: Field.PHONE, At.EMAIL: Field.EMAIL}


class TypingScreen(Screen):
    @property
    def scanning(self) -> Scanning:
        return self.model.visitor.scanning or Scanning()

    def fill(self) -> None:
        small, wrong = self.now.panel.compact, self.scanning.wrong
        self.keys: Keyboard | None = None
        self.entry = Entry(latin=True, active=self.scanning.keys or not small)
        if not small:
            self._whole()
        elif self.scanning.keys and wrong is None:
            self._typing()
        else:
            self._reading()
        self.follow(self.model)

    def _heads(self) -> list[Words]:
        title, lead = self._asked()
        said = self.say.line(self.scanning.wrong)
        return [
            Words(text=title, role="title", bold=True, tone="main", balance=True, drop=5),
            Words(text=said or lead, tone="main" if said else "soft", bold=bool(said), drop=0 if said else 4),
        ]

    def _keyboard(self, *, go: bool) -> Keyboard:
        field = FIELDS.get(self.scanning.at, Field.REFERENCE)
        return Keyboard(
            for_field(field, self.model.language.value), a.Type, a.Erase(), field=field, grow=1.0,
            go=a.GoOn() if go else None, go_text=self.say("scan.next") if go else "",
        )  # fmt: skip

    def _whole(self) -> None:
        self.keys = self._keyboard(go=False)
        for box in (*self._heads(), self.entry, self.keys, ScanFoot(self._foot())):
            self.add_widget(box)

    def _reading(self) -> None:
        """A small panel, before the keys: what is asked, or what is wrong."""
        press = FieldPress(self.entry, a.ShowKeys())
        for box in (*self._heads(), press, Space(), ScanFoot(self._foot())):
            self.add_widget(box)

    def _typing(self) -> None:
        """A small panel, with the keys; "I need a person" is a sign alone beside the field."""
        self.gap = look().mm(1.2)
        row = Columns(gap=look().mm(1.2))
        self.entry.share = 11.0
        person_ = Press(action=a.WantPerson(), icon="person", style="bar", align="centre")
        for box in (self.entry, person_):
            row.add_widget(box)
        self.keys = self._keyboard(go=True)
        for box in (row, self.keys):
            self.add_widget(box)

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
        if self.scanning.meant:
            without = button(a.TakeMeant(), say("scan.meant_yes"), "yes")
        return [person(say), without, button(a.GoOn(), say("scan.next"), "more", "main")]

    def follow(self, model: Model) -> None:
        """The same screen, with other signs."""
        typed = (model.visitor.scanning or Scanning()).typed
        if self.entry.text != typed:
            self.entry.show(typed)
        if self.keys is not None:
            self.keys.follow(typed)
