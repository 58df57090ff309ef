"""From one release to another and back, so that a power cut at any moment leaves one that works.

1. What is about to happen is written down (`switch` in the state), synced.
2. `current` is turned to the new release by one rename, and its `after-switch` puts its units in place.
3. The programs are started anew and watched (`health`).
4. Healthy: it is confirmed, which is one write of the state; `keeper` follows. Unhealthy: `current` is turned back the same way, the programs
   started anew, and the release is noted as failed so that nobody tries it again unasked.

`boot` runs before the programs do. If it finds a switch that was never confirmed, the power failed between 1 and 4, and it turns back: a
machine that hangs with a new release is mended by pulling its plug. The very first release has nothing to go back to and is confirmed at once.

An older server does not start on a database that a newer one has changed beyond what it knows. Each release says which schema it brings and from
which on programs work with it (`schema`, `schema_from`). Where this machine is a server and the older release is not among those, going back is
refused with what to do instead, and an unhealthy server is left as it is for a person: turned back it would not start at all. Where the database was not
brought there yet (the new server fell before that) it goes back like any other: that is asked of the database, with the server stopped.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import health
from installing import refuse_older
from places import Places
from refusal import Refused, Unhealthy
from services import START_SECONDS, Services
from steps import passed
from versions import order


@dataclass(frozen=True)
class Patience:
    """How long a release has to show that it works, and how long it must then keep working."""

    seconds: float = 180
    settle: float = 20


def switch(places: Places, version: str, patience: Patience, older: bool = False) -> str:
    """Run this release from now on. Answers a sentence."""
    services = Services(places)
    with places.lock():
        manifest = places.manifest(version)
        before = places.pointed(places.current)
        if before == version and not places.state().get("switch"):
            return f"{version} runs here already."
        refuse_older(places, version, older)
        if before and order(version) < order(before):
            _refuse_schema(places, services, version, before)
        line = health.reached_server(places)
        _begin(places, before, version)
        trouble = _turn(places, version)
        passed("turned")
        if before is None or not services.running:
            if before is None:
                _confirm(places, version, manifest)
            return f"{version} is in place. It is looked at when the machine starts."
        since = time.time()
        trouble = trouble or services.restart(partial(health.stands, places, patience.seconds))
        passed("restarted")
        verdict = (
            health.Verdict(False, ())
            if trouble
            else health.wait(places, services, since, line, patience.seconds, patience.settle)
        )
        passed("judged")
        if verdict.healthy:
            _confirm(places, version, manifest)
            passed("confirmed")
            return f"{version} runs and does its work."
        why = "; ".join(part for part in (trouble, verdict.words) if part)
        raise Unhealthy(_give_up(places, services, version, before, why, "unhealthy", patience.seconds))


def back(places: Places, to: str | None = None) -> str:
    """To the release that ran before (or the one named), because a person says so."""
    services = Services(places)
    with places.lock():
        current = places.pointed(places.current)
        known_bad = places.state().get("failed") or {}
        earlier = [
            one
            for one in sorted(places.installed(), key=order)
            if one not in known_bad and (current is None or order(one) < order(current))
        ]
        target = to or places.state().get("before") or (earlier[-1] if earlier else None)
        if target is None or target not in places.installed() or target == current:
            raise Refused("There is no other release on this machine to go back to.")
        if current:
            refuse_older(places, target, older=True)
            _refuse_schema(places, services, target, current)
        trouble = _turn(places, target)
        places.point(places.keeper, target)
        places.remember(switch=None, before=current, failed=places.state().get("failed"))
        trouble = trouble or services.restart(partial(health.stands, places, Patience.seconds))
        return f"{target} runs again." + (f" But: {trouble}." if trouble else "")


def boot(places: Places) -> str:
    """Before the programs start: undo a switch that the power cut short. Does nothing in every other case."""
    services = Services(places)
    with places.lock():
        _clear_leftovers(places)
        underway = places.state().get("switch")
        current = places.pointed(places.current)
        if not underway:
            if current is None and (keeper := places.pointed(places.keeper)):
                places.point(places.current, keeper)
                return f"The running release was gone from the card; {keeper} is in place again."
            return f"{current or 'No release'} is in place."
        version, before = str(underway["to"]), underway.get("from")
        if before is None or before not in places.installed():
            places.remember(switch=None)
            return f"{current} is in place; there is none to go back to."
        return _give_up(
            places,
            services,
            version,
            str(before),
            "the machine stopped before it was known to work",
            "interrupted",
        )


def trial_confirmed(places: Places, patience: Patience) -> str:
    """After a first boot from an image: nothing to compare with, so only a look. Answers a sentence, or refuses."""
    services = Services(places)
    verdict = health.wait(places, services, 0, False, patience.seconds, patience.settle)
    if not verdict.healthy:
        raise Unhealthy(f"{places.pointed(places.current)}: {verdict.words}.")
    return f"{places.pointed(places.current)} runs and does its work."


def prune(places: Places, keep: int = 2) -> list[str]:
    """Take away releases but the newest `keep`, the one that runs, the one it came from and the keeper's."""
    with places.lock():
        state = places.state()
        held = {places.pointed(places.current), places.pointed(places.keeper), state.get("before")}
        held |= set((state.get("switch") or {}).values())
        held_here = [one for one in places.installed() if one in held]
        spare = [one for one in sorted(places.installed(), key=order, reverse=True) if one not in held]
        gone = spare[max(0, keep - len(held_here)) :]
        for version in gone:
            _remove(places, version)
        _clear_leftovers(places)
        return gone


