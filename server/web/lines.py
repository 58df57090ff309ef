"""A screen's line goes straight to whoever speaks on it.

What stands around every page (the framework's layers, its dependencies, the bounds of a body, what counts an answer) is there while that page is made. A line lasts for
days, and each layer would stay with it, as one more call that waits for the next: of a display's 56 KB those were 14 (docs/proof.md). None of them does anything for a line,
whose door is its own (`server.web.socket`): its origin, who it is and the rule of its route. What is no line of ours goes on to the application, which says so.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from starlette.routing import Match, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from server.logs import request_id


class Lines:
    """ASGI, around the whole application. `routes`: the sockets, which stand among the application's routes as well."""

    def __init__(self, app: ASGIApp, routes: Sequence[WebSocketRoute]) -> None:
        self._app = app
        self._routes = tuple(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._route(scope) if scope["type"] == "websocket" else None
        if route is None:
            await self._app(scope, receive, send)
            return
        request_id.set(secrets.token_hex(4))
        await route.endpoint(WebSocket(scope, receive, send))

    def _route(self, scope: Scope) -> WebSocketRoute | None:
        for route in self._routes:
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope.update(found, route=route)
                return route
        return None
