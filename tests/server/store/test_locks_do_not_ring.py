"""The centre's lock keeps out other batches of that centre and nobody else; and trouble never ends the lane itself."""

import pytest
from sqlalchemy import create_engine, text

from tests.support.house import Rehearsal, running_house
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

    def trouble(tx):
        tx.sql.connection.exec_driver_sql("SELECT no_such_column FROM centre")

    with pytest.raises(Exception, match="cannot write"):
        await rehearsal.house.change(rehearsal.people["ada"], "trouble", trouble)
    answer = await rehearsal.answer(rehearsal.kiosk, rehearsal.issue_ask())
    if answer.refusal is not None:  # the connection that did not close may still hold the lock for a moment
        assert answer.refusal.code is RefusalCode.TRY_LATER
