"""Calling, serving and ending tickets: what an adviser does, one small function an ask.

Each loads the ticket with its counter, lets `domain.tickets` say what follows, writes the new columns and one step that remembers the old
ones (`taking_back` puts them back). A ticket called or being served belongs to its counter; only who sits there may act on it. A waiting or
parked one is anybody's on the floor. A visitor is at one place at a time: while one ticket of a visit is called, served or parked, no other
of it is called. During an evacuation nobody is called at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from server.actions import with_booking
from server.domain import selection
from server.domain import tickets as rules
from server.domain.refusals import Refusal, Refused
from server.store.queries import tickets
from server.store.queries.tickets import Head, SeatNow, TicketNow
from server.store.sql import Statement
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import RefusalCode, Role, TicketAction, TicketClass, TicketState, new_id

Result = dict[str, Any]

SEAT_AFTER_QUICK = "seat_after_quick"
"""Among what a call's step remembers: what its counter's seat said before."""
WAS_PUBLIC = "visit_was_public"
"""Among what a transfer's step remembers, when it made the visit discreet."""

_PART_OF = Statement("SELECT s.code FROM visit v JOIN visit s ON s.id = v.merged_into WHERE v.id = :visit")

GONE_WITH = "gone_with"
"""Among what the end of a need remembers, when it ended because its visitor did not come to, or left, another: that one's ticket."""

_DISCREET = Statement("SELECT 1 FROM service WHERE id = :service AND discreet")

EVACUATING = "The building is being evacuated. Calls start again when it is over."


def seat(tx: Tx) -> SeatNow:
    """Where the one asking sits; refused when nowhere."""
    found = tickets.seat_of(tx.sql, tx.actor.id, tx.actor.centre)
    if found is None:
        raise Refused(RefusalCode.NO_COUNTER, "Choose a counter first.")
    return found


def free_seat(tx: Tx) -> SeatNow:
    """The seat of the one asking, from which somebody may be called now."""
    found = seat(tx)
    _refuse_while_evacuating(found)
    if found.pause is not None:
        raise Refused(RefusalCode.BUSY, "You are on a break. End it before you call.")
    _refuse_if_busy(tx, found)
    return found


def _refuse_while_evacuating(sits: SeatNow | None) -> None:
    if sits is not None and sits.evacuated:
        raise Refused(RefusalCode.CLOSED, EVACUATING)


def refuse_if_elsewhere(tx: Tx, found: TicketNow) -> None:
    """A visitor is not called, nor taken up again, while they are seen to for another need."""
    other = tickets.seen_to(tx.sql, found.visit, found.id)
    if other is not None:
        now = rules.STATE_IN_WORDS[TicketState(other[0])]
        raise Refused(
            RefusalCode.BUSY, f"{found.code} {now} at {other[1]} for another need. Wait until that has ended."
        )


def refuse_if_part_of_another(tx: Tx, found: TicketNow) -> None:
    """A visit that was merged stands for nobody any more: nothing of it is opened again."""
    into = tx.sql.one(_PART_OF, {"visit": found.visit})
    if into is not None:
        raise Refused(
            RefusalCode.WRONG_STATE,
            f"{found.code} is part of {into[0]} now. Do this for {into[0]}, or take the merge back first.",
        )


def _refuse_what_is_not_to_be_known(tx: Tx, found: TicketNow) -> None:
    """Whoever serves a need learns what it is: one that is discreet by nature is taken up by those alone who may know it."""
    if Role.DISCREET not in tx.actor.roles and tx.sql.one(_DISCREET, {"service": found.service}) is not None:
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            f"{found.code} is for somebody with the right for discreet visits. Ask a colleague who has it.",
        )


def _refuse_if_busy(tx: Tx, found: SeatNow) -> None:
    there = tickets.at_counter(tx.sql, found.counter)
    if there is not None:
        raise Refused(RefusalCode.BUSY, f"{there[1]} is at your counter. Finish, park or pass it on first.")


