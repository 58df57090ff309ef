"""What reads outside input without a server: frames, a kiosk's feed, scanned codes, a printer's answers, files that are imported, forms, pictures."""

from __future__ import annotations

import functools
import io
import json
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pikepdf
from PIL import Image

from forms.carrying import CannotOpen, unseal
from forms.contact import read_email, read_phone
from forms.form import Form
from forms.form import questions as questions_of
from forms.journey import kept, places
from forms.judging import judge, typed_of
from forms.reading import read_form
from forms.references import KNOWN as KNOWN_REFERENCES
from forms.references import read_postcode, read_reference_of
from forms.rules import judge_all
from hardware.devices import Confirmed, Paper, Refused, Unknown
from hardware.printers.links import LinkError
from hardware.printers.receipt import ReceiptPrinter
from hardware.scanners.strokes import Strokes
from kiosk.flow import events as e
from kiosk.flow.offer import read_offer
from server.centrefile.reading import read as read_centre
from server.domain.booking_lines import Known, read_bookings
from server.domain.gazetteer import read_gazetteer
from server.domain.past_counts import Place, read_file
from server.domain.roster_lines import Account, read_roster, template
from server.papers.checking import check_picture
from server.papers.checking_pdf import check_pdf
from server.papers.unfit import Unfit
from tests.fuzz.dice import Dice
from tests.fuzz.targets import Target
from tests.kiosk.flow.walking import Kiosk, open_kiosk, with_appointments, york_house
from wire import frames
from wire.asks import Health, Help, Issue
from wire.follow import Follower
from wire.packets import MAGIC, Manifest, NotAPacket, Packet, file_of, read_packet, write_packet
from wire.references import read_reference
from wire.vocabulary import PROTOCOL, Activity, HandedIn, Language

TODAY = date(2026, 11, 24)
ZONE = ZoneInfo("Europe/London")
ROOT = Path(__file__).resolve().parents[2]

# Frames -----------------------------------------------------------------------------------------------------------------

ASKS = tuple(
    frames.Ask(id="a" * 32, body=body).model_dump(mode="json")
    for body in (
        Issue(visit="0" * 32, ticket="1" * 32, code="K07", service="council-tax", follow_hash="0" * 64),
        Help(request="2" * 32),
        Health(),
    )
)
HELLO = frames.Hello(protocol=PROTOCOL, cursor=frames.Cursor(epoch="e", seq=3), app="kiosk").model_dump(
    mode="json"
)
TOLD = (
    {"type": "snapshot", "cursor": {"epoch": "e", "seq": 0}, "now": 1_795_514_400_000, "rows": york_house()},
    {"type": "delta", "seq": 1, "put": {"a": {"kind": "message"}}, "drop": ["b"]},
    {"type": "beat", "cursor": {"epoch": "e", "seq": 1}, "now": 1_795_514_400_000},
    {"type": "answer", "id": "a" * 32, "result": {"code": "K07"}},
    {"type": "answer", "id": "a" * 32, "refusal": {"code": "unknown", "say": "No."}},
    {"type": "bye", "code": "restarting", "say": "Back in a moment.", "retry_seconds": 1.0},
)


def heard_by_the_server(dice: Dice) -> None:
    text = dice.json(dice.broken(dice.one_of((*ASKS, HELLO)), 0.6))
    message: str | bytes = dice.mangled(text.encode("utf-8", "replace")) if dice.often(0.1) else text
    with suppress(frames.Malformed):
        frames.read_client_frame(message)


def heard_by_a_kiosk(dice: Dice) -> None:
    """A conversation as a broken or hostile server leads it; afterwards a visitor gets a ticket all the same."""
    follower = Follower("fuzz")
    kiosk = open_kiosk()
    for at in range(dice.random.randint(1, 8)):
        told = dice.one_of(TOLD)
        message: str | bytes = dice.json(dice.broken(told, 0.4))
        try:
            frame = frames.read_server_frame(message)
        except frames.Malformed:
            continue
        if not isinstance(frame, frames.Answer):
            follower.take(frame, float(at))
            follower.server_now(float(at))
            kiosk.send(e.FeedChanged(dict(follower.rows)))
    kiosk.send(e.FeedChanged(york_house()))
    assert_serves(kiosk)


