"""How somebody stands who says they have an appointment, and which place in the line that gives them.

Their own day and centre, and in time: they get the place of a booking, which counts from the booked time with a head start
(`selection.booking_counts_from`), however early they are. One who comes earlier than `Offer.early_minutes` is told by a kiosk when to come
back; whoever is taken in all the same loses nothing and gains nothing by it, since before its time such a place is called only when nobody
else can be. The place is kept for `Offer.late_minutes`, and longer for those who rang. Who comes later still is put in as any walk-in of that
service who comes now is: not sent away, and not before those who are here already.

Whoever holds a paper that a kiosk gave out is never turned away, so a wrong day, a wrong centre, a cancelled appointment and a reference
that nobody knows give a place too, as a walk-in, with a word to staff.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from server.domain.offers import Offer
from server.domain.selection import MINUTE, booking_counts_from
from wire.vocabulary import BookingState, TicketClass


class Came(StrEnum):
    """How somebody came, by what their reference says. The first four have a place of their appointment's service."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"
    """Within what is kept for them."""
    TOO_LATE = "too_late"
    ARRIVED = "arrived"
    """Checked in already."""
    CANCELLED = "cancelled"
    OTHER_DAY = "other_day"
    OTHER_CENTRE = "other_centre"
    UNKNOWN = "unknown"


IS_EXPECTED = frozenset({Came.EARLY, Came.ON_TIME, Came.LATE, Came.TOO_LATE})


class Appointment(NamedTuple):
    """What judging needs of a booking. `on` is its date at its centre; `late_minutes` what they said when they rang."""

    centre: int
    state: BookingState
    on: date
    starts_at: int
    late_minutes: int = 0


class Kept(NamedTuple):
    """From when one may check in, and until when the place is kept. Microseconds."""

    from_at: int
    until_at: int


class Place(NamedTuple):
    """Of which class a ticket is and from when it counts."""

    ticket_class: TicketClass
    counts_from: int


def kept(starts_at: int, late_minutes: int, offer: Offer) -> Kept:
    return Kept(
        starts_at - offer.early_minutes * MINUTE,
        starts_at + (offer.late_minutes + late_minutes) * MINUTE,
    )


def judge(found: Appointment | None, offer: Offer, centre: int, on: date, at: int) -> Came:
    """How somebody came who was at `centre` at the instant `at`, on its date `on`.

    One that was marked as missed is judged by the time like any other: they are here. A hold that was never confirmed is nobody's appointment.
    """
    if found is None or found.state is BookingState.HELD:
        return Came.UNKNOWN
    if found.state is BookingState.CANCELLED:
        return Came.CANCELLED
    if found.centre != centre:
        return Came.OTHER_CENTRE
    if found.state is BookingState.ARRIVED:
        return Came.ARRIVED
    if found.on != on:
        return Came.OTHER_DAY
    window = kept(found.starts_at, found.late_minutes, offer)
    if at < window.from_at:
        return Came.EARLY
    if at > window.until_at:
        return Came.TOO_LATE
    return Came.LATE if at > found.starts_at else Came.ON_TIME


def place(came: Came, starts_at: int, at: int, usual: TicketClass) -> Place:
    """The place of somebody who came at `at`; `usual` is the class of who walks in for the same."""
    if came in IS_EXPECTED and came is not Came.TOO_LATE:
        return Place(TicketClass.BOOKED, booking_counts_from(starts_at, at))
    return Place(usual if usual is not TicketClass.BOOKED else TicketClass.ORDINARY, at)


class SecondPaper(StrEnum):
    """What becomes of a paper that a kiosk gave to somebody who was checked in already."""

    JOINS = "joins"
    """They are still here: two papers, one visitor."""
    VOID = "void"
    """They held both while they were here, and were seen to since."""
    ANEW = "anew"
    """They have been seen to, and come again: as a walk-in."""


def second_paper(ended_at: int | None, at: int) -> SecondPaper:
    """`ended_at` is when the ticket of the first check-in ended, None while it is open; `at` when the second paper was given out."""
    if ended_at is None:
        return SecondPaper.JOINS
    return SecondPaper.VOID if at < ended_at else SecondPaper.ANEW


def where_to_wait(extra: Mapping[str, Any], counters: Sequence[str], rooms: Sequence[str]) -> str:
    """The area of `rooms` in English, if they share one and it is not where the others wait; otherwise empty.

    `extra` is the centre's, which says in which area a counter is; `counters` all of them in their order: everyone waits where the first is.
    """
    area_of: Mapping[str, str] = extra.get("counter_areas", {})
    there = {area_of.get(room, "") for room in rooms}
    area = there.pop() if len(there) == 1 else ""
    if not area or area == (area_of.get(counters[0], "") if counters else ""):
        return ""
    names: Mapping[str, str] = next(
        (each["names"] for each in extra.get("areas", ()) if each["slug"] == area), {}
    )
    return str(names.get("en", ""))


# What staff are told -------------------------------------------------------------------------------------------------

FOR_STAFF = {
    Came.CANCELLED: "Had an appointment that was cancelled.",
    Came.OTHER_DAY: "Came with an appointment that is on another day.",
    Came.OTHER_CENTRE: "Came with an appointment at another centre.",
    Came.UNKNOWN: "Says they have an appointment. Nobody knows the reference they gave.",
    Came.ARRIVED: "Was seen to for an appointment today, and came again.",
    Came.TOO_LATE: "Came too late for their appointment, so they wait as a walk-in.",
}
"""A note for whoever serves. It names nobody and no time: a note stays with the visit when the appointment's own words are erased."""
