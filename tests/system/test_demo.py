"""`make demo` as a person meets it: one command, addresses and logins, everything reachable, nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import re
import signal
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from demo.door import Door
from tests.support.processes import Child, Start
from tests.support.waiting import until
from tests.system.house import rows_of
from tests.system.kiosk_screen import KioskScreen

pytestmark = pytest.mark.system

STANDS = r"Ctrl-C ends it\."


@pytest.fixture
def demo(start_process: Start, tmp_path: Path) -> Any:
    """`demo("--play", ...)`: the demonstration, standing; its data is in `tmp_path`."""

    def start(*options: str, ready: str = STANDS, env: dict[str, str] | None = None) -> Child:
        return start_process(
            "-m", "demo", "--folder", str(tmp_path), "--no-window", *options, ready=ready, seconds=60, env=env
        )

    return start


def _address(child: Child, name: str) -> str:
    found = re.search(rf"{name} +(http://127\.0\.0\.1:\d+)", child.output)
    assert found, child.story()
    return found[1]


def _get(url: str) -> http.client.HTTPResponse:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.request("GET", parts.path or "/")
    return connection.getresponse()


def _children_of(pid: int) -> list[int]:
    """Processes started by `pid`, and by those."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):  # it ended meanwhile
                continue
    found, ahead = [], [pid]
    while ahead:
        ahead = [child for child, parent in parents.items() if parent in ahead]
        found += ahead
    return found


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _all_end(started: list[int], seconds: float) -> None:
    names = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in started if _runs(pid)}
    try:
        until(lambda: not any(_runs(pid) for pid in started), seconds)
    except AssertionError:
        left = {pid: names.get(pid) for pid in started if _runs(pid)}
        raise AssertionError(f"these were left behind: {left}") from None


def test_everything_it_names_is_there_and_nothing_is_left_when_it_ends(demo: Any) -> None:
    child = demo("--at", "2026-11-24 10:05")
    assert "Tuesday 24 November, 10:05" in child.output
    begin, kiosk, counter = (_address(child, name) for name in ("Begin here", "Kiosk", "Counter"))
    assert "York House" in _get(begin).read().decode()
    assert _get(kiosk).status == 200
    lobby = _get(f"{begin}/lobby")
    assert lobby.status == 302
    assert lobby.headers["Location"] == f"{counter}/display"
    assert "foyer_device=" in lobby.headers["Set-Cookie"]
    sign = _get(f"{begin}/sign")
    assert sign.headers["Location"].startswith("http://localhost:"), "a cookie of its own, beside the lobby's"

    ticket = asyncio.run(KioskScreen(kiosk).take_ticket("English", "A school place"))
    until(lambda: _get(f"{begin}/phone").status == 302, 15, "a paper to follow")
    assert _get(f"{begin}/phone").headers["Location"] == ticket["follow_url"]
    assert "/papers/paper-0001.png" in _get(begin).read().decode()
    assert _get(f"{begin}/papers/paper-0001.png").read(4) == b"\x89PNG"
    assert _get(f"{begin}/papers/../devices.json").status == 404

    logins = re.findall(
        r"^ +(?:Greeter|Adviser|Manager and adviser|Manager|Administrator) +(\w+) +(\S+)$", child.output, re.M
    )
    assert [name for name, _ in logins] == ["grace", "amina", "nathan", "meera", "olivia"]
    assert len({password for _, password in logins}) == 5
    for username, password in logins:
        Door(counter).sign_in(username, password)

    started = _children_of(child.pid)
    assert len(started) >= 2
    child.signal(signal.SIGINT)
    assert child.wait(20) == 0, child.story()
    _all_end(started, 10)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", urlsplit(counter).port or 0)) != 0


def test_it_listens_on_loopback_only(demo: Any) -> None:
    child = demo()
    ports = {urlsplit(_address(child, name)).port for name in ("Begin here", "Kiosk", "Counter")}
    listening = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        local, state = line.split()[1], line.split()[3]
        if state == "0A" and int(local[9:], 16) in ports:
            listening[int(local[9:], 16)] = local[:8]
    assert listening == dict.fromkeys(ports, "0100007F")


