"""Writing a form in the browser: its text with line numbers, what is wrong beside the line, every page as it will read, and what has changed since.

Everything works by pressing a button; a script only presses "check" while somebody types. A draft may be wrong, a version never is. Who saves over
somebody else's work is shown that first.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forms.versions import digest_of
from forms.versions import form_of as shape_of
from server.actions import form_editing
from server.actions.form_editing import MOST_TEXT, Clash
from server.actions.forms import DRAFT, version_text
from server.domain.refusals import Refused
from server.store.tables import Centre, FormVersion, Staff
from server.web.errors import status_of
from server.web.form_preview import differences, preview
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.labels import LANGUAGES
from server.web.pages.forms_admin import title_of
from server.web.render import page
from wire.vocabulary import Language

router = APIRouter()
SAID = {
    "saved": "The draft is saved. Visitors still see the version before.",
    "published": "Published. Kiosks and the web show it within seconds; who has begun finishes with the version before.",
    "dropped": "The draft is thrown away.",
    "restored": "This older version is your draft now. Look at it, then publish it.",
}
RIGHT_TO_LEFT = frozenset({"ur", "ar"})


def _seen(session: Session, *, centre_id: int, form_id: int) -> dict[str, Any]:
    row = form_editing.form_here(session, centre_id, form_id)
    text, draft = form_editing.text_now(session, row)
    by = session.get(Staff, draft.made_by) if draft is not None and draft.made_by else None
    return {
        "form": row,
        "form_title": title_of(session, row),
        "text": text,
        "seen": digest_of(text),
        "draft": draft,
        "draft_by": by.name if by is not None else "",
        "published": version_text(session, form_id, row.version) or "",
        "zone": ZoneInfo(session.get_one(Centre, centre_id).timezone),
    }


async def _page(
    request: Request,
    caller: Caller,
    form_id: int,
    data: FormData | None = None,
    *,
    said: str = "",
    status: int = 200,
    **more: Any,
) -> Response:
    seen = await house_of(request).read(partial(_seen, centre_id=caller.actor.centre, form_id=form_id))
    if data is not None:
        seen = {**seen, "text": _text(data), "seen": text_of(data, "seen", 64)}
    seen |= more
    looked = await asyncio.to_thread(_previewed, seen["text"], data)
    context = {"clash": None, "clash_by": "", "clash_lines": (), **looked}
    return page(
        request,
        "form_editor.html",
        said=said,
        status=status,
        told=SAID.get(request.query_params.get("told", ""), ""),
        most=MOST_TEXT,
        **{**context, **seen},
    )


def _previewed(text: str, data: FormData | None) -> dict[str, Any]:
    language = text_of(data, "language", 2) if data is not None else "en"
    tried = {
        name[4:]: value
        for name, value in (data.multi_items() if data is not None else ())
        if name.startswith("try-") and isinstance(value, str)
    }
    look = preview(text, language, tried)
    return {
        "look": look,
        "languages": [(code, LANGUAGES.get(Language(code), code)) for code in look.languages],
        "direction": "rtl" if look.language in RIGHT_TO_LEFT else "ltr",
    }


def _text(data: FormData) -> str:
    """As files have it: one kind of line end, and one at the end."""
    return text_of(data, "text", MOST_TEXT * 2).replace("\r\n", "\n").strip() + "\n"


@router.get("/admin/forms/{form_id}")
async def editor(request: Request, caller: Guarded, form_id: int) -> Response:
    return await _page(request, caller, form_id)


@router.post("/admin/forms/{form_id}/preview")
async def preview_part(request: Request, caller: Guarded, form_id: int) -> Response:
    """What is beside the text, for the script."""
    data = await form_of(request, caller)
    context = {"form_id": form_id, **await asyncio.to_thread(_previewed, _text(data), data)}
    return page(request, "_form_seen.html", **context)


@router.post("/admin/forms/{form_id}")
async def edit(request: Request, caller: Guarded, form_id: int) -> Response:
    data = await form_of(request, caller)
    pressed, text, seen = text_of(data, "do", 20), _text(data), text_of(data, "seen", 64)
    house, here = house_of(request), f"/admin/forms/{form_id}"
    try:
        if pressed == "save":
            saving = partial(form_editing.save_draft, form_id=form_id, text=text, seen=seen)
            clash = await house.change(caller.actor, "save_form_draft", saving)
            if clash is None:
                return RedirectResponse(f"{here}?told=saved", status_code=303)
            return await _clashed(request, caller, form_id, data, clash)
        if pressed == "publish":
            await asyncio.to_thread(shape_of, text)  # read once, before others wait for the change
            publishing = partial(form_editing.publish, form_id=form_id, text=text, seen=seen)
            done = await house.change(caller.actor, "publish_form", publishing)
            if isinstance(done, Clash):
                return await _clashed(request, caller, form_id, data, done)
            return RedirectResponse(f"{here}?told=published", status_code=303)
        if pressed == "discard":
            await house.change(
                caller.actor, "drop_form_draft", partial(form_editing.discard, form_id=form_id)
            )
            return RedirectResponse(f"{here}?told=dropped", status_code=303)
    except Refused as refused:
        return await _page(
            request, caller, form_id, data, said=refused.refusal.say, status=status_of(refused.refusal)
        )
    return await _page(request, caller, form_id, data)


async def _clashed(request: Request, caller: Caller, form_id: int, data: FormData, clash: Clash) -> Response:
    """Nothing was saved: what somebody else wrote meanwhile, against what was typed here."""

    def name(session: Session) -> str:
        found = session.get(Staff, clash.by) if clash.by is not None else None
        return found.name if found is not None else "Somebody else"

    by = await house_of(request).read(name)
    said = f"{by} has saved this form since you opened it. Yours is not saved. Look at the differences, then save again if yours shall stand."
    return await _page(
        request,
        caller,
        form_id,
        data,
        said=said,
        status=409,
        seen=clash.digest,
        clash=clash,
        clash_by=by,
        clash_lines=differences(clash.theirs, _text(data)),
    )


# Versions --------------------------------------------------------------------------------------------------------------


def _versions(session: Session, *, centre_id: int, form_id: int, one: int, other: int) -> dict[str, Any]:
    row = form_editing.form_here(session, centre_id, form_id)
    found = session.exec(
        select(FormVersion, Staff.name)
        .outerjoin(Staff, col(Staff.id) == col(FormVersion.made_by))
        .where(col(FormVersion.form_id) == form_id)
        .order_by(col(FormVersion.number).desc())
    ).all()
    texts = {version.number: version.text for version, _ in found}
    newest = DRAFT if DRAFT in texts else row.version
    other = other if other in texts else newest
    one = one if one in texts else (row.version if newest == DRAFT else row.version - 1)
    return {
        "form": row,
        "form_title": title_of(session, row),
        "versions": [(version, name or "") for version, name in found],
        "one": one,
        "other": other,
        "lines": differences(texts.get(one, ""), texts.get(other, "")) if one in texts else [],
        "zone": ZoneInfo(session.get_one(Centre, centre_id).timezone),
    }


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 9 else -1


@router.get("/admin/forms/{form_id}/versions")
async def versions_page(request: Request, caller: Guarded, form_id: int) -> Response:
    reading = partial(
        _versions,
        centre_id=caller.actor.centre,
        form_id=form_id,
        one=_number(request, "from"),
        other=_number(request, "to"),
    )
    return page(request, "form_versions.html", **await house_of(request).read(reading))


@router.post("/admin/forms/{form_id}/restore")
async def restore(request: Request, caller: Guarded, form_id: int) -> Response:
    data = await form_of(request, caller)
    number = text_of(data, "number", 8)
    restoring = partial(
        form_editing.restore, form_id=form_id, number=int(number) if number.isdecimal() else 0
    )
    try:
        await house_of(request).change(caller.actor, "restore_form", restoring)
    except Refused as refused:
        return await _page(
            request, caller, form_id, said=refused.refusal.say, status=status_of(refused.refusal)
        )
    return RedirectResponse(f"/admin/forms/{form_id}?told=restored", status_code=303)
