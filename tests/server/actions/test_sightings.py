"""Seen, not kept: who may say so, for what, who takes it back, and that it goes after a year."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
from sqlmodel import select

from server.jobs import sweeping
from server.store.tables import Audit, Sighting
from tests.support.house import Rehearsal, running_house
from wire import asks
from wire.vocabulary import RefusalCode, new_id


@pytest.fixture
async def rehearsal(sqlite_url: str) -> AsyncIterator[Rehearsal]:
    async with running_house(sqlite_url) as found:
        yield found


async def noted(rehearsal: Rehearsal) -> Sequence[Sighting]:
    return await rehearsal.house.read(lambda session: session.exec(select(Sighting)).all())


async def test_for_the_visitor_at_one_s_own_counter_and_for_nobody_else_s(rehearsal: Rehearsal) -> None:
    ticket = await rehearsal.issue("private")
    await rehearsal.sit("ann", services=("private",))
    body = asks.SeePaper(sighting=new_id(), seen="driving_licence", ticket=ticket.ticket)
    waiting = await rehearsal.refused("ann", body)
    assert waiting.code is RefusalCode.WRONG_STATE
    await rehearsal.ask("ann", asks.CallNext())
    assert (await rehearsal.refused("bob", body)).code is RefusalCode.WRONG_STATE
    await rehearsal.ask("ann", body)
    (row,) = await noted(rehearsal)
    assert (row.paper, row.detail, row.visit_id) == ("identity", "driving_licence", ticket.visit)
    assert row.staff_id == rehearsal.people["ann"].id
    audits = await rehearsal.house.read(lambda session: session.exec(select(Audit)).all())
    assert [each.what for each in audits if each.about.startswith("sighting:")] == ["paper_seen"]


async def test_without_a_case_of_another_centre_or_of_nothing_it_is_refused(rehearsal: Rehearsal) -> None:
    see = asks.SeePaper(sighting=new_id(), seen="passport")
    assert (await rehearsal.refused("greta", see)).code is RefusalCode.MALFORMED
    for more in ({"ticket": new_id()}, {"submission": new_id()}):
        assert (await rehearsal.refused("greta", see.model_copy(update=more))).code is RefusalCode.UNKNOWN
    moon = see.model_copy(update={"seen": "moon", "case": "HB 1"})
    assert (await rehearsal.refused("greta", moon)).code is RefusalCode.MALFORMED
    assert (await rehearsal.refused("ada", see)).code is RefusalCode.NOT_ALLOWED
    assert await noted(rehearsal) == []


async def test_taken_back_once_by_who_saw_it_or_a_keeper_and_kept_a_year(rehearsal: Rehearsal) -> None:
    seen = asks.SeePaper(sighting=new_id(), seen="passport", case="HB 1")
    await rehearsal.ask("greta", seen)
    back = asks.UnseePaper(sighting=seen.sighting, reason="another case")
    assert (await rehearsal.refused("ann", back)).code is RefusalCode.NOT_ALLOWED
    await rehearsal.ask("mia", back)  # who keeps the house in order
    assert (await rehearsal.refused("greta", back)).code is RefusalCode.WRONG_STATE
    (row,) = await noted(rehearsal)
    assert (row.withdrawn_by, row.withdrawn_why) == (rehearsal.people["mia"].id, "another case")
    rehearsal.clock.go(days=365)
    await sweeping.sweep(rehearsal.house)
    assert len(await noted(rehearsal)) == 1
    rehearsal.clock.go(days=2)
    await sweeping.sweep(rehearsal.house)
    assert await noted(rehearsal) == []
