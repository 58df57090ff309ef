"""The rehearsal's cast at work: visitors at a kiosk of their own, advisers at their counters, a greeter, over the real sockets.

The server cannot tell them from real ones: each has signed in or was paired, each asks what its role may ask and nothing else. An
adviser knows of a visitor only what a call's answer tells; whether that visitor comes, and what is talked about, stands in the
visitor's part. A ticket that is not of the play, from somebody who tries the kiosk, is served like any other after a
while at which its holder can look at the screens.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta, tzinfo

from demo.door import Closed, Door
from demo.line import Line
from demo.morning import AdviserPart, Tap, Visitor, booked
from wire import asks
from wire.codes import write_code
from wire.frames import Refusal
from wire.vocabulary import BreakReason, Language, Outcome, PaperState, PrinterState, RefusalCode, new_id

log = logging.getLogger("foyer.demo")

LOOK_SECONDS = 8.0
"""Real seconds in which somebody who tries the kiosk can see that they are called."""
GUEST_SERVED = timedelta(minutes=6)
CALL_AGAIN = timedelta(seconds=50)
NO_BELL = timedelta(minutes=2)
FREE_PAUSE = timedelta(seconds=25)
LOOKS = timedelta(seconds=50)
_EXPECTED = re.compile(r'id="coming-([0-9a-f]{32})".*?class="coming-time">(\d\d:\d\d)<', re.DOTALL)
_AT_MY_COUNTER = re.compile(r'id="finish-([0-9a-f]{32})"')


@dataclass
class Stage:
    """What the cast shares: the server, the pace, and who holds which code."""

    address: str
    now: Callable[[], datetime]
    speed: float
    cast: dict[str, Visitor] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Codes of those who left."""
    secrets: dict[str, str] = field(default_factory=dict)
    """By code, what is in the QR of a rehearsal visitor's ticket."""

    async def take(self, span: timedelta) -> None:
        await asyncio.sleep(max(0.0, span.total_seconds()) / self.speed)


# Visitors ------------------------------------------------------------------------------------------------------


class Doorway:
    """The kiosk by the lift: issues the visitors' tickets with the letter it was given, numbered like any kiosk's."""

    def __init__(self, stage: Stage, device: str, token: str) -> None:
        self.stage = stage
        self.line = Line(stage.address, "/ws/device", {"Authorization": f"Bearer {token}"})
        self._device = device
        self._number = 0

    async def issue(self, visitor: Visitor) -> str | None:
        """The code given; None when it could not be (the service is not offered now)."""
        await self.line.ready()
        own = self.line.rows.get(f"device:{self._device}")
        if own is None or not self._offered(visitor.service):
            return None
        self._number = max(self._number, int(own["last_number"])) + 1
        code, secret = write_code(own["letter"], self._number), secrets.token_urlsafe(16)
        self.stage.cast[code] = visitor
        self.stage.secrets[code] = secret
        age = max(timedelta(0), -visitor.after)
        answer = await self.line.ask(
            asks.Issue(
                visit=new_id(),
                ticket=new_id(),
                code=code,
                service=visitor.service,
                language=visitor.language,
                needs=visitor.needs,
                discreet=visitor.service == "talk-in-private",
                age_ms=round(age.total_seconds() * 1000),
                follow_hash=hashlib.sha256(secret.encode()).hexdigest(),
                paper=PaperState.CONFIRMED,
            )
        )
        if isinstance(answer, Refusal):
            log.warning("a rehearsal visitor got no ticket: %s", answer.say)
            return None
        return code

    def _offered(self, service: str) -> bool:
        key = "private" if service == "talk-in-private" else f"service:{service}"
        row = self.line.rows.get(key)
        return bool(row and row["open"])

    async def report(self) -> None:
        """Tell each minute that all is well, as a kiosk does."""
        while True:
            await self.line.ready()
            await self.line.ask(asks.Health(app="rehearsal", printer=PrinterState.READY))
            await asyncio.sleep(max(1.0, 60 / self.stage.speed))


async def visit(doorway: Doorway, greeter: Greeter, visitor: Visitor) -> None:
    """One visitor from the door on: takes a ticket, waits, and may lose patience."""
    stage = doorway.stage
    code = await (greeter.welcome(visitor) if visitor.by_hand else doorway.issue(visitor))
    if code is None or visitor.patience is None:
        return
    await stage.take(visitor.patience)
    stage.gone.add(code)
    if not visitor.with_phone or code not in stage.secrets:
        return
    line = Line(stage.address, f"/ws/t/{stage.secrets[code]}", {})
    running = asyncio.create_task(line.run())
    asking = asyncio.create_task(
        line.ask(asks.Leave())
    )  # refused, or hung up on, when it is their turn already
    await asyncio.wait({running, asking}, return_when=asyncio.FIRST_COMPLETED, timeout=20)
    await _ended(running, asking)


