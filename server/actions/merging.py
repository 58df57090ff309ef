"""One person took two tickets: one visit becomes part of the other, and stands for no visitor of its own.

The visit that goes gives what it still waited for to the one that stays: a ticket there for each need that is not there yet, and the earlier
of the two arrivals for all that waits, so that nobody loses by being put right. What was written and told goes with it: its notes, its access
needs, and that it was discreet. It is one deed: its first step remembers all of it, and taking that back puts both visits as they were.
"""

from __future__ import annotations

import json
from typing import Any

from server.actions import goes_with, queue, with_booking
from server.actions.discreet import carry_apart, carry_apart_back, show_again
from server.domain.refusals import Refused
from server.store.queries import tickets
from server.store.queries.tickets import LastStep, TicketNow
from server.store.sql import Statement, document
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import RefusalCode, TicketAction, TicketClass, TicketState, new_id

Result = dict[str, Any]

MERGED = "merged"
"""Among what the first step of a merge remembers: both visits as they were."""
WITH = "merged_with"
"""Among what the other steps of a merge remember: the ticket whose step holds the rest."""

APART = "apart_carried"
"""Among both visits as they were: whether the reference that keeps one apart came along. Not which: that stands on the visits alone."""

HANDED_IN = "handed_in"
"""Among both visits as they were: which submissions came along."""

_VISIT = Statement("SELECT needs, discreet, arrived_at, merged_into, code FROM visit WHERE id = :visit")
_SET_VISIT = Statement("UPDATE visit SET needs = :needs, arrived_at = :arrived_at WHERE id = :visit")
_END = Statement("UPDATE visit SET merged_into = :into, ended_at = :at WHERE id = :visit")
_NOTES_OVER = Statement("UPDATE note SET visit_id = :into WHERE visit_id = :visit")
_TEXT_OVER = Statement(
    """UPDATE text_wish SET visit_id = :into WHERE visit_id = :visit
    AND NOT EXISTS (SELECT 1 FROM text_wish WHERE visit_id = :into)"""
)
_NOTES_BACK = Statement(
    "UPDATE note SET visit_id = :visit WHERE ticket_id IN (SELECT id FROM ticket WHERE visit_id = :visit)"
)
_TOUCHED = Statement("SELECT id FROM step WHERE ticket_id = :ticket LIMIT 1")


def merge(tx: Tx, ask: asks.Merge) -> Result:
    """`ticket`'s visit becomes part of `into`'s. Both must be in the house, and the first still waiting with all it came for."""
    goes, stays = queue.load(tx, ask.ticket), queue.load(tx, ask.into)
    if goes.visit == stays.visit:
        raise Refused(RefusalCode.WRONG_STATE, f"These are of one visit already, {goes.code}.")
    leaving = tickets.open_tickets_of(tx.sql, goes.visit)
    staying = tickets.open_tickets_of(tx.sql, stays.visit)
    if not leaving or not staying:
        ended = goes.code if not leaving else stays.code
        raise Refused(RefusalCode.WRONG_STATE, f"{ended} has ended. Choose a ticket that is still here.")
    busy = next((each for each in leaving if each.state != TicketState.WAITING), None)
    if busy is not None:
        raise Refused(
            RefusalCode.WRONG_STATE,
            f"{busy.code} is at a counter or parked. Put {stays.code} into {goes.code} instead, or wait.",
        )
    carried = carry_apart(tx, goes.visit, stays.visit)
    before = {**_as_they_are(tx, goes.visit, stays.visit, staying), APART: carried}
    before[HANDED_IN] = goes_with.carry(tx, goes.visit, stays.visit)
    arrived = min(each.arrived_at for each in (*leaving, *staying))
    added = [_take_over(tx, each, stays, arrived) for each in _new_needs(leaving, staying)]
    for each in staying:
        _bring_forward(tx, each, arrived)
    _bring_appointments(tx, leaving, staying)
    _write_visit(tx, stays.visit, before, arrived)
    first = leaving[0]
    for each in leaving:
        remembered: dict[str, Any] = (
            {MERGED: {**before, "into": stays.visit, "added": added, "with": [other.id for other in leaving]}}
            if each is first
            else {WITH: first.id}
        )
        queue.advance(tx, each, TicketAction.MERGE, {"counted": False}, None, **remembered)
    tx.sql.run(_END, {"into": stays.visit, "at": tx.now, "visit": goes.visit})
    tx.sql.run(_NOTES_OVER, {"into": stays.visit, "visit": goes.visit})
    tx.sql.run(_TEXT_OVER, {"into": stays.visit, "visit": goes.visit})
    tx.audit("merged", goes.code, ticket=goes.id, into=stays.code)
    return {"code": stays.code, "added": len(added)}


def _as_they_are(tx: Tx, goes: str, stays: str, staying: list[TicketNow]) -> dict[str, Any]:
    """What taking the merge back must restore."""
    own, other = (tx.sql.one(_VISIT, {"visit": visit}) for visit in (stays, goes))
    assert own is not None, "a ticket has a visit"
    assert other is not None, "a ticket has a visit"
    return {
        "visit": {"needs": document(own[0]), "discreet": bool(own[1]), "arrived_at": own[2]},
        "goes": {"needs": document(other[0]), "discreet": bool(other[1])},
        "places": {
            each.id: {
                "arrived_at": each.arrived_at,
                "counts_from": each.counts_from,
                "ticket_class": each.ticket_class,
                "booking_id": each.booking,
            }
            for each in staying
        },
    }


