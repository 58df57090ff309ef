"""The administration of forms: which there are, where each is offered, who deals with it and for how long it is kept; and new ones."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forms.versions import form_of
from server.actions import form_editing
from server.actions.form_editing import Offer
from server.actions.forms import DRAFT, library_slugs, library_text, version_text
from server.domain import handing
from server.domain.refusals import Refused
from server.store.tables import Centre, Form, FormVersion, Service
from server.web.errors import status_of
from server.web.gate import Guarded, house_of, text_of
from server.web.gate import form_of as sent_form
from server.web.icons import ICONS
from server.web.identity import Caller
from server.web.render import page
from wire.vocabulary import RefusalCode

router = APIRouter()
MOST_DAYS = 366
EMPTY = """slug: new-form
languages: [en]
minutes: 3
title: {en: What this form is called}
lead: {en: What it is for, in a sentence.}
sent: {en: What happens next, and when.}
steps:
  - key: first
    kind: text
    title: {en: What is the first question?}
"""
SAID = {
    "offer": "Saved. Screens show it within seconds.",
    "retired": "It is offered no more. Who has begun it can still send it.",
    "back": "It is in the list again.",
}


def seen_forms(session: Session, centre_id: int) -> dict[str, Any]:
    """Everything the list shows."""
    rows = session.exec(
        select(Form).where(col(Form.centre_id) == centre_id).order_by(col(Form.position), col(Form.id))
    ).all()
    drafts = set(
        session.exec(
            select(FormVersion.form_id).where(
                col(FormVersion.form_id).in_([row.id for row in rows]), col(FormVersion.number) == DRAFT
            )
        ).all()
    )
    centre = session.get_one(Centre, centre_id)
    here = select(Service).where(col(Service.centre_id) == centre_id, col(Service.retired_at).is_(None))
    return {
        "forms": [(row, title_of(session, row), row.id in drafts) for row in rows if row.retired_at is None],
        "retired": [(row, title_of(session, row)) for row in rows if row.retired_at is not None],
        "services": [
            (each.slug, each.names["en"]) for each in session.exec(here.order_by(col(Service.position)))
        ],
        "teams": [(each.slug, each.name) for each in handing.teams(centre.extra)],
        "library": [
            (slug, library_title(slug)) for slug in library_slugs() if slug not in {row.slug for row in rows}
        ],
    }


def title_of(session: Session, row: Form) -> str:
    text = version_text(session, row.id, row.version) if row.id is not None else None
    shape = form_of(text) if text else None
    return shape.title.get("en", row.slug) if shape is not None else row.slug


def library_title(slug: str) -> str:
    shape = form_of(library_text(slug) or "")
    return shape.title.get("en", slug) if shape is not None else slug


async def _list(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, typed: str = ""
) -> Response:
    seen = await house_of(request).read(partial(seen_forms, centre_id=caller.actor.centre))
    told = SAID.get(request.query_params.get("told", ""), "")
    return page(
        request,
        "forms_admin.html",
        said=said,
        status=status,
        told=told,
        typed=typed,
        icons=ICONS,
        most_days=MOST_DAYS,
        **seen,
    )


@router.get("/admin/forms")
async def forms_page(request: Request, caller: Guarded) -> Response:
    return await _list(request, caller)


@router.post("/admin/forms")
async def add_form(request: Request, caller: Guarded) -> Response:
    """A new draft: from the library, from another form here, or from nothing."""
    data = await sent_form(request, caller)
    slug, begins = text_of(data, "slug", 60), text_of(data, "begins", 60)
    kind, _, name = begins.partition(":")
    try:
        text = await _beginning(request, caller, kind, name)
        adding = partial(form_editing.add, slug=slug or name, text=text)
        form_id = await house_of(request).change(caller.actor, "add_form", adding)
    except Refused as refused:
        refusal = refused.refusal
        return await _list(request, caller, said=refusal.say, status=status_of(refusal), typed=slug)
    return RedirectResponse(f"/admin/forms/{form_id}", status_code=303)


async def _beginning(request: Request, caller: Caller, kind: str, name: str) -> str:
    if kind == "library":
        text = library_text(name) if name in library_slugs() else None
    elif kind == "form" and name.isdecimal():
        text = await house_of(request).read(
            partial(_copied, centre_id=caller.actor.centre, form_id=int(name))
        )
    else:
        text = EMPTY
    if text is None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such form to begin from. Choose another.")
    return text


def _copied(session: Session, *, centre_id: int, form_id: int) -> str | None:
    text, _ = form_editing.text_now(session, form_editing.form_here(session, centre_id, form_id))
    return text or None


@router.post("/admin/forms/{form_id}/offer")
async def set_offer(request: Request, caller: Guarded, form_id: int) -> Response:
    """Where it is offered; or its place in the list, or out of it."""
    data = await sent_form(request, caller)
    pressed, house = text_of(data, "do", 20), house_of(request)
    try:
        if pressed in ("up", "down"):
            await house.change(
                caller.actor, "move_form", partial(form_editing.move, form_id=form_id, up=pressed == "up")
            )
            return _back("")
        if pressed == "retire":
            await house.change(caller.actor, "retire_form", partial(form_editing.retire, form_id=form_id))
            return _back("retired")
        if pressed == "back":
            await house.change(
                caller.actor, "bring_form_back", partial(form_editing.bring_back, form_id=form_id)
            )
            return _back("back")
        seen = await house.read(partial(seen_forms, centre_id=caller.actor.centre))
        setting = partial(form_editing.set_offer, form_id=form_id, offer=_offer(data, seen))
        await house.change(caller.actor, "set_form_offer", setting)
    except Refused as refused:
        return await _list(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    return _back("offer")


def _offer(data: Any, seen: dict[str, Any]) -> Offer:
    days = text_of(data, "keep_days", 4)
    if not days.isdecimal() or int(days) > MOST_DAYS:
        raise Refused(RefusalCode.MALFORMED, f"Say for how many days it is kept, 0 to {MOST_DAYS}.")
    service, team, icon = (text_of(data, name, 40) for name in ("service", "team", "icon"))
    known = {"service": {slug for slug, _ in seen["services"]}, "team": {slug for slug, _ in seen["teams"]}}
    return Offer(
        at_kiosks=text_of(data, "at_kiosks") == "yes",
        on_web=text_of(data, "on_web") == "yes",
        service=service if service in known["service"] else "",
        team=team if team in known["team"] else "",
        keep_days=int(days),
        icon=icon if icon in ICONS else "form",
    )


def _back(told: str) -> Response:
    return RedirectResponse(f"/admin/forms?told={told}" if told else "/admin/forms", status_code=303)
