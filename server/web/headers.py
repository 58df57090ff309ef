"""What every answer says to the browser, and how large a message may be.

No script or style but our own files, never inside another's page, nothing told to other sites, nothing kept unless a page says so: most
pages name people or places in a queue, so keeping is the exception. A body over 64 KiB is refused before it is read to the end.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.domain.refusals import Refusal
from server.web.api.v1 import problems
from wire import carrying
from wire.packets import MOST_BYTES
from wire.vocabulary import RefusalCode

MAX_BODY_BYTES = 64 * 1024
BIG_BODIES: Mapping[str, int] = {
    "/admin/centres/": 4 * 1024 * 1024,
    "/counts/import": 5 * 1024 * 1024 + MAX_BODY_BYTES,
    "/appointments/import": 5 * 1024 * 1024 + MAX_BODY_BYTES,
    "/setup/": 1024 * 1024,
    "/api/packets/": MOST_BYTES + 4 * 1024 * 1024,
    "/forms/": 24 * 1024 * 1024,
    "/admin/addresses": 61 * 1024 * 1024,
    "/admin/forms": 4 * 1024 * 1024,
    "/api/carried/": carrying.MOST_BYTES,
}
"""How much may come in below these paths, where files are sent: a form's encoding makes a file up to three times as long. A service's
questions with their answers in six languages are as much as a file."""

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

SECURITY: tuple[tuple[str, str], ...] = (
    ("content-security-policy", CONTENT_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
)
TLS_ONLY = ("strict-transport-security", "max-age=31536000; includeSubDomains")
"""A name below the house's could otherwise set cookies for it over plain HTTP. The house has a name of its own (docs/security.md)."""


def add_security(headers: MutableHeaders, *, tls: bool) -> None:
    """Set what is not set yet, so that a page can say otherwise for itself."""
    for name, value in (*SECURITY, *((TLS_ONLY,) if tls else ())):
        headers.setdefault(name, value)


class TooLarge(Exception):
    def __init__(self, most: int) -> None:
        self.most = most


class SafeAnswers:
    """ASGI middleware: bounds what comes in, completes what goes out."""

    def __init__(self, app: ASGIApp, *, tls: bool = True, big_bodies: Mapping[str, int] = BIG_BODIES) -> None:
        self._app = app
        self._tls = tls
        self._big = big_bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def completed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                add_security(MutableHeaders(scope=message), tls=self._tls)
            await send(message)

        try:
            await self._app(scope, self._bounded(scope, receive), completed)
        except TooLarge as error:
            if not begun:
                await _say_too_large(completed, error.most, scope["path"])

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        path: str = scope["path"]
        most = next((size for start, size in self._big.items() if path.startswith(start)), MAX_BODY_BYTES)
        declared = Headers(scope=scope).get("content-length", "0")
        length = int(declared) if declared.isdigit() else 0
        heard = 0

        async def counted() -> Message:
            nonlocal heard
            if length > most:
                raise TooLarge(most)
            message = await receive()
            heard += len(message.get("body", b""))
            if heard > most:
                raise TooLarge(most)
            return message

        return counted


async def _say_too_large(send: Send, most: int, path: str) -> None:
    say, kind = (
        f"This is more than Foyer takes at once ({most // 1024} KiB). Send less.",
        "text/plain; charset=utf-8",
    )
    body = f"{say}\n".encode()
    if problems.is_ours(path):
        kind = problems.MEDIA_TYPE
        body = bytes(problems.problem(Refusal(RefusalCode.TOO_LARGE, say)).body)
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