def _begin(places: Places, before: str | None, version: str) -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    places.remember(switch={"from": before, "to": version, "at": at})
    passed("noted")


def _turn(places: Places, version: str) -> str:
    """`current` names this release, and its units are in place. Answers what went wrong, or nothing."""
    places.point(places.current, version)
    hook = places.release(version) / "deploy/raspberrypi/after-switch"
    if not hook.is_file():
        return ""
    done = subprocess.run([hook, str(places.root)], capture_output=True, text=True, check=False)
    said = (done.stderr or done.stdout).strip().splitlines()
    return f"its after-switch failed: {said[-1] if said else done.returncode}" if done.returncode else ""


def _confirm(places: Places, version: str, manifest: dict[str, Any]) -> None:
    state = places.state()
    floors = [str(one) for one in (state.get("floor"), manifest.get("floor")) if one]
    failed = {key: value for key, value in (state.get("failed") or {}).items() if key != version}
    gone = set(state.get("withdrawn", ())) | set(manifest.get("withdrawn_keys", ()))
    before = (state.get("switch") or {}).get("from") or state.get("before")
    places.remember(
        switch=None,
        before=before,
        floor=max(floors, key=order) if floors else None,
        failed=failed or None,
        withdrawn=sorted(gone) or None,
        latest=max(int(state.get("latest", 0)), int(manifest.get("made_at", 0))),
    )
    places.point(places.keeper, version)


def _give_up(
    places: Places, services: Services, version: str, before: str, why: str, kind: str, seconds: float = 0
) -> str:
    failed = dict(places.state().get("failed") or {})
    tries = int(failed.get(version, {}).get("tries", 0)) + 1
    failed[version] = {"kind": kind, "why": why, "tries": tries}
    if _database_moved_on(places, services, before, version, ask=kind != "interrupted"):
        places.remember(switch=None, failed=failed, before=before)
        if kind != "interrupted":  # at a start systemd starts it by itself, after this
            for unit in services.servers():
                services.call("start", unit.name, seconds=START_SECONDS)
        return (
            f"{version} does not do its work: {why}. It stays in place, because {before} cannot use a database that {version} has changed. "
            f"See docs/upgrade.md, “When the new release does not work”."
        )
    trouble = _turn(places, before)
    passed("turned-back")
    places.remember(switch=None, failed=failed)
    if kind != "interrupted":
        again = services.restart(partial(health.stands, places, seconds), services.begun)
        trouble = "; ".join(part for part in (trouble, again) if part)
    return f"{version} does not do its work: {why}. {before} runs again." + (
        f" But: {trouble}." if trouble else ""
    )


def _database_moved_on(places: Places, services: Services, older: str, newer: str, ask: bool) -> bool:
    """Whether the older server would refuse to start. What cannot be asked (early in a start, or the program is broken) is taken to have happened."""
    if "server" not in services.roles() or _works_on(places, older, newer):
        return False
    if not ask:
        return True
    for unit in services.servers():
        services.call("stop", unit.name)
    told = services.server_says(newer, "migrate", "--look")
    schema = told.stdout.strip() if told.returncode == 0 else ""
    return not (schema.isdigit() and schema <= str(places.manifest(older).get("schema") or ""))


def _refuse_schema(places: Places, services: Services, older: str, newer: str) -> None:
    # While it runs, the newer server has long brought the database on. One that is stopped may have had an older database restored: that is asked.
    servers = [unit for unit in services.units() if unit.role == "server"]
    stopped = services.running and all(services.state(unit)[0] in {"inactive", "failed"} for unit in servers)
    if _database_moved_on(places, services, older, newer, ask=stopped):
        raise Refused(
            f"{newer} has brought this machine's database to a newer schema, and {older} will not start on it. Stop the server and restore the backup made "
            f"before {newer} came (docs/upgrade.md), or bring a newer release that mends what is wrong."
        )


def _works_on(places: Places, older: str, newer: str) -> bool:
    """Whether the older release's server works on a database that the newer one has brought to its own schema."""
    from_ = places.manifest(newer).get("schema_from") or places.manifest(newer).get("schema") or ""
    return str(places.manifest(older).get("schema") or "") >= str(from_)


def _remove(places: Places, version: str) -> None:
    """First it stops counting as installed, then it goes: half a removal is not half a release."""
    place = places.release(version)
    away = places.releases / f".{version}.gone"
    shutil.rmtree(away, ignore_errors=True)
    place.rename(away)
    shutil.rmtree(away, ignore_errors=True)


def _clear_leftovers(places: Places) -> None:
    if places.releases.is_dir():
        whole = set(places.installed())
        for left in places.releases.iterdir():
            if left.is_dir() and not left.is_symlink() and left.name not in whole:
                shutil.rmtree(left, ignore_errors=True)
