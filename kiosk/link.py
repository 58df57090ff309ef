"""The line to the server: one websocket, kept up for years, carrying the feed in and asks out.

It decides when to try again (soon, then less and less often, never in step with two hundred others), when a
silent line is dead (two missed beats), and when the server has shut the door for good (`revoked`). What is
on the screen does not depend on any of it: a visitor never waits for the network, so nothing here is ever
waited for but by the hand-over.

A message that is not a frame is counted, not obeyed: hanging up over it could go on for ever. Asks are
paired with answers by id; an ask whose line dies gets `Lost`, and its asker decides.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException

from kiosk.journal.handover import Lost
from wire.asks import DeviceAsk
from wire.follow import MISSED_BEATS, Follower, Resync
from wire.frames import (
    BEAT_SECONDS,
    Answer,
    Ask,
    Beat,
    Bye,
    Delta,
    Malformed,
    Snapshot,
    device_headers,
    read_server_frame,
)

log = logging.getLogger("foyer.kiosk.link")

MOST_BYTES = 1024 * 1024
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
SILENCE = MISSED_BEATS * BEAT_SECONDS + 1.0
GRACE = 3.0
"""A line that is back within so long was never called down: screens must not flicker with the wireless."""
ANSWER_SECONDS = 10.0
SIMPLY_WAIT = frozenset({"restarting", "slow", "fault"})
"""Goodbyes that blame nobody's message."""


def pause(tries: int, told: float | None, chance: float) -> float:
    """Seconds to stay away after `tries` failures in a row; `chance` from 0 to 1 spreads those who fell off
    together.

    The server's own wish (`told`) is kept at least, and spread by half of itself.
    """
    if told is not None:
        return max(0.0, told) * (1 + chance / 2)
    span: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tries, 10))
    return FIRST_PAUSE / 2 + chance * (span - FIRST_PAUSE / 2)


@dataclass
class Hooks:
    """Who is told what. Called on the loop; none may wait."""

    rows: Callable[[Mapping[str, Any]], None] = lambda rows: None
    """All rows, after any change, while the line is live."""
    state: Callable[[bool], None] = lambda up: None
    server_now: Callable[[int], None] = lambda now: None
    """The server's clock, in milliseconds since 1970, just now."""
    revoked: Callable[[], None] = lambda: None
    parted: Callable[[Bye], None] = lambda bye: None
    """The server hung up and said why."""
    failed: Callable[[BaseException], None] = lambda error: None
    """The line could not be opened, or was closed before a word."""


