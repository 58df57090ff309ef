"""A whole kiosk doing what staff want of it: papers, a test print, a self-test, standing closed, everyone out."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

import cv2
import numpy
import pytest
from PIL import Image

from hardware.devices import Confirmed, CoverOpen, Low, Out
from kiosk.flow import events as e
from kiosk.flow.model import Screen, Visitor
from kiosk.selftest import ScreenSeen
from tests.kiosk.clockwork import DAY, HandClocks
from tests.kiosk.flow.walking import JOBS, evacuated, locked, wanted, york_house
from tests.kiosk.standin import StandIn, standing, until
from tests.kiosk.visiting import GoodPrinter, printer, quick, running, server, settings_for
from wire.asks import Finding, Printed, SelfTest
from wire.vocabulary import Language, PaperState, RefusalCode

__all__ = ["printer", "quick", "server"]
FIRST, SECOND, THIRD, _ = JOBS


def words_of(server: StandIn) -> list[tuple[str, PaperState]]:
    return [(body.job, body.paper) for body in server.asked if isinstance(body, Printed)]


def square(picture: Image.Image) -> str:
    """What a phone reads on a paper."""
    detector = cv2.QRCodeDetector()
    for side in (1, 2, 3):  # OpenCV's reader misses some squares at any one size
        larger = picture.convert("L").resize((picture.width * side, picture.height * side))
        if read := detector.detectAndDecode(numpy.array(larger))[0]:
            return str(read)
    return ""


async def test_a_paper_for_staff_is_printed_once_and_its_qr_is_the_one_the_server_learns(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await visitor.screen(Screen.START)
        before = visitor.model.visitor
        await server.change(wanted(FIRST, SECOND))
        await until(lambda: len(words_of(server)) == 2)
        assert words_of(server) == [(FIRST, PaperState.CONFIRMED), (SECOND, PaperState.CONFIRMED)]
        assert [name for name, _ in printer.papers] == ["G07", "G07"]
        assert (visitor.model.screen, visitor.model.visitor) == (Screen.START, before)
        for (_, picture), body in zip(
            printer.papers, [body for body in server.asked if isinstance(body, Printed)], strict=True
        ):
            url = square(picture)
            assert url.startswith("https://foyer.example/t/")
            assert hashlib.sha256(url.rsplit("/", 1)[1].encode()).hexdigest() == body.follow_hash
        await server.change({"private": server.rows["private"] | {"open": False}})
        await visitor.ticket()
        await until(lambda: len(printer.papers) == 3)
        assert len(words_of(server)) == 2, "still listed, not printed again"


async def test_a_ticket_for_a_colleague_looks_as_the_kiosks_own(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    """Same language, place, time and code: apart from the QR, not a dot differs."""
    clocks = HandClocks()
    async with running(settings_for(server, tmp_path), printer, clocks) as visitor:
        code = await visitor.ticket()
        await until(lambda: bool(printer.papers) and bool(server.issued))
        ticket = visitor.model.ticket
        assert ticket is not None
        await visitor.leave()
        await server.change(wanted(FIRST, code=code, arrived_at=ticket.taken_at))
        await until(lambda: len(printer.papers) == 2)
        await server.change(wanted(SECOND, code=code, arrived_at=ticket.taken_at, copy=True))
        await until(lambda: len(printer.papers) == 3)
    own, other, copy = (picture for _, picture in printer.papers)
    assert own.size == other.size
    top = (0, 0, own.width, round(own.height * 0.6))
    assert own.crop(top).tobytes() == other.crop(top).tobytes()
    assert square(own) != square(other)
    assert copy.height > own.height, "a copy says that it is one"


async def test_a_visitors_ticket_is_printed_before_what_staff_asked_for_meanwhile(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    printer.gate = threading.Event()
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await visitor.ticket()
        await server.change(wanted(FIRST))
        await until(lambda: bool(visitor.model.offer.wanted))
        assert visitor.model.job is None
        printer.gate.set()
        await until(lambda: len(printer.papers) == 2)
        assert [name for name, _ in printer.papers] == ["K01", "G07"]
        assert visitor.model.screen is Screen.TICKET


@pytest.mark.parametrize("status", [Out(), CoverOpen()])
async def test_without_paper_staff_hear_at_once_that_nothing_came(
    server: StandIn, printer: GoodPrinter, tmp_path: Path, status: Any
) -> None:
    printer.now = status
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await until(lambda: visitor.model.printer.value == status.word)
        await server.change(wanted(FIRST))
        await until(lambda: words_of(server) == [(FIRST, PaperState.NOT_PRINTED)])
        assert printer.papers == []


async def test_the_answer_survives_a_cut_and_a_restart_without_the_server(
    printer: GoodPrinter, tmp_path: Path
) -> None:
    clocks = HandClocks()
    async with standing(StandIn(rows=york_house() | wanted(FIRST), drops=_before_printed)) as server:
        async with running(settings_for(server, tmp_path), printer, clocks):
            await until(lambda: len(printer.papers) == 1)
            await until(lambda: server.tries > 3)
        port = server.port
    async with (
        standing(StandIn(rows=york_house() | wanted(FIRST), now=clocks.true), port) as server,
        running(settings_for(server, tmp_path), printer, clocks),
    ):
        await until(lambda: words_of(server) == [(FIRST, PaperState.CONFIRMED)])
        assert len(printer.papers) == 1


def _before_printed(body: Any) -> str | None:
    return "before" if isinstance(body, Printed) else None


async def test_a_kiosk_that_stops_in_the_middle_of_a_paper_tells_that_it_does_not_know(
    printer: GoodPrinter, tmp_path: Path
) -> None:
    clocks = HandClocks()
    printer.gate = threading.Event()
    async with standing(StandIn(rows=york_house() | wanted(FIRST))) as server:
        async with running(settings_for(server, tmp_path), printer, clocks) as visitor:
            await until(lambda: visitor.model.job == FIRST)
            await until(lambda: _begun(tmp_path))
        assert words_of(server) == []
        again = GoodPrinter()
        async with running(settings_for(server, tmp_path), again, clocks) as visitor:
            await until(lambda: words_of(server) == [(FIRST, PaperState.UNKNOWN)])
            await visitor.ticket()
            await until(lambda: len(again.papers) == 1)
            assert [name for name, _ in again.papers] == ["K01"], "never printed again by itself"
    printer.gate.set()


def _begun(folder: Path) -> bool:
    """Whether the journal has it; the file is locked, so its bytes are looked at."""
    return any(FIRST.encode() in part.read_bytes() for part in folder.glob("journal.db*"))


async def test_a_driver_that_fails_leaves_the_next_paper_possible(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    printer.trouble = RuntimeError("the driver fell over")
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await server.change(wanted(FIRST))
        await until(lambda: words_of(server) == [(FIRST, PaperState.UNKNOWN)])
        printer.trouble = None
        await server.change(wanted(SECOND))
        await until(lambda: words_of(server)[1:] == [(SECOND, PaperState.CONFIRMED)])
        await visitor.ticket()


async def test_the_server_may_refuse_a_word_about_a_paper_without_harm(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    server.refuses = lambda body: RefusalCode.UNKNOWN if isinstance(body, Printed) else None
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await server.change(wanted(FIRST))
        await until(lambda: len(printer.papers) == 1)
        await visitor.ticket()
        await until(lambda: bool(server.issued))
        assert visitor.model.out_of_order is None


async def test_a_test_print_shows_all_scripts_and_no_secret(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    printer.outcome = Confirmed(Low())
    async with running(settings_for(server, tmp_path), printer) as visitor:
        await server.change(wanted(FIRST, what="test", code="", language="", arrived_at=None))
        await until(lambda: words_of(server) == [(FIRST, PaperState.CONFIRMED)])
        assert square(printer.papers[0][1]) == "Foyer test print"
        assert visitor.model.printer.value in ("low", "ready")


# The self-test ----------------------------------------------------------------------------------------------


def self_tests(server: StandIn) -> list[SelfTest]:
    return [body for body in server.asked if isinstance(body, SelfTest)]


def said(test: SelfTest) -> dict[str, Finding]:
    return {finding.part: finding for finding in test.findings}


async def test_it_tests_itself_at_opening_and_when_asked_and_tells_what_is_wrong(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    clocks = HandClocks()
    async with running(settings_for(server, tmp_path), printer, clocks) as visitor:
        visitor.runner.screen = lambda: ScreenSeen((1080, 1920), (1080, 1920), touch=True)
        await until(lambda: len(self_tests(server)) == 1)
        first = said(self_tests(server)[0])
        assert [part for part, finding in first.items() if not finding.fine] == []
        assert set(first) >= {"printer", "journal", "handover", "link", "clock", "words", "fonts", "disk"}
        await until(lambda: visitor.model.tested_on != "")
        printer.now = Out()
        visitor.runner.model = visitor.model.__class__(**{**vars(visitor.model), "test_tried": -1e9})
        asked = server.rows["device:k1"] | {"test_job": FIRST}
        await server.change({"device:k1": asked})
        await until(lambda: len(self_tests(server)) == 2)
        second = self_tests(server)[1]
        assert second.job == FIRST
        assert said(second)["printer"] == Finding(
            part="printer", fine=False, say="There is no paper. Put a new roll in."
        )
        assert said(second)["touch"].fine
    async with running(settings_for(server, tmp_path), printer, clocks) as visitor:
        await visitor.screen(Screen.START)
        await until(lambda: visitor.model.tested_on != "", 2)
        await visitor.ticket()
        await until(lambda: bool(server.issued))
        assert [test.job for test in self_tests(server)][2:] in ([], [FIRST]), (
            "not a second time for the opening"
        )


# Closed by hand, and everyone out -----------------------------------------------------------------------------


async def test_locked_stays_locked_after_a_restart_without_the_server(
    printer: GoodPrinter, tmp_path: Path
) -> None:
    clocks = HandClocks()
    async with standing(StandIn(rows=york_house())) as server:
        async with running(settings_for(server, tmp_path), printer, clocks) as visitor:
            await visitor.screen(Screen.START)
            await server.change({"device:k1": locked()["device:k1"]})
            await visitor.screen(Screen.LOCKED)
            await _kept(visitor, "Being cleaned.")
        port = server.port
    async with running(settings_for(None, tmp_path), printer, clocks) as visitor:
        await visitor.screen(Screen.LOCKED)
        assert visitor.model.locked == "Being cleaned."
    async with (
        standing(StandIn(rows=york_house(), now=clocks.true), port) as server,
        running(settings_for(server, tmp_path), printer, clocks) as visitor,
    ):
        await visitor.ticket()


async def test_everyone_out_clears_the_screen_at_once_and_survives_a_restart_without_the_server(
    printer: GoodPrinter, tmp_path: Path
) -> None:
    clocks = HandClocks()
    async with (
        standing(StandIn(rows=york_house())) as server,
        running(settings_for(server, tmp_path), printer, clocks) as visitor,
    ):
        code = await visitor.ticket(Language.GU)
        assert visitor.model.ticket is not None
        secret = visitor.model.ticket.follow_url.rsplit("/", 1)[1]
        await server.change({"centre": evacuated()["centre"]})
        await visitor.screen(Screen.EVACUATED)
        assert visitor.model.visitor == Visitor()
        assert secret not in repr(visitor.model)
        assert code not in repr(visitor.model)
        await _kept(visitor, "evacuated_at")
    async with running(settings_for(None, tmp_path), printer, clocks) as visitor:
        await visitor.screen(Screen.EVACUATED)
        visitor.tap(e.ChooseLanguage(Language.GU))
        assert visitor.model.screen is Screen.EVACUATED
        clocks.go(DAY)
        visitor.runner.send(e.Tick(visitor.model.steady + 5, clocks.true))
        await visitor.ticket()


async def _kept(visitor: Any, text: str) -> None:
    async def there() -> bool:
        rows = await visitor.runner.in_journal(lambda journal: journal.rows())
        return text in repr(rows)

    await until(there)