def test_another_address_is_refused(demo: Any) -> None:
    child = demo(ready="this machine only", env={"FOYER_HOST": "0.0.0.0"})
    assert child.wait(10) == 2


def test_two_at_once_in_one_folder_are_told_apart_and_taken_ports_are_told(demo: Any) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # taken by somebody else: the same to the demonstration
            taken.bind(("127.0.0.1", 8480))
            taken.listen()
        first = demo()
    assert re.search(r"Port 8480 is taken, so the page to begin with takes \d+", first.output)
    second = demo(ready="runs already")
    assert second.wait(10) == 1
    assert first.exit_status is None


def test_a_killed_demonstration_leaves_no_process_behind(demo: Any) -> None:
    child = demo()
    started = _children_of(child.pid)
    assert len(started) >= 2
    child.kill()
    _all_end(started, 30)


def test_a_killed_server_comes_back_and_its_clock_does_not_go_back(demo: Any, tmp_path: Path) -> None:
    child = demo("--at", "2026-11-24 10:05", "--speed", "60", "--play")
    counter = _address(child, "Counter")
    until(lambda: _finished(tmp_path) >= 1, 40, "a ticket served")
    server = next(
        pid
        for pid in _children_of(child.pid)
        if "serve" in Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    )
    before = rows_of(tmp_path / "foyer.db", "SELECT max(at) FROM step")[0][0]
    os.kill(server, signal.SIGKILL)
    child.said(r"The server ended \(-9\) and is started again")
    until(lambda: _answers(counter), 20, "the server's answer")
    was = _finished(tmp_path)
    until(lambda: _finished(tmp_path) > was, 40, "the play goes on")
    assert rows_of(tmp_path / "foyer.db", "SELECT max(at) FROM step")[0][0] > before


TODAY = round(datetime(2026, 11, 24, tzinfo=UTC).timestamp()) * 1_000_000
OF_TODAY = f"arrived_at >= {TODAY}"
"""The demonstration has weeks behind it, which nobody plays."""
BOOKED_SERVED = f"""SELECT count(*) FROM booking b JOIN ticket t ON t.booking_id = b.id
    WHERE t.state = 'finished' AND b.arrived_at > (SELECT min(at) FROM step WHERE at >= {TODAY})"""


def test_the_play_has_languages_private_visits_and_those_who_leave(demo: Any, tmp_path: Path) -> None:
    demo("--at", "2026-11-24 09:25", "--speed", "300", "--play")
    until(lambda: _finished(tmp_path) >= 25, 60, "a morning's tickets served")
    file = tmp_path / "foyer.db"
    assert len(rows_of(file, f"SELECT DISTINCT language FROM visit WHERE {OF_TODAY}")) >= 4
    until(lambda: "transferred" in _states(file), 60, "somebody passed on")
    until(lambda: bool(_states(file) & {"no_show", "cancelled"}), 60, "somebody who left or did not come")
    until(lambda: rows_of(file, BOOKED_SERVED)[0][0] > 0, 60, "who has an appointment checked in and served")
    first = rows_of(file, f"SELECT min(arrived_at) FROM visit WHERE {OF_TODAY}")[0][0]
    assert first < rows_of(file, f"SELECT min(at) FROM step WHERE at >= {TODAY}")[0][0], (
        "somebody waited before anybody was called"
    )


def _states(file: Path) -> set[str]:
    return {state for (state,) in rows_of(file, f"SELECT DISTINCT state FROM ticket WHERE {OF_TODAY}")}


def _finished(folder: Path) -> int:
    """Without those whose appointments the day begins with: they are over before anybody plays."""
    played = f"SELECT count(*) FROM ticket WHERE state = 'finished' AND booking_id IS NULL AND {OF_TODAY}"
    return int(rows_of(folder / "foyer.db", played)[0][0])


def _answers(address: str) -> bool:
    try:
        return _get(f"{address}/sign-in").status == 200
    except OSError:
        return False


def test_a_broken_database_is_told_in_a_sentence(demo: Any, tmp_path: Path) -> None:
    (tmp_path / "foyer.db").write_text("this is no database")
    child = demo(ready="RESET=1 begins with fresh data")
    assert child.wait(10) == 1
    assert "Traceback" not in child.output
    again = demo("--reset")
    assert "York House is open" in again.output
