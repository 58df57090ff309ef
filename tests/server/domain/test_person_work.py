"""What one person did at the counters: what counts for whom, and what is told of nobody because it would be unfair or would single somebody out."""

from __future__ import annotations

import pytest

from server.domain.figure import Figure
from server.domain.person_work import Ended, Held, Sitting, Work, work_of
from server.domain.service_names import ServiceNow, name_services
from server.domain.telling import persons
from server.domain.telling.by_service import Offered
from wire.vocabulary import TicketAction, TicketState

MINUTE = 60_000_000
HOUR = 60 * MINUTE
ANN, BOB, CAT, DAN = 1, 2, 3, 4
ALL_DAY = [Sitting(who, 0, 8 * HOUR, False) for who in (ANN, BOB, CAT, DAN)]
OFFERED = Offered(
    name_services(
        [
            ServiceNow(1, "tax", "Council tax", False, (), None),
            ServiceNow(2, "safe", "Safety", True, (), None),
        ]
    ),
    {1: 20, 2: 5},
)


def ended(name: str, staff: int = ANN, minutes: int = 10, *, at: int = HOUR, **other: object) -> Ended:
    told = {"service": 1, "discreet": False, "state": TicketState.FINISHED, "left_open": False, **other}
    return Ended(id=name, staff=staff, served_at=at, ended_at=at + minutes * MINUTE, **told)


def ann(tickets: list[Ended], held: list[Held] = [], sittings: list[Sitting] = ALL_DAY) -> Work:  # noqa: B006 - never changed
    return work_of(tickets, held, sittings, {ANN: 2}, 0, 8 * HOUR)[ANN]


def minutes_of(work: Work) -> list[int]:
    return sorted(
        minute
        for spread in work.sums.spreads.values()
        for minute, times in spread.minutes.items()
        for _ in range(times)
    )


def test_what_was_served_passed_on_and_taken_back_is_told_apart() -> None:
    work = ann([ended("a"), ended("b", minutes=20, state=TicketState.TRANSFERRED), ended("c", BOB)])
    assert (work.served, work.passed_on, work.taken_back) == (1, 1, 2)
    assert minutes_of(work) == [10, 20]


def test_time_parked_is_nobodys_serving() -> None:
    held = [
        Held("a", TicketAction.PARK, HOUR + 4 * MINUTE, ANN),
        Held("a", TicketAction.UNPARK, HOUR + 24 * MINUTE, ANN),
    ]
    assert minutes_of(ann([ended("a", minutes=30)], held)) == [10]
    assert minutes_of(ann([ended("a", minutes=30)], held[:1])) == [4]  # ended while parked


def test_what_two_served_counts_for_the_last_and_its_time_for_nobody() -> None:
    taken_up = [Held("a", TicketAction.PARK, HOUR, BOB), Held("a", TicketAction.UNPARK, HOUR + MINUTE, ANN)]
    work = ann([ended("a", minutes=30)], taken_up)
    assert (work.served, minutes_of(work)) == (1, [])
    handed_over = [Sitting(ANN, HOUR + 5 * MINUTE, None, False)]
    work = ann([ended("a", minutes=30)], sittings=handed_over)
    assert (work.served, minutes_of(work)) == (1, [])


def test_what_nobody_ended_is_on_no_clock() -> None:
    work = ann([ended("a", minutes=600, left_open=True)], sittings=[Sitting(ANN, 0, 20 * HOUR, True, HOUR)])
    assert (work.at_counters, work.on_breaks, work.left_open, minutes_of(work)) == (0, 0, 1, [])


def test_a_sitting_of_the_evening_before_says_only_who_sat_there() -> None:
    night = [Sitting(ANN, -4 * HOUR, 2 * HOUR, False), Sitting(ANN, 3 * HOUR, None, False, MINUTE)]
    work = ann([ended("a")], sittings=night)
    assert (work.at_counters, work.on_breaks, minutes_of(work)) == (5 * HOUR, MINUTE, [10])


def told(tickets: list[Ended], *, by_service: bool = True, beside: bool = True) -> dict[str, Figure]:
    work = work_of(tickets, [], ALL_DAY, {}, 0, 8 * HOUR)
    for each in work.values():
        each.sums = OFFERED.named.read(each.sums)
    own = work.pop(ANN, Work())
    others = list(work.values()) if beside else None
    figures = persons.figures("Ann", own, others, OFFERED, by_service=by_service)
    return {figure.slug: figure for figure in figures}


def served(staff: int, number: int, minutes: int = 10, **other: object) -> list[Ended]:
    return [ended(f"{staff}-{at}-{other}", staff, minutes, **other) for at in range(number)]


@pytest.mark.parametrize(("third", "shown"), [(5, True), (4, False)])
def test_others_are_told_only_where_three_of_them_served_enough(third: int, shown: bool) -> None:
    figures = told([*served(ANN, 6, 12), *served(BOB, 50, 3), *served(CAT, 5, 9), *served(DAN, third, 30)])
    rows = {row[0]: row[1:] for row in figures["serving"].table.rows}
    assert rows.pop("Ann") == (6, 12, 12.0, 12)
    everybody = sorted([3] * 50 + [9] * 5 + [30] * third)
    expected = (55 + third, everybody[29], sum(everybody) / len(everybody), everybody[53])
    assert rows == ({persons.EVERYBODY_ELSE: expected} if shown else {})
    assert bool(figures["serving"].notes) is not shown


def test_no_others_beside_a_time_that_could_be_taken_from_another() -> None:
    tickets = [each for who in (ANN, BOB, CAT, DAN) for each in served(who, 9)]
    figures = told(tickets, beside=False)
    assert [row[0] for row in figures["serving"].table.rows] == ["Ann"]
    assert figures["serving"].notes == (persons.ONE_MONTH,)
    assert {row[-2:] for row in figures["serving-by-service"].table.rows} == {(None, None)}
    assert [row[0] for row in told(tickets)["serving"].table.rows] == ["Ann", persons.EVERYBODY_ELSE]


def test_nothing_private_is_named_and_like_is_held_against_like() -> None:
    others = [each for who in (BOB, CAT, DAN) for each in served(who, 5, 7)]
    figures = told(
        [*served(ANN, 9), *served(ANN, 3, service=2), *served(ANN, 3, at=3 * HOUR, discreet=True), *others]
    )
    rows = {row[0]: row[1:] for row in figures["serving-by-service"].table.rows}
    assert rows == {"Council tax": (9, 10, 10.0, 10, 7, 7), "Other": (6, 10, 10.0, 10, None, None)}
    assert "serving-by-service" not in told(served(ANN, 9), by_service=False)


def test_somebody_who_did_nothing_is_told_so() -> None:
    figures = told(served(BOB, 9))
    assert figures["needs"].sentence == "Ann: no need was served in this time."
    assert figures["serving"].chart is None
    assert "Ann: nothing was served" in figures["serving"].sentence
