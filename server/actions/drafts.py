"""A booking form that somebody is filling in on the web: begun, kept, its time held, and booked once.

The answers stay here, by the hash of a cookie's key, so a phone keeps nothing of them and a form left open on a library's computer is worth nothing
to the next person an hour later. Choosing a time lets go of the one chosen before. Confirming is done once however often the button is
pressed: the draft remembers which booking it became, and forgets everything else the moment it has.

What stops somebody is a value (`Stopped`), so that the page can say it in their language; a time that has gone is `Refused` by whoever
holds it, and then nothing of the draft has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from server.actions import booking as bookings
from server.actions import tries, wishes
from server.actions.booking import Who
from server.actions.keys import hash_of
from server.clock import from_micros, to_micros
from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tables import Booking, Draft, Service
from server.store.tx import Tx
from wire.vocabulary import BookingState, RefusalCode, new_id

LIVES = timedelta(hours=1)
MOST_OPEN = 3
"""Appointments to come that one telephone number or e-mail address may have for one service, and on one day."""
_LOCAL_DAY = timedelta(hours=12)

_OLD = Statement("DELETE FROM draft WHERE expires_at < :before")
_SERVICE = Statement("SELECT id FROM service WHERE centre_id = :centre AND slug = :slug")
_OPEN = Statement(
    """SELECT id, service_id, starts_at FROM booking WHERE erased_at IS NULL AND state = 'booked' AND starts_at > :now
    AND phone = :contact UNION SELECT id, service_id, starts_at FROM booking WHERE erased_at IS NULL AND state = 'booked'
    AND starts_at > :now AND email = :contact"""
)


class Stopped(StrEnum):
    """Why somebody cannot go on by themselves just now; each is a sentence `book.stopped.<value>`."""

    HELD = "held"
    """Too many times are held from this address."""
    TRIES = "tries"
    OPEN = "open"
    """This telephone number or e-mail address has enough appointments."""


def begin(
    tx: Tx,
    *,
    key: str,
    address: str,
    language: str,
    answers: Mapping[str, Any],
    booking_id: str | None = None,
) -> Stopped | None:
    """A new form under `key`; None when it was begun."""
    if not tries.may_try(tx, "begin", address):
        return Stopped.TRIES
    tx.session().add(
        Draft(
            id=hash_of(key),
            answers=dict(answers),
            booking_id=booking_id,
            language=language,
            address=tries.network_of(address),
            expires_at=from_micros(tx.now) + LIVES,
        )
    )
    return None


def keep(tx: Tx, *, key: str, language: str, answers: Mapping[str, Any]) -> None:
    """Write down what was answered so far. A draft that became a booking takes no more answers."""
    draft = _draft(tx, key)
    if not draft.answers.get("done"):
        draft.answers = dict(answers)
    draft.language = language
    draft.expires_at = from_micros(tx.now) + LIVES


def start_over(tx: Tx, *, key: str) -> None:
    """Throw the form away and let its time go."""
    draft = tx.session().get(Draft, hash_of(key))
    if draft is not None:
        _let_go(tx, draft)
        tx.session().delete(draft)


def choose(
    tx: Tx, *, key: str, centre_id: int, service: str, starts_at: int, interpreter: str | None, address: str
) -> Booking | Stopped:
    """Hold this time for the form, and let go of the one held before. Chosen twice, it is held once."""
    draft = _draft(tx, key)
    held = _held(tx, draft)
    if held is not None and _same(tx, held, centre_id, service, starts_at, interpreter):
        return held
    if not tries.may_hold_more(tx, address):
        return Stopped.HELD
    if not tries.may_try(tx, "hold", address):
        return Stopped.TRIES
    _let_go(tx, draft)
    booking = bookings.hold(
        tx, centre_id, service, starts_at, new_id(), interpreter=interpreter, language=draft.language
    )
    draft.booking_id = booking.id
    kept = {name: value for name, value in draft.answers.items() if name != "lost"}
    draft.answers = {**kept, "at": starts_at, "interpreter": interpreter}
    draft.expires_at = from_micros(tx.now) + LIVES
    return booking


def confirm(tx: Tx, *, key: str, centre_id: int, service: str, who: Who, address: str) -> Booking | Stopped:
    """Book what is held. A time that ran out is taken again if nobody else has it, else `Refused` (CLOSED)."""
    draft = _draft(tx, key)
    booking = tx.session().get(Booking, draft.booking_id) if draft.booking_id else None
    if booking is not None and booking.state != BookingState.HELD:
        _become(draft, booking)  # by another browser too, where a kept place was opened in both
        return booking
    starts_at = draft.answers.get("at")
    if not isinstance(starts_at, int):
        raise Refused(RefusalCode.WRONG_STATE, "Choose a time first.")
    if _has_enough(tx, centre_id, service, starts_at, (who.phone, who.email)):
        return Stopped.OPEN
    if not tries.may_try(tx, "book", address):
        return Stopped.TRIES
    if booking is None:  # it ran out, and somebody else's hold cleared it away since
        interpreter = draft.answers.get("interpreter")
        booking = bookings.hold(
            tx, centre_id, service, starts_at, new_id(), interpreter=interpreter, language=draft.language
        )
    booking = bookings.confirm(tx, booking.id, who)
    if isinstance(draft.answers.get("wish"), str):
        wishes.taken(tx, wish_id=draft.answers["wish"])
    _become(draft, booking)
    return booking


def _become(draft: Draft, booking: Booking) -> None:
    """The form is this appointment now, and forgets what was typed."""
    kept: dict[str, Any] = {
        name: draft.answers[name] for name in ("service", "centre") if name in draft.answers
    }
    draft.booking_id, draft.answers = booking.id, {**kept, "done": True}


def sweep(tx: Tx) -> None:
    """Forget the forms nobody came back to. What they held runs out by itself."""
    tx.sql.run(_OLD, {"before": tx.now})


def _draft(tx: Tx, key: str) -> Draft:
    draft = tx.session().get(Draft, hash_of(key))
    if draft is None or to_micros(draft.expires_at) <= tx.now:
        raise Refused(RefusalCode.UNKNOWN, "This form was open for too long. Begin again.")
    return draft


def _held(tx: Tx, draft: Draft) -> Booking | None:
    """What the form holds now; None when nothing, or not any more."""
    found = tx.session().get(Booking, draft.booking_id) if draft.booking_id else None
    if found is None or found.state != BookingState.HELD or found.expires_at is None:
        return None
    return found if to_micros(found.expires_at) > tx.now else None


def _same(
    tx: Tx, held: Booking, centre_id: int, service: str, starts_at: int, interpreter: str | None
) -> bool:
    row = tx.session().get(Service, held.service_id)
    return (
        row is not None
        and (row.centre_id, row.slug) == (centre_id, service)
        and to_micros(held.starts_at) == starts_at
        and held.interpreter == interpreter
    )


def _let_go(tx: Tx, draft: Draft) -> None:
    if draft.booking_id:
        found = tx.session().get(Booking, draft.booking_id)
        if found is not None and found.state == BookingState.HELD:
            bookings.release(tx, draft.booking_id)
        draft.booking_id = None


def _has_enough(tx: Tx, centre_id: int, service: str, starts_at: int, contacts: tuple[str, ...]) -> bool:
    """Whether one of these contacts has as many appointments as it may."""
    row = tx.sql.one(_SERVICE, {"centre": centre_id, "slug": service})
    day = round(_LOCAL_DAY / timedelta(microseconds=1))
    for contact in filter(None, contacts):
        found = tx.sql.all(_OPEN, {"contact": contact, "now": tx.now})
        of_service = sum(1 for _, service_id, _ in found if row is not None and service_id == row[0])
        that_day = sum(1 for _, _, at in found if abs(at - starts_at) < day)
        if max(of_service, that_day) >= MOST_OPEN:
            return True
    return False
