"""What the documents say is shown by a test must be shown by a test that is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.repo.tree import ROOT, files

NAMED = re.compile(r"`(tests/[\w./-]+?)(?:::(\w+))?`")


def named() -> Iterator[tuple[Path, str, str]]:
    """Document, path, test; the test is empty where a file or folder is named."""
    for path in files():
        if path.suffix == ".md":
            for found in NAMED.finditer((ROOT / path).read_text(encoding="utf-8")):
                yield path, found[1].rstrip("/"), found[2] or ""


@cache
def names_in(path: Path) -> frozenset[str]:
    found = ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
    return frozenset(each.name for each in found if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_test_that_a_document_names_is_there() -> None:
    everything = list(named())
    assert len(everything) > 20
    missing = [
        f"{document}: {path}{'::' + test if test else ''}"
        for document, path, test in everything
        if not (ROOT / path).exists() or (test and test not in names_in(Path(path)))
    ]
    assert not missing, missing
