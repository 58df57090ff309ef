"""The server or the line was gone over night: yesterday's visitors do not stand in today's queue, nor yesterday's advisers at desks."""

from datetime import UTC, datetime

from server.jobs import rounds
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import RefusalCode

THURSDAY_OPEN = datetime(2026, 11, 26, 9, 40, tzinfo=UTC)


async def column(rehearsal: Rehearsal, statement: str) -> list[object]:
    return await rehearsal.house.look(
        lambda connection: list(connection.exec_driver_sql(statement).scalars())
    )


async def test_a_server_switched_on_when_the_centre_is_open_clears_the_days_before(
    rehearsal: Rehearsal,
) -> None:
    old = await rehearsal.issue()
    await rehearsal.sit("ann", "desk-1")
    rehearsal.clock.set(THURSDAY_OPEN)
    today = await rehearsal.issue()
    assert await rounds.end_days(rehearsal.house) == 1
    await rehearsal.sit("bob", "desk-1")
    assert (await rehearsal.ask("bob", asks.CallNext()))["ticket"] == today.ticket
    assert await column(rehearsal, f"SELECT state FROM ticket WHERE id = '{old.ticket}'") == ["cancelled"]


async def test_nobody_who_came_today_is_touched_however_early(rehearsal: Rehearsal) -> None:
    rehearsal.clock.set(datetime(2026, 11, 24, 3, 0, tzinfo=UTC))
    await rehearsal.issue()
    rehearsal.clock.set(datetime(2026, 11, 24, 16, 0, tzinfo=UTC))
    assert await rounds.end_days(rehearsal.house) == 0


async def test_tickets_handed_over_days_later_are_entered_but_not_in_the_queue(rehearsal: Rehearsal) -> None:
    late = rehearsal.issue_ask().model_copy(update={"age_ms": 48 * 3600 * 1000})
    today = rehearsal.issue_ask().model_copy(update={"code": late.code})
    await rehearsal.ask(rehearsal.kiosk, today)
    await rehearsal.ask(rehearsal.kiosk, late)
    await rehearsal.sit()
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == today.ticket
    assert await column(rehearsal, "SELECT state FROM ticket ORDER BY arrived_at") == ["cancelled", "called"]
    assert await column(rehearsal, f"SELECT ended_at IS NULL FROM visit WHERE id = '{late.visit}'") in (
        [0],
        [False],
    )


async def test_a_ticket_of_this_morning_or_of_before_midnight_still_waits(rehearsal: Rehearsal) -> None:
    rehearsal.clock.set(datetime(2026, 11, 25, 0, 30, tzinfo=UTC))
    before_midnight = rehearsal.issue_ask().model_copy(update={"age_ms": 60 * 60_000})
    await rehearsal.ask(rehearsal.kiosk, before_midnight)
    rehearsal.clock.set(datetime(2026, 11, 25, 16, 0, tzinfo=UTC))
    long_today = rehearsal.issue_ask().model_copy(update={"age_ms": 13 * 3600 * 1000})
    await rehearsal.ask(rehearsal.kiosk, long_today)
    assert await column(rehearsal, "SELECT state FROM ticket") == ["waiting", "waiting"]


async def test_an_adviser_is_not_put_off_the_counter_while_people_still_wait_after_closing(
    rehearsal: Rehearsal,
) -> None:
    await rehearsal.sit()
    rehearsal.clock.set(datetime(2026, 11, 24, 16, 20, tzinfo=UTC))
    last = await rehearsal.issue()
    rehearsal.clock.set(datetime(2026, 11, 24, 16, 35, tzinfo=UTC))
    await rounds.end_days(rehearsal.house)
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == last.ticket
    await rehearsal.ask("ann", asks.NoShow(ticket=last.ticket))
    await rounds.end_days(rehearsal.house)
    assert (await rehearsal.refused("ann", asks.CallNext())).code is RefusalCode.NO_COUNTER
