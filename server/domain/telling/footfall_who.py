"""For what and how they came: by service, by the door they were recorded through, by language, by access need. Pure.

By service nobody is singled out: `server.domain.telling.by_service` decides which lines there are, and of which times. Channel, language and need are of
visits with a ticket: a tap tells none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import TypeVar

from server.domain import spans, tallies
from server.domain.asked import Asked
from server.domain.figure import Bars, Column, Figure, Measure, Table
from server.domain.spans import Kind, Span
from server.domain.sums import Sums
from server.domain.telling.by_service import EVERYBODY, Line, lines
from server.domain.telling.compared import SERVICES_NEED_MONTHS, floats
from server.domain.telling.footfall import Footfall
from server.domain.telling.words import CHANNELS, LANGUAGES, NEEDS
from server.domain.telling.writing import count, of_these, part, share
from wire.vocabulary import Language

W = TypeVar("W", bound=StrEnum)


def by_service(told: Footfall) -> Figure:
    columns = (Column("service", "Service", Measure.TEXT), Column("sought", "Sought"))
    if not told.compared.tells_services:
        sentence = f"{SERVICES_NEED_MONTHS}{_months_near(told.asked)}"
        return Figure("by-service", "By service", sentence, Table(columns, ()), "services")
    compared = told.compared.of_services()
    rows = lines(compared.now, told.offered, _sought)
    total = _sought(EVERYBODY, compared.now)
    other = compared.first
    return Figure(
        slug="by-service",
        title="By service",
        definition="services",
        sentence=_service_sentence(rows, compared.now, total),
        table=Table(
            (*columns, Column("share", "Share", Measure.SHARE), *compared.columns("sought", "Sought")),
            tuple(
                (
                    line.name,
                    _sought(line, compared.now),
                    _sought(line, compared.now) / total,
                    *compared.cells(partial(_sought, line)),
                )
                for line in rows
            ),
            ("Together", total, 1.0, *compared.cells(lambda sums: _sought(EVERYBODY, sums)))
            if total
            else None,
        ),
        chart=Bars(
            tuple(line.name for line in rows),
            floats([_sought(line, compared.now) for line in rows]),
            other=floats([_sought(line, other.sums) for line in rows]) if other else (),
            names=("This time", other.title) if other else ("", ""),
        )
        if rows
        else None,
        notes=told.offered.named.notes(told.asked.span),
    )


def _months_near(asked: Asked) -> str:
    """Which whole months lie in it or around it."""
    months = tallies.whole_months(asked.span.first, asked.span.last, asked.today)
    if months is None:
        return ""
    span = Span(*months)
    alone = spans.span_of(Kind.MONTH, span.first)
    return f" Near this time: {spans.say(alone if alone.last == span.last else span)}."


def _sought(line: Line, sums: Sums) -> int:
    """Tickets, and help at the door by what it was about."""
    return line.count(sums, "service") + line.count(sums, "help")


def _service_sentence(rows: list[Line], sums: Sums, total: int) -> str:
    if not rows:
        return "Nobody took a ticket or was helped at the door."
    named = [line for line in rows if line.service is not None]
    if not named:
        return f"{of_these(total, 'need', 'needs')}, too few of each service to name them."
    first = _sought(named[0], sums)
    said = (
        f"{named[0].name} was sought most: {of_these(first, 'time', 'times')}, {part(first / total)} of all"
    )
    return (
        f"{said}; then {named[1].name}, {count(_sought(named[1], sums))}." if len(named) > 1 else f"{said}."
    )


def by_channel(told: Footfall) -> Figure:
    rows = _by_word(told, "channel", CHANNELS)
    known = sum(rows.values())
    name, most = next(iter(rows.items()), ("", 0))
    sentence = (
        f"{share(most / known)} of visits were recorded {name[0].lower()}{name[1:]}." if known else NONE
    )
    return _figure(told, "by-channel", "How they were recorded", "Recorded", "channels", rows, sentence)


def by_language(told: Footfall) -> Figure:
    rows = _by_word(told, "language", LANGUAGES)
    known = sum(rows.values())
    others = {name: number for name, number in rows.items() if name != LANGUAGES[Language.EN]}
    if not known:
        sentence = NONE
    elif not others:
        sentence = "Every visit was in English."
    else:
        name, most = next(iter(others.items()))
        sentence = f"{share(sum(others.values()) / known)} of visits were in another language than English, most of them in {name} ({count(most)})."
    return _figure(told, "by-language", "By language", "Language", "languages", rows, sentence)


def by_need(told: Footfall) -> Figure:
    rows = _by_word(told, "need", NEEDS)
    visits = told.now.sums.count("visits")
    if not rows:
        sentence = NONE if not visits else "No visitor told of an access need."
    else:
        name, most = next(iter(rows.items()))
        sentence = f"Told most often: {name[0].lower()}{name[1:]}, by {of_these(most, 'visit', 'visits')} of {count(visits)}."
    return _figure(told, "by-need", "By access need", "Need", "needs", rows, sentence)


NONE = "No visit with a ticket is known of this time."


def _by_word(told: Footfall, key: str, words: Mapping[W, str]) -> dict[str, int]:
    """Named, the largest first."""
    found = told.now.sums.by("visits", key)
    named = {label: found.get(word.value, 0) for word, label in words.items()}
    return dict(
        sorted(
            ((label, number) for label, number in named.items() if number),
            key=lambda each: (-each[1], each[0]),
        )
    )


def _figure(
    told: Footfall,
    slug: str,
    title: str,
    heading: str,
    definition: str,
    rows: Mapping[str, int],
    sentence: str,
) -> Figure:
    visits = told.now.sums.count("visits")
    return Figure(
        slug=slug,
        title=title,
        sentence=sentence,
        table=Table(
            (
                Column(slug.removeprefix("by-"), heading, Measure.TEXT),
                Column("visits", "Visits"),
                Column("share", "Share", Measure.SHARE),
            ),
            tuple((name, number, number / visits if visits else None) for name, number in rows.items()),
        ),
        definition=definition,
        chart=Bars(tuple(rows), floats(list(rows.values()))) if rows else None,
    )
