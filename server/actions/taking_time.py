"""Whether a time can be had, and whom it takes: the one judgement behind holding, booking and moving.

It is made inside the transaction of the change, under the centre's lock, from the same reading that showed the slot. A no says why, and where
somebody was quicker it says which times are still free nearest to the one wanted: whoever hears it can go on at once. Those are looked for when
the change has been refused, outside the lane, for who was late must not make all others wait.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from sqlalchemy import Connection

from server.actions.booking_words import clock_time, day, in_hours, listed, moment
from server.clock import to_micros
from server.domain.bookables import why_not_taken
from server.domain.capacity import Chosen, Wanted
from server.domain.offers import Offer
from server.domain.refusals import Refused
from server.domain.slots import MINUTE, Bounds, bounds, days_of, nearest
from server.store.queries import bookings, capacity
from server.store.queries.capacity import Offered, Read
from server.store.sql import Sql
from server.store.tables import Booking
from server.store.tx import Tx
from wire.vocabulary import RefusalCode

LOOK_FURTHER_DAYS = 6
"""Where a day is full, so many around it are looked through."""
MOST_AHEAD_DAYS = 731
"""However far somebody books over what is offered: what is later is a slip of the finger."""


@dataclass(frozen=True)
class Asked:
    """How a time is asked for. `public`: by the rules for everybody (offered to the public, with notice)."""

    public: bool = True
    interpreter: str | None = None
    named: Mapping[str, int] = field(default_factory=dict)
    preferred: Collection[int] = ()
    speaking: Collection[str] = ()
    over: bool = False
    besides: str = ""


@dataclass(frozen=True)
class Time:
    """A time that is theirs for the taking in this transaction, microseconds, and whom it takes by kind."""

    starts_at: int
    ends_at: int
    held_from: int
    held_until: int
    takes: Mapping[str, int]
    place: int | None


def service_offered(
    tx: Tx, centre: int, *, slug: str | None = None, service: int | None = None, public: bool
) -> tuple[Offered, Offer]:
    """The service with its offer, or a refusal."""
    found = capacity.offered_service(tx.sql, centre, slug=slug, service=service)
    if found is None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such service. Choose another.")
    if found.retired or found.offer is None:
        raise Refused(
            RefusalCode.CLOSED,
            f"There are no appointments for {_named(found, public)} here. Choose another service.",
        )
    if public and not found.offer.public:
        raise Refused(
            RefusalCode.CLOSED,
            "This cannot be booked online. Please ask us, and we will book it with you.",
        )
    return found, found.offer


def _named(found: Offered, public: bool) -> str:
    return "this" if public and found.discreet else found.name


def take(tx: Tx, offered: Offered, offer: Offer, starts_at: int, asked: Asked) -> Time:
    """Whom an appointment of this service that begins then would take; raises Refused with the reason and the nearest free times."""
    if starts_at % MINUTE:
        raise Refused(RefusalCode.MALFORMED, "An appointment begins on a whole minute.")
    limits = _limits(tx, offered, offer, asked)
    on = offered.local_date(min(starts_at, tx.now + MOST_AHEAD_DAYS * 1440 * MINUTE))
    _refuse_outside_bounds(tx, offered, offer, starts_at, on, limits, asked)
    if offer.by_people or "person" in asked.named:
        bookings.lock_people(tx.sql, offered.centre)
    read = capacity.read(
        tx.sql,
        offered,
        on,
        on,
        tx.now,
        interpreter=asked.interpreter,
        named=asked.named,
        besides=asked.besides,
    )
    minute = starts_at // MINUTE
    wanted = Wanted(asked.named, asked.preferred, asked.speaking, asked.over)
    on_grid = asked.over or minute in read.starts
    chosen = read.capacity.choose(minute, wanted) if on_grid else None
    if chosen is None:
        raise _no(tx.now, offered, offer, starts_at, on, read, limits, asked, on_grid)
    return _time(offer, starts_at, chosen)


def stands(tx: Tx, booking: Booking) -> bool:
    """Whether a time that is held could still be had, from those it takes, if it were asked for now: nobody closed that day or took them away
    from it. Whether it is too near to be asked for does not matter, for it was asked for in time."""
    offered = capacity.offered_service(tx.sql, booking.centre_id, service=booking.service_id)
    if offered is None or offered.retired or offered.offer is None or not offered.offer.public:
        return False
    starts_at = to_micros(booking.starts_at)
    minute, on = starts_at // MINUTE, offered.local_date(starts_at)
    read = capacity.read(
        tx.sql, offered, on, on, tx.now, interpreter=booking.interpreter, named={}, besides=booking.id
    )
    by_kind = {"person": booking.person_id, "room": booking.room_id, "interpreter": booking.interpreter_id}
    takes = {kind: who for kind, who in by_kind.items() if who is not None}
    chosen = read.capacity.choose(minute, Wanted({}, takes.values())) if minute in read.starts else None
    return chosen is not None and dict(chosen.takes) == takes


def clear_the_way(tx: Tx, offered: Offered, time: Time, booking: str) -> None:
    """Remove the expired holds that the database itself would still take for somebody's."""
    bookings.clear_the_way(
        tx.sql, offered.centre, offered.service, time.starts_at, time.takes, time.place, tx.now, booking
    )


