"""Whole centres: download one as a file, load a file after seeing what it would do, make a new one as a copy.

Nothing is loaded that was not shown first. The file is read and tried inside a transaction that is taken back, so what is shown is what
loading really does, and the file's text goes to and fro with the form: the server keeps nothing between the two steps. A file is text of
at most 512 KiB; the largest centre we know of has a twentieth of that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session, col, func, select
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import centre_copy
from server.actions.centres import export
from server.centrefile import CentrePlan, Mistake, read, write
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.edge import House
from server.store.tables import Counter, Service, StaffRole
from server.store.tx import Tx
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, identity_of, text_of
from server.web.identity import Caller
from server.web.render import page
from wire.vocabulary import RefusalCode

router = APIRouter()

MOST_BYTES = 512 * 1024
MOST_MISTAKES = 50
TOO_LARGE = "This file is larger than 512 KiB, which no centre's file is. Choose the file that was downloaded here, or a part of yours."
NO_TEXT = "This file is not UTF-8 text. In your editor choose Save as, and UTF-8 as the encoding, then send it again."


@dataclass(frozen=True)
class Run:
    """A centre that the person who looks administers."""

    id: int
    slug: str
    name: str
    services: int
    counters: int
    people: int


def _centres(session: Session, staff_id: int) -> list[Run]:
    def count(table: type[Service] | type[Counter], centre: int | None) -> int:
        there = select(func.count()).select_from(table)
        return session.exec(there.where(table.centre_id == centre, col(table.retired_at).is_(None))).one()

    def people(centre: int | None) -> int:
        held = select(func.count(func.distinct(StaffRole.staff_id))).where(StaffRole.centre_id == centre)
        return session.exec(held).one()

    return [
        Run(
            each.id or 0,
            each.slug,
            each.name,
            count(Service, each.id),
            count(Counter, each.id),
            people(each.id),
        )
        for each in centre_copy.centres_run_by(session, staff_id)
    ]


async def _page(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, **more: Any
) -> Response:
    centres = await house_of(request).read(partial(_centres, staff_id=caller.actor.id))
    defaults: dict[str, Any] = {
        "made": None,
        "loaded_name": "",
        "mistakes": (),
        "more_mistakes": 0,
        "typed": {"of": "", "slug": "", "name": ""},
    }
    return page(request, "centres.html", said=said, status=status, centres=centres, **{**defaults, **more})


@router.get("/admin/centres")
async def centres_page(request: Request, caller: Guarded, made: str = "", loaded: str = "") -> Response:
    def named(session: Session) -> Mapping[str, str]:
        return {each.slug: each.name for each in centre_copy.centres_run_by(session, caller.actor.id)}

    names = await house_of(request).read(named)
    return await _page(request, caller, made=names.get(made), loaded_name=names.get(loaded, ""))


# Out -------------------------------------------------------------------------------------------------------------


@router.get("/admin/centres/{slug}/file")
async def download(request: Request, slug: str, caller: Guarded, staff: bool = False) -> Response:
    """The centre's file. With staff it holds their names and user names, so that is written down."""
    house = house_of(request)

    def take(tx: Tx) -> CentrePlan:
        centre = centre_copy.run_by(tx.session(), caller.actor.id, slug)
        plan = export(tx.session(), slug) if centre is not None else None
        if plan is None or centre is None:
            raise Refused(RefusalCode.UNKNOWN, "You do not administer a centre of that name.")
        tx.audit("centre_exported", f"centre:{centre.id}", name=centre.name, with_staff=staff)
        return plan

    plan = await house.change(caller.actor, "export_centre", take)
    text = await asyncio.to_thread(write, plan if staff else replace(plan, staff=()))
    headers = {"content-disposition": f'attachment; filename="{plan.slug}.toml"'}
    return Response(text, media_type="application/toml; charset=utf-8", headers=headers)


# In --------------------------------------------------------------------------------------------------------------


@router.post("/admin/centres/import")
async def look_ahead(request: Request, caller: Guarded) -> Response:
    """What the file sent would do."""
    form = await form_of(request, caller, files=1)
    text, say = await _text_in(form)
    if say:
        return await _page(request, caller, said=say, status=413 if say == TOO_LARGE else 422)
    return await _preview(request, caller, text, with_staff=bool(text_of(form, "with_staff")))


async def _text_in(form: FormData) -> tuple[str, str]:
    """The text of the file in the form, and why there is none."""
    sent = form.get("file")
    if not isinstance(sent, UploadFile):
        return "", "Choose the file of a centre first."
    raw = await sent.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        return "", TOO_LARGE
    if not raw.strip():
        return "", "This file is empty. Choose the file of a centre."
    try:
        return raw.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", NO_TEXT


