"""What will happen to the pictures, how long they are kept, and which papers are wanted: said before the first is taken."""

from __future__ import annotations

from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.entry import purpose_of
from kiosk.flow.scanning.shown import Scanning
from kiosk.screens.scanning.parts import Foot, button, person
from kiosk.screens.screen import Screen
from kiosk.widgets.boxes import Columns, Space, Stack
from kiosk.widgets.icons import Icon
from kiosk.widgets.text import Words


class BeforeScreen(Screen):
    def fill(self) -> None:
        say = self.say
        scanning = self.model.visitor.scanning or Scanning()
        purpose = purpose_of(self.model, scanning.purpose)
        self.add_widget(Words(text=say("scan.before_title"), role="title", bold=True, tone="main", drop=6))
        if not self.now.compact:
            self.add_widget(Space(grow=0.2))
        ready = say.name(purpose.ready) if purpose else ""
        self._fact("scan", say("scan.before_pictures"), drop=3)
        if purpose is not None:
            self._fact("time", say("scan.before_kept", count=purpose.keep_days))
        self._fact("shield", say("scan.before_who"), drop=4)
        if ready:
            self._fact("document", ready, say("scan.before_ready"), drop=5)
        trouble = self.model.station.trouble
        if trouble is not None:
            self._fact("fault", say(f"scan.hint_{trouble}"), say("scan.trouble_lead"))
        self.add_widget(Space(grow=0.5))
        self.add_widget(Foot([person(say), button(a.GoOn(), say("scan.start"), "scan", "main")]))

    def _fact(self, icon: str, text: str, title: str = "", *, drop: int = 0) -> None:
        row = Columns(drop=drop)
        picture = Icon(icon, 9.0 * self.now.room, self.now.palette.icon)
        picture.share = 0.1
        texts = Stack(gap=0, middle=True)
        if title:
            texts.add_widget(Words(text=title, tone="soft", drop=1))
        texts.add_widget(Words(text=text, role="body" if self.now.compact else "strong"))
        row.add_widget(picture)
        row.add_widget(texts)
        self.add_widget(row)