def rows_for_a_kiosk(dice: Dice) -> None:
    rows = {key: dice.broken(row, 0.5) for key, row in with_appointments().items()}
    fit = {key: row for key, row in rows.items() if isinstance(row, dict)}
    read_offer(fit, "k1")
    kiosk = open_kiosk()
    kiosk.send(e.FeedChanged(fit))
    kiosk.send(e.Scanned("BCDFGHJW", kiosk.at))
    for choice in ("money", "home", "appointment"):
        kiosk.tap(e.StartAgain())
        kiosk.tap(e.ChooseNeed(choice))
    kiosk.wait(30, 5)
    kiosk.send(e.FeedChanged(york_house()))
    assert_serves(kiosk)


def assert_serves(kiosk: Kiosk) -> None:
    """Whoever comes next is given a ticket."""
    kiosk.wait(900, 60)
    before = len(kiosk.orders)
    kiosk.tap(e.ChooseLanguage(Language.EN))
    kiosk.tap(e.ChooseNeed("money"))
    assert len(kiosk.orders) > before, f"nobody got a ticket: the kiosk shows {kiosk.model.screen}"


# Codes, keys, printers --------------------------------------------------------------------------------------------------


def scanned(dice: Dice) -> None:
    text = dice.mangled_text(
        dice.one_of(("BCDF-GHJW", "https://queue.example.gov.uk/b/abcdef", "https://foyer.example/t/x", "foyer:begun:abc"))
    ) if dice.often(0.7) else dice.text(3000)  # fmt: skip
    read_reference(text)
    read_postcode(text)
    for known in KNOWN_REFERENCES:
        read_reference_of(text, known=known)
    read_reference_of(text, masks=("AA999999A", "999-999"))
    kiosk = open_kiosk(with_appointments())
    kiosk.send(e.Scanned(text, kiosk.at))
    kiosk.wait(30, 5)
    assert_serves(kiosk)
    strokes, at = Strokes(), 0.0
    for sign in text[:400]:
        strokes.key(sign, at)
        at += dice.random.random() / 10
    strokes.paused(at + 1)


class Babbling:
    """A printer's line that answers anything, late or never, or breaks; time passes only by its own clock."""

    forgets = False
    bytes_per_second = None

    def __init__(self, dice: Dice) -> None:
        self.dice, self.now, self.is_open, self.reads = dice, 0.0, False, 0

    def open(self, seconds: float) -> None:
        self._or_break()
        self.is_open = True

    def write(self, data: bytes, seconds: float) -> None:
        self.now += 0.001
        self._or_break()

    def read(self, seconds: float) -> bytes:
        self.reads += 1
        assert self.reads < 20_000, "it never stops asking"
        self._or_break()
        if self.dice.often(0.4):
            self.now += max(seconds, 0.01)
            return b""
        self.now += max(0.0, seconds) * self.dice.random.random() + 0.0005
        if self.dice.often(0.5):
            return bytes(
                self.dice.one_of((0x12, 0x16, 0x1A, 0x72, 0x32, 0x5F, 0x37, 0x22, 0x00, 0xFF))
                for _ in range(self.dice.count(4))
            )
        return self.dice.signs(12)

    def close(self) -> None:
        self.is_open = False

    def _or_break(self) -> None:
        if self.dice.often(0.02):
            self.is_open = False
            raise LinkError("the line broke", self.dice.random.randrange(3))


TICKET = Image.new("1", (512, 40), 1)


