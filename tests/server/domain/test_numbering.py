from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.numbering import pick_letter
from server.domain.refusals import Refusal
from wire.codes import NIGHT_SECONDS, Given, next_number, read_code, write_code
from wire.vocabulary import CODE_LETTERS, RefusalCode

TUESDAY = date(2026, 11, 24)
WEDNESDAY = date(2026, 11, 25)
THURSDAY = date(2026, 11, 26)
YEARS_AHEAD = date(2039, 1, 1)
YEARS_BEHIND = date(2000, 1, 1)


def test_the_first_number_is_one() -> None:
    assert next_number(None, TUESDAY) == Given(1, TUESDAY)


def test_numbers_rise_within_a_day_and_restart_on_the_next() -> None:
    assert next_number(Given(7, TUESDAY), TUESDAY) == Given(8, TUESDAY)
    assert next_number(Given(7, TUESDAY), WEDNESDAY) == Given(1, WEDNESDAY)


@pytest.mark.parametrize("today", [YEARS_AHEAD, WEDNESDAY])
def test_an_unsure_clock_that_jumps_ahead_in_mid_day_does_not_restart_the_numbers(today: date) -> None:
    assert next_number(Given(7, TUESDAY), today, sure=False, idle_seconds=3600) == Given(8, today, sure=False)


def test_a_restarted_machine_with_an_unsure_clock_does_not_restart_the_numbers() -> None:
    assert next_number(Given(7, TUESDAY), WEDNESDAY, sure=False, idle_seconds=None).number == 8


@pytest.mark.parametrize("sure", [True, False])
def test_a_clock_that_goes_back_does_not_restart_the_numbers(sure: bool) -> None:
    assert next_number(Given(7, TUESDAY), YEARS_BEHIND, sure=sure, idle_seconds=None).number == 8


def test_back_and_forth_again_does_not_restart_the_numbers() -> None:
    back = next_number(Given(7, TUESDAY), YEARS_BEHIND, sure=False, idle_seconds=60)
    assert back == Given(8, TUESDAY, sure=False)
    assert next_number(back, TUESDAY, sure=True, idle_seconds=60) == Given(9, TUESDAY)


def test_offline_for_days_the_numbers_restart_after_each_night() -> None:
    assert next_number(
        Given(7, TUESDAY, sure=False), WEDNESDAY, sure=False, idle_seconds=NIGHT_SECONDS
    ) == Given(1, WEDNESDAY, sure=False)
    assert (
        next_number(Given(7, TUESDAY, sure=False), TUESDAY, sure=False, idle_seconds=NIGHT_SECONDS).number
        == 8
    )


def test_a_clock_put_right_by_the_server_goes_on_for_that_day_and_restarts_on_the_next() -> None:
    put_right = next_number(Given(7, YEARS_AHEAD, sure=False), TUESDAY, sure=True, idle_seconds=60)
    assert put_right == Given(8, TUESDAY, sure=True)
    assert next_number(put_right, WEDNESDAY, sure=True) == Given(1, WEDNESDAY)


def test_a_point_that_lost_its_journal_goes_on_from_what_the_server_knows() -> None:
    assert next_number(None, TUESDAY, known_to_server=41) == Given(42, TUESDAY)
    assert next_number(Given(3, TUESDAY), TUESDAY, known_to_server=41) == Given(42, TUESDAY)
    assert next_number(Given(50, TUESDAY), TUESDAY, known_to_server=41) == Given(51, TUESDAY)


OPENS_AT = time(9, tzinfo=UTC)
# Each step: seconds since the last ticket (None: a night), days the calendar is off, link up, reboot.
STEPS = st.lists(
    st.tuples(
        st.one_of(st.integers(1, 3600), st.none()),
        st.sampled_from([0, 0, 0, 1, -1, 400, -9000]),
        st.booleans(),
        st.sampled_from([False] * 9 + [True]),
    ),
    max_size=60,
)


@given(STEPS)
def test_no_code_repeats_within_a_real_day_whatever_the_kiosks_clock_does(
    steps: list[tuple[int | None, int, bool, bool]],
) -> None:
    """The kiosk sees only its lying calendar, its steady clock and, while it knows it, the server's time."""
    real = datetime.combine(TUESDAY, OPENS_AT)
    last: Given | None = None
    knows_truth = False
    seen: set[tuple[date, int]] = set()
    for passed, error_days, linked, reboot in steps:
        before = real
        real += timedelta(seconds=passed or 0)
        if passed is None or real.hour >= 20:
            real = datetime.combine(before.date() + timedelta(days=1), OPENS_AT)
        idle = None if reboot else (real - before).total_seconds()
        knows_truth = linked or (knows_truth and not reboot)
        today = real.date() if knows_truth else real.date() + timedelta(days=error_days)
        last = next_number(last, today, sure=knows_truth, idle_seconds=idle)
        assert (real.date(), last.number) not in seen
        seen.add((real.date(), last.number))


@given(st.integers(1, 99_999), st.sampled_from(CODE_LETTERS))
def test_a_code_read_is_the_code_written(number: int, letter: str) -> None:
    code = write_code(letter, number)
    assert len(code) >= 3
    assert read_code(code) == (letter, number)
    assert read_code(f" {code.lower()[0]} {code[1:]} ") == (letter, number)


@pytest.mark.parametrize(("number", "code"), [(7, "K07"), (99, "K99"), (100, "K100"), (12345, "K12345")])
def test_codes_have_two_digits_and_widen(number: int, code: str) -> None:
    assert write_code("K", number) == code


@pytest.mark.parametrize(
    "text", ["", "K", "07", "I07", "KK7", "K-7", "K0", "K00", "K²", "K٣", "K100000", "K" + "9" * 5000]
)
def test_what_is_no_code_is_read_as_none(text: str) -> None:
    assert read_code(text) is None


@pytest.mark.parametrize(("letter", "number"), [("I", 1), ("", 1), ("AB", 1), ("K", 0), ("K", 100_000)])
def test_what_cannot_be_a_code_is_not_written(letter: str, number: int) -> None:
    with pytest.raises(ValueError, match=r"code|letter"):
        write_code(letter, number)


def test_letters_are_given_in_order_without_those_taken_and_run_out_with_a_reason() -> None:
    assert pick_letter(set()) == "A"
    assert pick_letter({"A", "B", "D"}) == "C"
    refusal = pick_letter(set(CODE_LETTERS))
    assert isinstance(refusal, Refusal)
    assert refusal.code == RefusalCode.BUSY
