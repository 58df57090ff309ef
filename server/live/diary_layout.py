"""Laying a day or a week of appointments out: columns, what stands beside what, what is free. Pure arithmetic on one reading.

Positions are minutes that really pass, counted from the hour the sheet begins with, and the hours are labelled from the clock. So on the night the
clocks change an hour is there twice or not at all, and an appointment at the second half past one stands below the first, not on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from server.clock import from_micros, to_micros
from server.live.diary_shapes import MINUTE, BlockNow, BookableNow, BookingNow, DayNow, DiaryNow
from wire.vocabulary import BookableKind

HOUR = 60 * MINUTE
USUAL_HOURS = (9, 17)
"""Shown of a day that is closed and empty."""
LEAST_FREE = 10
"""Minutes: what is shorter is not worth calling free."""
MOST_LANES = 8
MOST_HOURS = 25
GROUPS = ("person", "room", "service")
ANYBODY, ANYWHERE, PRIVATE = "nobody", "nowhere", "private"


@dataclass(frozen=True)
class Axis:
    """The hours of a sheet: of every day shown, so many from `first` on. `labels`: what the clock shows at each."""

    first: int
    """Hours after midnight, as time passes."""
    hours: int
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """One appointment on the sheet. Minutes from its top; `lane` of `lanes` side by side."""

    booking: BookingNow
    top: int
    length: int
    lane: int
    lanes: int
    before: int = 0
    """Minutes of preparation just above it."""
    after: int = 0


@dataclass(frozen=True)
class Ground:
    """What lies behind the appointments: `free`, `off` (not there, or closed) or `block`."""

    kind: str
    top: int
    length: int
    starts_at: int
    ends_at: int
    say: str = ""
    block: str = ""


@dataclass(frozen=True)
class Column:
    """`key` names it in addresses, such as `person:4`; `day` its date. `lanes`: the most that stand side by side."""

    key: str
    title: str
    hint: str
    day: date
    pieces: tuple[Piece, ...]
    ground: tuple[Ground, ...]
    lanes: int
    is_today: bool
    now_at: int | None
    """Minutes from the top to now; None where now is not on the sheet."""


@dataclass(frozen=True)
class Sheet:
    """`absent`: who has no column because they are not there that day and have nothing booked."""

    axis: Axis
    columns: tuple[Column, ...]
    absent: tuple[str, ...] = ()


def day_sheet(diary: DiaryNow, by: str, free: Mapping[int, int] | None = None) -> Sheet:
    """One day, a column for each person, room or service. `free`: how many times can still be booked, by service."""
    day = diary.days[0]
    here = diary.on(day)
    axis = axis_of(diary)
    groups = list(_groups(diary, here, by, free or {}))
    absent = [
        each for each in groups if each[4] and not each[3] and not diary.working.get((each[4].id, day.on))
    ]
    columns = (_column(diary, axis, day, *each) for each in groups if each not in absent)
    return Sheet(axis, tuple(columns), tuple(each[1] for each in absent))


def week_sheet(diary: DiaryNow, of: str = "") -> Sheet:
    """Every day that is open or has an appointment, a column for each; of one person, room or service if `of` names it."""
    axis = axis_of(diary)
    bookable = bookable_of(diary, of)
    columns = []
    for day in diary.days:
        here = [each for each in diary.on(day) if belongs(each, of)]
        if day.spans or here:
            hint = f"{day.on.day} {day.on:%B}"
            columns.append(_column(diary, axis, day, of, f"{day.on:%A}", hint, here, bookable))
    return Sheet(axis, tuple(columns))


def bookable_of(diary: DiaryNow, key: str) -> BookableNow | None:
    kind, _, number = key.partition(":")
    if kind not in list(BookableKind) or not number.isdecimal():
        return None
    return next((each for each in diary.bookables if each.id == int(number) and each.kind == kind), None)


def belongs(booking: BookingNow, key: str) -> bool:
    """Whether an appointment is in the group `key`; the empty key is of all."""
    kind, _, number = key.partition(":")
    if key == "":
        return True
    if key == PRIVATE:
        return booking.masked
    if kind == "service":
        return str(booking.service.id) == number and not booking.masked
    parts = (booking.person, booking.room, booking.interpreter)
    return any(part is not None and part.kind == kind and str(part.id) == number for part in parts)


def _groups(
    diary: DiaryNow, here: Sequence[BookingNow], by: str, free: Mapping[int, int]
) -> Iterable[tuple[str, str, str, list[BookingNow], BookableNow | None]]:
    if by == "service":
        for service in diary.services:
            if not service.discreet:
                mine = [each for each in here if each.service.id == service.id]
                left = free.get(service.id)
                hint = "" if left is None else f"{left} free" if left else "full"
                yield f"service:{service.id}", service.name, hint, mine, None
        gone = {each.service.id: each.service for each in here if not each.masked and not each.taken}
        for number, service in gone.items():
            if all(each.id != number for each in diary.services) or service.discreet:
                mine = [each for each in here if each.service.id == number]
                yield f"service:{number}", service.name, "", mine, None
        private = [each for each in here if each.masked]
        if private:
            yield PRIVATE, "Private appointments", "", private, None
        return
    kinds = (BookableKind.ROOM,) if by == "room" else (BookableKind.PERSON, BookableKind.INTERPRETER)
    # Those that are nobody's yet stand first: behind twenty names they would be seen by nobody.
    rest = [each for each in here if (each.room if by == "room" else each.person) is None and not each.taken]
    if rest or not any(each.kind in kinds for each in diary.bookables):
        title = "No room named" if by == "room" else "Whoever is free"
        yield ANYWHERE if by == "room" else ANYBODY, title, "", rest, None
    for bookable in diary.bookables:
        if bookable.kind in kinds:
            key = f"{bookable.kind.value}:{bookable.id}"
            mine = [each for each in here if belongs(each, key)]
            hint = "Interpreter" if bookable.kind is BookableKind.INTERPRETER else ""
            yield key, bookable.name, hint, mine, bookable


def _column(
    diary: DiaryNow,
    axis: Axis,
    day: DayNow,
    key: str,
    title: str,
    hint: str,
    here: Sequence[BookingNow],
    bookable: BookableNow | None,
) -> Column:
    top = day.begins + axis.first * HOUR
    pieces, lanes = lay(here, top)
    now_at = (diary.now - top) // MINUTE
    on_sheet = day.begins <= diary.now < day.ends and 0 <= now_at <= axis.hours * 60
    return Column(
        key,
        title,
        hint,
        day.on,
        tuple(pieces),
        tuple(_ground(diary, axis, day, key, here, bookable)),
        lanes,
        day.begins <= diary.now < day.ends,
        now_at if on_sheet else None,
    )


def axis_of(diary: DiaryNow) -> Axis:
    """Whole hours around everything that is open or booked on the days shown."""
    low, high = 24 * 60, 0
    for day in diary.days:
        times = [(to_micros(span.opens_at), to_micros(span.closes_at)) for span in day.spans]
        times += [(each.held_from, each.held_until) for each in diary.on(day)]
        for starts, ends in times:
            low = min(low, max(0, (starts - day.begins) // MINUTE))
            high = max(high, (min(ends, day.ends) - day.begins) // MINUTE)
    first, last = (low // 60, -(-high // 60)) if high else USUAL_HOURS
    day = diary.days[0]
    labels = tuple(
        f"{from_micros(day.begins + hour * HOUR).astimezone(diary.zone):%H:%M}"
        for hour in range(first, last + 1)
    )
    return Axis(first, min(MOST_HOURS, last - first), labels)


def lay(bookings: Sequence[BookingNow], top: int) -> tuple[list[Piece], int]:
    """Each appointment's place, those at one time side by side in as few lanes as it takes; and the most lanes used."""
    pieces: list[Piece] = []
    most = 1
    cluster: list[tuple[BookingNow, int]] = []
    ends: list[int] = []

    def close() -> None:
        nonlocal most
        lanes = min(MOST_LANES, max(1, len(ends)))
        most = max(most, lanes)
        for booking, lane in cluster:
            pieces.append(
                Piece(
                    booking,
                    max(0, (booking.starts_at - top) // MINUTE),
                    max(5, (booking.ends_at - booking.starts_at) // MINUTE),
                    min(lane, MOST_LANES - 1),
                    lanes,
                    (booking.starts_at - booking.held_from) // MINUTE,
                    (booking.held_until - booking.ends_at) // MINUTE,
                )
            )

    for booking in sorted(bookings, key=lambda each: (each.held_from, each.held_until, each.id)):
        if cluster and booking.held_from >= max(ends):
            close()
            cluster, ends = [], []
        lane = next((at for at, end in enumerate(ends) if end <= booking.held_from), len(ends))
        if lane == len(ends):
            ends.append(booking.held_until)
        else:
            ends[lane] = booking.held_until
        cluster.append((booking, lane))
    if cluster:
        close()
    return pieces, most


def _ground(
    diary: DiaryNow,
    axis: Axis,
    day: DayNow,
    key: str,
    here: Sequence[BookingNow],
    bookable: BookableNow | None,
) -> Iterable[Ground]:
    top = day.begins + axis.first * HOUR
    bottom = min(day.ends, top + axis.hours * HOUR)
    opened = [(to_micros(span.opens_at), to_micros(span.closes_at)) for span in day.spans]
    working = list(diary.working.get((bookable.id, day.on), ())) if bookable else opened
    blocks = [each for each in diary.blocks if _concerns(each, key, bookable)]

    def ground(kind: str, starts: int, ends: int, say: str = "", block: str = "") -> Ground:
        return Ground(kind, (starts - top) // MINUTE, (ends - starts) // MINUTE, starts, ends, say, block)

    for starts, ends in without([(top, bottom)], working):
        closed = not any(a < ends and starts < b for a, b in opened)
        yield ground("off", starts, ends, "Closed" if closed else "Not there")
    for block in blocks:
        for starts, ends in within([(top, bottom)], [(block.starts_at, block.ends_at)]):
            yield ground("block", starts, ends, block.reason, block.id)
    if bookable is not None:
        taken = [(each.held_from, each.held_until) for each in here]
        taken += [(each.starts_at, each.ends_at) for each in blocks]
        for starts, ends in without(within([(top, bottom)], working), taken):
            begins = max(starts, _soon(diary.now))
            if ends - begins >= LEAST_FREE * MINUTE:
                yield ground("free", begins, ends)


def _soon(now: int) -> int:
    """What has passed is not free any more: the next five minutes on the clock."""
    return -(-now // (5 * MINUTE)) * 5 * MINUTE


def _concerns(block: BlockNow, key: str, bookable: BookableNow | None) -> bool:
    if block.bookable is None and block.service is None:
        return True
    if bookable is not None:
        return block.bookable == bookable.id
    return block.service is not None and key == f"service:{block.service}"


Times = list[tuple[int, int]]


def within(times: Times, others: Times) -> Times:
    """What is in both."""
    return [(max(a, c), min(b, d)) for a, b in times for c, d in others if max(a, c) < min(b, d)]


def without(times: Times, others: Times) -> Times:
    """What of `times` is in none of `others`."""
    for starts, ends in others:
        times = [
            part for a, b in times for part in ((a, min(b, starts)), (max(a, ends), b)) if part[0] < part[1]
        ]
    return times
