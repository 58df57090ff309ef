"""What will happen to the pictures, how long they are kept, and which papers are wanted: said before the first is taken."""

from __future__ import annotations

from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.entry import purpose_of
from kiosk.flow.scanning.shown import Scanning
from kiosk.screens.scanning.parts import ScanFoot, button, fact, person
from kiosk.screens.screen import Screen
from kiosk.widgets.boxes import Space
from kiosk.widgets.text import Words


class BeforeScreen(Screen):
    def fill(self) -> None:
        say = self.say
        scanning = self.model.visitor.scanning or Scanning()
        purpose = purpose_of(self.model, scanning.purpose)
        title = Words(text=say("scan.before_title"), role="title", bold=True, tone="main", drop=5)
        facts = [title] if self.now.compact else [title, Space(grow=0.2)]
        trouble = self.model.station.trouble
        if trouble is not None:
            facts.append(
                fact("fault", f"{say(f'scan.hint_{trouble}')}. {say('scan.trouble_lead')}", strong=True)
            )
        facts.append(fact("scan", say("scan.before_pictures"), drop=2))
        if purpose is not None:
            facts.append(
                fact("time", say("scan.before_kept", count=purpose.keep_days), drop=1 if trouble else 0)
            )
        facts.append(fact("shield", say("scan.before_who"), drop=3))
        ready = say.name(purpose.ready) if purpose else ""
        if ready:
            facts.append(fact("document", ready, say("scan.before_ready"), drop=4))
        for box in (*facts, Space(grow=0.5)):
            self.add_widget(box)
        self.add_widget(ScanFoot([person(say), button(a.GoOn(), say("scan.start"), "scan", "main")]))