def load(tx: Tx, ticket: str) -> TicketNow:
    found = tickets.ticket(tx.sql, tx.actor.centre, ticket)
    if found is None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such ticket at this centre.")
    return found


def own(tx: Tx, found: TicketNow) -> SeatNow | None:
    """A ticket called or being served is its counter's own; only who sits there may go on with it."""
    sits = tickets.seat_of(tx.sql, tx.actor.id, tx.actor.centre)
    if found.state in (TicketState.CALLED, TicketState.SERVING) and (
        sits is None or sits.counter != found.counter
    ):
        raise Refused(RefusalCode.NOT_ALLOWED, f"{found.code} is at another counter.")
    return sits


def advance(
    tx: Tx,
    found: TicketNow,
    action: TicketAction,
    changes: Mapping[str, Any],
    counter: int | None,
    **remembered: Any,
) -> None:
    """Take `found` one step on by `action`, set `changes` besides its state, and remember what they replaced, and `remembered`."""
    state = TicketState(found.state)
    following = rules.after(state, action)
    if isinstance(following, Refusal):
        raise Refused(following.code, following.say)
    values = {"state": following.value, **changes}
    if not rules.is_open(following):
        values["ended_at"] = tx.now
    tickets.change(tx.sql, found.id, values)
    columns = {
        "for_counter_id": "for_counter",
        "counter_id": "counter",
        "staff_id": "staff",
        "booking_id": "booking",
    }
    was = {column: getattr(found, columns.get(column, column)) for column in values}
    by_staff = tx.actor.kind == "staff"
    tickets.add_step(
        tx.sql,
        {
            "ticket": found.id,
            "action": action.value,
            "before": state.value,
            "after": following.value,
            "at": tx.now,
            "staff": tx.actor.id if by_staff else None,
            "counter": counter,
            "address": tx.actor.address
            if by_staff
            else "",  # where a visitor's phone is, is nobody's business
            "was": json.dumps({**was, **remembered}),
        },
    )
    if not rules.is_open(following) and following is not TicketState.TRANSFERRED:
        end_visit_if_over(tx, found.visit)
    if found.booking is not None:
        with_booking.follow(tx, found, action)
    tx.touch(tx.actor.centre)


def end_visit_if_over(tx: Tx, visit: str) -> None:
    if not tickets.open_tickets_of(tx.sql, visit):
        tickets.end_visit(tx.sql, visit, tx.now)


def mind_quick(tx: Tx, found: TicketNow, sits: SeatNow) -> dict[str, bool]:
    """Keep whether the last visit here was a quick one; what a step must remember to put it back."""
    if sits.after_quick == bool(found.quick):
        return {}
    tickets.keep_after_quick(tx.sql, sits.counter, yes=bool(found.quick))
    return {SEAT_AFTER_QUICK: sits.after_quick}


def _summon(tx: Tx, found: TicketNow, sits: SeatNow) -> None:
    changes = {
        "counter_id": sits.counter,
        "staff_id": tx.actor.id,
        "calls": 1,
        "first_called_at": tx.now,
        "called_at": tx.now,
    }
    advance(tx, found, TicketAction.CALL, changes, sits.counter, **mind_quick(tx, found, sits))


def _choose(tx: Tx, heads: list[Head], sits: SeatNow) -> selection.Chosen[Head] | None:
    return selection.choose(heads, tx.now, sits.counter, skills=sits.skills, after_quick=sits.after_quick)


