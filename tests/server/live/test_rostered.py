"""Which desks the roster has open from now on: past midnight, on the days the clock is changed, with services that are gone."""

from __future__ import annotations

from datetime import UTC, date, datetime

from server.clock import to_micros
from server.live.floor import load_set_up
from server.live.rostered import Planned, desks_planned
from server.store.database import open_database
from server.store.sql import Sql
from server.store.tables import Shift
from tests.support.house import TUESDAY, fill

Row = tuple[date, str, str, list[str]]


def _shifts(
    database_url: str, rows: list[Row], now: datetime
) -> tuple[list[tuple[list[str], str, str]], int]:
    """The desks planned, their services as slugs and their times as UTC texts; and how many services of the centre are not discreet."""
    database = open_database(database_url)
    try:
        with database.writing() as session:
            fill(session)
            for held_on, begins, ends, services in rows:
                session.add(
                    Shift(
                        centre_id=1,
                        held_on=held_on,
                        begins=begins,
                        ends=ends,
                        services=services,
                        entered_at=TUESDAY,
                    )
                )
        with database.session() as session:
            set_up = load_set_up(session, 1)
            sql = Sql(session.connection())
            found = desks_planned(sql, 1, set_up.centre.timezone, set_up.offered, to_micros(now))
            sql.close()
    finally:
        database.close()
    slugs = {service.id: service.slug for service in set_up.offered}
    open_to_all = sum(not service.discreet for service in set_up.offered)
    return [_told(each, slugs) for each in found], open_to_all


def _told(planned: Planned, slugs: dict[int | None, str]) -> tuple[list[str], str, str]:
    at = [datetime.fromtimestamp(micros / 1e6, UTC).strftime("%d %H:%M") for micros in planned[1:3]]
    return (sorted(slugs[each] for each in planned.services), at[0], at[1])


def test_shifts_of_now_and_later_are_told_and_those_over_are_not(database_url: str) -> None:
    today = TUESDAY.date()
    found, usual = _shifts(
        database_url,
        [
            (today, "13:00", "16:30", ["housing", "gone"]),
            (today, "09:30", "13:00", []),
            (today, "08:00", "10:00", []),  # over at 10:00 sharp
            (today, "09:30", "12:00", ["gone"]),  # a desk for nobody
            (date(2026, 11, 23), "20:00", "10:30", ["council-tax"]),  # since last night
            (date(2026, 11, 26), "09:30", "16:30", []),
        ],
        TUESDAY,
    )
    assert usual == 3
    assert found == [
        (["council-tax"], "23 20:00", "24 10:30"),
        (["council-tax", "housing", "safety"], "24 09:30", "24 13:00"),
        (["housing"], "24 13:00", "24 16:30"),
    ]


def test_on_the_night_the_clock_goes_back_a_shift_lasts_an_hour_longer(database_url: str) -> None:
    found, _ = _shifts(
        database_url,
        [(date(2026, 10, 24), "22:00", "06:00", ["housing"])],
        datetime(2026, 10, 24, 22, tzinfo=UTC),
    )
    assert found == [(["housing"], "24 21:00", "25 06:00")]


def test_a_shift_wholly_in_the_hour_the_clock_skips_is_none(database_url: str) -> None:
    rows: list[Row] = [
        (date(2026, 3, 29), "01:10", "01:50", []),
        (date(2026, 3, 29), "00:30", "02:30", ["housing"]),
    ]
    found, _ = _shifts(database_url, rows, datetime(2026, 3, 29, 0, tzinfo=UTC))
    assert found == [(["housing"], "29 00:30", "29 01:30")]
