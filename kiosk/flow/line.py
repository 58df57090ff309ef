"""A sentence as data: which one of the catalogue, and what to put into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

Value = str | int | date | time
"""A `date` is said as its weekday, a `time` as 14:30 kept left to right; the screens do both, knowing the
script.
"""


@dataclass(frozen=True)
class Line:
    """`catalogue.say(language, key, **values)`."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)
