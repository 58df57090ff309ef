"""What a calendar program is shown of one person, room or interpreter: when they are taken, by which service, under which reference.

Nobody's name and nothing anybody said is in it, for it lies in a program outside the house. Of a discreet appointment it shows that the time is
taken, and no more. The last month is in it and everything ahead; what was cancelled is not, for a feed is replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, col, or_, select

from server.live.ics import IcsEvent, calendar_of, stamped_at, uid_of
from server.store.tables import Bookable, Booking, CalendarFeed, Centre, Service
from wire.references import show_reference
from wire.vocabulary import BookingState

BACK = timedelta(days=31)
REFRESH = timedelta(minutes=15)
_SHOWN = (BookingState.BOOKED, BookingState.ARRIVED, BookingState.MISSED)
_STATES = {BookingState.ARRIVED: " (is here)", BookingState.MISSED: " (did not come)"}


@dataclass(frozen=True)
class OwnCalendar:
    feed: int
    read_at: datetime | None
    centre: int
    text: bytes


def read_calendar(session: Session, secret_hash: str, now: datetime) -> OwnCalendar | None:
    """The calendar under this address; None when there is none, or none any more."""
    feed = session.exec(
        select(CalendarFeed).where(
            CalendarFeed.secret_hash == secret_hash, col(CalendarFeed.revoked_at).is_(None)
        )
    ).first()
    bookable = None if feed is None else session.get(Bookable, feed.bookable_id)
    if feed is None or bookable is None or bookable.retired_at is not None:
        return None
    centre = session.get_one(Centre, feed.centre_id)
    events = [
        _event(booking, service, centre, rooms)
        for rooms in (_rooms(session, centre.id or 0),)
        for booking, service in _taken(session, bookable, now - BACK)
    ]
    name = f"{bookable.name}, {centre.name}"
    written = calendar_of(events, name=name, method=None, zone=centre.timezone, refresh=REFRESH)
    return OwnCalendar(feed.id or 0, feed.read_at, centre.id or 0, written)


def _taken(session: Session, bookable: Bookable, since: datetime) -> list[tuple[Booking, Service]]:
    whose = or_(
        col(Booking.person_id) == bookable.id,
        col(Booking.room_id) == bookable.id,
        col(Booking.interpreter_id) == bookable.id,
    )
    found = (
        select(Booking, Service)
        .join(Service, col(Service.id) == col(Booking.service_id))
        .where(Booking.centre_id == bookable.centre_id, col(Booking.held_until) >= since, whose)
        .where(
            text("booking.state <> 'cancelled'"), col(Booking.state).in_(_SHOWN)
        )  # the first is the index's own
        .order_by(col(Booking.starts_at), col(Booking.id))
    )
    return [(booking, service) for booking, service in session.exec(found)]


def _rooms(session: Session, centre: int) -> dict[int | None, str]:
    found = select(Bookable.id, Bookable.name).where(Bookable.centre_id == centre)
    return dict(session.exec(found).all())


def _event(booking: Booking, service: Service, centre: Centre, rooms: Mapping[int | None, str]) -> IcsEvent:
    quiet = service.discreet or service.private
    named = f"{service.names.get('en', service.slug)} {show_reference(booking.reference)}"
    room = rooms.get(booking.room_id, "") if booking.room_id else ""
    return IcsEvent(
        uid=uid_of(booking),
        sequence=booking.sequence,
        stamped_at=stamped_at(booking),
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        summary="Busy" if quiet else named + _STATES.get(BookingState(booking.state), ""),
        location="" if quiet else ", ".join(part for part in (room, centre.name) if part),
        secret=quiet,
    )
