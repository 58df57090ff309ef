"""A kiosk's clock may be years off, and every age must still be right or at least possible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.clocks import LONGEST_AGE_MS, MachineClocks, Told, age_ms, moment
from tests.kiosk.clockwork import DAY, HOUR, TUESDAY_TEN, HandClocks

YEARS = 30 * 365 * DAY


def told(clocks: HandClocks) -> Told:
    return Told(clocks.true, clocks.steady(), clocks.boot, clocks.wall())


@pytest.mark.parametrize("off", [0, -YEARS, YEARS])
def test_what_the_server_told_is_carried_on_by_the_steady_clock(off: int) -> None:
    clocks = HandClocks(off=off)
    heard = told(clocks)
    clocks.go(3 * HOUR)
    clocks.off += 5 * DAY  # somebody sets the calendar meanwhile
    now = moment(clocks, heard)
    assert (now.now, now.sure) == (clocks.true, True)


def test_after_a_reboot_the_calendars_offset_is_remembered_and_the_time_is_not_sure() -> None:
    clocks = HandClocks(off=-YEARS)
    heard = told(clocks)
    clocks.reboot(took=HOUR)
    now = moment(clocks, heard)
    assert (now.now, now.sure) == (clocks.true, False)


@pytest.mark.parametrize("jump", [-YEARS, -1, 0, YEARS])
def test_an_age_within_one_run_is_right_whatever_the_calendar_does(jump: int) -> None:
    clocks = HandClocks()
    then = moment(clocks, None)
    clocks.go(2 * HOUR)
    clocks.off += jump
    assert age_ms(then, moment(clocks, None)) == 2 * HOUR


def test_an_age_across_a_reboot_is_right_when_both_times_are_sure() -> None:
    clocks = HandClocks(off=-YEARS)
    then = moment(clocks, told(clocks))
    clocks.go(HOUR)
    clocks.reboot(took=HOUR, off=YEARS)
    assert age_ms(then, moment(clocks, told(clocks))) == 2 * HOUR


def test_an_age_across_a_reboot_by_the_calendar_alone() -> None:
    clocks = HandClocks(off=-YEARS)
    then = moment(clocks, None)
    clocks.reboot(took=HOUR)
    assert age_ms(then, moment(clocks, told(clocks))) == HOUR


@pytest.mark.parametrize("off", [-YEARS, YEARS])
def test_an_impossible_age_is_at_least_as_long_as_this_run(off: int) -> None:
    clocks = HandClocks()
    then = moment(clocks, None)
    clocks.reboot(off=off)
    clocks.go(HOUR)
    assert age_ms(then, moment(clocks, told(clocks))) == HOUR + 5_000


@given(
    true=st.integers(0, 2**42), later=st.integers(0, 2**38), off=st.integers(-(2**43), 2**43), boots=st.booleans(),
    heard=st.booleans(),
)  # fmt: skip
def test_an_age_is_never_negative_nor_longer_than_the_wire_allows(
    true: int, later: int, off: int, boots: bool, heard: bool
) -> None:
    clocks = HandClocks(true=true, booted=true - HOUR)
    then = moment(clocks, told(clocks) if heard else None)
    clocks.go(later)
    if boots:
        clocks.reboot(off=off)
    assert 0 <= age_ms(then, moment(clocks, None)) <= LONGEST_AGE_MS


def test_the_machines_own_clocks_move() -> None:
    clocks = MachineClocks()
    assert clocks.boot == MachineClocks().boot
    assert clocks.steady() <= clocks.steady()
    assert clocks.wall() > TUESDAY_TEN - 10 * YEARS
