"""The rules of capacity against an oracle that counts minute by minute, over every kind of centre that Hypothesis can think of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.domain import slots
from server.domain.capacity import Capacity, Resource, Stretch, Taken, Wanted, crowded, runs
from server.domain.offers import Offer
from tests.server.domain import slots_oracle as oracle

LONDON = ZoneInfo("Europe/London")
DAYS = [slots.local_day(date(2026, 11, 24) + timedelta(days=n), LONDON) for n in range(2)]
FIRST, LAST = DAYS[0].first - 90, DAYS[-1].last + 90
OURS, ANOTHER = 1, 2
KINDS = ("person", "room", "interpreter")


def stretch(low: int, high: int, shortest: int = 1, longest: int = 60) -> st.SearchStrategy[Stretch]:
    return st.builds(
        lambda starts, length: Stretch(starts, starts + length),
        st.integers(low, high),
        st.integers(shortest, longest),
    )


offers = st.builds(
    Offer,
    minutes=st.integers(1, 40),
    prepare_minutes=st.sampled_from((0, 5, 10)),
    clear_minutes=st.sampled_from((0, 5, 15)),
    at_once=st.integers(1, 4),
    walk_in_share=st.sampled_from((0, 0, 0, 30, 60, 90)),
)
# Around the midnight between the two days, where a window's and a day's edges are.
NEAR = (DAYS[1].first - 300, DAYS[1].first + 300)


# Few enough that many are wanted by several.
MINDED = list(range(NEAR[0] + 120, NEAR[1], 10))
MIDDLE = (NEAR[0], DAYS[1].first)


def resource(number: int) -> st.SearchStrategy[Resource]:
    return st.builds(
        Resource,
        st.just(number),
        st.lists(stretch(*MIDDLE, 120, 500), min_size=1, max_size=2),
        st.lists(stretch(*NEAR), max_size=2),
    )


@st.composite
def capacities(draw: st.DrawFn) -> Capacity:
    offer = draw(offers)
    needs = {
        kind: [draw(resource(number)) for number in range(1, draw(st.integers(1, 3)) + 1)]
        for kind in draw(st.sets(st.sampled_from(KINDS), max_size=2))
    }
    return Capacity(
        service=OURS,
        offer=offer,
        first=FIRST,
        last=LAST,
        days=DAYS,
        offered=draw(st.lists(stretch(*MIDDLE, 100, 500), min_size=1, max_size=2)),
        blocked=draw(st.lists(stretch(*NEAR), max_size=2)),
        needs=needs,
        taken=draw(others()),
    )


@st.composite
def others(draw: st.DrawFn) -> list[Taken]:
    """Bookings of another service, with other lengths, which take whom they please."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        starts = draw(st.integers(*NEAR))
        takes = {kind: draw(st.integers(1, 3)) for kind in draw(st.sets(st.sampled_from(KINDS), max_size=2))}
        service = draw(st.sampled_from((OURS, ANOTHER)))
        before, after = draw(st.integers(0, 10)), draw(st.integers(1, 60))
        found.append(Taken(f"other {number}", service, starts, starts - before, starts + after, takes, None))
    return found


STARTS = list(range(NEAR[0] - 5, NEAR[1] + 245, 5))


@settings(max_examples=60, deadline=None)
@given(capacities())
def test_what_is_shown_is_what_the_oracle_finds_free_and_no_more(capacity: Capacity) -> None:
    shown = capacity.bits(capacity.free, STARTS)
    assert shown == [start for start in STARTS if oracle.may_begin(capacity, start)]
    for start in STARTS:
        assert (capacity.choose(start, Wanted()) is not None) == (start in shown)


@settings(max_examples=60, deadline=None)
@given(capacities(), st.data())
def test_however_they_are_booked_nobody_is_taken_twice_and_the_share_is_kept(
    capacity: Capacity, data: st.DataObject
) -> None:
    """One after the other in any order: whatever was agreed to, agreed together."""
    offer = capacity.offer
    now = replace(capacity, taken=[])
    made: list[Taken] = []
    for number, start in enumerate(data.draw(st.lists(st.sampled_from(MINDED), max_size=14))):
        chosen = now.choose(start, Wanted())
        if chosen is None:
            continue
        held = Stretch(start - offer.prepare_minutes, start + offer.minutes + offer.clear_minutes)
        taken = Taken(str(number), OURS, start, held.starts, held.ends, dict(chosen.takes), chosen.place)
        made.append(taken)
        now = replace(now, taken=list(made))
    assert oracle.conflicts(made, now.needs) == []
    places = [(each.starts, each.place) for each in made if each.place is not None]
    assert len(set(places)) == len(places)
    open_minutes = oracle.minutes_of(now.offered) - oracle.minutes_of(now.blocked)
    for each in made:
        assert oracle.visit_of(offer, each.starts) <= open_minutes
        together = [
            one for one in made if one.held_from < each.held_until and each.held_from < one.held_until
        ]
        assert (
            max(
                sum(one.held_from <= minute < one.held_until for one in together)
                for minute in range(each.held_from, each.held_until)
            )
            <= offer.at_once
        )
    for day in DAYS if offer.walk_in_share else ():
        assert oracle.booked(now, day.first, day.last) <= oracle.bookable(now, day.first, day.last)


@settings(max_examples=60, deadline=None)
@given(capacities(), st.sampled_from(STARTS))
def test_beyond_what_is_offered_still_nobody_is_taken_twice(capacity: Capacity, start: int) -> None:
    chosen = capacity.choose(start, Wanted(over=True))
    able = {
        kind: [each.id for each in some if oracle.is_free(capacity, kind, each, start)]
        for kind, some in capacity.needs.items()
    }
    assert (chosen is not None) == all(able.values())
    if chosen is not None:
        assert all(chosen.takes[kind] in able[kind] for kind in able)


@given(st.lists(stretch(0, 60, 1, 30), max_size=8), st.integers(1, 4))
def test_crowded_is_where_so_many_run_side_by_side(some: list[Stretch], most: int) -> None:
    counted = {
        minute for minute in range(100) if sum(each.starts <= minute < each.ends for each in some) >= most
    }
    assert oracle.minutes_of(crowded(some, most)) == counted


@given(st.integers(0, 2**80), st.integers(1, 30))
@example(0b1111, 4)
def test_runs_begin_where_so_many_minutes_follow(minutes: int, length: int) -> None:
    found = runs(minutes, length)
    wanted = [at for at in range(90) if all(minutes >> at + n & 1 for n in range(length))]
    assert [at for at in range(90) if found >> at & 1] == wanted


ZONES = [
    ZoneInfo(name) for name in ("Europe/London", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata")
]
CHANGES = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 3, 8),
    date(2026, 11, 1),
]


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.sampled_from(CHANGES),
    st.integers(-300, 600),
    st.integers(1, 500),
    st.sampled_from((5, 7, 15, 20, 30, 45, 60)),
)
def test_the_grid_is_on_the_wall_clock_however_it_moves(
    zone: ZoneInfo, on: date, begins: int, length: int, every: int
) -> None:
    first = slots.local_day(on, zone).first + begins
    if oracle.wall(first, zone).fold:
        return  # no opening begins in a second showing (`hours`)
    opening = Stretch(first, first + length)
    assert slots.grid([opening], every, zone) == oracle.grid(opening, every, zone)
