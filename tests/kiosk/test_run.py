"""A whole kiosk without a screen: real journal, real sockets, a printer that works, and everything that
goes wrong around them.
"""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hardware.devices import Silent, Unknown
from kiosk.flow import events as e
from kiosk.flow.model import Help, Model, Screen
from kiosk.journal import DiskError, Journal
from tests.kiosk.clockwork import HandClocks
from tests.kiosk.flow.walking import york_house
from tests.kiosk.standin import StandIn, standing, until
from tests.kiosk.visiting import (
    GoodPrinter,
    printer,
    quick,
    running,
    server,
    settings_for,
)
from wire.asks import Health, Issue, SetAside
from wire.asks import Help as HelpAsk
from wire.asks import Paper as PaperAsk
from wire.vocabulary import Language, PaperState, PrinterState, RefusalCode

__all__ = ["printer", "quick", "server"]


# The path ---------------------------------------------------------------------------------------------------


async def test_from_tap_to_paper_to_server(server: StandIn, printer: GoodPrinter, tmp_path: Path) -> None:
    async with running(settings_for(server, tmp_path), printer) as visitor:
        code = await visitor.ticket()
        assert code == "K01"
        await until(
            lambda: visitor.model.ticket is not None and visitor.model.ticket.paper is PaperState.CONFIRMED
        )
        assert [job for job, _ in printer.papers] == ["K01"]
        await until(lambda: bool(server.issued))
        issue = server.issued[0]
        assert (issue.code, issue.service, issue.language, issue.discreet) == (
            "K01",
            "tax",
            Language.GU,
            False,
        )
        assert issue.age_ms < 10_000
        assert visitor.model.ticket is not None
        assert visitor.model.ticket.follow_url.startswith("https://foyer.example/t/")


async def test_no_server_for_a_long_time_then_everything_once_and_in_order(
    printer: GoodPrinter, tmp_path: Path
) -> None:
    clocks = HandClocks()
    async with standing(StandIn(rows=york_house())) as server:
        async with running(settings_for(server, tmp_path), printer, clocks) as visitor:
            codes = [await visitor.ticket()]
            await until(lambda: len(server.issued) == 1)
            await visitor.leave()
        port = server.port
    async with running(settings_for(server, tmp_path), printer, clocks) as visitor:
        for _ in range(12):
            codes.append(await visitor.ticket())
            await visitor.leave()
            clocks.go(60_000)
        assert codes == [f"K{number:02d}" for number in range(1, 14)]
        again = StandIn(rows=york_house(), now=clocks.true, done=server.done, asked=server.asked)
        async with standing(again, port):
            await until(lambda: len(again.issued) == 13)
            assert [issue.code for issue in again.issued] == codes
            ages = [round(issue.age_ms / 60_000) for issue in again.issued[1:]]
            assert ages == list(range(12, 0, -1))


