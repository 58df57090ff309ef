"""Several needs of one visit, and what is corrected about a visit on the floor.

Each need is a ticket of its own, with the visit's code and the time the visitor came, so it has a place of its own in its own line and nobody
queues anew. A visitor is at one place at a time (`queue`): the next need is called when the one before has ended, or the adviser who has
just finished goes on with it at once. A need told when everything is done opens the visit again, for as long as the visitor may still be in
the house. Corrections name what they replaced, so that the page can offer to put it back.
"""

from __future__ import annotations

import json
from typing import Any

from server.actions import queue
from server.actions.discreet import MADE_DISCREET
from server.actions.taking_back import WENT_ON
from server.domain.refusals import Refused
from server.domain.skills import why_not
from server.store.queries import people, tickets
from server.store.queries.tickets import SeatNow, TicketNow
from server.store.sql import Statement, document
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import OPEN_STATES, RefusalCode, TicketAction, TicketClass, TicketState

Result = dict[str, Any]

STILL_HERE = 30 * 60_000_000
"""So long (in microseconds) after the last of a visit a further need opens it again: then the visitor may still be at the counter."""

_OF_VISIT = Statement("SELECT id, state, service_id, ended_at FROM ticket WHERE visit_id = :visit")
_LAST_HERE = Statement(
    """SELECT MAX(ended_at) FROM ticket WHERE visit_id = :visit AND counter_id = :counter AND staff_id = :staff AND state = 'finished'"""
)
_CALLED_SINCE = Statement(
    """SELECT id FROM ticket WHERE centre_id = :centre AND ended_at >= :since AND counter_id = :counter AND first_called_at > :since
    UNION ALL SELECT id FROM ticket WHERE centre_id = :centre AND ended_at IS NULL AND counter_id = :counter AND first_called_at > :since"""
)
_SERVICE = Statement("SELECT slug, discreet, names FROM service WHERE id = :service")


def add_need(tx: Tx, ask: asks.AddNeed) -> Result:
    """One more ticket of the visit. Refused when the visitor has left, or already waits for this."""
    found = queue.load(tx, ask.ticket)
    queue.refuse_if_unseen(tx, found)
    service, ticket_class, discreet = queue.offered(tx, ask.service)
    of_visit = tx.sql.all(_OF_VISIT, {"visit": found.visit})
    opened = [each for each in of_visit if each[1] in OPEN_STATES]
    if any(each[2] == service for each in opened):
        raise Refused(RefusalCode.WRONG_STATE, f"{found.code} is already here for this.")
    if not opened:
        _open_again(
            tx, found, max((each[3] for each in of_visit if each[1] == TicketState.FINISHED), default=0)
        )
    if discreet and not found.discreet:
        queue.make_discreet(tx, found.visit)
        tx.audit(MADE_DISCREET, found.code, visit=found.visit)
    booked = found.ticket_class == TicketClass.BOOKED
    entered = tickets.add_ticket(
        tx.sql,
        {
            "id": ask.new,
            "visit": found.visit,
            "centre": tx.actor.centre,
            "service": service,
            "ticket_class": ticket_class,
            "arrived_at": found.arrived_at,
            "counts_from": found.arrived_at if booked else found.counts_from,
            "quick": found.quick,
            "wants": found.wants,
            "added_by": tx.actor.id,
        },
    )
    if not entered:
        raise Refused(RefusalCode.ID_REUSED, "This ticket is already entered.")
    queue.note(tx, found._replace(id=ask.new), ask.note)
    tx.touch(tx.actor.centre)
    return {"ticket": ask.new, "code": found.code}


def _open_again(tx: Tx, found: TicketNow, finished_at: int) -> None:
    """Whoever was served a moment ago may still be there; who left or did not come is not."""
    queue.refuse_if_part_of_another(tx, found)
    if finished_at < tx.now - STILL_HERE:
        raise Refused(
            RefusalCode.WRONG_STATE,
            f"{found.code} has ended. If the visitor is here again, give them a new ticket.",
        )
    tickets.reopen_visit(tx.sql, found.visit)


def go_on(tx: Tx, ask: asks.GoOn) -> Result:
    """Serve the visitor's next need without a call: they have not left the counter. `ticket` may be any of the visit."""
    sits = queue.free_seat(tx)
    named = queue.load(tx, ask.ticket)
    found = _next_need(tx, named, sits)
    queue.refuse_if_elsewhere(tx, found)
    _refuse_if_gone(tx, found, sits)
    _refuse_if_not_theirs_to_serve(tx, found)
    # Never called: no board shows it and no voice says it.
    changes = {"counter_id": sits.counter, "staff_id": tx.actor.id, "first_called_at": tx.now}
    queue.advance(tx, found, TicketAction.CALL, changes, sits.counter, **queue.mind_quick(tx, found, sits))
    called = queue.load(tx, found.id)
    queue.advance(tx, called, TicketAction.ARRIVE, {"served_at": tx.now}, sits.counter, **{WENT_ON: True})
    return {"ticket": found.id, "code": found.code}


