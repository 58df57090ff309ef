"""Runs the server: one process, one event loop, on one address. The one place where uvicorn is set up.

What is chosen here was measured (`python -m benchmarks`): uvloop and httptools; uvicorn's own protocol over `websockets`' parser, which spends the
least on a message; no compression of single messages (it costs 59 KiB a socket and tens of milliseconds in a fan-out); no access log,
which would name visitors' secrets besides. Keep-alive is the feed's beat, not a ping.

On SIGTERM or SIGINT nothing new is taken in, every screen is told to come back in a moment, what has queued for the writer lane is
committed and answered, and the database is closed.
"""

from __future__ import annotations

import ipaddress
import socket

import uvicorn

from server.app import create_app
from server.settings import Settings
from server.web.socket import say_goodbye
from wire.frames import MAX_MESSAGE_BYTES

BACKLOG = 2048
"""Two hundred screens that come back in one second wait in this line, not at a closed door."""
STOP_SECONDS = 5


def config_of(settings: Settings) -> uvicorn.Config:
    """How uvicorn runs the application that `settings` describe. Raises `DatabaseUnusable`."""
    return uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        access_log=False,
        log_level="warning",
        backlog=BACKLOG,
        limit_concurrency=None,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


class Server(uvicorn.Server):
    """Uvicorn's, which tells the screens before it shuts their sockets."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listening in self.servers:
            listening.close()
        await say_goodbye()
        await super().shutdown(sockets)


def serve(settings: Settings) -> None:
    """Serve until told to stop. Raises `DatabaseUnusable` with a sentence when the database cannot be used.

    A demonstration, whose accounts and levers are for whoever sits at the machine, is served to that machine only.
    """
    if settings.demo and not _is_loopback(settings.host):
        raise SystemExit(
            f"FOYER_DEMO is set, so only this machine may be served, not {settings.host}. Take one of them away."
        )
    Server(config_of(settings)).run()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    serve(Settings())
