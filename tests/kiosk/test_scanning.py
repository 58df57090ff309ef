"""The scan station at work, without a screen: a simulated plate, real sealing, a real spool, a real line, and everything that goes wrong around them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import qrcode

from hardware.devices import Out
from hardware.plates.simulated import SimulatedPlate
from kiosk.album import ALBUM
from kiosk.flow import events as e
from kiosk.flow.model import Screen
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.shown import At, Hint, Scanning
from tests.kiosk.desk import MARK, Desk, opened
from tests.kiosk.flow.walking import york_house
from tests.kiosk.plates import SIZE, laid, page
from tests.kiosk.standin import StandIn, standing, until
from tests.kiosk.visiting import GoodPrinter, Visiting, printer, quick, running, settings_for
from wire.asks import Help, Issue
from wire.device_asks import Use
from wire.vocabulary import HandedIn, Language, PaperState, UseEnd

__all__ = ["printer", "quick"]

A_WHILE = 30.0


def rows(desk: Desk | None, **more: Any) -> dict[str, Any]:
    purpose = {
        "kind": "purpose", "id": "benefits", "names": {"en": "Benefits"}, "icon": "money", "order": 1, "asks": {"en": "Your reference"},
        "ready": {"en": "Payslips"}, "keep_days": 28, "whom": {"en": "The desk by the door"}, "service": "tax",
    }  # fmt: skip
    other = purpose | {"id": "parking", "names": {"en": "Parking"}, "order": 2, "asks": {}, "service": ""}
    key = {"hand_in": {"kind": "hand_in", "recipients": ["age1notakey"]}}
    found = york_house() | {"purpose:benefits": purpose, "purpose:parking": other}
    return found | (dict(desk.rows()) if desk is not None else key) | more


@pytest.fixture(autouse=True)
def nimble(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, in less time."""
    monkeypatch.setattr("kiosk.scanning.RATE", 25.0)
    monkeypatch.setattr("kiosk.scanning.SLOW", 10.0)
    monkeypatch.setattr("kiosk.scanning.LEFT_SECONDS", 0.3)
    monkeypatch.setattr("hardware.vision.pages.watching.STILL_SECONDS", 0.25)
    monkeypatch.setattr("hardware.vision.pages.plate.FROZEN_SECONDS", 0.5)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with opened(Desk()) as up:
        yield up


@pytest.fixture
def plate() -> SimulatedPlate:
    return SimulatedPlate(SIZE)


class Scanner(Visiting):
    """A visitor with papers."""

    plate: SimulatedPlate
    server: StandIn

    @property
    def scanning(self) -> Scanning:
        return self.model.visitor.scanning or Scanning()

    async def step(self, step: At) -> None:
        await until(lambda: self.model.screen is Screen.SCAN and self.scanning.at is step, A_WHILE)

    async def to_plate(self, purpose: str = "benefits") -> None:
        await self.screen(Screen.START)
        await until(lambda: bool(self.model.offer.purposes) and self.model.plate == "ready", A_WHILE)
        self.tap(e.ChooseLanguage(Language.GU))
        self.tap(e.ChooseNeed("_scan"))
        self.tap(a.ChoosePurpose(purpose))
        if purpose == "benefits":
            self.tap(a.Without())
        self.tap(a.GoOn())
        await self.step(At.PLATE)

    async def lay(self, *numbers: int, mark: str = "") -> None:
        """One page after another, each until it was taken."""
        for number in numbers:
            before = len(self.scanning.pages)
            self.plate.put(laid(page(number, mark)))
            await until(partial(self._has, before + 1), A_WHILE)

    def _has(self, count: int) -> bool:
        return len(self.scanning.pages) == count

    async def send(self) -> None:
        self.tap(a.AllDone())
        await self.step(At.CHECK)
        self.tap(a.Send())

    def uses(self) -> list[Use]:
        return [body for body in self.server.asked if isinstance(body, Use)]


@asynccontextmanager
async def station(
    desk: Desk, plate: SimulatedPlate, printer: GoodPrinter, state: Path, dpi: int = 100, **more: Any
) -> AsyncIterator[Scanner]:
    """At half of what is usual, pages are made four times as fast."""
    async with standing(StandIn(rows=rows(desk) | more)) as server:
        usual = settings_for(server, state, desk.url)
        settings = usual.model_copy(update={"plate": replace(usual.plate, dpi=dpi)})
        async with running(settings, printer, plate=plate) as visiting:
            scanner = Scanner(visiting.runner)
            scanner.plate, scanner.server = plate, server
            yield scanner


