"""What staff ask about appointments: book somebody in, correct, move, cancel.

Who may: whoever runs the floor; partners for the services of their own surgeries alone; a service that is discreet by nature those alone who may
know what such a visit is about, because its list of appointments would tell. Beyond what is offered (`over`) go only those who answer for the
floor, the greeter and the manager, and they say why. All the rest is `actions.booking`'s, the same for staff as for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.actions import booking
from server.actions.booking import Who
from server.actions.booking_contact import email_of, phone_of
from server.clock import to_micros
from server.domain.offers import Offer, Question
from server.domain.refusals import Refused
from server.store.queries import capacity, people
from server.store.queries.capacity import Offered
from server.store.sql import Statement
from server.store.tables import Booking
from server.store.tx import Tx
from wire import asks
from wire.references import show_reference
from wire.vocabulary import BookableKind, BookingChannel, BookingState, RefusalCode, Role, SkillKind

Result = dict[str, Any]

_OVER = frozenset({Role.GREETER, Role.MANAGER})
_OWN = frozenset({Role.ADVISER, Role.GREETER, Role.MANAGER})
"""Who books for the house and not for a surgery."""
SHORTEST_REASON = 3


def book(tx: Tx, ask: asks.Book) -> Result:
    """`{"booking", "reference", "starts_at", "person", "room"}`: milliseconds, and whom it takes by name (None: nobody)."""
    offered = capacity.offered_service(tx.sql, tx.actor.centre, slug=ask.service)
    if offered is None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such service. Choose another.")
    _refuse_if_not_for_them(tx, offered)
    _refuse_over(tx, ask.over, ask.note, "note")
    who = Who(
        name=ask.name,
        phone=phone_of(ask.phone),
        email=email_of(ask.email),
        safe_to_text=ask.safe_to_text,
        language=ask.language.value,
        needs=tuple(need.value for need in ask.needs),
        people=ask.people,
        answers=_answers(offered.offer, ask.answers),
        note=ask.note,
    )
    _refuse_nameless(offered.offer, who.name)
    named = {
        kind.value: number
        for kind, number in ((BookableKind.PERSON, ask.person), (BookableKind.ROOM, ask.room))
        if number is not None
    }
    made = booking.make(
        tx,
        tx.actor.centre,
        ask.service,
        ask.starts_at * 1000,
        ask.booking,
        who,
        channel=BookingChannel.STAFF if tx.actor.roles & _OWN else BookingChannel.PARTNER,
        interpreter=ask.interpreter,
        named=named,
        over=ask.over,
    )
    return {"booking": made.id, "reference": made.reference, **_when_and_whom(tx, made)}


def move_booking(tx: Tx, ask: asks.MoveBooking) -> Result:
    """`{"booking", "starts_at", "person", "room"}` as `book`."""
    found = _theirs(tx, ask.booking)
    _refuse_over(tx, ask.over, ask.reason, "reason")
    moved = booking.move(
        tx,
        found,
        ask.starts_at * 1000,
        person=ask.person,
        room=ask.room,
        over=ask.over,
        reason=ask.reason,
        tell=ask.tell,
    )
    return {"booking": moved.id, **_when_and_whom(tx, moved)}


def cancel_booking(tx: Tx, ask: asks.CancelBooking) -> Result:
    cancelled = booking.cancel(tx, _theirs(tx, ask.booking), reason=ask.reason, tell=ask.tell)
    return {"booking": cancelled.id, "state": BookingState.CANCELLED.value}


def amend_booking(tx: Tx, ask: asks.AmendBooking) -> Result:
    """Whom it is for, not when: nobody's calendar changes, so nobody is told."""
    found = _theirs(tx, ask.booking)
    if found.state == BookingState.HELD or found.erased_at is not None:
        why = (
            "Somebody is still filling in the form."
            if found.erased_at is None
            else "Whom it was for was erased when its time was over."
        )
        raise Refused(RefusalCode.WRONG_STATE, f"This appointment cannot be corrected now. {why}")
    told = {
        name: value
        for name, value in ask.model_dump(mode="json", exclude={"do", "booking"}).items()
        if value is not None
    }
    if "phone" in told:
        told["phone"] = phone_of(told["phone"])
        if told["phone"] != found.phone:
            told.setdefault("safe_to_text", False)  # they said it of the other telephone
    if "email" in told:
        told["email"] = email_of(told["email"])
    if "name" in told:
        _refuse_nameless(_offer_of(tx, found), told["name"])
    for name, value in told.items():
        setattr(found, name, value)
    found.safe_to_text = found.safe_to_text and bool(found.phone)
    tx.session().flush()
    tx.audit("amended an appointment", show_reference(found.reference), booking=found.id, fields=sorted(told))
    tx.touch(found.centre_id)
    return {"booking": found.id}


