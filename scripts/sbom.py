"""`make sbom`: the bill of materials, as CycloneDX 1.6, of what a release installs (`build/foyer.cdx.json`) and of what is used to build and test it
(`build/foyer-dev.cdx.json`).

It is made of the locks and of the list of copied files, so it names exactly what is installed by hash. It holds no address: a package is named by its
package URL, which is a name. The same commit gives the same bytes, so it can be compared between releases.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import parts

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "foyer.invalid")


def bill(lock: Path, version: str, at: datetime, vendored: Path | None = None) -> dict[str, Any]:
    """The document for one lock and one list of what was copied in (the tree's own, unless another is given)."""
    components = [_package(one, version_) for one in parts.packages(lock) for version_ in one.versions]
    components += [_copied(one) for one in parts.copied(vendored) if "tests" not in one.used]
    serial = uuid.uuid5(NAMESPACE, f"{version} {json.dumps(components, sort_keys=True)}")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": "foyer",
                "name": "foyer",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": components,
        "dependencies": [{"ref": "foyer", "dependsOn": [one["bom-ref"] for one in components]}],
    }


def _package(one: parts.Package, version: str) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": f"pkg:pypi/{one.name}@{version}",
        "name": one.name,
        "version": version,
        "purl": f"pkg:pypi/{one.name}@{version}",
        "licenses": [{"expression": one.licence}] if one.licence else [],
        # One for each ready-made file: which of them is installed depends on the machine.
        "properties": [{"name": "foyer:sha256", "value": digest} for digest in one.hashes],
    }


def _copied(one: parts.Copied) -> dict[str, Any]:
    return {
        "type": "file" if len(one.files) == 1 else "library",
        "bom-ref": f"copied/{one.name}@{one.version}",
        "name": one.name,
        "version": one.version,
        "licenses": [{"expression": one.licence}],
        "properties": [{"name": f"foyer:sha256:{path}", "value": digest} for path, digest in one.files],
    }


def git(*words: str, of: Path = parts.ROOT) -> bytes:
    return subprocess.run(["git", *words], cwd=of, check=True, capture_output=True).stdout


def commit_time(commit: str = "HEAD", of: Path = parts.ROOT) -> datetime:
    return datetime.fromisoformat(git("show", "-s", "--format=%cI", commit, of=of).decode().strip())


def own_version() -> str:
    project = tomllib.loads((parts.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def write(place: Path, lock: Path, version: str) -> None:
    """Of the files that lie here."""
    _put(place, bill(lock, version, commit_time()))


def write_of_commit(place: Path, commit: str, version: str, of: Path = parts.ROOT) -> None:
    """Of what a commit holds, whatever lies here now."""
    with tempfile.TemporaryDirectory() as folder:
        lock, vendored = Path(folder, "requirements.lock"), Path(folder, "vendored.toml")
        lock.write_bytes(git("show", f"{commit}:requirements.lock", of=of))
        vendored.write_bytes(git("show", f"{commit}:scripts/vendored.toml", of=of))
        _put(place, bill(lock, version, commit_time(commit, of), vendored))


def _put(place: Path, document: dict[str, Any]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name, lock in (("foyer", "requirements.lock"), ("foyer-dev", "requirements-dev.lock")):
        place = parts.ROOT / f"build/{name}.cdx.json"
        write(place, parts.ROOT / lock, own_version())
        print(place.relative_to(parts.ROOT))
