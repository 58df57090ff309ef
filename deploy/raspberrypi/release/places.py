"""Where things lie on a machine, what is remembered between starts, and how a change to either survives a power cut.

    /opt/foyer/releases/<version>/   a release with its own environment; finished when its RELEASE.json is there
    /opt/foyer/current               the one that runs
    /opt/foyer/keeper                the last one that was seen to work: updating and going back is done by its code, never by
                                     that of a release still on trial
    /opt/foyer/state.json            the switch in progress, the lower bound, the keys withdrawn, what failed
    /opt/foyer/fetched/              what is being fetched (root alone)

All lie on one file system, so a rename is atomic; each is written beside, synced and renamed, and the folder synced after it. Everything
is below `root`, which is `/` on a machine and a folder in tests.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from refusal import Busy, Refused

KEPT = "RELEASE.json"
MOST_OTHERS_BYTES = 64 * 1024


class Places:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.opt = root / "opt/foyer"
        self.releases = self.opt / "releases"
        self.current = self.opt / "current"
        self.keeper = self.opt / "keeper"
        self.state_file = self.opt / "state.json"
        self.own_keys = root / "etc/foyer/release-keys"
        # Below /opt/foyer: on a card that is only read, /var/cache lies in memory, which a release would fill.
        self.cache = self.opt / "fetched"

    @property
    def is_machine(self) -> bool:
        """A real installation, not a folder of a test: test keys are worth nothing here."""
        return self.root.resolve() == Path("/")

    def release(self, version: str) -> Path:
        return self.releases / version

    def installed(self) -> list[str]:
        found = self.releases.glob(f"*/{KEPT}") if self.releases.is_dir() else ()
        return [path.parent.name for path in found if not path.parent.name.startswith(".")]

    def pointed(self, link: Path) -> str | None:
        """The version a link names, if that release is whole."""
        try:
            name = link.readlink().name
        except OSError:
            return None
        return name if (self.releases / name / KEPT).is_file() else None

    def manifest(self, version: str) -> dict[str, Any]:
        try:
            found = json.loads((self.releases / version / KEPT).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise Refused(f"{version} is not installed here, or not whole.") from error
        return dict(found)

    def point(self, link: Path, version: str) -> None:
        beside = link.with_name(f".{link.name}.new")
        beside.unlink(missing_ok=True)
        beside.symlink_to(Path("releases") / version)
        beside.rename(link)
        sync_folder(link.parent)

    def state(self) -> dict[str, Any]:
        """What is remembered. A file that cannot be read counts as none: it is written by rename, so that is a broken card."""
        try:
            found = json.loads(self.state_file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def remember(self, **changes: Any) -> None:
        """Write these down, for good, before going on. None takes a line away."""
        state = {key: value for key, value in {**self.state(), **changes}.items() if value is not None}
        write_synced(self.state_file, json.dumps(state, indent=1, sort_keys=True) + "\n")

    @contextmanager
    def lock(self) -> Iterator[None]:
        self.opt.mkdir(parents=True, exist_ok=True)
        with (self.opt / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Busy(
                    "Another installation or update is at work on this machine. Try again in a few minutes."
                ) from error
            yield

    def room(self) -> int:
        """Bytes free where releases lie."""
        self.releases.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.releases).free


def read_others(path: Path) -> dict[str, Any]:
    """A small file of JSON in a folder of a program's own user, who may be in wrong hands: not through a link, not from a pipe that never ends."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return {}
            found = json.loads(file.read(MOST_OTHERS_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_synced(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
