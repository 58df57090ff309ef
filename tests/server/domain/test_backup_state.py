"""When backups are a trouble."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.domain.backup_state import BackupState, verdict
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
        (replace(state(), vanished_at=NOW - HOUR), True, True, Level.WORTH_KNOWING),
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


def test_where_all_are_gone_it_is_not_said_that_none_was_made_yet() -> None:
    gone = replace(state(None, began=2 * DAY), vanished_at=NOW - HOUR)
    assert "any more" in verdict(gone, NOW, HOUR, keys=True, old=True).say


def test_a_late_one_says_why_the_last_attempt_failed() -> None:
    assert "The disk is full." in verdict(state(4 * HOUR, failed=HOUR), NOW, HOUR, keys=True, old=True).say
