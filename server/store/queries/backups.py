"""The house's backups as their rows tell."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain.backup_state import BackupState
from server.domain.keeping_backups import AHEAD
from server.store.sql import Sql, Statement

_TOLD = 24 * 3600 * 1_000_000
_AHEAD = int(AHEAD.total_seconds()) * 1_000_000
_NEWEST = Statement(
    "SELECT known_until, state, say, began_at FROM backup_run WHERE state IN ('made', 'checked') AND gone_at IS NULL AND began_at <= :ahead ORDER BY began_at DESC LIMIT 1"
)
_CHECKED = Statement("SELECT MAX(checked_at) FROM backup_run")
_FAILED = Statement(
    "SELECT began_at, say FROM backup_run WHERE state = 'failed' AND began_at > :since AND began_at <= :ahead ORDER BY began_at DESC LIMIT 1"
)
_VANISHED = Statement(
    """SELECT MAX(b.gone_at) FROM backup_run b WHERE b.gone_at > :since AND b.state IN ('made', 'checked') AND NOT EXISTS
    (SELECT 1 FROM backup_run n WHERE n.state IN ('made', 'checked') AND n.began_at > b.began_at AND n.ended_at <= b.gone_at)"""
)
"""The newest, which the house never lets go of (`server.domain.keeping_backups`)."""
_RUNNING = Statement("SELECT MAX(began_at) FROM backup_run WHERE state = 'running'")
_KEPT = Statement(
    "SELECT COUNT(*), MIN(known_until), COALESCE(SUM(size), 0) FROM backup_run WHERE state IN ('made', 'checked') AND gone_at IS NULL"
)
_BEGAN = Statement("SELECT MAX(began_at) FROM house_life")
_FILES = Statement("SELECT name, size FROM backup_run WHERE state IN ('made', 'checked') AND name <> ''")
_LAST_DONE = Statement(
    "SELECT MAX(at) FROM (SELECT MAX(at) AS at FROM command UNION ALL SELECT MAX(at) FROM audit) AS done"
)
_LAST = Statement(
    """SELECT name, known_until, size, state, checked_at, gone_at, say FROM backup_run ORDER BY began_at DESC LIMIT :most"""
)


def backup_state(connection: Connection, now: int) -> BackupState:
    """For the house's troubles and its next backup. `now`: microseconds; what says that it is from later was made while the clock was wrong, and is not the newest."""
    sql, ahead = Sql(connection), now + _AHEAD
    newest = sql.one(_NEWEST, {"ahead": ahead})
    failed = sql.one(_FAILED, {"since": newest[3] if newest is not None else 0, "ahead": ahead})
    kept = sql.one(_KEPT) or (0, None, 0)
    return BackupState(
        last_made_at=_at(newest[0]) if newest is not None else None,
        last_checked_at=_at((sql.one(_CHECKED) or (None,))[0]),
        unchecked_say=newest[2] if newest is not None and newest[1] == "made" else "",
        failed_at=_at(failed[0]) if failed is not None else None,
        failed_say=failed[1] if failed is not None else "",
        running_since=_at((sql.one(_RUNNING) or (None,))[0]),
        kept=kept[0],
        oldest_at=_at(kept[1]),
        size=int(kept[2]),
        began_at=_at((sql.one(_BEGAN) or (None,))[0]),
        vanished_at=_at((sql.one(_VANISHED, {"since": now - _TOLD}) or (None,))[0]),
    )


def last_runs(
    connection: Connection, most: int = 20
) -> list[tuple[str, datetime | None, int, str, datetime | None, datetime | None, str]]:
    """Name, as of when, bytes, state, compared at, gone at, and what is to be said; the newest first."""
    return [
        (row[0], _at(row[1]), row[2], row[3], _at(row[4]), _at(row[5]), row[6])
        for row in Sql(connection).all(_LAST, {"most": most})
    ]


def known_files(connection: Connection) -> dict[str, int]:
    """The names of all backups that this house is known to have made, and their sizes."""
    return {str(row[0]): int(row[1]) for row in Sql(connection).all(_FILES)}


def last_done(connection: Connection) -> int | None:
    """When the last thing was done that this database knows of: microseconds."""
    row = Sql(connection).one(_LAST_DONE)
    return None if row is None or row[0] is None else int(row[0])


def _at(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(int(micros))
