"""The writer lane: one thread, one connection, many commands a commit.

Writers side by side are slow and late: each waits for the disk alone and for the others' locks. So commands queue for one thread, which takes
what has gathered, runs each in a savepoint of its own, and commits once (group commit). A refused command undoes only itself. Callers are
answered after the commit, never before: an answer means the disk has it.

The lane takes the lock of every centre in the batch first, in order of their numbers, so that several servers on one PostgreSQL agree on one
order of events for each centre and never wait for each other in a ring. On SQLite the transaction itself is that lock. A centre whose row somebody else holds for longer
than half a second (a forgotten console, a server that hangs) is passed over: its commands wait a few seconds for their turn, all others are done.

A batch that met a deadlock, or whose line was gone before the commit was sent, is done once more from the beginning: nothing of it was kept. Where the
line breaks during the commit nobody can know: callers are asked to try again, and a command that was done is found by its id.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError

from server import logs
from server.clock import Clock
from server.domain.access import Actor
from server.domain.refusals import Refusal, Refused
from server.measures import Measures
from server.store.database import BUSY_MILLISECONDS, LOCK_MILLISECONDS, Database
from server.store.faults import DatabaseFault, Kind, fault_of
from server.store.sql import Sql, Statement
from server.store.tx import Tx
from wire.vocabulary import RefusalCode, Way

log = logging.getLogger("foyer.lane")

MOST_A_COMMIT = 64
"""More gains nothing (the disk's share is small by then) and makes the first wait for the last."""

HELD_SECONDS = 3.0
"""So long a command waits for a centre that somebody else holds."""
LOOK_AGAIN_SECONDS = 0.1
TRIES = 3
MOST_A_BELL = 400
"""Centres one notification names: PostgreSQL takes 8,000 bytes."""

STUCK_SECONDS = 120.0

MOST_LOG_BYTES = 32 * 1024 * 1024
TIDY_SECONDS = 2.0

_LOCK = Statement("SELECT id FROM centre WHERE id = ANY(:centres) ORDER BY id FOR NO KEY UPDATE")
# Not FOR UPDATE: that would also wait for everybody who only writes a row that points at the centre (a sign-in, the audit), and they for
# us, in rings.
_LOCK_FREE = Statement(
    "SELECT id FROM centre WHERE id = ANY(:centres) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
)
_NOTIFY = Statement("SELECT pg_notify('foyer', :centres)")
_HURRY = Statement("SET LOCAL lock_timeout = '20ms'")
_USUAL_LOCKS = Statement(f"SET LOCAL lock_timeout = '{LOCK_MILLISECONDS}ms'")

TRY_LATER = Refusal(
    RefusalCode.TRY_LATER, "The server cannot write just now. Try again in a moment: nothing is done twice."
)
HELD = Refusal(
    RefusalCode.TRY_LATER,
    "Something else is being changed at this centre for longer than usual. Try again in a moment: nothing is done twice.",
)
FAULT = Refusal(
    RefusalCode.TRY_LATER,
    "Something went wrong on the server. Nothing was changed; tell the administrator if it stays.",
)


@dataclass(slots=True)
class Job:
    """One command waiting for the lane. `outcome` becomes what `run` returned, or a Refusal."""

    actor: Actor
    name: str
    run: Callable[[Tx], Any]
    future: asyncio.Future[Any]
    outcome: Any = None
    put_off: bool = False
    """Somebody holds its centre: it is for a later batch."""
    since: float = field(default_factory=time.monotonic)
    request: str = field(default_factory=logs.request_id.get)
    ask: str = field(default_factory=logs.ask_id.get)
    """What a line of the log about it is followed by."""


Rung = Callable[[frozenset[int]], None]


class Lane:
    """`rung` is called on the event loop after each commit with the centres whose screens must look again."""

    def __init__(
        self, database: Database, clock: Clock, rung: Rung, ways: frozenset[Way] = frozenset()
    ) -> None:
        self._database = database
        self._clock = clock
        self._rung = rung
        self._ways = ways
        self.measures = Measures()
        self._busy_since = 0.0
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: Connection | None = None
        self._sql: Sql | None = None
        self._tidy_at = 0.0
        self._unclean = False
        self.fault: DatabaseFault | None = None
        """Why the last batch could not be committed; None since one was. Read by whoever tells of the house."""
        self.last_fault: tuple[DatabaseFault, float] | None = None
        """The last of them, and when (monotonic): what is told to the house when it can be written again."""
        self._put_off: list[Job] = []
        self._held: frozenset[int] = frozenset()
        """Centres whose row somebody else held when it was last asked for."""
        self._sent = False
        """Whether the commit of this batch was sent."""
        # The drivers' own errors pass unwrapped through `Sql`, the ORM's come wrapped. A constraint met or a value refused is that
        # one command's fault; anything else is the connection's trouble and the whole batch's.
        driver: Any = database.writer.dialect.dbapi
        self._faults = (IntegrityError, DataError, driver.IntegrityError, driver.DataError)
        self._troubles = (DatabaseError, driver.DatabaseError, driver.InterfaceError)

    @property
    def turning(self) -> bool:
        """Whether its thread lives and has not been at one batch for longer than any database that is away takes to say so."""
        alive = self._thread is not None and self._thread.is_alive()
        return alive and (not self._busy_since or time.monotonic() - self._busy_since < STUCK_SECONDS)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread = threading.Thread(target=self._work, name="lane", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Finish what has queued up, then close."""
        if self._thread is not None:
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    async def submit(self, actor: Actor, name: str, run: Callable[[Tx], Any]) -> Any:
        """What `run` returned after the commit, or a Refusal. A caller that gives up waiting does not undo the command."""
        assert self._loop is not None, "the lane is not running"
        job = Job(actor, name, run, self._loop.create_future())
        self._jobs.put(job)
        return await job.future  # `_answer` passes over one that was given up

    def clean(self) -> None:
        """After the next commit SQLite's log is started anew, however short it is: what was deleted is in it still, as it was before. Tried
        again with later commits until nobody reads in it."""
        self._unclean = True

    # The thread -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        with self._database.in_the_lane():
            while True:
                self._busy_since = 0.0
                batch, last = self._gather()
                self._busy_since = time.monotonic()
                touched = self._commit_together(batch) if batch else frozenset()
                self._sort_out(batch, last)
                assert self._loop is not None
                self._loop.call_soon_threadsafe(self._answer, batch, touched)
                self._tidy()
                if last:
                    self._hang_up()
                    return

    def _gather(self) -> tuple[list[Job], bool]:
        """What was put off, then what has queued up; waits until there is something. True when the lane is to end after it."""
        batch, self._put_off = self._put_off, []
        most = len(batch) + MOST_A_COMMIT
        try:
            job = self._jobs.get(timeout=LOOK_AGAIN_SECONDS) if batch else self._jobs.get()
            while job is not None:
                batch.append(job)
                if len(batch) >= most:
                    return batch, False
                job = self._jobs.get_nowait()
        except queue.Empty:
            return batch, False
        return batch, True

    def _sort_out(self, batch: list[Job], last: bool) -> None:
        """Keep what was put off for the next batch, unless it has waited long enough."""
        now = time.monotonic()
        for job in [each for each in batch if each.put_off]:
            job.put_off = False
            if last or now - job.since > HELD_SECONDS:
                job.outcome = HELD
            else:
                self._put_off.append(job)
                batch.remove(job)

    def _commit_together(self, batch: list[Job]) -> frozenset[int]:
        """Run and commit; every job has its outcome afterwards, or is put off. Returns the centres touched."""
        for left in reversed(range(TRIES)):
            self._sent = False
            try:
                connection, sql = self._connected()
                with connection.begin():
                    touched = self._run_all(batch, sql)
                    self._sent = True
                self._went_well(batch)
                return touched
            except self._troubles as error:
                if not self._may_try_again(error, batch) or left == 0:
                    log.info("the lane could not commit %d commands: %s", len(batch), type(error).__name__)
                    break
            except Exception:
                log.exception("the lane failed")
                self._hang_up()
                break
        self.measures.failed_commits += 1
        for job in batch:
            job.outcome, job.put_off = TRY_LATER, False
        return frozenset()

    def _may_try_again(self, error: Exception, batch: list[Job]) -> bool:
        """Whether nothing of the batch was kept and another try may do better; the lane is ready for it."""
        fault = fault_of(error)
        self._tell(fault, error)
        kind = None if fault is None else fault.kind
        # An answer, if only a refusal, says that nothing was kept, even where the commit was sent: to ring the doorbell a commit takes a lock,
        # which another server holds while it waits for its disk or its standby.
        if kind is Kind.HELD and not self._database.is_sqlite:
            self._held |= {job.actor.centre for job in batch if job.actor.centre}
            return self._connection is not None
        had_a_line = self._connection is not None
        if kind is Kind.CLASH:
            return True
        self._hang_up()
        return kind is Kind.GONE and had_a_line and not self._sent

    def _tell(self, fault: DatabaseFault | None, error: Exception) -> None:
        """Once, and not with every batch, until it is over."""
        if fault is None:
            log.warning("the lane could not commit: %s", type(error).__name__)
        elif self.fault is None or self.fault.kind is not fault.kind:
            log.error("%s %s", fault.say, fault.act)
        self.fault = fault or self.fault
        if fault is not None:
            self.last_fault = fault, time.monotonic()

    def _went_well(self, batch: list[Job]) -> None:
        passed_over = any(job.put_off for job in batch)
        if self.fault is not None and not (passed_over and self.fault.kind is Kind.HELD):
            log.warning("the database takes changes again")
            self.fault = None

    def _run_all(self, batch: list[Job], sql: Sql) -> frozenset[int]:
        had = self._lock(batch, sql) if sql.is_postgresql else None
        touched: set[int] = set()
        for job in batch:
            job.put_off = had is not None and bool(job.actor.centre) and job.actor.centre not in had
            if not job.put_off:
                self._run_one(job, sql, touched)
        if sql.is_postgresql:
            if any(job.outcome is HELD for job in batch):
                sql.run(_USUAL_LOCKS)  # for the commit itself
            _ring(sql, sorted(touched))
        return frozenset(touched)

    def _lock(self, batch: list[Job], sql: Sql) -> frozenset[int]:
        """The centres of the batch whose rows are ours now. Raises the driver's LockNotAvailable when one is held and was not known to be."""
        centres = {job.actor.centre for job in batch if job.actor.centre}
        free, doubtful = sorted(centres - self._held), sorted(centres & self._held)
        had = {record[0] for record in sql.all(_LOCK, {"centres": free})} if free else set()
        if doubtful:
            had |= {record[0] for record in sql.all(_LOCK_FREE, {"centres": doubtful})}
            self._held -= had
        # A number that is no centre's is nobody's to hold: its command finds that out by itself.
        return frozenset(had | (set(free) - had))

    def _run_one(self, job: Job, sql: Sql, touched: set[int]) -> None:
        logs.request_id.set(job.request)
        logs.ask_id.set(job.ask)
        tx = Tx(sql, job.actor, self._clock.micros(), self._ways)
        sql.run(_SAVE)
        try:
            job.outcome = job.run(tx)
            tx.finish()
        except Refused as refused:
            job.outcome = refused.refusal
        except self._faults as error:
            log.warning("%s met the database's refusal: %s", job.name, type(error).__name__)
            job.outcome = FAULT
        except self._troubles as error:
            fault = fault_of(error)
            if fault is None or fault.kind is not Kind.HELD or not sql.is_postgresql:
                raise
            log.warning("%s waited for something that somebody else holds", job.name)
            job.outcome = HELD
        except Exception:
            log.exception("%s failed", job.name)
            job.outcome = FAULT
        else:
            sql.run(_RELEASE)
            touched |= tx.touched
            return
        tx.abandon()
        sql.run(_BACK)
        sql.run(_RELEASE)
        if job.outcome is HELD:
            sql.run(
                _HURRY
            )  # a table that is held would cost each command of the batch as long, one after the other

    def _tidy(self) -> None:
        """Start SQLite's log anew when it has grown long. By itself it does so only when nobody reads, which on a busy day is never."""
        log_file, sql, now = self._database.log_file, self._sql, time.monotonic()
        if log_file is None or sql is None or now < self._tidy_at:
            return
        self._tidy_at = now + TIDY_SECONDS
        unclean, self._unclean = self._unclean, False
        try:
            long = log_file.stat().st_size > MOST_LOG_BYTES
            if unclean or long:
                sql.run(_SHORT_WAIT if long else _NO_WAIT)
                try:
                    self._unclean |= bool(sql.all(_START_ANEW)[0][0]) and unclean
                finally:
                    sql.run(_USUAL_WAIT)
        except (OSError, *self._troubles) as error:
            self._unclean |= unclean
            log.warning("the database's log could not be started anew: %s", type(error).__name__)

    def _answer(self, batch: list[Job], touched: frozenset[int]) -> None:
        now = time.monotonic()
        self.measures.batches.add(len(batch))
        for job in batch:
            self.measures.lane.add(now - job.since)
            if not job.future.done():
                job.future.set_result(job.outcome)
        if touched:
            self._rung(touched)

    def _connected(self) -> tuple[Connection, Sql]:
        if self._connection is None or self._sql is None:
            self._connection = self._database.writer.connect()
            self._sql = None
        if self._sql is None:
            self._sql = Sql(self._connection)
        return self._connection, self._sql

    def _hang_up(self) -> None:
        connection, self._connection, self._sql = self._connection, None, None
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except Exception:  # whatever it is: a lane that dies of it answers nobody any more
                log.warning("the lane's connection did not close cleanly", exc_info=True)


def _ring(sql: Sql, centres: list[int]) -> None:
    """Heard by the other servers with the commit."""
    for first in range(0, len(centres), MOST_A_BELL):
        sql.one(_NOTIFY, {"centres": ",".join(map(str, centres[first : first + MOST_A_BELL]))})


_SHORT_WAIT = Statement(
    "PRAGMA busy_timeout=250"
)  # for readers that are still at the old log; commands wait meanwhile
_NO_WAIT = Statement("PRAGMA busy_timeout=0")
_USUAL_WAIT = Statement(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
_START_ANEW = Statement("PRAGMA wal_checkpoint(TRUNCATE)")
_SAVE = Statement("SAVEPOINT command")
_BACK = Statement("ROLLBACK TO SAVEPOINT command")
_RELEASE = Statement("RELEASE SAVEPOINT command")
