"""Signing in and out, the home page, choosing a centre and a password.

The same sentence and the same time answer an unknown name and a wrong password. Sign-in has no session yet whose token it could carry, so its
form is bound to the browser by a cookie with the same value.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from urllib.parse import quote

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import second_factors, sessions, staff
from server.actions.changes import failed_of
from server.domain.access import NOBODY, Actor
from server.domain.proving import Means
from server.domain.refusals import Refused
from server.live.connections import in_trouble
from server.store.tables import Centre, Change, Staff
from server.store.tx import Tx
from server.web import cookies, passwords
from server.web.errors import status_of
from server.web.gate import OLD_FORM, Guarded, form_of, house_of, identity_of, is_bound, password_of, text_of
from server.web.identity import Caller, address_of, browser_of
from server.web.pages.second_step import say_emergency
from server.web.render import page
from wire.vocabulary import RefusalCode, Role

router = APIRouter()

WRONG = "The user name or the password is not right. Try again."

RAN_OUT = "This one-time password has run out: it lets in for 7 days. Ask an administrator for a new one."


@router.get("/sign-in")
async def sign_in_page(request: Request, caller: Guarded, next: str = "") -> Response:  # noqa: A002 - the address says so
    if caller.signed_in:
        return RedirectResponse(cookies.inside(next) or "/", status_code=303)
    return sign_in_page_saying(request, onward=next)


def sign_in_page_saying(
    request: Request, *, onward: str = "", said: str = "", username: str = "", status: int = 200
) -> Response:
    cookie = cookies.name_of(request, "form")
    key = request.cookies.get(cookie) or secrets.token_urlsafe(24)
    answer = page(
        request,
        "sign_in.html",
        status=status,
        said=said,
        form_key=key,
        onward=cookies.inside(onward),
        username=username,
    )
    cookies.set_cookie(request, answer, cookie, key)
    return answer


@router.post("/sign-in")
async def sign_in(request: Request, caller: Guarded) -> Response:
    form = await request.form(max_files=0, max_fields=20)
    onward, username = text_of(form, "next"), text_of(form, "username", 200)
    if not is_bound(request, form, cookies.name_of(request, "form")):
        return sign_in_page_saying(request, onward=onward, said=OLD_FORM, status=403)
    try:
        key, centres, half = await _try(request, caller, username, password_of(form, "password"))
    except Refused as refused:
        status = status_of(refused.refusal)
        return sign_in_page_saying(
            request, onward=onward, said=refused.refusal.say, username=username, status=status
        )
    where = cookies.inside(onward) or "/"
    if half:
        answer = RedirectResponse(f"/sign-in/code?next={quote(where)}", status_code=303)
        cookies.set_cookie(request, answer, cookies.name_of(request, "step"), key)
        return answer
    if centres > 1:
        where = f"/centre?next={quote(where)}"
    answer = RedirectResponse(where, status_code=303)
    cookies.set_session(request, answer, key)
    cookies.drop_cookie(request, answer, cookies.name_of(request, "form"))
    return answer


async def _try(request: Request, caller: Caller, username: str, password: str) -> tuple[str, int, bool]:
    """The new session's key, at how many centres this person works, and whether their second factor is still to come; raises Refused.

    Where the council's sign-on is used, a password opens emergency accounts only. Nobody is told which those are.
    """
    house, address = house_of(request), address_of(request)
    folded = staff.fold_username(username)
    nobody = replace(NOBODY, address=address)
    await house.change(nobody, "admit_try", partial(sessions.admit_try, username=folded, address=address))
    person = await house.read(partial(staff.by_username, typed=folded))
    right = await passwords.matches(password, person.password_hash if person else None)
    centres = await house.read(partial(sessions.centres_of, staff_id=person.id or 0 if person else 0))
    passed_by = bool(house.settings.sso_issuer) and person is not None and not person.emergency
    if person is None or person.id is None or not right or person.disabled_at is not None or passed_by:
        whose = replace(nobody, centre=centres[0] if centres else 0)
        await house.change(whose, "sign_in_failed", partial(sessions.note_failed, person=person))
        raise Refused(RefusalCode.NOT_ALLOWED, WRONG)
    if person.must_change and person.one_time_until is not None and house.clock.now() > person.one_time_until:
        raise Refused(RefusalCode.NOT_ALLOWED, RAN_OUT)
    person_id = person.id
    actor = Actor(kind="staff", id=person_id, centre=centres[0] if centres else 0, address=address)

    def begin(tx: Tx) -> tuple[str, bool]:
        sessions.hold_to(tx, person)
        half = second_factors.factor_of(tx.session(), person_id) is not None
        if house.settings.sso_issuer and not half:
            say_emergency(tx, person)
        means: Means = "half" if half else "password"
        if caller.signed_in:
            sessions.end_session(tx, caller.key)  # of whoever was signed in in this browser before
        return sessions.begin_session(tx, person_id, folded, means=means, browser=browser_of(request)), half

    key, half = await house.change(actor, "sign_in", begin)
    return key, len(centres), half


@router.post("/sign-out")
async def sign_out(request: Request, caller: Guarded) -> Response:
    await form_of(request, caller)
    identity = identity_of(request)
    await house_of(request).change(
        caller.actor, "sign_out", partial(sessions.end_session, session_id=caller.key)
    )
    identity.forget()
    answer = RedirectResponse("/signed-out" if caller.means == "sso" else "/sign-in", status_code=303)
    cookies.drop_cookie(request, answer, identity.session_cookie)
    answer.headers["clear-site-data"] = '"cache"'
    return answer


@router.get("/")
async def home(request: Request, caller: Guarded) -> Response:
    if not caller.signed_in:
        return RedirectResponse("/sign-in", status_code=303)
    if caller.must_change:
        return RedirectResponse("/password", status_code=303)
    if caller.must_enrol:
        return RedirectResponse("/account/second-factor", status_code=303)
    if caller.actor.roles == {Role.ADVISER}:
        return RedirectResponse("/counter", status_code=303)
    if caller.actor.roles == {Role.PARTNER}:
        return RedirectResponse("/appointments", status_code=303)
    if caller.actor.roles <= {Role.PAPERS, Role.DISCREET} and Role.PAPERS in caller.actor.roles:
        return RedirectResponse("/papers", status_code=303)
    failed: list[Change] = []
    troubled: Mapping[int, tuple[str, str]] = {}
    if Role.ADMINISTRATOR in caller.actor.roles:
        failed = await house_of(request).read(partial(failed_of, centre_id=caller.actor.centre))
        troubled = await house_of(request).read(partial(in_trouble, centre=caller.actor.centre))
    return page(request, "home.html", failed=failed, troubled=troubled)


@router.get("/leaving")
async def leaving(request: Request, caller: Guarded) -> Response:
    """What stands on top of each page that does not follow the floor while everybody must leave; nothing to say to whoever is not signed in."""
    if not caller.signed_in:
        return Response(status_code=204)
    return page(request, "_leaving.html")


@router.get("/centre")
async def centre_page(request: Request, caller: Guarded, next: str = "") -> Response:  # noqa: A002 - the address says so
    return await _centre_page(request, caller, onward=next)


async def _centre_page(
    request: Request, caller: Caller, *, onward: str, said: str = "", status: int = 200
) -> Response:
    centres = await house_of(request).read(partial(_centres, staff_id=caller.actor.id))
    return page(
        request, "centre.html", centres=centres, onward=cookies.inside(onward), said=said, status=status
    )


def _centres(session: Session, staff_id: int) -> list[tuple[int, str]]:
    ids = sessions.centres_of(session, staff_id)
    found = session.exec(select(Centre).where(col(Centre.id).in_(ids)).order_by(Centre.name))
    return [(centre.id or 0, centre.name) for centre in found]


@router.post("/centre")
async def choose_centre(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    chosen, onward = text_of(form, "centre"), text_of(form, "next")
    if not chosen.isdecimal() or len(chosen) > 9:
        return await _centre_page(request, caller, onward=onward, said="Choose a centre.", status=422)
    choose = partial(
        sessions.choose_centre, session_id=caller.key, staff_id=caller.actor.id, centre_id=int(chosen)
    )
    await house_of(request).change(caller.actor, "choose_centre", choose)
    identity_of(request).forget()
    return RedirectResponse(cookies.inside(onward) or "/", status_code=303)


@router.get("/password")
async def password_page(request: Request, caller: Guarded) -> Response:
    return page(request, "password.html")


@router.post("/password")
async def change_password(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    try:
        key = await _change_password(request, caller, form)
    except Refused as refused:
        return page(request, "password.html", said=refused.refusal.say, status=422)
    identity_of(request).forget()
    answer = RedirectResponse("/", status_code=303)
    cookies.set_session(request, answer, key)
    return answer


async def _change_password(request: Request, caller: Caller, form: FormData) -> str:
    """The key under which the session goes on; raises Refused. Guesses at the present password count like sign-in tries."""
    house, address = house_of(request), address_of(request)
    person: Staff = await house.read(lambda session: session.get_one(Staff, caller.actor.id))
    old, new = password_of(form, "old"), password_of(form, "new")
    usual = await asyncio.to_thread(passwords.usual_if_readable, house.settings.usual_passwords)
    fault = passwords.fault_of(new, person.username, usual)
    if fault or new != password_of(form, "again"):
        raise _not_changed(fault or "The two new passwords are not the same. Type them again.")
    admit = partial(sessions.admit_try, username=person.username, address=address)
    await house.change(caller.actor, "admit_try", admit)
    if not await passwords.matches(old, person.password_hash):
        raise _not_changed("Your present password is not right. Type it again.")
    if new == old:
        raise _not_changed("Choose a password that you have not used here before.")
    hashed = await passwords.hash_password(new)
    return await house.change(
        caller.actor, "change_password", partial(_write_password, caller=caller, person=person, hashed=hashed)
    )


def _not_changed(say: str) -> Refused:
    return Refused(RefusalCode.MALFORMED, say)


def _write_password(tx: Tx, caller: Caller, person: Staff, hashed: str) -> str:
    sessions.hold_to(tx, person)
    sessions.forgive_tries(tx, person.username, caller.actor.address)
    staff.change_own_password(tx, caller.actor.id, hashed, session_id=caller.key)
    return sessions.renew_session(tx, caller.key)
