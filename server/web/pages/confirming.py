"""Showing again who one is before a grave act (`server.web.grave`).

What was filled in is carried along, so nothing is typed twice: after the password or code it is shown once more as one button. The session goes on
under a new key. Whoever came through the council's sign-on goes there again; it says itself when it last asked them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.actions import second_factors, sessions
from server.actions.sign_on import NEVER_SAID
from server.domain.access import ROUTES
from server.domain.refusals import Refused
from server.store.tables import Staff
from server.store.tx import Tx
from server.web import cookies, passwords
from server.web.errors import status_of
from server.web.gate import (
    TOKEN_FIELD,
    Guarded,
    form_of,
    house_of,
    identity_of,
    password_of,
    route_path,
    text_of,
)
from server.web.identity import Caller
from server.web.render import page
from wire.vocabulary import RefusalCode

router = APIRouter()
CARRIED = "carried."
WRONG = "This is not your password. Type it again."
BY_SIGN_ON = "Go to the council's sign-on again to show who you are."

Fields = Sequence[tuple[str, str]]


async def ask_again(request: Request) -> Response:
    """In place of the grave act: what was sent is carried along, and nothing of it was done. Only a form of ours is carried: the person's own password
    shall not stand behind what another page filled in."""
    form = await form_of(request, request.state.caller)
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return _page(request, request.url.path, [each for each in fields if each[0] != TOKEN_FIELD])


def _page(
    request: Request, where: str, fields: Fields, said: str = "", status: int = 403, *, by_list: bool = False
) -> Response:
    caller: Caller = request.state.caller
    again = f"/sign-on?again=yes&next={quote(_page_of(request))}"
    carried = [(f"{CARRIED}{name}", value) for name, value in fields]
    return page(
        request,
        "confirm.html",
        status=status,
        said=said,
        where=where,
        carried=carried,
        means=caller.means,
        again=again,
        by_list=by_list,
        never_said=caller.proved_at is not None and caller.proved_at <= NEVER_SAID,
    )


def _page_of(request: Request) -> str:
    """The page on which the form stood: the nearest above where it was sent that can be opened."""
    route, path = route_path(request), request.url.path
    while route and ("GET", route) not in ROUTES:
        route, path = route.rpartition("/")[0], path.rpartition("/")[0]
    return path or "/"


def _carried(form: FormData) -> Fields:
    return [
        (name.removeprefix(CARRIED), value)
        for name, value in form.multi_items()
        if name.startswith(CARRIED) and isinstance(value, str)
    ]


@router.post("/confirm")
async def confirm(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    recovery = text_of(form, "recovery", 60)
    where, fields = cookies.inside(text_of(form, "where")) or "/", _carried(form)
    try:
        key = await _prove(
            request, caller, password_of(form, "password"), text_of(form, "code", 60), recovery
        )
    except Refused as refused:
        return _page(
            request, where, fields, refused.refusal.say, status_of(refused.refusal), by_list=bool(recovery)
        )
    identity_of(request).forget()
    answer = page(request, "confirmed.html", where=where, fields=fields)
    cookies.set_session(request, answer, key)
    return answer


async def _prove(request: Request, caller: Caller, password: str, code: str, recovery: str) -> str:
    """The session's new key; raises Refused when it was not them."""
    house, actor = house_of(request), caller.actor
    person: Staff = await house.read(lambda session: session.get_one(Staff, actor.id))
    if caller.means == "sso":
        raise Refused(RefusalCode.NOT_ALLOWED, BY_SIGN_ON)
    if caller.means == "factor":
        admit_second = second_factors.admit_recovery if recovery else second_factors.admit_code
        count = partial(admit_second, staff_id=actor.id, address=actor.address)
        await house.change(actor, "admit_code", count)

        def by_code(tx: Tx) -> str:
            if recovery:
                second_factors.take_recovery(tx, actor.id, recovery)
            else:
                second_factors.take_code(tx, actor.id, code, house.clock.wall(), house.keyring)
            return sessions.renew_session(tx, caller.key)

        return await house.change(actor, "confirm", by_code)
    admit = partial(sessions.admit_try, username=person.username, address=actor.address)
    await house.change(actor, "admit_try", admit)
    if not await passwords.matches(password, person.password_hash):
        raise Refused(RefusalCode.NOT_ALLOWED, WRONG)

    def by_password(tx: Tx) -> str:
        sessions.hold_to(tx, person)
        sessions.forgive_tries(tx, person.username, actor.address)
        return sessions.renew_session(tx, caller.key)

    return await house.change(actor, "confirm", by_password)
