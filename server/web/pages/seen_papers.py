""" "Seen, not kept": who saw which paper for which case, without a picture. A list to look a case up in, and a form to note one.

The list is short (a fortnight), or all of one case. Notes that were taken back stay, struck through, with who and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import ValidationError
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions.sightings import KEEPERS
from server.domain.access import Actor
from server.domain.sightings import PAPERS
from server.store.queries.paper_access import private_services
from server.store.tables import Centre, Sighting, Staff, Submission, Ticket, Visit
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.render import page
from wire import asks
from wire.body import clean_text
from wire.references import show_reference
from wire.vocabulary import Role, new_id

router = APIRouter()

DAYS = 14
MOST = 200
INCOMPLETE = "Say which paper it was, and for which case: type its reference."


@dataclass(frozen=True)
class SeenNow:
    id: str
    what: str
    case: str
    code: str
    submission: str
    reference: str
    by: str
    at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawn_why: str
    may_take_back: bool


@router.get("/papers/seen")
async def seen_page(request: Request, caller: Guarded, case: str = "") -> Response:
    return await _page(request, caller, clean_text(case[:40]))


async def _page(
    request: Request,
    caller: Caller,
    case: str = "",
    *,
    said: str = "",
    status: int = 200,
    seen: str = "",
    typed: str = "",
) -> Response:
    house = house_of(request)
    reading = partial(read_seen, actor=caller.actor, case=case, now=house.clock.now())
    zone, found = await house.read(reading)
    return page(
        request,
        "papers_seen.html",
        said=said,
        status=status,
        zone=zone,
        found=found,
        case=case,
        kinds=PAPERS,
        seen=seen,
        typed=typed,
        days=DAYS,
        fresh=new_id(),
    )


def read_seen(session: Session, actor: Actor, case: str, now: datetime) -> tuple[ZoneInfo, Sequence[SeenNow]]:
    """The latest, or all of one case. What belongs to a discreet visit is for who made the note, and who may see such visits."""
    query = select(Sighting).where(Sighting.centre_id == actor.centre)
    if case:
        query = query.where(Sighting.case == case)
    else:
        query = query.where(col(Sighting.at) >= now - timedelta(days=DAYS))
    rows = session.exec(query.order_by(col(Sighting.at).desc()).limit(MOST)).all()
    people = {person.id: person.name for person in session.exec(select(Staff))}
    hidden = _private_visits(session, actor.centre, {row.visit_id for row in rows if row.visit_id})
    shown = [
        row
        for row in rows
        if row.visit_id not in hidden or row.staff_id == actor.id or Role.DISCREET in actor.roles
    ]
    return ZoneInfo(session.get_one(Centre, actor.centre).timezone), [
        _seen(session, row, people, actor) for row in shown
    ]


def _private_visits(session: Session, centre: int, visits: set[str]) -> set[str]:
    ids, _ = private_services(session, centre)
    discreet = select(Visit.id).where(col(Visit.id).in_(visits), col(Visit.discreet))
    of_services = select(Ticket.visit_id).where(
        col(Ticket.visit_id).in_(visits), col(Ticket.service_id).in_(ids)
    )
    return {*session.exec(discreet), *session.exec(of_services)}


def _seen(session: Session, row: Sighting, people: dict[int | None, str], actor: Actor) -> SeenNow:
    visit = session.get(Visit, row.visit_id) if row.visit_id else None
    submission = session.get(Submission, row.submission_id) if row.submission_id else None
    return SeenNow(
        id=row.id,
        what=row.detail,
        case=row.case,
        code=visit.code if visit else "",
        submission=row.submission_id or "",
        reference=show_reference(submission.reference) if submission else "",
        by=people.get(row.staff_id, ""),
        at=row.at,
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=people.get(row.withdrawn_by, ""),
        withdrawn_why=row.withdrawn_why,
        may_take_back=row.withdrawn_at is None and (row.staff_id == actor.id or bool(KEEPERS & actor.roles)),
    )


@router.post("/papers/seen")
async def see(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    seen, case = text_of(form, "seen", 20), text_of(form, "case", 60)
    submission = text_of(form, "submission", 32)
    try:
        body = asks.SeePaper(
            sighting=text_of(form, "sighting", 32), seen=seen, case=case, submission=submission or None
        )
    except ValidationError:
        return await _page(request, caller, said=INCOMPLETE, status=422, seen=seen, typed=case)
    answer = await house_of(request).perform(caller.actor, body.sighting, body)
    if answer.refusal is not None:
        say, status = answer.refusal.say, status_of(answer.refusal)
        return await _page(request, caller, said=say, status=status, seen=seen, typed=case)
    return RedirectResponse(f"/papers/{submission}/look" if submission else "/papers/seen", status_code=303)


@router.post("/papers/seen/{sighting_id}/take-back")
async def take_back(request: Request, sighting_id: str, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    try:
        body = asks.UnseePaper(sighting=sighting_id, reason=text_of(form, "reason", 200))
    except ValidationError:
        said = "Say in a few words why it is taken back."
        return await _page(request, caller, said=said, status=422)
    answer = await house_of(request).perform(caller.actor, new_id(), body)
    if answer.refusal is not None:
        return await _page(request, caller, said=answer.refusal.say, status=status_of(answer.refusal))
    return RedirectResponse("/papers/seen", status_code=303)
