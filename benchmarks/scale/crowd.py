"""One process of kiosks, displays and advisers of some centres, spread over all servers, as life has them.

Visitors come by chance at a rate (Poisson, an open loop: nobody waits for the server before coming), each takes a ticket at a kiosk of a centre; advisers
who are free call, and serve for a while. Every ask that gets no answer is made again under the same id, on whichever server is there. Each display is one socket; a
call counts as shown when every display of its centre has it, by a change or in the snapshot of a display that had to come again.

A balancer leads all screens of one site to one server (`home`), and elsewhere when that one is gone; with `scattered` each comes to the next server in turn.

Orders come as lines of JSON on standard input, what was measured goes back the same way.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from abc import ABC, abstractmethod
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import psutil
import uvloop

from benchmarks.load import SERVICES, issue
from benchmarks.talk import Talk, bearer, connect, cookie
from wire.vocabulary import new_id

AGAIN_SECONDS = 0.3
BACK_SECONDS = (0.1, 0.8)
"""As far apart as screens come back, so that they do not all come at once."""
OPEN_AT_ONCE = 40
KEPT = 400
_CALL = re.compile(rb'"call:([0-9a-f]{32})"')


@dataclass
class Told:
    """What was measured in one span of the run."""

    issued: list[float] = field(default_factory=list)
    called: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    lag: list[tuple[float, float]] = field(default_factory=list)
    """When a call was answered, and when the last display had it, by the machine's one clock."""
    commands: int = 0
    again: int = 0
    """Asks that were made again: refused for now, or their line was lost."""
    refused: dict[str, int] = field(default_factory=dict)
    gap: float = 0.0
    """The longest time in which nothing at all was answered."""
    back: list[float] = field(default_factory=list)
    """From each lost line until that screen showed everything anew."""
    loop_late: float = 0.0
    """How late this process itself was at worst: what it measures is no better."""


class World:
    """What all connections of this process share."""

    def __init__(self, ports: list[int], seed: int, *, scattered: bool = False) -> None:
        self.ports = ports
        self.scattered = scattered
        self.random = random.Random(seed)
        self.told = Told()
        self.issued_ids: list[str] = []
        self.answered_at = time.monotonic()
        self.rate_of_service = 1.0
        self.turn = 0
        self.gone_unseen = 0

    def port(self, home: int, tries: int) -> int:
        """Where one whose site is led to server `home` is led at so many tries after the first."""
        if tries and not self.scattered:
            return self.random.choice(self.ports)
        self.turn += 1
        return self.ports[(self.turn if self.scattered else home) % len(self.ports)]

    def one_answered(self, now: float) -> None:
        self.told.commands += 1
        self.told.gap = max(self.told.gap, now - self.answered_at)
        self.answered_at = now


class Connection(ABC):
    """A line that comes back by itself, each time to another server."""

    def __init__(self, world: World, path: str, credential: str, home: int) -> None:
        self.world, self.path, self.credential, self.home = world, path, credential, home
        self.tries = 0
        self.talk: Talk | None = None
        self.lost_at = 0.0
        self.ready = asyncio.Event()
        self.closing = False

    async def open(self) -> None:
        while not self.closing:
            try:
                async with asyncio.timeout(10):
                    port = self.world.port(self.home, self.tries)
                    self.tries += 1
                    self.talk = await connect(port, self.path, self.credential, self._heard, self._lost)
                return
            except (OSError, TimeoutError, asyncio.InvalidStateError):
                await asyncio.sleep(self.world.random.uniform(*BACK_SECONDS))

    def _lost(self) -> None:
        if self.closing or not self.ready.is_set():
            return
        self.lost_at = time.monotonic()
        self.ready.clear()
        self.talk = None
        _keep(asyncio.create_task(self._back()))

    async def _back(self) -> None:
        await asyncio.sleep(self.world.random.uniform(*BACK_SECONDS))
        await self.open()

    def _heard(self, message: bytes) -> None:
        if not self.ready.is_set():
            self.ready.set()
            if self.lost_at:
                self.world.told.back.append(time.monotonic() - self.lost_at)
            self.came_back()
        self.heard(message)

    def came_back(self) -> None:  # noqa: B027 - most need nothing then
        """The line is there (again)."""

    @abstractmethod
    def heard(self, message: bytes) -> None:
        """A message came; what it is to whoever this is."""


_kept: set[asyncio.Task[Any]] = set()


def _keep(task: asyncio.Task[Any]) -> None:
    _kept.add(task)
    task.add_done_callback(_kept.discard)


@dataclass
class Pending:
    message: bytes
    asked: float
    answered: asyncio.Future[dict[str, Any]]


