"""Fifty followers in a storm: lines cut, messages late, lost or come twice, the server started anew; and all the while visitors come and are called.

The house is the real one (edge, lane, hub, feeds, a SQLite file), the followers are the real `wire.follow`; only the cables between them are
made up, so that thousands of faults fit into seconds. A follower that notices a hole hangs up and comes again, as devices do.

Afterwards everybody comes back once more. Then each follower must hold row for row what the server shows, every board must have shown every
call that ever was, in its last state, and none may have announced one call of a ticket twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.bound import told
from benchmarks.centre import SERVICES, build
from server.clock import Clock
from server.domain.access import Actor
from server.edge import House
from server.live.floor import FloorReader
from server.live.hub import Topic
from server.live.views import view
from server.settings import Settings
from server.store.database import open_database
from wire import asks
from wire.follow import Follower, Resync
from wire.frames import Answer, Row, read_server_frame
from wire.vocabulary import Audience, DeviceKind, Outcome, Role, new_id

CENTRE = 1
COUNTERS = 6
PAUSE = 0.004
"""Between two doings of one adviser, so that a call is seen to be awaited for a while."""


@dataclass
class Tally:
    followers: int
    cuts: int = 0
    late: int = 0
    lost: int = 0
    twice: int = 0
    restarts: int = 0
    changes: int = 0
    """Messages that followers took in."""
    calls: int = 0
    unequal: int = 0
    missed: int = 0
    announced: int = 0
    announced_twice: int = 0
    boards: int = 0

    @property
    def clean(self) -> bool:
        return not (self.unequal or self.missed or self.announced_twice)

    def lines(self) -> str:
        shown = self.calls * self.boards
        return "\n".join(
            (
                f"{self.followers} followers, {self.cuts:,} lines cut, {self.late:,} messages late, {self.lost:,} lost,"
                f" {self.twice:,} twice, {self.restarts} restarts of the server; {self.calls:,} calls, {self.changes:,} messages taken in",
                f"  not equal to the server at the end: {told(self.unequal, self.followers)}",
                f"  calls a board never showed:         {told(self.missed, shown)}",
                f"  calls announced twice by a board:   {told(self.announced_twice, self.announced)}",
            )
        )


class Cable:
    """A line under way: `put` never waits, and what is in it when it is cut is gone."""

    def __init__(self) -> None:
        self._messages: deque[str] = deque()
        self._some = asyncio.Event()
        self.cut = False

    def put(self, message: str) -> None:
        self._messages.append(message)
        self._some.set()

    async def take(self) -> str | None:
        while not self._messages and not self.cut:
            self._some.clear()
            await self._some.wait()
        return None if self.cut else self._messages.popleft()

    def pull(self) -> None:
        self.cut = True
        self._some.set()


@dataclass(eq=False)
class Watcher:
    """A follower with its board. `seen` is the last state in which it showed each call."""

    topic: Topic
    follower: Follower = field(default_factory=Follower)
    cable: Cable = field(default_factory=Cable)
    seen: dict[str, tuple[int, bool]] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)
    announced: list[tuple[str, int]] = field(default_factory=list)

    def look(self) -> None:
        """As the board does after each change (display/static/calls.js)."""
        for row in self.follower.rows.values():
            if row["kind"] != "call":
                continue
            ticket, times = row["ticket"], row["times"]
            self.seen[ticket] = (times, row["live"])
            if row["live"] and times > self.heard.get(ticket, 0):
                self.heard[ticket] = times
                self.announced.append((ticket, times))


class Storm:
    def __init__(self, path: Path, followers: int, chance: random.Random) -> None:
        self.chance = chance
        self.tally = Tally(followers)
        self._settings = Settings(database=f"sqlite:///{path}")
        self._database = open_database(self._settings.database)
        self._house = House(self._settings, self._database, Clock())
        audiences = [Audience.LOBBY] * 8 + [Audience.KIOSK, Audience.STAFF]
        self._watchers = [Watcher(Topic(CENTRE, audiences[n % 10])) for n in range(followers)]
        self._up = asyncio.Event()
        self._storming = True
        self._number = 0
        self._called: dict[str, int] = {}

    async def run(self, faults: int) -> Tally:
        """Until so many lines were cut or messages lost."""
        await self._start()
        advisers = [asyncio.create_task(self._advise(staff)) for staff in range(1, COUNTERS + 1)]
        watching = [asyncio.create_task(self._watch(watcher)) for watcher in self._watchers]
        tasks = [*advisers, *watching]
        try:
            await self._until(faults, tasks)
            self._storming = False
            await asyncio.gather(*advisers)
            await self._calm_down()
            await self._reckon()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._house.stop()
            self._database.close()
        return self.tally

    async def _until(self, faults: int, tasks: list[asyncio.Task[None]]) -> None:
        restart_every = max(1, faults // 12)
        while self.tally.cuts + self.tally.lost < faults:
            done, _ = await asyncio.wait(tasks, timeout=0.05, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            if self.tally.cuts + self.tally.lost > restart_every * (self.tally.restarts + 1):
                await self._restart()

    # The server -----------------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        await self._house.start()
        self._up.set()

    async def _restart(self) -> None:
        """A new process in all but name: new lane, new hub, new epochs, the same database."""
        self._up.clear()
        old = self._house
        await old.stop()
        for watcher in self._watchers:
            watcher.cable.pull()
        self._house = House(self._settings, self._database, Clock())
        self.tally.restarts += 1
        await self._start()

    async def _ask(self, actor: Actor, body: asks.AnyAsk) -> Any:
        """Asked again with the same id until it is answered, as whoever asks does."""
        ask_id = new_id()
        while True:
            await self._up.wait()
            house = self._house
            with suppress(TimeoutError):
                answer = await asyncio.wait_for(house.perform(actor, ask_id, body), 1)
                if answer.refusal is None:
                    return answer.result

    # Who comes and who calls ----------------------------------------------------------------------------------------

    async def _advise(self, staff: int) -> None:
        adviser = Actor(kind="staff", id=staff, centre=CENTRE, roles=frozenset({Role.ADVISER}))
        kiosk = Actor(kind="device", id=1, centre=CENTRE, device=DeviceKind.KIOSK)
        await self._ask(adviser, asks.SitDown(counter=f"desk-{staff}", services=SERVICES))
        while self._storming:
            self._number += 1
            await self._ask(
                kiosk,
                asks.Issue(
                    visit=new_id(),
                    ticket=new_id(),
                    code=f"A{self._number:02d}",
                    service=self.chance.choice(SERVICES),
                    follow_hash=f"{self.chance.getrandbits(256):064x}",
                ),
            )
            ticket = (await self._ask(adviser, asks.CallNext()))["ticket"]
            self._called[ticket] = 1
            await asyncio.sleep(PAUSE)
            for _ in range(self.chance.choice((0, 0, 0, 1, 2))):
                self._called[ticket] = (await self._ask(adviser, asks.Recall(ticket=ticket)))["calls"]
                await asyncio.sleep(PAUSE)
            if self.chance.random() < 0.1:
                await self._ask(adviser, asks.NoShow(ticket=ticket))
            else:
                await self._ask(adviser, asks.Arrive(ticket=ticket))
                await asyncio.sleep(PAUSE)
                await self._ask(adviser, asks.Finish(ticket=ticket, outcome=Outcome.RESOLVED))
            await asyncio.sleep(
                self.chance.uniform(0.3, 0.7)
            )  # a busy centre of sixty would take minutes for this

    # Who follows, over bad lines --------------------------------------------------------------------------------------

    async def _watch(self, watcher: Watcher) -> None:
        while True:
            await self._up.wait()
            hub = self._house.hub
            watcher.cable = cable = Cable()
            try:
                await hub.follow(watcher.topic, cable, watcher.follower.hello().cursor)
                await self._listen(watcher, cable)
            except (TimeoutError, RuntimeError):
                cable.pull()
            finally:
                hub.unfollow(watcher.topic, cable)
            await asyncio.sleep(self.chance.uniform(0, 0.02))

    async def _listen(self, watcher: Watcher, cable: Cable) -> None:
        chance = self.chance
        lasts = chance.randrange(1, 12)
        while (message := await cable.take()) is not None:
            copies = 1
            if self._storming:
                if chance.random() < 0.2:
                    self.tally.late += 1
                    await asyncio.sleep(chance.uniform(0, 0.03))
                if chance.random() < 0.05:
                    self.tally.lost += 1
                    copies = 0
                elif chance.random() < 0.05:
                    self.tally.twice += 1
                    copies = 2
            for _ in range(copies):
                if not self._take(watcher, message):
                    return
            lasts -= 1
            if lasts <= 0 and self._storming:
                self.tally.cuts += 1
                return

    def _take(self, watcher: Watcher, message: str) -> bool:
        """False when the follower found a hole and hangs up."""
        frame = read_server_frame(message)
        assert not isinstance(frame, Answer)
        change = watcher.follower.take(frame, time.monotonic())
        self.tally.changes += 1
        if isinstance(change, Resync):
            return False
        watcher.look()
        return True

    # Afterwards -----------------------------------------------------------------------------------------------------

    async def _calm_down(self) -> None:
        """Everybody comes back once over a good line; then the last changes and a beat reach all."""
        for watcher in self._watchers:
            watcher.cable.pull()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            await asyncio.sleep(0.2)
            self._house.hub.ring([CENTRE])
            if not await self._unequal():
                return

    async def _unequal(self) -> int:
        told = {
            topic: _as_told(await self._house.hub.glance(topic))
            for topic in {each.topic for each in self._watchers}
        }
        return sum(watcher.follower.rows != told[watcher.topic] for watcher in self._watchers)

    async def _reckon(self) -> None:
        tally = self.tally
        tally.calls = len(self._called)
        tally.unequal = await self._unequal()
        # Not only as the feed has it: as a reading without any memory has it, too.
        floor = FloorReader(self._database, "").read(CENTRE, Clock().micros())
        rows = _as_told(view(floor, Audience.LOBBY))
        fresh = {key: row for key, row in rows.items() if key.startswith("call:")}
        for watcher in self._watchers:
            if watcher.topic.audience is not Audience.LOBBY:
                continue
            tally.boards += 1
            shown = {key: row for key, row in watcher.follower.rows.items() if key.startswith("call:")}
            tally.unequal += shown != fresh
            tally.missed += sum(
                watcher.seen.get(each) != (times, False) for each, times in self._called.items()
            )
            tally.announced += len(watcher.announced)
            tally.announced_twice += len(watcher.announced) - len(set(watcher.announced))


def _as_told(rows: Mapping[str, Row]) -> dict[str, Row]:
    """Rows as they come out of JSON: lists where the server has tuples."""
    told: dict[str, Row] = json.loads(json.dumps(rows))
    return told


def run(faults: int, followers: int = 50, seed: int | None = None) -> Tally:
    with tempfile.TemporaryDirectory(prefix="foyer-storm-") as folder:
        path = Path(folder) / "foyer.db"
        build(path, kiosks=1, counters=COUNTERS)
        return asyncio.run(Storm(path, followers, random.Random(seed)).run(faults))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feed_storm", description=__doc__)
    parser.add_argument("--faults", type=int, default=10_000, help="lines cut and messages lost")
    parser.add_argument("--followers", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    tally = run(options.faults, options.followers, options.seed)
    print(tally.lines())
    return 0 if tally.clean else 1


if __name__ == "__main__":
    sys.exit(main())
