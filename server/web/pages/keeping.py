"""How long things are kept: one table that a data protection officer can read, and where an administrator sets another time.

A time is the house's, not a centre's: one council, one rule. Setting a shorter one erases more with the next round, which nobody can take back; so the page says how much would go before it is
set, and asks for a tick that holds for that number alone: who then writes another is asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlalchemy import Connection
from sqlmodel import Session, col, func, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import erasing
from server.clock import from_micros
from server.domain import retention
from server.domain.refusals import Refused
from server.domain.retention import Kept, Name
from server.store.sql import Sql
from server.store.tables import Centre, Erasure, Visit
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.render import page

router = APIRouter()

NO_NUMBER = "Write a whole number of days, such as 90."
SURE = "Less will be kept than until now. {goes} and nobody can bring them back. Tick that this is meant, and save again."


@dataclass(frozen=True)
class Row:
    name: Name
    kept: Kept
    days: int
    erased: int
    """Rows, at this centre, in the last year."""
    last_at: datetime | None
    found: int


@router.get("/admin/keeping")
async def keeping_page(request: Request, caller: Guarded, saved: str = "") -> Response:
    return await _show(request, caller, saved=saved)


async def _show(
    request: Request,
    caller: Caller,
    *,
    said: str = "",
    status: int = 200,
    typed: str = "",
    saved: str = "",
    **more: Any,
) -> Response:
    house = house_of(request)
    now = from_micros(house.clock.micros())
    seen = await house.read(partial(_rows, centre=caller.actor.centre, now=now))
    blank = {"at_fault": "", "asks_if_sure": "", "fixed": retention.FIXED}
    return page(
        request, "keeping.html", said=said, status=status, typed=typed, saved=saved, **{**blank, **more}, **seen
    )  # fmt: skip


def _rows(session: Session, centre: int, now: datetime) -> dict[str, Any]:
    set_ = erasing.rules(Sql(session.connection()))
    since = now - timedelta(days=366)
    told = session.exec(
        select(Erasure.name, func.sum(Erasure.erased), func.max(Erasure.at), func.sum(Erasure.found_after))
        .where(col(Erasure.centre_id).is_(None) | (Erasure.centre_id == centre), Erasure.at >= since)
        .group_by(Erasure.name)
    ).all()
    by_name = {name: (erased, last, found) for name, erased, last, found in told}
    rows = []
    for name, kept in retention.SETTABLE.items():
        erased, last, found = by_name.get(name.value, (0, None, 0))
        rows.append(Row(name, kept, retention.days_of(name, set_), int(erased), last, int(found)))
    first = session.exec(select(func.min(Visit.arrived_on)).where(Visit.centre_id == centre)).first()
    zone = ZoneInfo(session.get_one(Centre, centre).timezone)
    return {"rows": rows, "first": first, "zone": zone}


@router.post("/admin/keeping")
async def keep(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    named, typed = text_of(form, "name", 20), text_of(form, "days", 10)
    again = partial(_show, request, caller, typed=typed, at_fault=named)
    if named not in [*Name]:
        return await _show(
            request, caller, said="This is not kept by a rule that can be set here.", status=422
        )
    if not (typed.isascii() and typed.isdigit()):
        return await again(said=NO_NUMBER, status=422)
    name, days = Name(named), int(typed)
    house = house_of(request)
    if retention.why_not(name, days) is None and form.get("sure") != str(days):
        goes = await house.look(partial(_goes, name=name, days=days, now=house.clock.micros()))
        if goes:
            return await again(said=SURE.format(goes=goes), status=409, asks_if_sure=named, typed=str(days))
    try:
        await house.change(caller.actor, "keeping", partial(erasing.set_rule, name=name, days=days))
    except Refused as refused:
        return await again(said=refused.refusal.say, status=status_of(refused.refusal))
    return RedirectResponse(f"/admin/keeping?saved={name.value}#{name.value}", status_code=303)


def _goes(connection: Connection, name: Name, days: int, now: int) -> str:
    """What would go of it were it kept for so many days, in words; empty where that is no less than until now."""
    sql = Sql(connection)
    shorter = days < retention.days_of(name, erasing.rules(sql))
    number = erasing.would_go(sql, name, days, now) if shorter else 0
    sql.close()
    if not shorter:
        return ""
    kept = retention.SETTABLE[name]
    if not number:
        return f"No {kept.many} are older than {days} days yet; once they are, they will be erased,"
    what = kept.one if number == 1 else kept.many
    return f"{number:,} {what} of all centres would be erased within the next rounds,"
