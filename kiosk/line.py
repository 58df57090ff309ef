"""Keeps the kiosk on its line to the server for years: paired, at the right address, on the right machine, and able to say why not.

`kiosk.link` carries the frames; this decides which server it speaks to and what follows when it does not answer, refuses this machine, or has
moved. All of it concerns staff and none of it visitors, with one exception: a machine that runs on a copy of another's card would give out the
same codes as the other, so it serves nobody until the server takes it for the right one. It knows that by itself, also without a network: beside the
token lies the name of the machine it was given to.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from websockets.exceptions import InvalidHandshake, WebSocketException

from hardware import machine
from kiosk import addressing, enrol, line_faults
from kiosk.flow import events as e
from kiosk.flow.model import Screen
from kiosk.link import NO_REDIRECT, Hooks, Link
from wire.follow import Follower
from wire.frames import Bye, Malformed, Snapshot, device_headers, read_server_frame

if TYPE_CHECKING:
    from kiosk.run import Runner

log = logging.getLogger("foyer.kiosk.line")

WAY_BACK_SECONDS = 900.0
"""So long is a new address silent before the old one is tried again; then they take turns."""
NO_TICKETS = frozenset({Screen.STARTING, Screen.SETUP, Screen.OUT_OF_ORDER})
TRY_SECONDS = 10.0
NEXT_TRY_SECONDS = 300.0
"""A new address that is no good is not tried at each change of the feed, which says it each time."""


class Line:
    def __init__(self, runner: Runner, name: str | None = None) -> None:
        self._runner = runner
        self.machine = machine.identity() if name is None else name
        self._configured = runner.settings.server
        self._paired: enrol.Paired | None = None
        self._on_card: enrol.Paired | None = None
        self._writing = asyncio.Lock()
        self._silent_since = time.monotonic()
        self._tried: dict[str, float] = {}
        """The address we were last told to move to, and when we tried it."""
        runner.settings = _at(runner.settings, addressing.recall(runner.settings.state, self._configured))

    # Its life -----------------------------------------------------------------------------------------------

    def recall(self) -> enrol.Paired | None:
        return enrol.recall(self._runner.settings.state)

    def begin(self, paired: enrol.Paired | None) -> None:
        """Before anybody is served: is this the machine the token was given to?"""
        if paired is not None and paired.machine and self.machine and paired.machine != self.machine:
            log.error("this card comes from another machine")
            self._runner.send(e.Faulted(e.Fault.COPIED))

    async def live(self, paired: enrol.Paired | None) -> enrol.Paired:
        """As a device of the server, until it takes that back; then as one that asks to be set up again."""
        self._on_card = paired
        await self._serve(paired or await self._enrol(revoked=False))
        self._runner.send(e.SettingUp(None, revoked=True))
        await self._drop()
        return await self._enrol(revoked=True)

    async def _enrol(self, *, revoked: bool) -> enrol.Paired:
        runner = self._runner

        def show(code: str | None) -> None:
            runner.send(e.SettingUp(code, revoked))

        def where() -> str:
            return str(runner.settings.server)

        self._silent_since = time.monotonic()
        paired = await enrol.enrol(where, runner.settings.name, show, failed=self._failed)
        self._paired = paired = paired.on(self.machine)
        await self._keep(paired)
        self._right_machine()
        runner.send(e.SetUp(paired.device))
        return paired

    async def _serve(self, paired: enrol.Paired) -> None:
        """Keep the line up and hand over, until the server takes this device out of service."""
        runner = self._runner
        self._paired = paired
        self._silent_since = time.monotonic()
        hooks = Hooks(
            rows=self._rows, state=self._is, server_now=runner.heard, failed=self._failed, parted=self._parted
        )
        runner.link = Link(
            runner.settings.socket,
            paired.token,
            runner.app,
            hooks,
            steady=time.monotonic,
            machine=self.machine,
        )
        ways: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = (
            partial(runner.hand_over, runner.link),
            partial(runner.hand_in, paired),
        )
        handing = [asyncio.create_task(runner.kept_going(way)) for way in ways]
        try:
            await runner.link.run()
        finally:
            for each in handing:
                each.cancel()
            await asyncio.gather(*handing, return_exceptions=True)
            runner.link = None

    # What the line says -------------------------------------------------------------------------------------

    def _is(self, up: bool) -> None:
        self._silent_since = time.monotonic()
        if up:
            self._runner.reporting.line_now = ""
            self._right_machine()
            paired = self._paired
            if paired is not None and paired.on(self.machine) != self._on_card:
                self._paired = paired = paired.on(self.machine)
                self._runner.background(self._keep(paired))
        self._runner.link_is(up)

    async def _keep(self, paired: enrol.Paired) -> None:
        """On a card that does not take it, it is tried again with the next line: it is good until this machine starts anew."""
        async with self._writing:
            if self._paired is not paired:
                return  # taken back meanwhile
            try:
                await asyncio.to_thread(enrol.keep, self._runner.settings.state, paired)
                self._on_card = paired
            except OSError as error:
                log.error("the token cannot be kept; without it this kiosk has to be set up again: %s", error)

    async def _drop(self) -> None:
        self._paired = self._on_card = None
        async with self._writing:
            try:
                await asyncio.to_thread(enrol.drop, self._runner.settings.state)
            except OSError as error:  # the server refuses it again when this machine starts anew
                log.error("the token that was taken back cannot be thrown away: %s", error)

    def _right_machine(self) -> None:
        if self._runner.model.fault is e.Fault.COPIED:
            self._runner.send(e.Mended())

    def _rows(self, rows: Mapping[str, Any]) -> None:
        self._runner.rows(rows)
        new = addressing.told(rows, self._runner.settings.server)
        now = time.monotonic()
        if new and now - self._tried.get(new, -1e9) >= NEXT_TRY_SECONDS:
            self._tried = {new: now}
            self._runner.background(self._move(new))

    def _parted(self, bye: Bye) -> None:
        if bye.code == "copied":
            self._runner.reporting.line_now = self._runner.reporting.line = bye.say
            self._runner.send(e.Faulted(e.Fault.COPIED))
        self._perhaps_back()

    def _failed(self, error: BaseException) -> None:
        runner = self._runner
        tickets = runner.model.screen not in NO_TICKETS
        say = line_faults.why(error, runner.settings.server, runner.calendar(), gives_tickets=tickets)
        if say and say != runner.reporting.line_now:
            log.error("%s", say)
            runner.reporting.line = say
        if say != runner.model.line_says:
            runner.send(e.LinkChanged(runner.model.link_up, say))
        runner.reporting.line_now = say
        self._perhaps_back()

    # Another address ----------------------------------------------------------------------------------------

    def _perhaps_back(self) -> None:
        """A new address that has been silent for long: the old one and the new one in turn, until one answers."""
        kept = addressing.recall(self._runner.settings.state, self._configured)
        if kept == self._configured or time.monotonic() - self._silent_since < WAY_BACK_SECONDS:
            return
        self._silent_since = time.monotonic()
        other = self._configured if self._runner.settings.server == kept else kept
        log.warning("no answer for long; trying %s", other)
        self._go(other)

    def _go(self, server: str) -> None:
        runner = self._runner
        runner.settings = _at(runner.settings, server)
        if runner.link is not None:
            runner.link.url = runner.settings.socket

    async def _move(self, new: str) -> None:
        """Believe a new address once it has shown that it is our house: it knows this device by its token."""
        runner, paired = self._runner, self._paired
        try:
            if paired is None or not await self._knows_us(_at(runner.settings, new).socket, paired):
                log.error("the server says it moves to %s, which does not know this kiosk; staying", new)
                return
            await asyncio.to_thread(addressing.keep, runner.settings.state, self._configured, new)
        except (OSError, WebSocketException, InvalidHandshake, TimeoutError, Malformed) as error:
            log.error(
                "the server says it moves to %s, which does not answer rightly; staying: %s", new, error
            )
            return
        log.warning("the server has moved to %s", new)
        self._go(new)
        if runner.link is not None:
            await runner.link.hang_up()

    async def _knows_us(self, url: str, paired: enrol.Paired) -> bool:
        shown = device_headers(paired.token, self.machine)
        async with asyncio.timeout(TRY_SECONDS):
            async with NO_REDIRECT(
                url, additional_headers=shown, compression=None, ping_interval=None, proxy=None
            ) as connection:
                await connection.send(Follower(self._runner.app).hello().encode())
                frame = read_server_frame(await connection.recv())
                with contextlib.suppress(OSError, WebSocketException):
                    await connection.close()
        if not isinstance(frame, Snapshot):
            return False
        return any(
            row.get("kind") == "device" and row.get("id") == paired.device for row in frame.rows.values()
        )


def _at(settings: Any, server: str) -> Any:
    return settings if settings.server == server else settings.model_copy(update={"server": server})
