"""The whole way of an update: a real server, real devices' folders, real signed releases over a real line. One thing always holds: what runs is a whole
release, whatever breaks and wherever the power fails.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.deploy.machine import TOOL, Machine, Workshop, make_key
from tests.server.web.rehearsal import TOKENS, Served, serving, token_of
from wire.vocabulary import DeviceKind

NIGHT = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TOKEN = TOKENS[DeviceKind.KIOSK]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    shop = Workshop(tmp_path_factory.mktemp("workshop"))
    shop.make("0.0.100")
    return shop


@dataclass
class Fleet:
    """A server with a folder of releases, an administrator's browser, and one kiosk's machine."""

    served: Served
    ada: httpx.Client
    machine: Machine
    folder: Path

    def does(self, path: str, **form: str) -> httpx.Response:
        # Starting is one of the gravest acts, and the night has fallen since she signed in: she says who she is.
        answer = self.ada.post(f"/admin/releases/{path}", data={"csrf": token_of(self.ada), **form})
        assert answer.status_code == 303, answer.text
        return answer

    def offer(self, file: Path) -> str:
        version = file.name.removeprefix("foyer-").removesuffix(".tar.gz")
        for each in (file, file.with_name(f"{file.name}.sig")):
            shutil.copy(each, self.folder)
        self.does("add", version=version)
        self.does("start", version=version)
        return version

    def page(self) -> str:
        return self.ada.get("/admin/releases").text

    def trouble(self) -> bool:
        return "halted by itself" in self.ada.get("/admin/house").text


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, httpx.Client, Path]]:
    from server.store.schema import migrate_address

    folder = tmp_path_factory.mktemp("releases")
    address = f"sqlite:///{tmp_path_factory.mktemp('house')}/foyer.db"
    migrate_address(address)
    with serving(address, releases=folder) as served:
        ada = served.signed_in("ada")
        yield served, ada, folder


@pytest.fixture(scope="module")
def first(house: tuple[Served, httpx.Client, Path], workshop: Workshop) -> Machine:
    machine = Machine(workshop.out.parent / "first", workshop.public)
    machine.pair(house[0].url, TOKEN)
    assert machine.install(workshop.out / "foyer-0.0.100.tar.gz").returncode == 0
    assert machine.switch("0.0.100").returncode == 0
    return machine


@pytest.fixture
def fleet(house: tuple[Served, httpx.Client, Path], first: Machine, tmp_path: Path) -> Iterator[Fleet]:
    served, ada, folder = house
    machine = first.copy(tmp_path / "machine")
    fleet = Fleet(served, ada, machine, folder)
    device = served.ids.devices[DeviceKind.KIOSK]
    fleet.does("rings", **{f"ring-{device}": "first"})
    yield fleet
    ada.post("/admin/releases/rollout/end", data={"csrf": token_of(ada)})


def at_night(fleet: Fleet) -> None:
    fleet.does("rollout/any-time", any_time="yes")


def test_the_story_of_a_good_release(fleet: Fleet, workshop: Workshop) -> None:
    machine = fleet.machine
    assert machine.update().stdout == "0.0.100 runs, as it shall.\n"
    version = fleet.offer(workshop.make("0.0.110"))
    waits = machine.update()
    assert (waits.returncode, machine.current) in {(0, "0.0.100"), (0, version)}, waits
    if machine.current == "0.0.100":  # the centre is open now: it has it, and waits
        assert "waits until the centre is closed" in waits.stdout
        assert "It waits until the centre is closed." in fleet.page()
        at_night(fleet)
        assert "runs and does its work" in machine.update().stdout
    assert (machine.current, machine.is_whole()) == (version, True)
    assert machine.run("list").stdout.splitlines()[0].split() == [version, "runs"]
    page = fleet.page()
    assert "Runs it" in page
    assert f"runs {version}" in page
    assert not list((machine.root / "opt/foyer/fetched").iterdir())  # what was fetched is gone again


def test_a_release_that_fails_halts_the_rollout_until_a_person_looked(
    fleet: Fleet, workshop: Workshop
) -> None:
    machine = fleet.machine
    version = fleet.offer(workshop.make("0.0.120", health={"journal": False}))
    at_night(fleet)
    assert machine.update().returncode == 6
    assert (machine.current, machine.is_whole()) == ("0.0.100", True)
    page = fleet.page()
    assert "Stopped" in page
    assert "cannot write its journal" in page
    assert fleet.trouble()
    tried = len((machine.root / "started").read_text().splitlines())
    assert (
        "tried and given up" in machine.update().stdout
    )  # nothing is wanted while it is stopped, and it stays told
    assert "cannot write its journal" in fleet.page()
    fleet.does("rollout/go-on")
    assert not fleet.trouble()
    assert machine.update().returncode == 6  # tried once more, because a person said so
    assert len((machine.root / "started").read_text().splitlines()) == tried + 2
    assert version in machine.state["failed"]


def test_what_a_server_must_not_be_able_to_bring(fleet: Fleet, workshop: Workshop, tmp_path: Path) -> None:
    """A server in wrong hands: another's key, a changed file, one cut short."""
    machine = fleet.machine
    private, _ = make_key(tmp_path / "foreign", "--test")
    fleet.offer(workshop.make("0.0.130", keys=[private]))
    at_night(fleet)
    assert machine.update().returncode == 3
    assert "no key that this machine knows" in fleet.page()
    version = fleet.offer(workshop.make("0.0.131"))
    at_night(fleet)
    lying = fleet.folder / f"foyer-{version}.tar.gz"
    whole = lying.read_bytes()
    lying.write_bytes(whole[:-100_000])
    assert machine.update().returncode == 7  # the line broke
    part = machine.root / f"opt/foyer/fetched/foyer-{version}.tar.gz.part"
    assert part.stat().st_size == len(whole) - 100_000
    lying.write_bytes(whole[:-100_000] + b"\0" * 100_000)
    assert machine.update().returncode == 3
    assert not part.exists()
    assert machine.current == "0.0.100"
    lying.write_bytes(whole)
    fleet.does("rollout/go-on")
    assert machine.update().returncode == 0
    assert machine.current == version


