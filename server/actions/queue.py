"""Calling, serving and ending tickets: what an adviser does, one small function an ask.

Each loads the ticket with its counter, lets `domain.tickets` say what follows, writes the new columns and one step that remembers the old
ones. A ticket called or being served belongs to its counter; only who sits there may act on it. A waiting or parked one is anybody's on the
floor.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from server.domain import selection
from server.domain import tickets as rules
from server.domain.refusals import Refusal, Refused
from server.store.queries import tickets
from server.store.queries.tickets import LastStep, SeatNow, TicketNow
from server.store.sql import Statement
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import RefusalCode, Role, TicketAction, TicketState, new_id

Result = dict[str, Any]


def seat(tx: Tx) -> SeatNow:
    """Where the one asking sits; refused when nowhere."""
    found = tickets.seat_of(tx.sql, tx.actor.id, tx.actor.centre)
    if found is None:
        raise Refused(RefusalCode.NO_COUNTER, "Choose a counter first.")
    return found


def _free_seat(tx: Tx) -> SeatNow:
    found = seat(tx)
    if found.pause is not None:
        raise Refused(RefusalCode.BUSY, "You are on a break. End it before you call.")
    _refuse_if_busy(tx, found)
    return found


def _refuse_if_busy(tx: Tx, found: SeatNow) -> None:
    there = tickets.at_counter(tx.sql, found.counter)
    if there is not None:
        raise Refused(RefusalCode.BUSY, f"{there[1]} is at your counter. Finish, park or pass it on first.")


def _load(tx: Tx, ticket: str) -> TicketNow:
    found = tickets.ticket(tx.sql, tx.actor.centre, ticket)
    if found is None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such ticket at this centre.")
    return found


def _own(tx: Tx, found: TicketNow) -> SeatNow | None:
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
    **remembered: bool,
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
    columns = {"for_counter_id": "for_counter", "counter_id": "counter", "staff_id": "staff"}
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
        _end_visit_if_over(tx, found.visit)
    tx.touch(tx.actor.centre)


def _end_visit_if_over(tx: Tx, visit: str) -> None:
    if not tickets.open_tickets_of(tx.sql, visit):
        tickets.end_visit(tx.sql, visit, tx.now)


def _summon(tx: Tx, found: TicketNow, sits: SeatNow) -> None:
    changes = {
        "counter_id": sits.counter,
        "staff_id": tx.actor.id,
        "calls": 1,
        "first_called_at": tx.now,
        "called_at": tx.now,
    }
    advance(tx, found, TicketAction.CALL, changes, sits.counter)


def call_next(tx: Tx, ask: asks.CallNext) -> Result:
    """Call whoever the rule says is next for this counter; the answer says why. Refuses when nobody waits."""
    sits = _free_seat(tx)
    chosen = selection.choose(
        tickets.heads(tx.sql, tx.actor.centre, sits.counter, sits.services), tx.now, sits.counter
    )
    if chosen is None:
        raise Refused(RefusalCode.NOBODY_WAITING, "Nobody is waiting for what you serve.")
    found = _load(tx, chosen.candidate.ticket)
    _summon(tx, found, sits)
    return {"ticket": found.id, "code": found.code, "why": chosen.why, "discreet": bool(found.discreet)}


def call_ticket(tx: Tx, ask: asks.CallTicket) -> Result:
    """Call this one out of turn."""
    sits = _free_seat(tx)
    found = _load(tx, ask.ticket)
    _summon(tx, found, sits)
    tx.audit("call out of turn", found.code, ticket=found.id)
    return {"ticket": found.id, "code": found.code, "discreet": bool(found.discreet)}


def recall(tx: Tx, ask: asks.Recall) -> Result:
    found = _load(tx, ask.ticket)
    sits = _own(tx, found)
    advance(
        tx, found, TicketAction.RECALL, {"calls": found.calls + 1, "called_at": tx.now}, sits and sits.counter
    )
    return {"calls": found.calls + 1}


def arrive(tx: Tx, ask: asks.Arrive) -> Result:
    found = _load(tx, ask.ticket)
    sits = _own(tx, found)
    advance(tx, found, TicketAction.ARRIVE, {"served_at": tx.now}, sits and sits.counter)
    return {}


def no_show(tx: Tx, ask: asks.NoShow) -> Result:
    found = _load(tx, ask.ticket)
    if tx.actor.kind != "system":
        _own(tx, found)
    advance(tx, found, TicketAction.NO_SHOW, {}, found.counter)
    return {}


def park(tx: Tx, ask: asks.Park) -> Result:
    found = _load(tx, ask.ticket)
    sits = _own(tx, found)
    advance(tx, found, TicketAction.PARK, {"parked_at": tx.now}, sits and sits.counter)
    _note(tx, found, ask.note)
    return {}


def unpark(tx: Tx, ask: asks.Unpark) -> Result:
    """Go on with a parked ticket, at the counter of whoever takes it up."""
    sits = seat(tx)
    if sits.pause is not None:
        raise Refused(RefusalCode.BUSY, "You are on a break. End it first.")
    _refuse_if_busy(tx, sits)
    found = _load(tx, ask.ticket)
    changes = {"counter_id": sits.counter, "staff_id": tx.actor.id, "parked_at": None}
    advance(tx, found, TicketAction.UNPARK, changes, sits.counter)
    return {}


def finish(tx: Tx, ask: asks.Finish) -> Result:
    found = _load(tx, ask.ticket)
    sits = _own(tx, found)
    changes = {"outcome": ask.outcome.value, "avoidable": ask.avoidable.value if ask.avoidable else None}
    advance(tx, found, TicketAction.FINISH, changes, sits.counter if sits else found.counter)
    return {}


def end_unattended(tx: Tx, ticket: str) -> None:
    """Finish a ticket that was left being served when the centre had long closed; its outcome is not known."""
    found = _load(tx, ticket)
    advance(tx, found, TicketAction.FINISH, {}, found.counter)


def end_gone_home(tx: Tx, ticket: str) -> None:
    """End a ticket that was entered so late that its visitor has left."""
    advance(tx, _load(tx, ticket), TicketAction.CANCEL, {}, None)


def cancel(tx: Tx, ask: asks.Cancel) -> Result:
    """The visitor has left, as staff saw."""
    found = _load(tx, ask.ticket)
    sits = _own(tx, found) if tx.actor.kind != "system" else None
    advance(tx, found, TicketAction.CANCEL, {}, sits.counter if sits else None)
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
_WAS_PUBLIC = "visit_was_public"
"""Among what a transfer's step remembers, when it made the visit discreet."""
_MAKE_DISCREET = Statement("UPDATE visit SET discreet = :yes WHERE id = :visit")


