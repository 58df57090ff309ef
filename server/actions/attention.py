"""What needs a person now: help pressed at a device, an entry set aside."""

from __future__ import annotations

import json
from typing import Any

from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import RefusalCode

Result = dict[str, Any]

_OPEN_HELP = Statement(
    "SELECT id FROM attention WHERE device_id = :device AND kind = 'help' AND done_at IS NULL"
)
_ADD = Statement(
    """INSERT INTO attention (id, centre_id, kind, device_id, at, detail) VALUES (:id, :centre, :kind, :device, :at, :detail)
    ON CONFLICT DO NOTHING"""
)
_FIND = Statement("SELECT kind, taken_by, done_at FROM attention WHERE id = :id AND centre_id = :centre")
_TAKE = Statement("UPDATE attention SET taken_by = :staff, taken_at = :at WHERE id = :id")
_DONE = Statement("UPDATE attention SET done_at = :at, taken_by = COALESCE(taken_by, :staff) WHERE id = :id")


def _add(tx: Tx, request: str, kind: str, detail: dict[str, Any]) -> None:
    values = {
        "id": request,
        "centre": tx.actor.centre,
        "kind": kind,
        "device": tx.actor.id,
        "at": tx.now,
        "detail": json.dumps(detail),
    }
    tx.sql.run(_ADD, values)
    tx.touch(tx.actor.centre)


def ask_help(tx: Tx, ask: asks.Help) -> Result:
    """Someone at this device wants a person; one open request a device, however often it is pressed."""
    open_one = tx.sql.one(_OPEN_HELP, {"device": tx.actor.id})
    if open_one is not None:
        return {"request": open_one[0]}
    _add(tx, ask.request, "help", {"language": ask.language.value})
    return {"request": ask.request}


def set_aside(tx: Tx, ask: asks.SetAside) -> Result:
    _add(tx, ask.entry, "set_aside", {"code": ask.code, "service": ask.service, "why": ask.why})
    return {}


def _find(tx: Tx, request: str) -> tuple[str, int | None, int | None]:
    record = tx.sql.one(_FIND, {"id": request, "centre": tx.actor.centre})
    if record is None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such request at this centre.")
    return record[0], record[1], record[2]


def take(tx: Tx, ask: asks.TakeAttention) -> Result:
    """I will see to it. Someone else's is not taken away."""
    _, taken_by, done_at = _find(tx, ask.request)
    if done_at is not None:
        raise Refused(RefusalCode.WRONG_STATE, "This is already done.")
    if taken_by is not None and taken_by != tx.actor.id:
        raise Refused(RefusalCode.WRONG_STATE, "A colleague is already seeing to this.")
    tx.sql.run(_TAKE, {"staff": tx.actor.id, "at": tx.now, "id": ask.request})
    tx.touch(tx.actor.centre)
    return {}


def done(tx: Tx, ask: asks.DoneAttention) -> Result:
    kind, _, done_at = _find(tx, ask.request)
    if done_at is not None:
        return {}
    tx.sql.run(_DONE, {"staff": tx.actor.id, "at": tx.now, "id": ask.request})
    tx.audit("seen to", kind)
    tx.touch(tx.actor.centre)
    return {}
