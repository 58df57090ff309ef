from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.selection import (
    GRACE,
    HEAD_START,
    HOLD,
    MINUTE,
    MOST_OVERTAKEN,
    QUICK_LEAD,
    RATES,
    SKILL_LEAD,
    booking_counts_from,
    choose,
    heads,
    is_held,
    is_there,
    lead_of,
    order,
    worth,
)
from server.store.queries.tickets import Seated
from wire.vocabulary import TicketClass

ORDINARY, SOON, URGENT, BOOKED = TicketClass
NOW = 1_795_510_800_000_000
DESK_4 = 4


@dataclass(frozen=True)
class Waiting:
    ticket: str
    ticket_class: TicketClass
    counts_from: int
    arrived_at: int
    for_counter: int | None = None
    quick: bool = False
    wants: str | None = None
    awaited: bool = False


def waiting(
    name: str, minutes: float, ticket_class: TicketClass = ORDINARY, for_counter: int | None = None
) -> Waiting:
    since = NOW - round(minutes * MINUTE)
    return Waiting(name, ticket_class, since, since, for_counter)


def called(*queue: Waiting, counter: int | None = DESK_4) -> str:
    chosen = choose(queue, NOW, counter)
    assert chosen is not None
    return chosen.candidate.ticket


def why(*queue: Waiting) -> str:
    chosen = choose(queue, NOW, DESK_4)
    assert chosen is not None
    return chosen.why


@st.composite
def queues(draw: st.DrawFn, largest: int = 12) -> list[Waiting]:
    """Present visitors. Few distinct instants, so that ties are common; some bookings are not due yet."""
    size = draw(st.integers(0, largest))
    queue = []
    for index in range(size):
        ticket_class = draw(st.sampled_from(TicketClass))
        earliest = -20 if ticket_class is BOOKED else 0
        waited = draw(st.integers(earliest, 150)) * MINUTE + draw(st.sampled_from([0, 0, 1]))
        arrived_at = NOW - abs(waited)
        for_counter = draw(st.sampled_from([None, None, None, DESK_4, 5]))
        quick = draw(st.sampled_from([False, False, True]))
        wants = draw(st.sampled_from([None, None, "gu", "sign_language"]))
        awaited = wants is not None and draw(st.booleans())
        queue.append(
            Waiting(f"{index:02}", ticket_class, NOW - waited, arrived_at, for_counter, quick, wants, awaited)
        )
    return queue


def test_who_came_first_is_called_first() -> None:
    assert called(waiting("b", 3), waiting("a", 14), waiting("c", 1)) == "a"


def test_nobody_waiting_is_none() -> None:
    assert choose([], NOW, DESK_4) is None
    assert choose([waiting("a", 3, for_counter=5)], NOW, DESK_4) is None


def test_an_urgent_visitor_goes_before_one_who_waited_less_than_four_times_as_long() -> None:
    assert called(waiting("a", 39), waiting("b", 10, URGENT)) == "b"
    assert called(waiting("a", 41), waiting("b", 10, URGENT)) == "a"


def test_soon_counts_twice_for_at_most_half_an_hour() -> None:
    assert called(waiting("a", 19), waiting("b", 10, SOON)) == "b"
    assert called(waiting("a", 89), waiting("b", 60, SOON)) == "b"
    assert called(waiting("a", 91), waiting("b", 60, SOON)) == "a"


def test_a_booking_is_due_at_its_time_and_waits_its_turn_before() -> None:
    at_its_time = booking_counts_from(NOW, NOW - 30 * MINUTE)
    booked = Waiting("b", BOOKED, at_its_time, NOW - 30 * MINUTE)
    assert called(waiting("a", 59), booked) == "b"
    early = booking_counts_from(NOW + 20 * MINUTE, NOW - 30 * MINUTE)
    assert called(waiting("a", 0), replace(booked, counts_from=early)) == "a"
    assert called(replace(booked, counts_from=early)) == "b"


def test_a_booking_comes_late_and_loses_only_what_is_over_the_grace() -> None:
    assert booking_counts_from(NOW, NOW - 5 * MINUTE) == NOW - HEAD_START
    assert booking_counts_from(NOW, NOW + GRACE) == NOW - HEAD_START
    assert booking_counts_from(NOW, NOW + GRACE + MINUTE) == NOW - HEAD_START + MINUTE