async def test_answers_lost_before_and_after_each_ticket_is_handed_over_once(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    chance = random.Random(5)
    server.drops = lambda body: chance.choice(["before", "after", None])
    async with running(settings_for(server, tmp_path), printer) as visitor:
        codes = []
        for _ in range(8):
            codes.append(await visitor.ticket())
            await visitor.leave()
        await until(lambda: len(server.issued) >= 8, 20)
        assert [issue.code for issue in server.issued] == codes


async def test_a_refused_ticket_is_told_to_staff_and_the_rest_flow(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    server.refuses = lambda body: (
        RefusalCode.UNKNOWN if isinstance(body, Issue) and body.code == "K02" else None
    )
    async with running(settings_for(server, tmp_path), printer) as visitor:
        for _ in range(3):
            await visitor.ticket()
            await visitor.leave()
        await until(lambda: any(isinstance(body, SetAside) for body in server.asked))
        await until(lambda: len(server.issued) == 2)  # the third may still be on its way
        assert [issue.code for issue in server.issued] == ["K01", "K03"]
        aside = next(body for body in server.asked if isinstance(body, SetAside))
        assert (aside.code, aside.why) == ("K02", "unknown: No.")
        await until(lambda: any(isinstance(body, Health) and body.set_aside == 1 for body in server.asked))


async def test_drumming_on_the_glass_takes_one_ticket(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await visitor.screen(Screen.START)
        visitor.tap(e.ChooseLanguage(Language.EN))
        at = visitor.at + 1
        for tap in range(100):
            visitor.runner.touch(e.ChooseNeed("money"), visitor.model.generation, at + tap * 0.02)
            if tap % 10 == 0:
                await asyncio.sleep(0)
        await visitor.screen(Screen.TICKET)
        await until(lambda: bool(server.issued))
        assert [issue.code for issue in server.issued] == ["K01"]


async def test_a_private_ticket_looks_prints_and_sounds_like_any_other(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await visitor.screen(Screen.START)
        visitor.tap(e.TalkInPrivate())
        visitor.tap(e.ChooseService("private"))
        await visitor.screen(Screen.TICKET)
        await until(lambda: len(server.issued) == 1)
        assert (server.issued[0].service, server.issued[0].discreet) == ("listening", True)
        await visitor.leave()
        await visitor.ticket(Language.EN)
        await until(lambda: len(printer.papers) == 2)
        private, ordinary = (picture for _, picture in printer.papers)
        assert private.size == ordinary.size


# What is left behind ----------------------------------------------------------------------------------------


async def test_after_the_visit_no_byte_of_it_is_in_the_state_folder(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    def on_disk() -> bytes:
        return b"".join(part.read_bytes() for part in tmp_path.iterdir() if part.is_file())

    async with running(settings_for(server, tmp_path), printer) as visitor:
        await visitor.ticket(Language.UR)
        assert visitor.model.ticket is not None
        secret = visitor.model.ticket.follow_url.rpartition("/")[2].encode()
        await until(lambda: secret in on_disk())
        await until(lambda: bool(server.issued))
        follow_hash = server.issued[0].follow_hash.encode()
        await visitor.leave()
        await until(lambda: secret not in on_disk() and follow_hash not in on_disk())
        await visitor.runner.in_journal(Journal.scrub)  # nothing is being moved between files now
        assert secret not in on_disk()
        assert follow_hash not in on_disk()
        assert secret.decode() not in repr(visitor.model)


# Paper ------------------------------------------------------------------------------------------------------


async def test_a_power_cut_while_printing_asks_at_the_next_start(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    gate = printer.gate = threading.Event()
    async with running(settings_for(server, tmp_path), printer) as visitor:
        code = await visitor.ticket()
        journal = visitor.runner.journal
        assert journal is not None

        async def sent() -> bool:
            rows = await visitor.runner.in_journal(lambda j: j._all("SELECT paper FROM ticket"))
            return [row["paper"] for row in rows] == ["sent"]

        await until(sent)
        gate.set()
        # the process is gone before the printer's answer is written down
        visitor.runner.printing._in_journal = _never  # type: ignore[assignment]  # the power goes here
    printer.gate = None
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await visitor.screen(Screen.TICKET)
        assert visitor.model.asks_paper
        assert (visitor.model.ticket.code, visitor.model.language) == (code, Language.GU)  # type: ignore[union-attr]  # awaited above
        await until(lambda: visitor.model.printer is PrinterState.READY)
        before = len(printer.papers)
        visitor.tap(e.PaperCameOut(yes=False))
        await until(lambda: len(printer.papers) == before + 1)
        await until(lambda: any(isinstance(body, PaperAsk) and body.copies == 1 for body in server.asked))


async def _never(*_: object) -> None:
    await asyncio.Event().wait()


async def test_a_driver_that_fails_leaves_the_paper_unknown_and_the_kiosk_serving(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    printer.trouble = RuntimeError("a fault in the driver")
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await visitor.ticket()
        await until(lambda: visitor.model.asks_paper)
        assert visitor.model.printer is PrinterState.SILENT
        printer.trouble = None
        visitor.tap(e.PaperCameOut(yes=False))
        await until(lambda: len(printer.papers) == 1)


async def test_a_driver_that_hangs_is_left_behind(
    server: StandIn, printer: GoodPrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = printer.gate = threading.Event()
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await until(lambda: visitor.model.printer is PrinterState.READY)
        monkeypatch.setattr("kiosk.printing.GIVE_UP_SECONDS", 0.2)
        await visitor.ticket()
        await until(lambda: visitor.model.asks_paper)
        printer.gate = None
        visitor.tap(e.PaperCameOut(yes=False))
        await until(lambda: len(printer.papers) >= 1)
        gate.set()


async def test_a_mute_printer_asks_the_visitor_and_tells_the_server(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    printer.now = Silent()
    printer.outcome = Unknown("no answer", Silent())
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await visitor.ticket()
        await until(lambda: visitor.model.asks_paper)
        visitor.tap(e.PaperCameOut(yes=True))
        await until(lambda: not visitor.model.asks_paper)

        def told() -> bool:
            papers = [body.paper for body in server.asked if isinstance(body, PaperAsk | Issue)]
            return papers[-1:] == [PaperState.CONFIRMED]

        await until(told)


# Faults -----------------------------------------------------------------------------------------------------


async def test_a_full_disk_is_out_of_order_and_mends_by_itself(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await visitor.screen(Screen.START)
        runner = visitor.runner

        def fill(journal: Any) -> None:
            pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
            journal._db.execute(f"PRAGMA max_page_count={pages}")
            journal.keep_rows({"x": "y" * 100})
            with suppress(DiskError):
                journal.keep_rows({"x": "y" * 1_000_000})

        await runner.in_journal(fill)
        given = 0
        while visitor.model.screen is not Screen.OUT_OF_ORDER and given < 200:
            visitor.tap(e.ChooseLanguage(Language.GU))
            visitor.tap(e.ChooseNeed("money"))
            await until(lambda: not visitor.model.ordered)
            if visitor.model.screen is Screen.TICKET:
                given += 1
                visitor.tap(e.HideNow())
        assert visitor.model.screen is Screen.OUT_OF_ORDER
        assert "disk is full" in visitor.model.staff_says
        await until(
            lambda: any(
                isinstance(body, Health) and "disk is full" in body.out_of_order for body in server.asked
            )
        )
        await runner.in_journal(lambda journal: journal._db.execute("PRAGMA max_page_count=1000000"))
        await visitor.screen(Screen.START)
        code = await visitor.ticket()
        assert code == f"K{given + 1:02d}"


async def test_a_damaged_journal_is_put_aside_and_the_kiosk_serves(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    (tmp_path / "journal.db").write_bytes(b"no database at all" * 999)
    server.rows["device:k1"]["last_number"] = 41
    async with running(settings_for(server, tmp_path), printer, HandClocks()) as visitor:
        assert await visitor.ticket() == "K42"
    assert (tmp_path / "journal.db.damaged-1").read_bytes().startswith(b"no database")


async def test_a_screen_that_fails_to_draw_does_not_end_the_kiosk(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await visitor.screen(Screen.START)
        seen: list[Screen] = []

        def shown(model: Model) -> None:
            seen.append(model.screen)
            if model.screen is Screen.NEEDS:
                raise RuntimeError("a fault in the face")

        visitor.runner.watch(shown)
        visitor.tap(e.ChooseLanguage(Language.GU))
        await until(lambda: Screen.OUT_OF_ORDER in seen)
        await visitor.screen(Screen.START)
        assert visitor.model.language is Language.EN


async def test_a_fault_in_the_journey_shows_a_kind_screen_and_starts_over(
    server: StandIn, printer: GoodPrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await visitor.screen(Screen.START)
        with monkeypatch.context() as patch:
            patch.setattr("kiosk.flow.touches.act", lambda *_: 1 / 0)
            visitor.tap(e.ChooseLanguage(Language.GU))
            assert visitor.model.screen is Screen.OUT_OF_ORDER
        await visitor.screen(Screen.START)
        await visitor.ticket()


async def test_wrong_rows_leave_the_kiosk_out_of_order_until_they_are_right(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    rows = server.rows
    server.rows = {"centre": {"kind": "centre", "name": 7}, "x": {"kind": ["odd"]}}
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await until(lambda: visitor.model.link_up)
        visitor.runner.send(e.Tick(visitor.model.steady + 60, visitor.model.now))
        assert visitor.model.screen is Screen.OUT_OF_ORDER
        await server.change(rows)
        await visitor.screen(Screen.START)


async def test_help_reaches_staff_once_though_asked_thrice(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await visitor.screen(Screen.START)
        for _ in range(3):
            visitor.tap(e.AskHelp())
        await until(lambda: sum(isinstance(body, HelpAsk) for body in server.asked) == 3)
        assert len({body.request for body in server.asked if isinstance(body, HelpAsk)}) == 1
        row = york_house()["device:k1"] | {"help": "coming"}
        await server.change({"device:k1": row})
        await until(lambda: visitor.model.help is Help.COMING)


async def test_a_wrong_clock_is_told_and_does_not_matter(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    year = 365 * 24 * 3_600_000
    clocks = HandClocks(off=-9 * year)
    async with running(settings_for(server, tmp_path), printer, clocks) as visitor:
        await visitor.ticket()
        await until(lambda: bool(server.issued))
        assert server.issued[0].age_ms < 10_000
        assert visitor.model.ticket is not None
        assert abs(visitor.model.ticket.taken_at - server.now) < 10_000
        await until(
            lambda: any(
                isinstance(body, Health) and abs(body.clock_off_ms + 9 * year) < 10_000
                for body in server.asked
            )
        )
