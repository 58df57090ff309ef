"""A short part of the fuzzing with every run, the same cases each time; the long one is `make fuzz` (docs/fuzzing.md)."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.fuzz.dice import Dice
from tests.fuzz.house import FuzzedHouse, fuzzed_house, grown, targets_of
from tests.fuzz.kiosk import KIOSK
from tests.fuzz.readers import READERS
from tests.fuzz.targets import Target, run

CASES = {"frames": 400, "kiosk-feed": 25, "kiosk-rows": 25, "codes": 15, "printer": 250, "tables": 250, "centre-file": 8, "answers": 6, "form-files": 40, "carried": 200, "pictures": 250, "packets": 250, "kiosk-whole": 2}  # fmt: skip
SERVER_CASES = {"routes": 300, "edges": 250, "sockets": 25, "bytes": 25}
SEED = 7


@pytest.mark.parametrize("target", [*READERS, KIOSK], ids=lambda target: target.name)
def test_a_reader_takes_whatever_comes(target: Target) -> None:
    logging.getLogger("pikepdf").setLevel(logging.CRITICAL)
    outcome = run(target, SEED, cases=CASES[target.name])
    assert outcome.faults == []
    assert outcome.cases == CASES[target.name]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FuzzedHouse]:
    with fuzzed_house(str(tmp_path_factory.mktemp("fuzzed"))) as running:
        yield running


def test_a_server_takes_whatever_comes_and_holds_no_more_than_before(house: FuzzedHouse) -> None:
    for target in targets_of(house):
        run(target, SEED + 1, cases=20)
    before = house.held()
    for target in targets_of(house):
        outcome = run(target, SEED, cases=SERVER_CASES[target.name])
        assert outcome.faults == [], outcome.said()
    assert grown(before, house.held()) == []
    assert house.statuses[200] > 20, "most of what is tried must get as far as a page"


def test_a_case_is_the_same_whenever_its_dice_are_thrown_again() -> None:
    assert [Dice("a", 1, 2).value() for _ in range(3)] == [Dice("a", 1, 2).value() for _ in range(3)]
    assert Dice("a", 1, 2).value() != Dice("a", 1, 3).value()


def test_a_fault_is_found_and_named() -> None:
    def breaks(dice: Dice) -> None:
        assert dice.random.random() < 0.9

    outcome = run(Target("breaks", breaks), SEED, cases=200)
    assert 0 < len(outcome.faults) <= 5
    number, trace = outcome.faults[0]
    assert "AssertionError" in trace
    assert run(Target("breaks", breaks), SEED, only=number).faults[0][0] == number