def like(body: bytes, number: int) -> float:
    """How like the page that was laid there this file is, as a correlation of their print."""
    made = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert made is not None
    drawn = cv2.cvtColor(page(number), cv2.COLOR_BGR2GRAY)
    one, other = (
        cv2.GaussianBlur(cv2.resize(each, (620, 877), interpolation=cv2.INTER_AREA), (0, 0), 1.5).astype(
            np.float32
        )
        for each in (made, drawn)
    )
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def _spooled(state: Path) -> list[Path]:
    return list(state.glob("spool/*.age"))


def _on_disk(state: Path) -> bytes:
    """Everything that lies on the station."""
    return b"".join(each.read_bytes() for each in state.rglob("*") if each.is_file())


# The way ------------------------------------------------------------------------------------------------------


async def test_three_pages_from_the_plate_to_the_server(
    desk: Desk, plate: SimulatedPlate, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with station(desk, plate, printer, tmp_path, dpi=200) as visitor:
        await visitor.to_plate()
        await visitor.lay(1, 2, 3)
        await until(lambda: visitor.scanning.hint is Hint.NEXT)
        assert len(ALBUM) == 9
        await visitor.send()
        await visitor.step(At.SENT)
        receipt = visitor.scanning.receipt
        assert receipt is not None
        await until(lambda: desk.order == [receipt.packet], A_WHILE)
        packet = desk.packet(receipt.packet)
        manifest = packet.manifest
        assert (manifest.kind, manifest.reference, manifest.what) == (
            HandedIn.PAPERS,
            receipt.reference,
            "benefits",
        )
        assert (manifest.case, manifest.language) == ("", Language.GU)
        assert [paper.pages for paper in manifest.papers] == [
            ("page-001.jpg", "page-002.jpg", "page-003.jpg")
        ]
        likeness = [
            [like(packet.files[name], number) for number in (1, 2, 3)] for name in manifest.papers[0].pages
        ]
        assert all(row[at] > 0.9 and sorted(row)[-2] < 0.6 for at, row in enumerate(likeness)), likeness
        assert packet.files["page-001.jpg"][13:18] == b"\x01\x00\xc8\x00\xc8", "200 dots to the inch"
        await until(lambda: [job for job, _ in printer.papers] == ["receipt"])
        await until(lambda: visitor.scanning.receipt is not None and visitor.scanning.receipt.received)
        assert visitor.scanning.receipt is not None
        assert visitor.scanning.receipt.paper is PaperState.CONFIRMED
        await until(lambda: visitor.scanning.lies)  # the last page still lies there
        plate.put(None)
        await until(lambda: not visitor.scanning.lies, A_WHILE)
        assert len(ALBUM) == 0
        visitor.tap(e.Done())
        await visitor.screen(Screen.START)
        await until(lambda: bool(visitor.uses()))
        use = visitor.uses()[0]
        assert (use.ended, use.step, use.slug, use.pages, use.retakes) == (
            UseEnd.DONE,
            "sent",
            "benefits",
            3,
            0,
        )
        assert use.language is Language.GU
        assert use.use == manifest.id


async def test_a_page_is_taken_again_only_by_a_finger_and_changed_pages_are_sent_as_they_are_seen(
    desk: Desk, plate: SimulatedPlate, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with station(desk, plate, printer, tmp_path) as visitor:
        await visitor.to_plate("parking")
        await visitor.lay(1)
        plate.put(laid(page(1), at=((0.52, 0.49),), askew=-3.0))
        await until(lambda: visitor.scanning.hint is Hint.SAME, A_WHILE)
        assert len(visitor.scanning.pages) == 1
        visitor.tap(a.TakePicture())
        await until(lambda: len(visitor.scanning.pages) == 2, A_WHILE)
        first, second = visitor.scanning.pages
        visitor.tap(a.ShowPage(second.id))
        visitor.tap(a.DeletePage())
        assert visitor.scanning.at is At.CHECK
        visitor.tap(a.ShowPage(first.id))
        visitor.tap(a.TurnPage())
        await until(lambda: visitor.scanning.pages[0].version == 2)
        assert visitor.scanning.pages[0].wide > visitor.scanning.pages[0].high
        visitor.tap(a.ChangeCorners())
        corners = tuple((x + 0.1 * (x < 0.5), y) for x, y in visitor.scanning.pages[0].corners)
        visitor.tap(a.MoveCorners(corners))
        await until(lambda: visitor.scanning.pages[0].version == 3)
        visitor.tap(a.GoOn())
        visitor.tap(a.SwitchColour())
        await until(lambda: visitor.scanning.pages[0].version == 4)
        visitor.tap(a.Send())
        await visitor.step(At.SENT)
        await until(lambda: len(desk.order) == 1, A_WHILE)
        packet = desk.packet(desk.order[0])
        made = cv2.imdecode(np.frombuffer(packet.files["page-001.jpg"], np.uint8), cv2.IMREAD_COLOR)
        assert list(packet.files) == ["page-001.jpg"]
        assert made is not None
        assert int(np.abs(made[:, :, 0].astype(int) - made[:, :, 2]).max()) < 12, "black and white"
        assert packet.manifest.retakes == 1


async def test_whoever_wants_a_person_gets_a_ticket_and_the_pages_go_with_it(
    desk: Desk, plate: SimulatedPlate, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with station(desk, plate, printer, tmp_path) as visitor:
        await visitor.to_plate()
        await visitor.lay(4)
        visitor.tap(e.AskHelp())
        assert visitor.scanning.at is At.PERSON
        visitor.tap(a.TicketInstead())
        await visitor.screen(Screen.TICKET)
        ticket = visitor.model.ticket
        assert ticket is not None
        await until(lambda: len(desk.order) == 1, A_WHILE)
        manifest = desk.packet(desk.order[0]).manifest
        assert (manifest.kind, manifest.ticket, len(manifest.files)) == (HandedIn.BEGUN, ticket.id, 1)
        await until(
            lambda: any(isinstance(body, Issue) and body.service == "tax" for body in visitor.server.asked)
        )
        await until(lambda: bool(visitor.uses()))
        assert visitor.uses()[0].ended is UseEnd.PERSON
        assert len(ALBUM) == 0


async def test_a_letter_laid_there_says_by_its_square_what_it_is_about(
    desk: Desk, plate: SimulatedPlate, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with station(desk, plate, printer, tmp_path) as visitor:
        await visitor.screen(Screen.START)
        await until(lambda: bool(visitor.model.offer.purposes) and visitor.model.plate == "ready", A_WHILE)
        letter = page(20).copy()
        square = qrcode.make("https://foyer.example/hand-in/benefits/HB-20", box_size=8).convert("L")
        letter[60 : 60 + square.height, 800 : 800 + square.width] = np.asarray(square)[:, :, None]
        plate.put(laid(letter))
        visitor.tap(e.ChooseLanguage(Language.EN))
        visitor.tap(e.ChooseNeed("_scan"))
        await visitor.step(At.BEFORE)
        assert (visitor.scanning.purpose, visitor.scanning.case) == ("benefits", "HB-20")
        visitor.tap(a.GoOn())
        await until(lambda: len(visitor.scanning.pages) == 1, A_WHILE)  # and it is the first page


# What goes wrong ----------------------------------------------------------------------------------------------


async def test_what_cannot_be_sealed_or_has_no_room_stays_here_and_is_sent_when_it_can_be(
    desk: Desk, plate: SimulatedPlate, printer: GoodPrinter, tmp_path: Path
) -> None:
    printer.now = Out()
    wrong: dict[str, Any] = {"hand_in": {"kind": "hand_in", "recipients": ["age1notakey"]}}
    async with station(desk, plate, printer, tmp_path, **wrong) as visitor:
        await visitor.to_plate("parking")
        await visitor.lay(5)
        await visitor.send()
        await visitor.step(At.FAILED)
        assert (visitor.scanning.failed, len(visitor.scanning.pages), len(ALBUM)) == ("seal", 1, 3)
        assert _spooled(tmp_path) == []
        visitor.runner.send(e.FeedChanged(rows(desk)))
        visitor.runner.handing_in.rows(rows(desk))
        spool = visitor.runner.handing_in.spool
        usual, spool._reserve = spool._reserve, 1 << 60  # as much room as no disk has
        visitor.tap(a.Send())
        await until(lambda: visitor.scanning.failed == "disk", A_WHILE)
        assert (len(visitor.scanning.pages), len(ALBUM), _spooled(tmp_path)) == (1, 3, [])
        spool._reserve = usual
        visitor.tap(a.Send())
        await visitor.step(At.SENT)
        await until(lambda: len(desk.order) == 1, A_WHILE)
        assert visitor.scanning.receipt is not None
        assert visitor.scanning.receipt.paper is PaperState.NOT_PRINTED
        assert printer.papers == []


async def test_with_the_line_down_it_is_kept_locked_and_nothing_of_it_lies_on_the_disk(
    desk: Desk, plate: SimulatedPlate, printer: GoodPrinter, tmp_path: Path
) -> None:
    desk.does = lambda packet, tries: 503
    async with station(desk, plate, printer, tmp_path) as visitor:
        await visitor.to_plate("parking")
        await visitor.lay(6, mark=MARK)
        visitor.tap(a.AllDone())
        visitor.tap(a.AskReceipt())
        visitor.tap(a.ByText())
        for sign in "07700900123":
            visitor.tap(a.Type(sign))
        visitor.tap(a.GoOn())
        assert visitor.scanning.phone == "+447700900123"
        visitor.tap(a.Send())
        await visitor.step(At.SENT)
        assert visitor.scanning.receipt is not None
        reference = visitor.scanning.receipt.reference
        assert not visitor.scanning.receipt.received
        await until(lambda: bool(desk.tries))
        assert len(_spooled(tmp_path)) == 1
        on_disk = _on_disk(tmp_path)
        for planted in (b"\xff\xd8\xff", b"7700900123", b"JFIF"):
            assert planted not in on_disk
        desk.does = lambda packet, tries: None
        visitor.runner.handing_in.wake()
        await until(lambda: len(desk.order) == 1, A_WHILE)
        assert desk.packet(desk.order[0]).manifest.reference == reference
        assert desk.packet(desk.order[0]).manifest.phone == "+447700900123"


async def test_who_walks_away_leaves_nothing_but_the_paper_and_that_is_told(
    desk: Desk, plate: SimulatedPlate, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with station(desk, plate, printer, tmp_path) as visitor:
        await visitor.to_plate()
        await visitor.lay(7)
        before = visitor.scanning.session
        visitor.tap(e.StartAgain())
        await visitor.screen(Screen.START)
        await until(lambda: len(ALBUM) == 0)
        await until(lambda: visitor.model.station.left, A_WHILE)
        assert visitor.model.banner is not None
        assert visitor.model.banner[0].key == "scan.left_title"
        await until(lambda: any(isinstance(body, Help) for body in visitor.server.asked))
        await visitor.to_plate()  # the next, while it still lies there
        assert visitor.scanning.session > before
        await until(lambda: visitor.scanning.hint is Hint.FOREIGN, A_WHILE)
        assert visitor.scanning.pages == ()
        plate.put(None)
        await until(lambda: visitor.scanning.hint is Hint.LAY, A_WHILE)
        await visitor.lay(8)
        visitor.tap(e.HideNow())
        await until(lambda: len(visitor.uses()) == 2)
        assert [use.ended for use in visitor.uses()] == [UseEnd.CANCELLED, UseEnd.CANCELLED]
        plate.put(None)
        await until(lambda: not visitor.model.station.left, A_WHILE)


async def test_a_camera_that_cannot_see_is_said(
    desk: Desk, plate: SimulatedPlate, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with station(desk, plate, printer, tmp_path) as visitor:
        await visitor.to_plate("parking")
        await until(lambda: visitor.scanning.hint is Hint.LAY)
        levers = (
            (plate.set_black, "black", Hint.BLACK),
            (plate.set_plugged, "plugged", Hint.CAMERA),
            (plate.set_frozen, "frozen", Hint.FROZEN),
        )
        for lever, name, hint in levers:
            lever(**{name: name != "plugged"})
            await until(lambda hint=hint: visitor.model.station.trouble is hint, A_WHILE)
            lever(**{name: name == "plugged"})
            await until(lambda: visitor.model.station.trouble is None, A_WHILE)
        plate.put(laid(page(9), at=((0.5, 0.9),)))
        await until(lambda: visitor.scanning.hint is Hint.OUTSIDE, A_WHILE)
        plate.put(
            laid(*(page(n)[:540, :856].copy() for n in (10, 11)), at=((0.3, 0.3), (0.7, 0.7)), high=0.26)
        )
        await until(lambda: len(visitor.scanning.pages) == 2, A_WHILE)
        assert [shown.begins for shown in visitor.scanning.pages] == [True, True]


async def test_a_late_answer_is_nobodys(
    desk: Desk, plate: SimulatedPlate, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with station(desk, plate, printer, tmp_path) as visitor:
        await visitor.to_plate("parking")
        plate.put(laid(page(12)))
        await until(lambda: bool(visitor.scanning.working), A_WHILE)
        visitor.tap(e.HideNow())  # while the picture is being taken
        plate.put(None)
        await until(lambda: not visitor.model.station.left and len(ALBUM) == 0, A_WHILE)
        await visitor.to_plate("parking")
        await visitor.lay(13)
        assert len(visitor.scanning.pages) == 1
        assert len(ALBUM) == 3
        await visitor.send()
        await visitor.step(At.SENT)
        await until(lambda: len(desk.order) == 1, A_WHILE)
        packet = desk.packet(desk.order[0])
        assert list(packet.files) == ["page-001.jpg"]
        assert like(packet.files["page-001.jpg"], 13) > 0.9
