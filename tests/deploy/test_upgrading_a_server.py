"""The server's own machine, by one command: nothing is switched without a backup, and it goes back unless its database went on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.deploy.machine import Machine, Workshop

FOYER = """#!/bin/sh
root="$(cd "$(dirname "$0")/../../../../../.." && pwd)"
echo "$(basename "$(cd "$(dirname "$0")/../.." && pwd)") $*" >>"$root/asked"
case "$1" in
    backup) [ ! -e "$root/no-backups" ] || { echo "FOYER_BACKUP_KEYS is empty." >&2; exit 1; }
            echo "/backups/one.age: 12 rows." ;;
    migrate) cat "$root/schema" ;;
esac
"""
"""Plays the server's command line, as `systemctl` is played: it notes what it was asked, and of which release."""


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    shop = Workshop(tmp_path_factory.mktemp("workshop"))
    place = shop.repository / "deploy/raspberrypi/foyer"
    shop.write("deploy/raspberrypi/foyer", FOYER)
    place.chmod(0o755)
    shop.make("1.0.0")
    shop.make("1.1.0", schema="0007")
    return shop


@contextmanager
def ready(statuses: list[int], noted: Path | None = None) -> Iterator[int]:
    """A server's `/health/ready`; answers these one after the other, the last for ever, and notes what it answered."""

    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
            if noted:
                with noted.open("a") as file:
                    file.write(f"{self.connection.getsockname()[1]} answers {status}\n")
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Ready)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def first(workshop: Workshop) -> Machine:
    machine = Machine(workshop.out.parent / "first", workshop.public)
    wants = machine.root / "etc/systemd/system/multi-user.target.wants"
    (wants / "foyer-kiosk.service").rename(wants / "foyer-server.service")
    assert machine.install(workshop.out / "foyer-1.0.0.tar.gz").returncode == 0
    assert machine.switch("1.0.0").returncode == 0
    (machine.root / "schema").write_text("0006\n")
    return machine


@pytest.fixture
def machine(first: Machine, tmp_path: Path) -> Machine:
    return first.copy(tmp_path / "machine")


def upgrade(machine: Machine, workshop: Workshop, statuses: list[int], *words: str) -> tuple[int, str]:
    with ready(statuses) as port:
        (machine.root / "etc/foyer/server.env").write_text(f"FOYER_PORT={port}\n")
        file = workshop.out / "foyer-1.1.0.tar.gz"
        done = machine.run("upgrade-server", file, "--patience", "0.5", "--settle", "0", *words)
    return done.returncode, done.stdout + done.stderr


def asked(machine: Machine) -> list[str]:
    place = machine.root / "asked"
    return place.read_text().splitlines() if place.exists() else []


def test_it_is_backed_up_by_the_release_that_runs_and_then_switched(
    machine: Machine, workshop: Workshop
) -> None:
    status, said = upgrade(machine, workshop, [200])
    assert (status, machine.current) == (0, "1.1.0"), said
    assert asked(machine) == ["1.0.0 backup now"]
    assert "/backups/one.age" in said
    assert upgrade(machine, workshop, [200])[1].strip() == "1.1.0 runs here already."


def test_without_a_backup_nothing_is_switched_unless_somebody_answers_for_it(
    machine: Machine, workshop: Workshop
) -> None:
    (machine.root / "no-backups").touch()
    status, said = upgrade(machine, workshop, [200])
    assert (status, machine.current) == (1, "1.0.0")
    assert "FOYER_BACKUP_KEYS is empty" in said
    assert "--backed-up" in said
    assert upgrade(machine, workshop, [200], "--backed-up")[0] == 0
    assert machine.current == "1.1.0"


def test_a_server_that_fell_before_its_database_went_on_goes_back(
    machine: Machine, workshop: Workshop
) -> None:
    status, said = upgrade(machine, workshop, [503])
    assert (status, machine.current) == (6, "1.0.0"), said
    assert "1.0.0 runs again" in said
    assert "/backups/one.age" in said.splitlines()[-1]
    assert asked(machine)[-1] == "1.1.0 migrate --look"
    assert "foyer-server.service stopped" in (machine.root / "started").read_text()