def test_a_ticket_for_one_counter_goes_first_there_and_nowhere_else() -> None:
    queue = (waiting("a", 60, URGENT), waiting("b", 5, for_counter=DESK_4))
    assert called(*queue) == "b"
    assert called(*queue, counter=5) == "a"
    assert called(*queue, counter=None) == "a"


@pytest.mark.parametrize(
    ("queue", "sentence"),
    [
        ([waiting("a", 14), waiting("b", 3)], "Waiting 14 minutes, longer than anyone else you can serve."),
        ([waiting("a", 1)], "Waiting 1 minute, longer than anyone else you can serve."),
        ([waiting("a", 0.5)], "Waiting less than a minute, longer than anyone else you can serve."),
        (
            [waiting("a", 5, URGENT), waiting("b", 12)],
            "Urgent: the wait counts four times. "
            "Waiting 5 minutes, before someone who has waited 12 minutes.",
        ),
        (
            [waiting("a", 13, SOON), waiting("b", 12)],
            "To be seen soon: the wait counts twice. "
            "Waiting 13 minutes, longer than anyone else you can serve.",
        ),
        (
            [Waiting("a", BOOKED, NOW - 16 * MINUTE, NOW - 6 * MINUTE), waiting("b", 12)],
            "Has an appointment that is due. Waiting 6 minutes, before someone who has waited 12 minutes.",
        ),
        (
            [Waiting("a", BOOKED, NOW - 16 * MINUTE, NOW - 6 * MINUTE)],
            "Has an appointment that is due. Waiting 6 minutes.",
        ),
        (
            [Waiting("a", BOOKED, NOW + 16 * MINUTE, NOW - 20 * MINUTE), waiting("b", 12)],
            "Waiting 12 minutes, longer than anyone without an appointment.",
        ),
        (
            [Waiting("a", BOOKED, NOW + 16 * MINUTE, NOW - 20 * MINUTE)],
            "Has an appointment later, and nobody else is due. Waiting 20 minutes.",
        ),
        (
            [waiting("a", 2, for_counter=DESK_4), waiting("b", 12)],
            "Passed on to this counter, so first here. Waiting 2 minutes.",
        ),
    ],
)
def test_the_adviser_is_told_why(queue: list[Waiting], sentence: str) -> None:
    assert why(*queue) == sentence


GUJARATI = frozenset({"gu"})


def asked(name: str, minutes: float, wants: str = "gu", *, awaited: bool = True) -> Waiting:
    return replace(waiting(name, minutes), wants=wants, awaited=awaited)


def quick(name: str, minutes: float) -> Waiting:
    return replace(waiting(name, minutes), quick=True)


def test_who_asked_for_gujarati_is_ten_minutes_ahead_where_it_is_spoken_and_nowhere_else() -> None:
    near, far = [waiting("a", 29), asked("b", 20)], [waiting("a", 31), asked("b", 20)]
    chosen = choose(near, NOW, DESK_4, skills=GUJARATI)
    assert chosen is not None
    assert chosen.candidate.ticket == "b"
    assert chosen.why == (
        "Asked for somebody who speaks their language, as you do. "
        "Waiting 20 minutes, before someone who has waited 29 minutes."
    )
    assert choose(far, NOW, DESK_4, skills=GUJARATI).candidate.ticket == "a"  # type: ignore[union-attr] - two wait
    assert called(*near) == "a"


def test_who_asked_is_left_to_the_one_asked_for_a_quarter_of_an_hour() -> None:
    assert choose([asked("b", 14)], NOW, DESK_4) is None
    assert called(asked("b", 14), waiting("c", 1)) == "c"
    assert called(asked("b", 15), waiting("c", 1)) == "b"
    assert why(asked("b", 15)) == (
        "Asked for somebody who speaks their language; nobody who does was free within 15 minutes. "
        "Waiting 15 minutes, longer than anyone else you can serve."
    )


