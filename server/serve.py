"""Runs the server: one process, one event loop, on one address. The one place where uvicorn is set up.

What is chosen here was measured (`python -m benchmarks`): uvloop and httptools; uvicorn's own protocol over `websockets`' parser (its older one is
as fast and on its way out); no compression of single messages (it costs 59 KiB a socket and tens of milliseconds in a fan-out); no access log,
which would name visitors' secrets besides. Keep-alive is the feed's beat, not a ping.

Nobody who has connected may just stay: a connection that does not bring its request to an end in `SILENT_SECONDS` is cut, and as many files
as the system allows may be open, so that a few hundred idle connections from the waiting room's network do not shut the kiosks out.

On SIGTERM or SIGINT, or when its database has gone to a schema that it cannot work on, it says that it is not ready, and goes on for `FOYER_DRAIN_SECONDS` so that a balancer turns to others. Then nothing new is taken in,
every screen is told to come back in a moment, what has queued for the writer lane is committed and answered, and the database is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import logging
import os
import resource
import socket
import time
from types import FrameType
from typing import Any

import uvicorn

from hardware.supervisor import Supervisor
from server import error_reports, logs, memory
from server.app import create_app
from server.clock import Clock
from server.edge import House
from server.live.process import version
from server.settings import Settings
from server.web.lines import LineProtocol
from server.web.socket import say_goodbye
from wire.frames import MAX_MESSAGE_BYTES

log = logging.getLogger("foyer.serve")

BACKLOG = 2048
"""Two hundred screens that come back in one second wait in this line, not at a closed door."""
STOP_SECONDS = 5
SILENT_SECONDS = 20.0
HANDING_IN_SECONDS = 1800.0
"""A hundred pages over a slow line take their time; who sends nothing for long is let go by the route itself (`server.web.api.packets`)."""
LOOK_SECONDS = 2.0
MOST_FILES = 65_536


def config_of(settings: Settings, clock: Clock | None = None) -> uvicorn.Config:
    """How uvicorn runs the application that `settings` describe. Raises `DatabaseUnusable`."""
    return uvicorn.Config(
        create_app(settings, clock, owns_process=True),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws=LineProtocol,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        access_log=False,
        log_config=None,  # `server.logs` has seen to it
        backlog=BACKLOG,
        limit_concurrency=None,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


class Server(uvicorn.Server):
    """Uvicorn's, which cuts off whoever never ends a request, and tells the screens before it shuts their sockets."""

    _cutter: asyncio.Task[None] | None = None
    _fed: asyncio.Task[None] | None = None
    _looks: asyncio.Task[None] | None = None
    _supervisor = Supervisor()
    _hurries = False
    """It was told to stop a second time: no more waiting for a balancer. (A second SIGINT, from a terminal, also lets go of all else.)"""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._hurries = self._hurries or self.should_exit
        super().handle_exit(sig, frame)

    @property
    def _house(self) -> House | None:
        app: Any = self.config.app
        house: House | None = getattr(app.state, "house", None)
        return house

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        supervisor = Supervisor.found(os.environ)
        supervisor.status("Bringing the database to this release and reading the day.")
        await super().startup(sockets)
        self._cutter = asyncio.create_task(self._cut_silent())
        self._looks = asyncio.create_task(self._stop_when_outgrown())
        if self.started:
            supervisor.ready(f"Serving on port {self.config.port}.")
            self._fed = asyncio.create_task(feed(supervisor, self._house))
            log.info("release %s serves on port %d", version(), self.config.port)
        self._supervisor = supervisor

    async def _cut_silent(self) -> None:
        waited: dict[Any, tuple[Any, float]] = {}
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = time.monotonic()
            connections: set[Any] = set(self.server_state.connections)
            silent = {each: each.cycle for each in connections if _is_half_said(each)}
            waited = {
                each: was if (was := waited.get(each)) is not None and was[0] is cycle else (cycle, now)
                for each, cycle in silent.items()
            }
            for each, (_, since) in waited.items():
                most = HANDING_IN_SECONDS if _is_handing_in(each) else SILENT_SECONDS
                if now - since > most and each.transport is not None:
                    each.transport.abort()

    async def _stop_when_outgrown(self) -> None:
        """Started anew, it says at once which release is needed, and does not serve."""
        while self._house is None or not self._house.process.outgrown:  # noqa: ASYNC110 - told by a heartbeat, which rings no bell
            await asyncio.sleep(LOOK_SECONDS)
        log.critical("the database is a newer release's, and this one cannot work on it: it stops")
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._supervisor.stopping()
        if self._house is not None:
            self._house.process.stopping = True
            await self._drain(self._house.settings.drain_seconds)
        for task in (self._cutter, self._fed, self._looks):
            if task is not None:
                task.cancel()
        for listening in self.servers:
            listening.close()
        await say_goodbye()
        await super().shutdown(sockets)
        log.info("stopped")

    async def _drain(self, seconds: float) -> None:
        """Serve on while a balancer finds out; told to stop a second time, stop."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._hurries:  # noqa: ASYNC110 - uvicorn tells it by this alone
            await asyncio.sleep(min(0.2, seconds))


async def feed(supervisor: Supervisor, house: House | None) -> None:
    """Tell systemd that this loop still goes round, which is what every screen and every ask depends on, and that the writer lane does. Never from a
    thread: a loop that hangs must be found out. A lane that waits for a database that is away still turns."""
    while supervisor.watchdog is not None:
        if house is None or house.lane.turning:
            supervisor.well()
        await asyncio.sleep(supervisor.watchdog / 3)


def _is_handing_in(connection: Any) -> bool:
    """Whether this is a kiosk that is let in and sends papers. One that was refused has its answer, and no more time than others."""
    cycle = connection.cycle
    return (
        cycle is not None and not cycle.response_complete and cycle.scope["path"].startswith("/api/packets/")
    )


def _is_half_said(connection: Any) -> bool:
    """Whether this HTTP connection owes us the rest of a request. Upgraded ones have manners of their own (server.web.socket)."""
    if not hasattr(connection, "cycle"):
        return False
    cycle = connection.cycle
    if cycle is None or cycle.more_body:
        return True
    return bool(cycle.response_complete) and connection.timeout_keep_alive_task is None


def _open_many_files() -> None:
    """A screen is an open file; the usual limit of 1,024 is for programs that serve fewer."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def serve(settings: Settings) -> None:
    """Serve until told to stop. Raises `DatabaseUnusable` with a sentence when the database cannot be used.

    A demonstration, whose accounts and levers are for whoever sits at the machine, is served to that machine only.
    """
    if settings.demo and not _is_loopback(settings.host):
        raise SystemExit(
            f"FOYER_DEMO is set, so only this machine may be served, not {settings.host}. Take one of them away."
        )
    logs.set_up(settings.logs, settings.log_level)
    memory.few_heaps()
    reporter = error_reports.set_up(settings.error_reports.get_secret_value(), version())
    _open_many_files()
    config = config_of(settings)
    gc.enable()  # whoever loaded us may have spared it looking through what only grows
    try:
        Server(config).run()
    finally:
        if reporter is not None:
            reporter.close()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    serve(Settings())