@pytest.mark.parametrize("told", ["0007\n", "no such command\n"])
def test_it_stays_where_the_database_went_on_or_cannot_tell(
    machine: Machine, workshop: Workshop, told: str
) -> None:
    (machine.root / "schema").write_text(told)
    status, said = upgrade(machine, workshop, [503])
    assert (status, machine.current) == (6, "1.1.0"), said
    assert "stays in place" in said
    assert json.loads((machine.root / "opt/foyer/state.json").read_text())["before"] == "1.0.0"


def test_of_a_server_that_is_stopped_the_database_is_asked_whether_it_may_go_back(
    machine: Machine, workshop: Workshop
) -> None:
    """After a restore of the backup made before, the older release is the right one."""
    assert upgrade(machine, workshop, [200])[0] == 0
    refused = machine.run("back")
    assert (refused.returncode, machine.current) == (1, "1.1.0")
    assert "Stop the server and restore the backup" in refused.stderr
    machine.systemctl.write_text(machine.systemctl.read_text().replace("=active", "=inactive"))
    (machine.root / "schema").write_text("0007\n")
    assert machine.run("back").returncode == 1
    (machine.root / "schema").write_text("0006\n")
    assert "1.0.0 runs again." in machine.run("back").stdout


# Several servers on one machine: a release comes to one after the other, and to none once one of them does not do its work.

SYSTEMCTL = """#!/bin/sh
case "$1" in
    restart | stop | start) echo "$1 $2" >>"$(dirname "$0")/done" ;;
    show) echo ActiveState=active; echo NRestarts=0 ;;
esac
"""


@dataclass
class Two:
    machine: Machine
    ports: tuple[int, int]

    @property
    def done(self) -> list[str]:
        """What happened, in the order in which it did; the servers by their place. An answer that was given again is told once."""
        text = (self.machine.root / "done").read_text()
        for place, port in enumerate(self.ports):
            text = text.replace(str(port), f"n{place}")
        lines = text.splitlines()
        return [line for line, before in zip(lines, ["", *lines], strict=False) if line != before]


@pytest.fixture
def answers() -> list[list[int]]:
    return [[200], [200]]


@pytest.fixture
def two(first: Machine, workshop: Workshop, tmp_path: Path, answers: list[list[int]]) -> Iterator[Two]:
    machine = first.copy(tmp_path / "machine")
    machine.systemctl.write_text(SYSTEMCTL)
    wants = machine.root / "etc/systemd/system/multi-user.target.wants"
    (wants / "foyer-server.service").unlink()
    assert machine.install(workshop.out / "foyer-1.1.0.tar.gz").returncode == 0
    with ExitStack() as stack:
        # Which of two ports is the higher one is not ours to choose, so the answers are given to them in their order.
        mine: list[list[int]] = [[], []]
        found = [stack.enter_context(ready(one, machine.root / "done")) for one in mine]
        for place, port in enumerate(sorted(found)):
            mine[found.index(port)].extend(answers[place])
            (wants / f"foyer-server@{port}.service").touch()
        yield Two(machine, (min(found), max(found)))


@pytest.mark.parametrize("answers", [[[503, 503, 200], [200]]])
def test_the_next_is_started_anew_only_when_the_one_before_answers(two: Two) -> None:
    done = two.machine.switch("1.1.0")
    assert (done.returncode, two.machine.current) == (0, "1.1.0"), done.stderr
    assert two.done[:5] == [
        "restart foyer-server@n0.service",
        "n0 answers 503",
        "n0 answers 200",
        "restart foyer-server@n1.service",
        "n1 answers 200",
    ]
    assert two.machine.run("health").returncode == 0


@pytest.mark.parametrize("answers", [[[503], [200]]])
def test_the_others_go_on_as_they_run_where_the_first_does_not_do_its_work(two: Two) -> None:
    done = two.machine.switch("1.1.0")
    assert (done.returncode, two.machine.current) == (6, "1.0.0"), done.stderr
    assert f"foyer-server@{two.ports[0]}.service says it is not ready (503)" in done.stderr
    assert f"foyer-server@{two.ports[1]}.service was left as it ran" in done.stderr
    assert not [line for line in two.done if "n1" in line]
    did = [line for line in two.done if "answers" not in line]
    assert did == [f"{what} foyer-server@n0.service" for what in ("restart", "stop", "restart")]


@pytest.mark.parametrize("answers", [[[200], [503]]])
def test_each_of_them_is_asked_how_it_is(two: Two) -> None:
    said = two.machine.run("health")
    assert said.returncode == 6
    assert f"oyer-server@{two.ports[1]}.service says it is not ready" in said.stderr
