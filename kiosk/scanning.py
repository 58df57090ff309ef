"""The scan station at work: carries out what its journey wants, and tells what came of it.

One visitor is one session: their pages, the name of their packet, what was seen on the plate. Everything done for a session is told with its number,
and a session that is over answers nothing more. When it is over its pages are gone, whatever ended it: the journey says so (`Wipe`), the next session
makes sure of it, and so does the loop here should a fault in the program have taken the visitor away without a word.

What is sealed is a snapshot, taken before anything is waited for: the pages that were on the check when "send" was touched, and no others.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from kiosk.album import ALBUM, Album, Rgb
from kiosk.flow.events import Scanned
from kiosk.flow.model import Model
from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.shown import Corners, Hint, Wanted
from kiosk.flow.scanning.steps import wanted
from kiosk.journal import DiskError
from kiosk.likeness import Likeness
from kiosk.packing import packet_of, receipt_of
from kiosk.pages import Pages
from kiosk.plate import GIVE_UP_SECONDS, RATE, SLOW, STILL_GIVE_UP_SECONDS, Cut, Glance, Picture, Plate
from kiosk.printing import state_of
from kiosk.receipt import draw_receipt
from kiosk.sealing import CannotSeal
from wire.device_asks import Use
from wire.packets import MOST_BYTES, NotAPacket
from wire.references import new_reference
from wire.vocabulary import PartState, PrinterState, UseKind, new_id

if TYPE_CHECKING:
    from kiosk.run import Runner

log = logging.getLogger("foyer.kiosk.scanning")
T = TypeVar("T")

AFTER_SECONDS = 20.0
"""How long the plate is watched when a visitor has gone, until it is seen to be empty."""
EMPTY_LOOKS = 4
LEFT_SECONDS = 2.0
"""A paper that lies there for so long after its visitor went was left behind."""
CODE_RATE = 4.0
"""Looks a second for a square."""
LOOK_AGAIN_SECONDS = 60.0
"""How often a camera that is in doubt is tried, while nobody is here."""
ROOM = MOST_BYTES - 4 * 1024 * 1024
"""For pages, in one packet."""


@dataclass(frozen=True)
class View:
    """The live picture, and the page in it: its corners as parts of the picture, `good` when nothing is wrong with it."""

    picture: Rgb
    corners: Corners = ()
    good: bool = False


Show = Callable[["View | None"], None]


@dataclass(frozen=True)
class Taken:
    """A picture beside the scan station's own: its file, and how it is shown small."""

    body: bytes
    small: Callable[[], Rgb]


@dataclass
class _Session:
    number: int
    pages: Pages
    likenesses: dict[str, Likeness] = field(default_factory=dict)
    packet: str = field(default_factory=new_id)
    reference: str = field(default_factory=lambda: new_reference(secrets.choice))
    keeping: asyncio.Lock = field(default_factory=asyncio.Lock)
    looked: bool = False
    code: str = ""
    """What the square on the plate said last."""
    told: a.Saw | None = None


