"""Slots by example: both clock changes, a whole year, York House's own hours and figures, and what is said of a day without any."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from server.domain import slots
from server.domain.capacity import Capacity, Resource, Stretch, Taken, Wanted
from server.domain.hours import Hours, Special, Timetable, Usual
from server.domain.offers import Offer
from server.domain.slots import MINUTE

LONDON = ZoneInfo("Europe/London")
TUESDAY_AND_THURSDAY = Hours(tuple(Usual(day, time(9, 30), time(16, 30)) for day in (1, 3)))


def capacity(
    hours: Hours, offer: Offer, first_on: date, last_on: date | None = None
) -> tuple[Capacity, list[int]]:
    """A service that keeps these hours, with nobody to name, nothing booked."""
    timetable = Timetable("Europe/London", hours)
    dates = [first_on + timedelta(days=n) for n in range(((last_on or first_on) - first_on).days + 1)]
    days = [slots.local_day(on, LONDON) for on in dates]
    opened = [stretch for on in dates for stretch in slots.stretches(timetable.spans_on(on))]
    made = Capacity(1, offer, days[0].first - 60, days[-1].last + 60, days, opened, (), {}, ())
    return made, slots.grid(opened, offer.every_minutes, LONDON)


def local(starts: Sequence[int]) -> list[str]:
    return [f"{slots.at_minute(start).astimezone(LONDON):%H:%M}" for start in starts]


def free(made: Capacity, starts: Sequence[int]) -> list[str]:
    return local(made.bits(made.free, starts))


NIGHT = Hours((Usual(6, time(0, 30), time(4, 0)),))
HALF_HOURS = Offer(minutes=30, every_minutes=30)


def test_an_hour_that_does_not_exist_has_no_slots() -> None:
    assert free(*capacity(NIGHT, HALF_HOURS, date(2026, 3, 29))) == [
        "00:30",
        "02:00",
        "02:30",
        "03:00",
        "03:30",
    ]


def test_the_hour_that_comes_twice_is_offered_once_and_each_slot_is_half_a_real_hour() -> None:
    made, starts = capacity(NIGHT, HALF_HOURS, date(2026, 10, 25))
    assert free(made, starts) == ["00:30", "01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]
    assert [slots.at_minute(start).astimezone(LONDON).fold for start in starts] == [0] * 7
    # Between half past one and two o'clock lie an hour and a half, of which the slot takes half an hour.
    assert [later - start for start, later in itertools.pairwise(starts)] == [
        30,
        30,
        90,
        30,
        30,
        30,
    ]


def test_a_slot_may_run_into_the_change_and_still_ends_before_the_doors_shut() -> None:
    long = Offer(minutes=90, every_minutes=30)
    assert free(*capacity(NIGHT, long, date(2026, 3, 29))) == ["00:30", "02:00", "02:30"]


def test_a_year_of_bookings_keeps_the_clock_of_the_wall_and_takes_nobody_twice() -> None:
    """Every slot of every day of 2026 is booked, one person, both clock changes on the way; a York House that opens at night, too."""
    hours = Hours((*TUESDAY_AND_THURSDAY.usual, Usual(6, time(0, 30), time(4, 0))))
    offer = Offer(minutes=20, every_minutes=15, prepare_minutes=5)
    taken: list[Taken] = []
    by_wall: dict[str, int] = {}
    for number in range(365):
        on = date(2026, 1, 1) + timedelta(days=number)
        made, starts = capacity(hours, offer, on)
        person = Resource(7, made.offered)
        made = replace(made, needs={"person": [person]})
        todays: list[Taken] = []
        for start in starts:
            now = replace(made, taken=tuple(todays))
            chosen = now.choose(start, Wanted())
            assert (chosen is not None) == now.may_begin(start)
            if chosen is not None:
                todays.append(Taken(f"{on} {start}", 1, start, start - 5, start + 20, {"person": 7}))
                shown = slots.at_minute(start).astimezone(LONDON)
                by_wall[f"{shown:%a %H:%M}"] = by_wall.get(f"{shown:%a %H:%M}", 0) + 1
        taken += todays
    held = sorted((each.held_from, each.held_until) for each in taken)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(held))
    # 52 Tuesdays and 53 Thursdays, summer or winter: 14 a day, each 30 minutes after the last.
    assert {wall: count for wall, count in by_wall.items() if wall.startswith("Tue")} == {
        f"Tue {9 + (30 + 30 * n) // 60:02d}:{(30 + 30 * n) % 60:02d}": 52 for n in range(14)
    }
    assert by_wall["Thu 09:30"] == 53
    # 52 Sunday nights: one without the hour from one to two, none with it twice.
    assert (by_wall["Sun 00:30"], by_wall["Sun 01:00"], by_wall["Sun 01:30"]) == (52, 51, 51)


def test_york_house_could_see_by_appointment_all_whom_it_advised() -> None:
    """191 were advised and 74 supported from April to June 2023 (the council's own figures), on Tuesdays and Thursdays."""
    advised = 191 + 74
    offer = Offer(minutes=20, every_minutes=20)
    made, starts = capacity(TUESDAY_AND_THURSDAY, offer, date(2023, 4, 1), date(2023, 6, 30))
    assert len(made.bits(made.free, starts)) == 26 * 21
    assert advised < 26 * 21
    half = replace(made, offer=replace(made.offer, walk_in_share=50))
    todays: list[Taken] = []
    for start in [each for each in starts if each < made.days[4].first]:
        now = replace(half, taken=tuple(todays))
        if now.may_begin(start):
            todays.append(Taken(str(start), 1, start, start, start + 20, {}, 0))
    assert len(todays) == 10  # half of the 420 minutes of Tuesday the fourth, in whole appointments


def test_the_walk_ins_share_is_kept_to_the_minute_and_counts_whoever_is_there() -> None:
    day = date(2026, 11, 24)
    made, starts = capacity(TUESDAY_AND_THURSDAY, Offer(minutes=20, at_once=2, walk_in_share=50), day)
    opened = made.offered[0]
    morning = Stretch(opened.starts, opened.starts + 120)
    two = replace(
        made,
        needs={
            "person": [
                Resource(1, [opened]),
                Resource(2, [morning], [Stretch(opened.starts, opened.starts + 20)]),
            ]
        },
    )
    # 420 minutes of one and 100 of the other: half is 260, thirteen appointments.
    full = [
        Taken(
            str(n),
            1,
            opened.starts + 20 * n,
            opened.starts + 20 * n,
            opened.starts + 20 * (n + 1),
            {"person": 1},
        )
        for n in range(12)
    ]
    assert replace(two, taken=full).bits(replace(two, taken=full).free, starts)
    one_more = [
        *full,
        full[-1]._replace(
            booking="x", starts=opened.ends - 60, held_from=opened.ends - 60, held_until=opened.ends - 40
        ),
    ]
    assert not replace(two, taken=one_more).free
    absent = replace(two, needs={**two.needs, "interpreter": [Resource(9, [])]})
    assert not absent.day_is_full(
        absent.days[0]
    )  # an interpreter who is not there leaves the day as long as it is


def test_nine_thirty_is_the_first_whatever_the_step() -> None:
    made, starts = capacity(TUESDAY_AND_THURSDAY, Offer(minutes=20, every_minutes=20), date(2026, 11, 24))
    assert free(made, starts)[:3] == ["09:30", "09:50", "10:10"]
    assert free(made, starts)[-1] == "16:10"


def test_a_day_without_slots_says_why() -> None:
    hours = Hours(TUESDAY_AND_THURSDAY.usual, (Special(date(2026, 11, 27), time(9), time(10)),))
    first, last = date(2026, 11, 23), date(2026, 12, 3)
    made, starts = capacity(hours, Offer(minutes=20), first, last)
    now = int(datetime(2026, 11, 24, 20, 0, tzinfo=UTC).timestamp()) * 1_000_000
    limits = slots.bounds(date(2026, 11, 24), now, notice_hours=2, ahead_days=8)
    thursday = made.days[3]
    full = [Taken("a", 1, thursday.first, thursday.first, thursday.last, {}, 0)]
    nobody = {"person": [Resource(1, [Stretch(made.days[4].first, made.days[4].last)])]}
    some = slots.days_of(replace(made, taken=full), starts, limits)
    assert [(day.on.day, day.why) for day in some] == [
        (23, "closed"), (24, "too_soon"), (25, "closed"), (26, "full"), (27, ""), (28, "closed"),
        (29, "closed"), (30, "closed"), (1, ""), (2, "closed"), (3, "too_far"),
    ]  # fmt: skip
    again = {day.on.day: day.why for day in slots.days_of(replace(made, needs=nobody), starts, limits)}
    assert (again[26], again[27]) == ("none", "")
    assert slots.is_morning(some[4].slots[0].starts_at, LONDON)
    assert slots.nearest(some, some[8].slots[3].starts_at, 2) == [some[8].slots[2], some[8].slots[3]]


def test_now_is_not_past_and_a_moment_ago_is() -> None:
    at = 60 * MINUTE
    assert slots.bounds(date(2026, 1, 1), at, notice_hours=0, ahead_days=1).earliest == 60
    assert slots.bounds(date(2026, 1, 1), at + 1, notice_hours=2, ahead_days=1).earliest == 61 + 120
