"""`python -m benchmarks.proof`: every proof, one after another, each with its final block. `--times 10` does ten times as much."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import feed_storm, kiosk_kills, no_loss, power_cut


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proof", description=__doc__)
    parser.add_argument(
        "--times", type=float, default=1.0, help="how much more than usual (about four minutes)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="foyer-proof-", dir=None) as folder:
        servers = no_loss.run(round(500 * options.times), folder=Path(folder))
        print(servers.lines("server"), flush=True)
        kiosks = kiosk_kills.run(round(150 * options.times), folder=Path(folder))
        print(kiosks.lines("kiosk"), flush=True)
    full = power_cut.run(round(5000 * options.times))
    print(full.lines(), flush=True)
    weaker = power_cut.run(300, "NORMAL")
    print(f"{weaker.lines()}\n  {power_cut.verdict(weaker)}", flush=True)
    storm = feed_storm.run(round(10_000 * options.times))
    print(storm.lines())
    clean = all(each.clean for each in (servers, kiosks, full, storm))
    return 0 if clean and weaker.lost else 1


if __name__ == "__main__":
    sys.exit(main())
