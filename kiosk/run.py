"""Carries the journey's effects out and brings back what came of them: the one place where flow, journal,
printer and line meet.

Everything happens on one asyncio loop; what blocks (disk, printer) has a thread of its own each, so the
screen never waits and each device is only ever spoken to by one thread. Events are taken one at a time, so
the flow never sees two at once.

Nothing that goes wrong here ends the loop: a full disk, a mute printer or a fault in the program becomes an
event, the visitor sees a kind screen, staff see why, and the kiosk tries every few seconds to serve again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from hardware.cameras.absent import AbsentCamera
from hardware.devices import Camera, PageCamera, Printer, Scanner
from hardware.machine import kept_in_step
from hardware.plates.absent import AbsentPlate
from hardware.scanners.absent import AbsentScanner
from kiosk import enrol, selftest
from kiosk.ballast import Ballast
from kiosk.clocks import Clocks, MachineClocks, Moment, Told, moment
from kiosk.config import Settings
from kiosk.flow import events as e
from kiosk.flow.effects import (
    BeginTest,
    CallPerson,
    Effect,
    Forget,
    LookUp,
    NotePaper,
    Print,
    PrintJob,
    RefuseJob,
    Sound,
    TakeTicket,
)
from kiosk.flow.journey import next_tick, step
from kiosk.flow.model import Model
from kiosk.handing import HandingOver
from kiosk.handing_in import HandingIn
from kiosk.issuing import in_doubt_event, order_of, taken_event
from kiosk.jobs import Jobs
from kiosk.journal import DiskError, Journal, Lost, Verdict
from kiosk.keeping import Keeping
from kiosk.line import Line
from kiosk.line_faults import Calendar
from kiosk.link import Link
from kiosk.looking import look_up
from kiosk.mending import MEND_SECONDS, Mending
from kiosk.parts import Parts
from kiosk.printing import Printing
from kiosk.reporting import Reporting
from kiosk.senses import Preview, Senses
from wire.asks import Help
from wire.device_asks import Rate, Use
from wire.vocabulary import PrinterState, new_id
from words import Catalogue

log = logging.getLogger("foyer.kiosk")
T = TypeVar("T")

SCRUB_SECONDS = 2.0
HELP_TRIES = 5
LAST_WORDS_SECONDS = 1.0
DOUBT_MS = 3 * 60 * 1000
"""A visitor still stands there to ask whether the ticket came out, if the kiosk was back within so long."""


class Runner:
    """A running kiosk. `await run()` lives until cancelled; the face calls `watch` and `touch`, the dev
    dock the rest.
    """

    def __init__(
        self,
        settings: Settings,
        printer: Printer,
        words: Catalogue,
        *,
        camera: Camera | None = None,
        scanner: Scanner | None = None,
        plate: PageCamera | None = None,
        preview: Preview = lambda picture: None,
        show: Callable[[Any], None] = lambda view: None,
        clocks: Clocks | None = None,
        app: str = "",
        sound: Callable[[Sound], None] = lambda sound: None,
        forgotten: Callable[[], None] = lambda: None,
        screen: Callable[[], selftest.ScreenSeen] | None = None,
        machine: str | None = None,
    ) -> None:
        self.settings = settings
        self.clocks = clocks or MachineClocks()
        self.app = app
        self.model = Model(limits=settings.times.limits())
        self.link: Link | None = None
        self.journal: Journal | None = None
        self.screen = screen
        """What the self-test asks about the window; None where there is none."""
        self.printing = Printing(printer, words, self.in_journal)
        self._jobs = Jobs(self, words)
        self._sound = sound
        self._forgotten = forgotten
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._watchers: list[Callable[[Model], None]] = []
        self._queue: deque[e.Event] = deque()
        self._busy = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._parts: list[asyncio.Task[None]] = []
        self._tick: asyncio.TimerHandle | None = None
        self._scrub: asyncio.TimerHandle | None = None
        self._told: Told | None = None
        self._handing: HandingOver | None = None
        self._keeping: Keeping | None = None
        self._help_request = ""
        self._writable = asyncio.Event()
        self.plate: PageCamera = plate or AbsentPlate()
        """Only ever spoken to by the scan station's thread."""
        self.parts = Parts(self, show)
        self.handing_in = HandingIn(self)
        self.reporting = Reporting(self)
        self.line = Line(self, machine)
        self.ballast = Ballast(settings.state)
        self.senses = Senses(camera or AbsentCamera(), scanner or AbsentScanner(), self.send, preview)
        self.watch(self.senses.watch)

    # For the face -------------------------------------------------------------------------------------------

    def watch(self, shown: Callable[[Model], None]) -> None:
        """Call `shown` with the model now and whenever it has changed, on the loop."""
        self._watchers.append(shown)
        shown(self.model)

    def touch(self, action: e.Action, generation: int, at: float | None = None) -> None:
        """A finger on a button drawn from `generation`; `at` by `time.monotonic`."""
        self.send(e.Touched(action, generation, time.monotonic() if at is None else at))

    def send(self, event: e.Event) -> None:
        """Let something happen. Safe to call from within a watcher or an effect; not from another thread."""
        self._queue.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._queue:
                self._happen(self._queue.popleft())
        finally:
            self._busy = False

    def _happen(self, event: e.Event) -> None:
        before = self.model
        try:
            self.model, effects = step(before, event)
        except Exception:
            log.exception("the journey failed at %s", type(event).__name__)
            if not isinstance(event, e.Faulted):
                self._queue.append(e.Faulted(e.Fault.BROKEN))
            return
        if self.model != before:
            self._show()
        for effect in effects:
            self.start(effect)
        self._set_tick()
        self.reporting.look()

    def _show(self) -> None:
        for shown in self._watchers:
            try:
                shown(self.model)
            except Exception:
                log.exception("the screen failed to show %s", self.model.screen)
                if self.model.fault is None:
                    self._queue.append(e.Faulted(e.Fault.BROKEN))

    # A life -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        paired = self.line.recall()
        await self._open_journal()
        await self._begin(paired)
        self.printing.start()
        for part in (
            self._watch_printer,
            Mending(self).run,
            self.reporting.run,
            self.senses.run,
            self.parts.run,
        ):
            self._parts.append(asyncio.create_task(self.kept_going(part)))
        try:
            while True:
                try:
                    paired = await self.line.live(paired)
                except Exception:
                    log.exception("the line to the server failed; starting it anew")
                    await asyncio.sleep(MEND_SECONDS)
                    paired = self.line.recall()
        finally:
            await self._end()

    async def kept_going(self, part: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A part that should never end, started anew when it does."""
        while True:
            try:
                await part()
            except Exception:
                log.exception("a part of the kiosk failed; starting it anew")
            await asyncio.sleep(MEND_SECONDS)

    async def _open_journal(self) -> None:
        """A damaged file is put aside, never thrown away: it may hold tickets the server has not heard of."""
        file = self.settings.state / "journal.db"
        try:
            self.journal = await self._on_disk(partial(Journal, file, self.clocks))
        except DiskError as error:
            log.error("the journal cannot be opened: %s", error)
            if error.damaged:
                await self._on_disk(partial(_put_aside, file))
                return await self._open_journal()
            kind = e.Fault.JOURNAL_FULL if error.full else e.Fault.JOURNAL_BROKEN
            self.send(e.Faulted(kind, str(error)))
            return None
        self._opened(self.journal)
        return None

    async def _begin(self, paired: enrol.Paired | None) -> None:
        rows: Mapping[str, Any] = {}
        doubt, tested_on = None, ""
        if self.journal is not None:
            try:
                self._told = await self._on_disk(self.journal.told)
                rows = await self._on_disk(self.journal.rows)
                tested_on = await self._on_disk(self.journal.tested_on)
                doubt = await self._on_disk(partial(self.journal.in_doubt, DOUBT_MS))
            except (DiskError, ValueError) as error:
                log.error("what the journal remembers cannot be read: %s", error)
        self.handing_in.rows(rows)
        at = time.monotonic()
        self.send(e.Started(at, self._now(), paired.device if paired else None, rows, tested_on))
        if doubt is not None:
            self.send(in_doubt_event(doubt, self.model))
        self.line.begin(paired)
        self._later_scrub()

    async def hand_over(self, link: Link) -> None:
        await self._writable.wait()
        assert self._handing is not None  # set together
        await self._handing.run(link)

    async def hand_in(self, paired: enrol.Paired) -> None:
        await self._writable.wait()
        await self.handing_in.run(paired)

    async def _end(self) -> None:
        for handle in (self._tick, self._scrub):
            if handle is not None:
                handle.cancel()
        if self._tasks:  # what was begun for a visitor is written down, unless a device hangs
            await asyncio.wait(self._tasks, timeout=LAST_WORDS_SECONDS)
        tasks = [*self._parts, *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.printing.close()
        self.senses.close()
        self.parts.close()
        self.handing_in.close()
        if self.journal is not None:
            self._disk.submit(self.journal.close)
        self._disk.shutdown(wait=True)

    # Effects ------------------------------------------------------------------------------------------------

    async def _carry_out(self, effect: Effect) -> None:
        match effect:
            case TakeTicket():
                await self._take(effect)
            case LookUp():
                await look_up(self, effect)
            case Print():
                await self._print(effect)
            case NotePaper():
                await self.in_journal(lambda j: j.paper(effect.ticket, effect.paper, effect.copies))
                self.more()
            case CallPerson():
                await self._call_person(effect)
            case Forget():
                self._help_request = ""
                self._forgotten()
                if effect.ticket is not None:
                    ticket = effect.ticket
                    await self.in_journal(lambda j: j.forget(ticket))
                self._later_scrub()
            case Sound():
                if self.settings.sound:
                    self._sound(effect)
            case PrintJob() | RefuseJob():
                await self._jobs.do(effect)
            case BeginTest():
                await selftest.do(self, effect)
            case _:
                await self.parts.do(effect)

    async def _take(self, effect: TakeTicket) -> None:
        model = self.model
        at = self.moment()
        given = await self.in_journal(lambda j: j.take(order_of(effect, model), at))
        self.send(taken_event(effect, given, model))
        self.more()

    async def _print(self, effect: Print) -> None:
        printed = await self.printing.print(effect, self.model)
        self.more()
        self.send(printed.event)
        if printed.status is not None:
            self.printer_is(printed.status)

    async def _call_person(self, effect: CallPerson) -> None:
        """One request for one visitor, however often they ask; each try is a command of its own."""
        request = self._help_request = self._help_request or new_id()
        for _ in range(HELP_TRIES):
            link = self.link
            if link is None or self._help_request != request:
                return  # asked anew when the line is back
            answer = await link.ask(new_id(), Help(request=request, language=effect.language))
            if not isinstance(answer, Lost):
                return
            await asyncio.sleep(1.0)

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this besides; what goes wrong in it is the kiosk's fault and shows."""
        self._start(work)

    def start(self, effect: Effect) -> None:
        self._start(self._carry_out(effect))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except DiskError as error:
            log.error("the journal: %s", error)
            if error.full:
                await self._on_disk(self.ballast.drop)
            kind = e.Fault.JOURNAL_FULL if error.full else e.Fault.JOURNAL_BROKEN
            self.send(e.Faulted(kind, str(error)))
        except Exception:
            log.exception("a part of the kiosk failed")
            self.send(e.Faulted(e.Fault.BROKEN))

    # What comes in ------------------------------------------------------------------------------------------

    def link_is(self, up: bool) -> None:
        self.send(e.LinkChanged(up))
        if up:
            self.handing_in.wake()

    def rows(self, rows: Mapping[str, Any]) -> None:
        self.handing_in.rows(rows)
        self.send(e.FeedChanged(dict(rows)))
        if self._keeping is not None:
            self._start(self._keeping.rows(dict(rows)))

    def heard(self, now: int) -> None:
        self._told = Told(now, self.clocks.steady(), self.clocks.boot, self.clocks.wall())
        if self._keeping is not None and self._keeping.worth_telling(self._told):
            self._start(self._keeping.tell(self._told))

    def printer_is(self, status: PrinterState) -> None:
        if status is not self.model.printer:
            self.send(e.PrinterChanged(status))

    async def _watch_printer(self) -> None:
        await self.printing.watch(self.printer_is)

    def moment(self) -> Moment:
        return moment(self.clocks, self._told)

    def _now(self) -> int:
        return self.moment().now

    def calendar(self) -> Calendar:
        return Calendar(self.clocks.wall(), self._told.now if self._told else 0, kept_in_step())

    def clock_off_ms(self) -> int:
        """How far this machine's calendar is off the server's, as last compared."""
        return self.clocks.ahead_of(self._now()) if self._told is not None else 0

    def _set_tick(self) -> None:
        """One timer; brought forward when somebody comes, so that an idle kiosk hardly wakes."""
        loop = asyncio.get_running_loop()
        due = loop.time() + next_tick(self.model)
        if self._tick is not None and not self._tick.cancelled() and self._tick.when() <= due:
            return
        if self._tick is not None:
            self._tick.cancel()
        self._tick = loop.call_at(due, self._ticked)

    def _ticked(self) -> None:
        self._tick = None
        self.send(e.Tick(time.monotonic(), self._now()))
        self._set_tick()

    # The journal --------------------------------------------------------------------------------------------

    async def _on_disk(self, work: Callable[..., T], *values: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, partial(work, *values))

    async def in_journal(self, work: Callable[[Journal], T]) -> T:
        """Run `work` on the journal in its thread; in the order asked."""
        if self.journal is None:
            raise DiskError("the journal is not open")
        return await self._on_disk(work, self.journal)

    async def tell_use(self, use: Use | Rate) -> None:
        """How somebody used something by themselves; it ended just now. Told to the server when it can be. Raises `DiskError`."""
        at = self.moment()
        await self.in_journal(lambda journal: journal.tell_use(use, at))
        self.more()

    def more(self) -> None:
        """Something new is in the journal for the server."""
        if self._handing is not None:
            self._handing.more()

    def _settled(self, verdict: Verdict) -> None:
        self._later_scrub()
        self.reporting.settled(verdict)

    def _later_scrub(self) -> None:
        """A little after the last erasure, when nobody waits for a ticket."""
        if self._scrub is not None:
            self._scrub.cancel()
        self._scrub = asyncio.get_running_loop().call_later(SCRUB_SECONDS, self._scrub_now)

    def _scrub_now(self) -> None:
        self._scrub = None
        if self.model.ordered:
            self._later_scrub()
        elif self.journal is not None:
            self._start(self.in_journal(Journal.scrub))

    async def reopen(self) -> None:
        """Raises `DiskError` while the journal cannot be opened."""
        self.journal = await self._on_disk(partial(Journal, self.settings.state / "journal.db", self.clocks))
        self._opened(self.journal)

    def _opened(self, journal: Journal) -> None:
        self._handing = HandingOver(journal, self._on_disk, self._settled)
        self._keeping = Keeping(journal, self._on_disk, self._handing.more)
        self._writable.set()


def _put_aside(file: Path) -> None:
    number = 1
    while (aside := file.with_name(f"{file.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
