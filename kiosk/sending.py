"""Sends one sealed packet to the server and says what came of it. Blocks; called from a thread of its own.

Read from the disk while it is sent, so a hundred pages take no more memory than one. What came of it is one of three things, and a doubt is never called a
refusal: `Taken` only when the server said so, `NotTaken` when it said no to *this* packet and would say so tomorrow, and `InVain` for everything
else: no line, a cut one, a proxy in between that is unwell, a server that is busy or does not know this device just now.

A server that says no may do so before it has read everything and hang up: then sending fails, and its answer is there to be read all the same.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import socket
import threading
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

from kiosk.journal.handover import NOT_THE_ENTRYS_FAULT
from wire.frames import device_headers

log = logging.getLogger("foyer.kiosk.sending")

CONNECT_SECONDS = 10.0
SEND_SECONDS = 60.0
"""For each piece of it."""
ANSWER_SECONDS = 300.0
"""The server opens and stores a hundred pages before it answers."""
PIECE = 64 * 1024
MOST_ANSWER_BYTES = 64 * 1024
FOR_GOOD = frozenset({400, 409, 411, 413, 415, 422})
"""Answers that are about the packet. All others are about the server, the line or this device."""


@dataclass(frozen=True)
class Taken:
    """The server has it."""


@dataclass(frozen=True)
class NotTaken:
    """Refused for good. `why` is for staff."""

    why: str


@dataclass(frozen=True)
class InVain:
    """`why` is for the log. `answered`: the server was there and stumbled. `wait`: for how many seconds it wants to be left alone."""

    why: str
    answered: bool = False
    wait: float | None = None


Outcome = Taken | NotTaken | InVain


class Sending:
    """One at a time. `stop` may be called from another thread. `machine` names the one we run on."""

    def __init__(self, server: str, machine: str = "") -> None:
        self._machine = machine
        parts = urlsplit(server)
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._path = parts.path.rstrip("/")
        self._connection: http.client.HTTPConnection | None = None
        self._stopped = threading.Event()

    def send(self, packet: str, body: BinaryIO, length: int, token: str, age_ms: int) -> Outcome:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = self._connection = kind(self._host, self._port, timeout=CONNECT_SECONDS, blocksize=PIECE)
        try:
            connection.connect()
            connection.sock.settimeout(SEND_SECONDS)
            if self._stopped.is_set():
                return InVain("it was stopped")
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may have answered already
                connection.request(
                    "PUT",
                    f"{self._path}/api/packets/{packet}",
                    body,
                    {
                        **device_headers(token, self._machine),
                        "Content-Type": "application/octet-stream",
                        "Content-Length": str(length),
                        "Foyer-Age-Ms": str(age_ms),
                        "Accept": "application/json",
                    },
                )
            if connection.sock is not None:
                connection.sock.settimeout(ANSWER_SECONDS)
            return _judged(connection.getresponse())
        except (OSError, http.client.HTTPException) as fault:
            return InVain(f"{type(fault).__name__}: {fault}"[:200])
        finally:
            self._connection = None
            connection.close()

    def stop(self) -> None:
        """Let whoever is sending return at once."""
        self._stopped.set()
        connection = self._connection
        line = connection.sock if connection is not None else None
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


def _judged(answer: http.client.HTTPResponse) -> Outcome:
    try:
        raw = answer.read(MOST_ANSWER_BYTES)
    except (OSError, http.client.HTTPException):
        raw = b""  # what it said first is enough
    code, say = _said(raw)
    if answer.status == 200:
        return Taken()
    if answer.status in FOR_GOOD and code not in NOT_THE_ENTRYS_FAULT:
        return NotTaken(say or f"The server answered {answer.status}.")
    wait = answer.headers.get("Retry-After", "")
    return InVain(
        f"the server answered {answer.status}: {say}".removesuffix(": "),
        True,
        min(float(wait), 3600.0) if wait.isdecimal() else None,
    )


def _said(raw: bytes) -> tuple[str, str]:
    """The refusal's code and its sentence, where there is one."""
    try:
        found = json.loads(raw)
    except ValueError:
        return "", ""
    if isinstance(found, dict) and isinstance(found.get("refusal"), dict):
        found = found["refusal"]
    if not isinstance(found, dict):
        return "", ""
    return str(found.get("code", "")), str(found.get("say", ""))[:300]
