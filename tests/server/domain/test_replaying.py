"""A day played through again: against hand-made days, against Erlang for a steady queue, and by the rule of the floor."""

from __future__ import annotations

import random
from itertools import count
from statistics import mean
from typing import Any

import pytest

from server.domain import erlang
from server.domain.replaying import Came, Day, Desk, replay, turnaround, with_patience
from server.domain.selection import HOLD
from wire.vocabulary import TicketClass

MINUTE = 60_000_000
TAX, HOUSING = 1, 2
BOTH = frozenset({TAX, HOUSING})
_number = count(1)


def came(at: float, takes: float = 10, service: int = TAX, **more: Any) -> Came:
    number = f"{next(_number):06d}"
    here = round(at * MINUTE)
    values: dict[str, Any] = {
        "ticket": number,
        "visit": f"v{number}",
        "service": service,
        "ticket_class": TicketClass.ORDINARY,
        "here_at": here,
        "counts_from": here,
        "takes": round(takes * MINUTE),
        "wait_from": here,
    }
    return Came(**{**values, **more})


def desk(begins: float, ends: float, services: frozenset[int] = BOTH, **more: Any) -> Desk:
    return Desk(services, ((round(begins * MINUTE), round(ends * MINUTE)),), **more)


def called(day: list[Came], desks: list[Desk], between: float = 0) -> list[float | None]:
    """The minute at which each was called."""
    found = replay(Day(tuple(day), round(between * MINUTE)), desks).called
    return [None if each.at is None else each.at / MINUTE for each in found]


def test_one_desk_sees_one_after_the_other_and_takes_its_time_between() -> None:
    day = [came(0), came(1), came(2), came(60)]
    assert called(day, [desk(0, 480)]) == [0, 10, 20, 60]
    assert called(day, [desk(0, 480)], between=2) == [0, 12, 24, 60]


def test_a_desk_more_is_a_wait_less() -> None:
    day = [came(0), came(1), came(2)]
    assert called(day, [desk(0, 480), desk(0, 480)]) == [0, 1, 10]
    assert called(day, [desk(0, 480), desk(5, 480)]) == [0, 5, 10]


def test_who_is_kept_waiting_too_long_leaves_and_is_seen_if_it_is_sooner() -> None:
    day = [came(0, 30), came(1, gone_at=20 * MINUTE), came(2)]
    assert called(day, [desk(0, 480)]) == [0, None, 30]
    assert called(day, [desk(0, 480), desk(15, 480)]) == [0, 15, 25]


def test_a_desk_calls_only_for_what_it_serves_and_only_while_it_is_open() -> None:
    day = [came(0, service=HOUSING), came(1), came(50)]
    assert called(day, [desk(0, 40, frozenset({TAX}))]) == [None, 1, None]


def test_who_stays_sees_everybody_who_came() -> None:
    day = [came(0, 30), came(1, 30), came(2, 30)]
    assert called(day, [desk(0, 20)]) == [0, None, None]
    played = replay(Day(tuple(day)), [desk(0, 20, stays=True)])
    assert [each.at for each in played.called] == [0, 30 * MINUTE, 60 * MINUTE]
    assert (played.busy, played.open) == ((90 * MINUTE,), (90 * MINUTE,))  # staying on counts as open


def test_a_break_begins_when_the_visitor_has_gone_and_is_as_long_as_it_was() -> None:
    lunch = ((10 * MINUTE, 40 * MINUTE),)
    assert called([came(5), came(6)], [desk(0, 480, breaks=lunch)]) == [5, 45]
    assert called([came(20), came(21)], [desk(0, 480, breaks=lunch)]) == [40, 50]


def test_urgent_goes_before_who_came_earlier_as_on_the_floor() -> None:
    day = [came(0, 30), came(1), came(10, ticket_class=TicketClass.URGENT)]
    assert called(day, [desk(0, 480)]) == [0, 40, 30]


def test_who_is_passed_on_waits_again_from_the_end_of_the_first() -> None:
    first = came(0, 10)
    onward = came(0, 20, HOUSING, follows=first.ticket, visit=first.visit, wait_from=None)
    tax, housing = desk(0, 480, frozenset({TAX})), desk(0, 480, frozenset({HOUSING}))
    assert called([first, onward, came(12, 5, HOUSING)], [tax, housing]) == [0, 10, 30]


