"""Who sits at which counter, for which services, and breaks.

Sitting down opens a counter for services that its person may serve (`domain.skills`), and takes down what they can do that not everybody can:
that decides whom the counter may call, and it must not change under a visitor who was told of it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from server.actions.queue import seat
from server.domain import skills
from server.domain.refusals import Refused
from server.store.queries import people, tickets
from server.store.sql import Statement, document
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import RefusalCode

Result = dict[str, Any]

_COUNTER = Statement(
    """SELECT c.id, c.name, s.staff_id, f.name FROM counter c
    LEFT JOIN seat s ON s.counter_id = c.id AND s.until_at IS NULL LEFT JOIN staff f ON f.id = s.staff_id
    WHERE c.centre_id = :centre AND c.slug = :slug AND c.retired_at IS NULL"""
)
_SERVICES = Statement(
    """SELECT s.slug, s.id, s.discreet, s.names FROM service s WHERE s.centre_id = :centre AND (s.retired_at IS NULL OR EXISTS
    (SELECT 1 FROM ticket t WHERE t.centre_id = :centre AND t.ended_at IS NULL AND t.service_id = s.id AND t.state = 'waiting'))"""
)
"""A retired one too as long as somebody waits for it."""
_ANY_SEAT = Statement(
    "SELECT id, centre_id, counter_id FROM seat WHERE staff_id = :staff AND until_at IS NULL"
)
_LOCK = Statement("SELECT id FROM centre WHERE id = :centre FOR NO KEY UPDATE")
_END_SEAT = Statement(
    "UPDATE seat SET until_at = :at, left_open = :left_open WHERE id = :seat AND until_at IS NULL"
)
_END_PAUSE = Statement("UPDATE pause SET until_at = :at WHERE seat_id = :seat AND until_at IS NULL")
_ADD_SEAT = Statement(
    """INSERT INTO seat (centre_id, staff_id, counter_id, services, skills, after_quick, since_at)
    VALUES (:centre, :staff, :counter, :services, :skills, :after_quick, :at)"""
)
_ADD_PAUSE = Statement("INSERT INTO pause (seat_id, reason, since_at) VALUES (:seat, :reason, :at)")


def sit_down(tx: Tx, ask: asks.SitDown) -> Result:
    """Open a counter. Whoever asks leaves the counter they sat at before; nobody else is moved."""
    counter = tx.sql.one(_COUNTER, {"centre": tx.actor.centre, "slug": ask.counter})
    if counter is None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such counter now. Choose another.")
    if counter[2] is not None and counter[2] != tx.actor.id:
        raise Refused(
            RefusalCode.COUNTER_TAKEN,
            f"{counter[1]} is taken by {counter[3]}. Choose another, or ask them to leave it.",
        )
    known = {record[0]: record for record in tx.sql.all(_SERVICES, {"centre": tx.actor.centre})}
    missing = [slug for slug in ask.services if slug not in known]
    if missing:
        raise Refused(
            RefusalCode.UNKNOWN, "One of those services is not offered here any more. Choose again."
        )
    own = people.skills_of(tx.sql, tx.actor.id, tx.actor.centre)
    for slug, _, discreet, names in (known[each] for each in ask.services):
        reason = skills.why_not(slug, bool(discreet), document(names)["en"], own, tx.actor.roles)
        if reason:
            raise Refused(RefusalCode.NOT_ALLOWED, reason)
    _leave(tx)
    open_seat(tx, tx.actor.id, counter[0], {known[slug][1] for slug in ask.services}, own)
    tx.audit("sit down", ask.counter)
    tx.touch(tx.actor.centre)
    return {"counter": ask.counter, "name": counter[1]}


def open_seat(
    tx: Tx,
    staff: int,
    counter: int,
    services: Collection[int],
    own: Collection[skills.Skill],
    *,
    after_quick: bool = False,
) -> None:
    """From now on this person is at this counter, which must be free, and can do there what their skills say."""
    values = {
        "centre": tx.actor.centre,
        "staff": staff,
        "counter": counter,
        "services": json.dumps(sorted(services)),
        "skills": json.dumps(skills.wanted_for(own)),
        "after_quick": after_quick,
        "at": tx.now,
    }
    tx.sql.run(_ADD_SEAT, values)


def end_seat(tx: Tx, seat_id: int, *, left_open: bool = False) -> None:
    """Nobody is there any more; a break ends with it. `left_open`: they had left long before, and until when they sat there nobody knows."""
    tx.sql.run(_END_PAUSE, {"seat": seat_id, "at": tx.now})
    tx.sql.run(_END_SEAT, {"seat": seat_id, "at": tx.now, "left_open": left_open})


def _leave(tx: Tx) -> bool:
    """Close the seat of the one asking, wherever it is; refused while a ticket is at that counter."""
    return close_seat_of(tx, tx.actor.id)


def close_seat_of(tx: Tx, staff: int, *, left_open: bool = False) -> bool:
    """False when this person sits nowhere."""
    record = tx.sql.one(_ANY_SEAT, {"staff": staff})
    if record is None:
        return False
    if record[1] != tx.actor.centre and tx.sql.is_postgresql:
        tx.sql.one(_LOCK, {"centre": record[1]})  # the lane has the lock of the actor's own
    there = tickets.at_counter(tx.sql, record[2])
    if there is not None:
        raise Refused(RefusalCode.BUSY, f"{there[1]} is at your counter. Finish, park or pass it on first.")
    end_seat(tx, record[0], left_open=left_open)
    tx.touch(record[1])
    return True


def get_up(tx: Tx, ask: asks.GetUp) -> Result:
    if not _leave(tx):
        raise Refused(RefusalCode.NO_COUNTER, "You are not at a counter.")
    tx.audit("get up")
    return {}


def take_break(tx: Tx, ask: asks.TakeBreak) -> Result:
    sits = seat(tx)
    if sits.pause is not None:
        raise Refused(RefusalCode.WRONG_STATE, "You are already on a break.")
    there = tickets.at_counter(tx.sql, sits.counter)
    if there is not None:
        raise Refused(RefusalCode.BUSY, f"{there[1]} is at your counter. Finish, park or pass it on first.")
    tx.sql.run(_ADD_PAUSE, {"seat": sits.id, "reason": ask.reason.value, "at": tx.now})
    tx.touch(tx.actor.centre)
    return {}


def end_break(tx: Tx, ask: asks.EndBreak) -> Result:
    sits = seat(tx)
    if tx.sql.run(_END_PAUSE, {"seat": sits.id, "at": tx.now}) != 1:
        raise Refused(RefusalCode.WRONG_STATE, "You are not on a break.")
    tx.touch(tx.actor.centre)
    return {}