def test_half_a_download_is_gone_on_with(fleet: Fleet, workshop: Workshop) -> None:
    machine = fleet.machine
    file = workshop.make("0.0.140")
    version = fleet.offer(file)
    at_night(fleet)
    cache = machine.root / "opt/foyer/fetched"
    cache.mkdir(parents=True)
    # What is not this release's beginning would not fit at the end: only the rest was fetched.
    (cache / f"{file.name}.part").write_bytes(b"\0" * 1000 + file.read_bytes()[1000:200_000])
    assert machine.update().returncode == 3
    (cache / f"{file.name}.part").write_bytes(file.read_bytes()[:200_000])
    fleet.does("rollout/go-on")
    assert machine.update().returncode == 0
    assert machine.current == version


def test_a_full_card_is_told_to_the_fleet_with_what_to_do(fleet: Fleet, workshop: Workshop) -> None:
    machine = fleet.machine
    version = fleet.offer(workshop.make("0.0.145"))
    at_night(fleet)
    cannot_fetch = machine.run("update", file_bytes=100_000)
    assert (cannot_fetch.returncode, machine.current) == (4, "0.0.100"), cannot_fetch
    assert "The card of this machine is full. See what fills it" in fleet.page()
    fleet.does("rollout/go-on")
    # Not even a note can be written: it is told all the same, and stays told while nothing else can be.
    (machine.root / "opt/foyer/state.json").unlink()
    for _ in range(2):
        assert machine.run("update", file_bytes=10).returncode == 4
        assert "The card of this machine is full" in fleet.page()
    fleet.does("rollout/go-on")
    assert machine.update().returncode == 0
    assert (machine.current, machine.is_whole()) == (version, True)


def test_of_a_release_below_its_bound_a_machine_fetches_nothing(fleet: Fleet, workshop: Workshop) -> None:
    machine = fleet.machine
    machine.run("update")
    (machine.root / "opt/foyer/state.json").write_text(json.dumps({**machine.state, "floor": "0.0.150"}))
    fleet.offer(workshop.make("0.0.147"))
    at_night(fleet)
    assert machine.update().returncode == 1
    assert "older than 0.0.150, the oldest release that may run on this machine" in fleet.page()
    assert [one.suffix for one in (machine.root / "opt/foyer/fetched").iterdir()] == [".sig"]


