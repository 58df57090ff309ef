"""Runs checks side by side, each for so long and no longer.

Threads of their own that nobody waits for beyond the time: one that hangs in a system call (a share that is gone, a name server that is silent)
cannot be stopped, so it is left behind, said, and not started again while it still hangs.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from server.doctor.ground import Check, Ground
from server.domain.troubles import Verdict, not_looked_at, worth_knowing, wrong

log = logging.getLogger("foyer.doctor")


@dataclass(frozen=True)
class Found:
    check: Check
    verdicts: tuple[Verdict, ...]
    seconds: float


_hanging: dict[str, threading.Thread] = {}


def look_over(ground: Ground, checks: Sequence[Check]) -> list[Found]:
    """What each check found, in their order."""
    opening = [check for check in checks if check.name == "database"]
    first = _side_by_side(ground, opening)
    shut = any(verdict.grave for found in first for verdict in found.verdicts)
    others = [check for check in checks if check not in opening and not (shut and check.needs_database)]
    by_name = {found.check.name: found for found in (*first, *_side_by_side(ground, others))}
    return [by_name[check.name] for check in checks if check.name in by_name]


def _side_by_side(ground: Ground, checks: Sequence[Check]) -> list[Found]:
    began = time.monotonic()
    results: dict[str, Found] = {}
    threads: dict[str, threading.Thread] = {}
    for check in checks:
        before = _hanging.get(check.name)
        if before is not None and before.is_alive():
            continue
        thread = threading.Thread(
            target=_one, args=(ground, check, results), name=f"doctor {check.name}", daemon=True
        )
        threads[check.name] = thread
        thread.start()
    for thread in threads.values():
        thread.join(max(0.0, began + ground.seconds - time.monotonic()))
    found = []
    for check in checks:
        if check.name in results:
            _hanging.pop(check.name, None)
            found.append(results[check.name])
            continue
        if check.name in threads:
            _hanging[check.name] = threads[check.name]
        found.append(Found(check, (hangs(check, ground.seconds),), time.monotonic() - began))
    return found


def hangs(check: Check, seconds: float) -> Verdict:
    if check.name == "database":
        return wrong(
            "database",
            f"The database did not answer within {seconds:.0f} seconds.",
            "See that it runs, and that its disk and its line answer.",
        )
    return not_looked_at(f"check: {check.name}", f"It did not come to an end within {seconds:.0f} seconds.")


def _one(ground: Ground, check: Check, results: dict[str, Found]) -> None:
    began = time.monotonic()
    try:
        verdicts = tuple(check.look(ground))
    except Exception as error:
        if _is_of_database(error):
            verdicts = (closed(check.name, _first_line(error), sqlite=ground.is_sqlite),)
        else:  # a check that fails is a fault of ours, and not the house's
            log.exception("the check %s failed", check.name)
            verdicts = (
                not_looked_at(
                    f"check: {check.name}", f"The check itself failed ({type(error).__name__}). See the log."
                ),
            )
    results[check.name] = Found(check, verdicts, time.monotonic() - began)


def _is_of_database(error: Exception) -> bool:
    """Also what the drivers raise themselves: we ask them without SQLAlchemy between. PostgreSQL's is only loaded where it is used."""
    kinds = type(error).__mro__
    return isinstance(error, (DBAPIError, sqlite3.Error)) or any(
        kind.__module__.startswith("psycopg") for kind in kinds
    )


def _first_line(error: Exception) -> str:
    told = str((isinstance(error, DBAPIError) and error.orig) or error).strip() or type(error).__name__
    return told.splitlines()[0][:200].rstrip(".")


def closed(name: str, why: str, *, sqlite: bool) -> Verdict:
    """What it means that the database failed while the check `name` looked. `why`: its driver's own words."""
    if name != "database":
        return worth_knowing(
            f"check: {name}",
            f"The database did not let us look: {why}.",
            "If it stays, look at the server's disk."
            if sqlite
            else "If it stays, look into the database's own log.",
        )
    said = f"The database cannot be opened: {why}."
    if not sqlite:
        return wrong(
            name, said, "See that it runs, and that address and account in FOYER_DATABASE are right."
        )
    if "unable to open" in why or "readonly" in why:
        return wrong(
            name,
            said,
            "See that this user may read and write the file, the files beside it and their folder.",
        )
    if "locked" in why:
        return wrong(
            name, said, "End whatever other program has the file open; a backup or a copy being made passes."
        )
    return wrong(
        name,
        said,
        "See first to its disk: full, or failing (dmesg). If that is well, the file is damaged: stop the server, keep a copy of it as it is, and restore the last good backup (docs/backups.md).",
    )
