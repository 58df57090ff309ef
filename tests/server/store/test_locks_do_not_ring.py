"""The centre's lock keeps out other batches of that centre and nobody else; and trouble never ends the lane itself."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import create_engine, text

from server.actions.leaving import leave_seat
from server.domain.access import SYSTEM, Actor
from server.store.tx import Tx
from tests.support.house import Rehearsal, cast_of, fill, running_house
from tests.support.waiting import until_async
from wire import asks
from wire.vocabulary import RefusalCode


@pytest.mark.postgres
async def test_whoever_writes_a_row_that_points_at_the_centre_does_not_hold_up_its_queue(
    postgres_url: str,
) -> None:
    async with running_house(postgres_url) as rehearsal:
        other = create_engine(rehearsal.house.database.url)
        with other.connect() as signing_in, signing_in.begin():
            signing_in.execute(
                text(
                    "INSERT INTO audit (centre_id, at, what, about, address, detail) VALUES (:centre, 0, 'x', '', '', '{}')"
                ),
                {"centre": rehearsal.kiosk.centre},
            )
            await rehearsal.issue()
        other.dispose()


async def _with_another_centre(rehearsal: Rehearsal) -> Actor:
    """Bob of that centre, who sits there at a desk."""
    await rehearsal.house.change(SYSTEM, "fill", lambda tx: fill(tx.session(), "other"))
    return cast_of(rehearsal.house.database, "other")[0]["bob"]


@pytest.mark.postgres
async def test_getting_somebody_up_at_another_centre_does_not_wait_for_who_only_points_at_it(
    postgres_url: str,
) -> None:
    async with running_house(postgres_url) as rehearsal:
        bob = await _with_another_centre(rehearsal)
        await rehearsal.sit(bob)
        other = create_engine(rehearsal.house.database.url)
        with other.connect() as signing_in, signing_in.begin():
            signing_in.execute(
                text(
                    "INSERT INTO audit (centre_id, at, what, about, address, detail) VALUES (:centre, 0, 'x', '', '', '{}')"
                ),
                {"centre": bob.centre},
            )
            await rehearsal.house.change(rehearsal.people["ada"], "off", partial(leave_seat, staff_id=bob.id))
        other.dispose()
        await rehearsal.sit(bob)


@pytest.mark.postgres
async def test_who_leaves_a_counter_of_another_centre_waits_for_what_is_going_on_there(
    postgres_url: str,
) -> None:
    async with running_house(postgres_url) as rehearsal:
        bob = await _with_another_centre(rehearsal)
        await rehearsal.sit(bob)
        other = create_engine(rehearsal.house.database.url)
        with other.connect() as batch, batch.begin():
            batch.execute(text("SELECT id FROM centre WHERE id = :it FOR NO KEY UPDATE"), {"it": bob.centre})
            here = replace(bob, centre=rehearsal.kiosk.centre)
            leaving = asyncio.create_task(rehearsal.answer(here, asks.GetUp()))
            waiting = text("SELECT COUNT(*) FROM pg_locks WHERE NOT granted")
            await until_async(lambda: leaving.done() or batch.execute(waiting).scalar_one())
            assert not leaving.done(), "it went on while another server had that centre"
        assert (await leaving).refusal is None
        other.dispose()


async def test_a_connection_that_cannot_even_be_closed_does_not_end_the_lane(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rehearsal.issue()
    lane = rehearsal.house.lane
    connection = lane._connection
    assert connection is not None

    def stuck() -> None:
        raise OSError("stuck")

    monkeypatch.setattr(connection, "close", stuck)

    def trouble(tx: Tx) -> None:
        tx.sql.connection.exec_driver_sql("SELECT no_such_column FROM centre")

    with pytest.raises(Exception, match="cannot write"):
        await rehearsal.house.change(rehearsal.people["ada"], "trouble", trouble)
    answer = await rehearsal.answer(rehearsal.kiosk, rehearsal.issue_ask())
    if answer.refusal is not None:  # the connection that did not close may still hold the lock for a moment
        assert answer.refusal.code is RefusalCode.TRY_LATER