def _theirs(tx: Tx, booking_id: str) -> Booking:
    """At this centre, and theirs to change; where it is not theirs to know of, there is none."""
    found = tx.session().get(Booking, booking_id)
    if found is None or found.centre_id != tx.actor.centre:
        raise Refused(RefusalCode.UNKNOWN, "There is no such appointment at this centre.")
    offered = capacity.offered_service(tx.sql, found.centre_id, service=found.service_id)
    assert offered is not None
    if not tx.actor.roles & _OWN and not _has_skill(tx, offered):
        raise Refused(RefusalCode.UNKNOWN, "There is no such appointment at this centre.")
    _refuse_if_not_for_them(tx, offered)
    return found


def _refuse_if_not_for_them(tx: Tx, offered: Offered) -> None:
    if not tx.actor.roles & _OWN and not _has_skill(tx, offered):
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            "You book for your own surgeries only. An administrator can add a service to your skills.",
        )
    if offered.discreet and Role.DISCREET not in tx.actor.roles:
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            f"{offered.name} is private: its appointments are made and changed by those with the right to see private visits.",
        )


def _has_skill(tx: Tx, offered: Offered) -> bool:
    return (SkillKind.SERVICE.value, offered.slug) in people.skills_of(tx.sql, tx.actor.id, tx.actor.centre)


def _refuse_over(tx: Tx, over: bool, reason: str, where: str) -> None:
    if not over:
        return
    if not tx.actor.roles & _OVER:
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            "Only a greeter or manager books beyond what is offered. Ask one of them, or choose a free time.",
        )
    if len(reason) < SHORTEST_REASON:
        raise Refused(RefusalCode.MALFORMED, f"Say why in the {where}: this goes beyond what is offered.")


def _offer_of(tx: Tx, booking: Booking) -> Offer | None:
    offered = capacity.offered_service(tx.sql, booking.centre_id, service=booking.service_id)
    return offered.offer if offered is not None else None


def _refuse_nameless(offer: Offer | None, name: str) -> None:
    if offer is not None and offer.asks.get("name") == "required" and not name:
        raise Refused(RefusalCode.MALFORMED, "Ask for the visitor's name: this appointment needs one.")


def _answers(offer: Offer | None, told: Mapping[str, str]) -> Mapping[str, str]:
    """What the service asks, answered as it asks it. Staff may leave out what the visitor does not know."""
    questions = {question.slug: question for question in offer.questions} if offer else {}
    for slug, answer in told.items():
        question = questions.get(slug)
        if question is None:
            raise Refused(
                RefusalCode.MALFORMED,
                "One of those questions is not asked for this service any more. Load the page again.",
            )
        if question.choices and answer and answer not in question.choices:
            raise Refused(RefusalCode.MALFORMED, f"Choose one of the answers to: {_words(question)}")
    return {slug: answer for slug, answer in told.items() if answer}


def _words(question: Question) -> str:
    return question.text.get("en", question.slug)


_NAME = Statement("SELECT name FROM bookable WHERE id = :id")


def _when_and_whom(tx: Tx, made: Booking) -> Result:
    return {
        "starts_at": to_micros(made.starts_at) // 1000,
        "person": _name(tx, made.person_id),
        "room": _name(tx, made.room_id),
    }


def _name(tx: Tx, number: int | None) -> str | None:
    record = tx.sql.one(_NAME, {"id": number}) if number is not None else None
    return record[0] if record else None
