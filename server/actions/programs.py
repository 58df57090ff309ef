"""What other programs do to appointments: hold, let go, book, move, cancel; each once, however often it is said.

A program says a key of its own (`Idempotency-Key`) with every change. Its answer is kept in the transaction of the change, for as long as any
command's is, and given again to whoever says the same again; the same key with other words is refused. What is kept names no visitor.

The key is looked at anew inside the transaction: one that was revoked a moment ago changes nothing, whatever was remembered of it. It reaches the
services named for it, or all that are not discreet. What it does not reach is not there, to it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from server.actions import api_keys, booking
from server.actions.booking import Who
from server.actions.booking_contact import email_of, phone_of
from server.domain.offers import Offer, read_offer
from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tables import ApiKey, Booking, Centre, Service, Ticket
from server.store.tx import Tx
from wire.references import read_reference, show_reference
from wire.vocabulary import BookingChannel, BookingState, RefusalCode, TicketState, new_id

Told = dict[str, Any]

NO_CENTRE = "There is no such centre, or this key is not for it."
NO_SERVICE = "There is no such service here, or this key does not reach it."
NO_APPOINTMENT = "There is no appointment with this reference, or this key does not reach it."
NO_HOLD = "There is no such hold (any more). Hold a time again."
USED = "This Idempotency-Key was used for another call before. Make a new one for every change."

_DONE = Statement("SELECT body_hash, answer FROM command WHERE id = :id")
_KEEP = Statement(
    "INSERT INTO command (id, body_hash, actor, at, answer) VALUES (:id, :body_hash, :actor, :at, :answer)"
)


def once(tx: Tx, said: str, call: str, change: Callable[[ApiKey], Told]) -> Told:
    """The answer of `change`, done now or when the same was said before. `said`: the program's key for it; `call`: what must be equal."""
    key = api_keys.current(tx.session(), tx.actor.id)
    number, fingerprint = _hash(f"{tx.actor.said_as()}\n{said}"), _hash(call)
    done = tx.sql.one(_DONE, {"id": number})
    if done is not None:
        if done[0] != fingerprint:
            raise Refused(RefusalCode.ID_REUSED, USED)
        first: Told = json.loads(done[1])
        return first
    answer = change(key)
    kept = {"id": number, "body_hash": fingerprint, "actor": tx.actor.said_as(), "at": tx.now}
    tx.sql.run(_KEEP, {**kept, "answer": json.dumps(answer)})
    return answer


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


# What a key reaches --------------------------------------------------------------------------------------------------


def centre_of(session: Session, key: ApiKey, slug: str) -> Centre:
    centre = session.get_one(Centre, key.centre_id)
    if centre.slug != slug:
        raise Refused(RefusalCode.UNKNOWN, NO_CENTRE)
    return centre


def reaches(key: ApiKey, service: Service) -> bool:
    if service.centre_id != key.centre_id:
        return False
    return service.slug in key.services if key.services else not (service.discreet or service.private)


def services_of(session: Session, key: ApiKey) -> list[tuple[Service, Offer]]:
    """The services that the key can book, in the centre's order."""
    here = (
        select(Service)
        .where(Service.centre_id == key.centre_id)
        .order_by(col(Service.position), col(Service.id))
    )
    offered = [(each, read_offer(each.booking)) for each in session.exec(here) if each.retired_at is None]
    return [
        (service, offer)
        for service, offer in offered
        if offer is not None and offer.public and reaches(key, service)
    ]


def service_of(session: Session, key: ApiKey, slug: str) -> Service:
    for service, _offer in services_of(session, key):
        if service.slug == slug:
            return service
    raise Refused(RefusalCode.UNKNOWN, NO_SERVICE)


def appointment_of(session: Session, key: ApiKey, typed: str) -> Booking:
    """By its reference, however it is written."""
    reference = read_reference(typed)
    found = (
        None
        if reference is None
        else session.exec(select(Booking).where(Booking.reference == reference)).first()
    )
    if found is None or found.state == BookingState.HELD or found.centre_id != key.centre_id:
        raise Refused(RefusalCode.UNKNOWN, NO_APPOINTMENT)
    if not reaches(key, session.get_one(Service, found.service_id)):
        raise Refused(RefusalCode.UNKNOWN, NO_APPOINTMENT)
    return found


# Changing --------------------------------------------------------------------------------------------------------------


def hold(
    tx: Tx, key: ApiKey, centre_slug: str, service_slug: str, starts_at: int, interpreter: str | None
) -> Told:
    session = tx.session()
    centre = centre_of(session, key, centre_slug)
    service_of(session, key, service_slug)
    held = booking.hold(
        tx,
        key.centre_id,
        service_slug,
        starts_at,
        new_id(),
        interpreter=interpreter,
        channel=BookingChannel.API,
    )
    zone = ZoneInfo(centre.timezone)
    assert held.expires_at is not None
    return {
        "hold": held.id,
        "centre": centre.slug,
        "service": service_slug,
        "starts_at": written(held.starts_at, zone),
        "ends_at": written(held.ends_at, zone),
        "expires_at": written(held.expires_at, zone),
    }


