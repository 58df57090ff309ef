from __future__ import annotations

import random
import statistics
from math import exp

from server.domain.usual import DAY, HALF_LIFE_DAYS, usual_from, weight_of

NOW = 1_795_510_800_000_000


def test_what_was_seen_lately_weighs_more() -> None:
    assert weight_of(NOW, NOW) == 1
    assert weight_of(NOW - round(HALF_LIFE_DAYS * DAY), NOW) == 0.5
    assert weight_of(NOW + DAY, NOW) == 1, "a clock that was wrong does not make anything count more than now"
    old, new = [10.0] * 30, [20.0] * 30
    weights = [0.2] * 30 + [1.0] * 30
    assert 14 < usual_from(12, old + new).minutes < usual_from(12, old + new, weights).minutes < 20


def test_what_counts_for_little_leaves_the_files_figure_standing() -> None:
    assert usual_from(12, [40.0] * 5, [0.0] * 5).minutes == 12


def test_many_visits_seen_are_met_in_mean_and_spread() -> None:
    chance = random.Random(3)
    seen = [exp(chance.gauss(2.3, 0.6)) for _ in range(3000)]
    usual = usual_from(30, seen)
    assert abs(usual.minutes - statistics.fmean(seen)) < 0.5
    assert abs(usual.spread / statistics.stdev(seen) - 1) < 0.1


def test_one_visit_that_was_never_finished_moves_the_spread_no_more_than_the_mean() -> None:
    assert usual_from(12, [12] * 20 + [6000]).spread < 2 * usual_from(12, [12] * 20).spread


def test_no_usual_time_is_known_exactly_for_days_differ() -> None:
    assert usual_from(12, [12.0] * 100_000).doubt > 1
