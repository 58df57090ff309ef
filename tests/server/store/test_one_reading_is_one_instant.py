"""One reading of the floor is of one instant, whatever is committed meanwhile; else a ticket called between two statements is nowhere."""

from sqlalchemy import Connection

from tests.support.house import Rehearsal


def visits(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT COUNT(*) FROM visit").scalar_one())


async def test_what_is_committed_during_a_reading_is_not_seen_by_it(rehearsal: Rehearsal) -> None:
    await rehearsal.issue()
    with rehearsal.house.database.reading() as connection:
        assert visits(connection) == 1
        await rehearsal.issue()
        assert visits(connection) == 1
    with rehearsal.house.database.reading() as connection:
        assert visits(connection) == 2
