"""What happens by itself, and only then: no-shows, nights with people waiting, the clock changes."""

from datetime import UTC, datetime

import pytest

from server.jobs import rounds
from server.store.tx import Tx
from tests.support.house import Rehearsal, running_house
from wire import asks


async def states(rehearsal: Rehearsal) -> list[str]:
    return await rehearsal.house.look(
        lambda connection: list(
            connection.exec_driver_sql("SELECT state FROM ticket ORDER BY id").scalars().all()
        )
    )


async def test_a_call_nobody_answers_becomes_a_no_show_after_three_calls_and_three_minutes(
    rehearsal: Rehearsal,
) -> None:
    taken = await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    rehearsal.clock.go(minutes=10)
    assert await rounds.no_shows(rehearsal.house) == 0, "called once only"
    await rehearsal.ask("ann", asks.Recall(ticket=taken.ticket))
    rehearsal.clock.go(minutes=10)
    assert await rounds.no_shows(rehearsal.house) == 0, "called twice only"
    await rehearsal.ask("ann", asks.Recall(ticket=taken.ticket))
    rehearsal.clock.go(minutes=2, seconds=59)
    assert await rounds.no_shows(rehearsal.house) == 0, "three minutes are not over"
    rehearsal.clock.go(seconds=1)
    assert await rounds.no_shows(rehearsal.house) == 1
    assert await states(rehearsal) == ["no_show"]
    assert await rounds.no_shows(rehearsal.house) == 0


async def test_whoever_waited_at_closing_is_out_of_the_queue_next_day_and_the_counter_free(
    rehearsal: Rehearsal,
) -> None:
    await rehearsal.issue()
    await rehearsal.issue()
    await rehearsal.sit()
    called = await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Arrive(ticket=called["ticket"]))
    rehearsal.clock.set(datetime(2026, 11, 24, 23, 50, tzinfo=UTC))
    assert await rounds.end_days(rehearsal.house) == 0, "still the same day"
    rehearsal.clock.set(datetime(2026, 11, 25, 0, 10, tzinfo=UTC))
    assert await rounds.end_days(rehearsal.house) == 2
    assert await states(rehearsal) == ["finished", "cancelled"]
    rehearsal.clock.set(datetime(2026, 11, 25, 9, 40, tzinfo=UTC))
    await rehearsal.sit("bob", "desk-1")


async def test_whoever_waits_while_the_centre_is_open_past_midnight_stays(rehearsal: Rehearsal) -> None:
    def open_late(tx: Tx) -> None:
        tx.session().connection().exec_driver_sql("UPDATE opening SET closes = '02:00'")
        tx.session().connection().exec_driver_sql("UPDATE centre SET version = version + 1")

    await rehearsal.house.change(rehearsal.people["ada"], "open late", open_late)
    rehearsal.clock.set(datetime(2026, 11, 24, 23, 50, tzinfo=UTC))
    await rehearsal.issue()
    rehearsal.clock.set(datetime(2026, 11, 25, 0, 10, tzinfo=UTC))
    assert await rounds.end_days(rehearsal.house) == 0
    assert await states(rehearsal) == ["waiting"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # The clock goes forward: 01:00 UTC on 28 March 2027; and back: 01:00 UTC on 31 October 2027.
        (datetime(2027, 3, 28, 0, 50, tzinfo=UTC), datetime(2027, 3, 28, 1, 10, tzinfo=UTC)),
        (datetime(2027, 10, 31, 0, 50, tzinfo=UTC), datetime(2027, 10, 31, 1, 10, tzinfo=UTC)),
    ],
)
async def test_the_nights_the_clock_changes_neither_end_a_wait_nor_lengthen_it(
    database_url: str, before: datetime, after: datetime
) -> None:
    async with running_house(database_url, at=before) as rehearsal:

        def open_all_night(tx: Tx) -> None:
            run = tx.session().connection().exec_driver_sql
            run("UPDATE opening SET opens = '00:00', closes = '00:00', weekday = 6 WHERE weekday = 0")
            run("UPDATE centre SET version = version + 1")

        await rehearsal.house.change(rehearsal.people["ada"], "open all night", open_all_night)
        first = await rehearsal.issue()
        rehearsal.clock.set(after)
        assert await rounds.end_days(rehearsal.house) == 0
        second = await rehearsal.issue()
        assert first.code != second.code
        await rehearsal.sit()
        called = await rehearsal.ask("ann", asks.CallNext())
        assert called["code"] == first.code
        assert "20 minutes" in called["why"]
