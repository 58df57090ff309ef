"""`python -m benchmarks.card_writes`: what one open day writes to a kiosk's card, in bytes and in syncs.

A card in a kiosk dies of being written. The day is a usual one: 120 visitors one after another, each with a paper, handed over and forgotten, and
between two of them a dozen changes of the feed (waits elsewhere in the house), as many as some 1,400 a day; the server's clock is heard
with every beat. Everything is the kiosk's own but the screen, which writes nothing: the real runner and journal, a real socket, a real file system. Only
the pauses between visitors are left out, and the erasing that waits two seconds for a quiet moment waits a tenth of that.

Bytes are the kernel's own count for the process (`write_bytes` of /proc/self/io: what was sent to the block layer, whole pages), syncs are counted by
strace where it is installed. A card wears by what it writes inside itself, which is more: each sync of a few kilobytes may cost it an erased
block. So the syncs are the figure to watch.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.process import ROOT

if TYPE_CHECKING:
    from tests.kiosk.standin import StandIn

VISITS = 120
CHANGES = 12
QUICK_SCRUB = 0.2
DAYS = 260
"""Open days a year."""


def main() -> int:
    options = _options()
    if options.day is not None:
        print(json.dumps(asyncio.run(_day(options.day, options.visits))))
        return 0
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="card-") as folder:
        report = Path(folder) / "syncs"
        command = [
            sys.executable,
            "-m",
            "benchmarks.card_writes",
            "--day",
            folder,
            "--visits",
            str(options.visits),
        ]
        if tracer := shutil.which("strace"):
            command = [
                tracer,
                "-f",
                "-c",
                "-U",
                "name,calls",
                "-e",
                "trace=fsync,fdatasync,sync_file_range",
                "-o",
                str(report),
                *command,
            ]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        text = report.read_text() if report.exists() else ""
        syncs = sum(int(each[1]) for each in re.findall(r"^(f\w*sync\w*)\s+(\d+)", text, re.MULTILINE))
        left = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    _say(options.visits, found, syncs, left)
    return 0


def _say(visits: int, found: dict[str, int], syncs: int, left: int) -> None:
    written = found["day"]
    print(f"{visits} visitors, {found['changes']} changes of the feed, {found['seconds']} s")
    print(f"written at start      {found['start'] / 1024:10.0f} KiB")
    print(f"written over the day  {written / 1024:10.0f} KiB  ({written / visits / 1024:.1f} KiB a visitor)")
    print(
        f"syncs                 {syncs:10d}      ({syncs / visits:.1f} a visitor)"
        if syncs
        else "syncs: strace is not installed"
    )
    print(f"on the disk after it  {left / 1024:10.0f} KiB")
    print(f"a year of {DAYS} such days {written * DAYS / 2**30:8.2f} GiB, {syncs * DAYS:,} syncs")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.card_writes", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--folder", type=Path, default=ROOT / "build", help="where the card is")
    parser.add_argument("--visits", type=int, default=VISITS)
    parser.add_argument("--day", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    return options


def _written() -> int:
    found = re.search(r"^write_bytes: (\d+)", Path("/proc/self/io").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


async def _day(folder: Path, visits: int) -> dict[str, int]:
    """One day in this process; what was written until it was open, and until it was over."""
    from kiosk import run
    from tests.kiosk.flow.walking import york_house
    from tests.kiosk.standin import StandIn, standing, until
    from tests.kiosk.visiting import GoodPrinter, running, settings_for

    run.SCRUB_SECONDS = QUICK_SCRUB
    began, changes = time.monotonic(), 0
    async with standing(StandIn(rows=york_house(), beat_seconds=5.0)) as server:
        before = _written()
        async with running(settings_for(server, folder), GoodPrinter()) as visitor:
            await until(lambda: bool(server.live))
            await asyncio.sleep(1.0)
            opened = _written()
            for number in range(visits):
                await visitor.ticket()
                await visitor.leave()
                for step in range(CHANGES):
                    name, row = next(
                        (key, row) for key, row in server.rows.items() if row["kind"] == "service"
                    )
                    await server.change({name: row | {"waits": {"low": number, "high": number + step + 1}}})
                    changes += 1
                await until(partial(_handed_over, server, number + 1), 30)
                await asyncio.sleep(QUICK_SCRUB + 0.1)
            over = _written()
    return {
        "start": opened - before,
        "day": over - opened,
        "changes": changes,
        "seconds": round(time.monotonic() - began),
    }


def _handed_over(server: StandIn, tickets: int) -> bool:
    return len(server.issued) >= tickets


if __name__ == "__main__":
    sys.exit(main())
