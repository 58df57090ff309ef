"""One person took two tickets; on both databases."""

from __future__ import annotations

from typing import Any

from server.live.console import read_floor
from tests.server.actions.test_needs import add_need, finish, rows, serving, states
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import Need, RefusalCode


async def whole(rehearsal: Rehearsal) -> dict[str, list[tuple[Any, ...]]]:
    """Everything a merge may touch, but what ended by it."""
    visits = "SELECT id, code, CAST(needs AS TEXT), discreet, arrived_at, ended_at, merged_into FROM visit ORDER BY id"
    tickets = "SELECT id, visit_id, state, arrived_at, counts_from, ended_at, counted FROM ticket WHERE counted ORDER BY id"
    return {
        "visits": await rows(rehearsal, visits),
        "tickets": await rows(rehearsal, tickets),
        "notes": await rows(rehearsal, "SELECT visit_id, ticket_id, text FROM note ORDER BY id"),
    }


async def test_the_visit_that_stays_gets_needs_notes_and_the_earlier_arrival_and_all_can_be_taken_back(
    rehearsal: Rehearsal,
) -> None:
    goes = await rehearsal.issue("housing", discreet=True)
    await rehearsal.ask("greta", asks.Amend(ticket=goes.ticket, needs=(Need.STEP_FREE,)))
    await rehearsal.ask("greta", asks.AddNote(ticket=goes.ticket, note="Sits by the door."))
    more = await add_need(rehearsal, goes.ticket, "council-tax", who="mia")
    rehearsal.clock.go(minutes=4)
    stays = await rehearsal.issue("council-tax")
    before = await whole(rehearsal)
    answer = await rehearsal.ask("greta", asks.Merge(ticket=goes.ticket, into=stays.ticket))
    assert answer == {"code": stays.code, "added": 1}
    came = before["tickets"][0][3]
    open_ones = await rows(
        rehearsal,
        "SELECT v.code, s.slug, t.arrived_at, t.counts_from FROM ticket t JOIN visit v ON v.id = t.visit_id"
        " JOIN service s ON s.id = t.service_id WHERE t.ended_at IS NULL ORDER BY s.slug",
    )
    assert open_ones == [(stays.code, slug, came, came) for slug in ("council-tax", "housing")]
    [(into, ended)] = await rows(
        rehearsal, f"SELECT merged_into, ended_at FROM visit WHERE id = '{goes.visit}'"
    )
    assert (into, ended) == (stays.visit, rehearsal.clock.micros())
    gone = await rows(rehearsal, f"SELECT state, counted FROM ticket WHERE visit_id = '{goes.visit}'")
    assert [(state, bool(counted)) for state, counted in gone] == [("cancelled", False)] * 2
    centre, now = rehearsal.kiosk.centre, rehearsal.clock.micros()
    ann = rehearsal.people["ann"].id
    floor = await rehearsal.house.look(
        lambda connection: read_floor(connection, centre, ann, now, revealed=stays.ticket)
    )
    [shown] = [each for each in floor.waiting if each.id == stays.ticket]
    assert (shown.discreet, shown.needs) == (True, ("step_free",))
    assert [each.text for each in floor.notes[stays.visit]] == ["Sits by the door."]
    for ticket in (more, goes.ticket):
        again = await rehearsal.answer("greta", asks.Undo(ticket=ticket))
        assert (again.refusal is None) is (ticket == more), "one deed: taken back by any of its tickets, once"
    assert await whole(rehearsal) == before


async def test_the_same_need_twice_becomes_one_place_that_of_the_earlier(rehearsal: Rehearsal) -> None:
    first = await rehearsal.issue()
    rehearsal.clock.go(minutes=1)
    between = await rehearsal.issue()
    rehearsal.clock.go(minutes=1)
    second = await rehearsal.issue()
    await rehearsal.ask("ann", asks.Merge(ticket=first.ticket, into=second.ticket))
    assert await states(rehearsal) == ["cancelled", "waiting", "waiting"]
    await rehearsal.sit()
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == second.ticket
    assert between.ticket != second.ticket


async def test_nobody_is_merged_away_from_a_counter_nor_into_who_has_gone(rehearsal: Rehearsal) -> None:
    at_counter = await serving(rehearsal)
    waits, gone = await rehearsal.issue(), await rehearsal.issue()
    await rehearsal.ask("greta", asks.Cancel(ticket=gone.ticket))
    for ticket, into in (
        (at_counter.ticket, waits.ticket),
        (waits.ticket, gone.ticket),
        (gone.ticket, waits.ticket),
        (waits.ticket, waits.ticket),
    ):
        refused = await rehearsal.refused("greta", asks.Merge(ticket=ticket, into=into))
        assert refused.code is RefusalCode.WRONG_STATE
    assert await states(rehearsal) == ["serving", "waiting", "cancelled"]
    await rehearsal.ask("greta", asks.Merge(ticket=waits.ticket, into=at_counter.ticket))
    await finish(rehearsal, at_counter.ticket)
    assert (await rehearsal.refused("ann", asks.CallNext())).code is RefusalCode.NOBODY_WAITING


async def test_a_merge_stands_once_somebody_has_begun_on_what_it_added(rehearsal: Rehearsal) -> None:
    goes, stays = await rehearsal.issue("housing"), await rehearsal.issue()
    await rehearsal.ask("greta", asks.Merge(ticket=goes.ticket, into=stays.ticket))
    await rehearsal.sit(services=("housing",))
    called = await rehearsal.ask("ann", asks.CallNext())
    assert called["code"] == stays.code
    refused = await rehearsal.refused("greta", asks.Undo(ticket=goes.ticket))
    assert refused.code is RefusalCode.NOTHING_TO_UNDO
    await rehearsal.ask("ann", asks.NoShow(ticket=called["ticket"]))
    await rehearsal.ask("ann", asks.Undo(ticket=called["ticket"]))
    assert (await rehearsal.refused("bob", asks.Undo(ticket=goes.ticket))).code is RefusalCode.NOT_ALLOWED
