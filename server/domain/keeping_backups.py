"""Which backups are kept, and which go. Pure.

A backup holds what has been erased since, so it must not live long: whoever asked to be forgotten would be remembered by it. So nothing lives longer than
`most_days`, and that number stands in the council's papers (docs/privacy.md). Within it the newest of each of the last hours, days, weeks and months is kept:
yesterday's mistake is mended from an hour ago, one that was noticed late from weeks ago. They are counted in UTC: what is kept must not depend on where
somebody reads the clock.

Three things must never cost the house its way back. **Backups that are not good** (not compared, or damaged since) take no good one's place: they fill only
the spans that have none. **The newest good one** stays, however old. And **a clock that jumps** makes everything look too old, or newer than now; so does a
machine that was off for long. Age therefore counts only once the house has a good backup that is some days old by the clock as it is now (`SETTLED`): until
then what is out of its time stays, behind what is in it, and a wrong clock has that long to be noticed and mended.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

T = TypeVar("T")

SETTLED = timedelta(days=7)
"""Or half of what a backup may live, where that is less."""
AHEAD = timedelta(minutes=5)
"""That a backup may be from after now: a clock that was set right, not one that jumped."""


@dataclass(frozen=True)
class Keep:
    hours: int = 24
    days: int = 14
    weeks: int = 5
    months: int = 0
    most_days: int = 35


USUAL = Keep()


@dataclass(frozen=True)
class Kept:
    """A backup as the rule sees it."""

    made_at: datetime
    good: bool = True
    """It was restored elsewhere and compared, and nothing is known against it since."""


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


def is_ahead(made_at: datetime, now: datetime) -> bool:
    """From after now: the clock was wrong when it was made, or is."""
    return made_at - now > AHEAD


def in_order(made: Mapping[T, datetime], now: datetime) -> list[T]:
    """The newest first; behind them those from after now, of which nobody knows how old they are."""
    newest_first = sorted(made, key=lambda each: made[each], reverse=True)
    return sorted(newest_first, key=lambda each: is_ahead(made[each], now))


def to_keep(there: Mapping[T, Kept], now: datetime, keep: Keep = USUAL) -> frozenset[T]:
    """Those that stay. The last `keep.hours` hours in which there was one, and so on: a server that was off for a week loses none of what it has to the
    calendar, only to `most_days`."""
    most = timedelta(days=keep.most_days)
    order = in_order({each: kept.made_at for each, kept in there.items()}, now)
    in_time = {each for each in order if -AHEAD <= now - there[each].made_at <= most}
    proofs = {each for each in in_time if there[each].good} or in_time
    settled = any(now - there[each].made_at >= min(SETTLED, most / 2) for each in proofs)
    candidates = [each for each in order if each in in_time]
    if not settled:
        candidates += [each for each in order if each not in in_time]
    good = [each for each in candidates if there[each].good]
    doubtful = [each for each in candidates if not there[each].good]
    kept = {*order[:1], *[each for each in order if there[each].good][:1]}
    for name, span_of in _WAYS:
        most_spans = getattr(keep, name)
        spans = {each: span_of(there[each].made_at) for each in candidates}
        kept_here = _newest_of_each(good, spans, most_spans)
        taken = {spans[each] for each in kept_here}
        kept |= kept_here
        kept |= _newest_of_each([each for each in doubtful if spans[each] not in taken], spans, most_spans)
    return frozenset(kept)


def _newest_of_each(newest_first: Iterable[T], spans: Mapping[T, tuple[int, ...]], most: int) -> set[T]:
    found: dict[tuple[int, ...], T] = {}
    for each in newest_first:
        if spans[each] not in found:
            if len(found) >= most:
                break
            found[spans[each]] = each
    return set(found.values())
