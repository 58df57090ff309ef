"""The page Persons: the figures of one person, for who has the right to see them; and everybody's own.

Somebody else's are asked for by a form that is posted, never by an address: nothing a browser fetches ahead, keeps in its history or writes to a log looks at a person. The look is written
down before the figures are read. One's own need no right and leave no entry, and the same page tells who looked at them: whoever is measured may see by whom.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from server.actions.person_looks import look_at_person
from server.domain import spans
from server.domain.asked import Asked
from server.domain.refusals import Refused
from server.domain.spans import Kind
from server.live.told.persons import MOST_DAYS, read
from server.store.queries.persons import Look, Person, looks_at, people_of
from server.store.sql import Sql
from server.store.tx import Tx
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.figures.asked import asked_of
from server.web.render import page

router = APIRouter()

TOO_LONG = f"At most {MOST_DAYS} days of a person's work are shown at once. Choose a shorter time."
CHOOSE = "Choose whose figures you want to see."
A_YEAR = timedelta(days=365)


@router.get("/figures/persons")
async def persons_page(request: Request, caller: Guarded) -> Response:
    return await _page(request, caller, await _asked(request, caller, "", ""))


@router.post("/figures/persons")
async def look(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    asked = await _asked(request, caller, text_of(form, "first"), text_of(form, "last"))
    chosen = text_of(form, "person")
    said = asked.said or _too_long(asked) or ("" if chosen.isdecimal() else CHOOSE)
    if said:
        return await _page(request, caller, asked, said=said, status=422)
    person, house = int(chosen), house_of(request)

    def note(tx: Tx) -> Person:
        return look_at_person(tx, person, asked.span.first, asked.span.last)

    try:
        found = await house.change(caller.actor, "look_at_person", note)
    except Refused as why:
        return await _page(request, caller, asked, said=why.refusal.say, status=status_of(why.refusal))
    figures = await house.look(partial(read, asked=asked, person=found.id, name=found.name))
    return await _page(request, caller, asked, person=found, figures=figures)


@router.get("/figures/persons/me")
async def own_page(request: Request, caller: Guarded, first: str = "", last: str = "") -> Response:
    asked = await _asked(request, caller, first, last)
    said = asked.said or _too_long(asked)
    me, house = caller.actor, house_of(request)
    context: dict[str, Any] = {"asked": asked, "figures": None, "looks": (), "zone": asked.zone}
    if not said:
        context["figures"] = await house.look(partial(read, asked=asked, person=me.id, name=me.name))
    since = asked.now - round(A_YEAR.total_seconds()) * 1_000_000
    context["looks"] = await house.look(partial(_looks, centre=me.centre, person=me.id, since=since))
    return page(request, "figures/persons_me.html", said=said, status=422 if said else 200, **context)


async def _asked(request: Request, caller: Caller, first: str, last: str) -> Asked:
    """The days asked for; without any, those of the last month that is over."""
    if first or last:
        return await asked_of(request, caller, Kind.RANGE, first, last)
    today = (await asked_of(request, caller)).today
    month = spans.span_of(Kind.MONTH, today.replace(day=1) - spans.ONE_DAY)
    return await asked_of(request, caller, Kind.RANGE, month.first.isoformat(), month.last.isoformat())


def _too_long(asked: Asked) -> str:
    return TOO_LONG if asked.span.days > MOST_DAYS else ""


async def _page(
    request: Request,
    caller: Caller,
    asked: Asked,
    *,
    person: Person | None = None,
    figures: object = None,
    said: str = "",
    status: int = 200,
) -> Response:
    people = await house_of(request).look(partial(_people, centre=caller.actor.centre))
    context = {"asked": asked, "people": people, "person": person, "figures": figures}
    return page(request, "figures/persons.html", said=said, status=status, **context)


def _people(connection: Connection, centre: int) -> list[Person]:
    sql = Sql(connection)
    found = people_of(sql, centre)
    sql.close()
    return found


def _looks(connection: Connection, centre: int, person: int, since: int) -> list[Look]:
    sql = Sql(connection)
    found = looks_at(sql, centre, person, since)
    sql.close()
    return found
