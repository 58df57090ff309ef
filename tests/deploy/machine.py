"""A machine as a folder: real releases of a small tree, signed by real keys, and the real tool working on it.

Only systemd is played: a script that, told to restart the kiosk, writes what the release's own `health` file says of it, as the kiosk's loop does. The
small tree has no packages, so that installing it takes a fraction of a second; a wheel is installed in one test, and the true release in
`make proof-update`.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from typer.testing import CliRunner

from server.cli_releases import app as keys_app

HERE = Path(__file__).resolve().parents[2]
TOOL = HERE / "deploy/raspberrypi/foyer-release"
_SYSTEMCTL = """#!/bin/sh
root={root}
told="$root/run/foyer-kiosk"
case "$1" in
    restart)
        mkdir -p "$told"
        cat "$root/opt/foyer/current/health" >"$told/health.json"
        echo "$(readlink "$root/opt/foyer/current")" >>"$root/started" ;;
    show) echo ActiveState=active; echo NRestarts=0 ;;
    stop) echo "$2 stopped" >>"$root/started" ;;
esac
"""
WELL = {"draws": True, "journal": True, "reached_server": True, "busy": False}


def release_script() -> ModuleType:
    sys.path.insert(0, str(HERE / "scripts"))
    try:
        return importlib.import_module("release")  # found by this path only
    finally:
        sys.path.remove(str(HERE / "scripts"))


def make_key(folder: Path, *options: str) -> tuple[Path, Path]:
    """A pair as an administrator makes it: the private half and the public one."""
    before = set(folder.glob("*")) if folder.is_dir() else set()
    done = CliRunner().invoke(keys_app, ["make-key", str(folder), *options])
    assert done.exit_code == 0, done.output
    private, public = sorted(set(folder.glob("*")) - before, key=lambda path: path.suffix, reverse=True)
    return private, public


class Workshop:
    """Where releases are made: a repository with a small tree, a commit and a tag for each release."""

    def __init__(self, folder: Path) -> None:
        self.repository = folder / "repository"
        self.out = folder / "out"
        self.wheels = folder / "wheels"
        self.wheels.mkdir(parents=True)
        self.private, self.public = make_key(folder / "keys", "--test")
        self.repository.mkdir()
        self._git("init", "-q", "-b", "main")
        self.write("requirements.lock", "")
        self.write("bulk.txt", "".join(f"{number:x} {number * number:x}\n" for number in range(40_000)))

    def write(self, path: str, text: str) -> None:
        place = self.repository / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def make(
        self, version: str, health: dict[str, Any] | None = None, schema: str = "0006", **options: Any
    ) -> Path:
        """A signed release of this version; `health` is what its kiosk will say of itself."""
        self.write("pyproject.toml", f'[project]\nname = "foyer"\nversion = "{version}"\n')
        self.write("health", json.dumps({**WELL, **(health or {}), "app": version}))
        self.write(f"server/store/migrations/versions/{schema}_x.py", f"compatible_from = '{schema}'\n")
        self._git("add", ".")
        self._git("commit", "-q", "--allow-empty", "-m", version)
        self._git("tag", f"v{version}")
        keys = options.pop("keys", [self.private])
        place: Path = release_script().make(
            "HEAD", [], keys, self.out, of=self.repository, wheels=self.wheels, **options
        )
        return place

    def _git(self, *words: str) -> None:
        who = {
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.org",
            "GIT_AUTHOR_DATE": "2026-11-20T10:00:00Z",
            "GIT_COMMITTER_DATE": "2026-11-20T10:00:00Z",
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }
        subprocess.run(["git", *words], cwd=self.repository, check=True, env={**os.environ, **who})


class Machine:
    def __init__(self, root: Path, public: Path) -> None:
        self.root = root
        (root / "etc/foyer/release-keys").mkdir(parents=True)
        wants = root / "etc/systemd/system/multi-user.target.wants"
        wants.mkdir(parents=True)
        (wants / "foyer-kiosk.service").touch()
        self.systemctl = root / "systemctl"
        self.systemctl.write_text(_SYSTEMCTL.format(root=root))
        self.systemctl.chmod(0o755)
        self.believe(public)

    def copy(self, root: Path) -> Machine:
        """The same machine in another folder: what was done on it once need not be done again for each test."""
        twin = Machine.__new__(Machine)
        shutil.copytree(self.root, root, symlinks=True)
        twin.root, twin.systemctl = root, root / "systemctl"
        twin.systemctl.write_text(_SYSTEMCTL.format(root=root))
        return twin

    def believe(self, public: Path) -> None:
        shutil.copy(public, self.root / "etc/foyer/release-keys")

    def run(self, *words: str | Path, cut: str = "", **limits: int) -> subprocess.CompletedProcess[str]:
        surroundings = {
            "PATH": os.environ["PATH"],
            "FOYER_SYSTEMCTL": str(self.systemctl),
            "FOYER_POWER_FAILS_AT": cut,
        }
        prepare = None
        if limits:
            prepare = lambda: _limit(limits["file_bytes"])  # noqa: E731 - handed to the child
        done = subprocess.run(
            [TOOL, "--root", self.root, *words],
            capture_output=True,
            text=True,
            env=surroundings,
            preexec_fn=prepare,
            check=False,
        )
        if cut:
            assert done.returncode == -signal.SIGKILL, (cut, done)
        return done

    def install(self, file: Path, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run("install", file, *words)

    def switch(self, version: str, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run("switch", version, "--patience", "0.5", "--settle", "0", *words)

    def update(self, cut: str = "") -> subprocess.CompletedProcess[str]:
        return self.run("update", "--patience", "0.5", "--settle", "0", cut=cut)

    @property
    def current(self) -> str:
        return (self.root / "opt/foyer/current").readlink().name

    @property
    def state(self) -> dict[str, Any]:
        return dict(json.loads((self.root / "opt/foyer/state.json").read_text()))

    def is_whole(self) -> bool:
        """What runs is a finished release, and nothing is on trial."""
        place = self.root / "opt/foyer/releases" / self.current
        return (place / "RELEASE.json").is_file() and "switch" not in self.state

    def left(self) -> set[str]:
        """What lies among the releases that is none."""
        found = (path for path in (self.root / "opt/foyer/releases").iterdir())
        return {path.name for path in found if not (path / "RELEASE.json").is_file()}

    def pair(self, server: str, token: str) -> None:
        state = self.root / "var/lib/foyer/kiosk"
        state.mkdir(parents=True)
        (state / "device.json").write_text(json.dumps({"token": token, "device": "1", "centre": "x"}))
        settings = f'server = "{server}"\nstate = "/var/lib/foyer/kiosk"\n'
        (self.root / "etc/foyer/kiosk.toml").write_text(settings)


def _limit(size: int) -> None:
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