def transfer(tx: Tx, ask: asks.Transfer) -> Result:
    """Pass on, keeping code and arrival time: the ticket ends, its successor waits in the same visit."""
    if ask.service is None and ask.counter is None:
        raise Refused(RefusalCode.MALFORMED, "Say to which service or counter to pass this on.")
    found = _load(tx, ask.ticket)
    sits = _own(tx, found)
    service, ticket_class = found.service, found.ticket_class
    remembered = {}
    if ask.service is not None:
        record = tx.sql.one(_SERVICE, {"centre": tx.actor.centre, "slug": ask.service})
        if record is None:
            raise Refused(RefusalCode.UNKNOWN, "This centre has no such service now. Choose another.")
        service, ticket_class = record[0], record[1]
        if record[2]:
            tx.sql.run(_MAKE_DISCREET, {"yes": True, "visit": found.visit})
            remembered = {} if found.discreet else {_WAS_PUBLIC: True}
    counter = _counter(tx, ask.counter) if ask.counter is not None else None
    advance(tx, found, TicketAction.TRANSFER, {}, sits.counter if sits else None, **remembered)
    successor = new_id()
    tickets.add_ticket(
        tx.sql,
        {
            "id": successor,
            "visit": found.visit,
            "centre": tx.actor.centre,
            "service": service,
            "ticket_class": ticket_class,
            "arrived_at": found.arrived_at,
            "counts_from": found.counts_from,
            "for_counter": counter,
            "follows": found.id,
            "paper": "confirmed",
        },
    )
    _note(tx, found, ask.note)
    return {"ticket": successor, "code": found.code}


def _counter(tx: Tx, slug: str) -> int:
    record = tx.sql.one(_COUNTER, {"centre": tx.actor.centre, "slug": slug})
    if record is None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such counter now. Choose another.")
    return int(record[0])


_SUCCESSOR = Statement(
    "SELECT id, state, (SELECT COUNT(*) FROM step WHERE ticket_id = ticket.id) FROM ticket WHERE visit_id = :visit AND follows = :follows"
)
_DROP_TICKET = Statement("DELETE FROM ticket WHERE id = :id")
_KEEP_NOTES = Statement(
    "UPDATE note SET ticket_id = :ticket WHERE visit_id = :visit AND ticket_id = :successor"
)


def _show_again(tx: Tx, found: TicketNow, follows: Mapping[str, Any]) -> None:
    """A visit that only the transfer now taken back made discreet may be called in public as before."""
    if follows.get(_WAS_PUBLIC):
        tx.sql.run(_MAKE_DISCREET, {"yes": False, "visit": found.visit})