async def come_and_go(doorway: Doorway, greeter: Greeter, plan: Iterable[Visitor]) -> None:
    """Everybody's visit, each beginning in time. Who waits already comes in at once, having waited."""
    began = doorway.stage.now()
    async with asyncio.TaskGroup() as group:
        for visitor in plan:
            await doorway.stage.take(began + visitor.after - doorway.stage.now())
            group.create_task(_told(visit(doorway, greeter, visitor)))


# Staff ---------------------------------------------------------------------------------------------------------


class StaffPart:
    """A signed-in member of staff with an open page."""

    def __init__(self, stage: Stage, door: Door) -> None:
        self.stage = stage
        self.door = door
        self.line = Line(stage.address, "/ws/staff", {"Cookie": door.cookie})


class Adviser(StaffPart):
    def __init__(self, stage: Stage, door: Door, part: AdviserPart) -> None:
        super().__init__(stage, door)
        self.part = part

    async def work(self) -> None:
        """Sit down and serve until cancelled."""
        await self.line.ready()
        await self.line.ask(asks.SitDown(counter=self.part.counter, services=self.part.services))
        await self._finish_what_lies_there()
        rest_at = self.stage.now() + self.part.break_after
        while True:
            if self.stage.now() >= rest_at:
                await self._rest()
                rest_at = self.stage.now() + timedelta(hours=3)
            self.line.changed.clear()
            called = await self.line.ask(asks.CallNext())
            if isinstance(called, Refusal):
                await self._wait_for_bell(called)
                continue
            await self._serve(str(called["code"]), str(called["ticket"]))
            await self.stage.take(FREE_PAUSE)

    async def _wait_for_bell(self, refusal: Refusal) -> None:
        if refusal.code is RefusalCode.BUSY:
            await self._finish_what_lies_there()
        with contextlib.suppress(TimeoutError):
            # Not wait_for: on Python 3.11 it can lose a cancellation that comes together with the bell.
            async with asyncio.timeout(max(0.5, NO_BELL.total_seconds() / self.stage.speed)):
                await self.line.changed.wait()
        await asyncio.sleep(0.2)

    async def _finish_what_lies_there(self) -> None:
        """What an earlier run of the play left at this counter."""
        _, page = await asyncio.to_thread(self.door.get, "/counter/now")
        for ticket in _AT_MY_COUNTER.findall(page):
            await self.line.ask(asks.Finish(ticket=ticket, outcome=Outcome.RESOLVED))

    async def _serve(self, code: str, ticket: str) -> None:
        visitor = self.stage.cast.get(code)
        if visitor is None:
            await self._serve_guest(ticket)
        elif code in self.stage.gone:
            await self._wait_in_vain(ticket)
        else:
            await self._serve_visitor(visitor, code, ticket)

    async def _serve_guest(self, ticket: str) -> None:
        await asyncio.sleep(LOOK_SECONDS)
        await self.line.ask(asks.Arrive(ticket=ticket))
        await self.stage.take(GUEST_SERVED)
        await self.line.ask(asks.Finish(ticket=ticket, outcome=Outcome.RESOLVED))

    async def _wait_in_vain(self, ticket: str) -> None:
        for _ in range(2):
            await self.stage.take(CALL_AGAIN)
            await self.line.ask(asks.Recall(ticket=ticket))
        await self.stage.take(CALL_AGAIN)
        await self.line.ask(asks.NoShow(ticket=ticket))

    async def _serve_visitor(self, visitor: Visitor, code: str, ticket: str) -> None:
        await self.stage.take(visitor.walking)
        await self.line.ask(asks.Arrive(ticket=ticket))
        if visitor.parks:
            await self.stage.take(timedelta(minutes=2))
            await self.line.ask(asks.Park(ticket=ticket, note=visitor.parks))
            await self.stage.take(timedelta(minutes=4))
            if isinstance(await self.line.ask(asks.Unpark(ticket=ticket)), Refusal):
                return  # somebody else took it up
        await self.stage.take(visitor.serving)
        if visitor.pass_to is not None and not visitor.parks:
            note = "Knows who we are and why they came; the papers are with them."
            passed = await self.line.ask(asks.Transfer(ticket=ticket, service=visitor.pass_to, note=note))
            if not isinstance(passed, Refusal):
                self.stage.cast[code] = _passed_on(visitor)
                return
        ending = asks.Finish(ticket=ticket, outcome=visitor.outcome, avoidable=visitor.avoidable)
        await self.line.ask(ending)

    async def _rest(self) -> None:
        await self.line.ask(asks.TakeBreak(reason=BreakReason.BREAK))
        await self.stage.take(self.part.break_for)
        await self.line.ask(asks.EndBreak())


