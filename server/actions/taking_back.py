"""Taking the last step of a ticket back: its columns return to what they were, and what the step did beside them is undone too.

Each step remembers what it replaced, so nothing is worked out anew. A repeated call is taken back whole, and so is going on with a visitor
who was still at the counter: neither can be half unsaid. A merge is one deed over several tickets and is taken back as one. A ticket that staff
entered, or added to a visit, and that nothing has happened to yet, is taken back by being withdrawn: it was a mistake, and is not counted. A visitor who
did not come, or had left, and is here after all waits again for all their needs; or, where their counter has somebody else by now, for each that is taken back by
itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.actions import merging, queue, with_booking
from server.actions.discreet import show_again
from server.domain import tickets as rules
from server.domain.refusals import Refusal, Refused
from server.store.queries import tickets
from server.store.queries.tickets import CHANGEABLE, LastStep, TicketNow
from server.store.sql import Statement
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import RefusalCode, Role, TicketAction, TicketState

Result = dict[str, Any]

WENT_ON = "went_on"
"""Among what the arrival's step remembers, when the visitor was still at the counter and so was never called."""
_AT_COUNTER = frozenset({TicketState.CALLED, TicketState.SERVING})

_SUCCESSOR = Statement(
    "SELECT id, state, (SELECT COUNT(*) FROM step WHERE ticket_id = ticket.id) FROM ticket WHERE visit_id = :visit AND follows = :follows"
)
_GONE = Statement("SELECT id FROM ticket WHERE visit_id = :visit AND state = 'cancelled' ORDER BY id")
_DROP_TICKET = Statement("DELETE FROM ticket WHERE id = :id")
_KEEP_PRINTS = Statement("UPDATE print_job SET ticket_id = :ticket WHERE ticket_id = :successor")
_KEEP_NOTES = Statement(
    "UPDATE note SET ticket_id = :ticket WHERE visit_id = :visit AND ticket_id = :successor"
)


def undo(tx: Tx, ask: asks.Undo) -> Result:
    """Take back the last step of a ticket, by whoever did it or who minds the floor."""
    found = queue.load(tx, ask.ticket)
    step = tickets.last_step(tx.sql, found.id)
    if step is None:
        return _withdraw_entered(tx, found)
    _refuse_if_not_theirs(tx, found, step)
    if step.action != TicketAction.MERGE:
        queue.refuse_if_part_of_another(tx, found)
    if found.arrived_at < tx.now - rules.NIGHT:
        raise Refused(RefusalCode.NOTHING_TO_UNDO, "This visitor came on an earlier day and has gone home.")
    if step.action == TicketAction.MERGE:
        merging.unmerge(tx, found, step)
        state = TicketState.WAITING
    else:
        state = take_back(tx, found, step)
    tx.audit("undo", found.code, ticket=found.id, action=step.action)
    tx.touch(tx.actor.centre)
    return {"state": state.value}


def take_back(tx: Tx, found: TicketNow, step: LastStep) -> TicketState:
    """Put `found` back to before its last step (or the whole call it was part of); the state it returns to."""
    before, action = TicketState(step.before), TicketAction(step.action)
    successor = _successor(tx, found) if action is TicketAction.TRANSFER else None
    target = rules.taken_back(before, action, successor=successor[1] if successor else None)
    if isinstance(target, Refusal):
        raise Refused(target.code, target.say)
    if step.was.get(WENT_ON):
        target = TicketState.WAITING
    if target in _AT_COUNTER:
        _refuse_if_counter_busy(tx, step.was.get("counter_id", found.counter), found)
    if target is not TicketState.WAITING:
        queue.refuse_if_elsewhere(tx, found)
    if successor is not None:
        tx.sql.run(_KEEP_NOTES, {"ticket": found.id, "visit": found.visit, "successor": successor[0]})
        tx.sql.run(_KEEP_PRINTS, {"ticket": found.id, "successor": successor[0]})
        tx.sql.run(_DROP_TICKET, {"id": successor[0]})
        if found.booking is not None:
            with_booking.carry(tx, found.booking, found.id)
    _restore(tx, found, step)
    while (again := tickets.ticket(tx.sql, tx.actor.centre, found.id)) is not None and again.state != target:
        older = tickets.last_step(tx.sql, found.id)
        assert older is not None, "a ticket's steps lead back to its first state"
        _restore(tx, found, older)
    if found.ended_at is not None:
        tickets.reopen_visit(tx.sql, found.visit)
    if action in (TicketAction.NO_SHOW, TicketAction.CANCEL):
        _bring_back_other_needs(tx, found)
    return target


def _bring_back_other_needs(tx: Tx, found: TicketNow) -> None:
    """Those that ended because this one's visitor did not come, or left, unless something was done with them since."""
    for (ticket,) in tx.sql.all(_GONE, {"visit": found.visit}):
        last = tickets.last_step(tx.sql, ticket)
        if last is not None and last.was.get(queue.GONE_WITH) == found.id:
            _restore(tx, queue.load(tx, ticket), last)


def _restore(tx: Tx, found: TicketNow, step: LastStep) -> None:
    """The columns a step changed, and what it did beside them; a visit that this step alone made discreet may be called in public again."""
    was: Mapping[str, Any] = step.was
    tickets.change(tx.sql, found.id, {name: value for name, value in was.items() if name in CHANGEABLE})
    if was.get(queue.WAS_PUBLIC):
        show_again(tx, found.visit, found.code, step.at)
    if queue.SEAT_AFTER_QUICK in was and step.counter is not None:
        tickets.keep_after_quick(tx.sql, step.counter, yes=was[queue.SEAT_AFTER_QUICK])
    if step.action == TicketAction.WITHDRAW and found.booking is not None:
        with_booking.arrives_again(tx, found)
    tickets.undo_step(tx.sql, step.id, tx.now)


def _withdraw_entered(tx: Tx, found: TicketNow) -> Result:
    if found.added_by is None or found.follows is not None or found.state != TicketState.WAITING:
        raise Refused(RefusalCode.NOTHING_TO_UNDO, "There is no step of this ticket to take back.")
    if found.added_by != tx.actor.id and not tx.actor.roles & {Role.GREETER, Role.MANAGER}:
        raise Refused(RefusalCode.NOT_ALLOWED, "Only whoever entered this ticket can take it back.")
    queue.advance(tx, found, TicketAction.WITHDRAW, {"counted": False}, None)
    tx.audit("undo", found.code, ticket=found.id, action="entered")
    return {"state": TicketState.CANCELLED.value}


def _successor(tx: Tx, found: TicketNow) -> tuple[str, TicketState] | None:
    """The ticket a transfer started. One that was ever touched counts as begun, whatever its state is now."""
    record = tx.sql.one(_SUCCESSOR, {"visit": found.visit, "follows": found.id})
    if record is None:
        return None
    begun = record[2] > 0 and record[1] == TicketState.WAITING
    return record[0], TicketState.CALLED if begun else TicketState(record[1])


def _refuse_if_not_theirs(tx: Tx, found: TicketNow, step: LastStep) -> None:
    """A step is taken back by whoever did it, and by those who mind the floor; what the system did at a counter, or a colleague who
    handed the counter over with this ticket, by who sits there."""
    if step.staff == tx.actor.id or tx.actor.roles & {Role.GREETER, Role.MANAGER}:
        return
    sits = tickets.seat_of(tx.sql, tx.actor.id, tx.actor.centre)
    if (
        sits is not None
        and step.counter == sits.counter
        and (step.staff is None or found.staff == tx.actor.id)
    ):
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