def undo(tx: Tx, ask: asks.Undo) -> Result:
    """Take back the last step of a ticket: its columns return to what they were. A repeated call is taken back whole."""
    found = _load(tx, ask.ticket)
    step = tickets.last_step(tx.sql, found.id)
    if step is None:
        raise Refused(RefusalCode.NOTHING_TO_UNDO, "There is no step of this ticket to take back.")
    _refuse_if_not_theirs(tx, step)
    if found.arrived_at < tx.now - rules.NIGHT:
        raise Refused(RefusalCode.NOTHING_TO_UNDO, "This visitor came on an earlier day and has gone home.")
    before, action = TicketState(step.before), TicketAction(step.action)
    successor = _successor(tx, found) if action is TicketAction.TRANSFER else None
    target = rules.taken_back(before, action, successor=successor[1] if successor else None)
    if isinstance(target, Refusal):
        raise Refused(target.code, target.say)
    if target in (TicketState.CALLED, TicketState.SERVING):
        _refuse_if_counter_busy(tx, step.was.get("counter_id", found.counter), found)
    if successor is not None:
        tx.sql.run(_KEEP_NOTES, {"ticket": found.id, "visit": found.visit, "successor": successor[0]})
        tx.sql.run(_DROP_TICKET, {"id": successor[0]})
    tickets.change(tx.sql, found.id, {name: value for name, value in step.was.items() if name != _WAS_PUBLIC})
    _show_again(tx, found, step.was)
    tickets.undo_step(tx.sql, step.id, tx.now)
    while (again := tickets.ticket(tx.sql, tx.actor.centre, found.id)) is not None and again.state != target:
        older = tickets.last_step(tx.sql, found.id)
        assert older is not None, "a ticket's steps lead back to its first state"
        tickets.change(tx.sql, found.id, older.was)
        tickets.undo_step(tx.sql, older.id, tx.now)
    if found.ended_at is not None:
        tickets.reopen_visit(tx.sql, found.visit)
    tx.audit("undo", found.code, ticket=found.id, action=action.value)
    tx.touch(tx.actor.centre)
    return {"state": target.value}


def _successor(tx: Tx, found: TicketNow) -> tuple[str, TicketState] | None:
    """The ticket a transfer started. One that was ever touched counts as begun, whatever its state is now."""
    record = tx.sql.one(_SUCCESSOR, {"visit": found.visit, "follows": found.id})
    if record is None:
        return None
    begun = record[2] > 0 and record[1] == TicketState.WAITING
    return record[0], TicketState.CALLED if begun else TicketState(record[1])


def _refuse_if_not_theirs(tx: Tx, step: LastStep) -> None:
    """A step is taken back by whoever did it, and by those who mind the floor; what the system did at a counter, by who sits there."""
    if step.staff == tx.actor.id or tx.actor.roles & {Role.GREETER, Role.MANAGER}:
        return
    sits = tickets.seat_of(tx.sql, tx.actor.id, tx.actor.centre)
    if step.staff is None and sits is not None and step.counter == sits.counter:
        return
    raise Refused(RefusalCode.NOT_ALLOWED, "Only whoever did this step can take it back.")


_SOMEBODY_SITS = Statement("SELECT id FROM seat WHERE counter_id = :counter AND until_at IS NULL")


def _refuse_if_counter_busy(tx: Tx, counter: int | None, found: TicketNow) -> None:
    if counter is not None and tx.sql.one(_SOMEBODY_SITS, {"counter": counter}) is None:
        raise Refused(
            RefusalCode.NO_COUNTER, "Nobody is at that counter now. Sit down there before you take this back."
        )
    there = tickets.at_counter(tx.sql, counter) if counter is not None else None
    if there is not None and there[0] != found.id:
        raise Refused(
            RefusalCode.BUSY,
            f"{there[1]} is at that counter now. Finish or park it before you take this back.",
        )


_ADD_NOTE = Statement(
    "INSERT INTO note (visit_id, ticket_id, staff_id, at, text) VALUES (:visit, :ticket, :staff, :at, :text)"
)


def _note(tx: Tx, found: TicketNow, text: str) -> None:
    if text:
        values = {"visit": found.visit, "ticket": found.id, "staff": tx.actor.id, "at": tx.now, "text": text}
        tx.sql.run(_ADD_NOTE, values)


def add_note(tx: Tx, ask: asks.AddNote) -> Result:
    found = _load(tx, ask.ticket)
    if not ask.note:
        raise Refused(RefusalCode.MALFORMED, "Write the note first.")
    _note(tx, found, ask.note)
    tx.touch(tx.actor.centre)
    return {}
