"""When a centre, or one of its services, is open.

Hours are said in local time, so every sum is done on the local clock and only its result is an instant. On
the night the clock goes forward an hour is missing: a time inside it means the moment the clock moves. On the
night it goes back an hour comes twice: opening means its first showing and closing its second, so that nobody
who reads "open until 1:30" finds a locked door.

A span belongs to the date it opens on, also when it runs past midnight (closes at or before it opens; the
same time twice is the whole day round). A date's special hours replace its usual ones; a closure wins over
both, because it is what somebody enters on the morning of a burst pipe. A service is open within its own
hours and the centre's; one without hours of its own keeps the centre's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

LOOK_AHEAD_DAYS = 60
_CACHED_DATES = 200
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Usual:
    """Open from `opens` to `closes` on every `weekday` (0 is Monday), from a date and until one, both
    included.
    """

    weekday: int
    opens: time
    closes: time
    from_on: date | None = None
    until_on: date | None = None

    def holds(self, on: date) -> bool:
        return (
            self.weekday == on.weekday()
            and (self.from_on is None or self.from_on <= on)
            and (self.until_on is None or on <= self.until_on)
        )


@dataclass(frozen=True)
class Special:
    """Hours of one date. Several of the same date add up."""

    held_on: date
    opens: time
    closes: time


@dataclass(frozen=True)
class Closure:
    """Closed from `first_on` to `last_on`, both included, and why, by language."""

    first_on: date
    last_on: date
    reason: Mapping[str, str] = field(default_factory=dict)

    def covers(self, on: date) -> bool:
        return self.first_on <= on <= self.last_on


@dataclass(frozen=True)
class Hours:
    usual: tuple[Usual, ...] = ()
    special: tuple[Special, ...] = ()
    closures: tuple[Closure, ...] = ()


class Span(NamedTuple):
    """Open from one instant until just before another. UTC."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class Open:
    closes_at: datetime


@dataclass(frozen=True)
class Closed:
    """`opens_at` is the next opening, None if none is known in `LOOK_AHEAD_DAYS`. `reason` is of the closure
    that keeps it closed today, or that takes away an opening before the next one."""

    opens_at: datetime | None
    reason: Mapping[str, str] | None = None


