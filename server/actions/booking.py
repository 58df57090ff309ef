"""An appointment from its first hold to its end: held, confirmed, moved, cancelled, let go.

Every way in (the web, staff, partners, an import, another program) comes through here, so there is one judgement of what can be had
(`taking_time`), one place where a booking changes its state, and one word to those who follow (`booking_events`). The centre's lock is
held from before the diary is read until the commit, so of a thousand who want the last place exactly one gets it. All of it may be said
twice: a booking is known by the id its form made, and what is already so is answered as it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.actions import booking_events, taking_time
from server.actions.booking_words import in_hours
from server.actions.taking_time import Asked, Time
from server.clock import from_micros, to_micros
from server.domain.offers import Offer
from server.domain.refusals import Refused
from server.domain.slots import MINUTE
from server.store.inserting import inserted
from server.store.queries import bookings, capacity
from server.store.queries.capacity import Offered
from server.store.sql import Statement
from server.store.tables import Booking
from server.store.tx import Tx
from wire.references import new_reference, show_reference
from wire.vocabulary import (
    BookableKind,
    BookingChannel,
    BookingEvent,
    BookingState,
    Language,
    RefusalCode,
)

_PUBLIC = frozenset({BookingChannel.WEB, BookingChannel.API})
_WHERE = Statement("SELECT centre_id FROM booking WHERE id = :id")
LONGEST_HOLD_MINUTES = 48 * 60


@dataclass(frozen=True)
class Who:
    """Whom an appointment is for and how to reach them. `phone` is E.164, `email` as it is written to; both judged before."""

    name: str = ""
    phone: str = ""
    email: str = ""
    safe_to_text: bool = False
    language: str = Language.EN
    needs: tuple[str, ...] = ()
    people: int = 1
    answers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def hold(
    tx: Tx,
    centre_id: int,
    service_slug: str,
    starts_at: int,
    booking_id: str,
    *,
    interpreter: str | None = None,
    channel: BookingChannel = BookingChannel.WEB,
    minutes: int = 10,
    language: str | None = None,
) -> Booking:
    """Keep a time for somebody who is still filling in the form. `language`: a person who speaks it is taken rather than another.

    Held again under the same id it is the same hold until the same moment; at another time, the hold moves there.
    """
    asked = Asked(
        public=channel in _PUBLIC,
        interpreter=interpreter,
        speaking=(language,) if language else (),
        besides=booking_id,
    )
    _take_lock(tx, centre_id)
    offered, offer = taking_time.service_offered(tx, centre_id, slug=service_slug, public=asked.public)
    kept = _load(tx, booking_id)
    if kept is not None and _is_already(tx, kept, offered, starts_at, interpreter):
        return kept
    time = taking_time.take(tx, offered, offer, starts_at, asked)
    expires_at = from_micros(tx.now + min(minutes, LONGEST_HOLD_MINUTES) * MINUTE)
    if kept is None:
        booking = _write(
            tx, offered, time, booking_id, channel=channel, interpreter=interpreter, expires_at=expires_at
        )
    else:
        booking, kept.service_id, kept.interpreter = kept, offered.service, interpreter
        booking.expires_at = expires_at
        _put(tx, offered, booking, time)
    tx.touch(centre_id)
    return booking


def _is_already(tx: Tx, kept: Booking, offered: Offered, starts_at: int, interpreter: str | None) -> bool:
    """Whether this id already has what is asked for. Refuses an id that is another's, or an appointment already made."""
    same = (
        kept.service_id == offered.service
        and to_micros(kept.starts_at) == starts_at
        and kept.interpreter == interpreter
    )
    if kept.centre_id != offered.centre or (kept.state != BookingState.HELD and not same):
        raise Refused(
            RefusalCode.ID_REUSED, "This form has made an appointment already. Begin anew for another."
        )
    return same and (kept.state != BookingState.HELD or not _is_expired(tx, kept))


def release(tx: Tx, booking_id: str) -> None:
    """Let a hold go: its time is free and nothing of it is kept. What is no hold (any more) stays as it is."""
    booking = _load(tx, booking_id)
    if booking is not None and booking.state == BookingState.HELD:
        tx.session().delete(booking)
        tx.session().flush()
        tx.touch(booking.centre_id)


def confirm(tx: Tx, booking_id: str, who: Who) -> Booking:
    """Make a hold an appointment. One that has expired, or whose time is not to be had any more as it was (the day was closed, the person is
    away), is taken again if its time is still free."""
    booking = _load(tx, booking_id)
    if booking is None:
        raise Refused(
            RefusalCode.CLOSED,
            "Your time was kept for some minutes only, and is not yours any more. Choose a time again: what you have typed is kept.",
        )
    if booking.state != BookingState.HELD:
        if booking.state == BookingState.CANCELLED:
            raise Refused(
                RefusalCode.WRONG_STATE, "This appointment has been cancelled. Book a new one if you need it."
            )
        return booking
    if _is_expired(tx, booking) or not taking_time.stands(tx, booking):
        _take_again(tx, booking)
    _set(booking, _of(who))
    booking.state, booking.expires_at = BookingState.BOOKED, None
    booking.booked_at = from_micros(tx.now)
    tx.session().flush()
    _tell_booked(tx, booking)
    return booking


