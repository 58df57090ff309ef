"""The folder of release files (`FOYER_RELEASES`): what lies in it, and the file of one release.

A release is `foyer-<version>.tar.gz` with its `.sig`. This server does not decide whom devices believe: each checks the signature itself, by keys this
server cannot change. Here only slips are found (half a copy, a file without its signature, one under another's name), before a fleet is
sent to fetch it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from server.domain.rollout import is_version, order

MOST_SIGNATURE_BYTES = 64 * 1024


class Unusable(Exception):
    """Why a file cannot be offered, in a sentence."""


@dataclass(frozen=True)
class Found:
    version: str
    digest: str
    size: int
    signed_by: tuple[str, ...]


def file_of(folder: Path, version: str) -> Path:
    """Where a release lies. The version was checked for its shape, so it names no other place."""
    if not is_version(version):
        raise Unusable(f"“{version[:40]}” is not the name of a release.")
    return folder / f"foyer-{version}.tar.gz"


def signature_of(folder: Path, version: str) -> Path:
    place = file_of(folder, version)
    return place.with_name(f"{place.name}.sig")


def versions_in(folder: Path | None) -> list[str]:
    """Releases whose file and signature lie there, the newest first. They have not been read yet."""
    if folder is None or not folder.is_dir():
        return []
    names = (
        path.name.removeprefix("foyer-").removesuffix(".tar.gz") for path in folder.glob("foyer-*.tar.gz")
    )
    found = [name for name in names if is_version(name) and signature_of(folder, name).is_file()]
    return sorted(found, key=order, reverse=True)


def look_at(folder: Path, version: str) -> Found:
    """Read a release wholly and hold it against its signature's statement. Takes seconds: not on the event loop."""
    place, signature = file_of(folder, version), signature_of(folder, version)
    try:
        with signature.open("rb") as file:
            told = json.loads(file.read(MOST_SIGNATURE_BYTES))
        lines = dict(line.split(" ", 1) for line in told["statement"].splitlines())
        size, digest, named = int(lines["size"]), lines["sha256"], lines["version"]
        signed_by = tuple(str(one["key"]) for one in told["signatures"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unusable(f"{signature.name} is missing, or not the signatures of a release.") from error
    if named != version:
        raise Unusable(f"{place.name} was signed as {named}. Give the file its own name back.")
    if not signed_by:
        raise Unusable(f"{place.name} is not signed, so no device would take it.")
    try:
        if place.stat().st_size != size or _digest(place) != digest:
            raise Unusable(f"{place.name} is not the file that was signed. Copy it into the folder again.")
    except OSError as error:
        raise Unusable(f"{place.name} cannot be read: {error.strerror}.") from error
    return Found(version, digest, size, signed_by)


def _digest(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