class NO_REDIRECT(connect):  # noqa: N801  # used as the function it is
    """`connect` that goes nowhere else than it was told: a redirect could lead to anybody."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


@dataclass
class Link:
    url: str
    """`ws://` or `wss://`, with the path of the device socket."""
    token: str
    app: str = ""
    hooks: Hooks = field(default_factory=Hooks)
    steady: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    chance: Callable[[], float] = random.random
    silence: float = SILENCE
    grace: float = GRACE
    answer_seconds: float = ANSWER_SECONDS
    machine: str = ""
    """Names the machine we run on; empty: it cannot tell."""
    malformed: int = 0
    """Messages heard that were no frames; for the log and tests."""

    def __post_init__(self) -> None:
        self.follower = Follower(self.app)
        self.up = False
        self.open = asyncio.Event()
        """Set while asks can be sent."""
        self._connection: ClientConnection | None = None
        self._waiting: dict[str, asyncio.Future[Answer | Lost]] = {}
        self._falling: asyncio.TimerHandle | None = None
        self._whole = asyncio.Event()
        self._whole.set()
        self._lag = 0.0

    # What a demonstration can do to the cable ---------------------------------------------------------------

    async def cut(self, cut: bool) -> None:
        """Pull the cable, or put it back."""
        if cut:
            self._whole.clear()
            await self.hang_up()
        else:
            self._whole.set()

    def slow(self, seconds: float) -> None:
        """Make every message take so much longer, each way."""
        self._lag = seconds

    async def run(self) -> None:
        """Keep the line up until cancelled or revoked."""
        tries = 0
        while True:
            await self._whole.wait()
            told: float | None = None
            lived = False
            try:
                lived = await self._once()
                if not lived:
                    self.hooks.failed(ConnectionError("it hung up before it said anything"))
            except _Parted as parted:
                lived, told = parted.lived, parted.bye.retry_seconds
                log.info("the server hung up: %s (%s)", parted.bye.say, parted.bye.code)
                self.hooks.parted(parted.bye)
                if parted.bye.code == "revoked":
                    self._down()
                    self.hooks.revoked()
                    return
                if told is None and parted.bye.code not in SIMPLY_WAIT:
                    told = LONGEST_PAUSE  # a person must act; looking again now and then costs nothing
            except (OSError, WebSocketException, InvalidHandshake, TimeoutError) as error:
                log.info("the line is down: %s", error)
                self.hooks.failed(error)
            tries = 0 if lived else tries + 1
            await asyncio.sleep(pause(tries, told, self.chance()))

    async def ask(self, ask_id: str, body: DeviceAsk) -> Answer | Lost:
        """Ask, and wait for the answer or until it is plain that none comes. The same id again is the same
        command.
        """
        connection = self._connection
        if connection is None or not self.open.is_set():
            return Lost()
        future = self._waiting.get(ask_id)
        if future is None:
            future = self._waiting[ask_id] = asyncio.get_running_loop().create_future()
        try:
            await asyncio.sleep(self._lag)
            await connection.send(Ask(id=ask_id, body=body).encode())
            # Not wait_for: on Python 3.11 it can lose a cancellation that comes together with the answer.
            async with asyncio.timeout(self.answer_seconds):
                return await asyncio.shield(future)
        except TimeoutError:
            # An answer may yet come for a line that stays up, so hang up: asked again, it will be the same
            # command.
            await connection.close()
            return Lost()
        except (ConnectionClosed, OSError):
            return Lost()
        finally:
            self._waiting.pop(ask_id, None)

    # One life of the line -----------------------------------------------------------------------------------

    async def _once(self) -> bool:
        """Connect, greet, listen. Returns whether it ever was live; raises `_Parted` after a goodbye."""
        async with NO_REDIRECT(
            self.url,
            additional_headers=device_headers(self.token, self.machine),
            max_size=MOST_BYTES,
            compression=None,
            open_timeout=5,
            close_timeout=1,
            ping_interval=None,  # the server's beats tell more, and sooner
            proxy=None,
        ) as connection:
            self._connection = connection
            blamed = False
            lived = False
            try:
                with contextlib.suppress(ConnectionClosed):  # a goodbye may lie in what came before
                    await connection.send(self.follower.hello().encode())
                while True:
                    async with asyncio.timeout(self.silence):
                        message = await connection.recv()
                    await asyncio.sleep(self._lag)
                    frame = self._read(message)
                    if isinstance(frame, Bye):
                        blamed = frame.code in ("malformed", "too_large")
                        raise _Parted(frame, lived)
                    if isinstance(frame, Answer):
                        self._answered(frame)
                    elif frame is not None:
                        if not self._follow(frame):
                            return lived
                        lived = True
            except ConnectionClosed:
                return lived
            finally:
                self._connection = None
                self.open.clear()
                for future in self._waiting.values():
                    if not future.done():
                        future.set_result(Lost(blamed=blamed))
                self._fall()

    def _read(self, message: str | bytes) -> Snapshot | Delta | Beat | Answer | Bye | None:
        try:
            return read_server_frame(message)
        except Malformed as error:
            self.malformed += 1
            log.warning("the server sent what is no frame: %s", error)
            return None

    def _answered(self, answer: Answer) -> None:
        future = self._waiting.get(answer.id)
        if future is not None and not future.done():
            future.set_result(answer)

    def _follow(self, frame: Snapshot | Delta | Beat) -> bool:
        """False when the line must be taken up anew because of a hole."""
        at = self.steady()
        change = self.follower.take(frame, at)
        if isinstance(change, Resync):
            log.info("taking the feed up anew: %s", change.why)
            return False
        now = self.follower.server_now(at)
        if now is not None and not isinstance(frame, Delta):
            self.hooks.server_now(now)
        self._rise()
        if change.put or change.drop or change.whole or not self._shown:
            self._shown = True
            self.hooks.rows(self.follower.rows)
        return True

    # Up and down --------------------------------------------------------------------------------------------

    _shown = False
    """Whether the rows have been told since the line last rose."""

    def _rise(self) -> None:
        if self._falling is not None:
            self._falling.cancel()
            self._falling = None
        if not self.up:
            self.up = True
            self._shown = False
            self.hooks.state(True)
        self.open.set()

    def _fall(self) -> None:
        if self.up and self._falling is None:
            self._falling = asyncio.get_running_loop().call_later(self.grace, self._down)

    def _down(self) -> None:
        if self._falling is not None:
            self._falling.cancel()
            self._falling = None
        if self.up:
            self.up = False
            self.hooks.state(False)

    async def hang_up(self) -> None:
        """Close the line now, as pulling the cable would; `run` takes it up again."""
        if self._connection is not None:
            with contextlib.suppress(OSError, WebSocketException):
                await self._connection.close()


class _Parted(Exception):
    def __init__(self, bye: Bye, lived: bool) -> None:
        super().__init__(bye.say)
        self.bye = bye
        self.lived = lived
