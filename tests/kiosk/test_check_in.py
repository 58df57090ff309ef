"""A whole kiosk without a screen: real codes before its camera and scanner, a real line to a server, and none."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from hardware.cameras.simulated import SimulatedCamera
from hardware.scanners.simulated import SimulatedScanner
from kiosk.devdock.dock import _code
from kiosk.flow import events as e
from kiosk.flow.found import Standing
from kiosk.flow.model import Screen
from tests.kiosk.clockwork import TUESDAY_TEN, HandClocks
from tests.kiosk.flow.walking import with_appointments
from tests.kiosk.standin import StandIn, standing, until
from tests.kiosk.visiting import GoodPrinter, Visiting, printer, quick, running, settings_for
from wire.asks import AnyAsk, CheckIn, Health, LookUpBooking, SelfTest
from wire.references import arrival_hash, arrival_salt, new_reference
from wire.vocabulary import Language, PartState

__all__ = ["printer", "quick"]

KNOWN = new_reference(lambda signs: signs[2])
NEW = new_reference(lambda signs: signs[9])
AT = TUESDAY_TEN + 20 * 60_000


def expected(reference: str) -> dict[str, dict[str, Any]]:
    hashed = arrival_hash(reference, arrival_salt("york-house", "2026-11-24"))
    row = {
        "kind": "expected",
        "hash": hashed,
        "starts_at": AT,
        "from_at": AT - 30 * 60_000,
        "kept_until_at": AT + 600_000,
    }
    return {f"expected:{hashed}": row | {"where": ""}}


ROWS = with_appointments() | expected(KNOWN)


def _files(folder: Path) -> bytes:
    return b"".join(part.read_bytes() for part in folder.iterdir() if part.is_file())


async def to_code(visitor: Visiting) -> None:
    await visitor.screen(Screen.START)
    await until(lambda: visitor.model.scanner is PartState.READY)
    visitor.tap(e.ChooseLanguage(Language.PL))
    visitor.tap(e.ChooseNeed("appointment"))
    assert visitor.model.screen is Screen.CHECK_IN


async def test_a_code_before_the_camera_is_an_arrival_and_the_camera_is_on_no_longer_than_its_screen(
    printer: GoodPrinter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    camera = SimulatedCamera((640, 480))
    seen: list[Any] = []
    async with standing(StandIn(rows=ROWS)) as server:
        kiosk = running(
            settings_for(server, tmp_path), printer, HandClocks(),
            camera=camera, scanner=SimulatedScanner(), preview=seen.append,
        )  # fmt: skip
        async with kiosk as visitor:
            await until(lambda: any(isinstance(body, SelfTest) for body in server.asked))
            await until(lambda: not camera.on)
            assert camera.looks == 1, "only the self-test has looked through it"
            await to_code(visitor)
            await until(lambda: visitor.model.camera is PartState.READY and bool(seen))
            assert seen[-1].shape[1] <= 420
            camera.hold(_code(f"https://foyer.example/check-in/{KNOWN}"), across=0.5, turned=20)
            await visitor.screen(Screen.TICKET)
            await until(lambda: not camera.on and seen[-1] is None)
            ticket = visitor.model.ticket
            assert ticket is not None
            assert ticket.appointment is not None
            assert (ticket.appointment.standing, ticket.appointment.starts_at) == (Standing.ON_TIME, AT)
            await until(lambda: any(isinstance(body, CheckIn) for body in server.asked))
            told = next(body for body in server.asked if isinstance(body, CheckIn))
            assert (told.reference, told.code, told.language) == (KNOWN, "K01", Language.PL)
            assert not any(isinstance(body, LookUpBooking) for body in server.asked), "known here"
            looks = camera.looks
            await visitor.leave()
            await until(
                lambda: any(isinstance(b, Health) and b.camera is PartState.READY for b in server.asked)
            )
            assert camera.looks == looks
            again = SimulatedScanner
            assert isinstance(visitor.runner.senses.scanner, again)
            visitor.runner.senses.scanner.scan(KNOWN)
            await visitor.screen(Screen.TOLD)
            told_now = visitor.model.checking.told
            assert told_now is not None
            assert (told_now.lead.key, told_now.lead.values) == ("checkin.arrived_lead", {"code": "K01"})
    assert KNOWN not in caplog.text
    assert KNOWN.encode() not in _files(tmp_path)


async def test_a_reference_of_a_minute_ago_is_asked_of_the_server(
    printer: GoodPrinter, tmp_path: Path
) -> None:
    def answers(body: AnyAsk) -> dict[str, Any]:
        times = {"starts_at": AT, "from_at": AT - 600_000 * 3, "kept_until_at": AT}
        return {"found": "today", **times} if isinstance(body, LookUpBooking) else {}

    scanner = SimulatedScanner()
    async with standing(StandIn(rows=ROWS, answers=answers)) as server:
        kiosk = running(settings_for(server, tmp_path), printer, HandClocks(), scanner=scanner)
        async with kiosk as visitor:
            await to_code(visitor)
            scanner.scan(NEW)
            await visitor.screen(Screen.TICKET)
            assert visitor.model.ticket is not None
            assert visitor.model.ticket.appointment is not None
            assert visitor.model.ticket.appointment.standing is Standing.ON_TIME
            await until(lambda: any(isinstance(body, CheckIn) for body in server.asked))


async def test_without_a_line_today_is_known_a_new_one_believed_and_both_are_told_later(
    printer: GoodPrinter, tmp_path: Path
) -> None:
    scanner, clocks = SimulatedScanner(), HandClocks()
    async with standing(StandIn(rows=ROWS)) as server:
        kiosk = running(settings_for(server, tmp_path), printer, clocks, scanner=scanner)
        async with kiosk as visitor:
            await visitor.screen(Screen.START)
            await until(lambda: bool(visitor.model.offer.expected))
        # The line is cut and the kiosk restarted: it knows what it was told last.
    async with running(settings_for(None, tmp_path), printer, clocks, scanner=scanner) as visitor:
        for reference, standing_ in ((KNOWN, Standing.ON_TIME), (NEW, Standing.UNSURE)):
            await to_code(visitor)
            scanner.scan(reference)
            await visitor.screen(Screen.TICKET)
            assert visitor.model.ticket is not None
            assert visitor.model.ticket.appointment is not None
            assert visitor.model.ticket.appointment.standing is standing_
            await until(
                lambda: visitor.model.ticket is not None and visitor.model.ticket.code in dict(printer.papers)
            )
            await visitor.leave()
    async with standing(StandIn(rows=ROWS)) as server:
        async with running(settings_for(server, tmp_path), printer, clocks):
            await until(lambda: len([body for body in server.asked if isinstance(body, CheckIn)]) == 2)
        told = [(body.reference, body.code) for body in server.asked if isinstance(body, CheckIn)]
        assert told == [(KNOWN, "K01"), (NEW, "K02")]


async def test_a_server_that_does_not_answer_a_look_up_keeps_nobody_waiting(
    printer: GoodPrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.looking.ANSWER_SECONDS", 0.05)
    scanner = SimulatedScanner()
    async with standing(StandIn(rows=ROWS)) as server:
        kiosk = running(settings_for(server, tmp_path), printer, HandClocks(), scanner=scanner)
        async with kiosk as visitor:
            await to_code(visitor)
            server.mute = True
            scanner.scan(NEW)
            await visitor.screen(Screen.TICKET)
            assert visitor.model.ticket is not None
            assert visitor.model.ticket.appointment is not None
            assert visitor.model.ticket.appointment.standing is Standing.UNSURE
            server.mute = False


async def test_a_camera_that_is_pulled_is_told_and_the_reference_can_be_typed(
    printer: GoodPrinter, tmp_path: Path
) -> None:
    camera, scanner = SimulatedCamera((640, 480)), SimulatedScanner()
    async with standing(StandIn(rows=ROWS)) as server:
        kiosk = running(settings_for(server, tmp_path), printer, HandClocks(), camera=camera, scanner=scanner)
        async with kiosk as visitor:
            await to_code(visitor)
            camera.set_plugged(plugged=False)
            await until(lambda: visitor.model.camera is PartState.MISSING)
            assert visitor.model.check_in_hint is None, "the scanner is there"
            scanner.set_plugged(plugged=False)
            await until(lambda: visitor.model.scanner is not PartState.READY)
            assert visitor.model.check_in_hint is not None
            assert visitor.model.check_in_hint.key == "checkin.hint_camera"
            visitor.tap(e.TypeReference())
            for sign in KNOWN:
                visitor.tap(e.TypeSign(sign))
            await visitor.screen(Screen.TICKET)