def _passed_on(visitor: Visitor) -> Visitor:
    return replace(visitor, pass_to=None, parks="", serving=visitor.serving * 0.7)


class Greeter(StaffPart):
    """Gives numbers by hand, counts who needs none, and goes to whoever asks for help at the rehearsal's kiosk."""

    async def welcome(self, visitor: Visitor) -> str | None:
        """The code given; None when the house would not."""
        age = max(timedelta(0), -visitor.after)
        speaks = None if visitor.language is Language.EN else visitor.language.value
        answer = await self.line.ask(
            asks.Welcome(
                visit=new_id(),
                ticket=new_id(),
                service=visitor.service,
                language=visitor.language,
                needs=visitor.needs,
                wants=speaks,
                quick=visitor.quick,
                age_ms=round(age.total_seconds() * 1000),
            )
        )
        if isinstance(answer, Refusal):
            log.warning("a rehearsal visitor could not be entered: %s", answer.say)
            return None
        code = str(answer["code"])
        self.stage.cast[code] = visitor
        return code

    async def count(self, plan: Iterable[Tap]) -> None:
        """One tap for each who needs no ticket."""
        began = self.stage.now()
        for tap in plan:
            await self.stage.take(began + tap.after - self.stage.now())
            tally = new_id()
            if tap.about:
                await self.line.ask(
                    asks.DoorHelp(tally=tally, service=tap.about, solved=tap.solved, avoidable=tap.avoidable)
                )
            else:
                await self.line.ask(asks.Count(tally=tally, activity=tap.activity))

    async def work(self, doorway: Doorway, every: timedelta = timedelta(minutes=22)) -> None:
        while True:
            await self.stage.take(every)
            request = new_id()
            await doorway.line.ask(asks.Help(request=request))
            await self.stage.take(timedelta(seconds=30))
            await self.line.ask(asks.TakeAttention(request=request))
            await self.stage.take(timedelta(minutes=2))
            await self.line.ask(asks.DoneAttention(request=request))

    async def expect(self, seed: int, zone: tzinfo) -> None:
        """Check in who has an appointment, when they come. Who they are the greeter reads on the page, as anybody at the door."""
        while True:
            await self.line.ready()
            with contextlib.suppress(Closed):  # the server starts again
                _, page = await asyncio.to_thread(self.door.get, "/greeter")
                now = self.stage.now().astimezone(zone)
                for appointment, clock in _EXPECTED.findall(page):
                    part = booked(seed, appointment)
                    at = datetime.combine(now.date(), time.fromisoformat(clock), tzinfo=zone)
                    if part.before is not None and now >= at - part.before:
                        await self._check_in(appointment, part.visitor)
            await asyncio.sleep(max(1.0, LOOKS.total_seconds() / self.stage.speed))

    async def _check_in(self, appointment: str, visitor: Visitor) -> None:
        arrival = asks.ArriveBooking(booking=appointment, visit=new_id(), ticket=new_id())
        answer = await self.line.ask(arrival)
        if isinstance(answer, Refusal):
            log.warning("a rehearsal visitor could not be checked in: %s", answer.say)
        else:
            self.stage.cast[str(answer["code"])] = visitor


async def _ended(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def play(
    stage: Stage,
    doorway: Doorway,
    advisers: Iterable[Adviser],
    greeter: Greeter,
    plan: Iterable[Visitor],
    counted: Iterable[Tap],
    expected: Awaitable[None],
) -> None:
    """The whole morning; returns when cancelled. A part that breaks down says so and the rest play on."""
    advisers = tuple(advisers)
    lines = [doorway.line, greeter.line, *(adviser.line for adviser in advisers)]
    parts: list[Awaitable[None]] = [line.run() for line in lines]
    parts += [
        doorway.report(),
        come_and_go(doorway, greeter, plan),
        greeter.work(doorway),
        greeter.count(counted),
        expected,
    ]
    parts += [adviser.work() for adviser in advisers]
    await asyncio.gather(*(_told(part) for part in parts))


async def _told(part: Awaitable[None]) -> None:
    try:
        await part
    except Exception:
        log.exception("a part of the rehearsal broke down; the others go on")
