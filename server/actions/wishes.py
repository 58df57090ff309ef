"""The waiting list: whoever finds no time leaves their days, and is told once when a place comes free in them.

Who waits longest is asked first. The place is really held for them while they have time to look (`KEPT_MINUTES`), by an ordinary hold that
everybody else finds taken; if they do not take it, the next is asked, one after the other. A house that cannot write to anybody asks nobody. Nobody's phone rings at night, and a place held
for somebody asleep would help nobody, so from nine in the evening until eight in the morning nobody is asked.

A cancelled or moved appointment is offered in the transaction that freed it (`follow`); every other way a time comes free (a block lifted, hours added,
a hold let go) is found by the rounds (`server.jobs.places`). What is known of a wish is a contact and some days; it goes a month after its last day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from server.actions import posting, tries
from server.clock import from_micros, to_micros
from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tables import Booking, Centre, Service, Wish
from server.store.tx import Tx
from wire.vocabulary import BookingEvent, BookingState, new_id

KEPT_MINUTES = 30
FORM_MINUTES = 10
NOON = 12
ASKED_FROM, ASKED_UNTIL = time(8), time(21)
FREED = frozenset({BookingEvent.CANCELLED, BookingEvent.MOVED})
KEPT_AFTER = timedelta(days=28)

_OLD = Statement("DELETE FROM wish WHERE last_on < :before")


def join(
    tx: Tx,
    *,
    centre_id: int,
    service_id: int,
    first_on: date,
    last_on: date,
    mornings_only: bool,
    interpreter: str | None,
    phone: str,
    email: str,
    language: str,
    address: str,
) -> Wish | None:
    """Put somebody on the list; None when too many were put there from this address. Asked twice, they are on it once, with the new days."""
    if not tries.may_try(tx, "wish", address):
        return None
    session = tx.session()
    wish = session.exec(
        select(Wish).where(
            col(Wish.centre_id) == centre_id,
            col(Wish.service_id) == service_id,
            col(Wish.phone) == phone,
            col(Wish.email) == email,
            col(Wish.ended_at).is_(None),
        )
    ).first()
    if wish is None:
        wish = Wish(
            id=new_id(),
            centre_id=centre_id,
            service_id=service_id,
            first_on=first_on,
            last_on=last_on,
            made_at=from_micros(tx.now),
        )
        session.add(wish)
    wish.first_on, wish.last_on, wish.mornings_only = first_on, last_on, mornings_only
    wish.phone, wish.email, wish.language, wish.interpreter = phone, email, language, interpreter
    return wish


def leave(tx: Tx, *, wish_id: str) -> None:
    """Off the list, by the link; a place kept for them goes to the next."""
    wish = tx.session().get(Wish, wish_id)
    if wish is None or wish.ended_at is not None:
        return
    _end(tx, wish)
    if wish.told_of is not None:
        kept = tx.session().get(Booking, kept_id(wish))
        if kept is not None and kept.state == BookingState.HELD:
            starts_at = to_micros(kept.starts_at)
            _bookings().release(tx, kept.id)
            tx.session().flush()
            ask_next(tx, wish.centre_id, wish.service_id, starts_at)


def give_time(tx: Tx, *, wish_id: str) -> None:
    """They came for the place that is kept: they get as long for the form as everybody, once, though they came in the last minute."""
    wish = tx.session().get(Wish, wish_id)
    if wish is None or wish.ended_at is not None or wish.told_at is None or wish.kept_until is None:
        return
    latest = wish.told_at + timedelta(minutes=KEPT_MINUTES + FORM_MINUTES)
    until = max(wish.kept_until, min(from_micros(tx.now) + timedelta(minutes=FORM_MINUTES), latest))
    kept = tx.session().get(Booking, kept_id(wish))
    if kept is not None and kept.state == BookingState.HELD:
        wish.kept_until = kept.expires_at = until


def taken(tx: Tx, *, wish_id: str) -> None:
    """They booked: they wait no longer."""
    wish = tx.session().get(Wish, wish_id)
    if wish is not None and wish.ended_at is None:
        _end(tx, wish)


def follow(tx: Tx, event: BookingEvent, booking: Booking, tell: bool, values: Mapping[str, Any]) -> None:
    """A follower of what happens to bookings: a time that became free is offered at once."""
    freed = values.get("was") if event is BookingEvent.MOVED else to_micros(booking.starts_at)
    if event in FREED and isinstance(freed, int) and freed > tx.now:
        ask_next(tx, booking.centre_id, booking.service_id, freed)


def ask_next(tx: Tx, centre_id: int, service_id: int, starts_at: int) -> Wish | None:
    """Keep the time for whoever has waited longest for one like it, and tell them. None when nobody waits for it, or it is not free."""
    centre, service = tx.session().get(Centre, centre_id), tx.session().get(Service, service_id)
    if centre is None or service is None or not tx.ways or not may_ask(tx.now, centre.timezone):
        return None
    local = from_micros(starts_at).astimezone(ZoneInfo(centre.timezone))
    refused_with: set[str | None] = set()
    for wish in waiting_for(tx, centre_id, service_id, local):
        if wish.interpreter in refused_with:
            continue  # what was not free for one who needs this interpreter is not free for the next
        asked = _ask(tx, wish, service, starts_at)
        if asked is not None:
            return asked
        refused_with.add(wish.interpreter)
    return None


def ask(tx: Tx, *, wish_id: str, starts_at: int) -> Wish | None:
    """The same for one wish, found to fit by the rounds."""
    wish = tx.session().get(Wish, wish_id)
    if wish is None or wish.ended_at is not None or wish.told_at is not None or not tx.ways:
        return None
    service = tx.session().get(Service, wish.service_id)
    return _ask(tx, wish, service, starts_at) if service is not None else None


def waiting_for(tx: Tx, centre_id: int, service_id: int, local: datetime) -> list[Wish]:
    """Who waits for a time like this one and was not told yet, who came first before others."""
    found = tx.session().exec(
        select(Wish)
        .where(
            col(Wish.centre_id) == centre_id,
            col(Wish.service_id) == service_id,
            col(Wish.ended_at).is_(None),
            col(Wish.told_at).is_(None),
            col(Wish.first_on) <= local.date(),
            col(Wish.last_on) >= local.date(),
        )
        .order_by(col(Wish.made_at), col(Wish.id))
    )
    return [wish for wish in found if not wish.mornings_only or local.hour < NOON]


def pass_on(tx: Tx, *, wish_id: str) -> None:
    """What was kept for this wish was not taken in time: it is over, and the next is asked."""
    wish = tx.session().get(Wish, wish_id)
    if wish is None or wish.ended_at is not None or wish.kept_until is None:
        return
    if to_micros(wish.kept_until) > tx.now:
        return
    _end(tx, wish)
    tx.session().flush()
    if wish.told_of is not None and to_micros(wish.told_of) > tx.now:
        ask_next(tx, wish.centre_id, wish.service_id, to_micros(wish.told_of))


def kept_id(wish: Wish) -> str:
    """The id of the booking that is held for a wish: worked out, so that asking twice holds once."""
    assert wish.told_of is not None, "nothing is kept for whom nothing was told"
    return hashlib.sha256(f"{wish.id}:{to_micros(wish.told_of)}".encode()).hexdigest()[:32]


def may_ask(now: int, zone: str) -> bool:
    return ASKED_FROM <= from_micros(now).astimezone(ZoneInfo(zone)).time() < ASKED_UNTIL


def sweep(tx: Tx) -> None:
    """Forget the wishes whose days are long over."""
    before = (from_micros(tx.now) - KEPT_AFTER).date()
    tx.sql.run(_OLD, {"before": before.isoformat()})


def _ask(tx: Tx, wish: Wish, service: Service, starts_at: int) -> Wish | None:
    wish.told_of = from_micros(starts_at)
    try:
        held = _bookings().hold(
            tx,
            wish.centre_id,
            service.slug,
            starts_at,
            kept_id(wish),
            interpreter=wish.interpreter,
            minutes=KEPT_MINUTES,
            language=wish.language,
        )
    except Refused:
        wish.told_of = None
        return None
    wish.told_at, wish.kept_until = from_micros(tx.now), held.expires_at
    posting.place_free(tx, wish)
    return wish


def _end(tx: Tx, wish: Wish) -> None:
    wish.ended_at = from_micros(tx.now)
    wish.phone = wish.email = ""


def _bookings() -> ModuleType:
    """Imported when it is needed: what happens to bookings is followed from here, and from here bookings are held."""
    from server.actions import booking

    return booking
