"""What time a page of figures is asked for, read from its address, and the one way to answer with a page of a topic.

A time that cannot be shown is answered with the page of one that can, and a sentence that says why. A time in the future is a time
like any other: the page says that nothing is known of it yet.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from server.clock import from_micros
from server.domain import spans
from server.domain.asked import Asked, ask
from server.domain.spans import Kind, NoSpan
from server.live.telling import TOPICS, centres_of
from server.store.queries import counts
from server.store.sql import Sql
from server.web.gate import house_of
from server.web.identity import Caller
from server.web.render import page

INSTEAD = " This is shown instead: "


async def asked_of(
    request: Request,
    caller: Caller,
    kind: str = "",
    first: str = "",
    last: str = "",
    default: Kind = Kind.WEEK,
) -> Asked:
    """The time asked for, what it is compared with, and the centre at which the caller works."""
    house = house_of(request)
    look = partial(
        _asked, caller=caller, now=house.clock.micros(), kind=kind, first=first, last=last, default=default
    )
    return await house.look(look)


def _asked(
    connection: Connection, caller: Caller, now: int, kind: str, first: str, last: str, default: Kind
) -> Asked:
    sql = Sql(connection)
    zone = ZoneInfo(counts.zone_name(sql, caller.actor.centre))
    sql.close()
    today, said = from_micros(now).astimezone(zone).date(), ""
    try:
        span = spans.read_span(kind, first, last, today, default)
    except NoSpan as why:
        span = spans.span_of(default, today)
        said = f"{why}{INSTEAD}{spans.say(span)}."
    return ask(
        span=span,
        today=today,
        now=now,
        centre=caller.actor.centre,
        centre_name=caller.centre_name,
        zone=zone,
        centres=centres_of(connection, caller.actor.id),
        said=said,
    )


async def show(
    request: Request,
    caller: Caller,
    slug: str,
    asked: Asked,
    template: str = "figures/topic.html",
    only: str = "",
    **context: Any,
) -> Response:
    """Answer with the page of the topic `slug`. `only` names one figure that is wanted alone."""
    topic = TOPICS[slug]
    figures = await house_of(request).look(partial(topic.read, centre=asked.centre, asked=asked))
    alone = [figure for figure in figures if figure.slug == only]
    shown = {"asked": asked, "topic": topic, "figures": alone or figures, "alone": bool(alone), **context}
    return page(request, template, said=asked.said, **shown)
