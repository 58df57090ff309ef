"""Keeps every followed view in step with the database.

A doorbell (`ring`) says only that a centre changed. The hub then reads that centre's floor once, in a worker thread, and makes from it every
view somebody follows there. Rings that come while it reads are one more reading afterwards, so a thousand commits cost a few readings, and
while a centre is read again and again at least as long a rest lies between two readings, so that a flood cannot starve the commands
themselves. Every few seconds each followed centre is read anyway: time changes a view too, and on PostgreSQL a doorbell can be lost.

A beat says that what a screen shows is so. Where the database could not be read for a while there is none, so the screen says by itself that it is
catching up and comes again, to this server or, through a balancer, to one that can.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

from server.clock import Clock
from server.domain import waiting
from server.live import views
from server.live.feed import Feed, Outbox
from server.live.floor import Floor, FloorReader
from server.measures import Measures
from server.store.database import Database
from server.store.faults import fault_of
from wire.frames import BEAT_SECONDS, Cursor, Row
from wire.vocabulary import Audience

log = logging.getLogger("foyer.hub")

POLL_SECONDS = 5.0
QUIET_SECONDS = 15.0
"""On PostgreSQL, for a centre where nobody waits or is served and nothing changed: a reading takes some forty statements there, and two hundred empty centres read every five
seconds would keep half a processor busy. A line that the doorbell could be lost on is looked after (`server.live.doorbell`)."""
REST = 2.0
"""After a reading of t seconds the next waits REST * t: at most a third of the time is spent looking,"""
MOST_REST = 1.0
"""but never longer than this: a reading that waited four seconds for a silent line tells nothing of how busy the house is, and what changed
meanwhile must be on the screens soon after the line is back."""
STALE_SECONDS = 10.0
"""A centre that could not be read for so long has no beat."""
GLANCE_SECONDS = 0.25
"""Pages of phones that hold no line ask again and again; they share a reading."""
UNREAD_PAUSE = 0.5
FORGET_SECONDS = 600.0
"""A feed nobody followed for so long is dropped; who comes later gets a snapshot."""


def rest_after(seconds: float) -> float:
    """How long nobody looks at a centre after a reading of so many seconds, waiting for its turn and for the database counted in."""
    return min(MOST_REST, REST * seconds)


class Topic(NamedTuple):
    """What is followed. `subject` is a counter's id for a sign and a visit's id for a phone."""

    centre: int
    audience: Audience
    subject: str = ""


@dataclass(eq=False)
class _Corner:
    """One centre's feeds and the state of its refresher."""

    feeds: dict[Topic, Feed] = field(default_factory=dict)
    left_at: dict[Topic, float] = field(default_factory=dict)
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    fresh: asyncio.Event = field(default_factory=asyncio.Event)
    rung: int = 0
    """How often its bell rang,"""
    shown: int = 0
    """and how often it had when what its feeds show was read."""
    read_at: float = field(default_factory=time.monotonic)
    """When it was last read."""
    failing: bool = False
    quiet: bool = False
    """Nobody waits or is served, and the last reading changed nothing."""
    since: float = 0.0
    """When it rang first of what its feeds do not show yet; 0 when they show all."""
    task: asyncio.Task[None] | None = None