def _next_need(tx: Tx, named: TicketNow, sits: SeatNow) -> TicketNow:
    """The ticket named if it waits, else who of its visit waits longest."""
    if named.state == TicketState.WAITING:
        waiting = [named]
    else:
        opened = tickets.open_tickets_of(tx.sql, named.visit)
        waiting = sorted(
            (each for each in opened if each.state == TicketState.WAITING), key=lambda each: each.id
        )
    here = [each for each in waiting if each.for_counter in (None, sits.counter)]
    if not here:
        raise Refused(RefusalCode.NOBODY_WAITING, f"{named.code} has no other need waiting for this counter.")
    return here[0]


def _refuse_if_gone(tx: Tx, found: TicketNow, sits: SeatNow) -> None:
    """They are still at the counter if the last thing there was to finish one of their tickets, a moment ago."""
    here = {"visit": found.visit, "counter": sits.counter, "staff": tx.actor.id}
    record = tx.sql.one(_LAST_HERE, here)
    finished = record[0] if record is not None else None
    if finished is not None and finished >= tx.now - STILL_HERE:
        since = {"centre": tx.actor.centre, "counter": sits.counter, "since": finished}
        if tx.sql.one(_CALLED_SINCE, since) is None:
            return
    raise Refused(
        RefusalCode.WRONG_STATE, f"{found.code} is not at your counter any more. Call them in their turn."
    )


def _refuse_if_not_theirs_to_serve(tx: Tx, found: TicketNow) -> None:
    record = tx.sql.one(_SERVICE, {"service": found.service})
    assert record is not None, "a ticket's service is kept"
    skills = people.skills_of(tx.sql, tx.actor.id, tx.actor.centre)
    reason = why_not(record[0], bool(record[1]), document(record[2])["en"], skills, tx.actor.roles)
    if reason:
        raise Refused(RefusalCode.NOT_ALLOWED, reason)


_VISIT = Statement("SELECT language, needs, people FROM visit WHERE id = :visit")
_AMEND = Statement(
    "UPDATE visit SET language = :language, needs = :needs, people = :people WHERE id = :visit"
)


def amend(tx: Tx, ask: asks.Amend) -> Result:
    """Correct what is known of a visit that is in the house. The answer holds what was there before, as this ask would set it."""
    found = queue.load(tx, ask.ticket)
    if found.state not in OPEN_STATES:
        raise Refused(RefusalCode.WRONG_STATE, f"{found.code} has ended, so it cannot be changed.")
    told = ask.model_dump(mode="json", exclude_none=True, exclude={"do", "ticket"})
    if not told:
        raise Refused(RefusalCode.MALFORMED, "Say what is to be corrected.")
    record = tx.sql.one(_VISIT, {"visit": found.visit})
    assert record is not None, "a ticket has a visit"
    before = {"language": record[0], "needs": document(record[1]), "people": record[2]}
    after = {name: told.get(name, value) for name, value in before.items()}
    if after != before:
        values = {**after, "needs": json.dumps(after["needs"]), "visit": found.visit}
        tx.sql.run(_AMEND, values)
    before |= {"wants": found.wants or "none", "quick": bool(found.quick)}
    if "quick" in told:
        tickets.change(tx.sql, found.id, {"quick": told["quick"]})
    if "wants" in told:
        wants = None if told["wants"] == "none" else told["wants"]
        for each in tickets.open_tickets_of(tx.sql, found.visit):
            tickets.change(tx.sql, each.id, {"wants": wants})
    # Which fields, not what they say: an access need is nobody's business in the log.
    tx.audit("amended", found.code, ticket=found.id, fields=sorted(told))
    tx.touch(tx.actor.centre)
    return {"was": {name: before[name] for name in told}}


def prioritise(tx: Tx, ask: asks.Prioritise) -> Result:
    """From now on this ticket gains priority at another rate, for a reason that the audit keeps."""
    found = queue.load(tx, ask.ticket)
    if found.ticket_class == TicketClass.BOOKED:
        raise Refused(
            RefusalCode.WRONG_STATE,
            f"{found.code} has an appointment, which has its own place. Call it out of turn if it cannot wait.",
        )
    if found.ticket_class == ask.ticket_class and found.state == TicketState.WAITING:
        raise Refused(RefusalCode.WRONG_STATE, f"{found.code} has this priority already.")
    queue.advance(tx, found, TicketAction.PRIORITISE, {"ticket_class": ask.ticket_class.value}, None)
    tx.audit(
        "prioritised",
        found.code,
        ticket=found.id,
        before=found.ticket_class,
        after=ask.ticket_class.value,
        reason=ask.reason,
    )
    return {}


def withdraw(tx: Tx, ask: asks.Withdraw) -> Result:
    """Nobody stands behind this waiting ticket: it ends and is not counted as a visitor."""
    found = queue.load(tx, ask.ticket)
    queue.advance(tx, found, TicketAction.WITHDRAW, {"counted": False}, None)
    tx.audit("withdrawn", found.code, ticket=found.id)
    return {}
