"""The range told beside a share, against values worked out elsewhere; and runs of answers, against looking at every window by hand."""

from __future__ import annotations

import random

import pytest

from server.domain.rating import RUN_OF, RUN_WITHIN, Answer, interval, runs

MINUTE = 60_000_000


@pytest.mark.parametrize(
    ("satisfied", "answers", "low", "high"),
    [
        # Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_the_range_is_wilsons(satisfied: int, answers: int, low: float, high: float) -> None:
    found = interval(satisfied, answers)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_nobody_answered_and_a_hundred_thousand_did() -> None:
    assert interval(0, 0) is None
    found = interval(80_000, 100_000)
    assert found is not None
    assert 0.7975 < found.low < 0.8 < found.high < 0.8025


def by_hand(answers: list[Answer]) -> set[str]:
    """Every answer of which a window of five minutes of its door holds twelve or more in a row."""
    found: set[str] = set()
    for door in {each.door for each in answers}:
        theirs = sorted((each for each in answers if each.door == door), key=lambda each: (each.at, each.id))
        for place in range(len(theirs) - RUN_OF + 1):
            window = theirs[place : place + RUN_OF]
            if window[-1].at - window[0].at <= RUN_WITHIN:
                found |= {each.id for each in window}
    return found


@pytest.mark.parametrize("seed", range(25))
def test_runs_are_those_that_every_window_shows(seed: int) -> None:
    chance = random.Random(seed)
    answers = [
        Answer(
            f"{number:04}", round(chance.choice((600, 40)) * chance.random() * MINUTE), chance.choice("ab")
        )
        for number in range(chance.choice((5, 60, 200)))
    ]
    found = runs(answers)
    assert {each for run in found for each in run.ids} == by_hand(answers)
    times = {each.id: each.at for each in answers}
    for run in found:
        assert (run.first_at, run.last_at) == (times[run.ids[0]], times[run.ids[-1]])
    assert len([each for run in found for each in run.ids]) == len(
        {each for run in found for each in run.ids}
    )


def test_an_evening_on_which_everybody_leaves_is_no_run() -> None:
    """Eleven in five minutes by one door, and as many by the other."""
    leaving = [Answer(f"{door}{number}", number * 25_000_000, door) for number in range(11) for door in "ab"]
    assert runs(leaving) == []
    assert len(runs([*leaving, Answer("a11", 11 * 25_000_000, "a")])) == 1
