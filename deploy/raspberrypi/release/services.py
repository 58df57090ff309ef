"""The programs of this machine, as systemd knows them: which there are, starting them anew, and whether they do their work.

They are read from what is enabled, so there is no second list to keep. Several servers on one machine are instances of one unit, named by their ports
(`foyer-server@8001.service`); they are started anew one after the other, and the next only when the one before answers again. Where systemd does not run (an image being built, a folder of a test
without it) nothing is started and nothing is judged: the release is looked at when the machine first boots.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from places import Places

ROLES = ("server", "kiosk", "display")
"""In the order in which they are started."""
START_SECONDS = 960
"""A server says that it is up when its database is at its schema: of ten years, that takes a while (TimeoutStartSec of its unit, and a minute)."""


@dataclass(frozen=True)
class Unit:
    role: str
    instance: str = ""
    """Which of several servers on this machine: its port."""

    @property
    def name(self) -> str:
        return f"foyer-{self.role}{'@' + self.instance if self.instance else ''}.service"


class Services:
    def __init__(self, places: Places) -> None:
        self._root = places.root
        self.systemctl = os.environ.get("FOYER_SYSTEMCTL", "") if not places.is_machine else ""
        self.begun: list[Unit] = []
        """What was started anew by this run of the tool, so what may have to go back."""

    @property
    def running(self) -> bool:
        return bool(self.systemctl) or (self._root == Path("/") and Path("/run/systemd/system").is_dir())

    def units(self) -> list[Unit]:
        """In the order in which they are started."""
        wanted = {link.name for link in (self._root / "etc/systemd/system").glob("*.wants/foyer-*.service")}
        named = [
            name.removesuffix(".service").partition("@")
            for name in sorted(wanted, key=lambda one: (len(one), one))
        ]
        found = [Unit(program.removeprefix("foyer-"), instance) for program, _, instance in named]
        return [unit for role in ROLES for unit in found if unit.role == role]

    def roles(self) -> list[str]:
        return [role for role in ROLES if any(unit.role == role for unit in self.units())]

    def servers(self) -> list[Unit]:
        """Those that may run the release just switched to: of several, the ones that were started anew."""
        return [
            unit
            for unit in self.units()
            if unit.role == "server" and (unit in self.begun or not unit.instance)
        ]

    def restart(self, stands: Callable[[Unit], str], only: list[Unit] | None = None) -> str:
        """Start every program anew. Answers what went wrong, or nothing. `stands` says what is wrong with a server that was started; of several on this
        machine the others are left as they run when one does not stand.
        """
        self.call("daemon-reload")
        troubles: list[str] = []
        for unit in list(only or self.units()):
            if troubles and unit.instance:
                troubles.append(f"{unit.name} was left as it ran")
                continue
            if unit not in self.begun:
                self.begun.append(unit)
            self.call("reset-failed", unit.name)
            if self.call("restart", unit.name, seconds=START_SECONDS) != 0:
                troubles.append(f"{unit.name} did not start")
            elif unit.instance and (wrong := stands(unit)):
                troubles.append(wrong)
        return "; ".join(troubles)

    def state(self, unit: Unit) -> tuple[str, int]:
        """How systemd calls its state, and how often it was started anew by itself."""
        told = self._ask("show", unit.name, "--property=ActiveState,NRestarts")
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
