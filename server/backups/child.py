"""One backup in a process of its own, as little in the others' way as can be: `python -m server.backups.child`.

What to do comes on its standard input (the database's address may hold a password, which a command line would show to everybody); what came of it goes to its
standard output as one line of JSON: `made` with the label, or `why` with a sentence. It ends with whoever started it.
"""

from __future__ import annotations

import ctypes
import json
import signal
import sys
import time
from dataclasses import asdict
from datetime import datetime

from server.backups.gently import give_way
from server.backups.making import make
from server.backups.plan import from_text
from server.backups.unusable import BackupUnusable
from server.clock import Clock

_PR_SET_PDEATHSIG = 1


def main() -> int:
    signal.signal(signal.SIGTERM, _end)  # with what lies in the clear, and the database beside, thrown away
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    asked = json.loads(sys.stdin.read())
    if asked.get("gently", True):
        give_way()
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


if __name__ == "__main__":
    sys.exit(main())
