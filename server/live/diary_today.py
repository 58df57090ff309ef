"""Today's appointments for one counter: who is expected there next, who is here already, what they bring and told beforehand.

A counter's own are those with the person who sits there, and those of services served there that name nobody else. The next is shown before anybody has
come, so that an adviser can look at the papers in time. A private one is masked here as everywhere; who is called to the counter is shown
by the console itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session

from server.clock import from_micros
from server.domain.access import Actor
from server.live.diary import as_seen, between, bookables_of, read_bookings, services_of, viewer_of
from server.live.diary_shapes import MINUTE, BookingNow
from server.live.floor import load_set_up

AHEAD = 12 * 60 * MINUTE
BEHIND = 6 * 60 * MINUTE
SHOWN = 3
OPEN = frozenset({"booked", "late", "expected", "here"})


@dataclass(frozen=True)
class TodayAtCounter:
    """`next` at most `SHOWN`, in the order of their time; `later` the rest. Who was served, missed or is at a counter is in neither."""

    next: tuple[BookingNow, ...]
    later: tuple[BookingNow, ...]
    here: int
    """How many of them have come."""


def read_today(session: Session, actor: Actor, services: Collection[int], now: int) -> TodayAtCounter:
    """Of `services`, which are served at the counter where `actor` sits."""
    set_up = load_set_up(session, actor.centre)
    known = services_of(set_up)
    bookables = bookables_of(session, actor.centre)
    if not bookables and not any(each.offer for each in known.values()):
        return TodayAtCounter((), (), 0)
    viewer = viewer_of(session, actor)
    today = set_up.timetable.local_date(from_micros(now))
    found = []
    for each in read_bookings(
        session, between(actor.centre, now - BEHIND, now + AHEAD, now), known, bookables
    ):
        own = each.person is not None and each.person.staff == actor.id
        of_another = each.person is not None and each.person.staff is not None and not own
        if of_another or not (own or each.service.id in services):
            continue
        on = set_up.timetable.local_date(from_micros(each.starts_at))
        if on == today and each.standing(now) in OPEN:
            seen = as_seen(each, viewer)
            if seen is not None:
                found.append(seen)
    here = sum(1 for each in found if each.standing(now) == "here")
    return TodayAtCounter(tuple(found[:SHOWN]), tuple(found[SHOWN:]), here)
