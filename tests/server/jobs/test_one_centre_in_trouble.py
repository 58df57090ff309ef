"""A centre whose set-up cannot be read (a time zone this machine does not know) does not keep the others' day from ending."""

from datetime import UTC, datetime

from server.jobs import rounds
from server.store.tx import Tx
from tests.support.house import Rehearsal


async def test_the_others_day_ends_all_the_same(rehearsal: Rehearsal) -> None:
    def add_broken(tx: Tx) -> None:
        run = tx.session().connection().exec_driver_sql
        run(
            "INSERT INTO centre (id, slug, name, timezone, languages, wait_here, address, idle_seconds, max_calls, no_show_minutes,"
            " version, extra) VALUES (0, 'first', 'First', 'Mars/Olympus', '[]', '{}', '', 40, 3, 3, 1, '{}')"
        )

    await rehearsal.house.change(rehearsal.people["ada"], "add", add_broken)
    await rehearsal.issue()
    rehearsal.clock.set(datetime(2026, 11, 25, 0, 10, tzinfo=UTC))
    assert await rounds.end_days(rehearsal.house) == 1
