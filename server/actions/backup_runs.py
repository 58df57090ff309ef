"""What became of each backup, written down: begun, made or failed, compared, gone. The files say it too (`server.backups.shelf`); a row that is not
there is made from its file's label, so what was made by hand while the server ran is known as well."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from server.store.sql import Statement
from server.store.tx import Tx

KEPT_FAILED = 90 * 24 * 3600 * 1_000_000


class Told(NamedTuple):
    """As a label tells it."""

    id: str
    name: str
    began_at: int
    known_until: int
    size: int
    digest: str
    checked_at: int | None
    say: str


_BEGIN = Statement(
    """INSERT INTO backup_run (id, name, began_at, size, digest, state, say) VALUES (:id, '', :now, 0, '', 'running', '')"""
)
_LEFT = Statement(
    "UPDATE backup_run SET state = 'failed', ended_at = :now, say = 'The server ended meanwhile.' WHERE state = 'running' AND id <> :id"
)
_FAIL = Statement("UPDATE backup_run SET state = 'failed', ended_at = :now, say = :say WHERE id = :id")
_PUT = Statement(
    """INSERT INTO backup_run (id, name, began_at, ended_at, known_until, size, digest, state, checked_at, say)
    VALUES (:id, :name, :began_at, :now, :known_until, :size, :digest, :state, :checked_at, :say)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, ended_at = excluded.ended_at, known_until = excluded.known_until, size = excluded.size,
    digest = excluded.digest, state = excluded.state, checked_at = excluded.checked_at, say = excluded.say, gone_at = NULL"""
)
_THERE = Statement("SELECT id FROM backup_run WHERE gone_at IS NULL AND state IN ('made', 'checked')")
_GONE = Statement("UPDATE backup_run SET gone_at = :now WHERE id = :id AND gone_at IS NULL")
_FORGET = Statement(
    "DELETE FROM backup_run WHERE began_at < :before AND (state = 'failed' OR gone_at IS NOT NULL)"
)


def begin(tx: Tx, id_: str) -> None:
    """What another server or life left running is over: only one makes backups."""
    tx.sql.run(_LEFT, {"now": tx.now, "id": id_})
    tx.sql.run(_BEGIN, {"id": id_, "now": tx.now})


def fail(tx: Tx, id_: str, say: str) -> None:
    tx.sql.run(_FAIL, {"id": id_, "now": tx.now, "say": say[:400]})


def put(tx: Tx, told: Told) -> None:
    """It was made."""
    state = "made" if told.checked_at is None else "checked"
    tx.sql.run(_PUT, {**told._asdict(), "say": told.say[:400], "state": state, "now": tx.now})


def agree(tx: Tx, there: Collection[Told]) -> None:
    """Rows and files tell the same afterwards: files without a row get one, rows whose file is gone say so."""
    known = {row[0] for row in tx.sql.all(_THERE)}
    for told in there:
        if told.id not in known:
            put(tx, told)
    for id_ in known - {told.id for told in there}:
        tx.sql.run(_GONE, {"id": id_, "now": tx.now})
    tx.sql.run(_FORGET, {"before": tx.now - KEPT_FAILED})
