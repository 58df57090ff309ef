"""A printer on the network: raw TCP, port 9100 unless the address says another."""

from __future__ import annotations

import contextlib
import socket
import time

from hardware.printers.links import LinkError
from hardware.printers.pyescpos import EscposError, Network

PORT = 9100


class NetworkLink:
    """The socket stays open between tickets: opening costs a round trip, and its end is how an unplugged
    printer is noticed. A new connection never carries what an old one was still owed.
    """

    forgets = True
    bytes_per_second: float | None = None

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._escpos: Network | None = None
        self._socket: socket.socket | None = None

    @classmethod
    def at(cls, address: str) -> NetworkLink:
        host, colon, port = address.rpartition(":")
        if not colon:
            host, port = address, str(PORT)
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError(f"printer: a network address is host or host:port, not {address!r}")
        return cls(host, int(port))

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    def open(self, seconds: float) -> None:
        self.close()
        printer = Network(self.host, self.port, timeout=max(0.05, seconds))
        try:
            printer.open()
        except (EscposError, OSError) as fault:
            raise LinkError(f"nothing answers at {self.host}:{self.port}") from fault
        self._escpos, self._socket = printer, printer.device
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def write(self, data: bytes, seconds: float) -> None:
        wire, ends, sent = self._wire(), time.monotonic() + seconds, 0
        view = memoryview(data)
        try:
            while sent < len(data):
                wire.settimeout(max(0.001, ends - time.monotonic()))
                sent += wire.send(view[sent:])
        except TimeoutError as fault:
            raise LinkError("the printer takes no more", sent) from fault
        except OSError as fault:
            raise LinkError("the connection broke", sent) from fault

    def read(self, seconds: float) -> bytes:
        wire = self._wire()
        try:
            wire.settimeout(max(0.001, seconds))
            data = wire.recv(4096)
        except TimeoutError:
            return b""
        except OSError as fault:
            raise LinkError("the connection broke") from fault
        if not data:
            raise LinkError("the printer closed the connection")
        return data

    def close(self) -> None:
        if self._escpos is not None:
            self._escpos.close()
        self._escpos = self._socket = None

    def _wire(self) -> socket.socket:
        if self._socket is None:
            raise LinkError("the connection is closed")
        return self._socket
