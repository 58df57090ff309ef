"""The first page of the figures, the glossary, and one figure as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from server.domain.definitions import DEFINITIONS
from server.domain.figure import Figure
from server.domain.refusals import Refused
from server.domain.spans import ONE_DAY, Kind, Span, span_of
from server.live.telling import TOPICS, Topic
from server.reports import as_csv
from server.web.gate import Guarded, house_of
from server.web.pages.figures.asked import asked_of
from server.web.render import page
from wire.vocabulary import RefusalCode

router = APIRouter()

GLANCE = {
    "footfall": ("over-time", "by-activity", "by-hour"),
    "waits": ("how-long", "what-became"),
    "why": ("one-visit", "avoidable"),
    "satisfaction": (),
}
"""Which figures of which topics are told on the first page, or their first. What takes long to work out (the forecast) is a page of its own."""
WEEK = timedelta(weeks=1)
TIMES = (
    ("Today", Kind.DAY, timedelta()),
    ("Yesterday", Kind.DAY, timedelta(days=1)),
    ("This week", Kind.WEEK, timedelta()),
    ("Last week", Kind.WEEK, timedelta(weeks=1)),
    ("This month", Kind.MONTH, timedelta()),
)


@dataclass(frozen=True)
class Glance:
    """The card of one topic."""

    topic: Topic
    figures: list[Figure]


NO_SUCH = "There is no such figure. Go back to the page and choose another."


@router.get("/figures")
async def overview_page(
    request: Request, caller: Guarded, kind: str = "", first: str = "", last: str = ""
) -> Response:
    """It opens on seven days that are over: the running week has nothing to tell on a Monday morning, and is never like the one before."""
    asked = await asked_of(request, caller, kind, first, last)
    latest = Span(asked.today - WEEK, asked.today - ONE_DAY)
    if not (kind or first or last):
        asked = await asked_of(
            request, caller, latest.kind, latest.first.isoformat(), latest.last.isoformat()
        )
    topics = [topic for slug in GLANCE if (topic := TOPICS.get(slug)) and topic.rule.lets_in(caller.actor)]

    def look(connection: Connection) -> list[Glance]:
        return [_glance(topic, topic.read(connection, asked.centre, asked)) for topic in topics]

    glances = await house_of(request).look(look) if asked.passed else []
    times = [("The last seven days", latest)]
    times += [(name, span_of(kind, asked.today - back)) for name, kind, back in TIMES]
    return page(request, "figures/overview.html", said=asked.said, asked=asked, glances=glances, times=times)


def _glance(topic: Topic, figures: Sequence[Figure]) -> Glance:
    """The figures of a topic that its card shows: those named, as far as there are some; the first of them with its chart."""
    wanted = GLANCE[topic.slug]
    return Glance(
        topic, [each for slug in wanted for each in figures if each.slug == slug] or list(figures[:1])
    )


@router.get("/figures/definitions")
async def definitions_page(request: Request, caller: Guarded) -> Response:
    asked = await asked_of(request, caller)
    return page(request, "figures/definitions.html", asked=asked, definitions=DEFINITIONS.values())


@router.get("/figures/table.csv")
async def table_file(
    request: Request,
    caller: Guarded,
    topic: str = "",
    figure: str = "",
    kind: str = "",
    first: str = "",
    last: str = "",
) -> Response:
    """The table of one figure, as it is shown: real numbers, a heading a column, its total not among the rows."""
    found = TOPICS.get(topic)
    if found is None or not found.rule.lets_in(caller.actor):
        raise Refused(RefusalCode.UNKNOWN, NO_SUCH)
    asked = await asked_of(request, caller, kind, first, last)
    if asked.said:
        raise Refused(RefusalCode.MALFORMED, asked.said)
    figures = await house_of(request).look(partial(found.read, centre=asked.centre, asked=asked))
    wanted = next((each for each in figures if each.slug == figure), None)
    if wanted is None:
        raise Refused(RefusalCode.UNKNOWN, NO_SUCH)
    name = f"{topic}-{figure}-{asked.span.first.isoformat()}-to-{asked.span.last.isoformat()}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(
        as_csv.written(as_csv.table_rows(wanted.table)), media_type="text/csv; charset=utf-8", headers=headers
    )
