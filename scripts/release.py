"""`make release`: a release file of the commit checked out, for machines that have no line to a package index.

What it holds: the tracked files of the commit as git has them (never those of the folder, so nothing that lies about gets in), the wheels of
`requirements.lock` for the targets named, and the list of it all, MANIFEST.json. The same commit and targets give the same bytes: times are the
commit's, owners are nobody, order is by name. Beside it: `.sig` (who vouches for it), the bill of materials, and the licences of what it
contains. How a machine checks and installs it: `deploy/raspberrypi/foyer-release`; how a release is made and rolled out: docs/releases.md.

A tag `v1.4.0` names the release 1.4.0, if the project's own number agrees; any other commit is named as a step on the way to it.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import time
import tomllib
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

sys.path.insert(0, str(Path(__file__).resolve().parent))

import sbom
import wheelhouse

from server.domain.rollout import is_version, order

ROOT = Path(__file__).resolve().parent.parent
FORMAT = 1
DAY = 24 * 3600


def git(*words: str, of: Path = ROOT) -> bytes:
    return subprocess.run(["git", *words], cwd=of, check=True, capture_output=True).stdout


def version_at(commit: str, of: Path = ROOT) -> str:
    """What the release of this commit is called."""
    project = tomllib.loads(git("show", f"{commit}:pyproject.toml", of=of).decode())["project"]["version"]
    tags = git("tag", "--points-at", commit, "v*", of=of).decode().split()
    if tags:
        if f"v{project}" not in tags:
            raise SystemExit(
                f"The commit is tagged {tags[0]}, but pyproject.toml says {project}. Make them agree."
            )
        return str(project)
    count = git("rev-list", "--count", commit, of=of).decode().strip()
    return f"{project}.dev{count}.g{git('rev-parse', commit, of=of).decode()[:9]}"


def tracked(commit: str, of: Path = ROOT) -> dict[str, tuple[bytes, bool]]:
    """The files of the commit: what they hold, and whether they are programs."""
    files: dict[str, tuple[bytes, bool]] = {}
    with tarfile.open(fileobj=io.BytesIO(git("archive", "--format=tar", commit, of=of))) as tar:
        for member in tar:
            if member.isdir():
                continue
            content = tar.extractfile(member) if member.isreg() else None
            if content is None:
                raise SystemExit(f"{member.name} is a link. A release holds ordinary files only.")
            files[member.name] = (content.read(), bool(member.mode & 0o100))
    return files


def schema_from(files: dict[str, tuple[bytes, bool]]) -> str:
    """The oldest schema whose program works on a database at this release's, as its newest migration says."""
    newest = max(
        (path for path in files if re.match(r"tree/server/store/migrations/versions/\d{4}_", path)),
        default="",
    )
    found = (
        re.search(rb"^compatible_from *(?::[^=]+)?= *[\"'](\d{4})[\"']", files[newest][0], re.M)
        if newest
        else None
    )
    return found[1].decode() if found else ""