def printer_answers(dice: Dice) -> None:
    line = Babbling(dice)
    confirm: Any = dice.one_of(("paper_sensor", "process_id", "never"))
    printer = ReceiptPrinter(line, Paper(dots=512), confirm=confirm, clock=lambda: line.now)
    for number in range(3):
        begun = line.now
        printer.status()
        outcome = printer.print(TICKET, f"K{number}")
        assert isinstance(outcome, (Confirmed, Refused, Unknown)), outcome
        assert line.now - begun < 30, "it waited too long"
    printer.close()


# Files ------------------------------------------------------------------------------------------------------------------

PLACE = Place("York House", "york-house", ZONE, TODAY, frozenset({"elsewhere"}))
KNOWN = Known(
    ZONE, TODAY, {"council tax": "council-tax", "council-tax": "council-tax"}, {"ann example": 1}, {"room 1": 2},
    {"english": "en"}, {"council-tax": {"bill": {}}},
)  # fmt: skip
CSVS = (
    b"centre,period_start,period_end,activity,visitors\r\nYork House,2025-01-06,2025-01-12,telephone,120\r\n",
    b"centre,door,from,until,in,out\r\nYork House,front,2025-01-06 10:00,2025-01-06 10:15,12,3\r\n",
    b"centre,year,visitors,months\r\nYork House,2023,120000,12\r\n",
    b"date,time,service,name,phone,email\r\n2026-11-25,10:00,Council tax,Meera Patel,07700 900123,\r\n",
    b"UPRN,POSTCODE,ADDRESS\r\n100030333000,LE1 1AA,1 High Street Leicester\r\n",
)


def tables(dice: Dice) -> None:
    body = dice.one_of((*CSVS, template(TODAY, "Council tax").encode(), _sample()))
    if dice.often(0.6):
        lines = body.splitlines(keepends=True)
        cells = dice.one_of(lines).split(b",")
        cells[dice.random.randrange(len(cells))] = dice.text(80).encode("utf-8", "replace")
        body = b"".join([*lines, b",".join(cells)])
    if dice.often(0.7):
        body = dice.mangled(body)
    if dice.often(0.05):
        body = dice.one_of(
            (
                body.decode("utf-8", "replace").encode("utf-16"),
                b"PK\x03\x04" + body,
                b"\xef\xbb\xbf" + body,
                body * 200,
            )
        )
    read_file(body, PLACE, {"telephone": Activity.TELEPHONE})
    read_bookings(body, KNOWN)
    read_roster(body, [Account(1, "Ann Example", "ann")], {"council-tax": "Council tax"})
    read_gazetteer(body)


@functools.cache
def _sample() -> bytes:
    return b"\r\n".join((ROOT / "docs/samples/york-house-2023-q1.csv").read_bytes().splitlines()[:30])


@functools.cache
def _centre_text() -> str:
    return (ROOT / "server/centrefile/york-house.toml").read_text(encoding="utf-8")


def centre_files(dice: Dice) -> None:
    text = _centre_text()
    lines = text.splitlines()
    for _ in range(1 + dice.count(6)):
        at = dice.random.randrange(len(lines))
        match dice.random.randrange(4):
            case 0:
                name, equals, _ = lines[at].partition("=")
                lines[at] = f"{name}{equals} {dice.json(dice.value(2))}"
            case 1:
                lines[at] = dice.mangled_text(lines[at])
            case 2:
                lines.insert(at, dice.one_of(lines))
            case _:
                del lines[at]
    read_centre("\n".join(lines))


# Forms ------------------------------------------------------------------------------------------------------------------


@functools.cache
def _library() -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8") for path in sorted((ROOT / "forms/library").glob("*.y*ml")))


@functools.cache
def _forms() -> tuple[Form, ...]:
    return tuple(form for text in _library() if isinstance(form := read_form(text), Form))