def call_next(tx: Tx, ask: asks.CallNext) -> Result:
    """Call whoever the rule says is next for this counter; the answer says why. Refuses when nobody waits."""
    sits = free_seat(tx)
    heads = tickets.heads(tx.sql, tx.actor.centre, sits)
    chosen = _choose(tx, heads, sits)
    if chosen is not None and tickets.seen_to(tx.sql, chosen.candidate.visit, chosen.candidate.ticket):
        heads = tickets.heads(tx.sql, tx.actor.centre, sits, past_those_seen_to=True)
        chosen = _choose(tx, heads, sits)
    if chosen is None and heads:
        raise Refused(
            RefusalCode.NOBODY_WAITING,
            "Whoever waits for what you serve asked for a colleague who is here, and is kept for them a little longer.",
        )
    if chosen is None:
        raise Refused(RefusalCode.NOBODY_WAITING, "Nobody is waiting for what you serve.")
    found = load(tx, chosen.candidate.ticket)
    _summon(tx, found, sits)
    return {"ticket": found.id, "code": found.code, "why": chosen.why, "discreet": bool(found.discreet)}


def summon_out_of_turn(tx: Tx, found: TicketNow, sits: SeatNow) -> None:
    """Call `found` to this counter whoever else waits; refused to who may not know it, and while its visitor is at another counter."""
    _refuse_what_is_not_to_be_known(tx, found)
    refuse_if_elsewhere(tx, found)
    _summon(tx, found, sits)


def call_ticket(tx: Tx, ask: asks.CallTicket) -> Result:
    """Call this one out of turn."""
    sits = free_seat(tx)
    found = load(tx, ask.ticket)
    summon_out_of_turn(tx, found, sits)
    tx.audit("call out of turn", found.code, ticket=found.id)
    return {"ticket": found.id, "code": found.code, "discreet": bool(found.discreet)}


def recall(tx: Tx, ask: asks.Recall) -> Result:
    found = load(tx, ask.ticket)
    sits = own(tx, found)
    _refuse_while_evacuating(sits)
    advance(
        tx, found, TicketAction.RECALL, {"calls": found.calls + 1, "called_at": tx.now}, sits and sits.counter
    )
    return {"calls": found.calls + 1}


def arrive(tx: Tx, ask: asks.Arrive) -> Result:
    found = load(tx, ask.ticket)
    sits = own(tx, found)
    advance(tx, found, TicketAction.ARRIVE, {"served_at": tx.now}, sits and sits.counter)
    return {}


def no_show(tx: Tx, ask: asks.NoShow) -> Result:
    """Whoever does not come is not called for their other needs either."""
    found = load(tx, ask.ticket)
    if tx.actor.kind != "system":
        own(tx, found)
    advance(tx, found, TicketAction.NO_SHOW, {}, found.counter)
    _end_other_needs(tx, found)
    return {}


def _end_other_needs(tx: Tx, found: TicketNow) -> None:
    """The visitor has gone, so nobody is to be called again and again. An appointment that is not due yet stays: they may come back for it."""
    for each in tickets.open_tickets_of(tx.sql, found.visit):
        if each.state == TicketState.WAITING and each.counts_from <= tx.now:
            advance(tx, each, TicketAction.CANCEL, {}, found.counter, **{GONE_WITH: found.id})


def park(tx: Tx, ask: asks.Park) -> Result:
    found = load(tx, ask.ticket)
    sits = own(tx, found)
    advance(tx, found, TicketAction.PARK, {"parked_at": tx.now}, sits and sits.counter)
    note(tx, found, ask.note)
    return {}


def unpark(tx: Tx, ask: asks.Unpark) -> Result:
    """Go on with a parked ticket, at the counter of whoever takes it up."""
    sits = seat(tx)
    if sits.pause is not None:
        raise Refused(RefusalCode.BUSY, "You are on a break. End it first.")
    _refuse_if_busy(tx, sits)
    found = load(tx, ask.ticket)
    _refuse_what_is_not_to_be_known(tx, found)
    refuse_if_elsewhere(tx, found)
    changes = {"counter_id": sits.counter, "staff_id": tx.actor.id, "parked_at": None}
    advance(tx, found, TicketAction.UNPARK, changes, sits.counter)
    return {}


def finish(tx: Tx, ask: asks.Finish) -> Result:
    found = load(tx, ask.ticket)
    sits = own(tx, found)
    changes = {
        "outcome": ask.outcome.value,
        "avoidable": ask.avoidable.value if ask.avoidable else None,
        "again": ask.again,
    }
    advance(tx, found, TicketAction.FINISH, changes, sits.counter if sits else found.counter)
    return {}


