"""One page elsewhere: its square for a phone, what to have ready, how long the desks take instead; and where it was taken."""

from __future__ import annotations

from typing import Any

from kiosk.flow import events as e
from kiosk.flow.finding import acts as a
from kiosk.flow.finding.shown import At, Finding
from kiosk.flow.lines import wait_line
from kiosk.flow.marks import FindAct
from kiosk.flow.offer import Portal
from kiosk.screens import standing, ticket
from kiosk.screens.chrome import more_button
from kiosk.screens.filling.pieces import SENTENCES, FormTold, Paged, put
from kiosk.screens.screen import Screen, rules
from kiosk.typeset import isolate
from kiosk.widgets.press import Press
from kiosk.widgets.qr import Qr
from kiosk.widgets.text import Words

MOST_PCS = 3


class _OfPortal(Screen):
    @property
    def finding(self) -> Finding:
        return self.model.visitor.finding or Finding()

    @property
    def portal(self) -> Portal | None:
        return self.model.offer.portal(self.finding.portal)

    @property
    def ready(self) -> str:
        return self.say.name(self.portal.ready) if self.portal else ""

    @property
    def unhelped(self) -> str:
        """The key of what the button says with which somebody comes or a ticket is taken."""
        return "scan.person" if self.now.compact and self.now.large else "find.did_not_work"


class PortalScreen(_OfPortal):
    @property
    def title(self) -> str:
        return self.say.name(self.portal.names) if self.portal else ""

    @property
    def url(self) -> str:
        return self.portal.url if self.portal else ""

    @property
    def wait(self) -> str:
        """How long whoever would rather speak to somebody waits; nothing where nobody is there for it."""
        service = self.model.offer.service(self.portal.service) if self.portal else None
        return self.say.line(wait_line(service.waits)) if service is not None and service.open else ""

    @property
    def pcs(self) -> str:
        """That there are some, where all are in use: free ones have their buttons."""
        every = self.model.offer.pcs
        if any(each.free for each in every):
            return ""
        return " · ".join(self.say("find.pc_busy", pc=isolate(each.name)) for each in every[:MOST_PCS])

    def fill(self) -> None:
        self.ids.notices.show(self.model, self.say)
        if self.now.compact or self.now.large:
            self._beside_the_square()
        tiles = self.ids.tiles
        tiles.most_columns, tiles.more = 3 if self.now.compact else 2, more_button(self.say)
        busy = self.finding.working != 0
        free = [each for each in self.model.offer.pcs if each.free][: 1 if self.now.compact else MOST_PCS]
        wanted: list[tuple[FindAct, str, str, str]] = [
            (a.OnPhone(), "phone", self.say("find.on_phone"), "main")
        ]
        wanted += [(a.OnPc(each.id), "pc", self.say("find.on_pc", pc=each.name), "card") for each in free]
        wanted.append((a.DidNotWork(), "people", self.say(self.unhelped), "card"))
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

    def _beside_the_square(self) -> None:
        """Where there is little room: what has to be said now stands there instead of what is good to know; large letters turn pages."""
        ids = self.ids  # which hold only weakly what is taken out
        notices, facts, heading = ids.notices.__self__, ids.facts.__self__, ids.heading.__self__
        told = self.model.notice is not None
        known = [fact for fact in reversed(facts.children) if fact.text]
        shown = [notices] if told else known
        for each in (*known, notices):
            each.parent.remove_widget(each)
        if self.now.compact and self.now.large:
            self.remove_widget(heading)
            heading.drop = 0
            self.gap = self.now.mm(1.4)
            rows = Paged(self.say, grow=1.0)
            said = SENTENCES.split(self.say.line(self.model.notice)) if told else ()
            rows.fill([FormTold(each) for each in said] or [heading, *_told_plainly(known)])
            shown = [rows]
        elif told:
            heading.drop = 8
        for each in shown:
            facts.add_widget(each)


class TakenScreen(_OfPortal):
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
        if self.now.compact and self.now.large:
            self._in_pages()
        for action, key, icon, style in (
            (e.Done(), "find.finish", "yes", "main"),
            (a.DidNotWork(), self.unhelped, "people", "card"),
        ):
            press = Press(action=action, text=self.say(key), icon=icon, style=style, align="centre")
            self.ids.buttons.add_widget(press)

    def _in_pages(self) -> None:
        ids = self.ids
        buttons = ids.buttons.__self__
        heading, lead, ready = (each.__self__ for each in (ids.heading, ids.lead, ids.ready))
        self.clear_widgets()
        heading.drop = 0
        put(self, [], [heading, lead, *(_told_plainly([ready]) if ready.text else [])], buttons)


def _told_plainly(facts: list[Any]) -> list[Words]:
    """Without signs, which take width from large letters."""
    return [
        words
        for fact in facts
        for words in (Words(text=fact.title, tone="soft"), Words(text=fact.text, bold=True))
        if words.text
    ]


NAMED_IN_KV = (standing, ticket, Qr)
"""Imported for the kv file, which names their classes."""
rules(__file__)
