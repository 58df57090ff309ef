"""What one deed at one ticket means for the rest of the visit: its other needs, what it became part of, and what was kept of it; on both databases."""

from __future__ import annotations

import pytest

from server.store.queries import tickets
from server.store.tx import Tx
from tests.server.actions.test_needs import add_need, finish, rows, serving, states
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import Need, RefusalCode, new_id

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


async def is_discreet(rehearsal: Rehearsal, visit: str) -> bool:
    [(found,)] = await rows(rehearsal, f"SELECT discreet FROM visit WHERE id = '{visit}'")
    return bool(found)


async def test_what_somebody_wanted_discreet_stays_so_when_what_made_it_so_is_taken_back(
    rehearsal: Rehearsal,
) -> None:
    for pressed in (False, True):
        taken = await rehearsal.issue()
        await rehearsal.ask("greta", asks.Transfer(ticket=taken.ticket, service="private"))
        [(successor,)] = await rows(rehearsal, f"SELECT id FROM ticket WHERE follows = '{taken.ticket}'")
        if pressed:
            for _ in range(2):
                await rehearsal.ask("ann", asks.MakeDiscreet(ticket=successor))
        await rehearsal.ask("greta", asks.Undo(ticket=taken.ticket))
        assert await is_discreet(rehearsal, taken.visit) is pressed
    told = await rows(rehearsal, "SELECT what FROM audit WHERE what IN ('made discreet', 'wanted discreet')")
    assert told == [("wanted discreet",)], "written down once, and not as made so: that was not their deed"
    refused = await rehearsal.refused("greta", asks.MakeDiscreet(ticket=taken.ticket, discreet=False))
    assert refused.code is RefusalCode.NOT_ALLOWED


async def test_a_visit_that_waits_for_something_discreet_stays_so_when_another_step_is_taken_back(
    rehearsal: Rehearsal,
) -> None:
    taken = await rehearsal.issue()
    await rehearsal.ask("greta", asks.Transfer(ticket=taken.ticket, service="private"))
    [(successor,)] = await rows(rehearsal, f"SELECT id FROM ticket WHERE follows = '{taken.ticket}'")
    goes = await rehearsal.issue("housing", discreet=True)
    await rehearsal.ask("greta", asks.Merge(ticket=goes.ticket, into=successor))
    await rehearsal.ask("greta", asks.Undo(ticket=taken.ticket))
    assert await is_discreet(rehearsal, taken.visit), "who became part of it wanted it so"
    await rehearsal.ask("greta", asks.Undo(ticket=goes.ticket))


async def test_a_merge_taken_back_leaves_what_was_said_of_the_visit_since(rehearsal: Rehearsal) -> None:
    for pressed in (False, True):
        goes, stays = await rehearsal.issue("housing", discreet=True), await rehearsal.issue()
        await rehearsal.ask("greta", asks.Merge(ticket=goes.ticket, into=stays.ticket))
        assert await is_discreet(rehearsal, stays.visit)
        if pressed:
            await rehearsal.ask("ann", asks.MakeDiscreet(ticket=stays.ticket))
            await rehearsal.ask("ann", asks.Amend(ticket=stays.ticket, needs=(Need.STEP_FREE,)))
        await rehearsal.ask("greta", asks.Undo(ticket=goes.ticket))
        assert await is_discreet(rehearsal, stays.visit) is pressed
        assert await is_discreet(rehearsal, goes.visit)
    [(needs,)] = await rows(rehearsal, f"SELECT CAST(needs AS TEXT) FROM visit WHERE id = '{stays.visit}'")
    assert "step_free" in needs


async def test_nothing_of_a_visit_that_became_part_of_another_is_opened_again(rehearsal: Rehearsal) -> None:
    goes = await serving(rehearsal)
    await add_need(rehearsal, goes.ticket, "safety")
    await finish(rehearsal, goes.ticket)
    stays = await rehearsal.issue()
    [(waits,)] = await rows(
        rehearsal, f"SELECT id FROM ticket WHERE visit_id = '{goes.visit}' AND ended_at IS NULL"
    )
    await rehearsal.ask("greta", asks.Merge(ticket=waits, into=stays.ticket))
    for ask in (
        asks.Undo(ticket=goes.ticket),
        asks.AddNeed(ticket=goes.ticket, new=new_id(), service="housing"),
    ):
        refused = await rehearsal.refused("greta", ask)
        assert f"part of {stays.code}" in refused.say
    await rehearsal.ask("greta", asks.Undo(ticket=waits))
    await rehearsal.ask("greta", asks.Undo(ticket=goes.ticket))


