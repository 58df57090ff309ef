"""A release file, opened so that it can do no harm: every byte is checked against what was signed before it is used.

The tar holds `foyer-<version>/MANIFEST.json` first and after it exactly the files that are listed there, each with its size, digest and
mode. The signed statement names the digest of the list and of the whole. Only ordinary files are taken: a link, a device, a name that
leaves the folder, one file too many or too few, one that is longer than listed: each ends it, and nothing is left behind. Sizes are known
before a file is written, so a small file cannot unfold into a full card.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from refusal import Broken, Refused, Untrusted, of_the_card
from trust import Statement
from versions import is_version, order

BLOCK = 1024 * 1024
MOST_MANIFEST_BYTES = 16 * 1024 * 1024
MOST_FILES = 50_000
OURS = {("tree", ".venv"), ("tree", "RELEASE.json")}
"""The environment, and the file that alone makes a release count as installed."""


@dataclass(frozen=True)
class Listed:
    path: str
    sha256: str
    size: int
    mode: int


def check_digest(file: Path, statement: Statement) -> None:
    """The whole file is what was signed."""
    try:
        size = file.stat().st_size
        if size < statement.size:
            raise Broken(
                f"{file.name} is not all here: {size} of {statement.size} bytes. Copy or download it again."
            )
        digest = hashlib.sha256()
        with file.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
    if size != statement.size or digest.hexdigest() != statement.sha256:
        raise Untrusted(f"{file.name} is not the file that was signed: it was changed or damaged on its way.")


def read_manifest(file: Path, statement: Statement) -> dict[str, Any]:
    """The list of files, which comes first in the tar."""
    try:
        with gzip.open(file) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            raw, _ = _first(tar, statement)
            return _manifest(raw, statement)
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError) as error:
        raise Untrusted(f"{file.name} cannot be opened as a release: {error}") from error


def unpack(file: Path, statement: Statement, into: Path) -> dict[str, Any]:
    """Write the files of the release below `into`, which must be new and ours. Answers the manifest."""
    try:
        with gzip.open(file) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            raw, top = _first(tar, statement)
            manifest = _manifest(raw, statement)
            waiting = {one.path: one for one in listed(manifest)}
            while (member := tar.next()) is not None:
                one = waiting.pop(_path_below(top, member), None)
                if one is None or not member.isreg() or member.size != one.size:
                    raise Untrusted(f"{file.name} holds “{member.name}”, which its list does not.")
                content = tar.extractfile(member)
                assert content is not None
                _write(content, one, into)
    except OSError as error:
        if card := of_the_card(error):
            raise card from error
        raise Untrusted(f"{file.name} cannot be opened as a release: {error}") from error
    except (EOFError, zlib.error, tarfile.TarError, ValueError) as error:
        raise Untrusted(f"{file.name} cannot be opened as a release: {error}") from error
    if waiting:
        raise Untrusted(f"{file.name} lacks “{min(waiting)}”, which its list names.")
    return manifest


def listed(manifest: dict[str, Any]) -> list[Listed]:
    """The files a manifest names, each with a path that stays where it shall."""
    try:
        files = [
            Listed(str(one["path"]), str(one["sha256"]), int(one["size"]), 0o755 if one.get("run") else 0o644)
            for one in manifest["files"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Untrusted("The release's list of files cannot be read.") from error
    if len(files) > MOST_FILES or len({one.path for one in files}) != len(files):
        raise Untrusted("The release's list of files is too long, or names a file twice.")
    for one in files:
        path = PurePosixPath(one.path)
        whole = str(path) == one.path and len(path.parts) > 1 and path.parts[0] in {"tree", "wheelhouse"}
        if not whole or any(part == ".." or "\0" in part for part in path.parts) or one.size < 0:
            raise Untrusted(f"The release's list names “{one.path}”, which is not a place within it.")
        if path.parts[:2] in OURS:
            raise Untrusted(f"The release brings “{one.path}”, which is made on the machine.")
    return files


def _first(tar: tarfile.TarFile, statement: Statement) -> tuple[bytes, str]:
    top = f"foyer-{statement.version}"
    member = tar.next()
    if member is None or member.name != f"{top}/MANIFEST.json" or not member.isreg():
        raise Untrusted("The release does not begin with its list of files.")
    if member.size > MOST_MANIFEST_BYTES:
        raise Untrusted("The release's list of files is too long.")
    content = tar.extractfile(member)
    assert content is not None
    return content.read(), top


def _manifest(raw: bytes, statement: Statement) -> dict[str, Any]:
    if hashlib.sha256(raw).hexdigest() != statement.manifest:
        raise Untrusted("The release's list of files is not the one that was signed.")
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.get("version") != statement.version:
        raise Untrusted("The release's list of files tells another version than its signature.")
    _check_told(found)
    return found


def _check_told(manifest: dict[str, Any]) -> None:
    """What is remembered from it for good. A bound that is no release's name, or above the release itself, would shut the machine to every later one."""
    floor, made, gone = manifest.get("floor"), manifest.get("made_at", 0), manifest.get("withdrawn_keys", [])
    if floor and not (is_version(str(floor)) and order(str(floor)) <= order(str(manifest["version"]))):
        raise Untrusted(f"The release's lower bound, “{floor}”, is not a release before it.")
    if not isinstance(made, int) or not isinstance(gone, list):
        raise Untrusted("What the release tells of itself cannot be read.")


def _path_below(top: str, member: tarfile.TarInfo) -> str:
    return member.name.removeprefix(f"{top}/") if member.name.startswith(f"{top}/") else ""


def _write(content: IO[bytes], one: Listed, into: Path) -> None:
    place = into / one.path
    place.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    # O_EXCL and O_NOFOLLOW: whatever already lies there, a link above all, is not written through.
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, one.mode)
    with os.fdopen(handle, "wb") as file:
        while block := content.read(BLOCK):
            digest.update(block)
            file.write(block)
        os.fchmod(file.fileno(), one.mode)
    if digest.hexdigest() != one.sha256:
        raise Untrusted(f"“{one.path}” is not the file that was signed.")