class Asker(Connection):
    """A kiosk or an adviser's page."""

    def __init__(self, world: World, path: str, credential: str, home: int) -> None:
        super().__init__(world, path, credential, home)
        self._pending: OrderedDict[str, Pending] = OrderedDict()

    async def ask(self, body: str) -> tuple[dict[str, Any], float]:
        """The answer, and how long it took however often it had to be asked."""
        ask_id = new_id()
        message = f'{{"type":"ask","id":"{ask_id}","body":{body}}}'.encode()
        pending = Pending(message, time.monotonic(), asyncio.get_running_loop().create_future())
        self._pending[ask_id] = pending
        self._say(message)
        answer = await pending.answered
        now = time.monotonic()
        self.world.one_answered(now)
        return answer, now - pending.asked

    def _say(self, message: bytes) -> None:
        if self.talk is not None and self.ready.is_set():
            self.talk.say(message)

    def came_back(self) -> None:
        for pending in self._pending.values():
            if self.lost_at:
                self.world.told.again += 1
            self._say(pending.message)

    def heard(self, message: bytes) -> None:
        if not message.startswith(b'{"type":"answer"'):
            return
        answer = orjson.loads(message)
        pending = self._pending.get(answer["id"])
        if pending is None:
            return
        refusal = answer.get("refusal")
        if refusal is not None and refusal["code"] == "try_later":
            self.world.told.again += 1
            asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._say, pending.message)
            return
        del self._pending[answer["id"]]
        if refusal is not None:
            refused = self.world.told.refused
            refused[refusal["code"]] = refused.get(refusal["code"], 0) + 1
        if not pending.answered.done():
            pending.answered.set_result(answer)


class Display(Connection):
    def __init__(self, world: World, token: str, place: Place, number: int) -> None:
        super().__init__(world, "/ws/device", bearer(token), place.home)
        self.place, self.number = place, number

    def heard(self, message: bytes) -> None:
        if b'"call:' in message:
            now = time.monotonic()
            for ticket in _CALL.findall(message):
                self.place.seen(ticket.decode(), self.number, now)


class Place:
    """One centre: who waits, who is free, and which display has seen which call."""

    def __init__(self, world: World, given: dict[str, Any], home: int) -> None:
        self.world, self.home = world, home
        self.kiosks = [
            (Asker(world, "/ws/device", bearer(token), home), letter) for token, letter in given["kiosks"]
        ]
        self.displays = [Display(world, token, self, at) for at, token in enumerate(given["displays"])]
        self.advisers = [
            (Asker(world, "/ws/staff", cookie(key), home), desk) for key, desk in given["advisers"]
        ]
        self.numbers = [0] * len(self.kiosks)
        self.waiting = 0
        self.free: deque[Asker] = deque()
        self.shown_by: OrderedDict[str, dict[int, float]] = OrderedDict()
        self.calls: dict[str, tuple[float, float]] = {}
        """Pressed and answered at, of calls not yet on every display."""

    def connections(self) -> list[Connection]:
        return [*(each for each, _ in self.kiosks), *self.displays, *(each for each, _ in self.advisers)]

    async def sit(self) -> None:
        for adviser, desk in self.advisers:
            await adviser.ask(json.dumps({"do": "sit_down", "counter": desk, "services": list(SERVICES)}))
            self.free.append(adviser)

    async def visitor(self) -> None:
        which = self.world.random.randrange(len(self.kiosks))
        self.numbers[which] += 1
        kiosk, letter = self.kiosks[which]
        body = issue(letter, self.numbers[which], SERVICES[self.numbers[which] % 4])
        answer, took = await kiosk.ask(body)
        if answer.get("refusal"):
            return
        self.world.told.issued.append(took)
        self.world.issued_ids.append(json.loads(body)["visit"])
        self.waiting += 1
        self.call_some()

    def call_some(self) -> None:
        while self.free and self.waiting > 0:
            self.waiting -= 1
            _keep(asyncio.create_task(self.serve(self.free.popleft())))

    async def serve(self, adviser: Asker) -> None:
        pressed = time.monotonic()
        answer, took = await adviser.ask('{"do":"call_next"}')
        if answer.get("refusal"):
            self.free.append(adviser)
            return
        ticket = answer["result"]["ticket"]
        self.world.told.called.append(took)
        self.calls[ticket] = (pressed, time.monotonic())
        self.check(ticket)
        await asyncio.sleep(
            self.world.random.expovariate(1) * 0.4 * self.world.rate_of_service
            + 0.6 * self.world.rate_of_service
        )
        await adviser.ask(f'{{"do":"arrive","ticket":"{ticket}"}}')
        await adviser.ask(f'{{"do":"finish","ticket":"{ticket}","outcome":"resolved"}}')
        if self.calls.pop(ticket, None) is not None:
            self.world.gone_unseen += 1
        self.free.append(adviser)
        self.call_some()

    def seen(self, ticket: str, display: int, at: float) -> None:
        seen = self.shown_by.setdefault(ticket, {})
        if display not in seen:
            seen[display] = at
            self.check(ticket)
        while len(self.shown_by) > KEPT:
            self.shown_by.popitem(last=False)

    def check(self, ticket: str) -> None:
        seen = self.shown_by.get(ticket, {})
        if ticket in self.calls and len(seen) == len(self.displays):
            pressed, answered = self.calls.pop(ticket)
            last = max(seen.values())
            self.world.told.shown.append(last - pressed)
            self.world.told.lag.append((answered, last))


