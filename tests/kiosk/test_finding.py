"""The finding at work on a whole kiosk: what a server answers when a page is sent to a PC, and what is told of a use, also once the line is back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kiosk.flow import events as e
from kiosk.flow.finding import acts as a
from kiosk.flow.finding.shown import At
from kiosk.flow.finding.steps import TILE
from kiosk.flow.model import Screen
from tests.kiosk.flow.finding.test_finding import online
from tests.kiosk.standin import StandIn, standing, until
from tests.kiosk.visiting import GoodPrinter, Visiting, printer, quick, running, settings_for
from wire.asks import AnyAsk, OpenOnPc
from wire.device_asks import Use
from wire.vocabulary import Language, RefusalCode, UseEnd, UseKind

__all__ = ["printer", "quick"]


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    async with standing(StandIn(rows=online())) as up:
        yield up


def at(visitor: Visiting) -> At | None:
    finding = visitor.model.visitor.finding
    return finding.at if finding is not None else None


def said(visitor: Visiting) -> str:
    return visitor.model.notice.key if visitor.model.notice is not None else ""


def told(server: StandIn) -> list[tuple[UseKind, str, UseEnd, str]]:
    return [(use.kind, use.slug, use.ended, use.step) for use in server.asked if isinstance(use, Use)]


def sent(server: StandIn) -> list[AnyAsk]:
    return [body for body in server.asked if isinstance(body, OpenOnPc)]


async def at_portal(visitor: Visiting) -> None:
    await visitor.screen(Screen.START)
    visitor.tap(e.ChooseLanguage(Language.EN))
    visitor.tap(e.ChooseNeed(TILE.id))
    visitor.tap(a.Open("portal", "rent"))
    await until(lambda: at(visitor) is At.PORTAL)


async def test_a_page_is_sent_to_a_pc_which_counts_it(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await at_portal(visitor)
        visitor.tap(a.OnPc("7"))
        await until(lambda: at(visitor) is At.ON_PC)
        assert sent(server) == [OpenOnPc(pc="7", portal="rent")]
        visitor.tap(e.Done())
        await visitor.screen(Screen.START)
        await at_portal(visitor)
        visitor.tap(a.OnPhone())
        visitor.tap(e.Done())
        await until(lambda: told(server) == [(UseKind.ONLINE, "rent", UseEnd.PHONE, "phone")])


async def test_a_pc_that_is_in_use_by_now_leaves_the_visitor_where_they_were(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    server.refuses = lambda body: RefusalCode.BUSY if isinstance(body, OpenOnPc) else None
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await at_portal(visitor)
        visitor.tap(a.OnPc("7"))
        await until(lambda: said(visitor) == "find.pc_failed")
        assert at(visitor) is At.PORTAL
        visitor.tap(e.HideNow())
        await until(lambda: told(server) == [(UseKind.ONLINE, "rent", UseEnd.LEFT, "portal")])


async def test_without_a_line_it_is_said_at_once_and_the_use_is_told_later(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    """A page sent once the visitor has gone would open for the next person: it is never sent again."""
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await at_portal(visitor)
        link = visitor.runner.link
        assert link is not None
        link.open.clear()  # the line is just down, and the screen does not know it yet
        visitor.tap(a.OnPc("7"))
        await until(lambda: said(visitor) == "find.pc_failed")
        link.open.set()
        await server.hang_up_all()
        visitor.tap(a.OnPhone())
        visitor.tap(e.Done())
        await until(lambda: told(server) == [(UseKind.ONLINE, "rent", UseEnd.PHONE, "phone")])
        assert sent(server) == []
