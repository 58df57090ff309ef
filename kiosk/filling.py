"""Forms at work: carries out what their journey wants, and tells what came of it.

One visitor is one session: their photographs, the name of their packet. Whatever is answered names the session it was asked in, and a session that is over
answers nothing more and holds nothing. What is sealed for the house and what is sealed for a phone is made from the effect that asked for it, before
anything is waited for. Texts of forms are fetched when the feed names them, so that they are here when the line is not.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from forms.carrying import CannotOpen, id_of, new_secret, seal, secret_of, unseal
from forms.references import read_postcode
from kiosk.album import ALBUM
from kiosk.fetching import Answer, ask
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.shown import At, FoundAddress
from kiosk.flow.filling.telling import page_text
from kiosk.flow.model import Model
from kiosk.form_packing import carried_of, packet_of, receipt_of
from kiosk.form_texts import FormTexts, read
from kiosk.journal import DiskError
from kiosk.printing import state_of
from kiosk.receipt import draw_receipt
from kiosk.sealing import CannotSeal
from kiosk.speaking import Speaking
from wire import carrying as wired
from wire.device_asks import Use
from wire.packets import MOST_BYTES, NotAPacket
from wire.references import new_reference
from wire.vocabulary import PrinterState, UseKind, new_id

if TYPE_CHECKING:
    from kiosk.run import Runner

log = logging.getLogger("foyer.kiosk.filling")

AGAIN_SECONDS = 60.0
"""After a text could not be fetched."""
WATCH_SECONDS = 2.0
MOST_ADDRESSES = 200


@dataclass
class _Session:
    number: int
    files: dict[str, bytes] = field(default_factory=dict)
    packet: str = field(default_factory=new_id)
    reference: str = field(default_factory=lambda: new_reference(secrets.choice))
    sent: dict[str, Any] | None = None
    """What the packet of that name holds: other answers are another packet."""
    keeping: asyncio.Lock = field(default_factory=asyncio.Lock)


class Filling:
    def __init__(self, runner: Runner, speaking: Speaking | None = None) -> None:
        self._runner = runner
        self.texts = FormTexts(runner.settings.state / "forms")
        self.speaking = speaking or Speaking()
        self._session: _Session | None = None
        self._offered: object = None
        self._changed = asyncio.Event()
        self._watched: set[asyncio.Task[None]] = set()

    # A life -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled."""
        if self._runner.settings.sound:
            self._runner.send(a.CanSpeak(await self.speaking.languages()))
        while True:
            self._changed.clear()
            missing = await self._fetch_texts()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_SECONDS if missing else None):
                    await self._changed.wait()

    def watch(self, model: Model) -> None:
        offered = (tuple(row.digest for row in model.offer.forms), model.link_up)
        if offered != self._offered:
            self._offered = offered
            self._changed.set()
        filling = model.visitor.filling
        if filling is None:
            if self._session is not None:
                asyncio.get_running_loop().call_later(1.0, self._end, self._session)
        elif self._session is None or self._session.number != filling.session:
            self._wipe()
            self._session = _Session(filling.session)

    def close(self) -> None:
        self._wipe()
        for task in self._watched:
            task.cancel()

    def _end(self, session: _Session) -> None:
        """A fault may have taken the visitor away without a `Wipe`. What goes with a ticket is still to be sealed first."""
        if self._session is session and self._runner.model.visitor.filling is None:
            self._wipe()

    def _wipe(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            for name in session.files:
                ALBUM.drop(name)
            session.files.clear()
            session.sent = None

    async def _ask(self, path: str, method: str = "GET", body: bytes | None = None) -> Answer | None:
        settings = self._runner.settings
        return await asyncio.to_thread(ask, settings.server, settings.state, path, method, body)

    # Texts --------------------------------------------------------------------------------------------------

    async def _fetch_texts(self) -> bool:
        """Whether one is missing still."""
        rows, missing = self._runner.model.offer.forms, False
        for row in rows:
            if not await asyncio.to_thread(self.texts.have, row.digest):
                missing |= not await self._fetch(row.id, row.version, row.digest)
        if rows:
            wanted = frozenset(row.digest for row in rows)
            await asyncio.to_thread(self.texts.sweep, wanted)
        return missing

    async def _fetch(self, slug: str, version: int, digest: str) -> bool:
        answer = await self._ask(f"/api/forms/{slug}/{version}")
        if answer is None or answer.status != 200:
            return False
        try:
            kept = await asyncio.to_thread(self.texts.keep, digest, answer.body)
        except OSError as error:
            log.error("the text of form %s cannot be kept: %s", slug, error.strerror)
            return False
        if not kept:
            log.error("the text of form %s version %d is not the one the feed names", slug, version)
        return kept

    async def _open(self, effect: a.Open) -> None:
        form = await asyncio.to_thread(self.texts.form, effect.digest)
        if form is None and await self._fetch(effect.slug, effect.version, effect.digest):
            form = await asyncio.to_thread(self.texts.form, effect.digest)
            if form is None:
                log.error("form %s version %d is none that this kiosk can read", effect.slug, effect.version)
        self._runner.send(a.Opened(effect.session, effect.order, form))

    # What the journey wants -----------------------------------------------------------------------------------

    async def do(self, effect: Any) -> None:
        """Raises `DiskError` for what the journal should have written down and could not."""
        ways: dict[type, Callable[[Any], Awaitable[None]]] = {
            a.Open: self._open,
            a.LookForAddresses: self._look_for,
            a.Photograph: self._photograph,
            a.Keep: self._keep,
            a.PrintReceipt: self._print,
            a.Carry: self._carry,
            a.FetchCarried: self._bring,
            a.Speak: self._speak,
            a.Hush: self._hush,
            a.TellUse: self._tell_use,
            a.Wipe: self._gone,
        }
        await ways[type(effect)](effect)

    async def _hush(self, effect: a.Hush) -> None:
        await self.speaking.hush()

    async def _gone(self, effect: a.Wipe) -> None:
        if self._session is not None and self._session.number == effect.session:
            self._wipe()
        await self.speaking.hush()

    async def _look_for(self, effect: a.LookForAddresses) -> None:
        code = read_postcode(effect.postcode)
        found: tuple[FoundAddress, ...] | None = ()
        if code is not None:
            answer = await self._ask(f"/api/addresses?{urlencode({'postcode': code.replace(' ', '')})}")
            found = read_addresses(answer.body) if answer is not None and answer.status == 200 else None
        self._runner.send(a.AddressesFound(effect.session, effect.order, found))

    async def _photograph(self, effect: a.Photograph) -> None:
        session, scanning = self._session, self._runner.parts.scanning
        made = await scanning.photograph() if scanning is not None else None
        if session is None or self._session is not session or session.number != effect.session:
            return
        name = ""
        if made is not None:
            name = effect.name
            session.files[name] = made.body
            ALBUM.put((name, 1, "small"), made.small)
        self._runner.send(a.PhotoTaken(effect.session, effect.order, name))

    async def _speak(self, effect: a.Speak) -> None:
        model = self._runner.model
        await self.speaking.speak(model.language, page_text(model, self._runner.printing.words.say))
        self._runner.send(a.Spoken(effect.session))

    async def _tell_use(self, effect: a.TellUse) -> None:
        await self._runner.tell_use(
            Use(
                use=effect.packet or new_id(), kind=UseKind.FORM, slug=effect.slug, language=effect.language, ended=effect.ended,
                step=effect.step, seconds=effect.seconds,
            )
        )  # fmt: skip

    # Keeping ------------------------------------------------------------------------------------------------

    async def _keep(self, effect: a.Keep) -> None:
        session = self._session
        if session is None or session.number != effect.session:
            return
        held, why, reference = dict(session.files), "", session.reference
        async with session.keeping:  # a second try waits for the first, and finds it kept
            packet_id = new_id() if effect.ticket is not None else self._packet_name(session, effect)
            try:
                packet = await asyncio.to_thread(packet_of, effect, held, packet_id, reference)
                await self._runner.handing_in.keep(packet)
            except DiskError as error:
                log.error("a form could not be kept: %s", error)
                why = "disk"
            except CannotSeal as error:
                log.error("a form could not be sealed: %s", error)
                why = "seal"
            except (NotAPacket, KeyError, ValueError) as error:
                log.error("a form does not make a packet: %s", type(error).__name__)
                weight = sum(len(body) for body in held.values())
                why = "large" if weight > MOST_BYTES else "fault"
        if effect.ticket is None:
            self._answer(effect, packet_id, reference, why)

    def _packet_name(self, session: _Session, effect: a.Keep) -> str:
        """The same for the same answers, however often they are sent; what was changed meanwhile is another packet."""
        sent = {"answers": effect.begun.answers, "strokes": effect.begun.strokes}
        if session.sent is not None and session.sent != sent:
            session.packet = new_id()
        session.sent = sent
        return session.packet

    def _answer(self, effect: a.Keep, packet: str, reference: str, why: str) -> None:
        answer: a.Kept | a.NotKept = a.NotKept(effect.session, effect.order, why)
        if not why:
            answer = a.Kept(effect.session, effect.order, packet, reference, self._runner.moment().now)
        self._runner.send(answer)

    async def _print(self, effect: a.PrintReceipt) -> None:
        runner = self._runner
        printer = runner.printing.printer.paper
        draw = partial(
            draw_receipt, receipt_of(runner.model, effect), runner.printing.words,
            dots=printer.dots, dots_per_inch=printer.dots_per_inch,
        )  # fmt: skip
        outcome = await runner.printing.paper(draw, "receipt")
        if outcome is not None:
            runner.printer_is(PrinterState(outcome.status.word))
        runner.send(a.ReceiptPrinted(effect.session, state_of(outcome)))

    # To and from a phone ------------------------------------------------------------------------------------

    async def _carry(self, effect: a.Carry) -> None:
        session = self._session
        if session is None or session.number != effect.session:
            return
        secret, begun = new_secret(), effect.begun
        name = id_of(secret_of(secret, effect.public_url))
        try:
            sealed = await asyncio.to_thread(_sealed, begun, dict(session.files), secret)
        except (KeyError, ValueError) as error:
            log.error("a form could not be sealed for a phone: %s", type(error).__name__)
            sealed = b""
        query = urlencode({"slug": begun.slug, "version": begun.version, "language": begun.language.value})
        whole = 0 < len(sealed) <= wired.MOST_BYTES
        answer = await self._ask(f"/api/carried/{name}?{query}", "PUT", sealed) if whole else None
        url = ""
        if answer is not None and answer.status == 200:
            url = f"{effect.public_url.rstrip('/')}{wired.PATH}{secret}"
        self._runner.send(a.CarriedOver(effect.session, effect.order, url))
        if url:
            task = asyncio.create_task(self._until_opened(effect.session, name, url))
            self._watched.add(task)
            task.add_done_callback(self._watched.discard)

    async def _until_opened(self, session: int, name: str, url: str) -> None:
        """Whoever goes on here after all takes it back; whoever has gone leaves it for their phone."""
        while True:
            filling = self._runner.model.visitor.filling
            if filling is None or filling.session != session:
                return
            if filling.at is not At.CARRY or filling.carried.url != url:
                await self._ask(f"/api/carried/{name}", "DELETE")
                return
            answer = await self._ask(f"/api/carried/{name}")
            if answer is not None and answer.status == 200:
                state = _json(answer.body).get("state")
                if state == "opened":
                    self._runner.send(a.CarriedOpened(session))
                    return
                if state == "over":
                    self._runner.send(a.CarriedOver(session, 0, ""))
                    return
            await asyncio.sleep(WATCH_SECONDS)

    async def _bring(self, effect: a.FetchCarried) -> None:
        brought = a.BroughtBack(effect.session, effect.order)
        try:
            brought = await self._brought(effect) or brought
        except (CannotOpen, ValueError, TypeError, AttributeError) as error:
            log.warning("what was begun elsewhere cannot be opened: %s", type(error).__name__)
        self._runner.send(brought)

    async def _brought(self, effect: a.FetchCarried) -> a.BroughtBack | None:
        secret = await asyncio.to_thread(secret_of, effect.secret, effect.public_url)
        sealed = await self._ask(f"/api/carried/{id_of(secret)}/open", "POST", b"")
        if sealed is None or sealed.status != 200:
            return None
        begun = await asyncio.to_thread(unseal, sealed.body, secret)
        text = await self._ask(f"/api/forms/{begun.slug}/{begun.version}")
        if text is None or text.status != 200:
            return None
        form = await asyncio.to_thread(read, text.body)
        session = self._session
        if form is None or session is None or session.number != effect.session:
            return None
        session.files |= {name: file.body for name, file in begun.files.items()}
        return a.BroughtBack(
            effect.session, effect.order, form, begun.version, begun.answers, begun.typed, begun.at
        )


def _sealed(begun: a.Begun, held: dict[str, bytes], secret: str) -> bytes:
    return seal(carried_of(begun, held), secret)


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def read_addresses(body: bytes) -> tuple[FoundAddress, ...] | None:
    """What the server found; None where it says something else."""
    listed = _json(body).get("addresses")
    if not isinstance(listed, list):
        return None
    found = []
    for each in listed[:MOST_ADDRESSES]:
        lines = each.get("lines") if isinstance(each, dict) else None
        if isinstance(lines, list) and lines and all(isinstance(line, str) for line in lines):
            postcode, uprn = str(each.get("postcode", "")), str(each.get("uprn") or "")
            found.append(FoundAddress(tuple(lines), postcode, uprn))
    return tuple(found)
