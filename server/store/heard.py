"""When a server was last heard of, and by whose clock: one rule for everybody who judges it.

Several machines may stand on one PostgreSQL, and each has a clock of its own. One that is some minutes ahead would find all the others gone, hide them from the
administrator and clear their troubles away. So what is written, and what it is judged by, is PostgreSQL's clock, whoever asks. SQLite serves one machine, whose
clock is everybody's.
"""

from __future__ import annotations

from server.store.sql import Sql, Statement

GONE = 60 * 1_000_000
"""A server of which nobody has heard for so long (microseconds) is gone."""
_NOW = Statement("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)")


def now_by(sql: Sql, own: int) -> int:
    """The time by which servers judge each other, in microseconds. `own`: this machine's."""
    found = sql.one(_NOW) if sql.is_postgresql else None
    return own if found is None else int(found[0])
