"""The second step of signing in: the code of the authenticator app, or a recovery code from the list on paper.

The browser shows the key of a session that is only half begun; it opens nothing, lasts ten minutes, and is used up with the right code.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import second_factors, sessions
from server.actions.troubles import note_trouble
from server.domain.access import NOBODY, Actor
from server.domain.refusals import Refused
from server.store.tables import Staff
from server.store.tx import Tx
from server.web import cookies
from server.web.errors import status_of
from server.web.gate import Guarded, form_bound_by, house_of, text_of
from server.web.identity import Caller, address_of, browser_of
from server.web.render import page

router = APIRouter()

EMERGENCY_USED = "emergency-account"


@router.get("/sign-in/code")
async def code_page(request: Request, caller: Guarded, next: str = "") -> Response:  # noqa: A002 - the address says so
    if await _whose(request) is None:
        return RedirectResponse(f"/sign-in?next={quote(cookies.inside(next))}", status_code=303)
    return _page(request, next)


def _page(
    request: Request, onward: str, said: str = "", status: int = 200, by_list: bool = False
) -> Response:
    key = request.cookies.get(cookies.name_of(request, "form"), "")
    return page(
        request,
        "sign_in_code.html",
        status=status,
        said=said,
        form_key=key,
        onward=cookies.inside(onward),
        by_list=by_list,
    )


async def _whose(request: Request) -> Staff | None:
    key, house = request.cookies.get(cookies.name_of(request, "step"), ""), house_of(request)
    return await house.read(partial(sessions.half_of, key=key, now=house.clock.now())) if key else None


@router.post("/sign-in/code")
async def second_step(request: Request, caller: Guarded) -> Response:
    form = await form_bound_by(request, cookies.name_of(request, "form"))
    onward, person = text_of(form, "next"), await _whose(request)
    if person is None:
        return RedirectResponse(f"/sign-in?next={quote(cookies.inside(onward))}", status_code=303)
    try:
        key, centres = await _finish(
            request, caller, person, text_of(form, "code", 60), text_of(form, "recovery", 60)
        )
    except Refused as refused:
        await _note_failed(request, person, "recovery" if text_of(form, "recovery") else "code")
        status, by_list = status_of(refused.refusal), bool(text_of(form, "recovery"))
        return _page(request, onward, refused.refusal.say, status, by_list)
    where = cookies.inside(onward) or "/"
    answer = RedirectResponse(f"/centre?next={quote(where)}" if centres > 1 else where, status_code=303)
    cookies.set_session(request, answer, key)
    for each in ("form", "step"):
        cookies.drop_cookie(request, answer, cookies.name_of(request, each))
    return answer


async def _finish(
    request: Request, caller: Caller, person: Staff, code: str, recovery: str
) -> tuple[str, int]:
    """The new session's key, and at how many centres this person works. Raises Refused."""
    house, address = house_of(request), address_of(request)
    assert person.id is not None
    count = second_factors.admit_recovery if recovery else second_factors.admit_code
    nobody = replace(NOBODY, address=address)
    await house.change(nobody, "admit_code", partial(count, staff_id=person.id, address=address))
    centres = await house.read(partial(sessions.centres_of, staff_id=person.id))
    actor = Actor(kind="staff", id=person.id, centre=centres[0] if centres else 0, address=address)
    half = request.cookies[cookies.name_of(request, "step")]
    sso = bool(house.settings.sso_issuer)

    def sign_in(tx: Tx) -> str:
        sessions.end_half(tx, half)
        if recovery:
            second_factors.take_recovery(tx, person.id or 0, recovery)
        else:
            second_factors.take_code(tx, person.id or 0, code, house.clock.wall(), house.keyring)
        if sso:
            say_emergency(tx, person)
        if caller.signed_in:
            sessions.end_session(tx, caller.key)  # of whoever signed in in another window meanwhile
        return sessions.begin_session(
            tx, person.id or 0, person.username, means="factor", browser=browser_of(request)
        )

    return await house.change(actor, "sign_in", sign_in), len(centres)


async def _note_failed(request: Request, person: Staff, by: str) -> None:
    """The password was right and the rest was not: that is what a stolen password looks like."""
    house = house_of(request)
    centres = await house.read(partial(sessions.centres_of, staff_id=person.id or 0))
    whose = replace(NOBODY, address=address_of(request), centre=centres[0] if centres else 0)
    await house.change(whose, "sign_in_failed", partial(sessions.note_failed, person=person, by=by))


def say_emergency(tx: Tx, person: Staff) -> None:
    """The council's sign-on is the usual way: that somebody went past it is told to all administrators until one has looked into it."""
    tx.audit("emergency_used", f"staff:{person.id}", username=person.username)
    note_trouble(
        tx,
        EMERGENCY_USED,
        f"The emergency account {person.username} was used to sign in past the council's sign-on.",
        "Find out who it was and why. If it was meant, say so at Administration > Sign-on; if not, disable the account.",
    )
