"""Complaints and compliments: what may follow what, and by when, reckoned by hand over Christmas."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from server.domain.refusals import Refused
from server.domain.said import (
    ENDED,
    TABLE,
    Deed,
    Promise,
    after,
    answer_due,
    closed_on,
    deeds_from,
    due,
    is_late,
    next_due,
    working_days_after,
)
from wire.vocabulary import SaidKind, SaidState

CHRISTMAS = closed_on([(date(2026, 12, 25), date(2026, 12, 28)), (date(2027, 1, 1), date(2027, 1, 1))])


def never(_on: date) -> bool:
    return False


def test_a_complaint_of_a_wednesday_before_christmas_is_due_after_the_holidays() -> None:
    """Thu 24, Tue 29, Wed 30, Thu 31 December, Mon 4 January; and ten more."""
    found = due(SaidKind.COMPLAINT, date(2026, 12, 23), Promise(), CHRISTMAS)
    assert found.acknowledge_on == date(2027, 1, 4)
    assert found.answer_on == date(2027, 1, 18)


def test_what_comes_on_a_saturday_counts_from_monday() -> None:
    assert working_days_after(date(2026, 11, 21), 1, never) == date(2026, 11, 23)
    assert working_days_after(date(2026, 11, 20), 5, never) == date(2026, 11, 27)


def test_a_calendar_closed_for_good_ends_the_search() -> None:
    assert working_days_after(date(2026, 1, 1), 5, lambda _on: True) == date(2026, 1, 1) + timedelta(days=366)


def test_a_compliment_has_one_date_and_needs_no_acknowledgement() -> None:
    found = due(SaidKind.COMPLIMENT, date(2026, 11, 24), Promise(), never)
    assert (found.acknowledge_on, found.answer_on) == (None, date(2026, 12, 1))
    assert deeds_from(SaidState.RECEIVED, SaidKind.COMPLIMENT) == (Deed.PASS_ON, Deed.WITHDRAW)


@pytest.mark.parametrize(
    ("acknowledged_on", "expected"),
    [
        (date(2026, 11, 24), date(2026, 12, 8)),
        (date(2026, 12, 1), date(2026, 12, 15)),
        (date(2026, 12, 20), date(2026, 12, 15)),
    ],
    ids=["at once brings the answer forward", "in time", "late moves no promise"],
)
def test_the_answer_is_due_from_the_acknowledgement(acknowledged_on: date, expected: date) -> None:
    assert answer_due(acknowledged_on, date(2026, 12, 1), Promise(), never) == expected


def test_a_story_from_receipt_to_an_end_that_was_a_mistake() -> None:
    state = SaidState.RECEIVED
    for deed, leads in (
        (Deed.ACKNOWLEDGE, SaidState.ACKNOWLEDGED),
        (Deed.ANSWER, SaidState.ANSWERED),
        (Deed.REOPEN, SaidState.ACKNOWLEDGED),
        (Deed.PASS_ON, SaidState.PASSED_ON),
    ):
        state = after(state, deed)
        assert state is leads


@pytest.mark.parametrize("state", list(SaidState))
def test_every_step_that_is_not_in_the_table_is_refused(state: SaidState) -> None:
    for deed in Deed:
        if (state, deed) in TABLE:
            assert deed in deeds_from(state, SaidKind.COMPLAINT)
        else:
            with pytest.raises(Refused):
                after(state, deed)


def test_due_today_is_not_late_and_an_end_is_never() -> None:
    acknowledge, answer = date(2026, 12, 1), date(2026, 12, 15)

    def late(state: SaidState, today: date) -> bool:
        return is_late(state, acknowledge, answer, today)

    assert not late(SaidState.RECEIVED, acknowledge)
    assert late(SaidState.RECEIVED, acknowledge + timedelta(days=1))
    assert not late(SaidState.ACKNOWLEDGED, answer)
    assert late(SaidState.ACKNOWLEDGED, answer + timedelta(days=1))
    assert not any(late(state, date(2030, 1, 1)) for state in ENDED)
    assert next_due(SaidState.RECEIVED, acknowledge, answer) == acknowledge
    assert next_due(SaidState.ACKNOWLEDGED, acknowledge, answer) == answer
    assert next_due(SaidState.ANSWERED, acknowledge, answer) is None
