"""Panels on HDMI, switched by a small program of the system: one of three, for none of them works everywhere.

| type | program | for |
|---|---|---|
| `wlopm` | wlopm | a screen under a Wayland compositor (a display in cage): it stops the picture, the panel sleeps by itself |
| `cec` | cec-ctl (v4l-utils) | televisions and signage panels: real standby, over the cable there is |
| `ddc` | ddcutil | computer monitors |

Each is called with fixed words and without a shell, and given up after `SECONDS`.
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Sequence

log = logging.getLogger("foyer.screens")

SECONDS = 6.0
"""Twice of it (one that darkens, then one that lights) is less than the supervisor gives a kiosk for ending."""
WAYS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "wlopm": ("*", ("wlopm", "--on", "{}"), ("wlopm", "--off", "{}")),
    "cec": (
        "/dev/cec0",
        ("cec-ctl", "--device", "{}", "--playback", "--to", "0", "--image-view-on"),
        ("cec-ctl", "--device", "{}", "--playback", "--to", "0", "--standby"),
    ),
    "ddc": (
        "1",
        ("ddcutil", "--display", "{}", "setvcp", "d6", "1"),
        ("ddcutil", "--display", "{}", "setvcp", "d6", "4"),
    ),
}
"""What is meant without an address, and the words that light and darken."""


class CommandScreen:
    def __init__(self, lighting: Sequence[str], darkening: Sequence[str]) -> None:
        self._words = {True: tuple(lighting), False: tuple(darkening)}
        self._wrong = ""
        """What was wrong last: a panel that does not obey is told again every few seconds, and the log is not filled with it."""

    @classmethod
    def of(cls, kind: str, address: str) -> CommandScreen:
        usual, lighting, darkening = WAYS[kind]
        return cls(*([word.format(address or usual) for word in words] for words in (lighting, darkening)))

    def light(self, lit: bool) -> bool:
        words = self._words[lit]
        try:
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return self._failed(f"the screen cannot be switched: {error}")
        if done.returncode != 0:
            return self._failed(f"{words[0]} says: {done.stderr.decode(errors='replace').strip()[:200]}")
        self._wrong = ""
        return True

    def _failed(self, wrong: str) -> bool:
        if wrong != self._wrong:
            log.warning("%s", wrong)
        self._wrong = wrong
        return False
