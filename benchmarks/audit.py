"""How long sealing and looking through the audit's chain take at a size of many years: `python -m benchmarks.audit`.

A million rows as the house writes them (a busy council's some ten years), sealed link by link through the writer lane as an old house's are after it came to this
release, and then read from the first to the last as `foyer audit verify` does. On SQLite, or on the PostgreSQL database whose address is given.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import resource
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from sqlalchemy import text

from server.actions import sealing
from server.actions.audit_keys import open_audit_keys
from server.cli_audit import look, told
from server.clock import Clock
from server.domain.access import SYSTEM
from server.edge import House
from server.settings import Settings
from server.store.database import open_database
from server.store.queries import audit_chain as chain
from server.store.schema import migrate

AT_ONCE = 10_000


def fill(address: str, rows: int) -> None:
    database = open_database(address)
    migrate(database)
    with database.writing() as session:
        statement = text(
            "INSERT INTO audit (at, what, about, address, detail) VALUES (:at, :what, :about, '10.20.30.40', :detail)"
        )
        for first in range(0, rows, AT_ONCE):
            session.connection().execute(
                statement,
                [
                    {
                        "at": 1_700_000_000_000_000 + number * 300_000_000,
                        "what": ("looked", "signed in", "made discreet", "downloaded")[number % 4],
                        "about": f"submission:{number:032x}",
                        "detail": json.dumps(
                            {"name": "council-tax", "pages": number % 9, "why": "for their case"}
                        ),
                    }
                    for number in range(first, min(rows, first + AT_ONCE))
                ],
            )
    database.close()


async def seal(address: str, folder: Path) -> float:
    settings = Settings(
        database=address, data=folder, paper_keys=folder / "papers.key", audit_keys=folder / "audit.key"
    )
    database = open_database(address)
    house = House(settings, database, Clock())
    await house.start()
    keys = open_audit_keys(folder / "audit.key", may_make=True)
    began = time.monotonic()
    while await house.look(chain.any_unsealed):
        await house.change(SYSTEM, "seal", partial(sealing.seal_some, keys=keys))
    seconds = time.monotonic() - began
    await house.stop()
    database.close()
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument(
        "--database", default="", help="an empty PostgreSQL database; else SQLite in a temporary folder"
    )
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        address = given.database or f"sqlite:///{folder}/foyer.db"
        fill(address, given.rows)
        seconds = asyncio.run(seal(address, folder))
        print(
            f"sealed {given.rows:,} rows in {seconds:.1f} s: {given.rows / seconds:,.0f} a second", flush=True
        )
        database = open_database(address, alone=False)
        result = look(database, dict(open_audit_keys(folder / "audit.key", may_make=False).known), None)
        database.close()
        print("\n".join(told(result, None)))
        print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")
        return 0 if result.fits else 1


if __name__ == "__main__":
    sys.exit(main())
