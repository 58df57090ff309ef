"""The shape of `locale/<language>.toml`: how a table of sentences is read.

A file has a `[meta]` table (`name` in its own script, `direction`, `checked_by`) and tables of sentences.
Keys are flattened with dots: `[start] welcome = "..."` is `start.welcome`. A sentence is a string, or a table
whose keys are all CLDR plural categories with `other` among them; it is then chosen by `count`. Placeholders
are `{name}`; there is no other markup.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from words.plurals import CATEGORIES

Sentence = str | Mapping[str, str]
"""Plain, or by plural category."""

PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_CATEGORIES = frozenset(CATEGORIES)


@dataclass(frozen=True)
class Table:
    """One language's sentences. `checked_by` empty means that no native reader has checked them."""

    language: str
    name: str
    direction: Literal["ltr", "rtl"]
    checked_by: str
    sentences: Mapping[str, Sentence] = field(default_factory=dict)
    not_text: tuple[str, ...] = ()
    """Keys whose value is neither a sentence nor a table of them."""


def is_counted(value: object) -> bool:
    """Whether a TOML value is one sentence in several plural forms."""
    return (
        isinstance(value, Mapping)
        and "other" in value
        and value.keys() <= _CATEGORIES
        and all(isinstance(form, str) for form in value.values())
    )


def _flatten(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and not is_counted(value):
            yield from _flatten(value, f"{path}.")
        else:
            yield path, value


def read_table(language: str, text: str) -> Table:
    """Read one language's file; raises `tomllib.TOMLDecodeError` (with the line) when it is not TOML."""
    raw = tomllib.loads(text)
    meta = raw.pop("meta", {})
    meta = meta if isinstance(meta, Mapping) else {}
    flat = dict(_flatten(raw, ""))
    return Table(
        language=language,
        name=str(meta.get("name", language)),
        direction="rtl" if meta.get("direction") == "rtl" else "ltr",
        checked_by=str(meta.get("checked_by", "")),
        sentences={key: value for key, value in flat.items() if isinstance(value, str) or is_counted(value)},
        not_text=tuple(
            key for key, value in flat.items() if not (isinstance(value, str) or is_counted(value))
        ),
    )


def read_folder(folder: Path) -> dict[str, Table]:
    """Every `<language>.toml` in `folder`, English first, then by code."""
    files = sorted(folder.glob("*.toml"), key=lambda file: (file.stem != "en", file.stem))
    return {file.stem: read_table(file.stem, file.read_text(encoding="utf-8")) for file in files}


def forms(sentence: Sentence) -> Mapping[str, str]:
    """A sentence as its plural forms; a plain one has only `other`."""
    return {"other": sentence} if isinstance(sentence, str) else sentence


def placeholders(text: str) -> frozenset[str]:
    return frozenset(PLACEHOLDER.findall(text))