def answers(dice: Dice) -> None:
    form = dice.one_of(_forms())
    given: dict[str, Any] = {}
    for question, _group in questions_of(form):
        typed = dice.one_of(
            (
                dice.text(200),
                [dice.text(20)],
                {"day": dice.text(4), "month": "2", "year": dice.text(6)},
                dice.value(2),
            )
        )
        found = judge(question, typed, TODAY)
        typed_of(question, found if dice.often(0.5) else dice.value(2))
        given[question.key] = dice.value(2) if dice.often(0.5) else found
        read_phone(dice.text(40))
        read_email(dice.text(40))
    judge_all(form, given, TODAY)
    kept(form, given)
    places(form, given)


def form_files(dice: Dice) -> None:
    lines = dice.one_of(_library()).splitlines()
    for _ in range(1 + dice.count(5)):
        at = dice.random.randrange(len(lines))
        lines[at] = dice.one_of(
            (
                dice.mangled_text(lines[at]),
                "  " + lines[at],
                "- " + dice.text(30),
                "a: &a [*a, *a]",
                "? !!python/object:os.system x",
            )
        )
    read_form("\n".join(lines))


def carried(dice: Dice) -> None:
    with suppress(CannotOpen):
        unseal(dice.signs(300), "A" * 22)


# Pictures and packets ---------------------------------------------------------------------------------------------------


@functools.cache
def picture_files() -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    image = Image.effect_noise((60, 40), 60)
    for kind in ("JPEG", "PNG"):
        into = io.BytesIO()
        extra: dict[str, Any] = {"exif": b"Exif\x00\x00MM\x00*" + b"\x00" * 30} if kind == "JPEG" else {}
        image.save(into, kind, **extra)
        made[f"image/{kind.lower()}"] = into.getvalue()
    into = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(into)
    made["application/pdf"] = into.getvalue()
    return made


def pictures(dice: Dice) -> None:
    """Truncated, mangled, huge by their head, two things at once, called what they are not. They are fit or unfit, and bounded in memory and time."""
    kind = dice.one_of(sorted(picture_files()))
    body = picture_files()[kind]
    if dice.often(0.85):
        body = dice.mangled(body)
    if dice.often(0.1):
        body += dice.one_of((b"PK\x03\x04", b"<script>", b"%PDF-1.4", body)) * 3
    if dice.often(0.05):
        kind = dice.one_of(sorted(picture_files()))
    with suppress(Unfit):
        if kind == "application/pdf":
            check_pdf(body)
        else:
            found = check_picture(kind, body)
            assert found.width * found.height < 200_000_000


@functools.cache
def _packet() -> bytes:
    body = picture_files()["image/png"]
    manifest = Manifest(
        id="0" * 32,
        kind=HandedIn.FORM,
        reference="BCDFGHJW",
        what="change-of-address",
        answers={"name": "Meera"},
        files=(file_of("1.png", "image/png", body),),
    )
    return write_packet(Packet(manifest, {"1.png": body}))


def packets(dice: Dice) -> None:
    """What a kiosk hands in, mangled: as a whole, in its manifest, in the lengths it tells."""
    body = _packet()
    if dice.often(0.5):
        start = len(MAGIC) + 4
        length = int.from_bytes(body[len(MAGIC) : start], "big")
        document = dice.broken(json.loads(body[start : start + length]), 0.5)
        manifest = dice.json(document).encode("utf-8", "replace")
        told = len(manifest) if dice.often(0.8) else dice.random.randrange(2**32)
        body = MAGIC + told.to_bytes(4, "big") + manifest + body[start + length :]
    else:
        body = dice.mangled(body)
    with suppress(NotAPacket):
        read_packet(body)


READERS = (
    Target("frames", heard_by_the_server),
    Target("kiosk-feed", heard_by_a_kiosk),
    Target("kiosk-rows", rows_for_a_kiosk),
    Target("codes", scanned),
    Target("printer", printer_answers),
    Target("tables", tables),
    Target("centre-file", centre_files),
    Target("answers", answers),
    Target("form-files", form_files),
    Target("carried", carried),
    Target("pictures", pictures),
    Target("packets", packets),
)
