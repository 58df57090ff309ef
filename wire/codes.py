"""Ticket codes, and when an issuing point may start again at 1.

A code is the point's letter and its number of the day, at least two digits: K07, K99, K100. What must never
be is the same code twice in one real day: two people would stand up. A kiosk numbers by itself, and its
calendar may lie (no battery, years off, put right in mid-morning), so the calendar alone never restarts the
numbers. They restart on a later date only if

* both that date and the last ticket's are *sure*: read from the server's clock, and carried on by the
  machine's steady clock for as long as it runs; or
* the steady clock, which no one can set, has run `NIGHT_SECONDS` since the last ticket. Centres are open
  for less than that, so two tickets so far apart are not of one opening; and the calendar has to agree.

Why this suffices: in the first case the two dates are the real ones and differ. In the second the two tickets
lie on both sides of a night. In every other case the number goes on from the last, so a clock that jumps
back, forth or years ahead can only ever make numbers larger than need be, for a day. Nothing here guards
against a server whose own clock jumps to another day and back.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from wire.vocabulary import CODE_LETTERS

NIGHT_SECONDS = 12 * 3600
LARGEST_NUMBER = 99_999


class Given(NamedTuple):
    """A number given, the local date it was given under, and whether that date is sure."""

    number: int
    on: date
    sure: bool = True


def next_number(
    last: Given | None,
    today: date,
    *,
    sure: bool = True,
    idle_seconds: float | None = None,
    known_to_server: int = 0,
) -> Given:
    """The number after `last` (None: the point has never given one).

    `sure` tells whether `today` comes from the server's clock; `idle_seconds` how long ago the last ticket
    was by the steady clock, None if the machine was started anew since. `known_to_server` is the highest
    number the server has for this letter on `today`: it keeps a point that lost its journal from beginning
    again.
    """
    if last is None or _is_new_day(last, today, sure, idle_seconds):
        return Given(known_to_server + 1, today, sure)
    number = max(last.number, known_to_server) + 1
    if sure:
        return Given(number, today)
    return Given(number, max(last.on, today), sure=False)


def _is_new_day(last: Given, today: date, sure: bool, idle_seconds: float | None) -> bool:
    if today <= last.on:
        return False
    return (sure and last.sure) or (idle_seconds is not None and idle_seconds >= NIGHT_SECONDS)


def write_code(letter: str, number: int) -> str:
    """`write_code("K", 7)` is "K07"; past 99 it widens, so a code is never cut short or used again."""
    if letter not in CODE_LETTERS or len(letter) != 1:
        raise ValueError(f"{letter!r} is not a letter that a code may start with")
    if not 1 <= number <= LARGEST_NUMBER:
        raise ValueError(f"{number} cannot be written in a code")
    return f"{letter}{number:02d}"


def read_code(text: str) -> tuple[str, int] | None:
    """Letter and number of a code as a person types it (" k 7", "K007"), or None when it is no code."""
    squeezed = "".join(text.split()).upper()
    letter, digits = squeezed[:1], squeezed[1:]
    if not letter or letter not in CODE_LETTERS or not digits.isascii() or not digits.isdigit():
        return None
    number = int(digits) if len(digits) <= 8 else 0
    return (letter, number) if 1 <= number <= LARGEST_NUMBER else None
