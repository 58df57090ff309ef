"""The wheels a release brings along: those the lock names, for each kind of machine the release is for.

A target is written `linux-aarch64-cp311`: a 64-bit Raspberry Pi with Debian 12. Which packages a target needs is judged here by the lock's own
markers, because `pip download` judges them for the machine it runs on. Every wheel comes through pip's ordinary client, by its hash; nothing
comes as source, so nothing is built and the same lock gives the same files everywhere. Where packages come from is the set-up of
whoever runs this; no address is written into any file.
"""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker

GLIBC = range(36, 16, -1)
"""Debian 12 has glibc 2.36; wheels for it or anything older run on it and on what came after."""
FULL_VERSION = {"311": "3.11.2", "312": "3.12.3", "313": "3.13.5"}


@dataclass(frozen=True)
class Target:
    machine: str
    python: str

    @property
    def name(self) -> str:
        return f"linux-{self.machine}-cp{self.python}"

    def surroundings(self) -> dict[str, str]:
        full = FULL_VERSION[self.python]
        return {
            "python_version": f"3.{self.python[1:]}",
            "python_full_version": full,
            "implementation_version": full,
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "sys_platform": "linux",
            "platform_system": "Linux",
            "os_name": "posix",
            "platform_machine": self.machine,
        }

    def platforms(self) -> list[str]:
        return [f"manylinux_2_{minor}_{self.machine}" for minor in GLIBC] + [
            f"manylinux2014_{self.machine}",
            f"linux_{self.machine}",
        ]


def this_machine() -> Target:
    return Target(platform.machine(), f"{sys.version_info.major}{sys.version_info.minor}")


def read_target(text: str) -> Target:
    match = re.fullmatch(r"linux-(aarch64|x86_64)-cp(311|312|313)", text)
    if match is None:
        raise SystemExit(
            f"“{text}” is no target. One is written like linux-aarch64-cp311 (or x86_64, or cp313)."
        )
    return Target(match[1], match[2])


@dataclass(frozen=True)
class Locked:
    """One package of the lock, with the lines pip is given for it."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]
    lines: str


def read_lock(text: str) -> list[Locked]:
    found = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", "\n" + text):
        match = re.match(r"\n?([A-Za-z0-9][A-Za-z0-9._-]*)==([^ \\;]+)(?: ; ([^\\\n]+))?", block)
        if match is None:
            continue
        hashes = frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
        lines = "\n".join(line for line in block.splitlines() if line and not line.lstrip().startswith("#"))
        found.append(Locked(match[1], match[2], (match[3] or "").strip(), hashes, lines))
    return found


def needed(lock: list[Locked], target: Target) -> list[Locked]:
    return [one for one in lock if not one.marker or Marker(one.marker).evaluate(target.surroundings())]


def fetch(lock: list[Locked], targets: list[Target], into: Path) -> list[set[str]]:
    """Bring every wheel the targets need into the folder, and nothing else; refuse a wheel the lock does not name. Answers which each target needs."""
    into.mkdir(parents=True, exist_ok=True)
    hashes = {digest for one in lock for digest in one.hashes}
    for wheel in into.glob("*.whl"):
        if hashlib.sha256(wheel.read_bytes()).hexdigest() not in hashes:
            wheel.unlink()
    each = [_download(needed(lock, target), target, into) for target in targets]
    wanted: set[str] = set().union(*each)
    for wheel in into.iterdir():
        if wheel.name not in wanted:
            wheel.unlink()
    return each


def _download(packages: list[Locked], target: Target, into: Path) -> set[str]:
    """pip, once for a target: wheels that lie there already are found there. Answers the names of the target's wheels."""
    if not packages:
        return set()
    with tempfile.TemporaryDirectory() as folder:
        lock, fresh = Path(folder, "lock.txt"), Path(folder, "fresh")
        # The markers have been judged for the target, so they must not be judged again for this machine.
        bare = (one.lines.replace(f" ; {one.marker}", "") if one.marker else one.lines for one in packages)
        lock.write_text("\n".join(bare) + "\n", encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        command += ["--only-binary=:all:", "--require-hashes", "-r", str(lock), "--dest", str(fresh)]
        command += ["-f", str(into), "--python-version", target.python, "--implementation", "cp"]
        command += [f"--abi={abi}" for abi in (f"cp{target.python}", "abi3", "none")]
        command += [f"--platform={one}" for one in target.platforms()]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            said = [
                line for line in done.stderr.splitlines() if line.startswith("ERROR")
            ] or done.stderr.splitlines()
            raise SystemExit(f"The packages for {target.name} could not all be had:\n" + "\n".join(said[-6:]))
        names = {wheel.name for wheel in fresh.iterdir()}
        for wheel in fresh.iterdir():
            place = into / wheel.name
            if not place.exists():
                place.write_bytes(wheel.read_bytes())
        return names


def unfolded_bytes(wheels: list[Path]) -> int:
    """What the wheels take once installed."""
    total = 0
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            total += sum(one.file_size for one in archive.infolist())
    return total
