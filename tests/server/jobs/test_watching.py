"""The rounds watch what needs a person, without anybody asking, and one centre's trouble is not another's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.jobs import rounds, watching
from server.store.queries import concerns
from server.store.tables import PrintJob
from tests.server.actions.test_needs_a_person import subjects
from tests.server.actions.test_welcome import all_of, printing
from tests.support.house import Rehearsal, fill
from tests.support.waiting import until_async
from wire import asks


async def test_the_rounds_themselves_give_up_a_paper_nobody_hears_of(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "EVERY_SECONDS", 0.01)
    await rehearsal.ask("greta", await printing(rehearsal))
    rehearsal.clock.go(minutes=2)

    async def given_up() -> bool:
        return (await all_of(rehearsal, PrintJob))[0].done_at is not None

    going = asyncio.create_task(rounds.make_rounds(rehearsal.house))
    try:
        await until_async(given_up, what="the paper to be given up")
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)


async def test_one_centre_that_cannot_be_read_keeps_no_other_from_being_watched(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rehearsal.house.change(
        rehearsal.people["ada"], "fill", lambda tx: fill(tx.session(), "a-house", "L")
    )
    await rehearsal.ask(rehearsal.kiosk, asks.Health(printer="out"))
    (subject,) = await subjects(rehearsal)
    await rehearsal.ask("greta", asks.TakeConcern(subject=subject))
    await rehearsal.ask(rehearsal.kiosk, asks.Health(printer="ready"))
    look = concerns.vanished

    def torn(sql: Any, centre: int, now: int) -> list[str]:
        if centre != rehearsal.kiosk.centre:
            raise RuntimeError("this centre's rows are torn")
        return look(sql, centre, now)

    monkeypatch.setattr(concerns, "vanished", torn)
    assert await watching.watch(rehearsal.house) == 1
