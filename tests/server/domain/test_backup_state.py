"""When backups are a trouble, and which of them are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.backup_state import BackupState, verdict
from server.domain.keeping_backups import USUAL, Keep, read_keep, to_keep
from server.domain.troubles import Level

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def state(
    made: timedelta | None = HOUR,
    *,
    began: timedelta = DAY,
    unchecked: str = "",
    failed: timedelta | None = None,
) -> BackupState:
    return BackupState(
        last_made_at=None if made is None else NOW - made,
        last_checked_at=None,
        unchecked_say=unchecked,
        failed_at=None if failed is None else NOW - failed,
        failed_say="The disk is full." if failed is not None else "",
        running_since=None,
        kept=1,
        oldest_at=None,
        size=1,
        began_at=NOW - began,
    )


@pytest.mark.parametrize(
    ("found", "keys", "old", "level"),
    [
        (state(), True, True, Level.FINE),
        (state(2 * HOUR, failed=HOUR), True, True, Level.FINE),
        (state(3 * HOUR), True, True, Level.WORTH_KNOWING),
        (state(27 * HOUR), True, True, Level.WRONG),
        (state(None, began=HOUR), True, False, Level.UNKNOWN),
        (state(None, began=3 * HOUR), True, False, Level.WORTH_KNOWING),
        (state(None, began=2 * DAY), True, True, Level.WRONG),
        (state(unchecked="foyer may not make databases."), True, True, Level.WORTH_KNOWING),
        (state(), False, True, Level.WRONG),
        (state(), False, False, Level.WORTH_KNOWING),
    ],
)
def test_late_missing_and_unchecked_backups_are_told(
    found: BackupState, keys: bool, old: bool, level: Level
) -> None:
    told = verdict(found, NOW, HOUR, keys=keys, old=old)
    assert told.level is level
    assert bool(told.act) is told.troubles


def test_a_late_one_says_why_the_last_attempt_failed() -> None:
    assert "The disk is full." in verdict(state(4 * HOUR, failed=HOUR), NOW, HOUR, keys=True, old=True).say


def kept(ages: list[timedelta], keep: Keep = USUAL) -> list[timedelta]:
    made = {age: NOW - age for age in ages}
    return sorted(to_keep(made, NOW, keep))


def test_the_last_hours_days_and_weeks_are_kept_and_nothing_is_older_than_said() -> None:
    every_hour = [HOUR * number for number in range(24 * 60)]
    stays = kept(every_hour)
    assert stays[:24] == every_hour[:24]
    assert len(stays) <= 24 + 14 + 5
    assert {(NOW - age).date() for age in stays} >= {(NOW - DAY * number).date() for number in range(14)}
    assert {(NOW - age).isocalendar()[1] for age in stays} == {43, 44, 45, 46, 47, 48} - {43}
    assert max(stays) <= DAY * USUAL.most_days


def test_a_house_that_was_off_for_long_keeps_its_newest_though_it_is_too_old() -> None:
    assert kept([DAY * 100, DAY * 90]) == [DAY * 90]
    assert kept([DAY * 20, DAY * 21]) == [DAY * 20, DAY * 21], "the last days in which there was one"


def test_months_are_kept_where_the_council_says_so() -> None:
    yearly = Keep(0, 0, 0, 12, 400)
    assert len(kept([DAY * number for number in range(500)], yearly)) == 13 - 1
    assert kept([HOUR, DAY * 3], Keep(0, 0, 0, 0, 35)) == [HOUR]


@given(st.lists(st.integers(0, 100 * 24 * 60), unique=True, max_size=60))
def test_what_is_kept_now_is_not_missed_later(minutes: list[int]) -> None:
    """Rotated at every backup, or once at the end, the newest is always there and nothing outlives its time."""
    ages = [timedelta(minutes=each) for each in minutes]
    stays = kept(ages)
    assert stays[:1] == sorted(ages)[:1]
    assert all(age <= DAY * 35 for age in stays[1:])
    assert kept(stays) == stays


def test_a_rule_that_cannot_be_read_is_said() -> None:
    assert read_keep("24 14 8 12", 400) == Keep(24, 14, 8, 12, 400)
    with pytest.raises(ValueError, match="such as 24 14 5 0"):
        read_keep("daily", 35)
