"""What is known to bring more or fewer visitors than usual: bills that go out, a bank holiday near by. Those of one kind are alike, past and to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import rostering
from server.domain.refusals import Refused
from server.domain.spans import Kind
from server.store.tables import KnownEvent
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.figures.asked import asked_of
from server.web.render import page

router = APIRouter()

FIELDS = ("name", "kind", "first", "last")
NO_DAY = "Choose the first day. The last may be left empty where it is one day."


@router.get("/figures/staffing/events")
async def events_page(request: Request, caller: Guarded) -> Response:
    return await _show(request, caller)


async def _show(
    request: Request,
    caller: Caller,
    *,
    said: str = "",
    status: int = 200,
    filled: dict[str, str] | None = None,
) -> Response:
    asked = await asked_of(request, caller, Kind.DAY, "", "", Kind.DAY)

    def read(session: Session) -> Sequence[KnownEvent]:
        ask = (
            select(KnownEvent)
            .where(KnownEvent.centre_id == asked.centre)
            .order_by(col(KnownEvent.first_on).desc())
        )
        return session.exec(ask.limit(200)).all()

    events = await house_of(request).read(read)
    shown: dict[str, Any] = {
        "asked": asked,
        "events": events,
        "kinds": sorted({each.kind for each in events}),
        "filled": filled or dict.fromkeys(FIELDS, ""),
    }
    return page(request, "figures/known_events.html", said=said, status=status, **shown)


@router.post("/figures/staffing/events")
async def add(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    filled = {name: text_of(form, name, 100) for name in FIELDS}
    try:
        first = date.fromisoformat(filled["first"])
        last = date.fromisoformat(filled["last"]) if filled["last"] else first
    except ValueError:
        return await _show(request, caller, said=NO_DAY, status=422, filled=filled)
    doing = partial(rostering.add_event, kind=filled["kind"], name=filled["name"], first=first, last=last)
    try:
        await house_of(request).change(caller.actor, "known_event", doing)
    except Refused as refused:
        return await _show(
            request, caller, said=refused.refusal.say, status=status_of(refused.refusal), filled=filled
        )
    return RedirectResponse("/figures/staffing/events", status_code=303)


@router.post("/figures/staffing/events/{event_id}/remove")
async def remove(request: Request, event_id: int, caller: Guarded) -> Response:
    await form_of(request, caller)
    await house_of(request).change(
        caller.actor, "known_event", partial(rostering.remove_event, event=event_id)
    )
    return RedirectResponse("/figures/staffing/events", status_code=303)
