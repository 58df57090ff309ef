"""The cookies of signing in: one for the session, one that binds the form to the browser, one between the password and the second factor, and one
while somebody is away at the council's sign-on. All are out of reach of scripts; over TLS their names tie them to this very host."""

from __future__ import annotations

from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from server.web.gate import house_of, identity_of

Cookie = Literal["form", "step", "sign_on"]


def secure(request: Request) -> bool:
    return house_of(request).settings.secure_cookies


def name_of(request: Request, cookie: Cookie) -> str:
    return f"__Host-foyer_{cookie}" if secure(request) else f"foyer_{cookie}"


def set_cookie(request: Request, answer: Response, name: str, value: str, **more: Any) -> None:
    answer.set_cookie(name, value, path="/", secure=secure(request), httponly=True, samesite="lax", **more)


def drop_cookie(request: Request, answer: Response, name: str) -> None:
    answer.delete_cookie(name, path="/", secure=secure(request), httponly=True, samesite="lax")


def set_session(request: Request, answer: Response, key: str) -> None:
    set_cookie(request, answer, identity_of(request).session_cookie, key)


def inside(onward: str) -> str:
    """An address within this site, or nothing: a link must not lead a person who just signed in elsewhere."""
    safe = (
        onward.startswith("/") and not onward.startswith("//") and "\\" not in onward and onward.isprintable()
    )
    return onward if safe and len(onward) < 400 else ""
