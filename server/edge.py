"""The one way in: `perform()` for what may be asked over a socket or a form, `change()` for the rest.

Both check access before anything else, queue for the writer lane, and come back after the commit. A command's id and answer are stored in the
transaction of its effect, so the same id with the same body gets the first answer however late, and with another body a refusal. A refused command changed nothing and
is not stored: asked again it is judged anew. No other module writes to the database while the server runs.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlmodel import Session

from server import logs
from server.actions import keys, lives
from server.actions.paper_keys import note_key, paper_keys
from server.actions.table import ACTIONS, UNKEPT
from server.clock import Clock
from server.connectors import open_carriers
from server.connectors.sign_on import open_sign_on
from server.domain.access import ASKS, SYSTEM, Actor, refusal_for
from server.domain.refusals import Refusal, Refused
from server.domain.said import Promise
from server.live.doorbell import listen
from server.live.health import Readiness
from server.live.hub import Hub
from server.live.process import Process
from server.live.turns import Turns
from server.papers.keyring import Keyring
from server.settings import Settings
from server.store.database import Database
from server.store.lane import Lane
from server.store.sql import Statement
from server.store.tx import Tx
from wire import frames
from wire.asks import AnyAsk
from wire.vocabulary import RefusalCode

log = logging.getLogger("foyer.edge")
T = TypeVar("T")

START_PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)

_DONE = Statement("SELECT body_hash, actor, answer FROM command WHERE id = :id")
_KEEP = Statement(
    "INSERT INTO command (id, body_hash, actor, at, answer) VALUES (:id, :body_hash, :actor, :at, :answer)"
)


LINKS_READ_SECONDS = 1.0


class House:
    """A running server's parts, put together. `start` before use, `stop` after."""

    def __init__(
        self, settings: Settings, database: Database, clock: Clock, keyring: Keyring | None = None
    ) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.keyring = keyring or paper_keys(settings, database)
        """Opens and seals what visitors hand in."""
        self.readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="reader")
        self.lookers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="looker")
        """For the screens alone: pages of figures, or a line that does not answer them, must not keep a call from the board."""
        self.hub = Hub(database, clock, self.lookers, public_url=settings.public_url)
        self.hub.floors.moving_to = settings.moving_to
        self.hub.floors.promise = Promise(settings.acknowledge_days, settings.answer_days)
        self.carriers = open_carriers(settings)
        self.sign_on = open_sign_on(settings)
        self.glovebox = asyncio.Semaphore(1)
        """Opening what strangers hand in takes a processor for a second; there is another for the queue."""
        self.room_for_packets = asyncio.Semaphore(2)
        """For long ones, each of which takes up to a gigabyte while it is taken in."""
        self.room_for_short_ones = asyncio.Semaphore(16)
        self.coming_in: dict[str, tuple[asyncio.Lock, int]] = {}
        """By a packet's id, while it is being taken in, and how many hold or want it."""
        self.lane = Lane(database, clock, self.hub.ring, self.carriers.ways)
        self.measures = self.hub.measures = self.lane.measures
        self.process = Process(clock)
        self.readiness = Readiness(self.process, partial(self.change, SYSTEM, "ready"))
        self.turns = Turns(self.process.id, database.is_sqlite, partial(self.change, SYSTEM))
        """Which of several servers does what only one may do at a time."""
        self.link_key = ""
        """Seals visitors' links (`server.actions.keys`); known once started."""
        self.link_keys: tuple[str, ...] = ()
        """Those that open them: it, and those before it."""
        self._links_read_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self.lane.start(loop)
        await self._surely("house_key", keys.house_key)
        await self.know_links()
        await self._surely("paper_key", partial(note_key, keyring=self.keyring))
        await self._surely("house_life", lives.begin_first)
        await self.hub.start()
        if not self.database.is_sqlite:
            self._tasks.append(
                asyncio.create_task(
                    listen(self.database.line(), self.hub.ring, self.hub.ring_all, self.process)
                )
            )
        self._tasks.append(asyncio.create_task(self.turns.keep()))

    async def know_links(self) -> None:
        """Read anew which keys seal and open visitors' links."""
        self._links_read_at = time.monotonic()
        self.link_keys = await self.read(keys.link_keys)
        self.link_key = self.link_keys[0]

    async def linked(self, what: str, link: str) -> str | None:
        """What a visitor's link is to. One that no key opens may be sealed with one that another server has just made: they are read anew, at most
        once a second."""
        thing = keys.linked(self.link_keys, what, link)
        if thing is None and time.monotonic() - self._links_read_at > LINKS_READ_SECONDS:
            await self.know_links()
            thing = keys.linked(self.link_keys, what, link)
        return thing

    async def _surely(self, name: str, action: Callable[[Tx], T]) -> T:
        """What a start cannot do without: of several servers that start at once one writes it, and the others find it at their next try."""
        for pause in START_PAUSES:
            try:
                return await self.change(SYSTEM, name, action)
            except Refused:
                await asyncio.sleep(pause)
        return await self.change(SYSTEM, name, action)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.turns.give_back()
        await self.hub.stop()
        await self.lane.stop()
        self.carriers.close()
        self.readers.shutdown(wait=True)
        self.lookers.shutdown(wait=True)

    async def perform(self, actor: Actor, ask_id: str, body: AnyAsk) -> frames.Answer:
        """Do what is asked once; the answer is the same for every repetition of `ask_id` with this body by this actor."""
        logs.ask_id.set(ask_id)
        refusal = refusal_for(ASKS.get(body.do), actor)
        outcome: Any = refusal
        if refusal is None:
            outcome = await self.lane.submit(actor, body.do, partial(_run_ask, ask_id, body))
        self.measures.asks[body.do, outcome.code.value if isinstance(outcome, Refusal) else "done"] += 1
        if isinstance(outcome, Refusal):
            say = await self._said(outcome)
            return frames.Answer(id=ask_id, refusal=frames.Refusal(code=outcome.code, say=say))
        return frames.Answer(id=ask_id, result=outcome)

    async def change(self, actor: Actor, name: str, action: Callable[[Tx], T]) -> T:
        """Any other change, in the same lane; raises Refused. The caller has checked access (its route's rule)."""
        outcome = await self.lane.submit(actor, name, action)
        if isinstance(outcome, Refusal):
            raise Refused(outcome.code, await self._said(outcome))
        result: T = outcome
        return result

    async def _said(self, refusal: Refusal) -> str:
        return refusal.say if refusal.more is None else await self.look(refusal.in_full)

    async def read(self, function: Callable[[Session], T]) -> T:
        """Run `function` on a reading session in a worker thread."""

        def reading() -> T:
            with self.database.session() as session:
                return function(session)

        return await asyncio.get_running_loop().run_in_executor(self.readers, reading)

    async def look(self, function: Callable[[Connection], T]) -> T:
        """The same with a bare connection, for plain SQL."""

        def looking() -> T:
            with self.database.reading() as connection:
                return function(connection)

        return await asyncio.get_running_loop().run_in_executor(self.readers, looking)


def _run_ask(ask_id: str, body: AnyAsk, tx: Tx) -> dict[str, Any]:
    """Inside the lane: the first answer if this was done before, otherwise do it and keep the answer."""
    action = ACTIONS[body.do]
    if body.do in UNKEPT:
        return action(tx, body)
    actor = tx.actor.said_as()
    fingerprint = body.fingerprint()
    done = tx.sql.one(_DONE, {"id": ask_id})
    if done is not None:
        if done[0] != fingerprint or done[1] != actor:
            raise Refused(RefusalCode.ID_REUSED, "This command's number was already used for another.")
        first: dict[str, Any] = json.loads(done[2])
        return first
    result = action(tx, body)
    tx.sql.run(
        _KEEP,
        {"id": ask_id, "body_hash": fingerprint, "actor": actor, "at": tx.now, "answer": json.dumps(result)},
    )
    return result
