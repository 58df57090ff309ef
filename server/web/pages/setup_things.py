"""The forms of the set-up: the centre, its hours, the first screen, and every thing there is one of many of."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions.changes import Draft
from server.domain import changes as rules
from server.domain.changes import LISTED, Part, Table, mark_of
from server.domain.refusals import Refused
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages import setup_forms as forms
from server.web.pages import setup_words
from server.web.pages.setup_answers import form_page, preview
from server.web.pages.setup_desk import KINDS, desk_of, look_out, wanted_part, with_form
from server.web.render import page
from wire.vocabulary import RefusalCode

router = APIRouter()


@router.get("/setup/centre")
@router.get("/setup/hours")
@router.get("/setup/layout")
@router.get("/setup/private")
async def whole(request: Request, caller: Guarded) -> Response:
    desk = await desk_of(request, caller)
    part = Part(request.url.path.rpartition("/")[2])
    return form_page(request, desk, part, desk.table(part))


@router.post("/setup/centre")
@router.post("/setup/hours")
@router.post("/setup/layout")
@router.post("/setup/private")
async def change_whole(request: Request, caller: Guarded) -> Response:
    return await _take_form(request, caller, request.url.path.rpartition("/")[2], "")


@router.get("/setup/{room}")
async def things(request: Request, caller: Guarded, room: str) -> Response:
    if room not in KINDS:
        raise Refused(RefusalCode.UNKNOWN, "There is no such page of the set-up.")
    if KINDS[room] not in LISTED:
        return RedirectResponse("/setup" if room == "order" else "/setup/hours", status_code=303)
    desk = await desk_of(request, caller)
    return page(request, "setup/list.html", desk=desk, room=room, kind=KINDS[room], words_of=setup_words)


@router.get("/setup/{room}/add")
async def add_page(request: Request, caller: Guarded, room: str) -> Response:
    if room not in KINDS or room == "order":
        raise Refused(RefusalCode.UNKNOWN, "There is no such page of the set-up.")
    desk = await desk_of(request, caller)
    table: Table = {"choice": request.query_params.get("choice", "")} if room == "services" else {}
    return form_page(request, desk, Part(KINDS[room]), table, mark=mark_of(None))


@router.post("/setup/{room}/add")
async def add(request: Request, caller: Guarded, room: str) -> Response:
    return await _take_form(request, caller, KINDS.get(room, ""), "")


@router.get("/setup/{room}/{name}")
async def thing(request: Request, caller: Guarded, room: str, name: str) -> Response:
    desk = await desk_of(request, caller)
    return form_page(request, desk, *wanted_part(desk, room, name))


@router.post("/setup/{room}/{name}")
async def change_thing(request: Request, caller: Guarded, room: str, name: str) -> Response:
    return await _take_form(request, caller, KINDS.get(room, ""), name)


@router.get("/setup/services/{name}/hours")
async def own_hours(request: Request, caller: Guarded, name: str) -> Response:
    desk = await desk_of(request, caller)
    return form_page(request, desk, *wanted_part(desk, "services", name), aspect="hours")


@router.post("/setup/{room}/{name}/retire")
async def retire(request: Request, caller: Guarded, room: str, name: str) -> Response:
    form = await form_of(request, caller)
    desk = await desk_of(request, caller)
    part, table = wanted_part(desk, room, name)
    draft = Draft(part, None, text_of(form, "mark", 20) or mark_of(table))
    outlook = await house_of(request).read(partial(look_out, desk=desk, draft=draft))
    if not outlook.is_fine:
        return form_page(request, desk, part, table, said=outlook.stop or outlook.faults[0].say, status=409)
    return preview(request, desk, outlook)


async def _take_form(request: Request, caller: Caller, kind: str, name: str) -> Response:
    """The page that shows the change; or the form again with what is wrong with it."""
    form = await form_of(request, caller)
    if kind not in rules.KINDS:
        raise Refused(RefusalCode.UNKNOWN, "There is no such page of the set-up.")
    desk = await desk_of(request, caller)
    aspect = forms.aspect_of(form)
    part, table, outlook = await house_of(request).read(with_form(form, desk, kind, name))
    if "more" in form or "move" in form:  # a row more, or one up or down: the form again, nothing judged
        return form_page(
            request,
            desk,
            part,
            table,
            mark=outlook.draft.mark,
            aspect=aspect,
            more=text_of(form, "more", 20),
        )
    if outlook.is_fine:
        return preview(request, desk, outlook, aspect=aspect)
    named = part if name or kind not in (*LISTED, "closure", "exception") else Part(kind)
    return form_page(
        request,
        desk,
        named,
        table,
        faults=outlook.faults,
        said=outlook.stop,
        status=409 if outlook.stop else 422,
        aspect=aspect,
    )
