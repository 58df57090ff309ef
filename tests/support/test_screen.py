"""The virtual screen is one that a pointer can be moved on."""

import os
import subprocess
from collections.abc import Callable


def test_a_pointer_moves_on_the_screen(virtual_screen: Callable[[int, int], str]) -> None:
    display = {**os.environ, "DISPLAY": virtual_screen(1080, 1920)}
    subprocess.run(["xdotool", "mousemove", "700", "1500"], env=display, check=True)
    told = subprocess.run(
        ["xdotool", "getmouselocation"], env=display, check=True, capture_output=True, text=True
    )
    assert told.stdout.startswith("x:700 y:1500 ")
