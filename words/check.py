"""What is wrong with the sentences of a `locale/` folder, in sentences; `python -m words.check` says them and
exits 1.

English is the measure. Every other language must have the same keys, the same placeholders, and for a counted
sentence every plural form that its grammar needs. Characters that no reader sees (controls, direction
overrides) are refused: they break shaping and can make a sentence read as another. Joiners are let through:
Indic scripts and Arabic need them.
"""

from __future__ import annotations

import sys
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from words.catalogue import FALLBACK, LOCALE_FOLDER
from words.plurals import categories_of
from words.tables import PLACEHOLDER, Sentence, Table, forms, placeholders, read_table

_JOINERS = "\u200c\u200d"


def check(folder: Path = LOCALE_FOLDER) -> list[str]:
    """Every problem found in `folder`, one sentence each, in the order of files and keys; empty when all is
    well.
    """
    problems: list[str] = []
    tables: dict[str, Table] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            tables[file.stem] = read_table(file.stem, file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{file.name} cannot be read: {error}.")
    english = tables.get(FALLBACK)
    if english is None:
        return [
            *problems,
            f"There is no readable {FALLBACK}.toml in {folder}; it is the measure for all others.",
        ]
    for table in tables.values():
        problems += (f"{table.language}.toml: {problem}" for problem in _check_table(table, english))
    return problems


def _check_table(table: Table, english: Table) -> Iterator[str]:
    if table.name == table.language:
        yield '[meta] needs the language\'s own name, as in name = "Polski".'
    for key in table.not_text:
        yield f"'{key}' is neither a sentence nor a table of sentences."
    for key in sorted(english.sentences.keys() - table.sentences.keys()):
        yield f"'{key}' is missing."
    for key in sorted(table.sentences.keys() - english.sentences.keys()):
        yield f"'{key}' is not in {FALLBACK}.toml: misspelt, or no longer used."
    for key, sentence in sorted(table.sentences.items()):
        yield from (f"'{key}' {problem}" for problem in _check_sentence(table.language, sentence))
        if key in english.sentences:
            yield from (f"'{key}' {problem}" for problem in _compare(sentence, english.sentences[key]))


def _check_sentence(language: str, sentence: Sentence) -> Iterator[str]:
    if not isinstance(sentence, str):
        needed = categories_of(language)
        for category in sorted(needed - sentence.keys()):
            yield f"needs the plural form '{category}'."
        for category in sorted(sentence.keys() - needed):
            yield f"has a plural form '{category}' that the language never uses."
    for text in forms(sentence).values():
        if not text.strip():
            yield "is empty."
        elif text != text.strip():
            yield "begins or ends with white space."
        if any(brace in PLACEHOLDER.sub("", text) for brace in "{}"):
            yield "has a brace that does not belong to a placeholder like {name}."
        for character in sorted({each for each in text if _is_unseen(each)}):
            name = unicodedata.name(character, "a control")
            yield f"has an unseen character U+{ord(character):04X} ({name})."


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character)[0] == "C" and character not in _JOINERS


def _compare(sentence: Sentence, english: Sentence) -> Iterator[str]:
    if isinstance(sentence, str) != isinstance(english, str):
        yield "must have plural forms in every language or in none."
    own = frozenset().union(*(placeholders(text) for text in forms(sentence).values()))
    measure = frozenset().union(*(placeholders(text) for text in forms(english).values()))
    for name in sorted(measure - own):
        yield f"leaves out {{{name}}}."
    for name in sorted(own - measure):
        yield f"has {{{name}}}, which {FALLBACK}.toml does not give."
    for category, text in sorted(forms(sentence).items()):
        for name in sorted(own & measure - placeholders(text) - {"count"}):
            yield f"leaves out {{{name}}} in the plural form '{category}'."


def unchecked(folder: Path = LOCALE_FOLDER) -> list[str]:
    """Codes of the languages that still need a native reader's check."""
    tables = (
        read_table(file.stem, file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.toml"))
    )
    return [table.language for table in tables if not table.checked_by and table.language != FALLBACK]


def main() -> int:
    problems = check()
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    waiting = unchecked()
    if waiting:
        sys.stdout.write(f"Needs a native reader's check: {', '.join(waiting)}.\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
