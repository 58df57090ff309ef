from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.hours import (
    LOOK_AHEAD_DAYS,
    Closed,
    Closure,
    Hours,
    Open,
    Span,
    Special,
    Timetable,
    Usual,
)

LONDON = "Europe/London"
ZONE = ZoneInfo(LONDON)
TUESDAY, THURSDAY, FRIDAY = 1, 3, 4
TUE, WED, THU = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)
SPRING = date(2027, 3, 28)
"""01:00 becomes 02:00."""
AUTUMN = date(2026, 10, 25)
"""02:00 becomes 01:00."""
USUAL = Hours(
    usual=(
        Usual(TUESDAY, time(9, 30), time(16, 30)),
        Usual(THURSDAY, time(9, 30), time(16, 30)),
    )
)


def at(on: date, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    """An instant by London's clock."""
    return datetime.combine(on, time(hour, minute), ZONE).replace(fold=fold).astimezone(UTC)


def on_day(on: date, opens: time, closes: time) -> Timetable:
    return Timetable(LONDON, Hours(usual=(Usual(on.weekday(), opens, closes, on, on),)))


def test_open_within_the_hours_and_not_a_moment_longer() -> None:
    centre = Timetable(LONDON, USUAL)
    assert centre.standing(at(TUE, 9, 29)) == Closed(at(TUE, 9, 30))
    assert centre.standing(at(TUE, 9, 30)) == Open(at(TUE, 16, 30))
    assert centre.standing(at(TUE, 16, 30) - timedelta(microseconds=1)) == Open(at(TUE, 16, 30))
    assert centre.standing(at(TUE, 16, 30)) == Closed(at(THU, 9, 30))
    assert centre.local_times(TUE) == [("09:30", "16:30")]
    assert centre.local_times(WED) == []


def test_hours_hold_only_between_their_dates() -> None:
    hours = Hours(usual=(Usual(TUESDAY, time(9), time(12), from_on=TUE, until_on=TUE + timedelta(days=7)),))
    centre = Timetable(LONDON, hours)
    assert [on for days in range(-14, 30) if centre.spans_on(on := TUE + timedelta(days=days))] == [
        TUE,
        TUE + timedelta(days=7),
    ]


def test_the_hours_of_one_date_replace_the_usual_ones() -> None:
    centre = Timetable(
        LONDON, Hours(USUAL.usual, (Special(TUE, time(10), time(11)), Special(WED, time(8), time(9))))
    )
    assert centre.local_times(TUE) == [("10:00", "11:00")]
    assert centre.local_times(WED) == [("08:00", "09:00")]
    assert centre.local_times(THU) == [("09:30", "16:30")]


def test_a_closure_wins_over_special_hours_and_gives_its_reason() -> None:
    reason = {"en": "A pipe has burst."}
    hours = Hours(USUAL.usual, (Special(TUE, time(10), time(11)),), (Closure(TUE, TUE, reason),))
    assert Timetable(LONDON, hours).standing(at(TUE, 10, 30)) == Closed(at(THU, 9, 30), reason)


def test_the_reason_is_given_ahead_when_a_closure_takes_away_the_next_opening() -> None:
    christmas = Closure(date(2026, 12, 24), date(2027, 1, 1), {"en": "Closed for Christmas."})
    centre = Timetable(LONDON, Hours(USUAL.usual, closures=(christmas,)))
    assert centre.standing(at(date(2026, 12, 22), 17)) == Closed(
        at(date(2027, 1, 5), 9, 30), {"en": "Closed for Christmas."}
    )
    assert centre.standing(at(date(2026, 12, 22), 8)) == Closed(at(date(2026, 12, 22), 9, 30))


def test_a_closure_of_days_that_are_not_open_anyway_is_no_reason() -> None:
    hours = Hours(USUAL.usual, closures=(Closure(WED, WED, {"en": "Training."}),))
    assert Timetable(LONDON, hours).standing(at(TUE, 17)) == Closed(at(THU, 9, 30))
    assert Timetable(LONDON, hours).standing(at(WED, 10)) == Closed(at(THU, 9, 30), {"en": "Training."})


def test_no_opening_in_sight_is_none() -> None:
    assert Timetable(LONDON, Hours()).standing(at(TUE, 10)) == Closed(None)
    far = Hours(special=(Special(TUE + timedelta(days=LOOK_AHEAD_DAYS + 1), time(9), time(10)),))
    assert Timetable(LONDON, far).standing(at(TUE, 10)) == Closed(None)
    near = Hours(special=(Special(TUE + timedelta(days=LOOK_AHEAD_DAYS), time(9), time(10)),))
    assert Timetable(LONDON, near).standing(at(TUE, 10)) != Closed(None)


def test_a_service_is_open_within_its_own_hours_and_the_centres() -> None:
    own = Hours(usual=(Usual(TUESDAY, time(8), time(12)), Usual(FRIDAY, time(9), time(12))))
    advice = Timetable(LONDON, USUAL, own)
    assert advice.local_times(TUE) == [("09:30", "12:00")]
    assert advice.local_times(THU) == []
    assert advice.local_times(THU + timedelta(days=1)) == []


def test_a_service_without_hours_of_its_own_keeps_the_centres_and_may_have_a_closure() -> None:
    assert Timetable(LONDON, USUAL, Hours()).local_times(TUE) == [("09:30", "16:30")]
    reason = {"en": "The adviser is ill."}
    closed = Timetable(LONDON, USUAL, Hours(closures=(Closure(TUE, TUE, reason),)))
    assert closed.standing(at(TUE, 10)) == Closed(at(THU, 9, 30), reason)


def test_a_service_with_special_hours_only_keeps_the_centres_on_other_days() -> None:
    service = Timetable(LONDON, USUAL, Hours(special=(Special(TUE, time(15), time(18)),)))
    assert service.local_times(TUE) == [("15:00", "16:30")]
    assert service.local_times(THU) == [("09:30", "16:30")]


def test_open_past_midnight_belongs_to_the_date_it_opens_on() -> None:
    hours = Hours(
        usual=(Usual(TUESDAY, time(22), time(2)),),
        closures=(Closure(WED, WED, {"en": "Closed on Wednesday."}),),
    )
    centre = Timetable(LONDON, hours)
    assert centre.spans_on(TUE) == (Span(at(TUE, 22), at(WED, 2)),)
    assert centre.standing(at(WED, 1, 59)) == Open(at(WED, 2))
    assert isinstance(centre.standing(at(WED, 2)), Closed)


def test_round_the_clock_is_open_until_it_really_ends() -> None:
    hours = Hours(usual=(Usual(TUESDAY, time(0), time(0)), Usual(2, time(0), time(12))))
    assert Timetable(LONDON, hours).standing(at(TUE, 5)) == Open(at(WED, 12))


def test_a_span_over_the_missing_hour_is_an_hour_shorter() -> None:
    [span] = on_day(SPRING, time(0), time(6)).spans_on(SPRING)
    assert span.closes_at - span.opens_at == timedelta(hours=5)


def test_a_span_over_the_hour_that_comes_twice_is_an_hour_longer() -> None:
    [span] = on_day(AUTUMN, time(0), time(6)).spans_on(AUTUMN)
    assert span.closes_at - span.opens_at == timedelta(hours=7)


def test_a_time_in_the_missing_hour_means_the_moment_the_clock_moves() -> None:
    moves = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert on_day(SPRING, time(1, 30), time(6)).spans_on(SPRING) == (Span(moves, at(SPRING, 6)),)
    before = SPRING - timedelta(days=1)
    assert on_day(before, time(22), time(1, 30)).spans_on(before) == (Span(at(before, 22), moves),)
    assert on_day(SPRING, time(1, 10), time(1, 50)).spans_on(SPRING) == ()


def test_in_the_hour_that_comes_twice_it_opens_at_the_first_and_closes_at_the_second() -> None:
    assert on_day(AUTUMN, time(1, 30), time(6)).spans_on(AUTUMN) == (Span(at(AUTUMN, 1, 30), at(AUTUMN, 6)),)
    before = AUTUMN - timedelta(days=1)
    assert on_day(before, time(22), time(1, 30)).spans_on(before) == (
        Span(at(before, 22), at(AUTUMN, 1, 30, fold=1)),
    )


def test_the_day_after_each_night_opens_by_the_new_clock() -> None:
    for sunday in (SPRING, AUTUMN):
        monday = sunday + timedelta(days=1)
        [span] = Timetable(LONDON, Hours(usual=(Usual(0, time(9, 30), time(16, 30)),))).spans_on(monday)
        assert f"{span.opens_at.astimezone(ZONE):%H:%M}" == "09:30"


@pytest.mark.parametrize(
    "zone", ["Pacific/Apia", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
def test_odd_time_zones_open_by_their_own_clock(zone: str) -> None:
    centre = Timetable(zone, USUAL)
    assert centre.local_times(TUE) == [("09:30", "16:30")]


def test_next_change_is_the_opening_the_closing_or_midnight() -> None:
    centre = Timetable(LONDON, USUAL)
    assert centre.next_change(at(TUE, 8)) == at(TUE, 9, 30)
    assert centre.next_change(at(TUE, 10)) == at(TUE, 16, 30)
    assert centre.next_change(at(TUE, 17)) == at(WED, 0)


# Laws ----------------------------------------------------------------------------------------------------

TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
USUALS = st.lists(st.builds(Usual, st.integers(0, 6), TIMES, TIMES), max_size=5).map(tuple)
NIGHTS = st.sampled_from([SPRING, AUTUMN, TUE])


def is_open_by_the_wall_clock(usual: tuple[Usual, ...], now: datetime) -> bool:
    """The oracle: reads the local clock as a person would, whatever night it is."""
    local = now.astimezone(ZONE)
    wall, today, yesterday = local.time(), local.weekday(), (local.weekday() - 1) % 7
    return any(
        (each.weekday == today and each.opens <= wall and (wall < each.closes or each.closes <= each.opens))
        or (each.weekday == yesterday and each.closes <= each.opens and wall < each.closes)
        for each in usual
    )


@given(USUALS, NIGHTS, st.integers(-2 * 24 * 60, 2 * 24 * 60))
def test_standing_agrees_with_the_clock_on_the_wall(
    usual: tuple[Usual, ...], night: date, minutes: int
) -> None:
    now = datetime.combine(night, time(0), UTC) + timedelta(minutes=minutes)
    twice = datetime(2026, 10, 25, 0, tzinfo=UTC) <= now < datetime(2026, 10, 25, 2, tzinfo=UTC)
    standing = Timetable(LONDON, Hours(usual)).standing(now)
    if not twice:
        assert isinstance(standing, Open) == is_open_by_the_wall_clock(usual, now)
    elif is_open_by_the_wall_clock(usual, now):
        assert isinstance(standing, Open)


@given(USUALS, NIGHTS, st.integers(-2 * 24 * 60, 2 * 24 * 60))
def test_it_stays_as_it_is_until_the_change_that_was_told(
    usual: tuple[Usual, ...], night: date, minutes: int
) -> None:
    now = datetime.combine(night, time(0), UTC) + timedelta(minutes=minutes)
    table = Timetable(LONDON, Hours(usual))
    standing = table.standing(now)
    match standing:
        case Open(closes_at):
            if closes_at - now < timedelta(days=7):
                assert table.standing(closes_at - timedelta(seconds=1)) == standing
                assert isinstance(table.standing(closes_at), Closed)
        case Closed(None):
            assert usual == () or all(not table.spans_on(night + timedelta(days=day)) for day in range(60))
        case Closed(datetime() as opens_at):
            assert table.standing(opens_at - timedelta(seconds=1)) == standing
            assert isinstance(table.standing(opens_at), Open)


@given(USUALS, USUALS, NIGHTS, st.integers(-1, 1))
def test_a_service_is_never_open_when_its_centre_is_closed(
    usual: tuple[Usual, ...], own: tuple[Usual, ...], night: date, day: int
) -> None:
    centre = Timetable(LONDON, Hours(usual))
    for opens_at, closes_at in Timetable(LONDON, Hours(usual), Hours(own)).spans_on(
        night + timedelta(days=day)
    ):
        assert opens_at < closes_at
        now = opens_at
        while now < closes_at:
            assert isinstance(centre.standing(now), Open)
            now += timedelta(minutes=45)