async def _read(text: str) -> CentrePlan | list[Mistake]:
    try:
        return await asyncio.to_thread(read, text)
    except RecursionError:
        return [Mistake(1, "Brackets are nested in brackets hundreds of times. No centre's file needs that.")]


async def _preview(
    request: Request, caller: Caller, text: str, *, with_staff: bool, said: str = "", status: int = 200
) -> Response:
    plan = await _read(text)
    if isinstance(plan, list):
        return await _mistaken(request, caller, text, plan)
    try:
        ahead = await _ahead(house_of(request), caller, plan, with_staff=with_staff)
    except Refused as refused:
        return await _page(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    return page(
        request,
        "centres_ahead.html",
        said=said,
        status=status,
        ahead=ahead,
        text=text,
        with_staff=with_staff,
        in_file=len(plan.staff),
    )


async def _mistaken(request: Request, caller: Caller, text: str, found: Sequence[Mistake]) -> Response:
    lines = text.splitlines()

    def shown(mistake: Mistake) -> dict[str, Any]:
        number = mistake.line or 0
        line = lines[number - 1].strip()[:160] if 0 < number <= len(lines) else ""
        return {"say": str(mistake), "line": line}

    return await _page(
        request,
        caller,
        said="The file has mistakes, so nothing was changed. Mend them and send it again.",
        status=422,
        mistakes=[shown(each) for each in found[:MOST_MISTAKES]],
        more_mistakes=max(0, len(found) - MOST_MISTAKES),
    )


async def _ahead(house: House, caller: Caller, plan: CentrePlan, *, with_staff: bool) -> centre_copy.Ahead:
    """Load it in the lane and take it back: what it would do, found out by doing it."""
    seen: list[centre_copy.Ahead] = []

    def try_it(tx: Tx) -> None:
        seen.append(centre_copy.load_file(tx, plan, with_staff=with_staff))
        raise Refused(RefusalCode.TRY_LATER, "This was only a look ahead.")

    actor = await _actor_there(house, caller, plan.slug)
    try:
        await house.change(actor, "try_centre", try_it)
    except Refused:
        if not seen:
            raise
    return seen[0]


async def _actor_there(house: House, caller: Caller, slug: str) -> Actor:
    """The caller as acting at the centre of this slug, if it is theirs: its line is held meanwhile and its audit is told."""
    centre = await house.read(partial(centre_copy.run_by, staff_id=caller.actor.id, slug=slug))
    return replace(caller.actor, centre=centre.id) if centre is not None and centre.id else caller.actor


@router.post("/admin/centres/load")
async def load(request: Request, caller: Guarded) -> Response:
    """Do what was shown."""
    form = await form_of(request, caller)
    text, version = text_of(form, "text", MOST_BYTES), text_of(form, "version", 12)
    with_staff = bool(text_of(form, "with_staff"))
    plan = await _read(text)
    if isinstance(plan, list):
        return await _mistaken(request, caller, text, plan)
    house = house_of(request)
    looked_at = int(version) if version.isdecimal() else -1
    change = partial(centre_copy.load_file, plan=plan, with_staff=with_staff, version=looked_at)
    try:
        await house.change(await _actor_there(house, caller, plan.slug), "load_centre", change)
    except Refused as refused:
        if refused.refusal.code is RefusalCode.WRONG_STATE:
            return await _preview(
                request, caller, text, with_staff=with_staff, said=refused.refusal.say, status=409
            )
        return await _page(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    identity_of(request).forget()
    return RedirectResponse(f"/admin/centres?loaded={plan.slug}", status_code=303)


# Anew ------------------------------------------------------------------------------------------------------------


@router.post("/admin/centres/copy")
async def copy(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    typed = {
        "of": text_of(form, "of", 60),
        "slug": text_of(form, "slug", 60).lower(),
        "name": text_of(form, "name", 400),
    }
    change = partial(centre_copy.copy_centre, of=typed["of"], slug=typed["slug"], name=typed["name"])
    try:
        await house_of(request).change(caller.actor, "copy_centre", change)
    except Refused as refused:
        said, status = refused.refusal.say, status_of(refused.refusal)
        return await _page(request, caller, said=said, status=status, typed=typed)
    identity_of(request).forget()
    return RedirectResponse(f"/admin/centres?made={typed['slug']}", status_code=303)
