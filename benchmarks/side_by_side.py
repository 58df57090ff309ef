"""The release before and this one on one PostgreSQL: the older serves while the newer brings the database to its schema, then both serve, then the older goes.

`python -m benchmarks.side_by_side`: takes the program as it was before the newest migration out of the history (or `--before COMMIT`), builds centres with it, lets visitors come and be
called on it, starts this one, and stops the older while visitors still come. Nothing that was answered may be lost, and no code or call be given twice.
`--audit ROWS` gives the older house an audit of so many rows first (a million are a busy council's ten years, as in `benchmarks.audit`; two hundred thousand the two that are kept usually), for the newer one indexes it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.process import ROOT, Server, free_port
from benchmarks.scale import steps
from benchmarks.scale.postgres import Postgres
from benchmarks.scale.side import Crowds, together
from benchmarks.scale.world import Place
from server.store.schema import head

CENTRES = 12
SECONDS = 30.0
RATE = 3.0
SERVICE = 1.0
_BUILD = """
import json, sys
from benchmarks.scale.world import Size, build
places = build(sys.argv[1], Size(centres=int(sys.argv[2]), advisers=int(sys.argv[2]) * 2))
print(json.dumps([each.__dict__ for each in places]))
"""
_AUDIT = """
INSERT INTO audit (at, what, about, address, detail) SELECT 1700000000000000 + n::bigint * 300000000, (ARRAY['looked', 'signed in', 'made discreet', 'downloaded'])[1 + n % 4],
'submission:' || lpad(to_hex(n), 32, '0'), '10.20.30.40', '{{"name": "council-tax", "pages": 3, "why": "for their case"}}' FROM generate_series(1, {}) n
"""


def commit_before_the_newest_schema() -> str:
    """The last commit that had no migration of this schema."""
    (newest,) = (ROOT / "server/store/migrations/versions").glob(f"{head()}_*.py")
    found = _git("log", "--diff-filter=A", "--format=%H", "--", str(newest.relative_to(ROOT))).split()
    if not found:
        raise SystemExit("The history that has the release before is not here; name a commit with --before.")
    return _git("rev-parse", f"{found[-1]}^").strip()


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def take_out(commit: str, folder: Path) -> Path:
    """The program as it was, with today's builder of centres beside it: that uses nothing but the tables of its own tree."""
    folder.mkdir()
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    own = folder / "benchmarks" / "scale"
    own.mkdir(exist_ok=True)
    for name in ("__init__.py", "world.py"):
        shutil.copy(ROOT / "benchmarks" / "scale" / name, own)
    return folder


class OlderServer(Server):
    """Of another tree, in the same environment."""

    def __init__(self, url: str, tree: Path, log: Path) -> None:
        super().__init__(url, free_port(), log)
        self._tree = tree

    def start(self, *, wait: bool = True) -> None:
        environment = {
            **os.environ,
            "FOYER_DATABASE": self.url,
            "FOYER_PORT": str(self.port),
            "FOYER_SECURE_COOKIES": "false",
            "PYTHONPATH": str(self._tree),
        }
        with (self._tree / "server.log").open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server.serve"],
                cwd=self._tree,
                env=environment,
                stdout=errors,
                stderr=errors,
            )
        if wait:
            self.wait_until_up()


def run(before: str, audit: int = 0) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="foyer-beside-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ["FOYER_DATA"] = str(folder / "data")
        tree = take_out(before, folder / "before")
        postgres = Postgres(folder / "postgres").make()
        older = OlderServer(postgres.address, tree, folder / "older.log")
        newer = Server(postgres.address, log=folder / "newer.log")
        crowds: list[Crowds] = []
        try:
            places = _build(tree, postgres.address)
            postgres.run(_AUDIT.format(audit))
            postgres.run("ANALYZE audit")
            older.start()
            found: dict[str, Any] = {"before": before[:12], "schemas": [_schema(postgres)]}
            first = Crowds(places[: CENTRES // 2], [older.port, newer.port], 1, [], scattered=True)
            crowds.append(first)
            first.begin(RATE, SECONDS, SERVICE)
            time.sleep(3)
            began = time.monotonic()
            newer.start()
            found["migrated and up in"] = round(time.monotonic() - began, 1)
            found["schemas"].append(_schema(postgres))
            second = Crowds(places[CENTRES // 2 :], [older.port, newer.port], 1, [], scattered=True)
            crowds.append(second)
            second.begin(RATE, 12, SERVICE)
            time.sleep(6)
            both = postgres.run("SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'foyer'")[0][
                0
            ]
            found["connections of both"] = int(both)
            older.stop()
            told = {"beside the migration": first.told(), "on both": second.told()}
            found["crowds"] = {name: _short(together(each)) for name, each in told.items()}
            answered = [visit for each in crowds for visit in each.close()[0]]
            found["counted"] = steps.count(postgres, answered)
            return found
        finally:
            for each in crowds:
                each.kill()
            older.stop()
            newer.stop()
            postgres.away()


def _build(tree: Path, address: str) -> list[Place]:
    done = subprocess.run(
        [sys.executable, "-c", _BUILD, address, str(CENTRES)],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        check=True,
        capture_output=True,
        text=True,
    )
    return [Place(**each) for each in json.loads(done.stdout.splitlines()[-1])]


def _schema(postgres: Postgres) -> str:
    return str(postgres.run("SELECT version_num FROM alembic_version")[0][0])


def _short(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "issued": len(told["issued"]),
        "called": len(told["called"]),
        "asked again": told["again"],
        "nothing answered for": round(told["gap"], 2),
        "refused": told["refused"],
        "left waiting": told["left"],
        "still serving": told["still"],
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.side_by_side", description=__doc__)
    parser.add_argument("--before", default="", help="the commit of the older program")
    parser.add_argument("--audit", type=int, default=0, help="rows of the audit that the newer finds")
    options = parser.parse_args()
    found = run(options.before or commit_before_the_newest_schema(), options.audit)
    print(json.dumps(found, indent=1))
    counted = found["counted"]
    wrong = counted["lost"] + counted["codes twice"] + counted["called twice"]
    left = sum(each["left waiting"] + each["still serving"] for each in found["crowds"].values())
    both = found["schemas"][0] < found["schemas"][1]
    return 0 if both and not wrong and not left else 1


if __name__ == "__main__":
    sys.exit(main())