def test_where_nobody_has_what_was_asked_for_nobody_waits_for_it() -> None:
    assert called(asked("b", 3, "sign_language", awaited=False)) == "b"
    assert why(asked("b", 3, "sign_language", awaited=False)).startswith(
        "Asked for somebody who signs; nobody here does now."
    )


def test_who_is_asked_for_counts_only_where_they_serve_it() -> None:
    seats = [Seated(1, frozenset({7}), GUJARATI), Seated(2, frozenset({8}), frozenset())]
    assert is_there("gu", 7, seats)
    assert not is_there("gu", 8, seats)
    assert not is_there(None, 7, seats)


def test_a_quick_one_goes_between_longer_ones_but_after_another_only_in_its_turn() -> None:
    queue = [waiting("a", 19), quick("q", 0)]
    assert called(*queue) == "q"
    assert why(*queue) == (
        "A quick visit, so it may go between longer ones. "
        "Waiting less than a minute, before someone who has waited 19 minutes."
    )
    assert choose(queue, NOW, DESK_4, after_quick=True).candidate.ticket == "a"  # type: ignore[union-attr] - two wait
    assert called(waiting("a", 21), quick("q", 0)) == "a"
    first = choose([quick("q", 30), waiting("a", 19)], NOW, DESK_4, after_quick=True)
    assert first is not None
    assert (first.candidate.ticket, "quick" in first.why) == ("q", False)


def test_all_leads_together_stay_within_what_was_promised() -> None:
    all_at_once = replace(asked("b", 60), ticket_class=URGENT, quick=True)
    assert choose([waiting("a", 149), all_at_once], NOW, DESK_4, skills=GUJARATI).candidate.ticket == "b"  # type: ignore[union-attr] - two wait
    assert choose([waiting("a", 151), all_at_once], NOW, DESK_4, skills=GUJARATI).candidate.ticket == "a"  # type: ignore[union-attr] - two wait
    assert QUICK_LEAD + SKILL_LEAD < MOST_OVERTAKEN


def test_a_booking_that_is_not_due_is_not_brought_forward_by_being_quick() -> None:
    early = Waiting("b", BOOKED, NOW + 5 * MINUTE, NOW - 30 * MINUTE, None, quick=True)
    assert called(waiting("a", 0), early) == "a"


# Laws ----------------------------------------------------------------------------------------------------


@given(queues())
def test_first_come_first_served_within_a_class_and_a_lead(queue: list[Waiting]) -> None:
    for ticket_class in TicketClass:
        for quick in (False, True):
            line = [
                each.counts_from
                for each in order(queue, NOW)
                if each.ticket_class is ticket_class and each.quick is quick
            ]
            assert line == sorted(line)


