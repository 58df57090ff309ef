"""Around every request: gives it a number that each line of the log about it carries, counts it, and measures how long it took.

What is counted is the route as it is written (`/t/{secret}`), never the address that was asked for: in that may stand what opens somebody's form.
"""

from __future__ import annotations

import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.logs import request_id
from server.measures import Measures, Spread

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
NO_ROUTE = "none"


def part_of(route: str) -> str:
    """`/admin/staff/{staff_id}` is of `admin`, `/t/{secret}` of `t`: as many as there are first words."""
    return route.split("/", 2)[1] or "start"


class Counted:
    """ASGI middleware. The measures are those of the house that `app.state.house` becomes at start."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id.set(
            secrets.token_hex(4)
        )  # a task of its own has each; whoever tells of a fault is further out than we are
        began, status = time.monotonic(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            _count(scope, status, time.monotonic() - began)


def _count(scope: Scope, status: int, seconds: float) -> None:
    house = getattr(scope["app"].state, "house", None)
    if house is None:
        return
    measures: Measures = house.measures
    route = str(getattr(scope.get("route"), "path", NO_ROUTE))
    method = scope["method"] if scope["method"] in METHODS else "other"
    measures.requests[method, route, status] += 1
    part = NO_ROUTE if route == NO_ROUTE else part_of(route)
    spread = measures.request_seconds.get(part)
    if spread is None:
        spread = measures.request_seconds[part] = Spread()
    spread.add(seconds)
