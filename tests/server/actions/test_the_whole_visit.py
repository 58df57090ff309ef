"""What one deed at one ticket means for the rest of the visit: its other needs, what it became part of, and what was kept of it; on both databases."""

from __future__ import annotations

from tests.server.actions.test_needs import add_need, rows, serving, states
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import RefusalCode

DIRECTED = "SELECT v.code, c.slug FROM ticket t JOIN visit v ON v.id = t.visit_id LEFT JOIN counter c ON c.id = t.for_counter_id"


async def test_nobody_is_passed_on_to_what_they_wait_for_already(rehearsal: Rehearsal) -> None:
    taken = await serving(rehearsal)
    await add_need(rehearsal, taken.ticket, "housing")
    refused = await rehearsal.refused("ann", asks.Transfer(ticket=taken.ticket, service="housing"))
    assert refused.code is RefusalCode.WRONG_STATE
    assert "already here for this" in refused.say
    assert await states(rehearsal) == ["serving", "waiting"]
    await rehearsal.ask("ann", asks.Transfer(ticket=taken.ticket, service="council-tax", counter="desk-2"))


async def test_of_two_places_for_one_need_a_merge_keeps_the_first(rehearsal: Rehearsal) -> None:
    """Two are there when a transfer is taken back after its need was added anew."""
    goes, stays = await rehearsal.issue("housing"), await rehearsal.issue("council-tax")
    await rehearsal.ask("greta", asks.Transfer(ticket=goes.ticket, service="safety"))
    again = await add_need(rehearsal, goes.ticket, "housing")
    await rehearsal.ask("greta", asks.Undo(ticket=goes.ticket))
    await rehearsal.ask("greta", asks.Transfer(ticket=again, counter="desk-2"))
    await rehearsal.ask("greta", asks.Merge(ticket=goes.ticket, into=stays.ticket))
    assert await rows(rehearsal, f"{DIRECTED} WHERE t.ended_at IS NULL") == [(stays.code, None)] * 2
