"""Which desks the roster has open from now on, for the wait estimate and the page of staffing.

One look-up by index (`ix_shift_day`) over three days: a shift of yesterday may run past midnight, and one of tomorrow may begin while somebody who came
tonight still waits. What is over by `now` is left out. A shift names services by slug, as the roster's file does; slugs that are no longer offered are passed
over, and a shift that is left with none is no desk for anybody. What local times mean on the days the clock is changed is said by `domain.hours`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from functools import lru_cache
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from server.clock import from_micros, to_micros
from server.domain.hours import span_on
from server.store.sql import Sql, Statement, document, iso_date

_SHIFTS = Statement(
    """SELECT held_on, begins, ends, services, staff_id FROM shift
    WHERE centre_id = :centre AND held_on >= :first AND held_on <= :last ORDER BY held_on, begins, ends, id"""
)
_DAY = timedelta(days=1)


class Offered(Protocol):
    """A service as the set-up holds it."""

    @property
    def id(self) -> int | None: ...
    @property
    def slug(self) -> str: ...
    @property
    def discreet(self) -> bool: ...


class Planned(NamedTuple):
    """One desk that the roster has open from `from_at` until just before `until_at` (microseconds), for `services` (ids). `staff` is
    who shall sit there, where the roster names an account: with it an open seat can be told to be this one."""

    services: frozenset[int]
    from_at: int
    until_at: int
    staff: int | None = None


def desks_planned(
    sql: Sql, centre: int, zone: str, services: Iterable[Offered], now: int
) -> tuple[Planned, ...]:
    """The desks planned at `centre` that are not over at `now`, by when they begin. Empty where nobody keeps a roster.

    `services` are those offered (`SetUp.offered`): a shift without services serves all of them but the discreet.
    """
    today = from_micros(now).astimezone(ZoneInfo(zone)).date()
    around = {
        "centre": centre,
        "first": (today - _DAY).isoformat(),
        "last": (today + _DAY).isoformat(),
    }
    records = sql.all(_SHIFTS, around)
    if not records:
        return ()
    by_slug = {each.slug: each.id for each in services if each.id is not None}
    usual = frozenset(each.id for each in services if each.id is not None and not each.discreet)
    found = []
    for held_on, begins, ends, slugs, staff in records:
        span = instants(iso_date(held_on), begins, ends, zone)
        if span is None or span[1] <= now:
            continue
        named = document(slugs)
        here = frozenset(by_slug[slug] for slug in named if slug in by_slug) if named else usual
        if here:
            found.append(Planned(here, *span, staff))
    return tuple(sorted(found, key=lambda each: (each.from_at, each.until_at)))


@lru_cache(maxsize=4096)
def instants(held_on: str, begins: str, ends: str, zone: str) -> tuple[int, int] | None:
    """From when until when a shift is, in microseconds; None when nothing is left of it in the hour that the clock skips."""
    span = span_on(
        date.fromisoformat(held_on), time.fromisoformat(begins), time.fromisoformat(ends), ZoneInfo(zone)
    )
    return None if span is None else (to_micros(span.opens_at), to_micros(span.closes_at))
