"""Whether this server can do its work now, for whoever sends it visitors: a balancer, systemd, a watching eye.

It is ready when the writer lane took a command, began a transaction that may write, and found the database at this release's schema or a later
one that says it may go on (in a rolling update an older server serves beside a newer), all within a second; and when it is not stopping, so that a
balancer turns to others before the sockets close. A server whose database was changed so that it cannot work on it any more (it was cut off while that
was done, or it would not have been done) is outgrown and stops. The look writes nothing, so it wears no disk out; that rows are really taken is known
from the line each process writes every ten seconds. What was found is kept for a second: a stranger who asks a thousand times costs one look.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from server.domain.refusals import Refused
from server.live.process import EVERY_SECONDS, Process
from server.store import schema
from server.store.sql import Statement
from server.store.tx import Tx
from wire.vocabulary import RefusalCode

KEEP_SECONDS = 1.0
PATIENCE_SECONDS = 1.0
UNWRITTEN_SECONDS = 4 * EVERY_SECONDS

OUTGROWN = "the database is at a schema that this release cannot work on: install the newer release here"
_REVISION = Statement("SELECT version_num FROM alembic_version")
_COMPATIBLE_FROM = Statement("SELECT compatible_from FROM schema_step WHERE revision = :revision")
_STANDBY = Statement("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'")


def look(tx: Tx) -> str:
    """In the lane, in a transaction that holds the right to write: empty, or why this database is not to be served from."""
    if tx.sql.is_postgresql and bool((tx.sql.one(_STANDBY) or (True,))[0]):
        raise Refused(RefusalCode.TRY_LATER, "The database takes no changes: it is a standby or read-only.")
    found = tx.sql.one(_REVISION)
    head = schema.head()
    if found is None or str(found[0]) < head:
        return "the database is at an older schema than this release"
    if str(found[0]) == head:
        return ""
    oldest = tx.sql.one(_COMPATIBLE_FROM, {"revision": str(found[0])})
    return "" if oldest is not None and str(oldest[0]) <= head else OUTGROWN


@dataclass
class Readiness:
    """`change` runs a function in the writer lane (`House.change` as the house itself)."""

    process: Process
    change: Callable[[Callable[[Tx], str]], Awaitable[str]]
    _at: float = -KEEP_SECONDS
    _why_not: str = ""
    _looking: asyncio.Task[str] | None = field(default=None, repr=False)

    async def why_not(self) -> str:
        """Empty when this server is ready; otherwise why it is not, for the log and not for strangers."""
        if self.process.stopping:
            return "it is stopping"
        if time.monotonic() - self._at >= KEEP_SECONDS:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            self._why_not = await asyncio.shield(self._looking)
        return "it is stopping" if self.process.stopping else self._why_not

    async def why_not_now(self) -> str:
        """The same, by a look that begins now."""
        if self._looking is not None and not self._looking.done():
            await asyncio.shield(self._looking)
        self._at = time.monotonic() - KEEP_SECONDS
        return await self.why_not()

    async def _look(self) -> str:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await self.change(look)
        except TimeoutError:
            found = "the database did not answer within a second"
        except Refused as refused:
            found = refused.refusal.say
        self.process.outgrown = self.process.outgrown or found == OUTGROWN
        written = self.process.written_at
        if not found and written and time.monotonic() - written > UNWRITTEN_SECONDS:
            found = "this server could not write itself down for a while"
        self._at = time.monotonic()
        return found
