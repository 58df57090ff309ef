"""Whom this machine believes: the keys that sign releases, and the check of a signature.

A key is a file of `deploy/raspberrypi/release-keys/` (it came with a release already believed) or of `/etc/foyer/release-keys/` (the council's
own). There may be any number: a release can be signed by several, and one good signature is enough, so a new key is brought in by a
release that the old one signs too. A key is worth nothing after its last day, nor once it is withdrawn; what one believed release withdraws
stays withdrawn (`withdrawn` in the state), also when the machine goes back to one that did not know. A clock that runs behind does not
revive a key: the time taken is the later of the clock and the newest release believed so far.

What is signed is not the file but a statement of five lines about it (version, digest, size, digest of its list of files), so the version
and the size are known before a byte is downloaded, and a good file under another name is refused. Ed25519 by openssl 3, which Debian and
Raspberry Pi OS bring with their certificates; a signature is checked in a folder that only root reads.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from places import Places
from refusal import Refused, Untrusted
from versions import is_version

DER = bytes.fromhex("302a300506032b6570032100")
MOST_SIGNATURE_BYTES = 64 * 1024
MOST_RELEASE_BYTES = 4 * 1024**3


@dataclass(frozen=True)
class Key:
    id: str
    public: bytes
    not_after: date
    withdrawn: bool
    purpose: str


@dataclass(frozen=True)
class Statement:
    """What was signed about a release file."""

    version: str
    sha256: str
    size: int
    manifest: str

    @property
    def text(self) -> str:
        return f"foyer-release 1\nversion {self.version}\nsha256 {self.sha256}\nsize {self.size}\nmanifest {self.manifest}\n"


def read_key(path: Path) -> Key:
    try:
        found = json.loads(path.read_text("utf-8"))
        public = base64.b64decode(found["public"], validate=True)
        if len(public) != 32:
            raise ValueError("not 32 bytes")
        return Key(
            hashlib.sha256(public).hexdigest()[:16],
            public,
            date.fromisoformat(found["not_after"]),
            bool(found.get("withdrawn")),
            str(found.get("purpose", "release")),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{path} is not a release key as `foyer releases make-key` writes one.") from error


def keys_in(folder: Path) -> list[Key]:
    return [read_key(path) for path in sorted(folder.glob("*.json"))] if folder.is_dir() else []


def believed(places: Places, extra: tuple[Path, ...] = ()) -> list[Key]:
    """Every key this machine knows: those of the release that keeps it, the council's own, and those it was given by hand."""
    tree = places.release(places.pointed(places.keeper) or ".none") / "deploy/raspberrypi/release-keys"
    if not tree.is_dir():  # the first installation: the keys that came with this very tool
        tree = Path(__file__).resolve().parent.parent / "release-keys"
    found = keys_in(tree) + keys_in(places.own_keys)
    for path in extra:
        found += keys_in(path) if path.is_dir() else [read_key(path)]
    return found


def check(places: Places, signature: Path, now: datetime, extra: tuple[Path, ...] = ()) -> Statement:
    """The statement of a `.sig` file, if one of our keys signed it."""
    statement, signatures = read_signature(signature)
    state = places.state()
    gone = set(state.get("withdrawn", ())) | {key.id for key in believed(places, extra) if key.withdrawn}
    latest = datetime.fromtimestamp(int(state.get("latest", 0)), UTC)
    today = max(now, latest).date()
    why = "It is signed by no key that this machine knows."
    for key in believed(places, extra):
        given = signatures.get(key.id)
        if given is None:
            continue
        if key.id in gone:
            why = f"The key that signed it, {key.id}, is withdrawn."
        elif key.not_after < today:
            why = f"The key that signed it, {key.id}, was valid until {key.not_after} only, and here it is {today}."
        elif key.purpose != "release" and places.is_machine:
            why = f"The key that signed it, {key.id}, is for tests and worth nothing on a machine."
        elif not signed_by(key, statement.text.encode(), given):
            why = f"The signature by {key.id} does not fit: the file of signatures was changed or damaged."
        else:
            return statement
    raise Untrusted(f"{signature.name}: this release is not believed. {why}")


def read_signature(path: Path) -> tuple[Statement, dict[str, bytes]]:
    """What a `.sig` file says, believed or not."""
    try:
        with path.open("rb") as file:
            found: Any = json.loads(file.read(MOST_SIGNATURE_BYTES).decode("utf-8"))
        parts = dict(line.split(" ", 1) for line in found["statement"].splitlines())
        statement = Statement(parts["version"], parts["sha256"], int(parts["size"]), parts["manifest"])
        signatures = {
            str(one["key"]): base64.b64decode(one["signature"], validate=True) for one in found["signatures"]
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Untrusted(f"{path} is missing, or not the signatures of a release.") from error
    if statement.text != found["statement"] or not is_version(statement.version):
        raise Untrusted(f"{path} is not the signatures of a release.")
    if not 0 < statement.size <= MOST_RELEASE_BYTES:
        raise Untrusted(f"{path} tells of a release of {statement.size} bytes, which cannot be.")
    return statement, signatures


def signed_by(key: Key, text: bytes, signature: bytes) -> bool:
    pem = base64.b64encode(DER + key.public).decode()
    with tempfile.TemporaryDirectory(prefix="foyer-verify-") as name:
        folder = Path(name)
        (folder / "key.pem").write_text(f"-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----\n")
        (folder / "text").write_bytes(text)
        (folder / "signature").write_bytes(signature)
        command: list[str | Path] = [
            *("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", folder / "key.pem"),
            *("-rawin", "-in", folder / "text", "-sigfile", folder / "signature"),
        ]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except FileNotFoundError as error:
            raise Refused(
                "openssl is missing, and nothing is believed without it: apt install openssl"
            ) from error
    return done.returncode == 0
