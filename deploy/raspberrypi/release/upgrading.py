"""The server's own machine to a new release, by one command: believed, installed, **backed up**, switched, seen to be ready, or put back.

The backup comes last before the switch, so that it is as young as can be, and first of all that changes anything: without one nothing is switched. It is made by
the release that runs, as the server's own user, and is read back and compared there. Somebody whose database is kept safe by other means says so.

Going back needs no backup as long as the database was not brought to a schema that the older release cannot use; whether it was is asked of the database
itself, not guessed (`switching`).
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from installing import install
from places import Places
from refusal import Refused, Unhealthy
from services import Services
from steps import passed
from switching import Patience, switch


def upgrade_server(
    places: Places, file: Path, now: datetime, keys: tuple[Path, ...], patience: Patience, backed_up: bool
) -> str:
    services = Services(places)
    before = places.pointed(places.current)
    if "server" not in services.roles() or before is None:
        raise Refused("No server runs on this machine. Others are brought by: foyer-release install, switch")
    version = install(places, file, now, keys)
    if version == before:
        return f"{version} runs here already."
    _say(f"{version} is believed and installed beside {before}.")
    kept = "" if backed_up else _backup(services, before)
    passed("backed-up")
    _say(f"Switching to {version}. Kiosks go on giving tickets; screens stand still for some seconds.")
    try:
        return switch(places, version, patience)
    except Unhealthy as unhealthy:
        raise Unhealthy(f"{unhealthy}{f' The backup made before: {kept}' if kept else ''}") from unhealthy


def _backup(services: Services, running: str) -> str:
    _say("Making a backup and comparing it. This can take minutes.")
    done = services.server_says(running, "backup", "now")
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        why = said[-1] if said else f"exit status {done.returncode}"
        raise Refused(
            f"No backup could be made, so nothing was switched: {why}\nMend that (docs/backups.md), or, if the database is kept safe by other means, say --backed-up."
        )
    kept = done.stdout.strip().splitlines()
    for line in kept:
        _say(line)
    return kept[0] if kept else "see foyer backup list"


def _say(words: str) -> None:
    print(f"foyer-release: {words}", file=sys.stderr, flush=True)
