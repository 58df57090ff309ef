"""One call of a webhook: look the name up, judge every address it has, connect to one of those and to no other, send, hear the status.

The connection is made to the very address that was judged, so a name that leads elsewhere a moment later leads nowhere; the certificate is still
judged by the name. No redirect is followed, no proxy of the environment is used, nothing is unpacked, and of the answer no more is read than
its head and a little: what counts is the status. Everything together has `SECONDS`, however slowly the other side drips. Nothing is raised: what
went wrong is an `Outcome` with a sentence.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpcore

from server.domain.calling import Network, Outcome, fault_of_address, fault_of_url

log = logging.getLogger("foyer.hooks")

SECONDS = 15.0
MOST_ANSWER_BYTES = 16 * 1024

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def addresses_of(host: str, port: int) -> Sequence[str]:
    """Every numeric address of `host`, as this machine looks names up. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


async def call(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    inside: Sequence[Network] = (),
    resolve: Resolve = addresses_of,
    trust: ssl.SSLContext | None = None,
    seconds: float = SECONDS,
) -> Outcome:
    """POST `body` to `url`. `inside`: networks that may be called though they are not public; `trust`: whose certificates are believed."""
    fault = fault_of_url(url)
    if fault:
        return Outcome(why=fault)
    try:
        async with asyncio.timeout(seconds):
            return await _call(url, headers, body, inside, resolve, trust)
    except TimeoutError:
        return Outcome(why=f"No whole answer came within {seconds:g} seconds.")
    except Exception as error:
        return Outcome(why=_reason(error, urlsplit(url).hostname or ""))


async def _call(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    inside: Sequence[Network],
    resolve: Resolve,
    trust: ssl.SSLContext | None,
) -> Outcome:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = await resolve(parts.hostname or "", port)
    for each in addresses:
        if fault := fault_of_address(each, inside):
            return Outcome(why=fault)
    pool = httpcore.AsyncConnectionPool(
        ssl_context=trust or ssl.create_default_context(), network_backend=_Pinned(addresses), retries=0
    )
    async with (
        pool,
        pool.stream(
            "POST", url, headers=[*headers.items(), ("connection", "close")], content=body
        ) as response,
    ):
        outcome = _outcome(response.status, _seconds_in(response.headers))
        heard = 0
        async for part in response.aiter_stream():
            heard += len(part)
            if heard > MOST_ANSWER_BYTES:
                break  # the connection is closed with the pool; nobody waits for the rest
        return outcome


class _Pinned(httpcore.AsyncNetworkBackend):
    """Connects to the addresses that were judged, whatever name is asked for."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the shape is httpcore's; the whole call has a limit
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        last: Exception = httpcore.ConnectError("it has no address")
        for address in self._addresses:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the shape is httpcore's
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("a webhook is never a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _outcome(status: int, retry_after: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome(status)
    if 300 <= status < 400:
        return Outcome(
            status, f"It answered {status}, a redirect. Calls follow none: enter the address it moved to."
        )
    if status == 410:
        return Outcome(status, "It answered 410: it wants no calls any more.")
    return Outcome(status, f"It answered {status}.", retry_after)


def _seconds_in(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """`Retry-After` in seconds; the form with a date is as good as none."""
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit():
            return int(value[:6])
    return 0


def _reason(error: Exception, host: str) -> str:
    """In words; never what the other side wrote."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"Its certificate is not to be trusted: {cause.verify_message}."
        if isinstance(cause, ssl.SSLError):
            return "No safe connection could be made (TLS). It may speak an old version only, or none."
        if isinstance(cause, socket.gaierror | UnicodeError):
            return f"The name {host} could not be found."
        if isinstance(cause, ConnectionRefusedError):
            return "Nothing answers there: the connection was refused."
    if isinstance(error, httpcore.RemoteProtocolError | httpcore.LocalProtocolError):
        return "What it answered was not HTTP, or it hung up before it answered."
    if not isinstance(error, OSError | httpcore.NetworkError | httpcore.TimeoutException):
        log.warning("a call ended in %s", type(error).__name__, exc_info=error)
    return "The connection failed."


def _causes(error: BaseException) -> Iterable[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        if isinstance(seen, BaseExceptionGroup):
            for each in seen.exceptions:
                yield from _causes(each)
        seen = seen.__cause__ or seen.__context__
