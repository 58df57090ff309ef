"""A person's own account: where they are signed in, and their second factor, which they set up, renew or (where nobody asks for it) take away.

The app's secret is shown while it is set up and not afterwards; the recovery codes once, on the answer that made them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import second_factors, sessions, staff
from server.actions.second_factors import opened, sealed
from server.clock import to_micros
from server.domain.proving import must_have_factor
from server.domain.refusals import Refused
from server.settings import Settings
from server.store.tables import BrowserSession, Centre, Staff, StaffRole
from server.store.tx import Tx
from server.web import cookies
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, identity_of, text_of
from server.web.identity import Caller, is_over
from server.web.pages.visitor_sheet import drawn
from server.web.render import page
from wire.asks import Evacuate
from wire.vocabulary import RefusalCode, Role, new_id

router = APIRouter()

_ASK_ID = re.compile(r"[0-9a-f]{32}")
_MICROS = re.compile(r"[0-9]{1,16}")


def places_of(
    session: Session, staff_id: int, now: datetime, settings: Settings
) -> list[tuple[int, BrowserSession]]:
    """Where somebody is signed in now, each with the microsecond it began in, by which it is ended."""
    found = sessions.sessions_of(session, staff_id)
    return [
        (to_micros(each.started_at), each)
        for each in found
        if not is_over(each.started_at, each.used_at, now, settings)
    ]


def began_in(form: FormData) -> int | None:
    """Which sign-in a form is about."""
    told = text_of(form, "began", 20)
    return int(told) if _MICROS.fullmatch(told) else None


def _seen(session: Session, caller: Caller, now: datetime, settings: Settings) -> dict[str, Any]:
    person = session.get_one(Staff, caller.actor.id)
    held = {
        Role(role)
        for role in session.exec(select(StaffRole.role).where(StaffRole.staff_id == caller.actor.id))
    }
    return {
        "person": person,
        "zone": ZoneInfo(session.get_one(Centre, caller.actor.centre).timezone),
        "places": places_of(session, caller.actor.id, now, settings),
        "own": caller.key,
        "factor": second_factors.factor_of(session, caller.actor.id),
        "left": second_factors.codes_left(session, caller.actor.id),
        "must_have": must_have_factor(
            settings.second_factor, held, emergency=person.emergency, means=caller.means
        ),
    }


@router.get("/account")
async def account_page(request: Request, caller: Guarded) -> Response:
    return await _account(request, caller)


async def _account(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, codes: list[str] | None = None
) -> Response:
    house = house_of(request)
    seen = await house.read(partial(_seen, caller=caller, now=house.clock.now(), settings=house.settings))
    return page(request, "account.html", said=said, status=status, codes=codes, **seen)


@router.post("/account/sign-out-one")
async def sign_out_one(request: Request, caller: Guarded) -> Response:
    began = began_in(await form_of(request, caller))
    if began is not None:
        change = partial(sessions.end_one_of, staff_id=caller.actor.id, began=began)
        await house_of(request).change(caller.actor, "sign_out_one", change)
        identity_of(request).forget()
    return RedirectResponse("/account#places-h", status_code=303)


@router.post("/account/sign-out-elsewhere")
async def sign_out_elsewhere(request: Request, caller: Guarded) -> Response:
    await form_of(request, caller)
    change = partial(sessions.sign_out_elsewhere, staff_id=caller.actor.id, session_id=caller.key)
    await house_of(request).change(caller.actor, "sign_out_elsewhere", change)
    identity_of(request).forget()
    return RedirectResponse("/account", status_code=303)


@router.post("/account/evacuate")
async def evacuate(request: Request, caller: Guarded) -> Response:
    """That everybody must leave, by whoever must still choose a password or set up an app and so has no role yet: a fire does not wait for it. It is the
    ask that all staff have, with the roles this person will have, and nothing else is done with them."""
    form = await form_of(request, caller)
    house, identity = house_of(request), identity_of(request)
    centre = next((number for number, _ in caller.buildings if str(number) == text_of(form, "centre")), None)
    if centre is None:
        raise Refused(RefusalCode.NOT_ALLOWED, "Say which building everybody must leave.")
    held = await house.read(partial(staff.roles_at, staff_id=caller.actor.id, centre_id=centre))
    actor = replace(caller.actor, centre=centre, roles=held)
    told = text_of(form, "command")
    ask_id = told if _ASK_ID.fullmatch(told) else new_id()
    answer = await house.perform(actor, ask_id, Evacuate(confirmed=True, centre=centre))
    if answer.refusal is not None:
        raise Refused(answer.refusal.code, answer.refusal.say)
    if centre != caller.actor.centre:
        # Only now, and under the token that the page has: whoever taps twice in a fire must not read that nothing was changed.
        stay = partial(sessions.stay_at, session_id=caller.key, centre_id=centre)
        await house.change(caller.actor, "stay_at", stay)
    identity.forget()  # the next page shall say it, not one some seconds later
    return RedirectResponse("/", status_code=303)


# The second factor -----------------------------------------------------------------------------------------------


@router.get("/account/second-factor")
async def factor_page(request: Request, caller: Guarded) -> Response:
    return await _factor(request, caller)


async def _factor(request: Request, caller: Caller, *, said: str = "", status: int = 200) -> Response:
    house = house_of(request)
    begun = await house.read(
        partial(second_factors.begun_by, staff_id=caller.actor.id, now=house.clock.now())
    )
    person: Staff = await house.read(lambda session: session.get_one(Staff, caller.actor.id))
    shown: dict[str, Any] = {"secret": "", "square": None}
    if begun:
        secret = opened(begun, house.keyring)
        shown = {
            "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            "square": drawn(_address(secret, person.username, house.settings.public_url)),
        }
    return page(request, "second_factor.html", said=said, status=status, **shown)


def _address(secret: str, username: str, public_url: str) -> str:
    """What the square says to the app (Google's key URI, which all of them read). Two houses' entries are told apart by the server's name."""
    issuer = f"Foyer {public_url.split('//')[-1].strip('/')}".strip()
    return f"otpauth://totp/{quote(issuer)}:{quote(username)}?secret={secret}&issuer={quote(issuer)}"


@router.post("/account/second-factor/begin")
async def begin(request: Request, caller: Guarded) -> Response:
    await form_of(request, caller)
    house = house_of(request)
    kept = sealed(second_factors.new_secret(), house.keyring)
    await house.change(
        caller.actor,
        "begin_factor",
        partial(second_factors.begin, staff_id=caller.actor.id, sealed_secret=kept),
    )
    identity_of(request).forget()
    return RedirectResponse("/account/second-factor", status_code=303)


@router.post("/account/second-factor")
async def confirm(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    house, actor, typed = house_of(request), caller.actor, text_of(form, "code", 60)

    def change(tx: Tx) -> tuple[list[str], str]:
        codes = second_factors.confirm(tx, actor.id, typed, house.clock.wall(), house.keyring)
        sessions.end_sessions_of(tx, actor.id, but=caller.key)
        return codes, sessions.renew_session(tx, caller.key, None if caller.means == "sso" else "factor")

    try:
        count = partial(second_factors.admit_code, staff_id=actor.id, address=actor.address)
        await house.change(actor, "admit_code", count)
        codes, key = await house.change(actor, "confirm_factor", change)
    except Refused as refused:
        return await _factor(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    identity_of(request).forget()
    answer = page(request, "recovery_codes.html", codes=codes)
    cookies.set_session(request, answer, key)
    return answer


@router.post("/account/second-factor/codes")
async def new_codes(request: Request, caller: Guarded) -> Response:
    await form_of(request, caller)
    change = partial(second_factors.new_codes, staff_id=caller.actor.id)
    codes = await house_of(request).change(caller.actor, "new_codes", change)
    return page(request, "recovery_codes.html", codes=codes)


@router.post("/account/second-factor/remove")
async def remove(request: Request, caller: Guarded) -> Response:
    await form_of(request, caller)
    house = house_of(request)
    seen = await house.read(partial(_seen, caller=caller, now=house.clock.now(), settings=house.settings))
    if seen["must_have"]:
        say = "Your account must have an authenticator app. You can set up another one in its place."
        return await _account(request, caller, said=say, status=409)

    def change(tx: Tx) -> None:
        second_factors.reset(tx, tx.session().get_one(Staff, caller.actor.id))

    await house.change(caller.actor, "remove_factor", change)
    identity_of(request).forget()
    return RedirectResponse("/sign-in", status_code=303)
