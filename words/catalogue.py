"""Says a sentence in a visitor's language.

`say` never fails on a public screen: a sentence missing in a language is said in English, one missing there
too is said as nothing, a value not given is left out. That would hide mistakes, so they are found elsewhere:
`words.check` compares the tables in CI, and `Catalogue(folder, strict=True)`, which tests use, raises on any
of them.

Codes and times must read left to right in a right-to-left sentence ("K07", "14:30"): wrap them with
`isolate`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from words.plurals import category
from words.tables import PLACEHOLDER, Sentence, Table, read_folder

FALLBACK = "en"
LOCALE_FOLDER = Path(__file__).resolve().parent.parent / "locale"

LEFT_TO_RIGHT_ISOLATE = "\u2066"
POP_DIRECTIONAL_ISOLATE = "\u2069"

_log = logging.getLogger(__name__)


@cache
def _house() -> Mapping[str, Table]:
    """The house's own sentences, read once: each copy is a megabyte, and eight parts of the server have a catalogue."""
    return read_folder(LOCALE_FOLDER)


def isolate(text: str) -> str:
    """`text` between LRI and PDI: stays left to right and does not disturb the words around it (UAX #9)."""
    return f"{LEFT_TO_RIGHT_ISOLATE}{text}{POP_DIRECTIONAL_ISOLATE}"


class Catalogue:
    """All sentences of a `locale/` folder. Immutable once read; safe to share between threads."""

    def __init__(self, folder: Path = LOCALE_FOLDER, *, strict: bool = False) -> None:
        self._tables: Mapping[str, Table] = _house() if folder == LOCALE_FOLDER else read_folder(folder)
        self._strict = strict
        if FALLBACK not in self._tables:
            raise FileNotFoundError(f"There is no {FALLBACK}.toml in {folder}.")

    def languages(self) -> tuple[str, ...]:
        """Codes of the languages there is a table for, English first."""
        return tuple(self._tables)

    def keys(self) -> frozenset[str]:
        """Every key of the English table, which is the measure for the others."""
        return frozenset(self._tables[FALLBACK].sentences)

    def name(self, language: str) -> str:
        """The language's own name for itself, in its script: "ગુજરાતી"."""
        return self._table(language).name

    def direction(self, language: str) -> Literal["ltr", "rtl"]:
        return self._table(language).direction

    def is_checked(self, language: str) -> bool:
        """Whether a native reader has checked this language's sentences."""
        return bool(self._table(language).checked_by)

    def has(self, key: str) -> bool:
        return key in self._tables[FALLBACK].sentences

    def say(self, language: str, key: str, **values: object) -> str:
        """The sentence `key` in `language` with its placeholders filled; `count` also chooses the plural
        form.
        """
        table = self._table(language)
        sentence = table.sentences.get(key)
        if sentence is None and table.language != FALLBACK:
            self._missed(f"'{key}' is not in {language}.toml")
            table = self._tables[FALLBACK]
            sentence = table.sentences.get(key)
        if sentence is None:
            self._missed(f"'{key}' is not in the catalogue")
            return ""
        return self._fill(self._form(table.language, key, sentence, values), key, values)

    def export(self, language: str) -> dict[str, object]:
        """One language for JavaScript, English filled in where it has none: `Intl.PluralRules(language)`
        picks the form.
        """
        own = self._table(language)
        sentences: dict[str, Sentence] = {**self._tables[FALLBACK].sentences, **own.sentences}
        return {
            "language": own.language,
            "name": own.name,
            "direction": own.direction,
            "sentences": {
                key: value if isinstance(value, str) else dict(value) for key, value in sentences.items()
            },
        }

    def _table(self, language: str) -> Table:
        return self._tables.get(str(language), self._tables[FALLBACK])

    def _form(self, language: str, key: str, sentence: Sentence, values: Mapping[str, object]) -> str:
        if isinstance(sentence, str):
            return sentence
        count = values.get("count")
        if not isinstance(count, int):
            self._missed(f"'{key}' needs a count")
            return sentence["other"]
        return sentence.get(category(language, count), sentence["other"])

    def _fill(self, text: str, key: str, values: Mapping[str, object]) -> str:
        if "{" not in text:
            return text

        def value_of(name: str) -> str:
            if name not in values:
                self._missed(f"'{key}' was said without {{{name}}}")
                return ""
            return str(values[name])

        return PLACEHOLDER.sub(lambda match: value_of(match[1]), text)

    def _missed(self, what: str) -> None:
        if self._strict:
            raise LookupError(what)
        _log.warning("A sentence could not be said as written: %s.", what)
