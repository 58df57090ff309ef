"""Who is still to come to an appointment today, for whoever stands at the door: found by name, by time or by reference, and checked in.

Those whose time is near come first, because whoever says "I have an appointment" mostly has one about now. A private one is masked as everywhere
(`diary.as_seen`): it is found by its time, or by its reference at a kiosk.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from server.clock import from_micros
from server.domain.access import Actor
from server.live.diary import as_seen, between, bookables_of, read_bookings, services_of, viewer_of
from server.live.diary_shapes import MINUTE, BookingNow
from server.live.expected import midnights
from server.live.floor import load_set_up

COMING = frozenset({"booked", "late", "expected", "missed"})
SHOWN = 3


@dataclass(frozen=True)
class ComingToday:
    """`near` are those whose time is nearest, `further` the others of the day; both in the order of their time."""

    near: tuple[BookingNow, ...] = ()
    further: tuple[BookingNow, ...] = ()

    @property
    def all(self) -> int:
        return len(self.near) + len(self.further)


def read_coming(session: Session, actor: Actor, now: int) -> ComingToday:
    set_up = load_set_up(session, actor.centre)
    since, until = midnights(set_up.timetable.local_date(from_micros(now)), set_up.centre.timezone)
    rows = read_bookings(
        session,
        between(actor.centre, since, until, now),
        services_of(set_up),
        bookables_of(session, actor.centre),
    )
    viewer = viewer_of(session, actor)
    seen = [
        one
        for each in rows
        if since <= each.starts_at < until
        and each.standing(now) in COMING
        and (one := as_seen(each, viewer)) is not None
    ]
    nearest = {each.id for each in sorted(seen, key=lambda each: _distance(each, now))[:SHOWN]}
    return ComingToday(
        tuple(each for each in seen if each.id in nearest),
        tuple(each for each in seen if each.id not in nearest),
    )


def _distance(each: BookingNow, now: int) -> int:
    """How far off its time is. One marked as missed comes behind all that are expected within the hour."""
    return abs(each.expected_at - now) + (60 * MINUTE if each.standing(now) == "missed" else 0)
