"""`foyer doctor`: looks the house over, whether or not the server runs, and says what is wrong and what to do.

It ends with 0 when nothing is wrong (something may be worth knowing), with 1 when something is.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import Annotated

import typer

from server.clock import Clock
from server.doctor.ground import Ground
from server.doctor.rounds import look_over
from server.doctor.table import CHECKS
from server.doctor.told import as_json, as_text
from server.domain.troubles import Level, worst
from server.settings import Settings
from server.store.database import known_address

THOROUGH_SECONDS = 600.0


def doctor(
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough", help="Take as long as it takes: a large database is looked through page by page."
        ),
    ] = False,
) -> None:
    """Look the house over: database, disks, clock, keys, certificate, mail, backups, devices. Changes nothing and sends nothing."""
    settings = Settings()
    known_address(settings.database)
    ground = Ground(settings, Clock().now())
    if thorough:
        ground = Ground(settings, Clock().now(), seconds=THOROUGH_SECONDS)
    found = look_over(ground, CHECKS)
    if json:
        typer.echo(as_json(found))
    else:
        colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        signs = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        width = min(shutil.get_terminal_size((100, 24)).columns, 110)
        typer.echo(as_text(found, width=width, colours=colours, signs=signs), nl=False)
    level = worst([verdict for each in found for verdict in each.verdicts])
    sys.stdout.flush()
    os._exit(int(level is Level.WRONG))  # a check that hangs must not hold the end up