POINTS = ("unpacked", "turned", "confirmed")
"""One of fetching and installing, one of switching, and the last. `make proof-update` lets it fail at every point, many times."""


def test_the_power_fails_at_every_step(fleet: Fleet, workshop: Workshop, tmp_path: Path) -> None:
    file = workshop.make("0.0.150")
    version = fleet.offer(file)
    at_night(fleet)
    fresh = tmp_path / "fresh"
    shutil.copytree(fleet.machine.root, fresh, symlinks=True)
    for point in POINTS:
        machine = fleet.machine
        shutil.rmtree(machine.root)
        shutil.copytree(fresh, machine.root, symlinks=True)
        machine.update(cut=point)
        booted = machine.run("boot")
        assert booted.returncode == 0, (point, booted)
        assert machine.is_whole(), point
        ran = machine.current
        assert ran == (version if point == "confirmed" else "0.0.100"), point
        after = machine.update()
        assert (after.returncode, machine.current, machine.is_whole()) == (0, version, True), (point, after)
        assert machine.left() == set(), point


def test_a_release_that_takes_the_power_with_it_twice_is_given_up(fleet: Fleet, workshop: Workshop) -> None:
    machine = fleet.machine
    fleet.offer(workshop.make("0.0.160"))
    at_night(fleet)
    for _ in range(2):
        machine.update(cut="restarted")
        machine.run("boot")
        assert machine.current == "0.0.100"
    assert "not tried again" in machine.update().stdout
    assert "Stopped" in fleet.page()


def test_nobody_but_a_device_gets_a_release_and_only_the_one_on_its_way(
    fleet: Fleet, workshop: Workshop
) -> None:
    version = fleet.offer(workshop.make("0.0.170"))
    bearer = {"authorization": f"Bearer {TOKEN}"}
    with fleet.served.client() as nobody, fleet.served.client(headers=bearer) as kiosk:
        assert nobody.get(f"/api/releases/{version}/file").status_code == 401
        assert fleet.ada.get(f"/api/releases/{version}/file").status_code == 403
        part = kiosk.get(f"/api/releases/{version}/file", headers={"range": "bytes=10-19"})
        assert (part.status_code, len(part.content)) == (206, 10)
        for other in ("0.0.110", "9.9.9", "..%2f..%2fetc", "x"):
            assert kiosk.get(f"/api/releases/{other}/file").status_code == 404, other
        display = fleet.served.ids.devices[DeviceKind.DISPLAY]
        with fleet.served.client(
            headers={"authorization": f"Bearer {TOKENS[DeviceKind.DISPLAY]}"}
        ) as revoked:
            assert revoked.get(f"/api/releases/{version}/signature").status_code == 200
            form = {"csrf": token_of(fleet.ada)}
            assert fleet.ada.post(f"/admin/devices/{display}/revoke", data=form).status_code == 303
            for path in ("wanted", f"{version}/signature", f"{version}/file"):
                assert revoked.get(f"/api/releases/{path}").status_code == 401, path
        fleet.does("withdraw", version=version)
        assert kiosk.get(f"/api/releases/{version}/file").status_code == 404
        assert kiosk.get("/api/releases/wanted").json()["wanted"] is None


def test_a_machine_without_a_kiosk_is_paired_for_its_updates(fleet: Fleet, tmp_path: Path) -> None:
    display = Machine(tmp_path / "display", next((fleet.machine.root / "etc/foyer/release-keys").iterdir()))
    assert "pair --server" in display.run("update").stderr
    command: list[str | Path] = [
        TOOL,
        "--root",
        display.root,
        "pair",
        "--server",
        fleet.served.url,
        "--name",
        "Lobby (updates)",
    ]
    pairing = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert pairing.stderr is not None
    code = pairing.stderr.readline().split()[-1]
    form = {"csrf": token_of(fleet.ada), "code": code, "name": "Lobby (updates)"}
    assert fleet.ada.post("/admin/devices/approve", data=form).status_code == 303
    told, _ = pairing.communicate(timeout=60)
    assert "is paired" in told
    token = display.root / "etc/foyer/credentials/update-token"
    assert token.stat().st_mode & 0o777 == 0o600
    assert display.update().returncode == 0
    assert "Lobby (updates)" in fleet.page()
