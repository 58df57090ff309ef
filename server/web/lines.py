"""A screen's line goes straight to whoever speaks on it.

What stands around every page (the framework's layers, its dependencies, the bounds of a body, what counts an answer) is there while that page is made. A line lasts for
days, and each layer would stay with it, as one more call that waits for the next: of a display's 51 KB those were some 15 (docs/proof.md). None of them does anything for a line,
whose door is its own (`server.web.socket`): its origin, who it is and the rule of its route. What is no line of ours goes on to the application, which says so.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any, cast

from starlette.routing import Match, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

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


class Inbox:
    """What came in on one line and was not taken yet; one task takes. As much of `asyncio.Queue` as a line needs, whose three deques and an event are 3 KB of nothing."""

    __slots__ = ("_awaited", "_messages")

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._awaited: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        return not self._messages

    def put_nowait(self, message: Message) -> None:
        self._messages.append(message)
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_result(None)

    async def get(self) -> Message:
        while not self._messages:
            self._awaited = asyncio.get_running_loop().create_future()
            await self._awaited
        return self._messages.pop(0)


class LineProtocol(WebSocketsSansIOProtocol):
    """Uvicorn's, lighter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = cast("asyncio.Queue[Any]", Inbox())

    def start_keepalive(self) -> None:
        """Called when the line is open: what opened it, two sets of headers, has done its work."""
        super().start_keepalive()
        del self.request, self.response
