"""Makes links of the audit's chain, and lets the rows of old ones go (`server.domain.audit_chain`).

A link's rows are taken by one statement that says of each which link holds it and gives back exactly those, so a row that is committed meanwhile is in
this link or the next, never in neither. One server at a time: on PostgreSQL by a lock that is held until the commit (who does not get it leaves it
to who has it), and were that to fail, by the link's number, which only one can have. All of it is one transaction: a server that is killed has made a link or none.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict

from server.actions.audit_anchor import ACCEPTED
from server.actions.audit_keys import AuditKeys
from server.actions.erasing import note_erasure
from server.clock import from_micros
from server.domain.audit_chain import MOST_ROWS, Head, Key, Link, Row, erasure_of, hash_of, make_link
from server.domain.retention import Name
from server.store.inserting import insert
from server.store.queries.audit_chain import COLUMNS_POSTGRESQL, COLUMNS_SQLITE, head_of
from server.store.sql import Sql, Statement
from server.store.tables import AuditSeal
from server.store.tx import Tx

_LOCK_NUMBER = 0x_F0_7E_5E_A1
_TRY = Statement(f"SELECT pg_try_advisory_xact_lock({_LOCK_NUMBER})")
_NEXT = "UPDATE audit SET seal = :link WHERE id IN (SELECT id FROM audit WHERE seal IS NULL ORDER BY id LIMIT :most) RETURNING"
_TAKE_SQLITE = Statement(f"{_NEXT} {COLUMNS_SQLITE}")
_TAKE_POSTGRESQL = Statement(f"{_NEXT} {COLUMNS_POSTGRESQL}")
_CHECKED = Statement("UPDATE audit_seal SET checked_at = :now WHERE id = :id")
_DUE = Statement(
    """SELECT id, key, first_id, last_id, rows, newest_at, made_at, previous, content, hash FROM audit_seal
    WHERE erased_at IS NULL AND newest_at < :before AND (newest_at, id) > (:newest, :after) ORDER BY newest_at, id LIMIT :most"""
)
_OF_CENTRES = Statement("SELECT centre_id, COUNT(*) FROM audit WHERE seal = :id GROUP BY centre_id")
_DELETE = Statement("DELETE FROM audit WHERE seal = :id")
_ERASED = Statement("UPDATE audit_seal SET erased_at = :now, erased = :word, marks = '' WHERE id = :id")


def seal_some(tx: Tx, keys: AuditKeys) -> Head | None:
    """Make the next link of what is not sealed; the link, or None when there was nothing to seal or another server is at it."""
    if not _alone(tx.sql):
        return None
    before = head_of(tx.sql)
    number = before.number + 1 if before else 1
    take = _TAKE_POSTGRESQL if tx.sql.is_postgresql else _TAKE_SQLITE
    rows = [Row(*record) for record in tx.sql.all(take, {"link": number, "most": MOST_ROWS})]
    if not rows:
        return None
    rows.sort(key=lambda row: row.id)
    link = make_link(keys.sealing, before, secrets.token_hex(32), rows, tx.now)
    made = {**asdict(link), "newest_at": from_micros(link.newest_at), "made_at": from_micros(link.made_at)}
    insert(tx.sql, AuditSeal, **made)
    return Head(link.id, link.hash, link.made_at)


def _alone(sql: Sql) -> bool:
    return not sql.is_postgresql or bool((sql.one(_TRY) or (False,))[0])


def note_checked(tx: Tx, number: int) -> None:
    """The house looked through the whole chain up to this link, and it holds."""
    tx.sql.run(_CHECKED, {"id": number, "now": tx.now})


def erase_due(tx: Tx, keys: AuditKeys, before: int, most: int) -> int:
    """Let the rows of some links go whose newest row is older than `before`, oldest first; how many rows. Who did it and which links is a row of the audit.

    Only of links that fit their seal: or whoever can write to the database could have the house itself take out rows before their time.
    """
    if not _alone(tx.sql):
        return 0
    gone: list[int] = []
    rows = 0
    values = {"before": before, "newest": 0, "after": 0, "most": most}
    while len(gone) < most and (due := tx.sql.all(_DUE, values)):
        for record in due:
            link = Link(*record)
            values |= {"newest": link.newest_at, "after": link.id}
            key = keys.known.get(link.key)
            if key is not None and hash_of(key, link) == link.hash:
                rows += _erase(tx, key, link, before)
                gone.append(link.id)
    if gone:
        tx.audit("audit erased", f"seal:{gone[0]}", first=gone[0], last=gone[-1], links=len(gone), rows=rows)
    return rows


def accept_gap(tx: Tx, number: int) -> None:
    """A person knows why link `number` is gone: a backup was restored. What was lost with it stays lost; that somebody said so is in the chain."""
    tx.audit(ACCEPTED, f"seal:{number}")


def _erase(tx: Tx, key: Key, link: Link, before: int) -> int:
    for centre, count in tx.sql.all(_OF_CENTRES, {"id": link.id}):
        note_erasure(tx, Name.AUDIT, from_micros(before), count, 0, centre)
    gone = tx.sql.run(_DELETE, {"id": link.id})
    tx.sql.run(_ERASED, {"id": link.id, "now": tx.now, "word": erasure_of(key, link, tx.now)})
    return gone
