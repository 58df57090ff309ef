"""The updater: from what the server wants this machine to have to a machine that has it, or that stays as it was and says why.

Fetching, checking and installing harm nobody and are done at any time; only the switch waits until the centre is closed (the server says so, and
is asked again just before) and nobody stands at the kiosk. The server chooses among releases; whether one is believed is decided here, by
signature and lower bound. A release that failed is not tried again until a person said so. A power cut during the switch is no fault of the release: it is
tried once more, and counts as a failure the second time.

Every run begins from what is there and can be cut off anywhere: half a file is gone on with, an installed release is not installed again, and
what could not be told is told by the next run. That the card is full, or fails, is told too: nobody reads this machine's own journal.
"""

from __future__ import annotations

import fcntl
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from asking import Line, NoLine, line_of
from bundle import check_digest
from installing import SPARE_BYTES, install, refuse_older
from places import Places, read_others
from refusal import Broken, Busy, NoRoom, Refused, Unhealthy, Untrusted, full, of_the_card
from steps import passed
from switching import Patience, prune, switch
from trust import check
from versions import is_version

MOST_INTERRUPTIONS = 2
BUSY_SECONDS = 300
"""So long a visitor who stands at the kiosk is waited for. The next run tries again."""


def update(places: Places, patience: Patience) -> str:
    line = line_of(places)
    try:
        places.cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (places.opt / ".update-lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Busy("An update is at work on this machine.") from error
            return _update(places, line, patience)
    except OSError as error:
        card = of_the_card(error)
        if card is None:
            raise
        with suppress(NoLine):
            wanted = str(_wanted(line.wanted(places.pointed(places.current) or "")).get("version", ""))
            if is_version(wanted):
                _tell(places, line, wanted, "failed", str(card))
        raise card from error


def _update(places: Places, line: Line, patience: Patience) -> str:
    current = places.pointed(places.current) or ""
    asked = line.wanted(current)
    wanted = _wanted(asked)
    version = str(wanted.get("version", ""))
    if not wanted or version == current:
        return _at_rest(places, line, current)
    if not is_version(version):
        raise Refused("The server wants something that is not the name of a release.")
    why_not = _given_up(places, version, bool(wanted.get("again")))
    if why_not:
        _tell(places, line, version, "failed", why_not)
        return f"{version} is not tried again: {why_not}"
    try:
        _bring(places, line, wanted, version)
    except (Untrusted, NoRoom, Unhealthy) as refusal:
        _tell(places, line, version, "failed", str(refusal))
        raise
    except Broken:
        raise
    except Refused as refusal:
        if not isinstance(refusal, (NoLine, Busy)):
            _tell(places, line, version, "failed", str(refusal))
        raise
    return _switch_when_closed(places, line, version, patience)


def _wanted(asked: dict[str, Any]) -> dict[str, Any]:
    found = asked.get("wanted")
    return found if isinstance(found, dict) else {}


def _at_rest(places: Places, line: Line, current: str) -> str:
    """Nothing is wanted. A failure stays told until something else happened; everything else is: it runs."""
    last = places.state().get("told") or {}
    if last.get("state") == "failed" and last.get("version") != current:
        line.tell(current, str(last["version"]), "failed", str(last.get("say", "")))
        return f"{current} runs. {last['version']} was tried and given up."
    _tell(places, line, current, "running", "")
    _clear(places, keep="")
    return f"{current or 'No release'} runs, as it shall."


def _given_up(places: Places, version: str, again: bool) -> str:
    failed = dict(places.state().get("failed") or {})
    noted: dict[str, Any] = failed.get(version) or {}
    if not noted:
        return ""
    if again:
        del failed[version]
        places.remember(failed=failed or None)
        return ""
    if noted.get("kind") == "interrupted" and int(noted.get("tries", 1)) < MOST_INTERRUPTIONS:
        return ""
    return str(noted.get("why", "it did not work"))


def _bring(places: Places, line: Line, wanted: dict[str, Any], version: str) -> None:
    """Here, checked and installed beside what runs."""
    if version in places.installed():
        return
    _tell(places, line, version, "fetching", "")
    _clear(places, keep=version)
    place = places.cache / f"foyer-{version}.tar.gz"
    signature = place.with_name(f"{place.name}.sig")
    line.signature(version, signature)
    statement = check(places, signature, datetime.now(UTC))
    if statement.version != version or statement.sha256 != wanted.get("sha256"):
        raise Untrusted(f"The server's signature for {version} is that of another file.")
    # The server may want what ran before, but nothing below the bound: not a byte of that is fetched.
    refuse_older(places, version, older=True)
    part = place.with_name(f"{place.name}.part")
    have = sum(one.stat().st_size for one in (place, part) if one.exists())
    need = 2 * statement.size - have + SPARE_BYTES  # what lies packed is unpacked beside
    if places.room() < need:
        prune(places, keep=0)
    if places.room() < need:
        raise full(f": {version} needs {need // 2**20} MB and more, and {places.room() // 2**20} MB are free")
    passed("asked")
    if not place.exists():
        line.fetch(statement, part)
        passed("fetched")
        try:
            check_digest(part, statement)
        except Untrusted:
            part.unlink()  # whatever it is, nothing of it is worth keeping
            raise
        part.rename(place)
    install(places, place, datetime.now(UTC), older=True)
    _clear(places, keep="")


def _switch_when_closed(places: Places, line: Line, version: str, patience: Patience) -> str:
    asked = line.wanted(places.pointed(places.current) or "")
    if _wanted(asked).get("version") != version:
        return f"{version} is installed; the server does not want it just now."
    if not asked.get("may_switch"):
        _tell(places, line, version, "ready", "It waits until the centre is closed.")
        return f"{version} is installed and waits until the centre is closed."
    if not _left_alone(places):
        _tell(places, line, version, "ready", "A visitor stands at the kiosk.")
        return f"{version} is installed; a visitor stands at the kiosk."
    _tell(places, line, version, "switching", "")
    passed("told")
    try:
        said = switch(places, version, patience, older=True)
    except Refused as refusal:
        _tell(places, line, version, "failed", str(refusal))
        raise
    _tell(places, line, version, "running", "")
    prune(places)
    return said


def _left_alone(places: Places) -> bool:
    end = time.monotonic() + BUSY_SECONDS
    place = places.root / "run/foyer-kiosk/health.json"
    while True:
        if not read_others(place).get("busy"):
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(5)


def _tell(places: Places, line: Line, version: str, state: str, say: str) -> None:
    """Noted here first: what does not get through now is known to the next run."""
    told = {"version": version, "state": state, "say": say}
    try:
        if places.state().get("told") != told:  # every ten minutes the same is no reason to write on a card
            places.remember(told=told)
    except OSError:
        if state != "failed":  # that the card is full is told also where it cannot be noted for that
            raise
    try:
        line.tell(places.pointed(places.current) or "", version, state, say)
    except NoLine:
        if state == "switching":
            raise  # nobody would know where this machine is


def _clear(places: Places, keep: str) -> None:
    for left in places.cache.glob("foyer-*.tar.gz*"):
        if not keep or not left.name.startswith(f"foyer-{keep}.tar.gz"):
            left.unlink(missing_ok=True)
