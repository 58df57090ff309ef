"""`make audit`: is a flaw known in any package of the locks? Asked of the package index's own advisory data by pip-audit, and of nobody else.

Three ends, told apart: 0 nothing known, 1 something known (it is named, with the version that mends it), 75 **not looked at**, because the index could not be
reached or did not answer. The build machine takes 75 for what it is: it says so on a line of its own and in `build/audit.txt`, and the line counts as
a warning, never as a pass. It takes four minutes at most, whatever the index does. A flaw that does not concern us is put into `ACCEPTED` with the reason and the day it is to be looked at again; after that
day it counts again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import wheelhouse

ROOT = Path(__file__).resolve().parent.parent
NOT_LOOKED_AT = 75
SECONDS = 240.0
"""For all of it, so an index that is slow, or drips, holds nobody up for longer."""
TOO_SLOW = f"The package index did not answer within {SECONDS / 60:.0f} minutes."
LOCKS = ("requirements.lock", "requirements-dev.lock")


@dataclass(frozen=True)
class Accepted:
    flaw: str
    why: str
    until: date


ACCEPTED: tuple[Accepted, ...] = ()


def pinned() -> str:
    """Every package and version of every lock and target, once; no hashes and no markers, since nothing is installed."""
    found: set[str] = set()
    for name in LOCKS:
        locked = wheelhouse.read_lock((ROOT / name).read_text(encoding="utf-8"))
        found |= {f"{one.name}=={one.version}" for one in locked if "win32" not in one.marker}
    # pip-audit wants each name once: a package that has one version for each Python is asked in two rounds.
    return "\n".join(sorted(found)) + "\n"


def rounds(text: str) -> list[list[str]]:
    """Lists in which no package stands twice."""
    lists: list[dict[str, str]] = []
    for line in text.splitlines():
        name = line.partition("==")[0]
        for each in lists:
            if name not in each:
                each[name] = line
                break
        else:
            lists.append({name: line})
    return [list(each.values()) for each in lists]


def ask(lines: list[str], until: float) -> tuple[list[str], str]:
    """The flaws known in these, one line each; or why it could not be looked at."""
    left = until - time.monotonic()
    if left <= 0:
        return [], TOO_SLOW
    with tempfile.TemporaryDirectory() as folder:
        listed, answer = Path(folder, "listed.txt"), Path(folder, "answer.json")
        listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pip_audit",
            "--vulnerability-service",
            "pypi",
            "--no-deps",
            "--disable-pip",
        ]
        command += [
            "-r",
            str(listed),
            "-f",
            "json",
            "-o",
            str(answer),
            "--progress-spinner",
            "off",
            "--timeout",
            "10",
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=left)
        except subprocess.TimeoutExpired:
            return [], TOO_SLOW
        try:
            told = json.loads(answer.read_text(encoding="utf-8"))["dependencies"]
            passed_over = [one for one in told if "skip_reason" in one]
        except (OSError, ValueError, KeyError, TypeError):
            said = [line for line in done.stderr.splitlines() if line.strip()]
            return [], said[-1] if said else "pip-audit said nothing."
    if passed_over or len(told) < len(lines):
        why = passed_over[0]["skip_reason"] if passed_over else "some were left out"
        return (
            [],
            f"Nothing could be learned of {max(len(passed_over), len(lines) - len(told))} of {len(lines)} packages ({why}).",
        )
    return [
        f"{one['name']} {one['version']}: {flaw['id']}{_mended(flaw['fix_versions'])}"
        for one in told
        for flaw in one["vulns"]
        if not _is_accepted(flaw["id"])
    ], ""


def _mended(versions: list[str]) -> str:
    return f", mended in {versions[-1]}" if versions else ", not mended yet"


def _is_accepted(flaw: str) -> bool:
    today = datetime.now(UTC).date()
    return any(one.flaw == flaw and today <= one.until for one in ACCEPTED)


def main() -> int:
    found: list[str] = []
    until = time.monotonic() + SECONDS
    lists = rounds(pinned())
    # One first: of an index that does not answer, or answers nothing, the other hundreds are not asked.
    for lines in (lists[0][:1], *lists):
        flaws, why_not = ask(lines, until)
        if why_not:
            return _end(
                NOT_LOOKED_AT,
                [f"NOT LOOKED AT: {why_not} Whether a flaw is known in a package is unknown today."],
            )
        found += [flaw for flaw in flaws if flaw not in found]
    if found:
        return _end(1, [f"{len(found)} known flaws:", *(f"  {each}" for each in found)])
    return _end(
        0, [f"No flaw is known in the {len(pinned().splitlines())} packages of {' and '.join(LOCKS)}."]
    )


def _end(status: int, lines: list[str]) -> int:
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build/audit.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    raise SystemExit(main())
