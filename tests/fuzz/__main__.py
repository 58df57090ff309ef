"""`python -m tests.fuzz`: each target for a time, or one case alone. Ends with 1 when there was a fault."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile

from tests.fuzz.api import try_document
from tests.fuzz.house import fuzzed_house, grown, targets_of
from tests.fuzz.kiosk import KIOSK
from tests.fuzz.readers import READERS
from tests.fuzz.targets import Outcome, Target, run

SERVER = ("routes", "edges", "sockets", "bytes")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", help="which; all of them when none is named")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="this case alone")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args(arguments)
    names = [*(target.name for target in (*READERS, KIOSK)), "api", *SERVER]
    if given.list:
        print("\n".join(names))
        return 0
    if unknown := set(given.targets) - set(names):
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    logging.getLogger("pikepdf").setLevel(logging.CRITICAL)
    wanted = given.targets or names
    faults = sum(
        _told(run(each, given.seed, seconds=given.seconds, only=given.only), given.seed)
        for each in (*READERS, KIOSK)
        if each.name in wanted
    )
    if "api" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            faults += _told(try_document(folder, given.seed, given.seconds), given.seed)
    if set(wanted) & set(SERVER):
        faults += _server(given, wanted)
    return 1 if faults else 0


def _server(given: argparse.Namespace, wanted: list[str]) -> int:
    faults = 0
    logging.lastResort = None  # what the log says is judged, case by case
    with tempfile.TemporaryDirectory() as folder, fuzzed_house(folder) as house:
        for each in targets_of(house):
            if each.name in wanted:
                run(
                    Target(f"{each.name} (warming up)", each.case),
                    given.seed,
                    cases=0 if given.only is not None else 300,
                )
                before = house.held()
                faults += _told(run(each, given.seed, seconds=given.seconds, only=given.only), given.seed)
                after = house.held()
                more = grown(before, after)
                faults += len(more)
                rows = {
                    name: count - before.rows[name]
                    for name, count in after.rows.items()
                    if count > before.rows[name] + 20
                }
                print(
                    f"{'':<12} files {before.files} to {after.files}, threads {before.threads} to {after.threads}, tasks {before.tasks} to {after.tasks},"
                    f" memory {before.memory >> 20} to {after.memory >> 20} MiB; rows {rows}; answers {dict(sorted(house.statuses.items()))}"
                    f"{'; TOO MUCH: ' + ', '.join(more) if more else ''}",
                    flush=True,
                )
    return faults


def _told(outcome: Outcome, seed: int) -> int:
    print(outcome.said(), flush=True)
    for number, fault in outcome.faults:
        print(
            f"  --only {number} --seed {seed} {outcome.target}:\n    " + fault.replace("\n", "\n    "),
            flush=True,
        )
    return len(outcome.faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
