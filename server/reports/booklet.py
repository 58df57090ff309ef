"""What a report holds before it is a file: chapters of figures of one time, for one or several centres, and what every file says of itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.domain import spans
from server.domain.definitions import DEFINITIONS, Definition
from server.domain.figure import Figure, Table
from server.domain.spans import Span


class Form(StrEnum):
    """As what kind of file."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True)
class Chapter:
    """The figures of one topic at one centre."""

    centre: str
    centre_slug: str
    topic: str
    """The topic's slug."""
    title: str
    figures: tuple[Figure, ...]
    finds: bool = True
    """Whether it says something of the whole time at this centre, as a first page of findings wants it."""


@dataclass(frozen=True)
class Booklet:
    """`made_at` is the wall's time where it was asked for. `public`: made for publication, small numbers hidden. `of`: the centres it is of, by slug and name, where its chapters do not tell."""

    title: str
    span: Span
    made_at: datetime
    chapters: tuple[Chapter, ...]
    public: bool = False
    notes: tuple[str, ...] = ()
    of: tuple[tuple[str, str], ...] = ()

    @property
    def when(self) -> str:
        """The span in words, with a capital."""
        words = spans.say(self.span)
        return words[:1].upper() + words[1:]

    @property
    def centres(self) -> tuple[str, ...]:
        """In the order of the chapters, each once."""
        return tuple(dict.fromkeys(name for _, name in self._of))

    @property
    def _of(self) -> tuple[tuple[str, str], ...]:
        return self.of or tuple((each.centre_slug, each.centre) for each in self.chapters)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """Those of its figures, in the glossary's order."""
        used = {figure.definition for chapter in self.chapters for figure in chapter.figures}
        return tuple(each for slug, each in DEFINITIONS.items() if slug in used)

    @property
    def stem(self) -> str:
        """The name of its file, without the ending: `figures-york-house-2023-01-01-to-2023-03-31`."""
        slugs = list(dict.fromkeys(slug for slug, _ in self._of))
        of = slugs[0] if len(slugs) == 1 else f"{len(slugs)}-centres"
        topics = list(dict.fromkeys(each.topic for each in self.chapters))
        about = topics[0] if len(topics) == 1 else "figures"
        name = f"{about}-{of}-{self.span.first.isoformat()}-to-{self.span.last.isoformat()}"
        return re.sub(r"[^a-z0-9-]+", "-", name.lower())[:100]

    def tables(self) -> Iterator[tuple[Chapter, Figure, Table, str]]:
        """Every table with the name of its file or sheet, which no other has."""
        taken: set[str] = set()
        for chapter in self.chapters:
            for figure in chapter.figures:
                for number, table in enumerate((figure.table, *figure.also), start=1):
                    name = f"{chapter.centre_slug}/{chapter.topic}/{figure.slug}"
                    name += f"-{number}" if number > 1 else ""
                    while name in taken:
                        name += "-more"
                    taken.add(name)
                    yield chapter, figure, table, name


@dataclass(frozen=True)
class Made:
    """A file that is ready."""

    name: str
    media_type: str
    body: bytes
