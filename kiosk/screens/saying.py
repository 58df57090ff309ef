"""Turns the flow's lines and the feed's names into text in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

from kiosk.flow.model import Line
from kiosk.typeset import isolate
from words import Catalogue

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

NEAR_DAYS = 6
"""Up to so many days ahead a weekday alone says which day is meant."""


class Saying:
    """`today` tells near days, which are said as a weekday, from far ones, which need a date."""

    def __init__(self, catalogue: Catalogue, language: str, today: date | None = None) -> None:
        self._catalogue, self.language, self._today = catalogue, language, today

    def __call__(self, key: str, **values: object) -> str:
        return self._catalogue.say(
            self.language, key, **{name: self._value(value) for name, value in values.items()}
        )

    def line(self, line: Line | None) -> str:
        return self(line.key, **dict(line.values)) if line else ""

    def name(self, names: Mapping[str, str]) -> str:
        """A name out of the feed: in the visitor's language, else in English."""
        return names.get(self.language) or names.get("en") or ""

    def own_name(self, language: str) -> str:
        return self._catalogue.name(language)

    def _value(self, value: object) -> object:
        if isinstance(value, time):
            return isolate(value.strftime("%H:%M"))
        if isinstance(value, date):
            return self._day(value)
        return value

    def _day(self, day: date) -> str:
        weekday = self(f"day.{_DAYS[day.weekday()]}")
        if self._today is None or 0 <= (day - self._today).days <= NEAR_DAYS:
            return weekday
        return self("day.date", day=weekday, number=day.day, month=self(f"month.{_MONTHS[day.month - 1]}"))

    def in_language(self, language: str, key: str) -> str:
        return self._catalogue.say(language, key)
