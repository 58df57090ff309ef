"""docs/licences.md: what Foyer contains of others and under which licence; and the check that none came in which nobody agreed to.

Without a word it checks (part of `make check`): the page is current, every licence is on the list, every copied file is the one listed. `--write` writes the
page anew (`make documents`).
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import parts

PAGE = parts.ROOT / "docs/licences.md"


def page() -> str:
    lines = [
        "# Licences",
        "",
        "<!-- Written by scripts/licences.py; `make documents` writes it anew. -->",
        "",
        "Foyer is licensed under the Apache License 2.0. This is what it contains of others, as an installation of a release does: packages of `requirements.lock` for",
        "64-bit Linux on x86 and ARM, and what was copied into the tree. `make check` fails when a package comes in whose licence is not among those agreed to",
        "(`ALLOWED` in [scripts/parts.py](../scripts/parts.py)), and when a copied file was changed.",
        "",
        "## Copied into the tree",
        "",
        "| what | version | licence | used |",
        "|---|---|---|---|",
        *(f"| {one.name} | {one.version} | {one.licence} | {one.used} |" for one in parts.copied()),
        "",
        "## Packages",
        "",
        "| package | version | licence | |",
        "|---|---|---|---|",
        *(
            f"| {one.name} | {', '.join(one.versions)} | {one.licence} | {one.note} |".replace(
                " |  |", " | |"
            )
            for one in parts.packages()
        ),
        "",
    ]
    return "\n".join(lines)


def wrong() -> list[str]:
    found = [
        f"{one.name} {one.versions[-1]}: “{one.licence or 'no licence'}” is not among the licences agreed to (scripts/parts.py)"
        for one in parts.packages()
        if not parts.is_allowed(one.licence)
    ]
    found += [
        f"{one.name}: “{one.licence}” is not among the licences agreed to"
        for one in parts.copied()
        if not parts.is_allowed(one.licence)
    ]
    return found + parts.strange_files()


def main(arguments: list[str]) -> int:
    if "--write" in arguments:
        PAGE.write_text(page(), encoding="utf-8")
    found = wrong()
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        found.append("docs/licences.md is not current; run `make documents`")
    for each in found:
        print(each)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
