"""A screen without a monitor (Xvfb), for programs that open a real window and for a real pointer
(xdotool).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest

OPTIONS = ("-nolisten", "tcp", "-noreset")


@pytest.fixture
def virtual_screen() -> Iterator[Callable[[int, int], str]]:
    """`virtual_screen(1080, 1920)` opens a screen and answers its DISPLAY, such as `:99`."""
    servers: list[subprocess.Popen[bytes]] = []

    def open_screen(width: int, height: int) -> str:
        program = shutil.which("Xvfb")
        assert program, "Xvfb is not installed here. `make setup-test` installs it."
        reading, writing = os.pipe()
        server = subprocess.Popen(
            [program, "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", *OPTIONS],
            pass_fds=(writing,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        servers.append(server)
        os.close(writing)
        with os.fdopen(reading, encoding="ascii") as said:  # ends when the server does
            number = said.readline().strip()
        assert number, "Xvfb ended without opening a screen"
        return f":{number}"

    yield open_screen
    for server in servers:
        server.terminate()
        server.wait(5)