def manifest_of(
    version: str, commit: str, files: dict[str, tuple[bytes, bool]], told: dict[str, Any], of: Path = ROOT
) -> bytes:
    revisions = [
        match[1]
        for path in files
        if (match := re.match(r"tree/server/store/migrations/versions/(\d{4})_", path))
    ]
    keys = [
        json.loads(files[path][0])
        for path in files
        if re.match(r"tree/deploy/raspberrypi/release-keys/.+\.json$", path)
    ]
    gone = sorted(
        hashlib.sha256(base64.b64decode(key["public"])).hexdigest()[:16]
        for key in keys
        if key.get("withdrawn")
    )
    manifest = {
        "format": FORMAT,
        "version": version,
        "commit": git("rev-parse", commit, of=of).decode().strip(),
        "made_at": int(git("show", "-s", "--format=%ct", commit, of=of)),
        "schema": max(revisions, default=""),
        "schema_from": schema_from(files),
        "withdrawn_keys": gone,
        **told,
        "files": [
            {
                "path": path,
                "sha256": hashlib.sha256(content).hexdigest(),
                "size": len(content),
                **({"run": True} if run else {}),
            }
            for path, (content, run) in sorted(files.items())
        ],
    }
    return (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()


def write_tar(
    place: Path, version: str, manifest: bytes, files: dict[str, tuple[bytes, bool]], at: int
) -> None:
    """The list first, then every file by name; written beside and renamed, so a half one is never taken for whole."""
    beside = place.with_name(f".{place.name}.part")
    with (
        beside.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w|", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path, (content, run) in [("MANIFEST.json", (manifest, False)), *sorted(files.items())]:
            member = tarfile.TarInfo(f"foyer-{version}/{path}")
            member.size, member.mtime, member.mode = len(content), at, 0o755 if run else 0o644
            tar.addfile(member, io.BytesIO(content))
    beside.rename(place)


def statement_of(place: Path, version: str, manifest: bytes) -> str:
    digest = hashlib.sha256()
    with place.open("rb") as stream:
        while block := stream.read(1024 * 1024):
            digest.update(block)
    listed = hashlib.sha256(manifest).hexdigest()
    return f"foyer-release 1\nversion {version}\nsha256 {digest.hexdigest()}\nsize {place.stat().st_size}\nmanifest {listed}\n"


def sign(statement: str, keys: list[Path]) -> str:
    signatures = []
    for path in keys:
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise SystemExit(f"{path} is no Ed25519 key. Make one: foyer releases make-key")
        name = hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest()[:16]
        signatures.append({"key": name, "signature": base64.b64encode(key.sign(statement.encode())).decode()})
    return json.dumps({"statement": statement, "signatures": signatures}, indent=1) + "\n"


def make(
    commit: str,
    targets: list[wheelhouse.Target],
    keys: list[Path],
    into: Path,
    of: Path = ROOT,
    wheels: Path | None = None,
    floor: str = "",
) -> Path:
    """The release file of a commit, signed if a key is given. Answers where it lies."""
    version = version_at(commit, of)
    _refuse_what_shuts_machines(version, commit, floor, of)
    source = tracked(commit, of)
    files = {f"tree/{path}": one for path, one in source.items()}
    lock = (
        wheelhouse.read_lock(source["requirements.lock"][0].decode()) if "requirements.lock" in source else []
    )
    if wheels is None:
        wheels = ROOT / "build/wheelhouse"
        each = wheelhouse.fetch(lock, targets, wheels)
    else:
        each = [{wheel.name for wheel in wheels.glob("*.whl")}]
    found = sorted(wheels.glob("*.whl"))
    files |= {f"wheelhouse/{wheel.name}": (wheel.read_bytes(), False) for wheel in found}
    told: dict[str, Any] = {
        "targets": [target.name for target in targets],
        "environment_bytes": max(
            wheelhouse.unfolded_bytes([wheels / name for name in names]) for names in each
        ),
    }
    if floor:
        told["floor"] = floor
    manifest = manifest_of(version, commit, files, told, of)
    into.mkdir(parents=True, exist_ok=True)
    place = into / f"foyer-{version}.tar.gz"
    write_tar(place, version, manifest, files, json.loads(manifest)["made_at"])
    signature = place.with_name(f"{place.name}.sig")
    signature.unlink(missing_ok=True)
    if keys:
        signature.write_text(sign(statement_of(place, version, manifest), keys), encoding="utf-8")
    return place


def _refuse_what_shuts_machines(version: str, commit: str, floor: str, of: Path) -> None:
    """A machine remembers these two for good, so a slip would shut it to every later release."""
    if floor and not (is_version(floor) and order(floor) <= order(version)):
        raise SystemExit(f"--floor {floor}: not a release up to {version}. Write it like 1.3.0.")
    made_at = int(git("show", "-s", "--format=%ct", commit, of=of))
    if made_at > time.time() + DAY:
        raise SystemExit(
            "The commit is dated in the future, and machines would take every key for expired. Set the clock right and commit anew."
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make release", description="Make a release file of the commit checked out."
    )
    parser.add_argument(
        "--key",
        type=Path,
        action="append",
        default=[],
        help="sign with this private key (may be given again)",
    )
    parser.add_argument(
        "--for",
        dest="targets",
        action="append",
        default=[],
        metavar="TARGET",
        help="linux-aarch64-cp311 and so on; this machine's by default",
    )
    parser.add_argument("--commit", default="HEAD")
    parser.add_argument("--into", type=Path, default=ROOT / "build/release")
    parser.add_argument(
        "--floor", default="", help="machines that run this release never go below this one again"
    )
    asked = parser.parse_args()
    named = [one for text in asked.targets for one in text.replace(",", " ").split()]
    targets = [wheelhouse.read_target(text) for text in named] or [wheelhouse.this_machine()]
    if git("status", "--porcelain", "--untracked-files=no").strip():
        print(
            "release: there are changes here that are not committed; they are not in the release.",
            file=sys.stderr,
        )
    place = make(asked.commit, targets, asked.key, asked.into, floor=asked.floor)
    print(
        f"{place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place}  {place.stat().st_size / 2**20:.1f} MB, for {', '.join(one.name for one in targets)}"
    )
    bill = place.with_name(place.name.replace(".tar.gz", ".cdx.json"))
    sbom.write_of_commit(bill, asked.commit, version_at(asked.commit))
    licences = git("show", f"{asked.commit}:docs/licences.md")
    place.with_name(place.name.replace(".tar.gz", ".licences.md")).write_bytes(licences)
    if not asked.key:
        print(
            "release: it is not signed, so no machine installs it. Give a key: make release KEY=path/to/key.pem",
            file=sys.stderr,
        )


if __name__ == "__main__":
    main()
