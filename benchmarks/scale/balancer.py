"""The public address in the trial: it leads to the servers that are ready, found out as docs/several-servers.md has HAProxy do it.

Each server is asked every two seconds; two answers that are missing or bad take it out, one good one takes it in again. What comes is led to the next of those that are in.
Only servers' questions about each other come this way: the crowds go to the servers themselves, in turn and blindly, which is no easier.
"""

from __future__ import annotations

import http.client
import http.server
import itertools
import threading
from typing import Any

INTER_SECONDS = 2.0
FALL = 2
PATH = "/health/ready"


class Balancer:
    def __init__(self) -> None:
        self._ports: list[int] = []
        self._bad: dict[int, int] = {}
        self._turn = itertools.count()
        self._over = threading.Event()
        outer = self

        class Answering(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = outer._lead(self.path)
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def watch(self, ports: list[int]) -> None:
        self._ports = ports
        for port in ports:
            threading.Thread(target=self._check_for_ever, args=(port,), daemon=True).start()

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def _lead(self, path: str) -> tuple[int, bytes]:
        """What a server that is in answers; 503 when there is none."""
        serving = [port for port in self._ports if self._bad.get(port, 0) < FALL]
        return _answer(serving[next(self._turn) % len(serving)], path) if serving else (503, b"")

    def _check_for_ever(self, port: int) -> None:
        while not self._over.wait(INTER_SECONDS):
            self._bad[port] = 0 if _answer(port, PATH)[0] == 200 else self._bad.get(port, 0) + 1


def _answer(port: int, path: str) -> tuple[int, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=INTER_SECONDS)
    try:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 502, b""
    finally:
        line.close()