def _take_again(tx: Tx, booking: Booking) -> None:
    public = booking.channel in _PUBLIC
    offered, offer = taking_time.service_offered(
        tx, booking.centre_id, service=booking.service_id, public=public
    )
    asked = Asked(
        public=public,
        interpreter=booking.interpreter,
        preferred=_whom_it_takes(booking),
        besides=booking.id,
    )
    _put(tx, offered, booking, taking_time.take(tx, offered, offer, to_micros(booking.starts_at), asked))


def make(
    tx: Tx,
    centre_id: int,
    service_slug: str,
    starts_at: int,
    booking_id: str,
    who: Who,
    *,
    channel: BookingChannel,
    interpreter: str | None = None,
    named: Mapping[str, int] | None = None,
    over: bool = False,
    tell: bool = True,
) -> Booking:
    """Book at once, as staff and programs do. `named`: this person and room, by kind; `over`: beyond what is offered. The caller has judged
    who may."""
    _take_lock(tx, centre_id)
    offered, offer = taking_time.service_offered(
        tx, centre_id, slug=service_slug, public=channel in _PUBLIC and not over
    )
    kept = _load(tx, booking_id)
    if kept is not None:
        wanted = (centre_id, offered.service, starts_at, interpreter)
        is_this = (kept.centre_id, kept.service_id, to_micros(kept.starts_at), kept.interpreter) == wanted
        if kept.state != BookingState.BOOKED or not is_this:
            raise Refused(RefusalCode.ID_REUSED, "This form has made an appointment already. Begin anew.")
        return kept
    speaking = [who.language] if who.language != Language.EN else []
    asked = Asked(
        public=channel in _PUBLIC,
        interpreter=interpreter,
        named=named or {},
        speaking=[*speaking, *(need for need in who.needs if need == "sign_language")],
        over=over,
    )
    time = taking_time.take(tx, offered, offer, starts_at, asked)
    booking = _write(
        tx,
        offered,
        time,
        booking_id,
        channel=channel,
        booked_by=tx.actor.id if tx.actor.kind == "staff" else None,
        interpreter=interpreter,
        over=over,
        state=BookingState.BOOKED,
        booked_at=from_micros(tx.now),
        **_of(who),
    )
    _tell_booked(tx, booking, tell=tell)
    return booking


def move(
    tx: Tx,
    booking: Booking,
    starts_at: int,
    *,
    person: int | None = None,
    room: int | None = None,
    over: bool = False,
    reason: str = "",
    tell: bool = True,
) -> Booking:
    """To another time, person or room, keeping the reference and whom it had if they are free. Moved to where it is, nothing happens."""
    booking = _fresh(tx, booking)
    _refuse_unless_ahead(booking, "moved")
    named = {
        kind.value: who
        for kind, who in ((BookableKind.PERSON, person), (BookableKind.ROOM, room))
        if who is not None
    }
    was = to_micros(booking.starts_at)
    if was == starts_at and all(_of_kind(booking, kind) == who for kind, who in named.items()):
        return booking
    public = _is_visitor(tx)
    offered, offer = taking_time.service_offered(
        tx, booking.centre_id, service=booking.service_id, public=public
    )
    _refuse_late_visitor(tx, booking, offer, "move")
    asked = Asked(
        public=public,
        interpreter=booking.interpreter,
        named=named,
        preferred=_whom_it_takes(booking),
        over=over,
        besides=booking.id,
    )
    time = taking_time.take(tx, offered, offer, starts_at, asked)
    _put(tx, offered, booking, time)
    booking.over, booking.reason, booking.late_minutes, booking.arrival_hash = over, reason, 0, ""
    booking.sequence += 1
    booking.changed_at = from_micros(tx.now)
    tx.session().flush()
    _audit(tx, "moved an appointment", booking)
    booking_events.happened(tx, BookingEvent.MOVED, booking, tell=tell, was=was)
    return booking


def cancel(tx: Tx, booking: Booking, *, reason: str = "", tell: bool = True) -> Booking:
    """Its time is free at once. Cancelled again, nothing happens; a hold is let go."""
    booking = _fresh(tx, booking)
    if booking.state == BookingState.CANCELLED:
        return booking
    if booking.state == BookingState.HELD:
        release(tx, booking.id)
        return booking
    _refuse_unless_ahead(booking, "cancelled")
    offered = capacity.offered_service(tx.sql, booking.centre_id, service=booking.service_id)
    if offered is not None and offered.offer is not None:
        _refuse_late_visitor(tx, booking, offered.offer, "cancel")
    booking.state, booking.reason = BookingState.CANCELLED, reason
    booking.cancelled_at = booking.changed_at = from_micros(tx.now)
    booking.cancelled_by = tx.actor.id if tx.actor.kind == "staff" else None
    booking.arrival_hash = ""
    booking.sequence += 1
    tx.session().flush()
    _audit(tx, "cancelled an appointment", booking)
    booking_events.happened(tx, BookingEvent.CANCELLED, booking, tell=tell)
    return booking


