"""Times as the sentences about appointments say them: the local clock, weekday first, no year unless it is another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from server.clock import from_micros


def clock_time(micros: int, zone: ZoneInfo) -> str:
    return f"{from_micros(micros).astimezone(zone):%H:%M}"


def day(on: date) -> str:
    return f"{on:%A} {on.day} {on:%B}"


def moment(micros: int, zone: ZoneInfo) -> str:
    """Such as "Tuesday 24 November at 10:30"."""
    local = from_micros(micros).astimezone(zone)
    return f"{day(local.date())} at {local:%H:%M}"


def listed(words: Sequence[str]) -> str:
    """Joined as one says it: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def in_hours(hours: int) -> str:
    if hours % 24 == 0 and hours:
        days = hours // 24
        return "a day" if days == 1 else f"{days} days"
    return "an hour" if hours == 1 else f"{hours} hours"