def end_unattended(tx: Tx, ticket: str) -> None:
    """Finish a ticket that was left being served when the centre had long closed; its outcome is not known, nor how long it took."""
    found = load(tx, ticket)
    advance(tx, found, TicketAction.FINISH, {"left_open": True}, found.counter)


def end_gone_home(tx: Tx, ticket: str) -> None:
    """End a ticket that was entered so late that its visitor has left."""
    advance(tx, load(tx, ticket), TicketAction.CANCEL, {}, None)


def cancel(tx: Tx, ask: asks.Cancel) -> Result:
    """The visitor has left, as staff saw, and so for all needs; unless they are at a counter for another just now, and want this one no more."""
    found = load(tx, ask.ticket)
    sits = own(tx, found) if tx.actor.kind != "system" else None
    advance(tx, found, TicketAction.CANCEL, {}, sits.counter if sits else None)
    if tx.actor.kind != "system" and tickets.seen_to(tx.sql, found.visit, found.id) is None:
        _end_other_needs(tx, found)
    return {}


def leave(tx: Tx, ask: asks.Leave) -> Result:
    """The visitor gives up the place on the phone. Refused once being served: then the adviser ends it."""
    assert tx.actor.visit is not None
    opened = tickets.open_tickets_of(tx.sql, tx.actor.visit)
    if not opened:
        raise Refused(RefusalCode.WRONG_STATE, "This visit has already ended.")
    for found in opened:
        advance(tx, found, TicketAction.CANCEL, {}, None)
    return {}


_SERVICE = Statement(
    "SELECT id, ticket_class, discreet FROM service WHERE centre_id = :centre AND slug = :slug AND retired_at IS NULL"
)
_COUNTER = Statement(
    "SELECT id, name FROM counter WHERE centre_id = :centre AND slug = :slug AND retired_at IS NULL"
)
_MAY_NOT_KNOW = Statement(
    """SELECT f.name FROM seat s JOIN staff f ON f.id = s.staff_id WHERE s.counter_id = :counter AND s.until_at IS NULL
    AND EXISTS (SELECT 1 FROM service x WHERE x.id = :service AND x.discreet) AND NOT EXISTS
    (SELECT 1 FROM staff_role r WHERE r.staff_id = s.staff_id AND r.centre_id = s.centre_id AND r.role = 'discreet')"""
)
_MAKE_DISCREET = Statement("UPDATE visit SET discreet = :yes WHERE id = :visit")


class Offered(NamedTuple):
    """A service that this centre offers now."""

    id: int
    ticket_class: str
    discreet: bool


def offered(tx: Tx, slug: str) -> Offered:
    """Refused when the centre has no such service now."""
    record = tx.sql.one(_SERVICE, {"centre": tx.actor.centre, "slug": slug})
    if record is None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such service now. Choose another.")
    return Offered._make(record)


def make_discreet(tx: Tx, visit: str) -> None:
    tx.sql.run(_MAKE_DISCREET, {"yes": True, "visit": visit})