class Scanning:
    def __init__(self, runner: Runner, show: Show, album: Album = ALBUM) -> None:
        self._runner, self._show, self._album = runner, show, album
        self.plate = Plate(runner.plate, runner.settings.state / "plate.png")
        self._session: _Session | None = None
        self._changed = asyncio.Event()
        self._is: a.PlateIs | None = None
        self._after_until = 0.0
        self._lain_since: float | None = None
        self._empty = 0
        self._on = False

    # A life -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled."""
        self._runner.watch(self._watch)
        self._state_is(PartState.SILENT, None)
        await self.look()
        try:
            while True:
                await self._round()
        finally:
            self._show(None)

    def close(self) -> None:
        """At the end; the thread is not waited for."""
        self._wipe()
        self.plate.thread.submit(self.plate.off)
        self.plate.thread.shutdown(wait=False)

    def _watch(self, model: Model) -> None:
        scanning = model.visitor.scanning
        if scanning is None:
            if self._session is not None:
                self._end_soon(self._session)
        elif self._session is None or self._session.number != scanning.session:
            self._begin(scanning.session)
        if self._wanted(model) is not Wanted.NOTHING:
            self._changed.set()

    def _begin(self, number: int) -> None:
        self._wipe()
        self._session = _Session(number, Pages(self._album, self._runner.settings.plate.dpi))
        foreign = self._runner.model.station.left
        self.plate.thread.submit(partial(self.plate.begin, foreign=foreign))

    def _end_soon(self, session: _Session) -> None:
        """A fault may have taken the visitor away without a `Wipe`. What goes with a ticket is still to be sealed first."""
        asyncio.get_running_loop().call_later(1.0, self._end, session)

    def _end(self, session: _Session) -> None:
        if self._session is session and self._runner.model.visitor.scanning is None:
            self._wipe()

    def _wipe(self) -> None:
        session, self._session = self._session, None
        self._album.forget()
        self._show(None)
        if session is None:
            return
        session.pages.wipe()
        session.likenesses.clear()
        if session.looked:
            self._after_until = time.monotonic() + AFTER_SECONDS
            self._lain_since, self._empty = None, 0
            self._changed.set()

    # Looking ------------------------------------------------------------------------------------------------

    def _wanted(self, model: Model) -> Wanted:
        now = wanted(model)
        if now is not Wanted.NOTHING:
            return now
        after = model.station.left or time.monotonic() < self._after_until
        return Wanted.WHETHER_IT_LIES if after and self._runner.plate.live else now

    async def _round(self) -> None:
        model = self._runner.model
        now = self._wanted(model)
        if now is Wanted.NOTHING:
            await self._rest()
            return
        if now is Wanted.CODES:
            await self._read_code()
            return
        begun = time.monotonic()
        shown = now is Wanted.PAGES
        glance = await self._glance(shown=shown)
        self._on = True
        self._state_is(glance.state, glance.trouble)
        if glance.state is PartState.MISSING:
            await asyncio.sleep(0.5)
        if wanted(self._runner.model) is not Wanted.NOTHING:
            self._tell(glance)
        elif self._runner.model.visitor.scanning is None:
            self._look_after(glance)
        self._show(_view(glance) if shown and wanted(self._runner.model) is Wanted.PAGES else None)
        slow = self._runner.model.station.left and wanted(self._runner.model) is Wanted.NOTHING
        rate = SLOW if slow else RATE
        await asyncio.sleep(max(0.02, 1 / rate - (time.monotonic() - begun)))

    async def _read_code(self) -> None:
        """A letter says by its square what it is about. Each is told once; nothing else of what lies there is looked at."""
        session = self._session
        nothing: tuple[PartState, str | None] = (PartState.SILENT, None)
        state, text = await self._in_thread(self.plate.read_code, nothing)
        self._on = True
        self._state_is(state, None if state is PartState.READY else Hint.CAMERA)
        if session is not None and session is self._session:
            session.looked = True
            if text is not None and text != session.code:
                session.code = text
                self._runner.send(Scanned(text, time.monotonic()))
        await asyncio.sleep(1 / CODE_RATE)

    async def _rest(self) -> None:
        """The camera is off. One that is in doubt is tried again now and then, so that staff know before a visitor does."""
        self._changed.clear()
        if self._on:
            self._on = False
            await self._in_thread(self.plate.off, None)
        doubtful = self._is is None or self._is.state is not PartState.READY
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AGAIN_SECONDS if doubtful else None):
                await self._changed.wait()
                return
        if not self._runner.model.personal:
            await self.look()

    async def look(self) -> PartState:
        """How the camera is, by a look through it; off again afterwards, unless a visitor uses it."""
        glance = await self._glance(shown=False)
        if self._wanted(self._runner.model) is Wanted.NOTHING:
            await self._in_thread(self.plate.off, None)
        self._state_is(glance.state, glance.trouble)
        return glance.state

    async def photograph(self) -> Taken | None:
        """One picture of what lies there, for somebody who fills in a form; None where none could be taken."""
        nothing = Picture(PartState.SILENT, why=Hint.CAMERA)
        picture = await self._in_thread(self.plate.take, nothing, STILL_GIVE_UP_SECONDS)
        if self._wanted(self._runner.model) is Wanted.NOTHING:
            await self._in_thread(self.plate.off, None)
        if not picture.pages:
            return None
        dpi = self._runner.settings.plate.dpi
        return await self._in_thread(partial(_taken, picture.pages[0], dpi), None, STILL_GIVE_UP_SECONDS)

    async def _glance(self, *, shown: bool) -> Glance:
        nothing = Glance(PartState.SILENT, Hint.CAMERA)
        return await self._in_thread(partial(self.plate.look, shown=shown), nothing)

    async def _in_thread(self, work: Callable[[], T], otherwise: T, seconds: float = GIVE_UP_SECONDS) -> T:
        """Never raises for what a driver can do."""
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.get_running_loop().run_in_executor(self.plate.thread, work)
        except TimeoutError:
            log.error("the page camera's driver hangs; leaving its thread behind")
            self.plate = Plate(self._runner.plate, self._runner.settings.state / "plate.png")
        except Exception:
            log.exception("the page camera's driver failed")
            await asyncio.sleep(0.5)
        return otherwise

    def _state_is(self, state: PartState, trouble: Hint | None) -> None:
        camera, settings = self._runner.plate, self._runner.settings.plate
        told = a.PlateIs(state, trouble, camera.live, camera.feeds, settings.first)
        if told != self._is:
            self._is = told
            self._runner.send(told)

    def _tell(self, glance: Glance) -> None:
        session = self._session
        if session is None:
            return
        session.looked = True
        saw = a.Saw(
            session.number, 0.0, glance.hint, glance.outlined, glance.ready, glance.lies, glance.fresh
        )
        if saw != session.told or saw.ready:
            session.told = saw
            self._runner.send(_at(saw, time.monotonic()))

    def _look_after(self, glance: Glance) -> None:
        """Nobody is at it any more: is a paper left there?"""
        now, left = time.monotonic(), self._runner.model.station.left
        self._empty = 0 if glance.lies else self._empty + 1
        if glance.lies:
            self._lain_since = now if self._lain_since is None else self._lain_since
            if not left and now - self._lain_since >= LEFT_SECONDS:
                self._runner.send(a.Saw(0, now, glance.hint, lies=True))
        elif self._empty >= EMPTY_LOOKS:
            self._after_until, self._lain_since = 0.0, None
            if left:
                self._runner.send(a.Saw(0, now, glance.hint))

    # What the journey wants -----------------------------------------------------------------------------------

    async def do(self, effect: Any) -> None:
        match effect:
            case a.Keep():
                await self._keep(effect)
            case a.TellUse():
                await self._tell_use(effect)
            case a.PrintReceipt():
                await self._print(effect)
            case a.Wipe():
                if self._session is not None and self._session.number == effect.session:
                    self._wipe()
            case _:
                session = self._session
                if session is not None and session.number == effect.session:
                    await self._with_pages(session, effect)

    async def _with_pages(self, session: _Session, effect: Any) -> None:
        match effect:
            case a.Capture():
                await self._capture(session, effect)
            case a.Rework():
                shot = await self._in_thread(partial(_reworked, session.pages, effect), None)
                shots = (shot,) if shot is not None else ()
                self._runner.send(a.Reworked(session.number, effect.order, shots))
            case a.Recolour():
                again = partial(session.pages.recolour, effect.colour)
                none: list[a.Shot] = []
                every = await self._in_thread(again, none, STILL_GIVE_UP_SECONDS)
                self._runner.send(a.Reworked(session.number, effect.order, tuple(every)))
            case a.Drop():
                for page in effect.pages:
                    session.pages.drop(page)
                    session.likenesses.pop(page, None)
                self._know(session)

    def _know(self, session: _Session, but: str = "") -> None:
        known = [each for page, each in session.likenesses.items() if page != but]
        with contextlib.suppress(RuntimeError):  # at the end the thread takes nothing more
            self.plate.thread.submit(self.plate.know, known)

    async def _capture(self, session: _Session, effect: a.Capture) -> None:
        session.pages.colour = effect.colour
        none: _Captured = (Picture(PartState.SILENT, why=Hint.CAMERA), [])
        plate = self.plate

        def awaited() -> bool:
            return self._session is session and self.plate is plate

        work = partial(_captured, plate, session.pages, awaited)  # at once, with no look between
        captured = await self._in_thread(work, none, STILL_GIVE_UP_SECONDS)
        if captured is None:
            return
        picture, made = captured
        self._state_is(picture.state, Hint.CAMERA if picture.why is Hint.CAMERA else None)
        if self._session is not session:
            session.pages.wipe()
            self._album.forget()
            return
        why = picture.why
        if session.pages.weight > ROOM:
            for shot, _ in made:
                session.pages.drop(shot.id)
            made, why = [], Hint.FULL
        session.likenesses |= {shot.id: each for shot, each in made if each is not None}
        self._know(session)
        shots = tuple(shot for shot, _ in made)
        self._runner.send(
            a.Captured(
                session.number, effect.order, shots, why, time.monotonic(), more=picture.more and bool(shots)
            )
        )

    # Keeping ------------------------------------------------------------------------------------------------

    async def _keep(self, effect: a.Keep) -> None:
        session = self._session
        if session is None or session.number != effect.session:
            return
        ids = [page.id for paper in effect.papers for page in paper]
        bodies = {id_: body for id_ in ids if (body := session.pages.file(id_))}
        if set(bodies) != set(ids):
            log.error("a page is not there any more")
            self._answer(effect, session, "fault")
            return
        packet_id, reference = (
            (session.packet, session.reference) if effect.ticket is None else (new_id(), session.reference)
        )
        why = ""
        async with session.keeping:  # a second try waits for the first, and finds it kept
            try:
                packet = await asyncio.to_thread(packet_of, effect, bodies, packet_id, reference)
                await self._runner.handing_in.keep(packet)
            except DiskError as error:
                log.error("papers could not be kept: %s", error)
                why = "disk"
            except CannotSeal as error:
                log.error("papers could not be sealed: %s", error)
                why = "seal"
            except (NotAPacket, ValueError) as error:
                log.error("pages do not make a packet: %s", type(error).__name__)
                why = "fault"
        self._answer(effect, session, why)

    def _answer(self, effect: a.Keep, session: _Session, why: str) -> None:
        if effect.ticket is not None:
            return
        answer: a.Kept | a.NotKept = a.NotKept(effect.session, effect.order, why)
        if not why:
            now = self._runner.moment().now
            answer = a.Kept(effect.session, effect.order, session.packet, session.reference, now)
        self._runner.send(answer)

    async def _tell_use(self, effect: a.TellUse) -> None:
        await self._runner.tell_use(
            Use(
                use=effect.packet or new_id(), kind=UseKind.SCAN, slug=effect.purpose, language=effect.language,
                ended=effect.ended, step=effect.step, seconds=effect.seconds, pages=effect.pages, retakes=effect.retakes,
            )
        )  # fmt: skip

    async def _print(self, effect: a.PrintReceipt) -> None:
        runner, receipt = self._runner, effect.receipt
        model = runner.model
        printer = runner.printing.printer.paper
        paper = receipt_of(model, effect)
        draw = partial(
            draw_receipt, paper, runner.printing.words, dots=printer.dots, dots_per_inch=printer.dots_per_inch
        )
        outcome = await runner.printing.paper(draw, "receipt")
        if outcome is not None:
            runner.printer_is(PrinterState(outcome.status.word))
        runner.send(a.ReceiptPrinted(effect.session, receipt.reference, state_of(outcome)))


