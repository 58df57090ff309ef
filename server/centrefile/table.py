"""A cursor over one table of the file: takes its keys one by one and notes every mistake with its line.

A getter never fails: it notes what is wrong and returns something of the right type, so that the reading goes
on and all mistakes are told at once. A plan is made only when there were none. `close` notes the keys nobody
asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

from server.centrefile.lines import Path
from wire.asks import clean_text
from wire.vocabulary import Language

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
E = TypeVar("E", bound=StrEnum)

EMPTY = "Fill this in."
NO_ENGLISH = "Fill this in, in English at least: it is shown where another language has no words."
NO_TIME = "Write a time of the day in 24 hours, as in 09:30."
NO_DATE = "Write a date with day, month and year."


@dataclass(frozen=True)
class Fault:
    """The same for a form: which value, by its path in the centre's document, and a sentence that knows nothing of files."""

    path: Path
    say: str


@dataclass(frozen=True, order=True)
class Mistake:
    """What is wrong, in a plain sentence, and on which line of the file."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"


class Notebook:
    """The mistakes noted so far, and where each path stands."""

    def __init__(self, lines: Mapping[Path, int]) -> None:
        self._lines = lines
        self.mistakes: list[Mistake] = []
        self.faults: list[Fault] = []

    def line_of(self, path: Path) -> int:
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def note(self, path: Path, reason: str, plain: str = "") -> None:
        """`plain` is the reason for who fills in a form; by default the same."""
        self.mistakes.append(Mistake(self.line_of(path), reason))
        self.faults.append(Fault(path, plain or reason))


class Table:
    def __init__(self, values: Mapping[str, Any], path: Path, notebook: Notebook) -> None:
        self._values = values
        self._taken: set[str] = set()
        self.path = path
        self.notebook = notebook

    def note(self, reason: str, *keys: str | int, plain: str = "") -> None:
        self.notebook.note((*self.path, *keys), reason, plain)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def _take(self, key: str) -> Any:
        self._taken.add(key)
        return self._values.get(key)

    def close(self) -> None:
        """Notes what is in the table and was not asked for."""
        for key in self._values:
            if key not in self._taken:
                near = get_close_matches(key, self._taken, 1)
                hint = f" Did you mean '{near[0]}'?" if near else ""
                self.note(f"'{key}' is not something this file can say here.{hint}", key)

    # One kind of value each -----------------------------------------------------------------------

    def text(self, key: str, *, most: int, default: str | None = None) -> str:
        value = self._take(key)
        if value is None:
            if default is None:
                self.note(f"'{key}' is missing here.", key, plain=EMPTY)
            return default or ""
        if not isinstance(value, str):
            self.note(f"'{key}' must be text between quotes.", key)
            return ""
        return self._fit(value, most, key, key, allow_empty=default is not None)

    def _fit(self, value: str, most: int, said: str, *keys: str | int, allow_empty: bool = False) -> str:
        if not value.strip() and not allow_empty:
            self.note(f"'{said}' is empty.", *keys, plain=EMPTY)
        elif value != clean_text(value):
            why = "has a character that cannot be seen, a line break or a needless space"
            self.note(
                f"'{said}' {why}. Write it again by hand.",
                *keys,
                plain=f"This {why}. Write it again by hand.",
            )
        elif len(value) > most:
            self.note(
                f"'{said}' has {len(value)} characters; at most {most} fit.",
                *keys,
                plain=f"This has {len(value)} characters; at most {most} fit. Make it shorter.",
            )
        return value

    def slug(self, key: str = "slug") -> str:
        value = self.text(key, most=40)
        if value and not _SLUG.fullmatch(value):
            why = "may have small letters, digits and hyphens only, and begins with a letter"
            self.note(f"'{key}' {why}, as in 'council-tax'.", key)
        return value

    def words(self, key: str, languages: Sequence[str], *, most: int, needed: bool = True) -> dict[str, str]:
        """A text in several languages; English must be there."""
        value = self._take(key)
        if value is None:
            if needed:
                self.note(
                    f"'{key}' is missing here. It needs at least English: {key}.en = \"...\"",
                    key,
                    "en",
                    plain=NO_ENGLISH,
                )
            return {}
        if not isinstance(value, dict):
            self.note(f"'{key}' must name its language, as in {key}.en = \"...\"", key)
            return {}
        return self._in_languages(value, languages, most, key, key)

    def all_words(self, languages: Sequence[str], *, most: int) -> dict[str, str]:
        """The whole table as one text in several languages, such as `en = "Proof of address"`."""
        self._taken.update(self._values)
        said = next((each for each in reversed(self.path) if isinstance(each, str)), "")
        return self._in_languages(self._values, languages, most, said)

    def _in_languages(
        self, value: Mapping[str, Any], languages: Sequence[str], most: int, said: str, *keys: str | int
    ) -> dict[str, str]:
        for language in value:
            if language not in languages and language not in set(Language):
                self.note(f"'{said}.{language}' is not a language that Foyer knows.", *keys, language)
        if "en" not in value:
            hint = f"{said}.en" if keys else "en"
            self.note(f"'{said}' has no English. Add {hint} = \"...\"", *keys, "en", plain=NO_ENGLISH)
        words = {}
        for language, text in value.items():
            if isinstance(text, str):
                words[language] = self._fit(text, most, f"{said}.{language}", *keys, language)
            else:
                self.note(f"'{said}.{language}' must be text between quotes.", *keys, language)
        return words

    def texts(self, key: str, *, most: int) -> tuple[str, ...]:
        return tuple(
            self._fit(value, most, key, key, index)
            for index, value in self._items(key)
            if self._is_text(value, key, index)
        )

    def _is_text(self, value: Any, key: str, index: int) -> bool:
        if not isinstance(value, str):
            self.note(f"Each of '{key}' must be text between quotes.", key, index)
        return isinstance(value, str)

    def _items(self, key: str) -> Iterator[tuple[int, Any]]:
        value = self._take(key)
        if value is not None and not isinstance(value, list):
            self.note(f'\'{key}\' must be a list, as in {key} = ["...", "..."]', key)
            return
        yield from enumerate(value or ())

    def flag(self, key: str, default: bool) -> bool:
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.note(f"'{key}' must be true or false, without quotes.", key)
            return default
        return value

    def whole(self, key: str, low: int, high: int, default: int) -> int:
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.note(
                f"'{key}' must be a whole number from {low} to {high}, without quotes.",
                key,
                plain=f"Write a whole number from {low} to {high}.",
            )
            return default
        return value

    def one_of(self, key: str, options: type[E], default: E) -> E:
        value = self._take(key)
        return default if value is None else self._option(value, options, default, key, key)

    def some_of(self, key: str, options: type[E], default: E) -> tuple[E, ...]:
        return tuple(
            self._option(value, options, default, key, key, index) for index, value in self._items(key)
        )

    def _option(self, value: Any, options: type[E], default: E, said: str, *keys: str | int) -> E:
        try:
            return options(value)
        except ValueError:
            self.note(
                f"'{said}' cannot be {_shown(value)}. It can be {_listed(options)}.",
                *keys,
                plain="Choose one of the list.",
            )
            return default

    def named(self, key: str, options: Sequence[str], default: str) -> str:
        value = self._take(key)
        if value is None:
            return default
        if value not in options:
            near = get_close_matches(str(value), options, 1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            self.note(
                f"'{key}' cannot be {_shown(value)}.{hint} It can be {_listed(options)}.",
                key,
                plain="Choose one of the list.",
            )
            return default
        return str(value)

    def time(self, key: str) -> time:
        value = self._take(key)
        if value is None:
            self.note(f"'{key}' is missing here, as in {key} = \"09:30\"", key, plain=NO_TIME)
        elif (
            isinstance(value, time)
            and value.tzinfo is None
            and value == value.replace(second=0, microsecond=0)
        ):
            return value
        elif isinstance(value, str) and (match := _TIME.fullmatch(value)):
            return time(int(match[1]), int(match[2]))
        else:
            self.note(f"'{key}' must be a time of the day in 24 hours, as in \"09:30\".", key, plain=NO_TIME)
        return time(0)

    def date(self, key: str, *, needed: bool = True) -> date | None:
        value = self._take(key)
        if value is None:
            if needed:
                self.note(f"'{key}' is missing here, as in {key} = 2026-12-24", key, plain=NO_DATE)
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self.note(f"'{key}' must be a date, as in 2026-12-24, without quotes.", key, plain=NO_DATE)
        return None

    def languages(self, key: str = "languages") -> tuple[str, ...]:
        value = self.some_of(key, Language, Language.EN)
        raw = self._values.get(key)
        if Language.EN not in value:
            self.note(
                f"'{key}' must have \"en\" among them.",
                key,
                plain="English must stay: it is shown where another language has no words.",
            )
        if isinstance(raw, list) and any(raw.count(each) > 1 for each in raw):
            self.note(f"'{key}' names a language twice.", key)
        return tuple(language.value for language in value)

    def slugs(self, key: str, *, most: int) -> tuple[str, ...]:
        """Names of other things of the file; whether they are there is for who knows them."""
        found = tuple(value for value in self.texts(key, most=40))
        if len(found) > most:
            self.note(f"'{key}' may name at most {most}.", key)
        return found

    def some_named(self, key: str, options: Sequence[str]) -> tuple[str, ...]:
        found = []
        for index, value in self._items(key):
            if value in options:
                found.append(str(value))
            else:
                why = f"'{key}' cannot be {_shown(value)}. It can be {_listed(options)}."
                self.note(why, key, index, plain="Choose one of the list.")
        return tuple(dict.fromkeys(found))

    def wholes(self, key: str, low: int, high: int, *, most: int) -> tuple[int, ...]:
        found = []
        for index, value in self._items(key):
            if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
                found.append(value)
            else:
                self.note(
                    f"Each of '{key}' must be a whole number from {low} to {high}, without quotes.",
                    *(key, index),
                    plain=f"Write whole numbers from {low} to {high}.",
                )
        if len(found) > most:
            self.note(f"'{key}' may have at most {most} numbers.", key, plain=f"At most {most} fit.")
        return tuple(found)

    def table(self, key: str) -> Table | None:
        """The one table under `[key]`; the caller closes it."""
        value = self._take(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.note(f"'{key}' must stand as [{'.'.join(self._names(key))}], once.", key)
            return None
        return Table(value, (*self.path, key), self.notebook)

    def tables(self, key: str) -> Iterator[Table]:
        """The tables under `[[key]]`, in their order; the caller closes each."""
        value = self._take(key)
        if value is None:
            return
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.note(f"'{key}' must stand as [[{'.'.join(self._names(key))}]], once for each.", key)
            return
        for index, each in enumerate(value):
            yield Table(each, (*self.path, key, index), self.notebook)

    def _names(self, key: str) -> list[str]:
        return [each for each in (*self.path, key) if isinstance(each, str)]


def _shown(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else "what it is here"


def _listed(options: Any) -> str:
    names = [f"'{each}'" for each in options]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
