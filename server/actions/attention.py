"""What needs a person now: help pressed at a device, an entry set aside, a colleague's alarm, and what the house noticed by itself.

What is asked for has a row from the start. What is noticed (`server.domain.concerns`) gets one only when somebody takes it or says done, found by its
subject; so a cause that goes away by itself leaves nothing behind. An alarm is silent and belongs to the person: pressed again while open it stays one, and
after a minute tells everybody anew, from where it is pressed now.
"""

from __future__ import annotations

import json
from typing import Any

from server.domain.concerns import Concern
from server.domain.refusals import Refused
from server.store.queries import concerns, tickets
from server.store.sql import Statement
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import RefusalCode, Role, new_id

Result = dict[str, Any]

_OPEN_HELP = Statement(
    "SELECT id FROM attention WHERE centre_id = :centre AND done_at IS NULL AND kind = 'help' AND device_id = :device"
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
    open_one = tx.sql.one(_OPEN_HELP, {"centre": tx.actor.centre, "device": tx.actor.id})
    if open_one is not None:
        return {"request": open_one[0]}
    _add(tx, ask.request, "help", {"language": ask.language.value})
    return {"request": ask.request}


def set_aside(tx: Tx, ask: asks.SetAside) -> Result:
    detail = {"code": ask.code, "service": ask.service, "why": ask.why, "what": ask.what}
    _add(tx, ask.entry, "set_aside", detail)
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


# Alarm ----------------------------------------------------------------------------------------------------------

AGAIN = 60_000_000
"""Microseconds. A press so long after the last is not the same touch: whoever presses still needs help, or needs it again."""
_OPEN_ALARM = Statement(
    "SELECT id, at FROM attention WHERE centre_id = :centre AND done_at IS NULL AND kind = 'alarm' AND staff_id = :staff"
)
_RAISE = Statement(
    """INSERT INTO attention (id, centre_id, kind, staff_id, at, detail) VALUES (:id, :centre, 'alarm', :staff, :at, :detail)
    ON CONFLICT DO NOTHING"""
)
_RAISE_ANEW = Statement(
    "UPDATE attention SET at = :at, detail = :detail, taken_by = NULL, taken_at = NULL WHERE id = :id"
)


def where_of(tx: Tx) -> str:
    """Where the one asking is likely to be: at their counter; a greeter at the front."""
    sits = tickets.seat_of(tx.sql, tx.actor.id, tx.actor.centre)
    if sits is not None:
        return sits.counter_name
    return "the front" if Role.GREETER in tx.actor.roles else "the office"


def alarm(tx: Tx, ask: asks.Alarm) -> Result:
    """A member of staff needs help now. One open alarm a person, however often it is pressed."""
    open_one = tx.sql.one(_OPEN_ALARM, {"centre": tx.actor.centre, "staff": tx.actor.id})
    if open_one is not None and tx.now - open_one[1] < AGAIN:
        return {"request": open_one[0]}
    own = where_of(tx)
    entry = {
        "id": open_one[0] if open_one is not None else ask.request,
        "centre": tx.actor.centre,
        "staff": tx.actor.id,
        "at": tx.now,
        "detail": json.dumps({"where": ask.where or own}),
    }
    if tx.sql.run(_RAISE if open_one is None else _RAISE_ANEW, entry) != 1:
        raise Refused(RefusalCode.ID_REUSED, "This alarm was already seen to. Press again for a new one.")
    tx.audit("alarm", own)  # never the typed words: they may name a visitor
    tx.touch(tx.actor.centre)
    return {"request": entry["id"]}


# Noticed --------------------------------------------------------------------------------------------------------

_OPEN_SUBJECT = Statement(
    "SELECT id, taken_by FROM attention WHERE centre_id = :centre AND subject = :subject AND done_at IS NULL"
)
_KEEP = Statement(
    """INSERT INTO attention (id, centre_id, kind, subject, ticket_id, device_id, at, detail, taken_by, taken_at, done_at)
    VALUES (:id, :centre, :kind, :subject, :ticket, :device, :at, '{}', :staff, :now, :done_at)"""
)


def take_concern(tx: Tx, ask: asks.TakeConcern) -> Result:
    """I will see to something noticed. Refused when a colleague does already, or when there is nothing to see to any more."""
    here = {"centre": tx.actor.centre, "subject": ask.subject}
    taken = tx.sql.one(_OPEN_SUBJECT, here)
    if taken is not None:
        if taken[1] != tx.actor.id:
            raise Refused(RefusalCode.WRONG_STATE, "A colleague is already seeing to this.")
        return {"request": taken[0]}
    concern = _noticed(tx, ask.subject)
    if concern is None:
        raise Refused(RefusalCode.WRONG_STATE, "This has settled itself. There is nothing left to do.")
    return {"request": _keep(tx, concern, done=False)}


def done_concern(tx: Tx, ask: asks.DoneConcern) -> Result:
    """It is seen to: the subject keeps quiet for a while (`server.domain.concerns.still_quiet`)."""
    taken = tx.sql.one(_OPEN_SUBJECT, {"centre": tx.actor.centre, "subject": ask.subject})
    if taken is not None:
        tx.sql.run(_DONE, {"staff": tx.actor.id, "at": tx.now, "id": taken[0]})
    else:
        concern = _noticed(tx, ask.subject)
        if concern is None:
            return {}
        _keep(tx, concern, done=True)
    tx.audit("seen to", ask.subject.partition(":")[0])
    tx.touch(tx.actor.centre)
    return {}


def _noticed(tx: Tx, subject: str) -> Concern | None:
    found = concerns.noticed(tx.sql, tx.actor.centre, tx.now)
    return next((concern for concern in found if concern.subject == subject), None)


def _keep(tx: Tx, concern: Concern, *, done: bool) -> str:
    entry = {
        "id": new_id(),
        "centre": tx.actor.centre,
        "kind": concern.kind.value,
        "subject": concern.subject,
        "ticket": concern.ticket,
        "device": concern.device,
        "at": concern.since_at or tx.now,
        "staff": tx.actor.id,
        "now": tx.now,
        "done_at": tx.now if done else None,
    }
    tx.sql.run(_KEEP, entry)
    tx.touch(tx.actor.centre)
    return str(entry["id"])
