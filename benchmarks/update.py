"""`make proof-update`: the true release, not a small one, on its whole way, with the time of each part; then the power failing at every named point.

First the commit checked out becomes a release with all its packages, signed; a real server gives it to a machine's folder, which fetches, checks and installs
it from no index and switches to it (with packages, as on a card; only systemd is played, see tests/deploy/machine.py). Then small releases are brought to
another machine again and again, each cut off at another point by SIGKILL and booted: what runs must be a whole release every time, and the next
try must get through. Writes build/proof-update.json.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from server.store.schema import migrate_address
from tests.deploy.machine import Machine, Workshop, release_script
from tests.server.web.rehearsal import TOKENS, serving, token_of
from wire.vocabulary import DeviceKind

ROOT = Path(__file__).resolve().parent.parent
POINTS = (
    *("asked", "fetched", "verified", "unpacked", "environment", "installed"),
    *("told", "noted", "turned", "restarted", "judged", "confirmed"),
)


@contextmanager
def timed(times: dict[str, float], what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    times[what] = round(time.monotonic() - began, 1)
    print(f"{what:<44} {times[what]:7.1f} s", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make proof-update")
    parser.add_argument("--rounds", type=int, default=3, help="how often the power fails at each point")
    parser.add_argument("--small", action="store_true", help="leave the true release out")
    asked = parser.parse_args()
    times: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="foyer-proof-update-") as name:
        folder = Path(name)
        shop = Workshop(folder / "shop")
        shop.make("0.0.1")
        releases = folder / "releases"
        releases.mkdir()
        address = f"sqlite:///{folder}/foyer.db"
        migrate_address(address)
        with serving(address, releases=releases) as served:
            machine = Machine(folder / "machine", shop.public)
            machine.pair(served.url, TOKENS[DeviceKind.KIOSK])
            machine.install(shop.out / "foyer-0.0.1.tar.gz")
            machine.switch("0.0.1")
            told = {} if asked.small else _true_release(shop, releases, served, machine, times)
            cuts = _cuts(shop, releases, served, folder, asked.rounds)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build/proof-update.json").write_text(
        json.dumps({"seconds": times, **told, **cuts}, indent=1) + "\n"
    )
    print(
        f"{cuts['cuts']} cuts at {len(POINTS)} points: {cuts['whole']} times a whole release ran, {cuts['through']} times the next try got through."
    )
    return 0 if cuts["whole"] == cuts["through"] == cuts["cuts"] else 1


def _true_release(
    shop: Workshop, releases: Path, served: Any, machine: Machine, times: dict[str, float]
) -> dict[str, Any]:
    script = release_script()
    with timed(times, "make the release (wheels at hand or fetched)"):
        file: Path = script.make("HEAD", [script.wheelhouse.this_machine()], [shop.private], shop.out)
    version = file.name.removeprefix("foyer-").removesuffix(".tar.gz")
    with timed(times, "verify it"):
        assert machine.run("verify", file).returncode == 0
    _begin(served, releases, file, version)
    # What the played systemd asks of a release; the true one's kiosk writes its own.
    (machine.root / "opt/foyer/health").write_text((machine.root / "opt/foyer/current/health").read_text())
    machine.systemctl.write_text(
        machine.systemctl.read_text().replace("opt/foyer/current/health", "opt/foyer/health")
    )
    with timed(times, "update: fetch, check, install, switch, judge"):
        done = machine.update()
    assert (done.returncode, machine.current) == (0, version), done
    with timed(times, "go back"):
        assert machine.run("back").returncode == 0
    size = round(file.stat().st_size / 2**20)
    print(f"{version}: {size} MB")
    return {"version": version, "megabytes": size}


def _begin(served: Any, releases: Path, file: Path, version: str) -> None:
    for each in (file, file.with_name(f"{file.name}.sig")):
        shutil.copy(each, releases)
    with closing(served.signed_in("ada")) as ada:
        device = served.ids.devices[DeviceKind.KIOSK]
        deeds: list[tuple[str, dict[str, str]]] = [
            ("rings", {f"ring-{device}": "first"}),
            ("add", {"version": version}),
            ("start", {"version": version}),
            ("rollout/any-time", {"any_time": "yes"}),
        ]
        for path, form in deeds:
            answer = ada.post(f"/admin/releases/{path}", data={"csrf": token_of(ada), **form})
            assert answer.status_code == 303, (path, answer.text)


def _cuts(shop: Workshop, releases: Path, served: Any, folder: Path, rounds: int) -> dict[str, int]:
    """On a machine that never had the true release: it is copied anew for each cut."""
    machine = Machine(folder / "small", shop.public)
    machine.pair(served.url, TOKENS[DeviceKind.KIOSK])
    machine.install(shop.out / "foyer-0.0.1.tar.gz")
    machine.switch("0.0.1")
    file = shop.make("0.0.2")
    _begin(served, releases, file, "0.0.2")
    fresh = folder / "fresh"
    shutil.copytree(machine.root, fresh, symlinks=True)
    counted = {"cuts": 0, "whole": 0, "through": 0}
    for number in range(rounds):
        for point in POINTS:
            shutil.rmtree(machine.root)
            shutil.copytree(fresh, machine.root, symlinks=True)
            machine.update(cut=point)
            machine.run("boot")
            counted["cuts"] += 1
            counted["whole"] += machine.is_whole()
            after = machine.update()
            counted["through"] += after.returncode == 0 and machine.current == "0.0.2" and machine.is_whole()
        print(f"round {number + 1} of {rounds}: {counted['whole']} of {counted['cuts']} whole", flush=True)
    return counted


if __name__ == "__main__":
    raise SystemExit(main())
