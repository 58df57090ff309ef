"""Which open desk is which shift, and which desks the roster will open."""

from __future__ import annotations

from typing import NamedTuple

from server.domain.selection import MINUTE
from server.domain.waiting import Desk, with_roster
from server.domain.waiting.roster import LATE_BY
from tests.server.domain.waiting_floor import CARDS, HOMES, NOW, TAX

ALL = frozenset({TAX, HOMES, CARDS})


class Shift(NamedTuple):
    services: frozenset[int]
    from_at: int
    until_at: int
    staff: int | None = None


def shift(begins: int, ends: int, *services: int, staff: int | None = None) -> Shift:
    """Minutes from now."""
    return Shift(frozenset(services) or ALL, NOW + begins * MINUTE, NOW + ends * MINUTE, staff)


def desk(counter: int, *services: int) -> Desk:
    return Desk(counter, frozenset(services) or ALL)


def ends(desks: list[Desk]) -> dict[int, int | None]:
    """By counter, minutes from now."""
    return {
        each.counter: None if each.closes_at is None else (each.closes_at - NOW) // MINUTE for each in desks
    }


def test_without_a_roster_nothing_changes() -> None:
    assert with_roster([desk(1)], {1: 7}, [], NOW) == [desk(1)]
    yesterday = [shift(-600, -300), shift(600, 900)]
    assert with_roster([desk(1)], {1: 7}, yesterday, NOW) == [desk(1)]


def test_an_open_desk_is_its_persons_shift() -> None:
    shifts = [shift(-60, 30, staff=7), shift(-60, 90, staff=8), shift(-60, 200, staff=9)]
    assert ends(with_roster([desk(1), desk(2)], {1: 8, 2: 7}, shifts, NOW)) == {1: 90, 2: 30}


def test_where_nobody_is_named_it_is_the_shift_that_serves_most_alike() -> None:
    shifts = [shift(-60, 30, TAX), shift(-60, 90, HOMES, CARDS), shift(-60, 200)]
    assert ends(with_roster([desk(1, HOMES), desk(2, TAX)], {1: 7, 2: 8}, shifts, NOW)) == {1: 90, 2: 30}


def test_somebody_elses_shift_is_nobodys_desk_and_who_has_none_goes_on_sitting() -> None:
    shifts = [shift(-60, 30, staff=7), shift(-60, 200, staff=7), shift(-60, 200, staff=9)]
    assert ends(with_roster([desk(1), desk(2)], {1: 8, 2: 7}, shifts, NOW)) == {1: None, 2: None}


def test_those_who_close_last_close_when_nobody_waits() -> None:
    shifts = [shift(-60, 30, staff=7), shift(-60, 35, staff=8)]
    assert ends(with_roster([desk(1), desk(2)], {1: 7, 2: 8}, shifts, NOW)) == {1: None, 2: None}


def test_a_shift_of_somebody_that_follows_at_once_is_no_second_desk() -> None:
    shifts = [shift(-60, 30, staff=7), shift(30, 90, staff=7), shift(-60, 200)]
    assert ends(with_roster([desk(1)], {1: 7}, shifts, NOW)) == {1: 90}


def test_the_roster_opens_desks_that_nobody_sits_at_yet_and_none_that_should_be_open_for_long() -> None:
    shifts = [
        shift(-60, 200, staff=7),
        shift(45, 100, TAX, staff=8),
        shift(-30, 100, staff=9),
        shift(-3, 100, HOMES, staff=5),
    ]
    desks = with_roster([desk(1)], {1: 7}, shifts, NOW)
    planned = [(each.services, each.opens_at, each.planned) for each in desks[1:]]
    assert planned == [
        (frozenset({HOMES}), NOW + LATE_BY, True),
        (frozenset({TAX}), NOW + 45 * MINUTE + LATE_BY, True),
    ]
    assert all(each.counter < 0 for each in desks[1:])
    assert [each.closes_at for each in desks[1:]] == [NOW + 100 * MINUTE] * 2


def test_who_sits_down_early_is_not_reckoned_with_twice() -> None:
    assert len(with_roster([desk(1)], {1: 7}, [shift(20, 200, staff=7)], NOW)) == 1
    assert len(with_roster([desk(1)], {1: 7}, [shift(20, 200)], NOW)) == 1
    assert len(with_roster([desk(1)], {1: 7}, [shift(20, 200, staff=8)], NOW)) == 2


def test_a_roster_that_is_wrong_takes_no_desk_away_from_who_sits() -> None:
    """It says closed, or it is for other needs: who sits goes on sitting, and nobody is promised who should have come long ago."""
    over, later, for_others = shift(-300, -30), shift(90, 300), shift(-60, 30, HOMES)
    for shifts in ([over], [for_others], [over, for_others]):
        assert with_roster([desk(1, TAX)], {1: 7}, shifts, NOW) == [desk(1, TAX)], shifts
    now, to_come = with_roster([desk(1, TAX)], {1: 7}, [over, later], NOW)
    assert now == desk(1, TAX)
    assert to_come.planned
    assert to_come.opens_at == NOW + 90 * MINUTE + LATE_BY
    assert with_roster([], {}, [for_others], NOW) == []
