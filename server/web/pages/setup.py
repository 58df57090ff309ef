"""Shaping a centre in the browser: the overview, and what is done with a change once it was shown.

A form changes nothing by itself (`setup_things`). It is read into a draft, the draft is shown with whom it meets, and only the page that shows
it can be confirmed; it carries the draft, and a fingerprint of what it was made from, so what is done is what was shown.
"""

from __future__ import annotations

import json
from functools import partial

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import changes as actions
from server.actions.changes import Draft
from server.clock import to_micros
from server.domain import changes as rules
from server.domain.changes import LISTED, Part, part_of
from server.domain.refusals import Refused
from server.live.broken import misfits
from server.live.untaken import Untaken, untaken
from server.store.tables import Change, Staff
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, identity_of, text_of
from server.web.icons import ICONS as DRAWINGS
from server.web.identity import Caller
from server.web.pages import setup_forms as forms
from server.web.pages import setup_kiosk
from server.web.pages.setup_answers import form_page, preview, rows_of
from server.web.pages.setup_desk import (
    Desk,
    Outlook,
    desk_of,
    look_out,
    part_in,
    read_desk,
    shown_plan,
)
from server.web.pages.setup_shown import looked_at
from server.web.render import page
from wire.vocabulary import RefusalCode

router = APIRouter()

RECENT = 12
MOST_DRAFT = 400_000
OLD_DRAFT = "What was to be changed could not be read. Open the form again."


async def overview_of(request: Request, caller: Caller, *, said: str = "", status: int = 200) -> Response:
    house = house_of(request)
    now = house.clock.now()

    def reading(session: Session) -> tuple[Desk, list[tuple[Change, str]], int, list[Untaken]]:
        desk = read_desk(session, caller.actor.centre, now)
        query = (
            select(Change, Staff)
            .join(Staff, col(Staff.id) == col(Change.staff_id), isouter=True)
            .where(Change.centre_id == caller.actor.centre, col(Change.done_at).is_not(None))
            .order_by(col(Change.done_at).desc(), col(Change.id).desc())
            .limit(RECENT)
        )
        recent = [(change, person.name if person else "") for change, person in session.exec(query)]
        centre = caller.actor.centre
        return (
            desk,
            recent,
            len(misfits(session, centre, to_micros(now))),
            untaken(session, centre, desk.today),
        )

    desk, recent, broken, without = await house.read(reading)
    done = request.query_params.get("done", "")
    return page(
        request,
        "setup/overview.html",
        said=said,
        status=status,
        desk=desk,
        broken=broken,
        untaken=without,
        recent=recent,
        told=next((each for each, _ in recent if str(each.id) == done), None)
        or next((each for each in desk.planned if str(each.id) == done), None),
        rows=partial(rows_of, desk),
        missing=setup_kiosk.missing(desk.plan),
        deed=rules.deed,
    )


@router.get("/setup")
async def overview(request: Request, caller: Guarded) -> Response:
    return await overview_of(request, caller)


# Done, taken back, given up ------------------------------------------------------------------------------


def _sent_draft(form: FormData) -> tuple[Draft, str]:
    try:
        sent = json.loads(text_of(form, "draft", MOST_DRAFT))
        part = part_of(str(sent["part"]))
        after, undoes = sent["after"], sent.get("undoes")
        if part is None or not isinstance(after, dict | None) or not isinstance(undoes, int | None):
            raise ValueError
        draft = Draft(part, after, str(sent["mark"])[:20], undoes)
        if not actions.is_of(draft):
            raise ValueError
        return draft, forms.an_aspect(sent.get("aspect"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refused(RefusalCode.MALFORMED, OLD_DRAFT) from error


@router.post("/setup/changes/do")
async def do(request: Request, caller: Guarded) -> Response:
    """Make the change that was shown, for the moment that was chosen."""
    form = await form_of(request, caller)
    draft, aspect = _sent_draft(form)
    desk = await desk_of(request, caller)
    if "again" in form:
        return _again(request, desk, draft, aspect)
    when, on = text_of(form, "when", 20), text_of(form, "on", 20)
    moment = rules.moment(when, on, desk.zone, desk.now)
    if isinstance(moment, str):
        said = moment
    else:
        try:
            make = partial(actions.make, draft=draft, at=None if when == "now" else moment)
            number = await house_of(request).change(caller.actor, "make_change", make)
            if draft.part.kind == "centre":
                identity_of(request).forget()  # the bar names the centre
            return RedirectResponse(f"/setup?done={number}", status_code=303)
        except Refused as refused:
            said = refused.refusal.say
    desk = await desk_of(request, caller)
    outlook = await house_of(request).read(partial(look_out, desk=desk, draft=draft))
    if outlook.is_fine:
        return preview(request, desk, outlook, aspect=aspect, said=said, status=409, when=when, on=on)
    return _again(request, desk, draft, aspect, said=outlook.stop or said, status=409)


def _again(
    request: Request, desk: Desk, draft: Draft, aspect: str, said: str = "", status: int = 200
) -> Response:
    """Back to the form with what was typed; the page of the thing itself where nothing was."""
    part = draft.part
    stands = desk.table(part)
    if draft.after is None or draft.undoes is not None:
        if stands is None:
            raise Refused(RefusalCode.WRONG_STATE, said or "This is not there any more.")
        return form_page(request, desk, part, stands, said=said, status=status)
    adds = stands is None and part.kind in (*LISTED, "closure", "exception")
    shown = Part(part.kind) if adds else part
    mark = draft.mark if not said else ""
    return form_page(request, desk, shown, draft.after, said=said, status=status, mark=mark, aspect=aspect)


@router.post("/setup/changes/{number}/undo")
async def undo(request: Request, caller: Guarded, number: int) -> Response:
    """Show what taking a change back would do."""
    await form_of(request, caller)
    desk = await desk_of(request, caller)

    def reading(session: Session) -> Outlook:
        return look_out(session, desk, actions.undoing(session, desk.centre, number, desk.now))

    try:
        outlook = await house_of(request).read(reading)
    except Refused as refused:
        return await overview_of(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    if not outlook.is_fine:
        return await overview_of(request, caller, said=outlook.stop or outlook.faults[0].say, status=409)
    return preview(request, desk, outlook)


@router.post("/setup/changes/{number}/cancel")
async def cancel(request: Request, caller: Guarded, number: int) -> Response:
    await form_of(request, caller)
    try:
        await house_of(request).change(caller.actor, "cancel_change", partial(actions.cancel, number=number))
    except Refused as refused:
        return await overview_of(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    return RedirectResponse("/setup", status_code=303)


@router.post("/setup/look/{kind}")
async def look(request: Request, caller: Guarded, kind: str) -> Response:
    """The picture of the kiosk as the form says just now, for the script."""
    form = await form_of(request, caller)
    if kind not in rules.KINDS:
        raise Refused(RefusalCode.UNKNOWN, "There is no such page of the set-up.")
    desk = await desk_of(request, caller)
    name = text_of(form, "name_of_part", 60)
    part, table = await house_of(request).read(partial(part_in, desk, kind, name, form))
    shown = shown_plan(desk, part, forms.complete(kind, table))
    seen = looked_at(
        kind,
        part,
        shown,
        language=text_of(form, "look.language", 2),
        tall=text_of(form, "look.way", 10) != "wide",
    )
    return page(request, "setup/kiosk_now.html", look=seen, drawings=DRAWINGS)
