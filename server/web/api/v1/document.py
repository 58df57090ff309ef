"""The API's own description: OpenAPI 3.1, made from the very routes and shapes that answer, so it cannot say other than what is done.

`python -m server.web.api.v1.document` prints it for docs/api.json. It tells nothing that is not in the public source, so anybody may read it.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.web.api.v1 import booking, figures, reading
from server.web.api.v1.answers import pace
from server.web.api.v1.problems import MEDIA_TYPE, Problem, Wrong
from server.web.gate import Guarded

router = APIRouter(dependencies=[Depends(pace)])

ABOUT = """Appointments at a centre: what can be booked, booking it, and what is booked; and the figures that managers see.

Show a key (`Authorization: Bearer foyer_...`); an administrator makes it for one centre, with the rights to read, to book and to see names.
Every change carries an `Idempotency-Key` of your own: say the same again with the same key, and you get the first answer for 35 days.
Instants are RFC 3339 with an offset; dates are the centre's own. What is refused is a problem document (RFC 9457) whose `detail` can be
shown to a person. See docs/joining-up.md for the whole."""


@router.get("/api/v1/openapi.json", include_in_schema=False)
async def openapi(request: Request, caller: Guarded) -> Response:
    return JSONResponse(described(), headers={"cache-control": "public, max-age=3600"})


@cache
def described() -> dict[str, Any]:
    """The whole document."""
    routes = [*reading.router.routes, *booking.router.routes, *figures.router.routes]
    document = get_openapi(
        title="Foyer", version="1", openapi_version="3.1.0", description=ABOUT, routes=routes
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for shape in (Problem, Wrong):
        made = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        for name, inner in made.pop("$defs", {}).items():
            schemas.setdefault(name, inner)
        schemas[shape.__name__] = made
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A key from the page Connections."}
    }
    document["security"] = [{"key": []}]
    document["tags"] = [
        {"name": "what can be booked", "description": "The centre, its services, their free times."},
        {"name": "booking", "description": "Hold, book, move, cancel."},
        {"name": "appointments", "description": "What is booked."},
        {"name": "figures", "description": "Who came for what, how long they waited, and what became of it."},
    ]
    for operations in document["paths"].values():
        for operation in operations.values():
            _finish(operation)
    return document


def _finish(operation: dict[str, Any]) -> None:
    """What the framework says besides what is so: its own 422, and refusals as plain JSON."""
    for status, answer in operation["responses"].items():
        if answer["description"] == "Successful Response":
            answer["description"] = {"200": "What is so.", "201": "It is made.", "204": "It is let go."}[
                status
            ]
        content = answer.get("content", {})
        if int(status) >= 400 and MEDIA_TYPE in content:
            content.pop("application/json", None)
        elif "HTTPValidationError" in json.dumps(answer):
            operation["responses"] = {k: v for k, v in operation["responses"].items() if k != status}
            return _finish(operation)
    return None


if __name__ == "__main__":
    sys.stdout.write(json.dumps(described(), indent=2, ensure_ascii=False) + "\n")