class Hub:
    def __init__(
        self, database: Database, clock: Clock, readers: ThreadPoolExecutor, public_url: str
    ) -> None:
        self._clock = clock
        self._readers = readers
        self.floors = FloorReader(database, public_url)
        self._hurried = database.hurried
        self._may_be_quiet = not database.is_sqlite
        self._corners: dict[int, _Corner] = {}
        self.measures = Measures()
        self._rings = 0
        self._glances: dict[int, tuple[float, Floor]] = {}
        self._glancing: dict[int, asyncio.Lock] = {}
        self._beater: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._beater = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        tasks = [corner.task for corner in self._corners.values() if corner.task] + [self._beater]
        for task in tasks:
            if task is not None:
                task.cancel()
        await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)
        self._corners.clear()

    def now_ms(self) -> int:
        return self._clock.micros() // 1000

    def ring(self, centres: Iterable[int]) -> None:
        """These centres changed. Call it on the event loop."""
        self._rings += 1
        self._glances.clear()
        for centre in centres:
            corner = self._corners.get(centre)
            if corner is not None:
                corner.rung += 1
                corner.since = corner.since or time.monotonic()
                corner.bell.set()

    def ring_all(self) -> None:
        """Any centre may have changed."""
        self.ring(list(self._corners))

    async def follow(self, topic: Topic, follower: Outbox, cursor: Cursor | None) -> None:
        """Bring `follower` up to date on `topic` and keep it so until `unfollow`."""
        corner = self._corners.setdefault(topic.centre, _Corner())
        feed = corner.feeds.get(topic)
        if feed is None:
            feed = corner.feeds[topic] = Feed()
        if not feed.followers:
            feed.filled = False  # nobody has had it kept fresh: what it shows may be minutes old
        corner.left_at.pop(topic, None)  # before waiting, or it could be forgotten while it is filled
        if not feed.filled:
            await self._first_view(topic.centre, corner, feed)
        feed.join(follower, cursor, self.now_ms())

    async def _first_view(self, centre: int, corner: _Corner, feed: Feed) -> None:
        """A new feed is filled before anybody sees it."""
        if corner.task is None or corner.task.done():
            corner.task = asyncio.create_task(self._refresh_for_ever(centre, corner))
        while not feed.filled:
            corner.fresh.clear()
            corner.bell.set()
            async with asyncio.timeout(15):
                await corner.fresh.wait()
        # A house whose screens are there opens soon: its first desk's view need not wait for it.
        self._readers.submit(waiting.make_ready)

    def unfollow(self, topic: Topic, follower: Outbox) -> None:
        corner = self._corners.get(topic.centre)
        feed = corner.feeds.get(topic) if corner else None
        if corner is None or feed is None:
            return
        feed.leave(follower)
        if not feed.followers:
            corner.left_at[topic] = time.monotonic()

    async def glance(self, topic: Topic) -> Mapping[str, Row]:
        """What `topic` shows now, for one who does not follow it: a page drawn once, a call about to be spoken."""
        corner = self._corners.get(topic.centre)
        feed = corner.feeds.get(topic) if corner else None
        if (
            corner is not None
            and feed is not None
            and feed.filled
            and feed.followers
            and corner.shown == corner.rung
        ):
            return feed.rows
        return views.view(await self.floor_at_a_glance(topic.centre), topic.audience, topic.subject)

    async def floor_at_a_glance(self, centre: int) -> Floor:
        """One reading serves everybody who looks within `GLANCE_SECONDS`, unless the bell rang since."""
        async with self._glancing.setdefault(centre, asyncio.Lock()):
            kept = self._glances.get(centre)
            if kept is not None and time.monotonic() - kept[0] < GLANCE_SECONDS:
                return kept[1]
            rings = self._rings
            began = time.monotonic()
            loop = asyncio.get_running_loop()
            floor = await loop.run_in_executor(self._readers, self._read, centre)
            if rings == self._rings:
                self._glances[centre] = (began, floor)
            return floor

    # One refresher a centre ----------------------------------------------------------------------------------------

    async def _refresh_for_ever(self, centre: int, corner: _Corner) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                # wait_for of Python 3.11 can swallow a cancellation
                async with asyncio.timeout(
                    QUIET_SECONDS if corner.quiet and self._may_be_quiet else POLL_SECONDS
                ):
                    await corner.bell.wait()
            corner.bell.clear()
            began, rung = time.monotonic(), corner.rung
            since, corner.since = corner.since, 0.0
            try:
                await self._refresh(centre, corner)
                corner.shown, corner.read_at = rung, began
                self._measure(began, since)
                if corner.failing:
                    corner.failing = False
                    log.warning("centre %d is read again", centre)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                corner.since = since or corner.since
                self._say_unread(centre, corner, error)
                await asyncio.sleep(UNREAD_PAUSE)
                corner.bell.set()
            corner.fresh.set()
            self._forget(corner, began)
            await asyncio.sleep(rest_after(time.monotonic() - began))

    def _say_unread(self, centre: int, corner: _Corner, error: Exception) -> None:
        """Once until it is read again; a database that is away says the same for two hundred centres each second."""
        fault = fault_of(error)
        if fault is None:
            log.error("centre %d could not be read; its screens keep what they show", centre, exc_info=error)
        elif not corner.failing:
            log.warning("centre %d could not be read; its screens keep what they show. %s", centre, fault.say)
        corner.failing = True

    def _measure(self, began: float, since: float) -> None:
        now = time.monotonic()
        self.measures.readings.add(now - began)
        if since:
            self.measures.lags.add(now - since)

    async def _refresh(self, centre: int, corner: _Corner) -> None:
        topics = [topic for topic, feed in corner.feeds.items() if feed.followers or not feed.filled]
        if not topics:
            return
        loop = asyncio.get_running_loop()
        seen, empty = await loop.run_in_executor(self._readers, self._look, centre, topics)
        changed = [feed.publish(rows) for topic, rows in seen.items() if (feed := corner.feeds.get(topic))]
        corner.quiet = empty and not any(changed)

    def _look(self, centre: int, topics: list[Topic]) -> tuple[Mapping[Topic, Mapping[str, Row]], bool]:
        """In a worker thread: one reading of the floor, every view wanted of it; and whether nobody waits or is served."""
        floor = self._read(centre)
        empty = not (floor.waiting or floor.at_counters or floor.parked)
        return {topic: views.view(floor, topic.audience, topic.subject) for topic in topics}, empty

    def _read(self, centre: int) -> Floor:
        with self._hurried():
            floor = self.floors.read(centre, self._clock.micros())
        if floor.seats:
            waiting.make_ready()  # here, in a thread: views of it may be made on the loop
        return floor

    def _forget(self, corner: _Corner, now: float) -> None:
        for topic, left in list(corner.left_at.items()):
            if now - left > FORGET_SECONDS:
                del corner.left_at[topic]
                corner.feeds.pop(topic, None)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                self._beat_once(self.now_ms())
            except Exception:
                log.exception("a beat failed; the next comes as usual")

    def _beat_once(self, now: int) -> None:
        stale = time.monotonic() - STALE_SECONDS
        for corner in list(self._corners.values()):
            for feed in list(corner.feeds.values()):
                if feed.followers and not (corner.failing and corner.read_at < stale):
                    message = feed.beat(now)
                    for follower in tuple(feed.followers):
                        follower.put(message)
