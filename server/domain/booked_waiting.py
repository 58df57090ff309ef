"""Why somebody with an appointment, who is here, was not called within five minutes of its time: said so that whoever reads it can act.

The promise is five minutes from the booked time, or from the arrival of who came after it within what is kept for them; who came too late to keep the
place was promised nothing and waits as a walk-in. The reason is worked out from who sits where, the plainest first: somebody who serves it is
free and has only to call; it needs a room that is taken; whom it is booked with is not there; nobody who serves it is; all who do are
busy. Of a discreet one no counter, no number and no name is said: they would tell what it is about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

MINUTE = 60_000_000
PROMISE = 5 * MINUTE


class Booked(NamedTuple):
    """A waiting ticket of an appointment, whose visitor is not at a counter for another need.

    `person` is the member of staff it is booked with (None: nobody in particular, or somebody without an account), `room` the counter.
    """

    ticket: str
    code: str
    visit: str
    service: int
    arrived_at: int
    starts_at: int
    discreet: bool
    person: int | None = None
    person_name: str = ""
    room: int | None = None
    room_name: str = ""
    for_counter: int | None = None

    @property
    def due_at(self) -> int:
        """When the promise is broken."""
        return max(self.starts_at, self.arrived_at) + PROMISE


class Seat(NamedTuple):
    """Somebody at a counter. `paused_at` since when they are on a break, `busy_at` since when a visitor is called or served there."""

    counter: int
    counter_name: str
    staff: int
    staff_name: str
    services: Collection[int]
    paused_at: int | None = None
    busy_at: int | None = None

    @property
    def is_free(self) -> bool:
        return self.paused_at is None and self.busy_at is None


class Broken(NamedTuple):
    """A promise that was not kept: since when, and what to say of it."""

    booked: Booked
    say: str


def broken(booked: Sequence[Booked], seats: Sequence[Seat], now: int, zone: str) -> Iterator[Broken]:
    """Each of `booked` that should have been called by `now`."""
    for each in booked:
        if now >= each.due_at:
            at = _at(each.starts_at, zone)
            why = _why_in_general(each, seats) if each.discreet else _why(each, seats, zone)
            yield Broken(each, f"{each.code} has an appointment at {at} and has not been called. {why}")


def _at(micros: int, zone: str) -> str:
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    return f"{instant.astimezone(ZoneInfo(zone)):%H:%M}"


def _those_who_serve(each: Booked, seats: Sequence[Seat]) -> list[Seat]:
    """A direction to a counter where nobody sits holds nobody up, as `selection` has it."""
    own = [seat for seat in seats if seat.counter == each.for_counter]
    return own or [seat for seat in seats if each.service in seat.services]


def _why(each: Booked, seats: Sequence[Seat], zone: str) -> str:
    serving = _those_who_serve(each, seats)
    room = next((seat for seat in seats if seat.counter == each.room), None)
    if room is not None and room.busy_at is not None:
        return f"{each.room_name}, which it is booked for, is taken since {_at(room.busy_at, zone)}. Ask how long it takes, or choose another room."
    free = [seat for seat in serving if seat.is_free]
    own = next((seat for seat in seats if seat.staff == each.person), None)
    if free:
        there = own if own in free else free[0]
        return f"{there.staff_name} at {there.counter_name} is free. Ask them to call now."
    return " ".join(filter(None, (_of_the_person(each, own, zone), _of_all(serving, zone))))


def _of_the_person(each: Booked, own: Seat | None, zone: str) -> str:
    """Where whom it is booked with is."""
    if each.person is None:
        return ""
    if own is None:
        return f"{each.person_name}, with whom it is booked, is not at a counter."
    if own.paused_at is not None:
        return f"{each.person_name}, with whom it is booked, is on a break since {_at(own.paused_at, zone)}."
    if own.busy_at is None:
        return f"{each.person_name}, with whom it is booked, is at {own.counter_name}, but not for this. Ask them to add it there."
    return (
        f"{each.person_name}, with whom it is booked, is with another visitor since {_at(own.busy_at, zone)}."
    )


def _of_all(serving: Sequence[Seat], zone: str) -> str:
    if not serving:
        return "Nobody who serves it is at a counter. Ask somebody to sit down for it."
    busy = [seat.busy_at for seat in serving if seat.busy_at is not None and seat.paused_at is None]
    away = len(serving) - len(busy)
    if not busy:
        who = "The one person who serves it is" if away == 1 else f"All {away} who serve it are"
        return f"{who} on a break. Ask them to come back, or somebody else to sit down for it."
    since = _at(min(busy), zone)
    if len(busy) == 1:
        who = f"The one person who serves it{' and is not on a break' if away else ''} is with a visitor since {since}."
    else:
        who = f"All {len(busy)} who serve it{' and are not on a break' if away else ''} are with visitors, the longest since {since}."
    return f"{who} They are among the next to be called. Tell them, or ask for one more counter."


def _why_in_general(each: Booked, seats: Sequence[Seat]) -> str:
    serving = _those_who_serve(each, seats)
    if not serving:
        return "Nobody who may serve it is at a counter. Ask a colleague who may to sit down."
    if any(seat.is_free for seat in serving):
        return "Somebody who may serve it is free. Ask them to call now."
    return "Whoever may serve it is busy or on a break. Tell them, or ask a colleague who may to sit down."
