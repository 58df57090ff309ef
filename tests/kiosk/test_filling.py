"""Forms at work, without a screen: texts over real HTTP, real sealing, a real spool, a real line, and what goes wrong around them."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from forms.carrying import Begun as Carried
from forms.carrying import BegunFile, id_of, seal, secret_of, unseal
from forms.versions import digest_of
from kiosk.filling import read_addresses
from kiosk.flow import events as e
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.shown import At, Filling
from kiosk.flow.model import Screen
from kiosk.form_packing import signature_png
from kiosk.form_texts import FormTexts
from kiosk.speaking import Speaking
from tests.kiosk import desk as desks
from tests.kiosk.flow.walking import york_house
from tests.kiosk.screens.form_scenes import LIBRARY
from tests.kiosk.standin import StandIn, standing, until
from tests.kiosk.visiting import GoodPrinter, Visiting, printer, quick, running, settings_for
from wire.device_asks import Use
from wire.vocabulary import HandedIn, Language, UseEnd

__all__ = ["printer", "quick"]

SLUG = "feedback-on-your-visit"
TEXT = (LIBRARY / f"{SLUG}.yaml").read_text("utf-8")
MARK = "Zanzibar"
A_WHILE = 30.0


class House(desks._At):
    """The desk, with the texts of forms and what is carried to and from phones."""

    def do_GET(self) -> None:  # noqa: N802  # the library's name
        path = urlsplit(self.path).path
        state: Any = self.desk
        if path.startswith("/api/forms/"):
            state.asked += 1
            self.give(state.text.encode(), 200 if state.gives else 503)
        elif path.startswith("/api/carried/"):
            self.give(json.dumps({"state": state.carried_state}).encode())
        else:
            self.give(b"{}", 404)

    def do_PUT(self) -> None:  # noqa: N802  # the library's name
        if not self.path.startswith("/api/carried/"):
            super().do_PUT()
            return
        state: Any = self.desk
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        state.carried[url.path.rsplit("/", 1)[1]] = (parse_qs(url.query), body)
        self.give(b'{"state": "waiting"}')

    def do_DELETE(self) -> None:  # noqa: N802  # the library's name
        state: Any = self.desk
        state.taken_back.append(self.path.rsplit("/", 1)[1])
        self.give(b'{"state": "over"}')

    def do_POST(self) -> None:  # noqa: N802  # the library's name
        state: Any = self.desk
        name = self.path.split("/")[3]
        held = state.begun.get(name)
        self.give(held or b"", 200 if held else 404)

    def give(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Desk(desks.Desk):
    def __init__(self) -> None:
        super().__init__()
        self.text, self.gives, self.asked = TEXT, True, 0
        self.carried: dict[str, tuple[dict[str, list[str]], bytes]] = {}
        self.carried_state = "waiting"
        self.taken_back: list[str] = []
        self.begun: dict[str, bytes] = {}


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    server = desks._Server(("127.0.0.1", 0), type("_HouseThis", (House,), {"desk": desk}))
    desk.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield desk
    server.shutdown()
    server.server_close()
    thread.join()


def rows(desk: Desk) -> dict[str, Any]:
    form = {
        "kind": "form", "id": SLUG, "names": {"en": "Feedback"}, "help": {"en": ""}, "icon": "advice", "order": 1, "version": 1,
        "digest": digest_of(TEXT), "minutes": 1, "service": "tax", "synonyms": [],
    }  # fmt: skip
    return york_house() | dict(desk.rows()) | {f"form:{SLUG}": form}


class Filler(Visiting):
    server: StandIn

    @property
    def filling(self) -> Filling:
        return self.model.visitor.filling or Filling()

    async def step(self, at: At) -> None:
        await until(lambda: self.filling.at is at, A_WHILE)

    async def begin(self) -> None:
        await self.screen(Screen.START)
        await until(lambda: bool(self.model.offer.forms), A_WHILE)
        self.tap(e.ChooseLanguage(Language.GU))
        self.tap(e.ChooseNeed("_form"))
        self.tap(a.ChooseForm(SLUG))
        await self.step(At.START)
        self.tap(a.StartForm())

    def answer(self) -> None:
        """Everything, with something typed."""
        for _ in range(8):
            question = self.filling.question
            if question is None:
                return
            if question.options:
                self.tap(a.Choose(question.options[-1].value))
            else:
                self.tap(a.Type(f"{MARK} {question.key}"))
                self.tap(a.GoOn())

    def uses(self) -> list[Use]:
        return [body for body in self.server.asked if isinstance(body, Use)]


@asynccontextmanager
async def kiosk(desk: Desk, printer: GoodPrinter, state: Path) -> AsyncIterator[Filler]:
    async with (
        standing(StandIn(rows=rows(desk))) as server,
        running(settings_for(server, state, desk.url), printer) as visiting,
    ):
        filler = Filler(visiting.runner)
        filler.server = server
        yield filler


def texts_on(state: Path) -> list[Path]:
    return list(state.glob("forms/*.yaml"))


def on_disk(state: Path) -> bytes:
    return b"".join(each.read_bytes() for each in state.rglob("*") if each.is_file())


async def test_a_form_reaches_the_server_once_and_nothing_of_it_stays(
    desk: Desk, printer: GoodPrinter, tmp_path: Path
) -> None:
    deeds: dict[int, desks.Deed] = {1: "cut", 2: "cut_after"}
    desk.does = lambda packet, tries: deeds.get(tries)
    async with kiosk(desk, printer, tmp_path) as filler:
        await filler.begin()
        filler.answer()
        await filler.step(At.CHECK)
        assert MARK.encode() not in on_disk(tmp_path)
        filler.tap(a.Send())
        await filler.step(At.SENT)
        receipt = filler.filling.receipt
        assert receipt is not None
        await until(lambda: bool(filler.filling.receipt and filler.filling.receipt.received), A_WHILE)
        packet = desk.packet(receipt.packet)
        assert packet.manifest.kind is HandedIn.FORM
        assert packet.manifest.reference == receipt.reference
        assert (packet.manifest.what, packet.manifest.version, packet.manifest.language) == (
            SLUG,
            1,
            Language.GU,
        )
        assert MARK in json.dumps(packet.manifest.answers)
        assert desk.order == [receipt.packet]
        assert not desk.other_bodies
        await until(lambda: any(name == "receipt" for name, _ in printer.papers), A_WHILE)
        filler.tap(e.Done())
        await until(lambda: [use.ended for use in filler.uses()] == [UseEnd.DONE], A_WHILE)
        assert MARK.encode() not in on_disk(tmp_path)
        assert MARK not in repr(filler.model)


async def test_forms_work_without_a_line_once_their_texts_are_here(
    desk: Desk, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with kiosk(desk, printer, tmp_path):
        await until(lambda: bool(texts_on(tmp_path)), A_WHILE)
    desk.gives = False
    asked = desk.asked
    async with kiosk(desk, printer, tmp_path) as filler:
        await filler.begin()
        assert filler.filling.place is not None
        assert desk.asked == asked, "it was here already"


async def test_a_text_that_is_not_the_one_the_feed_names_is_no_form(
    desk: Desk, printer: GoodPrinter, tmp_path: Path
) -> None:
    desk.text = TEXT + "\n# Another"
    async with kiosk(desk, printer, tmp_path) as filler:
        await filler.screen(Screen.START)
        filler.tap(e.ChooseLanguage(Language.EN))
        filler.tap(e.ChooseNeed("_form"))
        filler.tap(a.ChooseForm(SLUG))
        await filler.step(At.NOT_OPENED)
        assert not texts_on(tmp_path)


async def test_what_was_begun_goes_with_the_ticket(desk: Desk, printer: GoodPrinter, tmp_path: Path) -> None:
    async with kiosk(desk, printer, tmp_path) as filler:
        await filler.begin()
        filler.answer()
        await filler.step(At.CHECK)
        filler.tap(a.WantPerson())
        filler.tap(a.TicketInstead())
        await filler.screen(Screen.TICKET)
        await until(lambda: len(desk.order) == 1, A_WHILE)
        manifest = desk.packet(desk.order[0]).manifest
        assert manifest.kind is HandedIn.BEGUN
        assert filler.model.ticket is not None
        assert manifest.ticket == filler.model.ticket.id
        assert MARK in json.dumps(manifest.answers)


async def test_a_form_goes_on_on_a_phone_and_this_kiosk_is_wiped(
    desk: Desk, printer: GoodPrinter, tmp_path: Path
) -> None:
    async with kiosk(desk, printer, tmp_path) as filler:
        await filler.begin()
        filler.answer()
        await filler.step(At.CHECK)
        filler.tap(a.CarryOn())
        await until(lambda: bool(filler.filling.carried.url), A_WHILE)
        secret = filler.filling.carried.url.rsplit("/", 1)[1]
        name = id_of(secret_of(secret, "https://foyer.example/"))
        query, sealed = desk.carried[name]
        begun = unseal(sealed, secret)
        assert MARK in json.dumps(begun.answers)
        assert query == {"slug": [SLUG], "version": ["1"], "language": ["gu"]}
        assert MARK.encode() not in sealed
        desk.carried_state = "opened"
        await filler.screen(Screen.START)
        assert MARK not in repr(filler.model)
        await until(lambda: [use.ended for use in filler.uses()] == [UseEnd.PHONE], A_WHILE)
        assert not desk.taken_back


async def test_who_goes_back_takes_it_back(desk: Desk, printer: GoodPrinter, tmp_path: Path) -> None:
    async with kiosk(desk, printer, tmp_path) as filler:
        await filler.begin()
        filler.tap(a.CarryOn())
        await until(lambda: bool(filler.filling.carried.url), A_WHILE)
        filler.tap(e.GoBack())
        await until(lambda: desk.taken_back == list(desk.carried), A_WHILE)
        assert filler.filling.at is At.PAGE


async def test_a_form_begun_on_a_phone_goes_on_here(desk: Desk, printer: GoodPrinter, tmp_path: Path) -> None:
    secret = "s" * 43
    begun = Carried(
        SLUG, 1, "gu", {"satisfaction": "good"}, {"photo-1.jpg": BegunFile("image/jpeg", b"x")}, at="sorted"
    )
    desk.begun[id_of(secret)] = seal(begun, secret)
    async with kiosk(desk, printer, tmp_path) as filler:
        await filler.screen(Screen.START)
        await until(lambda: bool(filler.model.offer.forms), A_WHILE)
        filler.at = max(filler.at, filler.model.steady) + 1
        filler.runner.send(e.Scanned(f"https://foyer.example/carry-on/{secret}", filler.at))
        await until(lambda: filler.filling.at is At.PAGE, A_WHILE)
        assert filler.filling.answers == {"satisfaction": "good"}
        assert filler.filling.place is not None
        assert filler.filling.place.key == "sorted"


# The pieces ---------------------------------------------------------------------------------------------------


def test_a_signature_is_drawn_where_the_finger_went() -> None:
    picture = Image.open(io.BytesIO(signature_png((((0.1, 0.5), (0.9, 0.5)), ((0.5, 0.9),)))))
    assert picture.size == (900, 300)
    assert picture.getpixel((450, 150)) == 0
    assert picture.getpixel((450, 270)) == 0
    assert picture.getpixel((450, 30)) == 255


def test_addresses_are_read_with_care() -> None:
    assert read_addresses(b"<html>") is None
    assert read_addresses(b'{"addresses": 3}') is None
    found = read_addresses(
        b'{"addresses": [{"lines": ["1 Road"], "postcode": "LE1 6RN", "uprn": "7"}, {"lines": 4}, 5]}'
    )
    assert found is not None
    assert [each.lines for each in found] == [("1 Road",)]


def test_a_text_whose_file_was_damaged_is_not_believed(tmp_path: Path) -> None:
    texts = FormTexts(tmp_path)
    digest = digest_of(TEXT)
    assert texts.keep(digest, TEXT.encode())
    assert texts.form(digest) is not None
    (tmp_path / f"{digest}.yaml").write_text(TEXT[:-40], "utf-8")
    assert texts.form(digest) is None
    assert not texts.have(digest)
    assert not texts.keep(digest, b"\xff\xfe")
    for no_form in (b"\xff\xfe", b"<html>"):
        other = hashlib.sha256(no_form).hexdigest()
        assert texts.keep(other, no_form), "it is what the feed names"
        assert texts.form(other) is None
    texts.sweep(frozenset())
    assert list(tmp_path.iterdir()) == []


async def test_a_page_is_spoken_where_there_is_a_voice(tmp_path: Path) -> None:
    speaking = Speaking(output=str(tmp_path / "said.wav"))
    languages = await speaking.languages()
    if not languages:
        pytest.skip("espeak-ng is not installed on this machine")
    assert Language.GU in languages
    assert await speaking.speak(Language.GU, "કેમ છો")
    assert (tmp_path / "said.wav").stat().st_size > 1000
    assert not await Speaking(program="/nowhere/espeak-ng").speak(Language.EN, "Hello")
    assert await Speaking(program="").languages() == frozenset()
