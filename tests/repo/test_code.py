"""Laws of the code that ruff and mypy do not know."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repo.tree import PACKAGES, files, lines, python_files, read, text_files, tree

LONGEST_FILE = 500
LONGEST_FUNCTION = 80
LONG_FILES: dict[str, str] = {}
"""Files that may be longer, each with the reason."""
LONG_FUNCTIONS: dict[str, str] = {}
"""`file:function` that may be longer, each with the reason."""

VAGUE = re.compile(r"(Manager|Helper|Handler|Utils?|Service|Data|Info|Base)$")
# A service is what a visitor needs: the thing itself, and commands about it, bear its name.
VAGUE_ALLOWED = re.compile(r"((Choose|Open|Close|Pause|Add|Remove|Change|Rename|Move)[A-Za-z]*)?Service")

CLOCK_READERS = {
    "server/clock.py": "the server's only reader of the clock",
    "kiosk/clocks.py": "the kiosk's only reader of the clock",
    "wire/vocabulary.py": "ids order themselves by the time they were made; no rule reads it",
}
CLOCK = {
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
}


def test_no_file_is_too_long_to_be_read() -> None:
    found = {
        str(path): count
        for path in python_files()
        if (count := len(read(path).splitlines())) > LONGEST_FILE and str(path) not in LONG_FILES
    }
    assert not found, f"longer than {LONGEST_FILE} lines; split along what each part decides: {found}"


def test_no_function_is_too_long_to_be_understood() -> None:
    found = [
        f"{place} ({length} lines)"
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
        and (place := f"{path}:{node.name}") not in LONG_FUNCTIONS
    ]
    assert not found, f"longer than {LONGEST_FUNCTION} lines: {found}"


def test_exceptions_to_length_are_still_needed() -> None:
    known = {str(path) for path in python_files()}
    gone = [name for name in (*LONG_FILES, *CLOCK_READERS) if name not in known]
    gone += [name for name in LONG_FUNCTIONS if name.partition(":")[0] not in known]
    # The kiosk's clock may not be there in a checkout of the server alone.
    assert not gone, f"exceptions for files that no longer exist: {gone}"


def test_every_module_says_what_it_decides() -> None:
    silent = [
        str(path)
        for path in python_files(*PACKAGES)
        if tree(path).body and ast.get_docstring(tree(path)) is None
    ]
    assert not silent, f"modules without a first paragraph: {silent}"


def test_every_folder_of_code_is_a_package() -> None:
    """A folder without `__init__.py` is invisible to the check of the layers."""
    folders = {path.parent for path in python_files(*PACKAGES)}
    known = set(files())
    bare = sorted(
        str(folder)
        for folder in folders
        if folder / "__init__.py" not in known and folder.name not in ("migrations", "versions")
    )
    assert not bare, f"folders with code but without __init__.py: {bare}"


def test_class_names_say_what_a_thing_is() -> None:
    vague = [
        f"{path}:{node.lineno} {node.name}"
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        and VAGUE.search(node.name)
        and not VAGUE_ALLOWED.fullmatch(node.name)
    ]
    assert not vague, f"names that could mean anything: {vague}"


@pytest.mark.parametrize("room", PACKAGES)
def test_only_the_clocks_read_the_clock(room: str) -> None:
    readers = [
        f"{path}:{node.lineno} {owner}.{node.attr}"
        for path in python_files(room)
        if str(path) not in CLOCK_READERS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and (owner := _last_name(node.value), node.attr) in CLOCK
    ]
    assert not readers, f"take the time as a parameter, or ask the clock: {readers}"


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


MARK = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b(?! #\d)")


def test_unfinished_work_has_an_issue() -> None:
    found = [
        place
        for path in text_files()
        if path.suffix != ".lock"
        for place, line in lines(path)
        if MARK.search(line)
    ]
    assert not found, f"give each the number of its issue, or do it: {found}"


SILENCED = re.compile(
    r"#\s*(noqa\b(?!:)|noqa:\s*[A-Z0-9, ]+|type: ignore(\[[a-z0-9, -]+\])?|pragma: no cover)(.*)"
)
REASON = re.compile(r"^\s*(#|-|;)\s*\w+")


def test_every_silenced_warning_has_its_reason() -> None:
    """`# noqa: S310 - the address is ours`, `# type: ignore[attr-defined]  # Kivy makes it at run time`."""
    found = [
        place
        for path in python_files()
        for place, line in lines(path)
        if (match := SILENCED.search(line)) and path != Path("tests/repo/test_code.py")
        if not REASON.match(match.group(3)) or match.group(1) == "noqa"
    ]
    assert not found, f"say which warning and why it does not apply: {found}"


def test_every_skipped_test_has_its_reason() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and _is_skip(node.func) and not _says_why(node)
    ]
    found += [
        f"{path}:{node.lineno}"
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for mark in node.decorator_list
        if not isinstance(mark, ast.Call) and _is_skip(mark)
    ]
    assert not found, f"skipped without a reason: {found}"


def _is_skip(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("skip", "skipif", "xfail", "importorskip")


def _says_why(call: ast.Call) -> bool:
    named = any(keyword.arg == "reason" for keyword in call.keywords)
    return named or (isinstance(call.func, ast.Attribute) and call.func.attr == "skip" and bool(call.args))


LONGEST_PAUSE = 0.05
"""Between two looks of a loop that polls."""


def test_no_test_sleeps() -> None:
    """Waiting is polling with a deadline, best by `tests/support/waiting.py`. What plays the world may
    take its time.
    """
    found = [
        f"{path}:{call.lineno}"
        for path in python_files("tests")
        if path.name.startswith(("test_", "conftest"))
        for call in _sleeps(tree(path), polling=False)
    ]
    assert not found, f"poll with a deadline instead: {found}"


def _sleeps(node: ast.AST, polling: bool) -> Iterator[ast.Call]:
    """Calls of sleep, without short pauses inside a `while`."""
    polling = polling or isinstance(node, ast.While)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        named = (_last_name(node.func.value), node.func.attr) in {("time", "sleep"), ("asyncio", "sleep")}
        length = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        longest = LONGEST_PAUSE if polling else 0
        if named and not (isinstance(length, int | float) and length <= longest):
            yield node
    for child in ast.iter_child_nodes(node):
        yield from _sleeps(child, polling)


OURS = re.compile(
    r"unittest\.mock\b|from unittest import mock\b|"
    r"monkeypatch\.setattr\(\s*\"(wire|words|server|kiosk|hardware)\.[\w.]*\.(?![A-Z_]+\")\w+\""
)


def test_nothing_of_ours_is_mocked() -> None:
    """A limit in capitals may be made small for a test, and another's library may be made to fail."""
    found = [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}"
        for path in python_files("tests")
        if path != Path("tests/repo/test_code.py")
        for text in (read(path),)
        for match in OURS.finditer(text)
    ]
    assert not found, f"use a fake that works, or pass the part as a parameter: {found}"


def test_no_two_parts_of_the_screen_have_one_name() -> None:
    """Kivy finds a class that a kv file names, and the rules for a class, by the bare name: of two alike the one loaded last is drawn in the place of
    the other, and a kiosk that had shown a form stopped at its check-in screen."""
    places: dict[str, list[str]] = {}
    for path in python_files():
        if path.parts[:2] in (("kiosk", "screens"), ("kiosk", "widgets")):
            for node in ast.walk(tree(path)):
                if isinstance(node, ast.ClassDef) and node.bases:
                    places.setdefault(node.name, []).append(str(path))
    assert len(places) > 50
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
