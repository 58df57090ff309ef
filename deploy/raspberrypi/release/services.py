"""The programs of this machine, as systemd knows them: which there are, starting them anew, and whether they do their work.

Roles are read from what is enabled, so there is no second list to keep. Where systemd does not run (an image being built, a folder of a test
without it) nothing is started and nothing is judged: the release is looked at when the machine first boots.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from places import Places

ROLES = ("server", "kiosk", "display")
"""In the order in which they are started."""
START_SECONDS = 960
"""A server says that it is up when its database is at its schema: of ten years, that takes a while (TimeoutStartSec of its unit, and a minute)."""


class Services:
    def __init__(self, places: Places) -> None:
        self._root = places.root
        self.systemctl = os.environ.get("FOYER_SYSTEMCTL", "") if not places.is_machine else ""

    @property
    def running(self) -> bool:
        return bool(self.systemctl) or (self._root == Path("/") and Path("/run/systemd/system").is_dir())

    def roles(self) -> list[str]:
        units = self._root / "etc/systemd/system"
        return [role for role in ROLES if any(units.glob(f"*.wants/foyer-{role}.service"))]

    def restart(self) -> str:
        """Start every program anew. Answers what went wrong, or nothing."""
        self.call("daemon-reload")
        troubles = []
        for role in self.roles():
            self.call("reset-failed", f"foyer-{role}.service")
            if self.call("restart", f"foyer-{role}.service", seconds=START_SECONDS) != 0:
                troubles.append(f"foyer-{role}.service did not start")
        return "; ".join(troubles)

    def state(self, role: str) -> tuple[str, int]:
        """How systemd calls its state, and how often it was started anew by itself."""
        unit = f"foyer-{role}.service"
        told = self._ask("show", unit, "--property=ActiveState,NRestarts")
        found = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
        restarts = found.get("NRestarts", "0")
        return found.get("ActiveState", "unknown"), int(restarts) if restarts.isdigit() else 0

    def server_says(self, version: str, *words: str) -> subprocess.CompletedProcess[str]:
        """The server's command line of the release that `current` names, as the server's user. No answer in six hours is a refusal."""
        command: list[str | Path] = [
            self._root / "opt/foyer/releases" / version / "deploy/raspberrypi/foyer",
            *words,
        ]
        try:
            return subprocess.run(command, capture_output=True, text=True, check=False, timeout=6 * 3600)
        except (OSError, subprocess.TimeoutExpired) as error:
            return subprocess.CompletedProcess(command, 1, "", f"foyer {' '.join(words)}: {error}")

    def call(self, *words: str, seconds: float = 180) -> int:
        if not self.running:
            return 0
        try:
            return subprocess.run(
                [self.systemctl or "systemctl", *words], capture_output=True, check=False, timeout=seconds
            ).returncode
        except (OSError, subprocess.TimeoutExpired):
            return 1

    def _ask(self, *words: str) -> str:
        try:
            return subprocess.run(
                [self.systemctl or "systemctl", *words],
                capture_output=True,
                text=True,
                check=False,
                timeout=30,
            ).stdout
        except (OSError, subprocess.TimeoutExpired):
            return ""
