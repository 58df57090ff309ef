"""Undo where it is easily wrong: after a note, a night, a move to another desk, and against what the system did."""

import asyncio
from functools import partial

import pytest

from server.domain.access import Actor
from server.jobs import rounds
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import Outcome, RefusalCode


async def column(rehearsal: Rehearsal, statement: str) -> list[object]:
    return await rehearsal.house.look(
        lambda connection: list(connection.exec_driver_sql(statement).scalars())
    )


async def serving(rehearsal: Rehearsal) -> str:
    taken = await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Arrive(ticket=taken.ticket))
    return taken.ticket


async def not_come(rehearsal: Rehearsal) -> str:
    """A ticket that the system itself marked as not come."""
    taken = await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    for _ in range(2):
        await rehearsal.ask("ann", asks.Recall(ticket=taken.ticket))
    rehearsal.clock.go(minutes=4)
    assert await rounds.no_shows(rehearsal.house) == 1
    return taken.ticket


async def test_a_transfer_is_taken_back_though_a_note_was_written_since_and_the_note_stays(
    rehearsal: Rehearsal,
) -> None:
    ticket = await serving(rehearsal)
    passed = await rehearsal.ask(
        "ann", asks.Transfer(ticket=ticket, service="housing", note="Has the letter")
    )
    await rehearsal.ask("greta", asks.AddNote(ticket=passed["ticket"], note="Sits by the door"))
    await rehearsal.ask("ann", asks.Undo(ticket=ticket))
    assert await column(rehearsal, "SELECT state FROM ticket") == ["serving"]
    assert await column(rehearsal, "SELECT text FROM note ORDER BY id") == [
        "Has the letter",
        "Sits by the door",
    ]


async def test_that_they_had_been_here_before_is_taken_back_with_the_end(rehearsal: Rehearsal) -> None:
    ticket = await serving(rehearsal)
    await rehearsal.ask("ann", asks.Finish(ticket=ticket, outcome=Outcome.REFERRED, again=True))
    assert await column(rehearsal, "SELECT again FROM ticket") == [True]
    await rehearsal.ask("ann", asks.Undo(ticket=ticket))
    assert await column(rehearsal, "SELECT again FROM ticket") == [False]
    await rehearsal.ask("ann", asks.Finish(ticket=ticket, outcome=Outcome.REFERRED))
    assert await column(rehearsal, "SELECT again FROM ticket") == [False]


async def test_the_day_before_is_not_taken_back(rehearsal: Rehearsal) -> None:
    ticket = await serving(rehearsal)
    await rehearsal.ask("ann", asks.Finish(ticket=ticket, outcome=Outcome.RESOLVED))
    rehearsal.clock.go(hours=24)
    assert (await rehearsal.refused("ann", asks.Undo(ticket=ticket))).code is RefusalCode.NOTHING_TO_UNDO
    assert await column(rehearsal, "SELECT state FROM ticket") == ["finished"]


async def test_nobody_is_put_back_at_a_counter_where_nobody_sits(rehearsal: Rehearsal) -> None:
    ticket = await serving(rehearsal)
    await rehearsal.ask("ann", asks.Finish(ticket=ticket, outcome=Outcome.RESOLVED))
    await rehearsal.sit("ann", "desk-2")
    assert (await rehearsal.refused("ann", asks.Undo(ticket=ticket))).code is RefusalCode.NO_COUNTER
    assert (await rehearsal.refused("greta", asks.Undo(ticket=ticket))).code is RefusalCode.NO_COUNTER
    await rehearsal.sit("ann", "desk-1")
    await rehearsal.ask("ann", asks.Undo(ticket=ticket))
    assert await column(rehearsal, "SELECT state FROM ticket") == ["serving"]


async def test_who_comes_late_is_taken_back_by_the_adviser_and_the_system_does_not_insist(
    rehearsal: Rehearsal,
) -> None:
    ticket = await not_come(rehearsal)
    assert (await rehearsal.refused("bob", asks.Undo(ticket=ticket))).code is RefusalCode.NOT_ALLOWED
    await rehearsal.ask("ann", asks.Undo(ticket=ticket))
    rehearsal.clock.go(minutes=1)
    assert await rounds.no_shows(rehearsal.house) == 0
    assert await column(rehearsal, "SELECT state FROM ticket") == ["called"]
    await rehearsal.ask("ann", asks.Recall(ticket=ticket))
    rehearsal.clock.go(minutes=4)
    assert await rounds.no_shows(rehearsal.house) == 1, "called again since, and waited for again"


async def test_a_call_repeated_while_the_round_was_on_its_way_is_not_ended(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    for _ in range(2):
        await rehearsal.ask("ann", asks.Recall(ticket=taken.ticket))
    rehearsal.clock.go(minutes=4)
    looked, go_on = asyncio.Event(), asyncio.Event()
    change = rehearsal.house.change

    async def later(actor: Actor, name: str, action: partial[None]) -> None:
        looked.set()
        await go_on.wait()
        await change(actor, name, action)

    monkeypatch.setattr(rehearsal.house, "change", later)
    round_ = asyncio.create_task(rounds.no_shows(rehearsal.house))
    await asyncio.wait_for(looked.wait(), 10)
    await rehearsal.ask("ann", asks.Recall(ticket=taken.ticket))
    go_on.set()
    assert await round_ == 0
    assert await column(rehearsal, "SELECT state FROM ticket") == ["called"]


async def test_where_a_visitors_phone_is_is_not_kept(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue()
    visitor = Actor(kind="visitor", centre=rehearsal.kiosk.centre, visit=taken.visit, address="203.0.113.9")
    await rehearsal.ask(visitor, asks.Leave())
    assert await column(rehearsal, "SELECT address FROM step") == [""]


async def test_a_visit_made_discreet_by_mistake_is_called_in_public_again(rehearsal: Rehearsal) -> None:
    ticket = await serving(rehearsal)
    await rehearsal.ask("ann", asks.Transfer(ticket=ticket, service="private"))
    assert await column(rehearsal, "SELECT discreet FROM visit") in ([1], [True])
    await rehearsal.ask("ann", asks.Undo(ticket=ticket))
    assert await column(rehearsal, "SELECT discreet FROM visit") in ([0], [False])
    assert await column(rehearsal, "SELECT state FROM ticket") == ["serving"]


async def test_a_visit_that_was_discreet_before_stays_so(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue(discreet=True)
    await rehearsal.ask("mia", asks.Transfer(ticket=taken.ticket, service="private"))
    await rehearsal.ask("mia", asks.Undo(ticket=taken.ticket))
    assert await column(rehearsal, "SELECT discreet FROM visit") in ([1], [True])
