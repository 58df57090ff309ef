"""Whether a submission belongs to a discreet visit, and whether its visitor is at somebody's counter: what the rule of who may see it goes by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, or_, select

from server.domain.handing import purposes
from server.store.tables import Booking, Centre, Form, Seat, Service, Submission, Ticket, Visit
from wire.vocabulary import HandedIn, TicketState


def private_services(session: Session, centre_id: int) -> tuple[frozenset[int], frozenset[str]]:
    """Ids and slugs of the services whose visits must not be known."""
    found = session.exec(
        select(Service.id, Service.slug).where(
            Service.centre_id == centre_id, or_(col(Service.discreet), col(Service.private))
        )
    ).all()
    return frozenset(each[0] or 0 for each in found), frozenset(each[1] for each in found)


def private_ones(session: Session, centre_id: int, submissions: Iterable[Submission]) -> frozenset[str]:
    """Those that belong to a discreet visit, a ticket or an appointment for such a service, or are for one themselves."""
    rows = list(submissions)
    ids, slugs = private_services(session, centre_id)
    visits = {row.visit_id for row in rows if row.visit_id} | set(_visits_of_tickets(session, rows).values())
    discreet = set()
    if visits:
        discreet |= set(session.exec(select(Visit.id).where(col(Visit.id).in_(visits), col(Visit.discreet))))
        of_services = select(Ticket.visit_id).where(
            col(Ticket.visit_id).in_(visits), col(Ticket.service_id).in_(ids)
        )
        discreet |= set(session.exec(of_services))
    booked = {row.booking_id for row in rows if row.booking_id}
    bookings: set[str] = set()
    if booked and ids:
        of_services = select(Booking.id).where(col(Booking.id).in_(booked), col(Booking.service_id).in_(ids))
        bookings = set(session.exec(of_services))
    by_ticket = _visits_of_tickets(session, rows)
    named = _private_names(session, centre_id, slugs)
    return frozenset(
        row.id
        for row in rows
        if row.visit_id in discreet
        or (row.ticket_id and by_ticket.get(row.ticket_id) in discreet)
        or row.booking_id in bookings
        or (row.kind == HandedIn.PAPERS, row.what) in named
    )


def _visits_of_tickets(session: Session, rows: Iterable[Submission]) -> Mapping[str, str]:
    tickets = {row.ticket_id for row in rows if row.ticket_id}
    if not tickets:
        return {}
    found = session.exec(select(Ticket.id, Ticket.visit_id).where(col(Ticket.id).in_(tickets))).all()
    return {each[0]: each[1] for each in found}


def _private_names(session: Session, centre_id: int, slugs: frozenset[str]) -> set[tuple[bool, str]]:
    """Purposes (True) and forms (False) whose line is a private one."""
    extra: Mapping[str, Any] = session.get_one(Centre, centre_id).extra
    named = {(True, purpose.slug) for purpose in purposes(extra) if purpose.service in slugs}
    forms = select(Form.slug, Form.service).where(Form.centre_id == centre_id)
    return named | {(False, slug) for slug, service in session.exec(forms).all() if service in slugs}


def served_by(session: Session, staff_id: int, centre_id: int) -> tuple[str, str] | None:
    """Ticket and visit of whom this person has called to their counter."""
    found = session.exec(
        select(Ticket.id, Ticket.visit_id)
        .join(Seat, col(Seat.counter_id) == col(Ticket.counter_id))
        .where(
            Seat.staff_id == staff_id,
            Seat.centre_id == centre_id,
            col(Seat.until_at).is_(None),
            col(Ticket.state).in_([TicketState.CALLED.value, TicketState.SERVING.value]),
        )
    ).first()
    return None if found is None else (found[0], found[1])


def is_served(submission: Submission, served: tuple[str, str] | None) -> bool:
    return served is not None and (submission.ticket_id == served[0] or submission.visit_id == served[1])
