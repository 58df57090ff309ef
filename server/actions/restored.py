"""What a restored database must be told before anybody is served from it.

It believes that it is the moment of the backup. So another life begins (`server.domain.life`), which makes kiosks hand in again what came after; every browser's
session ends, because which were ended since cannot be known; what one of the lost servers held is nobody's; a rollout waits for a person. Where the file of
what was taken away since is there (`server.backups.since`), people, devices, keys and rules become what they were a minute before the loss, and papers that were
deleted are deleted again. Messages that were due while the lost server still ran are not sent a second time; how long it ran is in that file, and
without it everything due by now counts as sent: rather one reminder too few than a second one, and staff see which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel

from server.actions import deleting, lives
from server.actions.deleting import Why
from server.clock import from_micros
from server.store.queries.since import TABLES, columns_of
from server.store.sql import Statement
from server.store.tx import Tx

NOT_AGAIN = "The house was restored from a backup. This was due before, so it is taken as sent."
MEANWHILE = 2 * 60 * 1_000_000
"""As long as it may take until what was sent is in that file: each minute it is written anew when something was."""
PAUSED = "The house was restored from a backup. See how far the devices are, then go on."

_SESSIONS = Statement("UPDATE browser_session SET ended_at = :now WHERE ended_at IS NULL")
_OF_THE_LOST = tuple(
    Statement(f"DELETE FROM {table}") for table in ("sign_on", "server_process", "trouble", "lease")
)
_ROLLOUTS = Statement(
    "UPDATE rollout SET paused_at = :now, why = :why WHERE open = :yes AND paused_at IS NULL"
)
_BACKUPS = Statement(
    "UPDATE backup_run SET state = 'failed', ended_at = :now, say = 'The server ended meanwhile.' WHERE state = 'running'"
)
_DUE = Statement(
    "UPDATE post SET state = 'dropped', address = '', sending_since = NULL, why = :why WHERE state = 'queued' AND due_at <= :until"
)
_COUNT_ON = "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT COALESCE(MAX(id), 0) + 1 FROM {table}), false)"
"""Numbers that were given since are not given again."""
_REPLACED = ("staff_role", "staff_skill", "second_factor", "recovery_code", "calendar_feed", "keeping_rule")
"""Whose rows are deleted when they are over, and so must go here too."""


@dataclass(frozen=True)
class Renewed:
    posts: int
    """Messages that are not sent again."""
    papers: int
    """Submissions deleted again."""
    rows: int
    """Rows of who may come in that were brought up to date,"""
    left: int
    """and that could not be, because what they belong to is not in the backup."""
    until: int | None
    """The moment as of which it is known what was taken away."""


def renew(tx: Tx, known_until: int, since: Mapping[str, Any] | None) -> Renewed:
    """Once, before the first start."""
    lives.begin_again(tx, known_until)
    tx.sql.run(_SESSIONS, {"now": tx.now})
    for statement in _OF_THE_LOST:
        tx.sql.run(statement)
    tx.sql.run(_ROLLOUTS, {"now": tx.now, "why": PAUSED, "yes": True})
    tx.sql.run(_BACKUPS, {"now": tx.now})
    until = None if since is None else int(since["at"])
    posts = tx.sql.run(_DUE, {"why": NOT_AGAIN, "until": tx.now if until is None else until + MEANWHILE})
    rows = left = papers = 0
    if since is not None:
        rows, left = _bring_up_to_date(tx, since["tables"])
        papers = sum(deleting.take_keys(tx, number, Why(why)) for number, why in since["submissions"])
    tx.audit("restored", "", known_until=from_micros(known_until).isoformat(), posts=posts, papers=papers)
    return Renewed(posts, papers, rows, left, until)


def _bring_up_to_date(tx: Tx, told: Mapping[str, Sequence[Sequence[Any]]]) -> tuple[int, int]:
    done = left = 0
    driver: Any = tx.sql.connection.dialect.dbapi
    faults = (DatabaseError, driver.DatabaseError)
    for table in (each for each in TABLES if each in told):
        names, rows = columns_of(table), told[table]
        if any(len(row) != len(names) for row in rows):  # of another release: its columns are not these
            left += len(rows)
            continue
        if table in _REPLACED:
            tx.sql.run(Statement(f"DELETE FROM {table}"))
        put, known = _put(table, names), _known(tx, table)
        for row in rows:
            values = dict(zip(names, row, strict=True))
            if not _fits(table, values, known):
                left += 1
                continue
            try:
                with tx.sql.connection.begin_nested():
                    tx.sql.run(put, values)
                done += 1
            except faults:
                left += 1
        if tx.sql.is_postgresql and "id" in names:
            tx.sql.run(Statement(_COUNT_ON.format(table=table)))
    return done, left


def _put(table: str, names: Sequence[str]) -> Statement:
    key = [column.name for column in SQLModel.metadata.tables[table].primary_key]
    rest = [name for name in names if name not in key]
    update = (
        f"DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in rest)}" if rest else "DO NOTHING"
    )
    return Statement(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
        f" ON CONFLICT ({', '.join(key)}) {update}"
    )


def _known(tx: Tx, table: str) -> dict[str, frozenset[Any]]:
    """By column that points at another table, what it may point at."""
    return {
        key.parent.name: frozenset(
            row[0] for row in tx.sql.all(Statement(f"SELECT {key.column.name} FROM {key.column.table.name}"))
        )
        for key in SQLModel.metadata.tables[table].foreign_keys
    }


def _fits(table: str, values: dict[str, Any], known: Mapping[str, frozenset[Any]]) -> bool:
    """What it points at and is not here is left out, where it may be."""
    for name, there in known.items():
        if values[name] is not None and values[name] not in there:
            if not SQLModel.metadata.tables[table].columns[name].nullable:
                return False
            values[name] = None
    return True
