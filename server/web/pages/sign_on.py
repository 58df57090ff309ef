"""Signing in by the council's sign-on, in two moves: away to it, and back with an answer that is good once, in this browser.

Being sent away is a plain link, for a form may lead nowhere but here (Content-Security-Policy). Whatever goes wrong ends on the sign-in page with a
sentence, and in the audit with a word (`server.domain.sign_on.Why`). The council's sign-on may say by itself that somebody signed out there
(`/sign-on/logged-out`): by a signed token, or by the session's id in the address, as it does to each application from the browser.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from server.actions import sign_on
from server.actions.sessions import end_session
from server.domain.access import NOBODY, Actor
from server.domain.refusals import Refused
from server.domain.sign_on import LEEWAY, Gone, NotLetIn, Person, Why, judge, judge_logout, say_of
from server.store.tx import Tx
from server.web import cookies
from server.web.errors import status_of
from server.web.gate import Guarded, house_of, identity_of, text_of
from server.web.identity import Caller, address_of, browser_of
from server.web.pages.account import sign_in_page_saying
from server.web.render import page

log = logging.getLogger("foyer.sign_on")
router = APIRouter()

COOKIE_SECONDS = 600
NOT_SET_UP = "The council's sign-on is not set up rightly here. Whoever runs the server finds why at Administration > Sign-on, or by 'foyer doctor'."


def _back(request: Request) -> str:
    return f"{house_of(request).settings.public_url.rstrip('/')}/sign-on/done"


def _nobody(request: Request) -> Actor:
    return replace(NOBODY, address=address_of(request))


async def _refuse(request: Request, why: Why, say: str = "") -> Response:
    log.warning("somebody was refused at the council's sign-on: %s", why)
    await house_of(request).change(
        _nobody(request), "sign_on_refused", partial(sign_on.note_refused, why=why.value)
    )
    status = 503 if why is Why.UNREACHABLE else 403
    answer = sign_in_page_saying(request, said=say or say_of(why), status=status)
    cookies.drop_cookie(request, answer, cookies.name_of(request, "sign_on"))
    return answer


@router.get("/sign-on")
async def away(request: Request, caller: Guarded, next: str = "", again: str = "") -> Response:  # noqa: A002 - the address says so
    house = house_of(request)
    if house.sign_on is None:
        return RedirectResponse("/sign-in", status_code=303)
    if caller.signed_in and not again:
        return RedirectResponse(cookies.inside(next) or "/", status_code=303)
    if house.sign_on.faults:
        return sign_in_page_saying(request, said=NOT_SET_UP, status=503)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    cookie = cookies.name_of(request, "sign_on")
    browser = request.cookies.get(cookie) or secrets.token_urlsafe(32)
    try:
        where = await house.sign_on.address_of(_back(request), state, nonce, verifier, again=bool(again))
    except NotLetIn as error:
        return await _refuse(request, error.why)
    keep = partial(
        sign_on.send_away,
        state=state,
        nonce=nonce,
        verifier=verifier,
        browser=browser,
        onward=cookies.inside(next),
    )
    try:
        await house.change(_nobody(request), "sign_on", keep)
    except Refused as refused:
        return sign_in_page_saying(request, said=refused.refusal.say, status=status_of(refused.refusal))
    answer = RedirectResponse(where, status_code=303)
    cookies.set_cookie(request, answer, cookie, browser, max_age=COOKIE_SECONDS)
    return answer


@router.get("/sign-on/done")
async def done(
    request: Request, caller: Guarded, code: str = "", state: str = "", error: str = "", iss: str = ""
) -> Response:
    house = house_of(request)
    if house.sign_on is None:
        return RedirectResponse("/sign-in", status_code=303)
    browser = request.cookies.get(cookies.name_of(request, "sign_on"), "")
    take = partial(sign_on.take_back, state=state[:200], browser=browser)
    under_way = await house.change(_nobody(request), "sign_on_back", take)
    if under_way is None:
        return await _refuse(request, Why.STATE, sign_on.TOO_LATE)
    if iss and iss != house.sign_on.issuer:
        return await _refuse(request, Why.ISSUER)
    if error or not 0 < len(code) <= 8000:
        return await _refuse(request, Why.DENIED)
    try:
        claims = await house.sign_on.exchange(code, under_way.verifier, _back(request))
        person = judge(claims, house.sign_on.expected, under_way.nonce, house.clock.wall().timestamp())
    except NotLetIn as refused:
        return await _refuse(request, refused.why)
    return await _let_in(request, caller, person, under_way.onward)


async def _let_in(request: Request, caller: Caller, person: Person, onward: str) -> Response:
    house, nobody = house_of(request), _nobody(request)
    known = await house.read(partial(sign_on.account_of, person=person))
    actor = replace(nobody, kind="staff", id=known) if known is not None else nobody
    if await house.change(actor, "sign_on_roles_gone", partial(sign_on.take_roles_away, person=person)):
        identity_of(request).forget()
        return await _refuse(
            request, Why.ROLE, sign_on.GROUPS_ONLY if person.groups_only else sign_on.NO_ROLE
        )
    proved_at = sign_on.NEVER_SAID
    if person.proved_at is not None:
        # the house's clock may be another one than the council's, in a demonstration
        ago = house.clock.wall() - datetime.fromtimestamp(person.proved_at, UTC)
        proved_at = house.clock.now() - max(ago, timedelta())

    def come_in(tx: Tx) -> tuple[str, int]:
        if caller.signed_in:
            end_session(tx, caller.key)
        return sign_on.come_in(tx, person, proved_at, browser_of(request))

    try:
        key, centres = await house.change(actor, "sign_on_done", come_in)
    except Refused as refused:
        return await _refuse(request, Why.ROLE if known is None else Why.ACCOUNT, refused.refusal.say)
    identity_of(request).forget()
    where = cookies.inside(onward) or "/"
    answer = RedirectResponse(f"/centre?next={quote(where)}" if centres > 1 else where, status_code=303)
    cookies.set_session(request, answer, key)
    for each in ("form", "sign_on"):
        cookies.drop_cookie(request, answer, cookies.name_of(request, each))
    return answer


# Out -------------------------------------------------------------------------------------------------------------


@router.get("/signed-out")
async def goodbye(request: Request, caller: Guarded) -> Response:
    """After signing out here: the person may sign out at the council too, which on a shared computer they should."""
    provider = house_of(request).sign_on
    url = house_of(request).settings.public_url.rstrip("/")
    where = await provider.goodbye(f"{url}/sign-in") if provider is not None else ""
    return page(request, "signed_out.html", where=where)


@router.get("/sign-on/logged-out")
async def logged_out(request: Request, caller: Guarded, sid: str = "", iss: str = "") -> Response:
    """Front-channel logout: the browser brings the session's id, which only the council's sign-on and we know."""
    house, provider = house_of(request), house_of(request).sign_on
    is_one = 8 <= len(sid) <= 120 and sid.isprintable()
    is_ours = provider is not None and iss in ("", provider.issuer)
    # Anybody may ask, all day: only what there is comes before the writer.
    if is_ours and is_one and await house.read(partial(sign_on.is_begun_by, sso_session=sid)):
        await _end(request, Gone(sid, "", "", house.clock.wall().timestamp()))
    return PlainTextResponse("", headers={"cache-control": "no-cache, no-store"})


@router.post("/sign-on/logged-out")
async def logged_out_by_token(request: Request, caller: Guarded) -> Response:
    """Back-channel logout: a signed token says whose sessions end."""
    provider = house_of(request).sign_on
    form = await request.form(max_files=0, max_fields=5)
    token = text_of(form, "logout_token", 20_000)
    if provider is None:
        return PlainTextResponse("", status_code=404)
    try:
        claims = await provider.claims_in(token)
        about = judge_logout(claims, provider.expected, house_of(request).clock.wall().timestamp())
    except NotLetIn as refused:
        log.warning("a logout token was refused: %s", refused.why)
        return PlainTextResponse("", status_code=400)
    await _end(request, about)
    return PlainTextResponse("", headers={"cache-control": "no-store"})


async def _end(request: Request, gone: Gone) -> None:
    house = house_of(request)
    ago = house.clock.wall() - datetime.fromtimestamp(gone.said_at, UTC)
    end = partial(
        sign_on.end_by_provider,
        sso_session=gone.session,
        tenant=gone.tenant,
        object_id=gone.object_id,
        until=house.clock.now() - max(ago, timedelta()) + timedelta(seconds=LEEWAY),
    )
    await house.change(_nobody(request), "sign_on_ended", end)
    identity_of(request).forget()
