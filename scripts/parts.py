"""What Foyer consists of besides its own code: the locked packages with their licences, and what was copied into the tree, file by file.

Licences are read from what is installed, so this needs no network. Packages say theirs in three ways, some in words only they use; `SAID` translates
those, `LOOKED_UP` names those that had to be read in the package itself, with where. Whatever is in neither and not on the list of licences allowed
stops `make check`: a person decides. What was copied in is held against its digest here, so that nobody mends a vendored file unnoticed.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import wheelhouse

ROOT = Path(__file__).resolve().parent.parent
VENDORED = ROOT / "scripts/vendored.toml"
TARGETS = tuple(
    wheelhouse.Target(machine, python) for machine in ("aarch64", "x86_64") for python in ("311", "313")
)
"""Every kind of machine a release is made for; what only others need is not among our parts."""

ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU"),
        *("PSF-2.0", "Python-2.0", "Zlib", "OFL-1.1", "LicenseRef-Public-Domain"),
        # Copyleft of a file or a library: used unchanged, beside our code, replaceable by whoever runs it.
        *("MPL-2.0", "MPL-1.1", "LGPL-3.0-only", "LGPL-3.0-or-later", "EPL-2.0"),
    }
)
SAID = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
}
LOOKED_UP = {
    "docutils": (
        "LicenseRef-Public-Domain AND BSD-2-Clause AND Python-2.0",
        "COPYING; its parts under the GPL are an editor's, not installed",
    ),
    "pypdfium2": (
        "BSD-3-Clause OR Apache-2.0",
        "its licence folder; PDFium inside is BSD-3-Clause and Apache-2.0",
    ),
    "pyphen": ("MPL-1.1 OR LGPL-2.1-or-later OR GPL-2.0-or-later", "one of three may be chosen"),
    "pyrage": ("MIT", "licenses/LICENSE"),
    "qrcode": ("BSD-3-Clause", "its licence file; the other word is for the name QR Code, a trade mark"),
}


@dataclass(frozen=True)
class Package:
    name: str
    versions: tuple[str, ...]
    hashes: tuple[str, ...]
    licence: str
    note: str = ""


@dataclass(frozen=True)
class Copied:
    """Something of somebody else's that lies in the tree."""

    name: str
    version: str
    licence: str
    used: str
    files: tuple[tuple[str, str], ...]


def packages(lock: Path = ROOT / "requirements.lock") -> list[Package]:
    found: dict[str, list[wheelhouse.Locked]] = {}
    locked = wheelhouse.read_lock(lock.read_text(encoding="utf-8"))
    for target in TARGETS:
        for one in wheelhouse.needed(locked, target):
            if one not in found.setdefault(one.name, []):
                found[one.name].append(one)
    return [
        Package(
            name,
            tuple(sorted({one.version for one in ones})),
            tuple(sorted({digest for one in ones for digest in one.hashes})),
            *licence_of(name),
        )
        for name, ones in sorted(found.items())
    ]


def licence_of(name: str) -> tuple[str, str]:
    """How the package is licensed, as an SPDX expression; empty when nobody knows."""
    if name in LOOKED_UP:
        return LOOKED_UP[name]
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return "", "not installed"
    expression = told.get("License-Expression")
    if expression:
        return expression, ""
    said = (told.get("License") or "").strip()
    if said and "\n" not in said and len(said) < 60:
        return SAID.get(said, said), ""
    classes = [
        one.rpartition(" :: ")[2] for one in told.get_all("Classifier") or () if one.startswith("License ::")
    ]
    return " AND ".join(SAID.get(one, one) for one in classes), ""


def is_allowed(expression: str) -> bool:
    """Whether an SPDX expression can be kept with what is on the list: of an OR one side, of an AND both."""
    words = re.findall(r"\(|\)|[^\s()]+", expression)
    value, rest = _either(words) if words else (False, ["?"])
    return value and not rest


def _either(words: list[str]) -> tuple[bool, list[str]]:
    value, words = _both(words)
    while words[:1] == ["OR"]:
        other, words = _both(words[1:])
        value = value or other
    return value, words


def _both(words: list[str]) -> tuple[bool, list[str]]:
    value, words = _one(words)
    while words[:1] == ["AND"]:
        other, words = _one(words[1:])
        value = value and other
    return value, words


def _one(words: list[str]) -> tuple[bool, list[str]]:
    if words[:1] == ["("]:
        value, words = _either(words[1:])
        return value and words[:1] == [")"], words[1:]
    return bool(words) and words[0] in ALLOWED, words[1:]


def copied(listing: Path | None = None) -> list[Copied]:
    """As `listing` has them; by default the tree's own."""
    listed = tomllib.loads((listing or VENDORED).read_text(encoding="utf-8"))["part"]
    return [
        Copied(one["name"], one["version"], one["licence"], one["used"], tuple(sorted(one["files"].items())))
        for one in listed
    ]


def strange_files() -> list[str]:
    """What is wrong with the files that were copied in: changed, gone, or lying there unlisted."""
    listed = {path: digest for one in copied() for path, digest in one.files}
    wrong = []
    for path, digest in listed.items():
        place = ROOT / path
        if not place.is_file():
            wrong.append(f"{path} is listed in scripts/vendored.toml and not there")
        elif hashlib.sha256(place.read_bytes()).hexdigest() != digest:
            wrong.append(f"{path} is not the file that scripts/vendored.toml lists")
    for folder in ("server/web/static/vendor", "tests/vendor", "kiosk/fonts", "display/static/vendor"):
        for place in sorted((ROOT / folder).rglob("*")) if (ROOT / folder).is_dir() else ():
            path = str(place.relative_to(ROOT))
            if (
                place.is_file()
                and path not in listed
                and place.suffix in {".js", ".css", ".ttf", ".woff2", ".svg"}
            ):
                wrong.append(f"{path} is not listed in scripts/vendored.toml: who made it, which version?")
    return wrong
