"""Who plays a day at a centre: a kiosk, a board, advisers, a greeter, visitors with and without a phone, a manager in the evening.

They are made from a seed, so the same month is played again. Nobody waits for the machine: what takes minutes takes them on the play's clock (`benchmarks.month.turned`).
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from benchmarks.month.turned import Time
from demo.door import Door
from demo.line import HungUp, Line
from wire import asks
from wire.asks import AnyAsk
from wire.codes import write_code
from wire.frames import Refusal
from wire.vocabulary import (
    Activity,
    BreakReason,
    Language,
    Outcome,
    PaperState,
    PrinterState,
    RefusalCode,
    new_id,
)

OPEN_MINUTES = 8 * 60
LEAVES, STAYS_AWAY, PARKED, PASSED_ON, HAS_PHONE = 0.06, 0.05, 0.08, 0.05, 0.25
BY_THE_WAY = (
    Activity.SCAN_STATION,
    Activity.TELEPHONE,
    Activity.SELF_SERVICE_PC,
    Activity.PAYMENT_KIOSK,
    Activity.FORMS,
)
PASSWORD = secrets.token_urlsafe(18)
CUT_MINUTES = 20
LONGEST_MINUTES = 28.0
"""A session that nothing is asked in for half an hour ends; these advisers type nothing meanwhile."""
ANSWER_SECONDS = 15.0
FORGETS_TO_GET_UP = 0.1
FORESEEN = frozenset(
    {RefusalCode.NOBODY_WAITING, RefusalCode.WRONG_STATE, RefusalCode.BUSY, RefusalCode.NO_COUNTER}
)
"""What the house may answer because somebody else was quicker, or it has closed the counters of a centre where nobody is left."""


@dataclass
class Site:
    """A centre as the play knows it."""

    slug: str
    kiosk: str
    kiosk_device: int
    display: str
    services: tuple[str, ...]
    counters: tuple[str, ...]
    advisers: tuple[str, ...]
    greeter: str
    manager: str
    visits: float


@dataclass
class Told:
    """What the play counted, over all days and centres."""

    asked: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unforeseen: list[str] = field(default_factory=list)
    issued: int = 0
    pages: Counter[int] = field(default_factory=Counter)


class Day:
    """One day at one centre, from before the doors open until the last has gone."""

    def __init__(self, site: Site, time: Time, address: str, told: Told, opens: datetime, seed: str) -> None:
        self._site, self._time, self._address, self._told, self._opens = site, time, address, told, opens
        self._chance = random.Random(seed)
        self._running: list[asyncio.Task[None]] = []
        self._idle: list[asyncio.Future[None]] = []
        self._gone: set[str] = set()
        self._kiosk = self._open("/ws/device", {"Authorization": f"Bearer {site.kiosk}"})
        self._number = 0
        self._held: list[tuple[datetime, asks.Issue]] | None = None
        self._over = False

    # Lines ---------------------------------------------------------------------------------------------------------

    def _open(self, path: str, headers: dict[str, str]) -> Line:
        line = Line(self._address, path, headers)
        self._running.append(asyncio.create_task(self._run(line)))
        return line

    async def _run(self, line: Line) -> None:
        try:
            await line.run()
        except HungUp as error:
            self._told.unforeseen.append(f"{self._site.slug}: a line was ended at {self._time.now}: {error}")

    async def _ask(self, line: Line, body: AnyAsk) -> dict[str, Any] | None:
        """What it came to; None when it was refused."""
        self._told.asked[body.do] += 1
        asked_at = self._time.now
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await line.ask(body)
        except TimeoutError:
            raise TimeoutError(
                f"{self._site.slug}: {body.do}, asked at {asked_at:%H:%M:%S}, was not answered"
            ) from None
        if isinstance(answer, Refusal):
            self._told.refused[f"{body.do}: {answer.code.value}"] += 1
            if answer.code not in FORESEEN:
                self._told.unforeseen.append(f"{self._site.slug}: {body.do}: {answer.say}")
            return None
        return answer

    # The day -------------------------------------------------------------------------------------------------------

    async def play(self) -> None:
        time, site = self._time, self._site
        board = self._open("/ws/device", {"Authorization": f"Bearer {site.display}"})
        await self._kiosk.ready()
        own = self._kiosk.rows[f"device:{site.kiosk_device}"]
        self._number, self._letter = int(own.get("last_number", 0)), str(own["letter"])
        await self._ask(self._kiosk, asks.Health(app="month", printer=PrinterState.READY))
        doors = {
            name: await asyncio.to_thread(self._signed_in, name) for name in (*site.advisers, site.greeter)
        }
        for place, name in enumerate(site.advisers):
            time.begin(self._adviser(place, doors[name]))
        time.begin(self._greeter(doors[site.greeter]))
        time.begin(self._cut())
        time.begin(self._health())
        arrivals = sorted(self._chance.uniform(0, OPEN_MINUTES - 20) for _ in range(self._expected()))
        for minute in arrivals:
            time.begin(self._visit(self._opens + timedelta(minutes=minute)))
        await board.ready()
        await time.until(self._opens + timedelta(minutes=OPEN_MINUTES + 45))
        self._over = True
        self._ring_all()
        await time.take(600)
        await asyncio.to_thread(self._evening)
        await time.take(60)
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _expected(self) -> int:
        return max(1, round(self._chance.gauss(self._site.visits, self._site.visits**0.5)))

    def _signed_in(self, name: str) -> Door:
        door = Door(self._address)
        door.sign_in(name, PASSWORD)
        return door

    # Visitors ------------------------------------------------------------------------------------------------------

    async def _visit(self, at: datetime) -> None:
        await self._time.until(at)
        self._number += 1
        code, secret = write_code(self._letter, self._number), secrets.token_urlsafe(16)
        issue = asks.Issue(
            visit=new_id(),
            ticket=new_id(),
            code=code,
            service=self._chance.choice(self._site.services),
            language=self._chance.choice(list(Language)),
            follow_hash=hashlib.sha256(secret.encode()).hexdigest(),
            paper=PaperState.CONFIRMED,
        )
        if self._held is not None:
            self._held.append((self._time.now, issue))
            return
        if await self._ask(self._kiosk, issue) is None:
            return
        self._told.issued += 1
        self._ring_one()
        if self._chance.random() < STAYS_AWAY:
            self._gone.add(code)
        if self._chance.random() < HAS_PHONE:
            await self._with_phone(secret, code)

    async def _with_phone(self, secret: str, code: str) -> None:
        """Looks at the page, follows the line for a while; some give up by it."""
        status = (await asyncio.to_thread(Door(self._address).get, f"/t/{secret}"))[0]
        self._told.pages[status] += 1
        line = Line(self._address, f"/ws/t/{secret}", {})
        running = asyncio.create_task(_run(line))
        await self._time.take(60 * self._chance.uniform(1, 12))
        if self._chance.random() < LEAVES / HAS_PHONE:
            asking = asyncio.create_task(line.ask(asks.Leave()))
            await asyncio.wait({running, asking}, return_when=asyncio.FIRST_COMPLETED, timeout=3)
            asking.cancel()
            self._gone.add(code)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    async def _cut(self) -> None:
        """Once a day the kiosk's line is cut for a while; it goes on giving out tickets and hands them over late, with their age."""
        await self._time.until(self._opens + timedelta(minutes=self._chance.uniform(30, OPEN_MINUTES - 60)))
        self._held = []
        await self._time.take(1)  # what is being asked is answered before it is later
        self._running[0].cancel()
        await self._time.take(60 * CUT_MINUTES)
        held, self._held = self._held, None
        self._kiosk = self._open("/ws/device", {"Authorization": f"Bearer {self._site.kiosk}"})
        for given_at, issue in held:
            age = round((self._time.now - given_at).total_seconds() * 1000)
            if await self._ask(self._kiosk, issue.model_copy(update={"age_ms": age})) is not None:
                self._told.issued += 1
                self._ring_one()

    async def _health(self) -> None:
        while not self._over:
            if self._held is None:
                await self._ask(self._kiosk, asks.Health(app="month", printer=PrinterState.READY))
            await self._time.take(300)

    # Staff ---------------------------------------------------------------------------------------------------------

    async def _adviser(self, place: int, door: Door) -> None:
        line = self._open("/ws/staff", {"Cookie": door.cookie})
        await line.ready()
        await self._time.until(self._opens - timedelta(minutes=3))
        await self._ask(line, asks.SitDown(counter=self._site.counters[place], services=self._site.services))
        rest_at = self._opens + timedelta(minutes=150 + 25 * place)
        while not self._over:
            if self._time.now >= rest_at:
                await self._ask(line, asks.TakeBreak(reason=BreakReason.BREAK))
                await self._time.take(60 * LONGEST_MINUTES)
                await self._ask(line, asks.EndBreak())
                rest_at += timedelta(hours=12)
            called = await self._ask(line, asks.CallNext())
            if called is None:
                await self._until_somebody_comes()
            else:
                await self._serve(line, str(called["code"]), str(called["ticket"]))
        if self._chance.random() > FORGETS_TO_GET_UP:
            await self._ask(line, asks.GetUp())

    async def _serve(self, line: Line, code: str, ticket: str) -> None:
        take, chance = self._time.take, self._chance
        if code in self._gone:
            await take(90)
            await self._ask(line, asks.Recall(ticket=ticket))
            await take(90)
            await self._ask(line, asks.NoShow(ticket=ticket))
            return
        await take(chance.uniform(15, 60))
        await self._ask(line, asks.Arrive(ticket=ticket))
        await take(60 * min(LONGEST_MINUTES, chance.lognormvariate(2.0, 0.6)))
        what = chance.random()
        if what < PARKED:
            if await self._ask(line, asks.Park(ticket=ticket)) is None:
                return
            await take(240)
            if await self._ask(line, asks.Unpark(ticket=ticket)) is None:
                return
        elif what < PARKED + PASSED_ON:
            passed = asks.Transfer(
                ticket=ticket, service=chance.choice(self._site.services), note="Has the papers."
            )
            if await self._ask(line, passed) is not None:
                self._ring_one()
                return
        await self._ask(line, asks.Finish(ticket=ticket, outcome=chance.choice(list(Outcome))))

    async def _until_somebody_comes(self) -> None:
        bell: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._idle.append(bell)
        watching = self._time.begin(self._ring_after(bell, 600))
        await self._time.for_bell(bell)
        watching.cancel()

    async def _ring_after(self, bell: asyncio.Future[None], seconds: float) -> None:
        await self._time.take(seconds)
        self._time.ring(bell)

    def _ring_one(self) -> None:
        while self._idle:
            bell = self._idle.pop(0)
            if not bell.done():
                self._time.ring(bell)
                return

    def _ring_all(self) -> None:
        while self._idle:
            self._time.ring(self._idle.pop())

    async def _greeter(self, door: Door) -> None:
        line = self._open("/ws/staff", {"Cookie": door.cookie})
        await line.ready()
        while True:
            await self._time.take(self._chance.expovariate(1 / 180))
            if self._over:  # whoever looks up late has gone home, and so has the line
                return
            activity = self._chance.choice(BY_THE_WAY)
            await self._ask(line, asks.Count(tally=new_id(), activity=activity))

    def _evening(self) -> None:
        """The manager looks at every page of figures, and takes some away."""
        door = self._signed_in(self._site.manager)
        for path in PAGES:
            status = door.get(path)[0]
            self._told.pages[status] += 1
            if status != 200:
                self._told.unforeseen.append(f"{self._site.slug}: {path} answered {status}")


PAGES = (
    "/",
    "/figures/now",
    "/figures/footfall?kind=day",
    "/figures/footfall?kind=month",
    "/figures/waits?kind=week",
    "/figures/why?kind=month",
    "/figures/satisfaction?kind=month",
    "/figures/staffing",
    "/figures/estimates",
    "/counts",
    "/admin/messages",
)


async def _run(line: Line) -> None:
    """Until cancelled, or until the server says that this one need not come back (a phone whose visit is over)."""
    try:
        await line.run()
    except HungUp:
        return