@given(queues(), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_given(queue: list[Waiting], rng: random.Random) -> None:
    shuffled = queue.copy()
    rng.shuffle(shuffled)
    assert order(shuffled, NOW) == order(queue, NOW)
    assert choose(shuffled, NOW, DESK_4) == choose(queue, NOW, DESK_4)


@given(queues())
def test_the_order_is_total_and_its_first_is_who_is_called(queue: list[Waiting]) -> None:
    line = order([each for each in queue if each.for_counter is None and not is_held(each, NOW)], NOW)
    assert len(line) == len({each.ticket for each in line})
    chosen = choose(line, NOW, DESK_4)
    assert (chosen.candidate if chosen else None) == (line[0] if line else None)


SKILLS = st.sampled_from([frozenset(), frozenset({"gu"}), frozenset({"gu", "sign_language"})])


@given(queues(), st.integers(0, 200), SKILLS, st.booleans())
def test_the_heads_are_enough_to_find_the_winner_and_to_say_why(
    queue: list[Waiting], later: int, skills: frozenset[str], after_quick: bool
) -> None:
    now = NOW + later * MINUTE
    from_heads = choose(heads(queue), now, DESK_4, skills=skills, after_quick=after_quick)
    assert from_heads == choose(queue, now, DESK_4, skills=skills, after_quick=after_quick)


@given(queues(), SKILLS, st.booleans())
def test_nobody_is_passed_over_for_one_who_counts_from_later_than_their_lead(
    queue: list[Waiting], skills: frozenset[str], after_quick: bool
) -> None:
    """The promise at every counter: not by more than the class, the quick visit and the skill give together, and never 90 minutes."""
    chosen = choose(queue, NOW, DESK_4, skills=skills, after_quick=after_quick)
    if chosen is None or chosen.candidate.for_counter is not None:
        return
    first = chosen.candidate
    given_lead = RATES[first.ticket_class].most_lead + lead_of(first, skills, after_quick=after_quick)
    for other in queue:
        if other.for_counter is None and not is_held(other, NOW, skills):
            assert first.counts_from - other.counts_from <= min(given_lead, MOST_OVERTAKEN)


@given(queues(), SKILLS)
def test_nobody_is_held_longer_than_the_hold_nor_from_who_has_what_they_asked_for(
    queue: list[Waiting], skills: frozenset[str]
) -> None:
    for each in queue:
        assert not is_held(each, each.arrived_at + HOLD, skills)
        if each.wants in skills or not each.awaited:
            assert not is_held(each, each.arrived_at, skills)
    free = [each for each in queue if each.for_counter in (None, DESK_4)]
    chosen = choose(queue, NOW, DESK_4, skills=skills)
    assert (chosen is None) == all(is_held(each, NOW, skills) for each in free)


@given(queues(), SKILLS, st.booleans())
def test_with_nobody_who_asked_or_is_quick_the_counter_makes_no_difference(
    queue: list[Waiting], skills: frozenset[str], after_quick: bool
) -> None:
    plain = [replace(each, quick=False, wants=None, awaited=False) for each in queue]
    assert choose(plain, NOW, DESK_4, skills=skills, after_quick=after_quick) == choose(plain, NOW, DESK_4)


@given(queues(), st.integers(1, 90 * MINUTE))
def test_stepping_back_and_rejoining_never_improves_a_place(queue: list[Waiting], later: int) -> None:
    for one in queue:
        others = [each for each in queue if each is not one]
        rejoined = replace(one, ticket=f"~{one.ticket}", counts_from=one.counts_from + later, arrived_at=NOW)
        before = order(queue, NOW).index(one)
        assert order([*others, rejoined], NOW).index(rejoined) >= before


@given(
    st.sampled_from(TicketClass),
    st.sampled_from(TicketClass),
    st.integers(0, 600),
    st.integers(1, 600),
)
def test_nobody_is_overtaken_by_one_who_counts_from_much_later(
    mine: TicketClass, theirs: TicketClass, waited: int, later: int
) -> None:
    """The bound: not by one who counts from `most_lead` of their class later, however long either waits."""
    i = Waiting("me", mine, NOW - waited * MINUTE, NOW - waited * MINUTE)
    they = Waiting("they", theirs, i.counts_from + later * MINUTE, i.counts_from + later * MINUTE)
    if later * MINUTE >= RATES[theirs].most_lead:
        assert order([they, i], NOW) == [i, they]
    assert RATES[theirs].most_lead <= MOST_OVERTAKEN


def test_an_ordinary_visitor_is_called_though_urgent_ones_alone_would_fill_the_desk_all_day() -> None:
    """One desk, six minutes each; an urgent visitor every three minutes, all day.

    The linear rule never calls `me`.
    """
    me = Waiting("me", ORDINARY, 0, 0)
    queue = [me]
    for minute in range(600):
        if minute % 3 == 0:
            queue.append(Waiting(f"u{minute:03}", URGENT, minute * MINUTE, minute * MINUTE))
        if minute % 6 == 0:
            chosen = choose(queue, minute * MINUTE, DESK_4)
            assert chosen is not None
            if chosen.candidate is me:
                break
            queue.remove(chosen.candidate)
    assert chosen.candidate is me
    came_later = [each for each in range(minute) if each % 3 == 0 and each * MINUTE <= MOST_OVERTAKEN]
    assert minute <= 6 * (len(came_later) + 1)


@given(st.sampled_from(TicketClass), st.integers(-60, 600), st.integers(0, 600))
def test_worth_never_falls_with_waiting(ticket_class: TicketClass, waited: int, more: int) -> None:
    now = waited * MINUTE
    assert worth(ticket_class, 0, now + more * MINUTE) >= worth(ticket_class, 0, now) + more * MINUTE
