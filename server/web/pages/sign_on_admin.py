"""What the council's sign-on gives at this centre, as its administrators keep it; and who is joined to it, who is for emergencies, whose app is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import second_factors, sign_on
from server.actions.staff import wholly_ours
from server.actions.troubles import end_trouble
from server.domain.refusals import Refused
from server.store.tables import Centre, SecondFactor, Staff, Trouble
from server.store.tx import Tx
from server.web import labels as words
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, identity_of, text_of
from server.web.identity import Caller
from server.web.pages.second_step import EMERGENCY_USED
from server.web.render import page
from wire.vocabulary import RefusalCode, Role

router = APIRouter()

NOT_SURE = "Say how you made sure who asks. Nothing was changed: go back, and tick one of the two."
OWN = "You cannot do this to your own account. Another administrator can."


def _seen(session: Session, centre: int) -> dict[str, Any]:
    place = session.get_one(Centre, centre)
    emergency = session.exec(
        select(Staff, SecondFactor.confirmed_at)
        .join(SecondFactor, col(SecondFactor.staff_id) == col(Staff.id), isouter=True)
        .where(col(Staff.emergency), col(Staff.disabled_at).is_(None))
        .order_by(Staff.username)
    ).all()
    return {
        "zone": ZoneInfo(place.timezone),
        "slug": place.slug,
        "table": sign_on.table_of(session, centre),
        "emergency": emergency,
        "used": session.get(Trouble, (EMERGENCY_USED, "")),
    }


@router.get("/admin/sign-on")
async def sign_on_page(request: Request, caller: Guarded) -> Response:
    return await _page(request, caller)


async def _page(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, typed: Any = None
) -> Response:
    house = house_of(request)
    seen = await house.read(partial(_seen, centre=caller.actor.centre))
    if typed is not None:
        seen["table"] = typed
    settings = house.settings
    provider = {
        "issuer": settings.sso_issuer,
        "back": f"{settings.public_url.rstrip('/')}/sign-on/done",
        "gone": f"{settings.public_url.rstrip('/')}/sign-on/logged-out",
        "faults": house.sign_on.faults if house.sign_on else (),
        "by_certificate": settings.sso_certificate is not None,
    }
    suggested = {
        role: f"Foyer.{words.ROLES[role].title().replace(' ', '')}.{seen['slug']}" for role in words.ROLES
    }
    return page(
        request,
        "sign_on_admin.html",
        said=said,
        status=status,
        provider=provider,
        suggested=suggested,
        **seen,
    )


@router.post("/admin/sign-on")
async def save_table(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    table = {role: tuple(_values(form, role)) for role in Role}
    change = partial(sign_on.set_table, centre_id=caller.actor.centre, table=table)
    try:
        await house_of(request).change(caller.actor, "sign_on_roles", change)
    except Refused as refused:
        return await _page(
            request, caller, said=refused.refusal.say, status=status_of(refused.refusal), typed=table
        )
    return RedirectResponse("/admin/sign-on", status_code=303)


def _values(form: FormData, role: Role) -> list[str]:
    return text_of(form, f"of_{role.value}").replace(",", " ").split()


@router.post("/admin/sign-on/seen")
async def seen_emergency(request: Request, caller: Guarded) -> Response:
    await form_of(request, caller)

    def change(tx: Tx) -> None:
        if end_trouble(tx, EMERGENCY_USED):
            tx.audit("emergency_seen")

    await house_of(request).change(caller.actor, "emergency_seen", change)
    return RedirectResponse("/admin/sign-on", status_code=303)


# One person ------------------------------------------------------------------------------------------------------


@router.post("/admin/staff/{staff_id}/factor")
async def reset_factor(request: Request, staff_id: int, caller: Guarded) -> Response:
    sure = text_of(await form_of(request, caller), "sure")

    def reset(tx: Tx, person: Staff) -> None:
        if sure not in words.MADE_SURE:
            raise Refused(RefusalCode.MALFORMED, NOT_SURE)
        second_factors.reset(tx, person, sure)

    return await _change_person(request, caller, staff_id, reset, own=False)


@router.post("/admin/staff/{staff_id}/emergency")
async def set_emergency(request: Request, staff_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    change = partial(sign_on.set_emergency, on=text_of(form, "on") == "yes")
    return await _change_person(request, caller, staff_id, change)


@router.post("/admin/staff/{staff_id}/sign-on")
async def join(request: Request, staff_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    house = house_of(request)
    tenant = house.sign_on.tenant if house.sign_on else ""
    change = partial(sign_on.join, tenant=tenant, object_id=text_of(form, "object_id", 120))
    return await _change_person(request, caller, staff_id, change)


async def _change_person(
    request: Request,
    caller: Caller,
    staff_id: int,
    change: Callable[[Tx, Staff], None],
    *,
    own: bool = True,
) -> Response:
    """Done by an administrator of everywhere this person works; `own` False: to somebody else only. A refusal is a page with the sentence."""

    def changing(tx: Tx) -> None:
        if not own and staff_id == caller.actor.id:
            raise Refused(RefusalCode.NOT_ALLOWED, OWN)
        change(tx, wholly_ours(tx, staff_id, caller.actor.centre))

    await house_of(request).change(caller.actor, "change_person", changing)
    identity_of(request).forget()
    return RedirectResponse(f"/admin/staff/{staff_id}", status_code=303)
