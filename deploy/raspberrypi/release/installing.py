"""A release beside the others, with an environment of its own, made without a network.

Order: is there room, is it believed, unpack beside (`.<version>.part`), make the environment from the wheels that came along (by hash, from no
index), sync all of it to the card, and only then rename it to its version with its RELEASE.json inside. A power cut leaves at most a
`.part`, which the next try clears away. Installing what is installed already does nothing.

A virtual environment knows its own path, so it is made under the final name: the folder is renamed first, and RELEASE.json, which alone
makes it count, is written last.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bundle import check_digest, listed, read_manifest, unpack
from places import KEPT, Places, sync_folder, write_synced
from refusal import Refused, full
from steps import passed
from trust import Statement, check
from versions import order

SPARE_BYTES = 200 * 1024 * 1024
"""Kept free for journal, spool and logs: an update never takes the last of the card."""


def verify(
    places: Places, file: Path, now: datetime, keys: tuple[Path, ...] = ()
) -> tuple[Statement, dict[str, Any]]:
    """Believed, whole, and its list in order: or a refusal that says what is wrong."""
    statement = check(places, file.with_name(f"{file.name}.sig"), now, keys)
    check_digest(file, statement)
    manifest = read_manifest(file, statement)
    listed(manifest)
    return statement, manifest


def install(
    places: Places, file: Path, now: datetime, keys: tuple[Path, ...] = (), older: bool = False
) -> str:
    """Bring a release beside the others. Answers its version. It does not run yet: that is `switch`."""
    statement, manifest = verify(places, file, now, keys)
    version = statement.version
    passed("verified")
    refuse_strange(version, manifest)
    with places.lock():
        if version in places.installed():
            if places.manifest(version).get("sha256") != statement.sha256:
                raise Refused(
                    f"Another {version} is installed here. One version is one file: give the new one its own number."
                )
            return version
        refuse_older(places, version, older)
        _need_room(places, version, statement, manifest)
        place = places.release(version)
        part = places.releases / f".{version}.part"
        for left in (part, place):
            shutil.rmtree(left, ignore_errors=True)
        try:
            part.mkdir(parents=True, mode=0o755)
            unpack(file, statement, part)
            passed("unpacked")
            (part / "tree").rename(place)
            _make_environment(place, part / "wheelhouse", version)
            shutil.rmtree(part)
            passed("environment")
            if places.is_machine:
                os.sync()
            kept = {key: value for key, value in manifest.items() if key != "files"}
            kept |= {
                "sha256": statement.sha256,
                "installed_at": now.astimezone(UTC).isoformat(timespec="seconds"),
            }
            write_synced(place / KEPT, json.dumps(kept, indent=1, sort_keys=True) + "\n")
            sync_folder(places.releases)
        except BaseException:
            for left in (part, place):
                shutil.rmtree(left, ignore_errors=True)
            raise
    passed("installed")
    return version


def refuse_strange(version: str, manifest: dict[str, Any]) -> None:
    """A release brings packages for the machines it was made for, and no others can be had."""
    told = manifest.get("targets")
    made_for = [str(one) for one in told] if isinstance(told, list) else []
    here = f"linux-{os.uname().machine}-cp{sys.version_info.major}{sys.version_info.minor}"
    if made_for and here not in made_for:
        raise Refused(
            f"{version} is made for {', '.join(made_for)}, and this machine is {here} ({sys.executable}). "
            f"Whoever makes releases adds it: FOR={here} (docs/releases.md)."
        )


def refuse_older(places: Places, version: str, older: bool) -> None:
    """An old release is signed as well as a new one: without a bound, one with a hole could be played back to us."""
    floor = places.state().get("floor")
    if floor and order(version) < order(str(floor)):
        raise Refused(
            f"{version} is older than {floor}, the oldest release that may run on this machine. It is not installed."
        )
    current = places.pointed(places.current)
    if current and order(version) < order(current) and not older:
        raise Refused(
            f"{version} is older than {current}, which runs here. If that is what you want, say --older."
        )


def _need_room(places: Places, version: str, statement: Statement, manifest: dict[str, Any]) -> None:
    files = listed(manifest)
    # Wheels and what they unfold to lie side by side while the environment is made.
    need = sum(one.size for one in files) + int(manifest.get("environment_bytes", 0)) + SPARE_BYTES
    free = places.room()
    if free < need:
        raise full(f": {version} needs {need // 2**20} MB and {free // 2**20} MB are free")


def _make_environment(place: Path, wheels: Path, version: str) -> None:
    environment = place / ".venv"
    python = environment / "bin/python"
    lock = place / "requirements.lock"
    brings_packages = lock.is_file() and bool(lock.read_text("utf-8").strip())
    _run(sys.executable, "-I", "-m", "venv", *(() if brings_packages else ("--without-pip",)), environment)
    if brings_packages:
        _run(
            *(python, "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps"),
            *("--no-cache-dir", "--no-index", "-f", wheels, "--only-binary=:all:"),
            *("--require-hashes", "-r", lock),
        )
    _launchers(place, python, version)
    # The programs run as users who may not write here, so what they would compile at each start is compiled once.
    _run(
        python,
        "-I",
        "-m",
        "compileall",
        "-q",
        "--invalidation-mode",
        "unchecked-hash",
        "-x",
        r"/\.venv/",
        place,
    )


def _launchers(place: Path, python: Path, version: str) -> None:
    """What scripts/setup.sh does for a clone: the tree is on the path, and its programs can be started by name and know their release."""
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([python, "-I", "-c", asked], capture_output=True, text=True, check=True)
    packages = Path(done.stdout.strip())
    (packages / "foyer.pth").write_text(f"{place}\n", encoding="utf-8")
    told = packages / f"foyer-{version}.dist-info"
    told.mkdir(exist_ok=True)
    (told / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: foyer\nVersion: {version}\n", encoding="utf-8"
    )
    project = tomllib.loads((place / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name, target in project.get("scripts", {}).items():
        module, function = target.split(":")
        launcher = python.parent / name
        launcher.write_text(
            f"#!{python}\nimport sys\n\nfrom {module} import {function}\n\nsys.argv[0] = {name!r}\nsys.exit({function}())\n",
            encoding="utf-8",
        )
        launcher.chmod(0o755)


def _run(*command: object) -> None:
    surroundings = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "",
    }
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=surroundings, cwd="/")
    except OSError as error:
        raise Refused(f"{words[0]} cannot be started: {error.strerror}.") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()[-8:]
        if any("No space left" in line or "File too large" in line for line in said):
            raise full()
        raise Refused("The release's environment could not be made:\n  " + "\n  ".join(said))