async def test_who_added_a_discreet_need_by_mistake_may_show_the_visit_again(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue()
    wrong = await add_need(rehearsal, taken.ticket, "private")
    await rehearsal.ask("greta", asks.Undo(ticket=wrong))
    assert await is_discreet(rehearsal, taken.visit)
    await rehearsal.ask("greta", asks.MakeDiscreet(ticket=taken.ticket, discreet=False))
    assert not await is_discreet(rehearsal, taken.visit)


SAID = ("no_show", "cancel")


@pytest.mark.parametrize("said", SAID)
async def test_who_did_not_come_or_has_left_is_not_called_for_another_need(
    rehearsal: Rehearsal, said: str
) -> None:
    taken = await rehearsal.issue()
    for service in ("housing", "safety"):
        await add_need(rehearsal, taken.ticket, service)
    await rehearsal.sit(services=("council-tax", "housing", "safety"))
    called = (await rehearsal.ask("ann", asks.CallNext()))["ticket"]
    ending = asks.NoShow(ticket=called) if said == "no_show" else asks.Cancel(ticket=called)
    await rehearsal.ask("ann", ending)
    ended = "no_show" if said == "no_show" else "cancelled"
    assert sorted(await states(rehearsal)) == sorted(["cancelled", "cancelled", ended])
    [(over,)] = await rows(rehearsal, f"SELECT ended_at FROM visit WHERE id = '{taken.visit}'")
    assert over == rehearsal.clock.micros()
    assert (await rehearsal.refused("ann", asks.CallNext())).code is RefusalCode.NOBODY_WAITING
    await rehearsal.ask("ann", asks.Undo(ticket=called))
    assert sorted(await states(rehearsal)) == ["called", "waiting", "waiting"]
    assert await rows(rehearsal, f"SELECT ended_at FROM visit WHERE id = '{taken.visit}'") == [(None,)]


async def test_who_comes_back_when_the_counter_is_taken_gets_the_other_need_by_itself(
    rehearsal: Rehearsal,
) -> None:
    taken = await serving(rehearsal)
    await rehearsal.ask("ann", asks.Undo(ticket=taken.ticket))
    other = await add_need(rehearsal, taken.ticket)
    await rehearsal.ask("ann", asks.NoShow(ticket=taken.ticket))
    next_one = await rehearsal.issue()
    await rehearsal.ask("ann", asks.CallNext())
    assert (await rehearsal.refused("greta", asks.Undo(ticket=taken.ticket))).code is RefusalCode.BUSY
    await rehearsal.ask("greta", asks.Undo(ticket=other))
    assert await states(rehearsal) == ["no_show", "waiting", "called"]
    await rehearsal.ask("ann", asks.Transfer(ticket=next_one.ticket, service="safety"))
    await rehearsal.ask("greta", asks.Transfer(ticket=other, counter="desk-1"))
    await rehearsal.ask("greta", asks.Undo(ticket=taken.ticket))
    assert (await states(rehearsal))[:2] == ["called", "transferred"], "what was done with it since stands"


async def test_an_appointment_that_is_not_due_outlives_a_call_nobody_answered(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue()
    other = await add_need(rehearsal, taken.ticket)
    later = rehearsal.clock.micros() + 3_600_000_000

    def book(tx: Tx) -> None:
        tickets.change(tx.sql, other, {"ticket_class": "booked", "counts_from": later})

    await rehearsal.house.change(rehearsal.people["ada"], "book", book)
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.NoShow(ticket=taken.ticket))
    assert await states(rehearsal) == ["no_show", "waiting"]


async def test_a_need_given_up_while_another_is_served_ends_alone(rehearsal: Rehearsal) -> None:
    taken = await serving(rehearsal)
    for service in ("housing", "safety"):
        other = await add_need(rehearsal, taken.ticket, service)
    await rehearsal.ask("greta", asks.Cancel(ticket=other))
    assert await states(rehearsal) == ["serving", "waiting", "cancelled"]
