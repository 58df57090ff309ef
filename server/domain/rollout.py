"""How a release goes over the fleet: who gets it when, how each machine stands, and when the whole stops by itself.

A machine belongs to a ring. A rollout begins with the `first`, a person sends it on to the `early` ones and then to `all`, and it stays open afterwards,
so that a machine which was away, or is new, comes to the same release. It halts by itself on the first machine that says the release failed
it, and on the first that was switching, or had just switched, and is not heard of any more: of those two the second is the worse, because
nobody can ask it why. After a person sent it on again (`since`), what was said before counts no more. A machine that never asked for a
release has no updater; it is shown, and waited for by nobody.

The name of a release is compared as the machines compare it (`deploy/raspberrypi/release/versions.py`); a test holds the two together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SILENT_AFTER = timedelta(minutes=15)
"""A switch takes three minutes at most, and a machine then comes back or goes back."""
WATCHED = timedelta(hours=2)
"""For so long after it switched, a machine's silence is laid at the release's door."""
QUIET = timedelta(minutes=20)
"""A centre must stay closed for at least so long for a machine to begin."""

_SHAPE = re.compile(r"(\d{1,4}(?:\.\d{1,4}){1,3})(?:\.dev(\d{1,7})(?:\.g([0-9a-f]{7,12}))?)?")


def is_version(text: str) -> bool:
    return len(text) <= 40 and _SHAPE.fullmatch(text) is not None


def order(version: str) -> tuple[tuple[int, ...], int]:
    """A key to sort releases by: newer is greater. What is no release's name comes before all."""
    match = _SHAPE.fullmatch(version)
    if match is None or len(version) > 40:
        return (), -1
    numbers = [int(part) for part in match[1].split(".")]
    return tuple(numbers + [0] * (4 - len(numbers))), int(match[2]) if match[2] is not None else 10**8


class Ring(StrEnum):
    FIRST = "first"
    EARLY = "early"
    ALL = "all"


RINGS = tuple(Ring)


class Told(StrEnum):
    """What a machine says it is at with a release."""

    RESTING = "resting"
    FETCHING = "fetching"
    READY = "ready"
    """It has it and waits until the centre is closed."""
    SWITCHING = "switching"
    RUNNING = "running"
    FAILED = "failed"
    """It went back to the release before, or never got there."""
    INTERRUPTED = "interrupted"
    """Its power failed while it switched; it went back and will try once more."""


class Stands(StrEnum):
    DONE = "done"
    UNDERWAY = "underway"
    READY = "ready"
    """It has the release, and waits until it may switch."""
    WAITING = "waiting"
    """It was not heard to have begun."""
    FAILED = "failed"
    SILENT = "silent"
    NO_UPDATER = "no updater"


@dataclass(frozen=True)
class Machine:
    """A device, and what its updater last told: the release that runs, the one it is at, how that goes, and when."""

    id: int
    name: str
    ring: Ring
    runs: str = ""
    version: str = ""
    state: Told | None = None
    say: str = ""
    told_at: datetime | None = None
    seen_at: datetime | None = None

    @property
    def heard_at(self) -> datetime | None:
        return max((at for at in (self.told_at, self.seen_at) if at is not None), default=None)


@dataclass(frozen=True)
class Course:
    """A rollout as it stands: the release, how far it may go, and since when (begun, or sent on by a person)."""

    version: str
    stage: Ring
    since: datetime
    paused: bool = False


def reaches(course: Course, ring: Ring) -> bool:
    return RINGS.index(ring) <= RINGS.index(course.stage)


def wanted(course: Course | None, machine: Machine) -> str:
    """The release this machine shall have; empty: the one it has."""
    if course is None or course.paused or not reaches(course, machine.ring) or machine.runs == course.version:
        return ""
    return course.version


def may_try_again(course: Course, machine: Machine) -> bool:
    """A release that failed here is tried again only after a person sent the rollout on since."""
    failed = machine.version == course.version and machine.state in (Told.FAILED, Told.INTERRUPTED)
    return failed and machine.told_at is not None and machine.told_at < course.since


def stands(course: Course, machine: Machine, now: datetime) -> Stands:
    if machine.told_at is None:
        return Stands.NO_UPDATER
    here = machine.version == course.version
    if here and machine.state is Told.FAILED:
        return Stands.FAILED
    if _fell_silent(course, machine, now):
        return Stands.SILENT
    if machine.runs == course.version:
        return Stands.DONE
    if here and machine.state is Told.READY:
        return Stands.READY
    busy = machine.state in (Told.FETCHING, Told.SWITCHING)
    return Stands.UNDERWAY if here and busy else Stands.WAITING


def _fell_silent(course: Course, machine: Machine, now: datetime) -> bool:
    if machine.version != course.version or machine.told_at is None:
        return False
    if machine.state is Told.SWITCHING:
        # Its kiosk may still be heard from the release before: what counts is the updater's own word.
        return now - machine.told_at > SILENT_AFTER
    heard = machine.heard_at or machine.told_at
    just_switched = machine.state is Told.RUNNING and heard - machine.told_at <= WATCHED
    return just_switched and now - machine.told_at <= WATCHED + SILENT_AFTER and now - heard > SILENT_AFTER


def halts(course: Course, machines: Iterable[Machine], now: datetime) -> str:
    """Why the rollout must stop by itself, in a sentence; empty when it may go on."""
    if course.paused:
        return ""
    for machine in machines:
        if machine.told_at is None or machine.told_at < course.since:
            continue
        how = stands(course, machine, now)
        if how is Stands.FAILED:
            return f"It failed on {machine.name}: {machine.say or 'it did not work there'}"
        if how is Stands.SILENT:
            return f"{machine.name} has not been heard of since it switched to {course.version}."
    return ""


def tally(course: Course, machines: Iterable[Machine], now: datetime) -> dict[Ring, Counter[Stands]]:
    """How many machines of each ring stand how."""
    counted: dict[Ring, Counter[Stands]] = {ring: Counter() for ring in RINGS}
    for machine in machines:
        counted[machine.ring][stands(course, machine, now)] += 1
    return counted


def next_stage(course: Course) -> Ring | None:
    place = RINGS.index(course.stage) + 1
    return RINGS[place] if place < len(RINGS) else None


def everywhere(counted: dict[Ring, Counter[Stands]]) -> bool:
    """Whether every machine that has an updater runs it, and there is one."""
    every: Counter[Stands] = sum(counted.values(), Counter())
    return every[Stands.DONE] > 0 and sum(every.values()) == every[Stands.DONE] + every[Stands.NO_UPDATER]


def not_yet(course: Course, machines: Iterable[Machine], now: datetime) -> str:
    """Why it cannot be sent on to the next ring now; empty when it can. A ring that is empty holds nobody up."""
    counted = tally(course, machines, now)
    reached = [one for ring, one in counted.items() if reaches(course, ring)]
    if any(one[Stands.FAILED] + one[Stands.SILENT] for one in reached):
        return "It failed somewhere. Find out why first; then go on, or end the rollout."
    here = counted[course.stage]
    if sum(here.values()) > here[Stands.NO_UPDATER] and not here[Stands.DONE]:
        return "No device of this stage runs it yet. Wait for one at least, to see it work."
    return ""
