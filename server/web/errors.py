"""When something is not to be had: a page with a plain sentence for people, a short document for programs.

Nothing of the inside is shown: no trace, no path, no word of the database. Who is not signed in is taken to the sign-in page and, after
it, to where they wanted to go.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from server.domain.public_routes import PUBLIC
from server.domain.refusals import Refusal, Refused
from server.store.faults import database_troubles, fault_of
from server.web.api.v1 import problems
from server.web.gate import MustChangePassword, MustEnrol, ProveAnew, house_of
from server.web.headers import TooLarge, add_security
from server.web.render import page
from wire import frames
from wire.vocabulary import RefusalCode

if TYPE_CHECKING:
    from server.web.public.drawing import Place

log = logging.getLogger("foyer.web")

STATUS = {
    RefusalCode.NOT_SIGNED_IN: 401,
    RefusalCode.NOT_ALLOWED: 403,
    RefusalCode.UNKNOWN: 404,
    RefusalCode.TRY_LATER: 429,
    RefusalCode.TOO_LARGE: 413,
    RefusalCode.MALFORMED: 422,
    RefusalCode.CLOSED: 410,
}
_SAY = {
    400: (RefusalCode.MALFORMED, "The server could not read what was sent."),
    401: (RefusalCode.NOT_SIGNED_IN, "Sign in first."),
    403: (RefusalCode.NOT_ALLOWED, "Your account does not have the right to see this page."),
    404: (RefusalCode.UNKNOWN, "There is no such page. Check the address, or go back to the start."),
    405: (RefusalCode.MALFORMED, "This address cannot be used in that way."),
    413: (RefusalCode.TOO_LARGE, "This is more than Foyer takes at once. Send less."),
    429: (RefusalCode.TRY_LATER, "Too many calls at once. Wait a moment, and go on more slowly."),
    422: (
        RefusalCode.MALFORMED,
        "Something in what was sent is missing or not as it should be. Nothing was changed.",
    ),
}
FOR_NOW = (429, 500, 503)
"""What is over in a while."""
STAYS = "stay=1"
"""What a tablet at the exit has in its address."""
COMES_BACK_SECONDS = 20
_AWAY = Refusal(
    RefusalCode.TRY_LATER,
    "The house cannot look into its books just now. Try again in a moment; nothing was changed.",
)
_FAULT = Refusal(
    RefusalCode.TRY_LATER,
    "Something went wrong on the server. Nothing was changed as far as we know. Try again; if it stays, tell your administrator.",
)


def status_of(refusal: Refusal | frames.Refusal) -> int:
    """The HTTP status that goes with a refusal."""
    return STATUS.get(refusal.code, 409)


def is_program(request: Request) -> bool:
    """Whether the one asking reads JSON rather than a page."""
    return request.url.path.startswith("/api/") or "application/json" in request.headers.get("accept", "")


def refusal_document(refusal: Refusal, status: int | None = None) -> JSONResponse:
    body = {"refusal": {"code": refusal.code.value, "say": refusal.say}}
    return JSONResponse(body, status_code=status or status_of(refusal))


def _answer(request: Request, refusal: Refusal, status: int) -> Response:
    answer = _said(request, refusal, status)
    if status == 503:
        answer.headers["retry-after"] = "5"
    return answer


def _said(request: Request, refusal: Refusal, status: int) -> Response:
    if problems.is_ours(request.url.path):
        return problems.problem(refusal, status)
    if is_program(request):
        return refusal_document(refusal, status)
    if status in FOR_NOW and (request.method, _kind_of_page(request)) in PUBLIC:
        return later(request, status)
    return page(request, "error.html", status=status, title=_title(status), sentence=refusal.say)


def later(request: Request, status: int, place: Place | None = None) -> Response:
    """For visitors, whose page it is: in their language, and without a word of servers or administrators. At the exit a tablet stands by itself, so it
    has no way out and comes back when it is time."""
    from server.web.public import drawing  # these answer with statuses from here
    from server.web.public.voice import voice_of

    voice = voice_of(request)
    path, stays = _to_look_at(request), request.query_params.get("stay") == "1"
    own: dict[str, Any] = {"path": path}  # the other languages are chosen on a page that can be looked at
    if stays:
        own |= {"query": STAYS, "council": ()}
    elif request.method not in ("GET", "HEAD"):
        own |= {"query": ""}
    answer = drawing.page(
        request,
        "later.html",
        voice,
        title=voice.word("form_web.say.later_title"),
        status=status,
        place=place,
        folder=".",
        again=f"{path}?{STAYS}" if stays else path,
        back_after=COMES_BACK_SECONDS if stays else 0,
        **own,
    )
    if stays and "set-cookie" in answer.headers:
        del answer.headers["set-cookie"]  # the next person's language is their own
    return answer


def _to_look_at(request: Request) -> str:
    """This page where it can be looked at, else the nearest above it: a link cannot send again what a form sent, so it leads to where the form is."""
    kinds, here = _kind_of_page(request).split("/"), request.url.path.split("/")
    for end in range(len(kinds), 1, -1):
        if ("GET", "/".join(kinds[:end])) in PUBLIC:
            return "/".join(here[:end])
    return "/forms"


def _title(status: int) -> str:
    return {
        401: "Sign in first",
        403: "Not for your account",
        404: "Not found",
        409: "This did not work",
        410: "Over",
        413: "Too large",
        429: "Please wait",
        500: "Something went wrong",
        503: "Back in a moment",
    }.get(status, "This did not work")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    refusal = error.refusal
    if problems.is_ours(request.url.path):
        return problems.problem(refusal)
    wants_page = request.method in ("GET", "HEAD") and not is_program(request)
    if refusal.code is RefusalCode.NOT_SIGNED_IN and wants_page:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(here)}", status_code=303)
    return _answer(request, refusal, status_of(refusal))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if problems.is_ours(request.url.path):
        too_large = isinstance(
            error.__cause__, TooLarge
        )  # met while the framework read what it takes for JSON
        plain = problems.plain_problem(
            request.url.path, 413 if too_large else error.status_code, error.headers
        )
        if plain is not None:
            return plain
    code, say = _SAY.get(error.status_code, (RefusalCode.MALFORMED, HTTPStatus(error.status_code).phrase))
    answer = _answer(request, Refusal(code, say), error.status_code)
    for name, value in (error.headers or {}).items():
        answer.headers.setdefault(name, value)
    return answer


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if problems.is_ours(request.url.path):
        return problems.malformed(error)
    code, say = _SAY[422]
    return _answer(request, Refusal(code, say), 422)


def _kind_of_page(request: Request) -> str:
    """The page's address as its route has it (`/carry-on/{secret}`): in a real one may stand what opens somebody's form."""
    return str(getattr(request.scope.get("route"), "path", request.url.path))


async def _away(request: Request, error: Exception) -> Response:
    """The database's trouble is the lane's, the hub's and the doctor's to tell of: a page each would tell it a thousand times. Answered here and not as
    a fault of ours, for after one of those the connection is cut, under the next request of whoever keeps it open."""
    fault = fault_of(error)
    if fault is None:
        raise error
    log.warning("%s %s could not read: %s", request.method, _kind_of_page(request), fault.kind)
    return _answer(request, _AWAY, 503)


async def _fault(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, _kind_of_page(request), exc_info=error)
    answer = _answer(request, _FAULT, 500)
    add_security(answer.headers, tls=house_of(request).settings.secure_cookies)  # outside the middleware
    return answer


async def _must_change(request: Request, error: Exception) -> Response:
    if is_program(request):
        return refusal_document(Refusal(RefusalCode.NOT_ALLOWED, "Choose your own password first."))
    return RedirectResponse("/password", status_code=303)


async def _must_enrol(request: Request, error: Exception) -> Response:
    if is_program(request):
        return refusal_document(Refusal(RefusalCode.NOT_ALLOWED, "Set up your authenticator app first."))
    return RedirectResponse("/account/second-factor", status_code=303)


async def _prove_anew(request: Request, error: Exception) -> Response:
    from server.web.pages.confirming import ask_again  # it answers with statuses from here

    if is_program(request):
        return refusal_document(Refusal(RefusalCode.NOT_ALLOWED, "Show again who you are, on the page."))
    return await ask_again(request)


def add_errors(app: FastAPI) -> None:
    app.add_exception_handler(MustEnrol, _must_enrol)
    app.add_exception_handler(ProveAnew, _prove_anew)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(MustChangePassword, _must_change)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _malformed)
    for trouble in database_troubles(app.state.settings.database):
        app.add_exception_handler(trouble, _away)
    app.add_exception_handler(Exception, _fault)
