"""Waits by kind: from which moment they count, what is told of them, and that a figure by service singles nobody out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import waited
from server.domain.tallies import LEAST_SHOWN, OTHER
from server.domain.waited import MINUTE, Booked, Kind, Wait, figure, percentile, wait_of

ON = date(2026, 11, 24)
AT = 1_000_000 * MINUTE


@pytest.mark.parametrize(
    ("arrived", "called", "booked", "minutes"),
    [
        (0, 12, None, 12),  # a walk-in waits from arrival
        (0, 31, 30, 1),  # early: from the time
        (0, 25, 30, 0),  # called before the time: no wait
        (37, 40, 30, 3),  # late: from the arrival
    ],
)
def test_each_kind_waits_from_what_it_was_promised(
    arrived: int, called: int, booked: int | None, minutes: int
) -> None:
    at = None if booked is None else AT + booked * MINUTE
    assert wait_of(AT + arrived * MINUTE, AT + called * MINUTE, at) == minutes * MINUTE


def test_a_percentile_is_a_wait_somebody_had() -> None:
    waits = [minutes * MINUTE for minutes in (1, 2, 3, 4, 5, 6, 7, 8, 9, 40)]
    told = figure(reversed(waits))
    assert (told.number, told.median, told.ninth, told.soon, told.share) == (10, 5, 9, 5, 50)
    assert figure([MINUTE + 1]).median == 2  # a minute and a bit is felt as two
    assert (figure([]).median, figure([]).share) == (None, None)


@given(st.lists(st.integers(0, 10**9), min_size=1), st.integers(1, 100))
def test_so_many_waited_at_most_the_percentile_and_fewer_had_less(waits: list[int], share: int) -> None:
    ranked = sorted(waits)
    found = percentile(ranked, share)
    assert found in waits
    assert sum(each <= found for each in waits) * 100 >= share * len(waits)
    assert sum(each < found for each in waits) * 100 < share * len(waits)


def waits(service: int | None, number: int, kind: Kind = Kind.WALK_IN) -> list[Wait]:
    return [Wait(kind, ON, service, MINUTE * each) for each in range(number)]


def test_a_day_tells_kinds_and_missed_apart() -> None:
    rows = waited.by_day(
        [*waits(1, 3), *waits(1, 2, Kind.BOOKED), *waits(1, 1, Kind.LATE)],
        [Booked(ON, 1, False), Booked(ON, 1, True), Booked(date(2026, 11, 23), 1, True)],
    )
    assert [
        (r.on, r.booked.number, r.late.number, r.walk_in.number, r.missed, r.appointments) for r in rows
    ] == [
        (date(2026, 11, 23), 0, 0, 0, 1, 1),
        (ON, 2, 1, 3, 1, 2),
    ]
    assert rows[1].missed_share == 50


def test_three_who_booked_are_three_and_not_six() -> None:
    """Each is a wait and an appointment, of a service or of what may not be named."""
    three = waits(1, 3, Kind.BOOKED), [Booked(ON, 1, False)] * 3
    names = {1: "Housing", 2: "Council tax"}
    (row,) = waited.by_service(*three, names)
    assert row.name == "All needs together"
    private = waits(None, 3, Kind.BOOKED), [Booked(ON, None, False)] * 3
    (row,) = waited.by_service([*waits(2, 6), *private[0]], private[1], names)
    assert (row.name, row.walk_in.number, row.booked.number) == ("All needs together", 6, 3)
    (row,) = waited.by_service(waits(2, 6), [Booked(ON, None, True)], names)
    assert row.name == "All needs together"  # a private one that was missed does not stand alone


COUNTS = st.dictionaries(st.sampled_from([1, 2, 3, 4]), st.integers(0, 12))


@given(COUNTS, COUNTS, st.integers(0, 12), st.integers(0, 12))
def test_by_service_nobody_is_singled_out_and_nothing_is_lost(
    walked: dict[int, int], booked: dict[int, int], unnamed: int, missed: int
) -> None:
    every = [each for service, number in walked.items() for each in waits(service, number)] + waits(
        None, unnamed
    )
    appointments = [Booked(ON, service, False) for service, number in booked.items() for _ in range(number)]
    appointments += [Booked(ON, None, True)] * missed
    names = {service: f"Need {service}" for service in range(1, 5)}
    rows = waited.by_service(every, appointments, names)
    sizes = {each.name: each.walk_in.number + each.appointments for each in rows}
    assert sum(sizes.values()) == len(every) + len(appointments)
    for name, size in sizes.items():
        if name.startswith("Need"):
            assert size >= LEAST_SHOWN
    for row in rows[:-1]:
        assert row.booked.number + row.late.number + row.walk_in.number >= LEAST_SHOWN
    if OTHER in sizes:
        assert sizes[OTHER] >= LEAST_SHOWN or len(sizes) == 1
