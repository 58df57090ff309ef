"""A form begun at home whose visitor stands at the door: they get a number, and what they filled in goes with it, once.

Giving the number and using the reference up are one change, so two greeters with the same reference give one number between them, and a button pressed
twice gives the same. What was filled in is handed in right after it under a number made of the ticket's: whoever has to do that
again, after a server stopped in between, does the same. Where the number was taken back, or its visitor left before their turn, the reference
gives another, and the form moves along.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlmodel import Session

from server.actions import carrying, welcome
from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tables import Carried, Submission, Ticket, Visit
from server.store.tx import Tx
from wire.asks import Welcome
from wire.vocabulary import RefusalCode, TicketState

GIVEN_AGAIN = frozenset({TicketState.CANCELLED, TicketState.NO_SHOW})
"""Ends of a ticket after which its visitor may stand at the door again with the same reference."""
OVER = "This reference was used, or is kept no more. Look it up again."

_CLAIM = Statement(
    """UPDATE carried SET became = :ticket, used_at = :now WHERE id = :id AND centre_id = :centre AND kind = 'day'
    AND became IS NULL AND expires_at > :now"""
)
_MOVE = Statement(
    """UPDATE submission SET ticket_id = :ticket, visit_id = :visit WHERE id = :id AND ticket_id = :before
    AND centre_id = :centre AND deleted_at IS NULL"""
)


@dataclass(frozen=True)
class Given:
    """The number that was given for a reference. `again`: it came to nothing, so another may be given."""

    ticket: str
    code: str
    again: bool


def packet_of(ticket: str) -> str:
    """The number under which the form is handed in that the first of its tickets was given for."""
    return hashlib.sha256(b"foyer begun form\0" + ticket.encode()).hexdigest()[:32]


def given(session: Session, became: str) -> Given | None:
    """`became` as it stands in the row; None where nothing is known of its ticket any more."""
    handed = session.get(Submission, packet_of(became))
    ticket = session.get(Ticket, (handed.ticket_id if handed else None) or became)
    if ticket is None:
        return None
    kept = handed is not None and handed.deleted_at is None
    visit = session.get_one(Visit, ticket.visit_id)
    return Given(ticket.id, visit.code, kept and ticket.state in GIVEN_AGAIN)


def give_number(tx: Tx, *, carried_id: str, ask: Welcome) -> str:
    """Enter its visitor, and use the reference up. The first ticket of this reference, which names what is to be handed in; the same again is the same."""
    centre = tx.actor.centre
    claim = {"id": carried_id, "centre": centre, "ticket": ask.ticket, "now": tx.now}
    first = ask.ticket
    if tx.sql.run(_CLAIM, claim) == 1:
        entered = welcome.welcome(tx, ask)
    else:
        row = tx.session().get(Carried, carried_id)
        if row is None or row.centre_id != centre or row.kind != carrying.Kind.DAY or row.became is None:
            raise Refused(RefusalCode.UNKNOWN, OVER)
        first, before = row.became, given(tx.session(), row.became)
        if before is None or (before.ticket != ask.ticket and not before.again):
            raise Refused(RefusalCode.WRONG_STATE, OVER)
        if before.ticket == ask.ticket:
            return first
        entered = welcome.welcome(tx, ask)
        move = {"id": packet_of(first), "ticket": ask.ticket, "visit": ask.visit, "before": before.ticket}
        if tx.sql.run(_MOVE, {**move, "centre": centre}) != 1:
            raise Refused(RefusalCode.WRONG_STATE, OVER)
    tx.audit("begun_form_at_the_door", entered["code"], ticket=ask.ticket)
    return first
