"""`python -m benchmarks`: measures every figure of the README on this machine, prints the table, writes `build/bench.json`.

A run takes about twelve minutes, half of them for the pictures of papers. Let nothing else run meanwhile: the figures are of two processors, the load included.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import booking, figures, handing_in, kiosk, pages, reports, search, speed, waits, years
from benchmarks.process import ROOT

ROWS: Mapping[str, Callable[[speed.Bench], None]] = {
    "limit": speed.group_limit,
    "issue": speed.issue_rates,
    "call": speed.call_rates,
    "kill": speed.back_after_kill,
    "displays": speed.displays,
    "booking": booking.rows,
    "kiosk": kiosk.rows,
    "pages": pages.rows,
    "handing_in": handing_in.rows,
    "search": search.rows,
    "years": years.rows,
    "waits": waits.rows,
    "reports": reports.rows,
}


def main() -> int:
    options = _options()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="foyer-bench-", dir=options.folder) as folder:
        bench = speed.Bench(Path(folder), quick=options.quick)
        for name in options.only or ROWS:
            print(f"measuring: {name} ...", file=sys.stderr, flush=True)
            ROWS[name](bench)
    print(
        f"\nFoyer, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} processors, Python {platform.python_version()}, "
        f"{time.monotonic() - began:.0f} s{', quick' if options.quick else ''}"
    )
    print(figures.table(bench.values))
    figures.keep(bench.values, ROOT / "build" / "bench.json")
    missed = figures.missed(bench.values)
    if missed:
        print(f"\nBelow what is promised: {', '.join(missed)}")
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a glance: a quarter of the time, a tenth of the old tickets"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=tuple(ROWS),
        metavar="NAME",
        help=f"one of {', '.join(ROWS)}; may be given again",
    )
    parser.add_argument("--folder", default=None, help="where the databases are written; must be a real disk")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
