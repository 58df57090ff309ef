"""The first page of the figures, the glossary, and one figure as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.domain.definitions import DEFINITIONS
from server.domain.figure import Figure
from server.domain.refusals import Refused
from server.live.telling import TOPICS
from server.web.gate import Guarded, house_of
from server.web.pages.counts import csv_of
from server.web.pages.figures.asked import asked_of
from server.web.render import page
from wire.vocabulary import RefusalCode

router = APIRouter()

NO_SUCH = "There is no such figure. Go back to the page and choose another."


@router.get("/figures")
async def overview_page(
    request: Request, caller: Guarded, kind: str = "", first: str = "", last: str = ""
) -> Response:
    asked = await asked_of(request, caller, kind, first, last)
    return page(request, "figures/overview.html", said=asked.said, asked=asked)


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
    return Response(csv_of(_rows(wanted)), media_type="text/csv; charset=utf-8", headers=headers)


def _rows(figure: Figure) -> Iterator[Sequence[object]]:
    yield [column.key for column in figure.table.columns]
    yield from figure.table.rows