class Crowd:
    def __init__(self, order: dict[str, Any]) -> None:
        self.world = World(order["ports"], order["seed"], scattered=order["scattered"])
        self.places = [Place(self.world, each, at) for at, each in enumerate(order["places"])]
        self._numbers = order.get("numbers")
        if self._numbers:
            for place, numbers in zip(self.places, self._numbers, strict=True):
                place.numbers = numbers

    async def open(self) -> None:
        """All of them, some at a time; then everybody sits down."""
        room = asyncio.Semaphore(OPEN_AT_ONCE)

        async def one(connection: Connection) -> None:
            async with room:
                await connection.open()
                await connection.ready.wait()

        await asyncio.gather(*(one(each) for place in self.places for each in place.connections()))
        for first in range(0, len(self.places), OPEN_AT_ONCE):
            await asyncio.gather(*(place.sit() for place in self.places[first : first + OPEN_AT_ONCE]))

    async def run(self, rate: float, seconds: float, service: float) -> dict[str, Any]:
        """Visitors at `rate` a second for so long; then whoever is under way comes to an end."""
        world = self.world
        world.rate_of_service = service
        world.told, world.gone_unseen = Told(), 0
        world.answered_at = time.monotonic()
        watching = asyncio.create_task(self._watch())
        began, cpu = time.monotonic(), _cpu()
        due = began
        coming: set[asyncio.Task[None]] = set()
        while due < began + seconds:
            due += world.random.expovariate(rate)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            task = asyncio.create_task(world.random.choice(self.places).visitor())
            coming.add(task)
            task.add_done_callback(coming.discard)
        in_time = world.told.commands
        behind = len(coming)
        spent = _cpu() - cpu
        if coming:
            await asyncio.wait(coming, timeout=20)
        await self._settled(min(25.0, service * 3 + 10))
        watching.cancel()
        told = world.told
        return {
            **told.__dict__,
            "behind": behind,
            "in_time": in_time,
            "seconds": seconds,
            "cpu": spent,
            "unseen": world.gone_unseen,
            "left": sum(place.waiting for place in self.places),
            "still": sum(len(place.advisers) - len(place.free) for place in self.places),
        }

    async def _settled(self, seconds: float) -> None:
        """Until nobody waits and every adviser is free, or so long."""
        deadline = time.monotonic() + seconds
        for _ in iter(lambda: time.monotonic() < deadline and not self._at_rest(), False):
            await asyncio.sleep(0.1)

    def _at_rest(self) -> bool:
        return all(not place.waiting and len(place.free) == len(place.advisers) for place in self.places)

    async def _watch(self) -> None:
        while True:
            asked = time.monotonic()
            await asyncio.sleep(0.05)
            self.world.told.loop_late = max(self.world.told.loop_late, time.monotonic() - asked - 0.05)

    async def close(self) -> dict[str, Any]:
        for place in self.places:
            for connection in place.connections():
                connection.closing = True
                if connection.talk is not None:
                    connection.talk.close()
        return {
            "issued": self.world.issued_ids,
            "numbers": [place.numbers for place in self.places],
        }


def _cpu() -> float:
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)


async def main() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=256 * 1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    crowd = Crowd(json.loads(await reader.readline()))
    await crowd.open()
    _tell({"ready": True})
    orders: dict[str, Callable[[dict[str, Any]], Any]] = {
        "run": lambda order: crowd.run(order["rate"], order["seconds"], order["service"]),
    }
    while line := await reader.readline():
        order = json.loads(line)
        if order["do"] == "close":
            break
        _tell(await orders[order["do"]](order))
    _tell(await crowd.close())


def _tell(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main())
