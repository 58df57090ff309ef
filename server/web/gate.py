"""What every request and every handshake must pass: its route's rule, its form's token, its origin.

`guard` is a dependency of every router, so a route without a row in `access.ROUTES` lets nobody in. A form sent by a browser that has a
session must carry that session's token (`csrf` field or `X-Foyer-Token` header); sign-in, which has none yet, compares a
field with a cookie of its own. WebSockets know no such tokens and are outside CORS, so their Origin must be ours.
"""

from __future__ import annotations

import logging
import secrets
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.datastructures import FormData
from starlette.requests import HTTPConnection, Request

from server.domain.access import ROUTES, Rule, refusal_for
from server.domain.proving import is_stale
from server.domain.refusals import Refused
from server.edge import House
from server.settings import Settings
from server.web.grave import GRAVE
from server.web.identity import Caller, Identity
from wire.vocabulary import RefusalCode

log = logging.getLogger("foyer.gate")

TOKEN_FIELD = "csrf"  # noqa: S105 - a field's name
TOKEN_HEADER = "x-foyer-token"  # noqa: S105 - a header's name
USED_HEADER = "x-foyer-used"
"""Sent by a page that looks by itself when a person has touched it since it last looked."""
LOOKS_BY_ITSELF = frozenset(
    {"/counter/now", "/floor/now", "/greeter/now", "/greeter/count/now", "/appointments/now", "/leaving"}
)
MOST_FIELDS = 2000
"""Ten questions with twenty answers each, in six languages, are 1,500; what comes in at all is bounded in bytes."""
LARGEST_NUMBER, ID_SIGNS = 2**31 - 1, 32
OWN_PASSWORD_PATHS = frozenset({"/password", "/sign-out", "/account/evacuate"})
ENROLLING_PATHS = frozenset(
    {
        "/account/second-factor",
        "/account/second-factor/begin",
        "/confirm",
        "/sign-out",
        "/account/evacuate",
    }
)

OLD_FORM = "This page was open for too long or in another window. Nothing was changed: load it again and try once more."


class MustChangePassword(Exception):
    """The caller has to choose a password before anything else."""


class MustEnrol(Exception):
    """The caller has to set up an authenticator app before anything else."""


class ProveAnew(Exception):
    """What is asked is grave, and it was too long ago that the caller showed who they are."""


def house_of(connection: HTTPConnection) -> House:
    return cast("House", connection.app.state.house)


def identity_of(connection: HTTPConnection) -> Identity:
    return cast("Identity", connection.app.state.identity)


async def guard(connection: HTTPConnection) -> Caller:
    """The caller, if the rule of the route they are on lets them in; raises Refused otherwise."""
    path = route_path(connection)
    using = path not in LOOKS_BY_ITSELF or USED_HEADER in connection.headers
    caller = await identity_of(connection).caller(connection, using=using)
    connection.state.caller = caller
    rule = rule_of(connection.scope.get("method", "WEBSOCKET"), path)
    if caller.must_change and path not in OWN_PASSWORD_PATHS and (rule is None or not rule.everybody):
        raise MustChangePassword
    enrols_first = caller.must_enrol and not caller.must_change
    if enrols_first and path not in ENROLLING_PATHS and (rule is None or not rule.everybody):
        raise MustEnrol
    refusal = refusal_for(rule, caller.actor)
    if refusal is not None:
        if caller.key:  # strangers are shown the way to sign in all day
            log.warning(
                "%s %s was refused to somebody known as %s",
                connection.scope.get("method"),
                route_path(connection),
                caller.actor.kind,
            )
        raise Refused(refusal.code, refusal.say)
    if any(_is_no_number_of_ours(each) for each in connection.path_params.values()):
        raise Refused(
            RefusalCode.UNKNOWN, "There is no such page. Check the address, or go back to the start."
        )
    if _is_grave(connection, path) and _was_long_ago(connection, caller):
        raise ProveAnew
    return caller


def _is_grave(connection: HTTPConnection, path: str) -> bool:
    method = connection.scope.get("method", "")
    return (method, path) in GRAVE or (method, connection.scope["path"]) in GRAVE


def _was_long_ago(connection: HTTPConnection, caller: Caller) -> bool:
    house = house_of(connection)
    if caller.proved_at is None:
        return False
    return is_stale(caller.proved_at, house.clock.now(), house.settings.confirm_minutes)


def _is_no_number_of_ours(part: object) -> bool:
    """Whether this is a number that no database takes for one of a row: it is not there, rather than a fault of the server.

    The names of bookings, tickets and visits have 32 signs, which may all be digits; slugs that are a number are short.
    """
    text = str(part)
    return text.isdecimal() and len(text) != ID_SIGNS and int(text[:40]) > LARGEST_NUMBER


Guarded = Annotated[Caller, Depends(guard)]


def route_path(connection: HTTPConnection) -> str:
    """The path as the route is written, such as `/admin/staff/{staff_id}/roles`."""
    return str(getattr(connection.scope.get("route"), "path", ""))


def rule_of(method: str, path: str) -> Rule | None:
    return ROUTES.get(("GET" if method == "HEAD" else method, path))


async def form_of(request: Request, caller: Caller, *, files: int = 0) -> FormData:
    """The form, after its token was found right. Every change that a cookie could make goes through here. At most `files` files are read."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        log.warning("a form for %s came from another site", route_path(request))
        raise Refused(RefusalCode.NOT_ALLOWED, OLD_FORM)
    form = await request.form(max_files=files, max_fields=MOST_FIELDS)
    given = request.headers.get(TOKEN_HEADER) or text_of(form, TOKEN_FIELD)
    if not caller.csrf or not secrets.compare_digest(given.encode(), caller.csrf.encode()):
        log.warning("a form for %s came without its token", route_path(request))
        raise Refused(RefusalCode.NOT_ALLOWED, OLD_FORM)
    return form


async def form_bound_by(request: Request, cookie: str) -> FormData:
    """The form of somebody who has no session yet, bound to their browser by a cookie of the same value."""
    form = await request.form(max_files=0, max_fields=20)
    if not is_bound(request, form, cookie):
        raise Refused(RefusalCode.NOT_ALLOWED, OLD_FORM)
    return form


def is_bound(request: Request, form: FormData, cookie: str) -> bool:
    kept = request.cookies.get(cookie, "")
    same_site = request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return (
        same_site
        and bool(kept)
        and secrets.compare_digest(kept.encode(), text_of(form, TOKEN_FIELD).encode())
    )


def text_of(form: FormData, name: str, most: int = 2000) -> str:
    """A field's text, empty when it is missing; never a file."""
    value = form.get(name)
    return value.strip()[:most] if isinstance(value, str) else ""


def password_of(form: FormData, name: str) -> str:
    """A password as it was typed: a space at its end is a part of it."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def origin_allowed(connection: HTTPConnection) -> bool:
    """Whether a handshake comes from a page of ours. Only browsers send Origin, and they always do."""
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    return _host(origin) in _our_hosts(connection, house_of(connection).settings)


def _our_hosts(connection: HTTPConnection, settings: Settings) -> set[str]:
    return {connection.headers.get("host", "").casefold(), _host(settings.public_url)} - {""}


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return parts.netloc.casefold() if parts.scheme in ("http", "https") else ""
