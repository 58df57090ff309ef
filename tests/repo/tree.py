"""What the repository holds, found without git (a clone may be tested where git is not installed)."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("wire", "words", "server", "kiosk", "hardware", "display", "demo")
CODE_ENDINGS = {".css", ".html", ".js", ".kv", ".mako", ".mjs", ".py", ".sh", ".svg"}
DATA_ENDINGS = {".cfg", ".conf", ".csv", ".ini", ".json", ".jsonl", ".lock", ".rules", ".service", ".toml"}
TEXT_ENDINGS = {".md", ".txt", ".yaml", ".yml"}
TEXT = CODE_ENDINGS | DATA_ENDINGS | TEXT_ENDINGS


def _ignored() -> re.Pattern[str]:
    """`.gitignore` as one pattern over names; only its plain forms are used here: `name/`, `*.ext`."""
    names = (line.strip().rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines())
    parts = [
        re.escape(name).replace(r"\*", ".*").replace(r"\[co\]", "[co]")
        for name in names
        if name and not name.startswith("#")
    ]
    return re.compile("|".join([*parts, r"\.git"]))


@cache
def files() -> tuple[Path, ...]:
    """Every file that is not ignored, relative to the root, sorted."""
    return tuple(sorted(_walk(ROOT, _ignored())))


def _walk(root: Path, ignored: re.Pattern[str]) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not ignored.fullmatch(name)]
        for name in names:
            if not ignored.fullmatch(name):
                yield (Path(folder) / name).relative_to(root)


def text_files() -> list[Path]:
    """Those written by people as text; not what others wrote (`vendor`)."""
    known = {"Makefile", "LICENSE", "NOTICE", ".importlinter", ".gitignore", "run"}
    return [
        path for path in files() if (path.suffix in TEXT or path.name in known) and "vendor" not in path.parts
    ]


def python_files(*rooms: str) -> list[Path]:
    """Python of these top folders (all when none is named), without the generated migrations."""
    return [
        path
        for path in files()
        if path.suffix == ".py"
        and (not rooms or path.parts[0] in rooms)
        and path.parts[:4] != ("server", "store", "migrations", "versions")
    ]


@cache
def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(read(path), str(path))


def lines(path: Path) -> Iterator[tuple[str, str]]:
    """(place, line) for each line; the place as `file:number`."""
    for number, line in enumerate(read(path).splitlines(), 1):
        yield f"{path}:{number}", line
