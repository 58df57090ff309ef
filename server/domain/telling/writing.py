"""Numbers and comparisons in words, the same on pages, in reports and in sentences. Pure.

Files hold the numbers themselves; this is for what people read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from server.domain.figure import Cell, Measure

DASH = "–"
MINUS = "−"
TENS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]


def written(cell: Cell, measure: Measure) -> str:
    """A cell as a reader sees it; a dash where there is nothing to tell."""
    if cell is None:
        return DASH
    if isinstance(cell, str):
        return cell
    if isinstance(cell, date):
        return day(cell)
    match measure:
        case Measure.SHARE:
            return share(cell)
        case Measure.CHANGE:
            return change(cell)
        case Measure.MINUTES:
            return f"{minutes(cell)} min"
        case Measure.NUMBER:
            return number(cell)
        case _:
            return count(cell)


def count(value: float) -> str:
    """`1,602`."""
    return f"{round(value):,}".replace("-", MINUS)


def number(value: float) -> str:
    """`3`, `2.5`, `1,204`."""
    return count(value) if value == round(value) or abs(value) >= 100 else f"{value:.1f}".replace("-", MINUS)


def minutes(value: float) -> str:
    """Without the unit: `7`, `6.4` below ten, for means."""
    return (f"{value:.0f}" if value == round(value) or abs(value) >= 10 else f"{value:.1f}").replace(
        "-", MINUS
    )


def share(value: float) -> str:
    """`36%`; what is neither nothing nor all is never written as such."""
    percent = value * 100
    if 0 < percent < 0.5:
        return "under 1%"
    if 99.5 <= percent < 100:
        return "over 99%"
    return f"{percent:.0f}%"


def change(value: float) -> str:
    """`+4%`, `−12%`, `0%`."""
    percent = round(value * 100)
    return f"{percent:+,d}%".replace("-", MINUS) if percent else "0%"


def day(on: date) -> str:
    """`24 November 2026`."""
    return f"{on.day} {on:%B %Y}"


def times(half_hour: int) -> str:
    """The half hour's beginning: 18 is `09:00`."""
    return f"{half_hour // 2:02d}:{half_hour % 2 * 30:02d}"


def small(value: int) -> str:
    """Small numbers in words, as a sentence begins with them: `Seven`; larger ones in figures."""
    return TENS[value].capitalize() if 0 <= value < len(TENS) else count(value)


def of_these(number: int, one: str, many: str) -> str:
    """`1 visit`, `1,602 visits`."""
    return f"{count(number)} {one if number == 1 else many}"


def compared(now: float, then: float | None, than: str) -> str:
    """`4% more than the quarter before`; empty where there is nothing to compare with."""
    if not then:
        return ""
    apart = round((now / then - 1) * 100)
    if apart == 0:
        return f"as many as {than}"
    if now >= 2 * then:
        times_as = now / then
        return f"{times_as:.0f} times as many as {than}" if times_as >= 2.5 else f"twice as many as {than}"
    return f"{abs(apart)}% {'more' if apart > 0 else 'fewer'} than {than}"


def difference(now: float, then: float | None) -> float | None:
    """The change as a share; None without anything to compare with."""
    return now / then - 1 if then else None


def part(share_of: float) -> str:
    """How people say a share: `more than a third`, `about half`, `nearly all`, `36%` where no plain word fits."""
    for low, high, words in _PARTS:
        if low <= share_of < high:
            return words
    return share(share_of)


_PARTS: Sequence[tuple[float, float, str]] = (
    (0.235, 0.265, "about a quarter"),
    (0.32, 0.34, "a third"),
    (0.34, 0.40, "more than a third"),
    (0.48, 0.52, "about half"),
    (0.52, 0.60, "more than half"),
    (0.65, 0.685, "two thirds"),
    (0.735, 0.765, "three quarters"),
    (0.97, 1.0, "nearly all"),
    (1.0, 1.01, "all"),
)


def together(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
