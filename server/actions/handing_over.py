"""A counter that changes hands, and one that somebody has left without getting up.

Handing over keeps what is going on: the counter, its services, and the visitor who is there. What the colleague may not serve drops out, and
where that would be the visitor's own need it is refused. A counter that was left is closed by whoever minds the floor, and its visitor is not
lost: one being served is parked, so that anybody takes them up; one who was only called waits again in their old place.
"""

from __future__ import annotations

from typing import Any

from server.actions import queue, seats
from server.actions.taking_back import take_back
from server.domain import skills
from server.domain.refusals import Refused
from server.store.queries import people, tickets
from server.store.queries.people import Colleague
from server.store.sql import Statement, document
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import RefusalCode, Role, TicketAction, TicketState

Result = dict[str, Any]

_SERVICES = Statement("SELECT id, slug, discreet, names FROM service WHERE centre_id = :centre")
_TAKES_OVER = Statement("UPDATE ticket SET staff_id = :staff WHERE id = :ticket")
_COUNTER = Statement(
    """SELECT c.id, c.name, s.id FROM counter c LEFT JOIN seat s ON s.counter_id = c.id AND s.until_at IS NULL
    WHERE c.centre_id = :centre AND c.slug = :slug"""
)


def hand_over(tx: Tx, ask: asks.HandOver) -> Result:
    """The colleague sits where the one asking sat, with the visitor who is there."""
    sits = queue.seat(tx)
    colleague = _free_colleague(tx, ask.to)
    reasons = _what_they_may_not_serve(tx, colleague)
    services = [service for service in sits.services if not reasons[service]]
    if not services:
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            f"{colleague.name} may serve nothing of what this counter serves. Choose another.",
        )
    there = tickets.at_counter(tx.sql, sits.counter)
    if there is not None and reasons[queue.load(tx, there[0]).service]:
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            f"{colleague.name} may not serve what {there[1]} came for. Finish, park or pass it on first.",
        )
    seats.end_seat(tx, sits.id)
    seats.open_seat(tx, ask.to, sits.counter, services, colleague.skills, after_quick=sits.after_quick)
    if there is not None:
        tx.sql.run(_TAKES_OVER, {"staff": ask.to, "ticket": there[0]})
    tx.audit("handed over", sits.counter_name, to=f"staff:{ask.to}")
    tx.touch(tx.actor.centre)
    return {
        "counter": sits.counter_name,
        "services": len(services),
        "left_out": len(sits.services) - len(services),
    }


def _free_colleague(tx: Tx, staff: int) -> Colleague:
    found = people.colleague(tx.sql, staff, tx.actor.centre)
    if found is None or found.disabled or Role.ADVISER not in found.roles or staff == tx.actor.id:
        raise Refused(RefusalCode.UNKNOWN, "Choose a colleague who is an adviser at this centre.")
    if found.sits_at is not None:
        raise Refused(
            RefusalCode.COUNTER_TAKEN,
            f"{found.name} sits at {found.sits_at}. They have to leave it before they can take over yours.",
        )
    return found


def _what_they_may_not_serve(tx: Tx, colleague: Colleague) -> dict[int, str]:
    """Why not, by service; empty where they may."""
    return {
        record[0]: skills.why_not(
            record[1],
            bool(record[2]),
            document(record[3])["en"],
            colleague.skills,
            colleague.roles,
            colleague.name,
        )
        for record in tx.sql.all(_SERVICES, {"centre": tx.actor.centre})
    }


def free_counter(tx: Tx, ask: asks.FreeCounter) -> Result:
    """Close a counter that was left, also one whose person's account was disabled meanwhile."""
    record = tx.sql.one(_COUNTER, {"centre": tx.actor.centre, "slug": ask.counter})
    if record is None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such counter.")
    there = tickets.at_counter(tx.sql, record[0])
    if record[2] is None and there is None:
        raise Refused(
            RefusalCode.NO_COUNTER, f"Nobody sits at {record[1]}, and nobody is being served there."
        )
    became = free_visitor(tx, there[0], record[0]) if there is not None else None
    if record[2] is not None:
        seats.end_seat(tx, record[2])
    tx.audit("freed a counter", record[1], ticket=there[0] if there else None)
    tx.touch(tx.actor.centre)
    return {"counter": record[1], "code": there[1] if there else None, "state": became}


def free_visitor(tx: Tx, ticket: str, counter: int) -> str:
    """Park who is being served at this counter, have who was only called wait again; the state that is."""
    found = queue.load(tx, ticket)
    if found.state == TicketState.SERVING:
        queue.advance(tx, found, TicketAction.PARK, {"parked_at": tx.now}, counter)
        return TicketState.PARKED.value
    step = tickets.last_step(tx.sql, found.id)
    assert step is not None, "a called ticket was called"
    return take_back(tx, found, step).value
