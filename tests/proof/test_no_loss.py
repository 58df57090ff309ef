"""`kill -9` of the server under load, and of the kiosk between touch and paper: nothing acknowledged is lost, nothing comes twice."""

from pathlib import Path

import pytest

from benchmarks import kiosk_kills, no_loss
from tests.proof.sizes import TIMES, times

pytestmark = pytest.mark.system

SLOW_MACHINE_SECONDS = 20
"""A machine much slower than ours kills less often rather than for longer."""


def test_nothing_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    tally = no_loss.run(times(150), SLOW_MACHINE_SECONDS * TIMES, tmp_path)
    print(tally.lines("server"))
    assert (tally.lost, tally.duplicates, tally.gaps, tally.strangers) == (0, 0, 0, 0)
    assert tally.kills >= 10
    assert tally.acknowledged > tally.kills  # it was under load, not idle


def test_the_same_test_finds_a_server_that_answers_before_it_commits(tmp_path: Path) -> None:
    tally = no_loss.run(12, 20, tmp_path, program="tests.proof.hasty")
    print(tally.lines("server"))
    assert tally.lost > 0


def test_nothing_is_lost_when_the_kiosk_is_killed_between_touch_and_paper(tmp_path: Path) -> None:
    tally = kiosk_kills.run(times(40), 20 * TIMES, tmp_path)
    print(tally.lines("kiosk"))
    assert (tally.lost, tally.duplicates, tally.gaps, tally.strangers) == (0, 0, 0, 0)
    assert tally.kills >= 10
    assert tally.acknowledged >= tally.kills // 5  # a slow machine is often killed before the paper
