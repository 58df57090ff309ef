"""One page elsewhere: its square for a phone, what to have ready, how long the desks take instead; and where it was taken."""

from __future__ import annotations

from kiosk.flow import events as e
from kiosk.flow.finding import acts as a
from kiosk.flow.finding.shown import At, Finding
from kiosk.flow.lines import wait_line
from kiosk.flow.marks import FindAct
from kiosk.flow.offer import Portal
from kiosk.screens import standing, ticket
from kiosk.screens.chrome import more_button
from kiosk.screens.screen import Screen, rules
from kiosk.widgets.press import Press
from kiosk.widgets.qr import Qr

MOST_PCS = 3


class _OfPortal(Screen):
    @property
    def finding(self) -> Finding:
        return self.model.visitor.finding or Finding()

    @property
    def portal(self) -> Portal | None:
        return self.model.offer.portal(self.finding.portal)


class PortalScreen(_OfPortal):
    @property
    def title(self) -> str:
        return self.say.name(self.portal.names) if self.portal else ""

    @property
    def url(self) -> str:
        return self.portal.url if self.portal else ""

    @property
    def ready(self) -> str:
        return self.say.name(self.portal.ready) if self.portal else ""

    @property
    def wait(self) -> str:
        """How long whoever would rather speak to somebody waits; nothing where nobody is there for it."""
        service = self.model.offer.service(self.portal.service) if self.portal else None
        return self.say.line(wait_line(service.waits)) if service is not None and service.open else ""

    def fill(self) -> None:
        self.ids.notices.show(self.model, self.say)
        tiles = self.ids.tiles
        tiles.most_columns, tiles.more = 2, more_button(self.say)
        busy = self.finding.working != 0
        free = [each for each in self.model.offer.pcs if each.free][:MOST_PCS]
        wanted: list[tuple[FindAct, str, str, str]] = [
            (a.OnPhone(), "phone", self.say("find.on_phone"), "main")
        ]
        wanted += [(a.OnPc(each.id), "pc", self.say("find.on_pc", pc=each.name), "card") for each in free]
        wanted.append((a.DidNotWork(), "people", self.say("find.did_not_work"), "card"))
        for action, icon, text, style in wanted:
            asked = busy and isinstance(action, a.OnPc) and action.pc == self.finding.pc
            tiles.add_widget(
                Press(
                    action=None if busy else action,
                    icon=icon,
                    text=self.say("find.pc_wait") if asked else text,
                    style="resting" if busy else style,
                    align="start",
                )
            )


class SentScreen(_OfPortal):
    @property
    def _on_pc(self) -> bool:
        return self.finding.at is At.ON_PC

    @property
    def title(self) -> str:
        if self._on_pc:
            return self.say("find.pc_title", pc=self.finding.pc)
        return self.say("find.phone_title")

    @property
    def lead(self) -> str:
        return self.say("find.pc_lead" if self._on_pc else "find.phone_lead")

    def fill(self) -> None:
        self.ids.sign.show("pc" if self._on_pc else "phone")
        for action, key, icon, style in (
            (e.Done(), "find.finish", "yes", "main"),
            (a.DidNotWork(), "find.did_not_work", "people", "card"),
        ):
            press = Press(action=action, text=self.say(key), icon=icon, style=style, align="centre")
            self.ids.buttons.add_widget(press)


NAMED_IN_KV = (standing, ticket, Qr)
"""Imported for the kv file, which names their classes."""
rules(__file__)
