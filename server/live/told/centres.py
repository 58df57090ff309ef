"""What the page Centres tells: of each centre whose figures the reader may read, and of no other."""

from __future__ import annotations

from sqlalchemy import Connection

from server.domain import spans
from server.domain.asked import Asked
from server.domain.figure import Figure
from server.domain.spans import Span
from server.domain.sums import together
from server.domain.telling.centres import Centre, figures
from server.domain.telling.footfall import counted
from server.live.sums import read_series
from server.live.told.footfall import imports_of
from server.live.told.reading import offered_at


def read(connection: Connection, centre: int, asked: Asked) -> list[Figure]:
    passed = asked.passed
    if passed is None:
        return []
    beside = dict(asked.centres) or {centre: asked.centre_name}
    return figures(asked, [_centre(connection, each, name, asked, passed) for each, name in beside.items()])


def _centre(connection: Connection, centre: int, name: str, asked: Asked, passed: Span) -> Centre:
    parts = spans.parts(passed, spans.fitting(passed))
    before, *series = read_series(connection, centre, [asked.before, *parts], asked.now)
    imports = imports_of(connection, centre, min(asked.before.first, passed.first), asked.span.last)
    return Centre(
        name=name,
        now=counted(asked.span, together(series), imports),
        before=counted(asked.before, before, imports),
        parts=tuple(counted(span, each, imports) for span, each in zip(parts, series, strict=True)),
        offered=offered_at(connection, centre),
    )
