"""The page Now read from a real house: who waits, what may not be named, the days it is compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest

from server.clock import to_micros
from server.domain.hours import Closure, Hours, Timetable, Usual
from server.domain.telling.now import PRIVATE
from server.domain.telling.so_far import HALVES, SoFar
from server.live.now import appointments_today, days_like, floor_now, halves_over, so_far, standing
from server.store.tx import Tx
from tests.support.house import TUESDAY, Rehearsal, hash_of
from wire import asks
from wire.vocabulary import new_id

LONDON = ZoneInfo("Europe/London")
TODAY = TUESDAY.date()
WEEKDAYS = tuple(Usual(weekday, time(9, 30), time(16, 30), None, None) for weekday in range(5))


async def test_the_floor_in_numbers_names_no_private_need(rehearsal: Rehearsal) -> None:
    await rehearsal.sit("ann", "desk-1", ("council-tax", "private"))
    await rehearsal.sit("bob", "desk-2", ("council-tax",))
    first = await rehearsal.issue()
    rehearsal.clock.go(minutes=12)
    await rehearsal.issue("housing")
    await rehearsal.issue("council-tax", discreet=True)
    await rehearsal.issue("private")
    rehearsal.clock.go(minutes=9)
    await rehearsal.issue()
    called = await rehearsal.ask("ann", asks.CallNext())
    assert called["ticket"] == first.ticket
    await rehearsal.ask("ann", asks.Arrive(ticket=first.ticket))
    await rehearsal.ask("bob", asks.TakeBreak(reason="lunch"))
    rehearsal.house.hub.ring_all()
    seen = floor_now(await rehearsal.house.hub.floor_at_a_glance(rehearsal.kiosk.centre))
    assert (seen.waiting, seen.serving, seen.called, seen.parked) == (4, 1, 0, 0)
    assert (seen.counters, seen.busy, seen.free, seen.on_break) == (2, 1, 0, 1)
    assert seen.longest == 9 * 60_000_000
    lines = {line.name: line for line in seen.lines}
    assert {name: line.waiting for name, line in lines.items()} == {
        "council-tax": 1,
        "housing": 1,
        "safety": 0,
        PRIVATE: 2,
    }
    assert lines["housing"].why == "no_desk"
    assert lines["council-tax"].high is not None
    assert lines["council-tax"].counters == 1, "who is on a break serves nobody"
    assert (lines[PRIVATE].high, lines[PRIVATE].why, lines[PRIVATE].counters) == (None, "", None)


async def test_nothing_at_all_on_the_first_day(rehearsal: Rehearsal) -> None:
    seen = floor_now(await rehearsal.house.hub.floor_at_a_glance(rehearsal.kiosk.centre))
    assert (seen.waiting, seen.longest, seen.counters) == (0, None, 0)
    today = await _so_far(rehearsal, Timetable("Europe/London", Hours(WEEKDAYS)))
    assert (today.total, today.past, today.first, today.last, today.done) == (0, (), 19, 32, 20)
    nothing = await rehearsal.house.look(
        lambda connection: appointments_today(connection, 1, TODAY, LONDON, rehearsal.clock.micros())
    )
    assert nothing.number == 0


async def _so_far(rehearsal: Rehearsal, timetable: Timetable, zone: ZoneInfo = LONDON) -> SoFar:
    now = rehearsal.clock.micros()
    return await rehearsal.house.look(lambda connection: so_far(connection, 1, timetable, zone, now))


async def _visits(rehearsal: Rehearsal, at: list[datetime]) -> None:
    def write(tx: Tx) -> None:
        service = tx.sql.connection.exec_driver_sql("SELECT MIN(id) FROM service").scalar_one()
        for number, local in enumerate(at):
            visit, micros = new_id(), to_micros(local.astimezone(UTC))
            tx.sql.connection.exec_driver_sql(
                "INSERT INTO visit (id, centre_id, arrived_on, code, language, needs, discreet, channel, follow_hash, arrived_at, ended_at, people)"
                f" VALUES ('{visit}', 1, '{local.date()}', 'V{number}', 'en', '[]', false, 'kiosk', '{hash_of(visit)}', {micros}, {micros}, 1)"
            )
            tx.sql.connection.exec_driver_sql(
                "INSERT INTO ticket (id, visit_id, centre_id, service_id, state, ticket_class, arrived_at, counts_from, calls, paper, copies, quick,"
                " again, left_open, counted, ended_at)"
                f" VALUES ('{new_id()}', '{visit}', 1, {service}, 'cancelled', 'ordinary', {micros}, {micros}, 0, 'reserved', 0, false, false, false, true, {micros})"
            )

    await rehearsal.house.change(rehearsal.people["ada"], "past", write)


async def test_usual_days_are_those_of_the_weekday_on_which_the_house_was_open_and_anybody_came(
    rehearsal: Rehearsal,
) -> None:
    """Fifteen Tuesdays back: one was closed, on one nothing was counted, and the Wednesdays between do not matter."""
    shut, silent = TODAY - timedelta(weeks=3), TODAY - timedelta(weeks=5)
    came: dict[date, list[datetime]] = {}
    for ago in range(1, 16):
        day = TODAY - timedelta(weeks=ago)
        if day == silent:
            continue
        begins = datetime.combine(day, time(9, 35), LONDON)
        came[day] = [begins + timedelta(minutes=17 * number) for number in range(3 + ago % 4)]
        came[day + timedelta(days=1)] = [begins + timedelta(days=1)] * 3
    came[TODAY] = [datetime.combine(TODAY, time(9, minute), LONDON) for minute in (31, 40, 59)]
    await _visits(rehearsal, [at for day in came.values() for at in day])
    timetable = Timetable("Europe/London", Hours(WEEKDAYS, closures=(Closure(shut, shut),)))
    today = await _so_far(rehearsal, timetable)
    days = [TODAY - timedelta(weeks=ago) for ago in range(1, 16)]
    days = [day for day in days if day not in (shut, silent)][:12]
    by_hand = []
    for day in days:
        halves = [0] * HALVES
        for at in came[day]:
            halves[at.hour * 2 + at.minute // 30] += 1
        by_hand.append(tuple(halves))
    assert sorted(today.past) == sorted(by_hand)
    assert (today.total, today.halves[19], today.done, today.first, today.last) == (3, 3, 20, 19, 32)
    whole = sorted(list(accumulate(day))[-1] for day in by_hand)
    band = today.bands()[-1]
    assert band is not None
    assert (band.low, band.high) == (whole[0], whole[-1]) == (3, 6)
    assert whole[5] <= band.middle <= whole[6]


async def test_a_centre_open_past_midnight_counts_by_the_clock_on_the_wall(rehearsal: Rehearsal) -> None:
    late = Timetable("Europe/London", Hours((Usual(1, time(18), time(2), None, None),)))
    await _visits(
        rehearsal,
        [
            datetime(2026, 11, 24, 23, 40, tzinfo=LONDON),
            datetime(2026, 11, 25, 0, 10, tzinfo=LONDON),
        ],
    )
    rehearsal.clock.set(datetime(2026, 11, 24, 23, 59, tzinfo=UTC))
    before = await _so_far(rehearsal, late)
    assert (before.on, before.total, before.first, before.last, before.opens) == (TODAY, 1, 36, 47, True)
    rehearsal.clock.set(datetime(2026, 11, 25, 0, 35, tzinfo=UTC))
    after = await _so_far(rehearsal, late)
    assert (after.on, after.total, after.halves[0], after.done) == (date(2026, 11, 25), 1, 1, 1)
    assert (after.opens, after.first, after.last) == (True, 0, 3), "the evening's opening goes on"
    rehearsal.clock.set(datetime(2026, 11, 26, 0, 35, tzinfo=UTC))
    assert (await _so_far(rehearsal, late)).opens is False


@pytest.mark.parametrize(
    ("now", "over"),
    [
        # The night the clock goes back: half past one comes twice, and what ends there is over after the second.
        (datetime(2026, 10, 24, 23, 59, tzinfo=UTC), 1),
        (datetime(2026, 10, 25, 0, 45, tzinfo=UTC), 2),
        (datetime(2026, 10, 25, 1, 29, tzinfo=UTC), 2),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), 3),
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), 4),
        (datetime(2026, 10, 25, 23, 59, tzinfo=UTC), 47),
        # The night it goes forward: after one o'clock comes two.
        (datetime(2026, 3, 29, 0, 29, tzinfo=UTC), 0),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), 4),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), 5),
        (datetime(2026, 3, 29, 22, 59, tzinfo=UTC), 47),
    ],
)
def test_half_hours_on_both_days_on_which_the_clock_is_changed(now: datetime, over: int) -> None:
    assert halves_over(now.astimezone(LONDON).date(), LONDON, to_micros(now)) == over


def test_a_weekday_on_which_the_house_never_opens_has_no_usual_days() -> None:
    assert days_like(Timetable("Europe/London", Hours(WEEKDAYS)), date(2026, 11, 22), LONDON) == []


STARTS = 1_000 * 60_000_000


@pytest.mark.parametrize(
    ("state", "late", "ticket", "now", "found"),
    [
        ("booked", 0, None, STARTS - 1, "to_come"),
        ("booked", 0, None, STARTS, "late"),
        ("booked", 10, None, STARTS + 9 * 60_000_000, "to_come"),
        ("arrived", 0, "waiting", STARTS, "waiting"),
        ("arrived", 0, "called", STARTS, "at_counter"),
        ("arrived", 0, "parked", STARTS, "at_counter"),
        ("arrived", 0, "finished", STARTS, "over"),
        ("arrived", 0, "cancelled", STARTS, "over"),
        ("missed", 0, None, STARTS, "missed"),
        ("held", 0, None, STARTS - 1, ""),
    ],
)
def test_how_far_an_appointment_has_come(
    state: str, late: int, ticket: str | None, now: int, found: str
) -> None:
    assert standing(state, STARTS, late, ticket, now=now) == found
