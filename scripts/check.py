"""Runs every check of the house and says one line for each; what a failed one printed follows its line.

All of them run even when an early one fails: a person mends several things in one go. The two slow ones
(types and the import graph) run side by side with the rest, because a check that takes long is a check
that is skipped. `--without-laws` leaves out `tests/repo`, for a caller that is about to run all tests
anyway.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
UNTYPED_TESTS = "^tests/(kiosk|server/(actions|domain|web))/"
"""Where tests are not typed throughout yet."""


@dataclass(frozen=True)
class Check:
    name: str
    command: tuple[str, ...]


def checks(laws: bool) -> list[Check]:
    """The checks, the slowest first."""
    bin_folder = Path(PYTHON).parent
    every = [
        Check("types (mypy --strict)", (PYTHON, "-m", "mypy")),
        Check("layers (import-linter)", (str(bin_folder / "lint-imports"), "--no-cache", "--no-logo")),
        Check("style (ruff check)", (PYTHON, "-m", "ruff", "check", ".")),
        Check("format (ruff format)", (PYTHON, "-m", "ruff", "format", "--check", ".")),
        Check("visitors' words", (PYTHON, "-m", "words.check")),
        Check(
            "types of the machine's own tool",
            (PYTHON, "-m", "mypy", "--strict", "--python-version", "3.11", "deploy/raspberrypi/release"),
        ),
        Check("types of the tests", (PYTHON, "-m", "mypy", "tests", "--exclude", UNTYPED_TESTS)),
        Check("generated documents are current", (PYTHON, "scripts/check_generated.py")),
        Check("licences, and files of others", (PYTHON, "scripts/licences.py")),
    ]
    if laws:
        every.append(
            Check("laws of the house", (PYTHON, "-m", "pytest", "-q", "-p", "no:xdist", "tests/repo"))
        )
    return every


def run(check: Check) -> tuple[Check, int, str, float]:
    started = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return check, done.returncode, done.stdout, time.monotonic() - started


def sizes() -> str:
    """How long files are; the law only stops the extremes, this shows where things drift."""
    rooms = ("wire", "words", "server", "kiosk", "hardware")
    counted = sorted(
        (len(path.read_text(encoding="utf-8").splitlines()), str(path.relative_to(ROOT)))
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if "versions" not in path.parts
    )
    longest = ", ".join(f"{path} {lines}" for lines, path in reversed(counted[-3:]))
    return f"{len(counted)} files, median {counted[len(counted) // 2][0]} lines; longest: {longest}"


def main(arguments: list[str]) -> int:
    """0 when all hold, 1 otherwise."""
    sys.path.insert(0, str(ROOT))
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for check, status, output, seconds in pool.map(run, checks("--without-laws" not in arguments)):
            print(f"{'ok    ' if status == 0 else 'FAILED'}  {check.name}  ({seconds:.1f} s)", flush=True)
            if status != 0:
                failed.append(check.name)
                print("\n".join(f"        {line}" for line in output.rstrip().splitlines()), flush=True)
    print(f"sizes   {sizes()}")
    if failed:
        print(f"\n{len(failed)} of the checks failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
