"""What programs read of the figures: the topics, and all figures of one topic for a time, with what each column's cells are.

The same figures that the pages of a manager show, of the centre that the key is for. What is told of single persons is no topic for programs, whatever right a key has.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy import Connection
from starlette.requests import Request

from server.clock import from_micros
from server.domain import publishing, spans
from server.domain.asked import ask
from server.domain.definitions import DEFINITIONS
from server.domain.refusals import Refused
from server.domain.reports import PUBLICATION
from server.domain.spans import Kind, NoSpan, Span
from server.live.reports import Place, places_of
from server.live.telling import TOPICS, Topic
from server.reports.as_json import figure_told
from server.web.api.v1 import shapes
from server.web.api.v1.answers import pace, refusals
from server.web.gate import Guarded, house_of
from wire.body import Slug
from wire.vocabulary import RefusalCode, Role

router = APIRouter(prefix="/api/v1", dependencies=[Depends(pace)])

NO_TOPIC = "There are no figures of this name. See /api/v1/figures for those there are."
NO_LAST = "A last date belongs to a range only. Leave it out, or ask for kind=range."


def _topics() -> dict[str, Topic]:
    """What any manager may read of everybody together."""
    return {slug: each for slug, each in TOPICS.items() if Role.MANAGER in each.rule.roles}


@router.get(
    "/figures",
    response_model=shapes.Topics,
    responses=refusals(),
    tags=["figures"],
    operation_id="topics",
)
async def topics(request: Request, caller: Guarded) -> Any:
    """What there are figures of. Needs the right to read."""
    return {"items": [{"slug": each.slug, "title": each.title} for each in _topics().values()]}


@router.get(
    "/figures/{topic}",
    response_model=shapes.Figures,
    responses=refusals(404, 422),
    tags=["figures"],
    operation_id="figures",
)
async def figures(
    request: Request,
    caller: Guarded,
    topic: Annotated[Slug, Path(description="What the figures are of.", examples=["footfall"])],
    kind: Annotated[
        shapes.TimeKind, Query(description="The kind of time; `council_year` begins in April.")
    ] = Kind.DAY,
    first: Annotated[
        shapes.On | None,
        Query(
            alias="from",
            description="The first date, or any date within; by default today.",
            examples=["2026-10-01"],
        ),
    ] = None,
    last: Annotated[
        shapes.On | None,
        Query(alias="to", description="Of a range: the last date, included.", examples=["2026-10-31"]),
    ] = None,
) -> Any:
    """All figures of one topic for a time, at the centre that the key is for. Needs the right to read. Small numbers are in them, so they are not to be published; only those of the topic `publication` are made for that."""
    house, centre = house_of(request), caller.actor.centre
    found = _topics().get(topic)
    if found is None:
        raise Refused(RefusalCode.UNKNOWN, NO_TOPIC)
    if last is not None and kind is not Kind.RANGE:
        raise Refused(RefusalCode.MALFORMED, NO_LAST)
    now = house.clock.micros()

    def read(connection: Connection) -> dict[str, Any]:
        place = places_of(connection, [centre])[0]
        today = from_micros(now).astimezone(place.zone).date()
        span = _span(kind, first, last, today)
        if topic == PUBLICATION and (why := publishing.why_not(span, today)):
            raise Refused(RefusalCode.MALFORMED, why)
        asked = ask(span, today, now, centre, place.name, place.zone, ((centre, place.name),))
        told = found.read(connection, centre=centre, asked=asked)
        return _told(found, place, span, [figure_told(each) for each in told])

    return await house.look(partial(read))


def _span(kind: Kind, first: date | None, last: date | None, today: date) -> Span:
    try:
        return spans.read_span(
            kind.value, first.isoformat() if first else "", last.isoformat() if last else "", today
        )
    except NoSpan as why:
        raise Refused(RefusalCode.MALFORMED, str(why)) from None


def _told(topic: Topic, place: Place, span: Span, figures: list[dict[str, Any]]) -> dict[str, Any]:
    used = {each["definition"] for each in figures}
    meanings = [
        {name: getattr(each, name) for name in ("slug", "name", "counts", "times", "leaves_out")}
        for slug, each in DEFINITIONS.items()
        if slug in used
    ]
    return {
        "topic": topic.slug,
        "title": topic.title,
        "centre": place.slug,
        "kind": span.kind,
        "from": span.first,
        "to": span.last,
        "items": figures,
        "definitions": meanings,
    }
