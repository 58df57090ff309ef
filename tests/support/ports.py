"""Free TCP ports on the loopback address."""

from __future__ import annotations

import socket

_given: set[int] = set()


def free_port() -> int:
    """A port nobody listens on; never the same twice in one process. Prefer port 0 where the program can
    say what it got.
    """
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port