def _view(glance: Glance) -> View | None:
    return None if glance.view is None else View(glance.view, glance.corners, glance.outlined)


def _at(saw: a.Saw, at: float) -> a.Saw:
    return a.Saw(saw.session, at, saw.hint, saw.outlined, saw.ready, saw.lies, saw.fresh)


def _reworked(pages: Pages, effect: a.Rework) -> a.Shot | None:
    if effect.corners:
        return pages.cut_anew(effect.page, effect.corners)
    return pages.turn(effect.page, effect.turn)


_Made = list[tuple[a.Shot, Likeness | None]]
_Captured = tuple[Picture, _Made] | None


def _captured(plate: Plate, pages: Pages, awaited: Callable[[], bool]) -> _Captured:
    """What lies there, taken and made into pages, unless nobody waits for it any more. That a page could not be made is not the camera's fault."""
    if not awaited():
        return None  # what lies there by now may be the next visitor's
    picture = plate.take(awaited)
    if not awaited():
        return picture, []
    try:
        return picture, [(pages.add(cut.photograph, cut.corners), cut.likeness) for cut in picture.pages]
    except Exception:
        log.exception("a page could not be made of a photograph")
        return picture, []


def _taken(cut: Cut, dpi: int) -> Taken | None:
    album = Album()
    pages = Pages(album, dpi)
    shot = pages.add(cut.photograph, cut.corners)
    body, small = pages.file(shot.id), album.get((shot.id, 1, "small"))
    return Taken(body, lambda: small) if body and small is not None else None
