"""A trouble begins once, keeps its beginning, and ends by itself; a server's own goes with it."""

from __future__ import annotations

import pytest

from server.actions.processes import note_process, sweep
from server.actions.troubles import end_trouble, note_trouble, write_down
from server.domain.access import SYSTEM
from server.domain.troubles import fine, not_looked_at, worth_knowing, wrong
from server.store.sql import Sql, Statement
from tests.support.house import running_house

_ALL = Statement(
    "SELECT subject, process, grave, say, since_at, seen_at FROM trouble ORDER BY subject, process"
)
MINUTE = 60_000_000


@pytest.mark.postgres
async def test_a_trouble_begins_once_and_ends_by_itself(database_url: str) -> None:
    async with running_house(database_url) as rehearsal:
        house, clock = rehearsal.house, rehearsal.clock

        async def found() -> list[tuple[object, ...]]:
            return await house.look(lambda connection: [tuple(r) for r in Sql(connection).all(_ALL)])

        began = clock.micros()
        low = worth_knowing("disk", "900 MB are free.", "Make room.")
        await house.change(SYSTEM, "note", lambda tx: write_down(tx, [low, fine("mail", "It works.")]))
        clock.go(minutes=1)
        full = wrong("disk", "Nothing is free.", "Make room now.")
        await house.change(SYSTEM, "note", lambda tx: write_down(tx, [full]))
        assert await found() == [("disk", "", True, "Nothing is free.", began, began + MINUTE)]
        await house.change(SYSTEM, "note", lambda tx: write_down(tx, [not_looked_at("disk", "?")]))
        assert len(await found()) == 1, "what was not looked at ends nothing"
        await house.change(SYSTEM, "note", lambda tx: write_down(tx, [fine("disk", "9 GB are free.")]))
        assert await found() == []


@pytest.mark.postgres
async def test_a_servers_own_trouble_goes_with_it(database_url: str) -> None:
    async with running_house(database_url) as rehearsal:
        house, now = rehearsal.house, rehearsal.house.process.wall()
        who = {"host": "a", "pid": 1, "version": "1", "address": "", "started_at": now, "told": {"jobs": {}}}
        for name, seen in (("here", now), ("gone", now - 2 * MINUTE)):
            await house.change(
                SYSTEM, "beat", lambda tx, n=name, s=seen: note_process(tx, id=n, seen_at=s, **who)
            )
            await house.change(
                SYSTEM, "note", lambda tx, n=name: note_trouble(tx, "files", "Few.", "Raise it.", process=n)
            )
        await house.change(
            SYSTEM, "note", lambda tx: note_trouble(tx, "files", "Everybody's.", "", grave=True)
        )
        await house.change(SYSTEM, "sweep", lambda tx: sweep(tx, now))
        left = await house.look(lambda connection: [r[1] for r in Sql(connection).all(_ALL)])
        assert left == ["", "here"]
        assert await house.change(SYSTEM, "end", lambda tx: end_trouble(tx, "files", "here"))
        assert not await house.change(SYSTEM, "end", lambda tx: end_trouble(tx, "files", "here"))
