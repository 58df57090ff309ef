"""Speaks to the program that started us (systemd), in its own protocol and without a library.

A program that draws has one more way to fail than to end: to stand still with its last picture on the screen. Its supervisor cannot see that,
so it is told, again and again, that we are well; when it is not told for `WATCHDOG_USEC` it ends us and starts us anew. This module only
speaks: who is well enough to say so is decided where the picture is drawn (`kiosk.watchdog`, `display.agent`).

The protocol is one datagram of lines to the socket that `$NOTIFY_SOCKET` names (sd_notify(3)); a name that begins with `@` lies in the abstract
namespace. Nothing here ever waits or raises: a supervisor that does not read must not harm who serves visitors.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping

log = logging.getLogger("foyer.supervisor")

LONGEST_STATUS = 200


class Supervisor:
    """`watchdog` is within how many seconds it wants to hear from us; None when it does not watch (or nobody is there)."""

    def __init__(self, address: str = "", watchdog: float | None = None) -> None:
        self.address = address
        self.watchdog = watchdog if address else None
        self._socket: socket.socket | None = None
        self._status = ""
        self._deaf = False
        if address.startswith(("/", "@")):
            kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
            self._socket = socket.socket(socket.AF_UNIX, kind)

    @classmethod
    def found(cls, environment: Mapping[str, str], pid: int | None = None) -> Supervisor:
        """The one that the environment names. A watchdog meant for another process (`$WATCHDOG_PID`) is not ours to feed."""
        address = environment.get("NOTIFY_SOCKET", "")
        meant = environment.get("WATCHDOG_PID", "")
        ours = not meant or meant == str(os.getpid() if pid is None else pid)
        try:
            micros = int(environment.get("WATCHDOG_USEC", "0")) if ours else 0
        except ValueError:
            micros = 0
        return cls(address, micros / 1_000_000 if micros > 0 else None)

    def ready(self, status: str = "") -> None:
        """We do what we are for."""
        self._status = _line(status)
        self._say("READY=1", *([f"STATUS={self._status}"] if self._status else []))

    def well(self) -> None:
        """Feed the watchdog."""
        self._say("WATCHDOG=1")

    def status(self, words: str) -> None:
        """What we do, for whoever asks `systemctl status`; the same again says nothing."""
        words = _line(words)
        if words != self._status:
            self._status = words
            self._say(f"STATUS={words}")

    def stopping(self) -> None:
        self._say("STOPPING=1", "STATUS=Ending.")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _say(self, *lines: str) -> None:
        if self._socket is None:
            return
        name = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            self._socket.sendto("\n".join(lines).encode(), name)
        except OSError as error:
            if not self._deaf:
                log.warning("the supervisor could not be told: %s", error)
            self._deaf = True
        else:
            self._deaf = False


def _line(words: str) -> str:
    return " ".join(words.split())[:LONGEST_STATUS]
