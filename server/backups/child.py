"""One backup in a process of its own, as little in the others' way as can be: `python -m server.backups.child`.

What to do comes on its standard input (the database's address may hold a password, which a command line would show to everybody); what came of it goes to its
standard output as one line of JSON: `made` with the label, or `why` with a sentence. It ends with whoever started it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import time
from dataclasses import asdict
from datetime import datetime

from server.backups.making import make
from server.backups.plan import from_text
from server.backups.unusable import BackupUnusable
from server.clock import Clock

NICE = 19
_PR_SET_PDEATHSIG = 1
_IDLE = 3 << 13


def main() -> int:
    signal.signal(signal.SIGTERM, _end)  # with what lies in the clear, and the database beside, thrown away
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    with contextlib.suppress(OSError):
        os.nice(NICE)
    _read_when_nobody_else_does()
    asked = json.loads(sys.stdin.read())
    start = datetime.fromisoformat(asked["now"]) if asked.get("now") else None
    try:
        made = make(
            from_text(asked["plan"]),
            Clock(start, asked.get("speed", 1.0)).micros,
            time.monotonic,
            asked["id"],
            patient=True,
        )
    except BackupUnusable as error:
        sys.stdout.write(json.dumps({"why": str(error)}) + "\n")
        return 1
    told = {"made": asdict(made.label), "name": made.file.name, "rows": made.rows, "seconds": made.seconds}
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _end(_number: int, _frame: object) -> None:
    sys.exit(128 + signal.SIGTERM)


def _read_when_nobody_else_does() -> None:
    """The disk's idle class (ioprio_set(2)); not every disk knows it, and none needs to."""
    number = {"x86_64": 251, "aarch64": 30}.get(os.uname().machine)
    if number is not None:
        ctypes.CDLL(None).syscall(number, 1, 0, _IDLE)


if __name__ == "__main__":
    sys.exit(main())
