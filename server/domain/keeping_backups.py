"""Which backups are kept, and which go. Pure.

A backup holds what has been erased since, so it must not live long: whoever asked to be forgotten would be remembered by it. So nothing lives longer than
`most_days` whatever else is said, and that number stands in the council's papers (docs/privacy.md). Within it the newest of each of the last hours, days,
weeks and months is kept: yesterday's mistake is mended from an hour ago, one that was noticed late from weeks ago.

An hour, day, week or month is counted in UTC: what is kept must not depend on where somebody reads the clock. The newest backup of all is never let go,
old or not: a house whose backups fail has that one only, and is told so every minute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Keep:
    hours: int = 24
    days: int = 14
    weeks: int = 5
    months: int = 0
    most_days: int = 35


USUAL = Keep()

_WAYS: tuple[tuple[str, Callable[[datetime], tuple[int, ...]]], ...] = (
    ("hours", lambda at: (at.year, at.month, at.day, at.hour)),
    ("days", lambda at: (at.year, at.month, at.day)),
    ("weeks", lambda at: tuple(at.isocalendar()[:2])),
    ("months", lambda at: (at.year, at.month)),
)


def read_keep(text: str, most_days: int) -> Keep:
    """`24 14 5 0`: hours, days, weeks, months. Raises ValueError with a sentence."""
    if not re.fullmatch(r"\d{1,3} \d{1,3} \d{1,3} \d{1,3}", text):
        raise ValueError(
            "write how many hourly, daily, weekly and monthly backups to keep, such as 24 14 5 0"
        )
    hours, days, weeks, months = map(int, text.split())
    return Keep(hours, days, weeks, months, most_days)


def to_keep(made: Mapping[T, datetime], now: datetime, keep: Keep = USUAL) -> frozenset[T]:
    """Of backups by when each was made, those that stay. The last `keep.hours` hours in which there was one, and so on: a server that was off for a
    week loses none of what it has to the calendar, only to `most_days`."""
    newest_first = sorted(made, key=lambda each: made[each], reverse=True)
    young = [each for each in newest_first if now - made[each] <= timedelta(days=keep.most_days)]
    kept: set[T] = set(newest_first[:1])
    for name, span_of in _WAYS:
        spans = {each: span_of(made[each]) for each in young}
        kept |= _newest_of_each(young, spans, getattr(keep, name))
    return frozenset(kept)


def _newest_of_each(newest_first: Iterable[T], spans: Mapping[T, tuple[int, ...]], most: int) -> set[T]:
    found: dict[tuple[int, ...], T] = {}
    for each in newest_first:
        if spans[each] not in found:
            if len(found) >= most:
                break
            found[spans[each]] = each
    return set(found.values())