class Timetable:
    """The hours of a centre, or of a service in it (`own`).

    Build one when they change and keep it: it remembers spans, and its last answer for as long as it holds.
    """

    def __init__(self, timezone: str, hours: Hours, own: Hours | None = None) -> None:
        self._zone = ZoneInfo(timezone)
        self._centre = hours
        self._own = own
        self._known: dict[date, tuple[Span, ...]] = {}
        self._stood: tuple[datetime, datetime, Open | Closed] | None = None

    def local_date(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    def spans_on(self, on: date) -> tuple[Span, ...]:
        """The spans that open on local date `on`, in order, none touching another."""
        spans = self._known.get(on)
        if spans is None:
            if len(self._known) >= _CACHED_DATES:
                self._known.clear()
            spans = self._known[on] = tuple(self._find_spans(on))
        return spans

    def is_closed_on(self, on: date) -> bool:
        """Whether a closure covers the date, as different from a day that has no hours."""
        every = (*self._centre.closures, *(self._own.closures if self._own else ()))
        return any(closure.covers(on) for closure in every)

    def local_times(self, on: date) -> list[tuple[str, str]]:
        """The spans of a date as people read them: `[("09:30", "16:30")]`."""
        return [
            (self.local_time(opens_at), self.local_time(closes_at))
            for opens_at, closes_at in self.spans_on(on)
        ]

    def local_time(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%H:%M}"

    def not_open(self, name: str, now: datetime) -> str:
        """That what is called `name` is not open at `now`, and when it opens, for staff; empty when it is open."""
        standing = self.standing(now)
        if isinstance(standing, Open):
            return ""
        at = standing.opens_at
        if at is None:
            return f"{name} is not open now, and no opening is planned."
        on = self.local_date(at)
        day = "" if on == self.local_date(now) else f" on {on:%A} {on.day} {on:%B}"
        return f"{name} is not open now. It opens{day} at {self.local_time(at)}."

    def standing(self, now: datetime) -> Open | Closed:
        """Whether it is open at `now`, until when; or when it opens next and why it is closed."""
        stood = self._stood
        if stood is not None and stood[0] <= now < stood[1]:
            return stood[2]
        standing = self._find_standing(now)
        self._stood = (now, self._may_differ(now, standing), standing)
        return standing

    def _find_standing(self, now: datetime) -> Open | Closed:
        today = self.local_date(now)
        reason: Mapping[str, str] | None = None
        for days in range(-1, LOOK_AHEAD_DAYS + 1):
            on = today + days * _DAY
            for span in self.spans_on(on):
                if span.opens_at <= now < span.closes_at:
                    return Open(self._end_of(span))
                if now < span.opens_at:
                    return Closed(span.opens_at, reason)
            if reason is None and days >= 0:
                reason = self._reason_on(on, today)
        return Closed(None, reason)

    def next_change(self, now: datetime) -> datetime:
        """When `standing`, or what "today" means, may next differ: the moment to look again."""
        return self._may_differ(now, self.standing(now))

    def _may_differ(self, now: datetime, standing: Open | Closed) -> datetime:
        midnight = _instant(self.local_date(now) + _DAY, time(0), self._zone, late=False)
        change = standing.closes_at if isinstance(standing, Open) else standing.opens_at
        return midnight if change is None else min(change, midnight)

    def _end_of(self, span: Span) -> datetime:
        """Where the opening really ends when spans of two dates meet at midnight."""
        closes_at = span.closes_at
        for _ in range(LOOK_AHEAD_DAYS):
            on = self.local_date(closes_at)
            further = [
                each.closes_at for each in self.spans_on(on) if each.opens_at <= closes_at < each.closes_at
            ]
            if not further:
                break
            closes_at = max(further)
        return closes_at

    def _find_spans(self, on: date) -> Iterator[Span]:
        if self._own is None:
            yield from _merged(_spans(self._centre, on, self._zone))
            return
        if any(closure.covers(on) for closure in self._own.closures):
            return
        around = [
            span for day in (on - _DAY, on, on + _DAY) for span in _spans(self._centre, day, self._zone)
        ]
        if not self._own.usual and not any(special.held_on == on for special in self._own.special):
            yield from _merged(_spans(self._centre, on, self._zone))
        else:
            yield from _merged(_common(_spans(self._own, on, self._zone), around))

    def _reason_on(self, on: date, today: date) -> Mapping[str, str] | None:
        for hours in (self._own, self._centre):
            for closure in hours.closures if hours else ():
                if closure.covers(on) and (on == today or self._takes_away(closure, on)):
                    return closure.reason
        return None

    def _takes_away(self, closure: Closure, on: date) -> bool:
        """Whether, but for closures, there would be an opening on this date."""
        centre = Hours(self._centre.usual, self._centre.special)
        own = Hours(self._own.usual, self._own.special) if self._own else None
        return bool(Timetable(self._zone.key, centre, own).spans_on(on))


def _spans(hours: Hours, on: date, zone: ZoneInfo) -> list[Span]:
    if any(closure.covers(on) for closure in hours.closures):
        return []
    said = [(each.opens, each.closes) for each in hours.special if each.held_on == on]
    said = said or [(each.opens, each.closes) for each in hours.usual if each.holds(on)]
    spans = []
    for opens, closes in said:
        span = span_on(on, opens, closes, zone)
        if span is not None:
            spans.append(span)
    return spans


def span_on(on: date, opens: time, closes: time, zone: ZoneInfo) -> Span | None:
    """What local times mean on one date; None when nothing is left of them in the hour that is missing."""
    last_on = on if closes > opens else on + _DAY
    opens_at = _instant(on, opens, zone, late=False)
    closes_at = _instant(last_on, closes, zone, late=True)
    return Span(opens_at, closes_at) if opens_at < closes_at else None


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.opens_at <= merged[-1].closes_at:
            merged[-1] = Span(merged[-1].opens_at, max(merged[-1].closes_at, span.closes_at))
        else:
            merged.append(span)
    return merged


def _common(spans: Iterable[Span], others: Iterable[Span]) -> Iterator[Span]:
    others = list(others)
    for span in spans:
        for other in others:
            opens_at, closes_at = max(span.opens_at, other.opens_at), min(span.closes_at, other.closes_at)
            if opens_at < closes_at:
                yield Span(opens_at, closes_at)


def midnight(on: date, zone: ZoneInfo) -> datetime:
    """When local date `on` begins; where the clock skips midnight, the moment it moves. UTC."""
    return _instant(on, time(0), zone, late=False)


def _instant(on: date, at: time, zone: ZoneInfo, *, late: bool) -> datetime:
    """The instant a local time means: its second showing if `late`; the moment of the change if it never
    shows.
    """
    local = datetime.combine(on, at, tzinfo=zone)
    first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return second if late else first
    # In the missing hour `second` lies before the change and `first` after it, by as much as the clock moves.
    return _change_between(second, first, zone)


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The whole second at which the zone's offset changes, by halving."""
    offset = before.astimezone(zone).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)
