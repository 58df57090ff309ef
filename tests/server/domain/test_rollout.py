"""A release on its way over a fleet, told as stories: who gets it when, and what stops it."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.domain.rollout import (
    SILENT_AFTER,
    WATCHED,
    Course,
    Machine,
    Ring,
    Stands,
    Told,
    everywhere,
    halts,
    is_version,
    may_try_again,
    next_stage,
    not_yet,
    order,
    stands,
    tally,
    wanted,
)

EVENING = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
OLD, NEW = "1.3.0", "1.4.0"


class Fleet:
    """Four kiosks whose updaters tell what a story says, at a time it says."""

    def __init__(self) -> None:
        self.now = EVENING
        rings = {"door": Ring.FIRST, "hall": Ring.EARLY, "desk": Ring.ALL, "exit": Ring.ALL}
        self.by_name = {
            name: Machine(
                number, name, ring, OLD, OLD, Told.RUNNING, "", EVENING - timedelta(days=9), EVENING
            )
            for number, (name, ring) in enumerate(rings.items())
        }

    @property
    def all(self) -> list[Machine]:
        return list(self.by_name.values())

    def go(self, **span: float) -> None:
        self.now += timedelta(**span)

    def tells(self, name: str, state: Told, say: str = "", runs: str = OLD, version: str = NEW) -> None:
        told = {"state": state, "say": say, "runs": runs, "version": version}
        self.by_name[name] = replace(self.by_name[name], told_at=self.now, seen_at=self.now, **told)

    def heard(self, *names: str) -> None:
        for name in names:
            self.by_name[name] = replace(self.by_name[name], seen_at=self.now)

    def succeed(self, name: str) -> None:
        self.tells(name, Told.SWITCHING)
        self.go(minutes=2)
        self.tells(name, Told.RUNNING, runs=NEW)


def test_a_good_release_goes_ring_by_ring_and_only_so_far() -> None:
    fleet = Fleet()
    course = Course(NEW, Ring.FIRST, fleet.now)
    assert [name for name, one in fleet.by_name.items() if wanted(course, one)] == ["door"]
    assert not_yet(course, fleet.all, fleet.now).startswith("No device of this stage")
    fleet.go(minutes=1)
    fleet.succeed("door")
    assert not_yet(course, fleet.all, fleet.now) == ""
    assert next_stage(course) is Ring.EARLY
    course = replace(course, stage=Ring.EARLY, since=fleet.now)
    assert [name for name, one in fleet.by_name.items() if wanted(course, one)] == ["hall"]
    fleet.go(minutes=5)
    fleet.succeed("hall")
    course = replace(course, stage=Ring.ALL, since=fleet.now)
    assert [name for name, one in fleet.by_name.items() if wanted(course, one)] == ["desk", "exit"]
    assert next_stage(course) is None
    counted = tally(course, fleet.all, fleet.now)
    assert (counted[Ring.FIRST][Stands.DONE], counted[Ring.EARLY][Stands.DONE]) == (1, 1)
    assert counted[Ring.ALL][Stands.WAITING] == 2
    assert halts(course, fleet.all, fleet.now) == ""


def test_it_is_seen_to_work_in_each_ring_before_it_goes_on_and_is_over_when_all_run_it() -> None:
    fleet = Fleet()
    course = Course(NEW, Ring.EARLY, fleet.now)
    fleet.succeed("door")
    assert not_yet(course, fleet.all, fleet.now).startswith("No device of this stage")
    alone = [fleet.by_name["door"], fleet.by_name["desk"]]
    assert not_yet(course, alone, fleet.now) == "", "a ring without a device holds nobody up"
    fleet.succeed("hall")
    assert not_yet(course, fleet.all, fleet.now) == ""
    course = replace(course, stage=Ring.ALL)
    assert not everywhere(tally(course, fleet.all, fleet.now))
    for name in ("desk", "exit"):
        fleet.succeed(name)
    assert everywhere(tally(course, fleet.all, fleet.now))
    assert everywhere(tally(course, [*fleet.all, Machine(9, "old", Ring.ALL)], fleet.now))
    assert not everywhere(tally(course, [Machine(9, "old", Ring.ALL)], fleet.now))


def test_one_that_went_back_halts_it_and_a_person_lets_it_try_again() -> None:
    fleet = Fleet()
    course = Course(NEW, Ring.FIRST, fleet.now)
    fleet.go(minutes=3)
    fleet.tells("door", Told.FAILED, "the kiosk draws nothing")
    assert halts(course, fleet.all, fleet.now) == "It failed on door: the kiosk draws nothing"
    paused = replace(course, paused=True)
    assert wanted(paused, fleet.by_name["door"]) == ""
    assert halts(paused, fleet.all, fleet.now) == ""  # it halts once
    assert not may_try_again(course, fleet.by_name["door"])
    fleet.go(hours=1)
    resumed = replace(course, since=fleet.now)
    assert halts(resumed, fleet.all, fleet.now) == ""
    assert wanted(resumed, fleet.by_name["door"]) == NEW
    assert may_try_again(resumed, fleet.by_name["door"])
    assert "failed somewhere" in not_yet(resumed, fleet.all, fleet.now)


def test_one_that_never_comes_back_from_the_switch_halts_it() -> None:
    fleet = Fleet()
    course = Course(NEW, Ring.FIRST, fleet.now)
    fleet.go(minutes=1)
    fleet.tells("door", Told.SWITCHING)
    fleet.go(seconds=SILENT_AFTER.total_seconds())
    assert halts(course, fleet.all, fleet.now) == ""
    fleet.heard("door")  # the kiosk of the old release may still be heard; its updater said switching
    fleet.go(seconds=1)
    assert stands(course, fleet.by_name["door"], fleet.now) is Stands.SILENT
    assert "not been heard of" in halts(course, fleet.all, fleet.now)


def test_one_that_worked_for_an_hour_and_then_fell_silent_halts_it() -> None:
    fleet = Fleet()
    course = Course(NEW, Ring.FIRST, fleet.now)
    fleet.go(minutes=1)
    fleet.succeed("door")
    fleet.go(hours=1)
    fleet.heard("door")
    fleet.go(minutes=16)
    assert "not been heard of" in halts(course, fleet.all, fleet.now)


def test_one_that_is_switched_off_the_next_day_is_not_the_releases_fault() -> None:
    fleet = Fleet()
    course = Course(NEW, Ring.FIRST, fleet.now)
    fleet.go(minutes=1)
    fleet.succeed("door")
    fleet.go(seconds=WATCHED.total_seconds() + 60)
    fleet.heard("door")
    fleet.go(hours=9)
    assert halts(course, fleet.all, fleet.now) == ""
    assert stands(course, fleet.by_name["door"], fleet.now) is Stands.DONE


def test_one_that_was_off_all_along_is_waited_for_and_halts_nothing() -> None:
    fleet = Fleet()
    course = Course(NEW, Ring.ALL, fleet.now)
    fleet.go(days=3)
    assert stands(course, fleet.by_name["exit"], fleet.now) is Stands.WAITING
    assert halts(course, fleet.all, fleet.now) == ""


def test_one_without_an_updater_is_shown_and_holds_nobody_up() -> None:
    fleet = Fleet()
    course = Course(NEW, Ring.FIRST, fleet.now)
    fleet.by_name["door"] = Machine(0, "door", Ring.FIRST)
    assert stands(course, fleet.by_name["door"], fleet.now) is Stands.NO_UPDATER
    assert not_yet(course, fleet.all, fleet.now) == ""


def test_one_that_has_it_and_waits_for_the_night_is_not_counted_as_at_work() -> None:
    fleet = Fleet()
    course = Course(NEW, Ring.FIRST, fleet.now)
    for told, found in (
        (Told.FETCHING, Stands.UNDERWAY),
        (Told.READY, Stands.READY),
        (Told.SWITCHING, Stands.UNDERWAY),
    ):
        fleet.tells("door", told)
        assert stands(course, fleet.by_name["door"], fleet.now) is found
    assert stands(replace(course, version="1.5.0"), fleet.by_name["door"], fleet.now) is Stands.WAITING


def test_a_power_cut_is_not_a_failure() -> None:
    fleet = Fleet()
    course = Course(NEW, Ring.FIRST, fleet.now)
    fleet.go(minutes=1)
    fleet.tells("door", Told.INTERRUPTED)
    assert halts(course, fleet.all, fleet.now) == ""
    assert stands(course, fleet.by_name["door"], fleet.now) is Stands.WAITING


def test_what_failed_another_release_says_nothing_of_this_one() -> None:
    fleet = Fleet()
    fleet.go(minutes=1)
    fleet.tells("door", Told.FAILED, "it hung", version="1.3.9")
    course = Course(NEW, Ring.FIRST, EVENING)
    assert halts(course, fleet.all, fleet.now) == ""
    assert wanted(course, fleet.by_name["door"]) == NEW


NAMES = ["0.9.0", "1.0.0.dev2.g1234567", "1.0.0.dev10.gabcdef123", "1.0.0", "1.0.1", "1.2", "1.10.0", "2.0"]


def test_names_are_ordered_and_others_are_none() -> None:
    shuffled = [*NAMES[1::2], *NAMES[::2]]
    assert sorted(shuffled, key=order) == NAMES
    for name in ("", "1", "v1.0", "1.0/../..", "1.0.0.dev", "1.0 ", "../1.0", "1.0.0-rc1", "9" * 41 + ".1"):
        assert not is_version(name), name


@pytest.fixture
def on_the_machine(monkeypatch: pytest.MonkeyPatch) -> object:
    place = Path("deploy/raspberrypi/release/versions.py")
    spec = importlib.util.spec_from_file_location("machine_versions", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "machine_versions", module)
    spec.loader.exec_module(module)
    return module


def test_machines_and_server_name_and_order_releases_alike(on_the_machine: object) -> None:
    for name in [*NAMES, "v1", "1.0.0.dev3", "../1.0", ""]:
        assert on_the_machine.is_version(name) == is_version(name), name  # type: ignore[attr-defined]  # loaded by path
    for name in [*NAMES, "1.0.0.dev3"]:
        assert on_the_machine.order(name) == order(name), name  # type: ignore[attr-defined]  # loaded by path
