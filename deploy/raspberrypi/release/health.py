"""Whether this machine does its work: what each of its roles must be seen to do, not only that a process runs.

kiosk    its unit is active, which it says of itself only when the first picture stands; and what it tells of itself
         (`/run/foyer-kiosk/health.json`, written by its own loop) is fresh: it draws, its journal can be written, and it reached the
         server since it started. Without a line to the server *before* the switch, that cannot be asked of the new release: then the
         rest decides.
display  its unit is active, and where it tells of itself, that is fresh.
server   its unit is active and `/health/ready` answers 200: it reaches its database, which it has brought to its own schema. Of several on
         one machine each is asked, on the port it is named by.

A release is healthy when all of that holds at one look and still holds some seconds later without a restart in between.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from places import Places, read_others
from services import Services, Unit

FRESH_SECONDS = 45


@dataclass(frozen=True)
class Verdict:
    healthy: bool
    say: tuple[str, ...]

    @property
    def words(self) -> str:
        return "; ".join(self.say) or "all is well"


def look(places: Places, services: Services, since: float, line: bool = True) -> Verdict:
    """How it stands now. `since` (seconds since 1970): what was told before does not count. `line`: a kiosk must have reached its server."""
    wrong: list[str] = []
    for unit in services.units():
        state, _ = services.state(unit)
        if state != "active":
            wrong.append(f"{unit.name} is {state}")
        elif unit.role == "server":
            wrong += _server(places, unit)
        else:
            wrong += _told(places, unit.role, since, line)
    return Verdict(not wrong, tuple(wrong))


def wait(
    places: Places, services: Services, since: float, line: bool, seconds: float, settle: float
) -> Verdict:
    """Look until it is healthy and stays so for `settle` seconds, or until the time is over."""
    end = time.monotonic() + seconds
    good_since: float | None = None
    starts = _starts(services)
    while True:
        verdict = look(places, services, since, line)
        now = time.monotonic()
        if verdict.healthy and _starts(services) == starts:
            good_since = now if good_since is None else good_since
            if now - good_since >= settle:
                return verdict
        else:
            good_since, starts = None, _starts(services)
        if now >= end:
            return verdict if not verdict.healthy else Verdict(False, ("it starts again and again",))
        time.sleep(min(1.0, settle or 0.2))


def reached_server(places: Places) -> bool:
    """Whether the kiosk, as it runs now, has a line to its server."""
    return bool(_read(places, "kiosk").get("reached_server"))


def _starts(services: Services) -> tuple[int, ...]:
    return tuple(services.state(unit)[1] for unit in services.units())


def stands(places: Places, seconds: float, unit: Unit) -> str:
    """What is wrong with this server, which has just started, when its time to get ready is over; nothing as soon as it is."""
    end = time.monotonic() + seconds
    while wrong := _server(places, unit):
        if time.monotonic() >= end:
            return wrong[0]
        time.sleep(0.2)
    return ""


def _told(places: Places, role: str, since: float, line: bool) -> list[str]:
    told = _read(places, role)
    if not told:
        # A display has no loop of its own to tell from; a kiosk has.
        return [] if role == "display" else [f"the {role} has told nothing of itself"]
    wrong = []
    at = _written_at(places, role)
    # The file's time is of the kernel's last tick, some milliseconds behind.
    if at < since - 0.1 or time.time() - at > FRESH_SECONDS:
        wrong.append(f"the {role} has told nothing of itself since it was started")
    if told.get("draws") is False:
        wrong.append(f"the {role} draws nothing")
    if told.get("journal") is False:
        wrong.append(f"the {role} cannot write its journal")
    if line and told.get("reached_server") is False:
        wrong.append(f"the {role} does not reach its server")
    return wrong


def _read(places: Places, role: str) -> dict[str, Any]:
    return read_others(places.root / f"run/foyer-{role}/health.json")


def _written_at(places: Places, role: str) -> float:
    try:
        return (places.root / f"run/foyer-{role}/health.json").lstat().st_mtime
    except OSError:
        return 0.0


def _server(places: Places, unit: Unit) -> list[str]:
    import http.client  # half of what this tool takes to start, and only a server's machine needs it

    if unit.instance and not unit.instance.isdigit():
        return []  # not named by a port, so nobody here knows where it listens: systemd's word must do
    host, port = server_address(places, unit.instance)
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        answer.read()
        return [] if answer.status == 200 else [f"{_named(unit)} says it is not ready ({answer.status})"]
    except (OSError, http.client.HTTPException):
        return [f"{_named(unit)} does not answer on {host}:{port}"]
    finally:
        connection.close()


def _named(unit: Unit) -> str:
    return unit.name if unit.instance else "the server"


def server_address(places: Places, instance: str = "") -> tuple[str, int]:
    """Where this machine's server listens, by its own settings; one of several on the port it is named by."""
    settings = settings_of(places, "server.env")
    host = settings.get("FOYER_HOST", "127.0.0.1")
    port = instance or settings.get("FOYER_PORT", "8000")
    return ("127.0.0.1" if host in {"0.0.0.0", "::", ""} else host), int(port) if port.isdigit() else 8000


def settings_of(places: Places, name: str) -> dict[str, str]:
    """A file of settings as systemd reads it: NAME=value lines."""
    try:
        lines = (places.root / "etc/foyer" / name).read_text("utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}
