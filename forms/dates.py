"""Dates as people type them, in three fields or one: what is wrong is named, "February 2026 has only 28 days", not "invalid date".

The day comes first, as everybody here writes it, and is never swapped with the month by guessing. A month may be a word of any language we speak.
The year has four digits: 26 may be 1926 for a birthday.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from forms.form import Day
from forms.signs import plain_signs
from forms.wrong import Wrong
from words import Catalogue

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
FIRST_YEAR, LAST_YEAR = 1890, 2150


@cache
def catalogue() -> Catalogue:
    """Read once a process: names of months are judged by it, and sentences said by it (`forms.saying`)."""
    return Catalogue()


@cache
def _months() -> Mapping[str, int]:
    found = {
        catalogue().say(language, f"month.{month}").casefold(): number
        for language in catalogue().languages()
        for number, month in enumerate(MONTHS, 1)
    }
    return {**found, **{month[:3]: number for number, month in enumerate(MONTHS, 1)}, "sept": 9}


def read_date(typed: str | Mapping[str, str]) -> date | Wrong | None:
    """None when nothing is typed."""
    parts = _parts(typed)
    if isinstance(parts, Wrong) or parts is None:
        return parts
    day, month, year = parts
    missing = [name for name, part in (("day", day), ("month", month), ("year", year)) if not part]
    if missing:
        return Wrong(f"date_{missing[0]}_missing") if len(missing) == 1 else Wrong("date_part")
    named = _months().get(month.casefold().rstrip("."))
    if named is not None:
        month = str(named)
    if not all(part.isascii() and part.isdigit() for part in (day, month, year)):
        return Wrong("date_numbers")
    return _of(int(day[:9]), int(month[:9]), year)


def _of(day: int, month: int, year_text: str) -> date | Wrong:
    if len(year_text) != 4:
        return Wrong("date_year_four")
    year = int(year_text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Wrong("date_year")
    if not 1 <= month <= 12:
        return Wrong("date_month")
    days = monthrange(year, month)[1]
    if not 1 <= day <= 31:
        return Wrong("date_day")
    if day > days:
        return Wrong("date_days", {"month": month, "year": str(year), "days": days})
    return date(year, month, day)


def _parts(typed: str | Mapping[str, str]) -> tuple[str, str, str] | Wrong | None:
    if isinstance(typed, str):
        plain = plain_signs(typed[:60])
        if not plain:
            return None
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", plain):
            return found[3], found[2], found[1]
        parts = [part for part in re.split(r"[\s/.,-]+", plain) if part]
        return (parts[0], parts[1], parts[2]) if len(parts) == 3 else Wrong("date_part")
    given = [typed.get(name, "") for name in ("day", "month", "year")]
    plain_parts = [plain_signs(part[:40]) if isinstance(part, str) else "" for part in given]
    return (plain_parts[0], plain_parts[1], plain_parts[2]) if any(plain_parts) else None


def on(limit: Day, today: date) -> date:
    """The day that a limit means today; 29 February less a year is the 28th."""
    if limit.fixed:
        return date.fromisoformat(limit.fixed)
    year = min(max(today.year + limit.years, 1), 9999)
    day = min(today.day, monthrange(year, today.month)[1])
    try:
        return date(year, today.month, day) + timedelta(days=limit.days)
    except OverflowError:
        return date.max if limit.days > 0 else date.min


def limits(found: date, earliest: Day | None, latest: Day | None, today: date) -> Wrong | None:
    """Whether a date is too early or too late."""
    if earliest is not None and found < on(earliest, today):
        if earliest == Day():
            return Wrong("date_past")
        return Wrong("date_early", {"date": on(earliest, today)})
    if latest is not None and found > on(latest, today):
        if latest == Day():
            return Wrong("date_future")
        return Wrong("date_late", {"date": on(latest, today)})
    return None