def transfer(tx: Tx, ask: asks.Transfer) -> Result:
    """Pass on, keeping code and arrival time: the ticket ends, its successor waits in the same visit."""
    if ask.service is None and ask.counter is None:
        raise Refused(RefusalCode.MALFORMED, "Say to which service or counter to pass this on.")
    found = load(tx, ask.ticket)
    sits = own(tx, found)
    service, ticket_class = found.service, found.ticket_class
    remembered = {}
    if ask.service is not None:
        refuse_if_unseen(tx, found)
        service, usual_class, discreet = offered(tx, ask.service)
        _refuse_a_second_place(tx, found, service)
        ticket_class = found.ticket_class if _by_hand(tx, found) else usual_class
        if discreet and not found.discreet:
            make_discreet(tx, found.visit)
            remembered = {WAS_PUBLIC: True}
    counter = _counter(tx, ask.counter, service) if ask.counter is not None else None
    advance(tx, found, TicketAction.TRANSFER, {}, sits.counter if sits else None, **remembered)
    successor = new_id()
    booking = None
    if found.booking is not None:
        booking = with_booking.passed_on(tx, found, successor, to_same_service=service == found.service)
    counts_from = found.counts_from
    if found.ticket_class == TicketClass.BOOKED:
        # The place of an appointment goes where the appointment goes; another need counts from when they came.
        ticket_class = found.ticket_class if booking is not None else ticket_class
        counts_from = found.counts_from if booking is not None else found.arrived_at
    tickets.add_ticket(
        tx.sql,
        {
            "id": successor,
            "visit": found.visit,
            "centre": tx.actor.centre,
            "service": service,
            "ticket_class": ticket_class,
            "arrived_at": found.arrived_at,
            "counts_from": counts_from,
            "for_counter": counter,
            "follows": found.id,
            "quick": found.quick,
            "wants": found.wants,
            "added_by": found.added_by,
            "booking": booking,
        },
    )
    note(tx, found, ask.note)
    return {"ticket": successor, "code": found.code}


def refuse_if_unseen(tx: Tx, found: TicketNow) -> None:
    """Only who may know what a private visit is about changes it: what is refused for one service and not for another would tell."""
    if not found.discreet or Role.DISCREET in tx.actor.roles:
        return
    sits = tickets.seat_of(tx.sql, tx.actor.id, tx.actor.centre)
    if sits is None or found.counter is None or sits.counter != found.counter:
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            f"{found.code} is a private visit. Whoever serves it, or somebody with the right to see it, can change what it is about."
            " You can send it to one counter.",
        )


def _refuse_a_second_place(tx: Tx, found: TicketNow, service: int) -> None:
    """Nobody waits twice for one thing."""
    others = [each for each in tickets.open_tickets_of(tx.sql, found.visit) if each.id != found.id]
    if service != found.service and any(each.service == service for each in others):
        raise Refused(
            RefusalCode.WRONG_STATE,
            f"{found.code} is already here for this too, and is called for it in turn. Finish this ticket instead, or withdraw it if it still waits.",
        )


_CLASS_OF = Statement("SELECT ticket_class FROM service WHERE id = :service")


def _by_hand(tx: Tx, found: TicketNow) -> bool:
    """Whether somebody gave this ticket another priority than its service has: that is about the person, and goes with them."""
    record = tx.sql.one(_CLASS_OF, {"service": found.service})
    return record is not None and found.ticket_class not in (record[0], TicketClass.BOOKED)


def _counter(tx: Tx, slug: str, service: int) -> int:
    """Refused where somebody sits who may not know what this is about."""
    record = tx.sql.one(_COUNTER, {"centre": tx.actor.centre, "slug": slug})
    if record is None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such counter now. Choose another.")
    unknowing = tx.sql.one(_MAY_NOT_KNOW, {"counter": record[0], "service": service})
    if unknowing is not None:
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            f"{unknowing[0]} at {record[1]} has no right for discreet visits. Choose another counter, or leave it open which.",
        )
    return int(record[0])


_ADD_NOTE = Statement(
    "INSERT INTO note (visit_id, ticket_id, staff_id, at, text) VALUES (:visit, :ticket, :staff, :at, :text)"
)


def note(tx: Tx, found: TicketNow, text: str) -> None:
    if text:
        values = {"visit": found.visit, "ticket": found.id, "staff": tx.actor.id, "at": tx.now, "text": text}
        tx.sql.run(_ADD_NOTE, values)


def add_note(tx: Tx, ask: asks.AddNote) -> Result:
    found = load(tx, ask.ticket)
    if not ask.note:
        raise Refused(RefusalCode.MALFORMED, "Write the note first.")
    note(tx, found, ask.note)
    tx.touch(tx.actor.centre)
    return {}
