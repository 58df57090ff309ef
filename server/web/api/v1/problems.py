"""Refusals as programs read them: problem documents (RFC 9457).

`code` is for the program and never changes its meaning; `detail` is a sentence for the person before it. What is wrong in the form of a call (400) is
told apart from what is well formed and cannot be done (422), so that a program knows whether its maker or its user must act. The value that was wrong is never
repeated: it may be somebody's number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from server.domain.access import ROUTES
from server.domain.refusals import Refusal
from wire.vocabulary import RefusalCode

MEDIA_TYPE = "application/problem+json"
ROOT = "/api/v1/"
AGAIN_SECONDS = 2

STATUS = {
    RefusalCode.NOT_SIGNED_IN: 401,
    RefusalCode.NOT_ALLOWED: 403,
    RefusalCode.UNKNOWN: 404,
    RefusalCode.TRY_LATER: 503,
    RefusalCode.TOO_LARGE: 413,
    RefusalCode.MALFORMED: 422,
}
"""Everything else is 409: the state of things is against it."""

NO_KEY = "Show a key of this centre: Authorization: Bearer foyer_... An administrator makes keys on the page Connections."
MALFORMED = "Something in this call is missing or not of the right form. Nothing was changed."
_PLAIN = {
    400: (RefusalCode.MALFORMED, MALFORMED),
    404: (
        RefusalCode.UNKNOWN,
        "There is nothing at this address. See /api/v1/openapi.json for what there is.",
    ),
    413: (RefusalCode.TOO_LARGE, "This is more than Foyer takes at once. Send less."),
    405: (
        RefusalCode.MALFORMED,
        "This address cannot be used with that method. The Allow header names those it has.",
    ),
}


class Wrong(BaseModel):
    """One thing that is wrong in what was sent."""

    model_config = ConfigDict(extra="forbid")

    where: str = Field(
        description="Where it stands, such as body/visitor/phone.", examples=["body/starts_at"]
    )
    say: str = Field(description="What is wrong with it.", examples=["Field required"])


class Problem(BaseModel):
    """Why a call was refused (RFC 9457)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:foyer:refusal:closed",
                    "title": "Conflict",
                    "status": 409,
                    "detail": "This time is taken. Still free are 10:15 and 10:45.",
                    "code": "closed",
                }
            ]
        },
    )

    type: str = Field(description="`urn:foyer:refusal:` and the code.", examples=["urn:foyer:refusal:closed"])
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status, again.")
    detail: str = Field(
        description="A sentence for the person who uses the program: what is so, and what to do."
    )
    code: RefusalCode = Field(description="For the program; its meaning never changes.")
    errors: list[Wrong] = Field(default=[], description="Of a malformed call: what is wrong where.")


def is_ours(path: str) -> bool:
    return path.startswith(ROOT)


def status_of(refusal: Refusal) -> int:
    return STATUS.get(refusal.code, 409)


def problem(
    refusal: Refusal,
    status: int | None = None,
    *,
    errors: Iterable[Wrong] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer that says why not."""
    status = status or status_of(refusal)
    code, say = refusal.code, refusal.say
    if code is RefusalCode.NOT_SIGNED_IN and say == "Sign in first.":
        say = NO_KEY
    told = Problem(
        type=f"urn:foyer:refusal:{code.value}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=say,
        code=code,
        errors=list(errors),
    )
    more = {401: {"www-authenticate": "Bearer"}, 503: {"retry-after": str(AGAIN_SECONDS)}}.get(status, {})
    body: dict[str, Any] = told.model_dump(mode="json", exclude_defaults=True)
    return JSONResponse(body, status, {**more, **(headers or {})}, media_type=MEDIA_TYPE)


def plain_problem(path: str, status: int, headers: Mapping[str, str] | None = None) -> JSONResponse | None:
    """What HTTP itself refuses; None for a status that has no words of its own here."""
    if status not in _PLAIN:
        return None
    if status == 405:
        headers = {"allow": ", ".join(methods_of(path))}
    return problem(Refusal(*_PLAIN[status]), status, headers=headers)


def methods_of(path: str) -> list[str]:
    """The methods of an address: the framework names those of the first route only, and here each method is a route."""
    return sorted(
        method
        for method, route in ROUTES
        if is_ours(route) and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route), path)
    )


def malformed(error: RequestValidationError) -> JSONResponse:
    errors = [
        Wrong(where="/".join(str(part) for part in each["loc"])[:200], say=str(each["msg"])[:300])
        for each in error.errors()[:20]
    ]
    return problem(Refusal(*_PLAIN[400]), 400, errors=errors)
