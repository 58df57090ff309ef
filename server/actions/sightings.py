""" "Seen, not kept": that a member of staff saw a paper, for which case, and when. No picture, no number of the paper, no name.

It is a statement of one person, so only they or somebody who sorts papers take it back, with a reason; the row stays and says so. For a ticket
it is made by who has its visitor before them.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select

from server.actions.paper_looks import refuse_if_hidden
from server.clock import from_micros
from server.domain.refusals import Refused
from server.domain.sightings import PAPERS
from server.store.tables import Seat, Sighting, Ticket
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import RefusalCode, Role, TicketState

AT_COUNTER = frozenset({TicketState.CALLED, TicketState.SERVING})
KEEPERS = frozenset({Role.PAPERS, Role.MANAGER})
"""Who may take back what another said."""


def see_paper(tx: Tx, ask: asks.SeePaper) -> dict[str, Any]:
    if ask.seen not in PAPERS:
        raise Refused(RefusalCode.MALFORMED, "Choose the paper from the list.")
    if not ask.case and ask.ticket is None and ask.submission is None:
        raise Refused(RefusalCode.MALFORMED, "Say for which case it was: type its reference.")
    session = tx.session()
    visit = _visit(tx, ask.ticket) if ask.ticket is not None else None
    if ask.submission is not None:
        visit = visit or refuse_if_hidden(tx, ask.submission).visit_id
    session.add(
        Sighting(
            id=ask.sighting,
            centre_id=tx.actor.centre,
            paper=PAPERS[ask.seen].value,
            detail=ask.seen,
            case=ask.case,
            submission_id=ask.submission,
            visit_id=visit,
            ticket_id=ask.ticket,
            staff_id=tx.actor.id,
            at=from_micros(tx.now),
        )
    )
    tx.audit("paper_seen", f"sighting:{ask.sighting}", paper=ask.seen)
    tx.touch(tx.actor.centre)
    return {"sighting": ask.sighting}


def _visit(tx: Tx, ticket_id: str) -> str:
    """The visit of a ticket that is at the counter of who asks."""
    session = tx.session()
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or ticket.centre_id != tx.actor.centre:
        raise Refused(RefusalCode.UNKNOWN, "There is no such ticket at this centre.")
    sits = select(Seat).where(
        Seat.staff_id == tx.actor.id, Seat.centre_id == tx.actor.centre, col(Seat.until_at).is_(None)
    )
    seat = session.exec(sits).first()
    if ticket.state not in AT_COUNTER or seat is None or seat.counter_id != ticket.counter_id:
        raise Refused(
            RefusalCode.WRONG_STATE,
            "They are not at your counter any more. Note it on the papers page, with the reference of their case.",
        )
    return ticket.visit_id


def unsee_paper(tx: Tx, ask: asks.UnseePaper) -> dict[str, Any]:
    row = tx.session().get(Sighting, ask.sighting)
    if row is None or row.centre_id != tx.actor.centre:
        raise Refused(RefusalCode.UNKNOWN, "There is no such note at this centre.")
    if row.staff_id != tx.actor.id and not KEEPERS & tx.actor.roles:
        raise Refused(
            RefusalCode.NOT_ALLOWED, "Only who saw it takes it back, or a colleague who sorts papers."
        )
    if row.withdrawn_at is not None:
        raise Refused(RefusalCode.WRONG_STATE, "This was taken back already.")
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = from_micros(tx.now), tx.actor.id, ask.reason
    tx.audit("paper_unseen", f"sighting:{row.id}", paper=row.detail)
    tx.touch(tx.actor.centre)
    return {}
