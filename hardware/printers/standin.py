"""A printer on TCP that is none: for the demo, the dev dock and the tests.

It takes the bytes a real driver sends over a real socket, puts them through the decoder and the mechanism,
and keeps the papers it cuts as pictures. Pulling its plug closes the port, so that the next connection is
refused, as with a printer that is switched off. It listens on this machine only.

    python -m hardware.printers.standin --port 9100 --folder papers/
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import socket
import sys
import threading
from pathlib import Path

from PIL import Image

from hardware.printers.mechanism import Mechanism

REAL_ROWS_PER_SECOND = 1200.0
"""150 mm a second at 8 dots a millimetre: an ordinary receipt printer."""


class StandIn:
    """`start()` it, print to `address`, look at `papers()`, pull `levers`, `stop()` it."""

    def __init__(
        self,
        dots: int = 576,
        *,
        port: int = 0,
        folder: Path | None = None,
        rows_per_second: float = 0,
        late_seconds: float = 5.0,
        keep: int = 40,
    ) -> None:
        self._numbers = itertools.count(1)
        self._folder = folder
        self.levers = Mechanism(
            dots,
            rows_per_second=rows_per_second,
            late_seconds=late_seconds,
            keep=keep,
            on_paper=self._save if folder else None,
        )
        self.levers.on_plug = lambda plugged: self._listen() if plugged else self._hang_up()
        self._port = port
        self._server: socket.socket | None = None
        self._hosts: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    def start(self) -> StandIn:
        """Raises `OSError` when the port is taken."""
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)
        self._listen()
        return self

    def stop(self) -> None:
        self._hang_up()
        self.levers.stop()

    def papers(self) -> list[Image.Image]:
        return self.levers.papers()

    # The socket ----------------------------------------------------------------------------------------

    def _listen(self) -> None:
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", self._port))
            server.listen(8)
        except OSError:
            server.close()
            raise
        self._port = server.getsockname()[1]
        with self._lock:
            self._server = server
        threading.Thread(target=self._accept, args=(server,), name="stand-in port", daemon=True).start()

    def _hang_up(self) -> None:
        with self._lock:
            sockets = [*self._hosts, *([self._server] if self._server else [])]
            self._hosts.clear()
            self._server = None
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                host, _ = server.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                if self._server is not server:
                    host.close()
                    return
                self._hosts.add(host)
            threading.Thread(target=self._serve, args=(host,), name="stand-in host", daemon=True).start()

    def _serve(self, host: socket.socket) -> None:
        def reply(data: bytes) -> None:
            with contextlib.suppress(OSError):
                host.sendall(data)

        with contextlib.suppress(OSError):
            while data := host.recv(65536):
                self.levers.receive(data, reply)
        with self._lock:
            self._hosts.discard(host)
        host.close()

    def _save(self, paper: Image.Image) -> None:
        assert self._folder is not None
        target = self._folder / f"paper-{next(self._numbers):04d}.png"
        while target.exists():
            target = self._folder / f"paper-{next(self._numbers):04d}.png"
        half_done = target.with_suffix(".part")
        try:
            paper.save(half_done, format="PNG")
            half_done.rename(target)
        except OSError as fault:  # the folder went or the disk is full: the printer goes on all the same
            sys.stderr.write(f"A paper could not be saved to {target}: {fault.strerror}.\n")


def main() -> int:
    reader = argparse.ArgumentParser(
        prog="python -m hardware.printers.standin", description="A stand-in printer."
    )
    reader.add_argument("--port", type=int, default=9100)
    reader.add_argument("--folder", type=Path, default=Path("papers"), help="where the papers are written to")
    reader.add_argument("--dots", type=int, default=576, help="384 (58 mm), 512 or 576 (80 mm)")
    reader.add_argument("--paper", choices=("full", "low", "out"), default="full")
    manners = ("honest", "mute", "late", "always_fine", "garbage")
    reader.add_argument("--manner", choices=manners, default="honest")
    wanted = reader.parse_args()
    standin = StandIn(
        wanted.dots, port=wanted.port, folder=wanted.folder, rows_per_second=REAL_ROWS_PER_SECOND
    )
    standin.levers.set_paper(wanted.paper)
    standin.levers.set_manner(wanted.manner)
    try:
        standin.start()
    except OSError as fault:
        sys.stderr.write(f"Port {wanted.port} cannot be used: {fault.strerror}.\n")
        return 1
    sys.stdout.write(f"A stand-in printer listens at {standin.address}; papers go to {wanted.folder}/.\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    standin.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