def test_nobody_is_at_two_desks_at_once() -> None:
    day = [came(0, 10, TAX, visit="one"), came(0, 10, HOUSING, visit="one")]
    assert called(day, [desk(0, 480), desk(0, 480)]) == [0, 10]


def test_who_asked_for_somebody_is_kept_for_them_for_a_while_only() -> None:
    signs = desk(0, 480, skills=frozenset({"sign_language"}))
    day = [came(0, 60), came(1, 60), came(2, wants="sign_language")]
    asked = [came(0, 120, for_counter=7), came(2, wants="sign_language")]
    assert called(day, [desk(0, 480)]) == [0, 60, 120]  # nobody there signs: not kept
    two = [signs._replace(counter=7), desk(0, 480, counter=8)]
    assert called(asked, two) == [0, 2 + HOLD / MINUTE]


def test_a_direction_to_a_desk_that_is_not_there_holds_nobody_up() -> None:
    assert called([came(0, for_counter=9)], [desk(0, 480, counter=8)]) == [0]


def test_between_two_visitors_is_measured_only_where_the_next_was_there() -> None:
    minutes = [(0, 10, 0), (12, 20, 5), (22, 30, 5), (32, 40, 5), (42, 50, 5), (52, 60, 5), (90, 99, 88)]
    calls = [(1, a * MINUTE, b * MINUTE, since * MINUTE) for a, b, since in minutes]
    assert turnaround(calls) == 2 * MINUTE
    assert turnaround(calls[:3]) == 0  # two are too few to tell
    lunch = desk(0, 480, counter=1, breaks=((21 * MINUTE, 22 * MINUTE),))
    assert turnaround(calls, [lunch]) == 0  # four are left


def test_who_was_called_would_have_left_as_those_did_who_were_not() -> None:
    """Half of a thousand would leave after 30 minutes, half after 60. Those called after 10 tell nothing of it, those called after 40 are of the second half."""
    day = [came(0, gone_at=30 * MINUTE) for _ in range(300)] + [
        came(0, gone_at=60 * MINUTE) for _ in range(300)
    ]
    soon = [came(0, called_at=10 * MINUTE) for _ in range(400)]
    later = [came(0, called_at=40 * MINUTE) for _ in range(100)]
    (known,) = with_patience([Day((*day, *soon, *later))])
    of = {each.ticket: each.gone_at for each in known.came}
    assert [of[each.ticket] for each in day] == [each.gone_at for each in day]
    left_first = sum(of[each.ticket] == 30 * MINUTE for each in soon)
    assert left_first / 400 == pytest.approx(
        300 / 700, abs=0.07
    )  # of 700 who were there at 30 minutes, 300 left
    assert {of[each.ticket] for each in later} == {60 * MINUTE}
    assert with_patience([Day((*day, *soon, *later))]) == [known]
    alone = Day(tuple(soon))
    assert with_patience([alone]) == [alone]  # nobody left, so nobody is known to leave


@pytest.mark.parametrize("seed", [1, 2])
def test_a_steady_queue_has_the_waits_that_erlang_says(seed: int) -> None:
    """M/M/5 at 80%: 12,000 visitors in 12 batches; the formula lies within what the batches leave open (three standard errors)."""
    chance = random.Random(seed)
    rate, service, desks, batches = 0.4, 10.0, 5, 12
    at, day = 0.0, []
    for _ in range(12_000):
        at += chance.expovariate(rate)
        day.append(came(at, chance.expovariate(1 / service)))
    played = replay(Day(tuple(day)), [desk(0, at + 1_000) for _ in range(desks)]).called
    waits = [((each.at or 0) - each.came.here_at) / MINUTE for each in played]
    size = len(waits) // batches
    parts = [waits[number * size : (number + 1) * size] for number in range(batches)]
    for told, seen in (
        (erlang.mean_wait(rate, service, desks), [mean(part) for part in parts]),
        (erlang.waits_at_all(rate * service, desks), [mean(wait > 0 for wait in part) for part in parts]),
        (erlang.within(rate, service, desks, 10), [mean(wait <= 10 for wait in part) for part in parts]),
    ):
        middle = mean(seen)
        error = (sum((each - middle) ** 2 for each in seen) / (batches - 1) / batches) ** 0.5
        assert told == pytest.approx(middle, abs=3 * error)
        assert 3 * error < 0.5 * middle  # the test could tell
