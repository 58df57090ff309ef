"""What every operation of the API may answer, as its document says it: one list, so that none forgets a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException

from server.settings import Settings
from server.web.api.v1.problems import MEDIA_TYPE
from server.web.gate import Guarded, house_of
from server.web.throttle import Throttle

_RETRY = {
    "Retry-After": {
        "description": "Seconds to wait.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    }
}
_WHY: Mapping[int, tuple[str, Mapping[str, Any]]] = {
    400: ("The call is malformed: something is missing, unknown or not of the right form.", {}),
    401: (
        "No key was shown, or one that lets nobody in.",
        {"WWW-Authenticate": {"description": "Bearer", "schema": {"type": "string"}}},
    ),
    403: ("The key lacks the right to this.", {}),
    404: ("It is not there, or the key does not reach it.", {}),
    409: (
        "The state of things is against it: the time is taken, the Idempotency-Key was used for another call.",
        {},
    ),
    413: ("More was sent than is taken at once.", {}),
    422: (
        "Well formed, and cannot be done: a number that is no telephone's, an answer that is none of the choices.",
        {},
    ),
    429: ("Too many calls. Go on more slowly.", _RETRY),
    503: ("The server cannot do it just now. Say the same again in a moment: nothing is done twice.", _RETRY),
}


def refusals(*more: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of an operation: those that any may give, and `more`."""
    return {status: _document(status) for status in sorted({400, 401, 403, 429, 503, *more})}


def refusals_of_all() -> dict[int | str, dict[str, Any]]:
    return {status: _document(status) for status in _WHY}


def _document(status: int) -> dict[str, Any]:
    why, headers = _WHY[status]
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": why, "content": content, **({"headers": dict(headers)} if headers else {})}


def throttle_of(settings: Settings) -> Throttle:
    return Throttle(settings.api_per_minute, max(30, settings.api_per_minute // 10))


async def pace(request: Request, caller: Guarded) -> None:
    """Keep one key from taking everybody's time."""
    throttle: Throttle = request.app.state.api_throttle
    who = caller.actor.said_as() if caller.actor.kind == "program" else caller.actor.address
    if wait := throttle.wait(who, house_of(request).process.beside):
        raise HTTPException(429, headers={"Retry-After": str(wait)})
