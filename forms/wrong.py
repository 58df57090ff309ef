"""What is wrong with an answer: a word, and what the sentence about it names. The sentence is `wrong.<word>` in the catalogue, filled by
`forms.saying.sentence`: a `date` becomes a date in words, `month` a month's name, `Words` the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Wrong:
    """`values` never hold what the visitor typed. A number called `count` also chooses the plural form."""

    word: str
    values: Mapping[str, int | str | date | Mapping[str, str]] = field(default_factory=dict)
