"""What every answer says to the browser, and how large a message may be.

No script or style but our own files, never inside another's page, nothing told to other sites, nothing kept unless a page says so: most
pages name people or places in a queue, so keeping is the exception. A body over 64 KiB is refused before it is read to the end.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 64 * 1024

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
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
TLS_ONLY = ("strict-transport-security", "max-age=31536000")


def add_security(headers: MutableHeaders, *, tls: bool) -> None:
    """Set what is not set yet, so that a page can say otherwise for itself."""
    for name, value in (*SECURITY, *((TLS_ONLY,) if tls else ())):
        headers.setdefault(name, value)


class _TooLarge(Exception):
    pass


class SafeAnswers:
    """ASGI middleware: bounds what comes in, completes what goes out."""

    def __init__(self, app: ASGIApp, *, tls: bool = True, big_paths: Iterable[str] = ()) -> None:
        self._app = app
        self._tls = tls
        self._big = tuple(big_paths)

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
        except _TooLarge:
            if not begun:
                await _say_too_large(completed)

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        if scope["path"].startswith(self._big) and self._big:
            return receive
        declared = Headers(scope=scope).get("content-length", "0")
        length = int(declared) if declared.isdigit() else 0
        heard = 0

        async def counted() -> Message:
            nonlocal heard
            if length > MAX_BODY_BYTES:
                raise _TooLarge
            message = await receive()
            heard += len(message.get("body", b""))
            if heard > MAX_BODY_BYTES:
                raise _TooLarge
            return message

        return counted


async def _say_too_large(send: Send) -> None:
    body = b"This is more than Foyer takes at once (64 KiB). Send less.\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