def release(tx: Tx, hold_id: str) -> None:
    """Let a hold of the centre's programs go: its name is known to whoever made it. One that is let go already is refused, so that it is noticed."""
    key = api_keys.current(tx.session(), tx.actor.id)
    _held(tx.session(), key, hold_id)
    booking.release(tx, hold_id)


def book(tx: Tx, key: ApiKey, hold_id: str, visitor: Mapping[str, Any]) -> Told:
    """`visitor`: as `shapes.Visitor` has it. What the service asks must be given."""
    session = tx.session()
    held = _held(session, key, hold_id)
    offer = read_offer(session.get_one(Service, held.service_id).booking) or Offer()
    made = booking.confirm(tx, hold_id, _who(offer, visitor))
    tx.audit("booked an appointment", show_reference(made.reference), booking=made.id, key=key.id)
    return {**told(session, made), "booking": made.id}


def move(tx: Tx, key: ApiKey, reference: str, starts_at: int, reason: str, tell: bool) -> Told:
    found = appointment_of(tx.session(), key, reference)
    moved = booking.move(tx, found, starts_at, reason=reason, tell=tell)
    tx.audit("moved an appointment", show_reference(moved.reference), booking=moved.id, key=key.id)
    return {**told(tx.session(), moved), "booking": moved.id}


def cancel(tx: Tx, key: ApiKey, reference: str, reason: str, tell: bool) -> Told:
    found = appointment_of(tx.session(), key, reference)
    gone = booking.cancel(tx, found, reason=reason, tell=tell)
    tx.audit("cancelled an appointment", show_reference(gone.reference), booking=gone.id, key=key.id)
    return {**told(tx.session(), gone), "booking": gone.id}


def _held(session: Session, key: ApiKey, hold_id: str) -> Booking:
    held = session.get(Booking, hold_id)
    if held is None or held.centre_id != key.centre_id or held.channel != BookingChannel.API:
        raise Refused(RefusalCode.UNKNOWN, NO_HOLD)
    if held.state != BookingState.HELD or not reaches(key, session.get_one(Service, held.service_id)):
        raise Refused(RefusalCode.UNKNOWN, NO_HOLD)
    return held


def _who(offer: Offer, visitor: Mapping[str, Any]) -> Who:
    who = Who(**{**visitor, "phone": phone_of(visitor["phone"]), "email": email_of(visitor["email"])})
    for what in ("name", "phone", "email"):
        if offer.asks.get(what) == "required" and not getattr(who, what):
            raise Refused(
                RefusalCode.MALFORMED,
                f"This service needs the visitor's {what}. Ask for it and send it as {what}.",
            )
    _judge_answers(offer, who.answers)
    return who


def _judge_answers(offer: Offer, answers: Mapping[str, str]) -> None:
    questions = {question.slug: question for question in offer.questions}
    if unknown := sorted(set(answers) - set(questions)):
        raise Refused(
            RefusalCode.MALFORMED, f"This service does not ask {unknown[0]}. Read its questions anew."
        )
    for slug, question in questions.items():
        answer = answers.get(slug, "")
        if question.required and not answer:
            raise Refused(RefusalCode.MALFORMED, f"This service needs an answer to its question {slug}.")
        if answer and question.choices and answer not in question.choices:
            raise Refused(RefusalCode.MALFORMED, f"The answer to {slug} is one of its choices' slugs.")


# Telling ---------------------------------------------------------------------------------------------------------------


def told(session: Session, found: Booking) -> Told:
    """An appointment as programs read it, without whom it is for."""
    centre = session.get_one(Centre, found.centre_id)
    zone = ZoneInfo(centre.timezone)
    return {
        "reference": show_reference(found.reference),
        "centre": centre.slug,
        "service": session.get_one(Service, found.service_id).slug,
        "state": _state(session, found),
        "starts_at": written(found.starts_at, zone),
        "ends_at": written(found.ends_at, zone),
        "interpreter": found.interpreter,
        "channel": found.channel,
    }


def _state(session: Session, found: Booking) -> str:
    if found.state == BookingState.ARRIVED and found.ticket_id is not None:
        ticket = session.get(Ticket, found.ticket_id)
        passed_on = ticket is not None and ticket.state == TicketState.TRANSFERRED and ticket.served_at
        if passed_on or (ticket is not None and ticket.state == TicketState.FINISHED):
            return "served"  # passed on after it was served: what follows is another need
    return BookingState(found.state).value


def named(found: Booking) -> Told | None:
    """Whom it is for, while that is kept."""
    if found.erased_at is not None:
        return None
    return {
        "name": found.name,
        "phone": found.phone,
        "email": found.email,
        "safe_to_text": found.safe_to_text,
        "language": found.language,
        "needs": list(found.needs),
        "people": found.people,
        "answers": dict(found.answers),
        "note": found.note,
    }


def written(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")