def _time(offer: Offer, starts_at: int, chosen: Chosen) -> Time:
    ends_at = starts_at + offer.minutes * MINUTE
    held_from = starts_at - offer.prepare_minutes * MINUTE
    return Time(
        starts_at, ends_at, held_from, ends_at + offer.clear_minutes * MINUTE, chosen.takes, chosen.place
    )


def _limits(tx: Tx, offered: Offered, offer: Offer, asked: Asked) -> Bounds:
    notice = offer.notice_hours if asked.public else 0
    ahead = MOST_AHEAD_DAYS if asked.over else offer.ahead_days
    return bounds(offered.local_date(tx.now), tx.now, notice_hours=notice, ahead_days=ahead)


def _refuse_outside_bounds(
    tx: Tx, offered: Offered, offer: Offer, starts_at: int, on: date, limits: Bounds, asked: Asked
) -> None:
    minute = starts_at // MINUTE
    running = tx.now // MINUTE if asked.over else -(-tx.now // MINUTE)
    if minute < running:
        raise Refused(RefusalCode.CLOSED, "That time is past. Choose a later one.")
    if minute < limits.earliest and not asked.over:
        raise Refused(
            RefusalCode.CLOSED,
            f"That is too soon: appointments for {_named(offered, asked.public)} are booked at least "
            f"{in_hours(offer.notice_hours)} before. Choose a later time, or come in without one.",
        )
    if on > limits.last_on:
        raise Refused(
            RefusalCode.CLOSED,
            f"That is too far ahead: appointments for {_named(offered, asked.public)} can be booked until {day(limits.last_on)}. "
            "Choose an earlier day.",
        )
    if asked.over and _is_closed(offered, on):
        raise Refused(RefusalCode.CLOSED, f"The centre is closed on {day(on)}. Choose another day.")


def _is_closed(offered: Offered, on: date) -> bool:
    return offered.centre_hours.is_closed_on(on)


def _no(
    now: int,
    offered: Offered,
    offer: Offer,
    starts_at: int,
    on: date,
    read: Read,
    limits: Bounds,
    asked: Asked,
    on_grid: bool,
) -> Refused:
    if asked.named and (why := _why_not_them(offered, offer, read, asked)):
        return Refused(RefusalCode.CLOSED, why)
    when = moment(starts_at, offered.zone)
    if asked.over:
        return Refused(RefusalCode.CLOSED, _why_not_over(read, starts_at, when, asked))
    minute = starts_at // MINUTE
    if not on_grid or not read.capacity.bits(read.capacity.served, [minute]):
        why = f"There are no appointments on {when}."
    else:
        why = f"{when[:1].upper()}{when[1:]} has just been taken."
    return Refused(RefusalCode.CLOSED, why, partial(_still_free, offered, starts_at, on, limits, asked, now))


def _why_not_them(offered: Offered, offer: Offer, read: Read, asked: Asked) -> str:
    """Why the very person or room asked for may never be taken for this."""
    for kind, number in asked.named.items():
        who = read.people.get(number)
        if who is None or who.kind != kind:
            return f"That {kind} takes no appointments any more. Choose another."
        named_for_rooms = kind != "room" or offer.rooms
        if named_for_rooms and (
            why := why_not_taken(offered.slug, offered.discreet, offered.name, offer, who)
        ):
            return why
    return ""


def _why_not_over(read: Read, starts_at: int, when: str, asked: Asked) -> str:
    """Even beyond what is offered nobody is taken twice."""
    for kind, able in read.capacity.needs.items():
        minute = starts_at // MINUTE
        if kind in asked.named:
            if not any(read.capacity.is_free(kind, each, minute, over=True) for each in able):
                return f"{read.people[asked.named[kind]].name} is taken or away on {when}. Choose another time, or somebody else."
        elif not any(read.capacity.is_free(kind, each, minute) for each in able):
            others = [each for each in able if read.capacity.is_free(kind, each, minute, over=True)]
            who = listed([read.people[each.id].name for each in others][:6])
            what = f"no {kind} who is there is free on {when}."
            return (
                f"Even so, {what} Choose by name: {who}."
                if others
                else f"Even so, {what} Choose another time."
            )
    return f"There are no appointments on {when}."


def _still_free(
    offered: Offered,
    starts_at: int,
    on: date,
    limits: Bounds,
    asked: Asked,
    now: int,
    connection: Connection,
) -> str:
    """Which times are still free nearest to one that is not: that day's, or where it is full those of the days around it."""
    first_on = max(on - timedelta(days=3), offered.local_date(now))
    until = min(first_on + timedelta(days=LOOK_FURTHER_DAYS), limits.last_on)
    sql = Sql(connection)
    try:
        for first, last in ((on, on), (first_on, until)):
            found = capacity.read(
                sql,
                offered,
                first,
                last,
                now,
                interpreter=asked.interpreter,
                named=asked.named,
                besides=asked.besides,
            )
            if slots := nearest(days_of(found.capacity, found.starts, limits), starts_at):
                break
    finally:
        sql.close()
    if not slots:
        return "Nothing is free around then. Choose another day."
    days = [offered.local_date(slot.starts_at) for slot in slots]
    if set(days) == {on}:
        times = [clock_time(slot.starts_at, offered.zone) for slot in slots]
        return f"Still free that day: {listed(times)}."
    return f"Free nearest to it: {listed([moment(slot.starts_at, offered.zone) for slot in slots])}."