# What they share ------------------------------------------------------------------------------------------------


def _take_lock(tx: Tx, centre_id: int) -> None:
    if tx.actor.kind == "staff" and tx.actor.centre != centre_id:
        raise Refused(
            RefusalCode.WRONG_CENTRE, "This appointment is at another centre. Change to that centre first."
        )
    if tx.actor.centre != centre_id:
        bookings.lock(tx.sql, centre_id)


def _load(tx: Tx, booking_id: str) -> Booking | None:
    """As it is now, under its centre's lock."""
    record = tx.sql.one(_WHERE, {"id": booking_id})
    if record is None:
        return None
    _take_lock(tx, record[0])
    return tx.session().get(Booking, booking_id, populate_existing=True)


def _fresh(tx: Tx, booking: Booking) -> Booking:
    found = _load(tx, booking.id)
    if found is None:
        raise Refused(RefusalCode.UNKNOWN, "This appointment is not kept any more. Book a new one.")
    return found


def _is_expired(tx: Tx, booking: Booking) -> bool:
    return booking.expires_at is not None and to_micros(booking.expires_at) <= tx.now


def _is_visitor(tx: Tx) -> bool:
    return tx.actor.kind in ("visitor", "nobody")


def _refuse_unless_ahead(booking: Booking, done: str) -> None:
    if booking.state == BookingState.BOOKED:
        return
    why = {
        BookingState.HELD: "It is not booked yet: somebody is still filling in the form.",
        BookingState.CANCELLED: "It has been cancelled already. Book a new one.",
        BookingState.ARRIVED: "They have checked in for it already.",
        BookingState.MISSED: "It was missed. Book a new one.",
    }[BookingState(booking.state)]
    raise Refused(RefusalCode.WRONG_STATE, f"This appointment cannot be {done} any more. {why}")


def _refuse_late_visitor(tx: Tx, booking: Booking, offer: Offer, verb: str) -> None:
    if _is_visitor(tx) and to_micros(booking.starts_at) - tx.now < offer.cancel_hours * 60 * MINUTE:
        raise Refused(
            RefusalCode.CLOSED,
            f"It is less than {in_hours(offer.cancel_hours)} until your appointment, too late to {verb} it here. Please ring us.",
        )


def _whom_it_takes(booking: Booking) -> tuple[int, ...]:
    ids = (booking.person_id, booking.room_id, booking.interpreter_id)
    return tuple(each for each in ids if each is not None)


def _of_kind(booking: Booking, kind: str) -> int | None:
    return booking.person_id if kind == BookableKind.PERSON else booking.room_id


def _write(tx: Tx, offered: Offered, time: Time, booking_id: str, **values: Any) -> Booking:
    """A new booking takes this time."""
    taking_time.clear_the_way(tx, offered, time, booking_id)
    return inserted(
        tx.sql,
        tx.session(),
        Booking,
        id=booking_id,
        centre_id=offered.centre,
        service_id=offered.service,
        reference=_fresh_reference(tx),
        made_at=from_micros(tx.now),
        **_of(time),
        **values,
    )


def _put(tx: Tx, offered: Offered, booking: Booking, time: Time) -> None:
    """The booking takes this time instead."""
    taking_time.clear_the_way(tx, offered, time, booking.id)
    _set(booking, _of(time))
    tx.session().flush()


def _of(told: Time | Who) -> dict[str, Any]:
    """What a booking's row says of a time, or of whom it is for."""
    if isinstance(told, Who):
        return {
            "name": told.name,
            "phone": told.phone,
            "email": told.email,
            "safe_to_text": told.safe_to_text and bool(told.phone),
            "language": told.language,
            "needs": list(told.needs),
            "people": told.people,
            "answers": dict(told.answers),
            "note": told.note,
        }
    return {
        "starts_at": from_micros(told.starts_at),
        "ends_at": from_micros(told.ends_at),
        "held_from": from_micros(told.held_from),
        "held_until": from_micros(told.held_until),
        "person_id": told.takes.get(BookableKind.PERSON),
        "room_id": told.takes.get(BookableKind.ROOM),
        "interpreter_id": told.takes.get(BookableKind.INTERPRETER),
        "place": told.place,
    }


def _set(booking: Booking, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(booking, name, value)


def _tell_booked(tx: Tx, booking: Booking, *, tell: bool = True) -> None:
    _audit(tx, "booked an appointment", booking)
    booking_events.happened(tx, BookingEvent.BOOKED, booking, tell=tell)


def _audit(tx: Tx, what: str, booking: Booking) -> None:
    """Staff's changes; never the name, nor what it is about."""
    if tx.actor.kind == "staff":
        tx.audit(what, show_reference(booking.reference), booking=booking.id, over=booking.over)


def _fresh_reference(tx: Tx) -> str:
    while bookings.is_used(tx.sql, reference := new_reference(secrets.choice)):
        pass
    return reference