def _new_needs(leaving: list[TicketNow], staying: list[TicketNow]) -> list[TicketNow]:
    """One ticket for each need that is not there yet; of two for one need that which counts from earlier."""
    here = {each.service for each in staying}
    found = []
    for each in sorted(leaving, key=lambda each: (each.counts_from, each.id)):
        if each.service not in here:
            here.add(each.service)
            found.append(each)
    return found


def _take_over(tx: Tx, each: TicketNow, stays: TicketNow, arrived: int) -> str:
    added = new_id()
    booked = each.ticket_class == TicketClass.BOOKED
    values = {
        "id": added,
        "visit": stays.visit,
        "centre": tx.actor.centre,
        "service": each.service,
        "ticket_class": each.ticket_class,
        "arrived_at": arrived,
        "counts_from": each.counts_from if booked else arrived,
        "for_counter": each.for_counter,
        "quick": each.quick,
        "wants": each.wants or stays.wants,
        "added_by": tx.actor.id if tx.actor.kind == "staff" else None,
        "booking": each.booking,
    }
    tickets.add_ticket(tx.sql, values)
    if each.booking is not None:
        with_booking.carry(tx, each.booking, added)
    return added


def _bring_appointments(tx: Tx, leaving: list[TicketNow], staying: list[TicketNow]) -> None:
    """An appointment goes to the ticket that is there for the same, which then has the better place of the two."""
    of_service = {each.service: each for each in staying if each.booking is None}
    for each in leaving:
        here = of_service.pop(each.service, None) if each.booking is not None else None
        if here is None or each.booking is None:
            continue
        values: dict[str, Any] = {"booking_id": each.booking}
        if here.state == TicketState.WAITING and each.ticket_class == TicketClass.BOOKED:
            values |= {"ticket_class": each.ticket_class, "counts_from": each.counts_from}
        tickets.change(tx.sql, here.id, values)
        with_booking.carry(tx, each.booking, here.id)


def _bring_forward(tx: Tx, each: TicketNow, arrived: int) -> None:
    """Whoever came twice came at the first time; a booking keeps its own place, and who was called has had it."""
    if each.state != TicketState.WAITING or each.arrived_at <= arrived:
        return
    counts_from = each.counts_from if each.ticket_class == TicketClass.BOOKED else arrived
    tickets.change(tx.sql, each.id, {"arrived_at": arrived, "counts_from": counts_from})


def _write_visit(tx: Tx, stays: str, before: dict[str, Any], arrived: int) -> None:
    own, other = before["visit"], before["goes"]
    values = {
        "needs": json.dumps(_told(own["needs"], other["needs"])),
        "arrived_at": min(own["arrived_at"], arrived),
        "visit": stays,
    }
    tx.sql.run(_SET_VISIT, values)
    if other["discreet"] and not own["discreet"]:
        queue.make_discreet(tx, stays)


def _told(own: list[str], other: list[str]) -> list[str]:
    """What was told at either ticket, once."""
    return [*own, *(need for need in other if need not in own)]


def unmerge(tx: Tx, found: TicketNow, step: LastStep) -> None:
    """Put both visits as they were before the merge. Refused once somebody has begun on what it added."""
    if WITH in step.was:
        found = queue.load(tx, step.was[WITH])
        first = tickets.last_step(tx.sql, found.id)
        assert first is not None, "a merge is taken back as one"
        step = first
    kept: dict[str, Any] = step.was[MERGED]
    added = [queue.load(tx, each) for each in kept["added"]]
    for each in added:
        if tx.sql.one(_TOUCHED, {"ticket": each.id}) is not None:
            raise Refused(
                RefusalCode.NOTHING_TO_UNDO,
                f"Somebody has begun on what {each.code} was given, so this cannot be taken back.",
            )
    for gone in kept["with"]:
        own = queue.load(tx, gone)
        if own.booking is not None:
            with_booking.carry(tx, own.booking, own.id)
    for each in added:
        queue.advance(tx, each, TicketAction.WITHDRAW, {"counted": False}, None)
    for ticket, place in kept["places"].items():
        tickets.change(tx.sql, ticket, place)
    _write_back(tx, kept)
    if kept[APART]:
        carry_apart_back(tx, found.visit, kept["into"])
    tx.sql.run(_NOTES_BACK, {"visit": found.visit})
    goes_with.carry_back(tx, kept.get(HANDED_IN, ()), found.visit)
    tx.sql.run(_END, {"into": None, "at": None, "visit": found.visit})
    for gone in kept["with"]:
        last = tickets.last_step(tx.sql, gone)
        assert last is not None, "each ticket of a merge has its step"
        tickets.change(tx.sql, gone, {name: last.was[name] for name in ("state", "ended_at", "counted")})
        tickets.undo_step(tx.sql, last.id, tx.now)
    stayed = tx.sql.one(_VISIT, {"visit": kept["into"]})
    if stayed is not None and stayed[1] and not kept["visit"]["discreet"]:
        show_again(tx, kept["into"], stayed[4], step.at)


def _write_back(tx: Tx, kept: dict[str, Any]) -> None:
    """The visit that stayed as it was, but for needs that were corrected since."""
    before, record = kept["visit"], tx.sql.one(_VISIT, {"visit": kept["into"]})
    assert record is not None, "a visit is kept"
    now = document(record[0])
    needs = before["needs"] if now == _told(before["needs"], kept["goes"]["needs"]) else now
    values = {"needs": json.dumps(needs), "arrived_at": before["arrived_at"], "visit": kept["into"]}
    tx.sql.run(_SET_VISIT, values)
