"""Several needs of one visit, and what is put right on the floor; on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from server.live.console import read_floor
from server.live.console_shapes import FloorNow
from server.live.floor import FloorReader
from server.live.views import view
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import Audience, Outcome, RefusalCode, new_id

BOTH = ("council-tax", "housing")


async def rows(rehearsal: Rehearsal, statement: str) -> list[tuple[Any, ...]]:
    return await rehearsal.house.look(
        lambda connection: [tuple(row) for row in connection.exec_driver_sql(statement)]
    )


async def states(rehearsal: Rehearsal) -> list[str]:
    return [row[0] for row in await rows(rehearsal, "SELECT state FROM ticket ORDER BY id")]


async def seen_by(rehearsal: Rehearsal, who: str) -> FloorNow:
    centre, staff, now = rehearsal.kiosk.centre, rehearsal.people[who].id, rehearsal.clock.micros()
    return await rehearsal.house.look(lambda connection: read_floor(connection, centre, staff, now))


async def serving(rehearsal: Rehearsal, services: tuple[str, ...] = BOTH) -> asks.Issue:
    taken = await rehearsal.issue()
    await rehearsal.sit(services=services)
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Arrive(ticket=taken.ticket))
    return taken


async def add_need(rehearsal: Rehearsal, ticket: str, service: str = "housing", who: str = "greta") -> str:
    new = rehearsal._later_id()
    await rehearsal.ask(who, asks.AddNeed(ticket=ticket, new=new, service=service))
    return new


async def finish(rehearsal: Rehearsal, ticket: str, who: str = "ann") -> None:
    await rehearsal.ask(who, asks.Finish(ticket=ticket, outcome=Outcome.RESOLVED))


async def test_a_second_need_keeps_code_and_arrival_and_is_called_only_when_the_first_has_ended(
    rehearsal: Rehearsal,
) -> None:
    taken = await serving(rehearsal)
    rehearsal.clock.go(minutes=9)
    later = await rehearsal.issue("housing")
    second = await add_need(rehearsal, taken.ticket)
    assert await rows(
        rehearsal, "SELECT COUNT(DISTINCT arrived_at), COUNT(DISTINCT visit_id) FROM ticket"
    ) == [(2, 2)]
    await rehearsal.sit("bob", "desk-2", BOTH)
    assert (await rehearsal.ask("bob", asks.CallNext()))["ticket"] == later.ticket, "the visitor is at desk 1"
    await rehearsal.ask("bob", asks.NoShow(ticket=later.ticket))
    refused = await rehearsal.refused("bob", asks.CallNext())
    assert refused.code is RefusalCode.NOBODY_WAITING
    assert (await seen_by(rehearsal, "bob")).next_up is None
    await finish(rehearsal, taken.ticket)
    called = await rehearsal.ask("bob", asks.CallNext())
    assert (called["ticket"], called["code"]) == (second, taken.code)


async def test_out_of_turn_and_taking_up_again_wait_for_the_other_need_too(rehearsal: Rehearsal) -> None:
    taken = await serving(rehearsal)
    second = await add_need(rehearsal, taken.ticket)
    await rehearsal.sit("mia", "desk-2", BOTH)
    refused = await rehearsal.refused("mia", asks.CallTicket(ticket=second))
    assert refused.code is RefusalCode.BUSY
    assert "Desk 1" in refused.say
    await rehearsal.ask("ann", asks.Park(ticket=taken.ticket))
    assert (await rehearsal.refused("mia", asks.CallTicket(ticket=second))).code is RefusalCode.BUSY
    assert (await rehearsal.refused("mia", asks.CallNext())).code is RefusalCode.NOBODY_WAITING


async def test_a_finish_is_not_taken_back_while_the_visitor_is_at_another_counter(
    rehearsal: Rehearsal,
) -> None:
    taken = await serving(rehearsal)
    second = await add_need(rehearsal, taken.ticket)
    await finish(rehearsal, taken.ticket)
    await rehearsal.sit("bob", "desk-2", BOTH)
    await rehearsal.ask("bob", asks.CallNext())
    refused = await rehearsal.refused("ann", asks.Undo(ticket=taken.ticket))
    assert (refused.code, "Desk 2" in refused.say) == (RefusalCode.BUSY, True)
    await rehearsal.ask("bob", asks.Undo(ticket=second))
    await rehearsal.ask("ann", asks.Undo(ticket=taken.ticket))
    assert await states(rehearsal) == ["serving", "waiting"]


async def test_the_adviser_goes_on_with_the_next_need_and_no_board_calls(rehearsal: Rehearsal) -> None:
    taken = await serving(rehearsal)
    second = await add_need(rehearsal, taken.ticket)
    rehearsal.clock.go(minutes=12)
    await finish(rehearsal, taken.ticket)
    offered = (await seen_by(rehearsal, "ann")).go_on
    assert offered is not None
    assert offered.id == second
    assert (await rehearsal.ask("ann", asks.GoOn(ticket=taken.ticket)))["ticket"] == second
    assert await states(rehearsal) == ["finished", "serving"]
    floor = FloorReader(rehearsal.house.database, "https://queue.test").read(
        rehearsal.kiosk.centre, rehearsal.clock.micros()
    )
    assert f"call:{second}" not in view(floor, Audience.LOBBY)
    assert (await seen_by(rehearsal, "ann")).go_on is None
    await rehearsal.ask("ann", asks.Undo(ticket=second))
    assert await states(rehearsal) == ["finished", "waiting"]
    columns = "called_at, first_called_at, served_at, counter_id, calls"
    assert await rows(rehearsal, f"SELECT {columns} FROM ticket WHERE id = '{second}'") == [
        (None, None, None, None, 0)
    ]


async def test_nobody_goes_on_with_a_visitor_who_is_not_there(rehearsal: Rehearsal) -> None:
    taken = await serving(rehearsal)
    second = await add_need(rehearsal, taken.ticket)
    other = await rehearsal.issue()
    body = asks.GoOn(ticket=second)
    assert (await rehearsal.refused("ann", body)).code is RefusalCode.BUSY
    await rehearsal.sit("bob", "desk-2", BOTH)
    await finish(rehearsal, taken.ticket)
    assert (await rehearsal.refused("bob", body)).code is RefusalCode.WRONG_STATE, "not bob's visitor"
    await rehearsal.ask("greta", asks.Amend(ticket=other.ticket, quick=True))
    rehearsal.clock.go(seconds=20)
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == other.ticket
    await rehearsal.ask("ann", asks.NoShow(ticket=other.ticket))
    assert (await rehearsal.refused("ann", body)).code is RefusalCode.WRONG_STATE, (
        "somebody else was called since"
    )
    assert (await seen_by(rehearsal, "ann")).go_on is None


async def test_nobody_goes_on_half_an_hour_later(rehearsal: Rehearsal) -> None:
    taken = await serving(rehearsal)
    second = await add_need(rehearsal, taken.ticket)
    await finish(rehearsal, taken.ticket)
    rehearsal.clock.go(minutes=31)
    assert (await rehearsal.refused("ann", asks.GoOn(ticket=second))).code is RefusalCode.WRONG_STATE


async def test_a_need_told_at_the_end_opens_the_visit_again_for_half_an_hour(rehearsal: Rehearsal) -> None:
    taken = await serving(rehearsal)
    await finish(rehearsal, taken.ticket)
    rehearsal.clock.go(minutes=29)
    second = await add_need(rehearsal, taken.ticket, who="ann")
    assert await rows(rehearsal, "SELECT ended_at FROM visit") == [(None,)]
    await rehearsal.ask("ann", asks.Undo(ticket=second))
    rehearsal.clock.go(minutes=2)
    body = asks.AddNeed(ticket=taken.ticket, new=new_id(), service="housing")
    assert (await rehearsal.refused("ann", body)).code is RefusalCode.WRONG_STATE


async def test_who_left_gets_no_further_need_and_nobody_waits_twice_for_one_thing(
    rehearsal: Rehearsal,
) -> None:
    gone, here = await rehearsal.issue(), await rehearsal.issue()
    await rehearsal.ask("greta", asks.Cancel(ticket=gone.ticket))
    for ticket, service in ((gone.ticket, "housing"), (here.ticket, "council-tax")):
        body = asks.AddNeed(ticket=ticket, new=new_id(), service=service)
        assert (await rehearsal.refused("greta", body)).code is RefusalCode.WRONG_STATE
    body = asks.AddNeed(ticket=here.ticket, new=new_id(), service="no-such-thing")
    assert (await rehearsal.refused("greta", body)).code is RefusalCode.UNKNOWN
    assert len(await states(rehearsal)) == 2


async def test_a_need_that_is_discreet_makes_the_visit_so(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue()
    await add_need(rehearsal, taken.ticket, "private")
    assert [bool(row[0]) for row in await rows(rehearsal, "SELECT discreet FROM visit")] == [True]


async def test_whoever_serves_next_sees_every_need_of_the_visit_and_what_was_said(
    rehearsal: Rehearsal,
) -> None:
    taken = await serving(rehearsal, ("council-tax",))
    second = await add_need(rehearsal, taken.ticket, who="ann")
    third = await add_need(rehearsal, taken.ticket, "safety")
    await rehearsal.ask("ann", asks.AddNote(ticket=taken.ticket, note="Moved in March."))
    assert [each.id for each in (await seen_by(rehearsal, "ann")).also] == [second, third]
    await finish(rehearsal, taken.ticket)
    await rehearsal.sit("bob", "desk-2", ("housing",))
    await rehearsal.ask("bob", asks.CallNext())
    floor = await seen_by(rehearsal, "bob")
    assert [(each.service, each.outcome) for each in floor.history] == [("council-tax", "resolved")]
    assert [each.text for each in floor.notes[taken.visit]] == ["Moved in March."]
    assert [each.id for each in floor.also] == [third]


# Putting right -------------------------------------------------------------------------------------------------


async def test_amend_changes_what_is_named_and_tells_what_was_there(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue()
    body = asks.Amend(
        ticket=taken.ticket, language="pl", needs=("step_free",), people=3, wants="gu", quick=True
    )
    was = (await rehearsal.ask("greta", body))["was"]
    assert was == {"language": "en", "needs": [], "people": 1, "wants": "none", "quick": False}
    [(language, people)] = await rows(rehearsal, "SELECT language, people FROM visit")
    assert (language, people) == ("pl", 3)
    assert (await rehearsal.ask("greta", asks.Amend(ticket=taken.ticket, people=4)))["was"] == {"people": 3}
    await rehearsal.ask("greta", asks.Amend(ticket=taken.ticket, **was))
    [(language, people, quick, wants)] = await rows(
        rehearsal, "SELECT language, people, quick, wants FROM visit JOIN ticket ON visit_id = visit.id"
    )
    assert (language, people, bool(quick), wants) == ("en", 1, False, None)
    assert (await rehearsal.refused("greta", asks.Amend(ticket=taken.ticket))).code is RefusalCode.MALFORMED
    audited = repr(await rows(rehearsal, "SELECT detail FROM audit WHERE what = 'amended'"))
    assert "language" in audited
    assert "step_free" not in audited


async def test_priority_is_given_with_a_reason_and_can_be_taken_back(rehearsal: Rehearsal) -> None:
    first, second = await rehearsal.issue(), await rehearsal.issue()
    rehearsal.clock.go(minutes=5)
    body = asks.Prioritise(ticket=second.ticket, ticket_class="urgent", reason="Feels faint.")
    assert (await rehearsal.refused("ann", body)).code is RefusalCode.NOT_ALLOWED
    await rehearsal.ask("greta", body)
    assert (await rehearsal.refused("greta", body)).code is RefusalCode.WRONG_STATE
    [(about, detail)] = await rows(rehearsal, "SELECT about, detail FROM audit WHERE what = 'prioritised'")
    assert (about, "Feels faint." in repr(detail)) == (second.code, True)
    await rehearsal.sit()
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == second.ticket
    await rehearsal.ask("ann", asks.Undo(ticket=second.ticket))
    await rehearsal.ask("greta", asks.Undo(ticket=second.ticket))
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == first.ticket


async def test_a_priority_given_by_hand_goes_with_the_visitor_to_another_service(
    rehearsal: Rehearsal,
) -> None:
    taken = await rehearsal.issue()
    await rehearsal.ask(
        "greta", asks.Prioritise(ticket=taken.ticket, ticket_class="urgent", reason="Feels faint.")
    )
    await rehearsal.ask("greta", asks.Transfer(ticket=taken.ticket, service="housing"))
    assert ("urgent",) in await rows(rehearsal, "SELECT ticket_class FROM ticket WHERE state = 'waiting'")


async def test_a_wrong_choice_at_the_kiosk_is_put_right_and_back_with_the_arrival_kept(
    rehearsal: Rehearsal,
) -> None:
    taken = await rehearsal.issue()
    await rehearsal.ask("greta", asks.Amend(ticket=taken.ticket, quick=True, wants="gu"))
    rehearsal.clock.go(minutes=7)
    passed = await rehearsal.ask("greta", asks.Transfer(ticket=taken.ticket, service="housing"))
    kept = "arrived_at, counts_from, quick, wants"
    before = await rows(rehearsal, f"SELECT {kept} FROM ticket WHERE id = '{taken.ticket}'")
    after = await rows(rehearsal, f"SELECT {kept} FROM ticket WHERE id = '{passed['ticket']}'")
    assert before == after
    await rehearsal.ask("greta", asks.Undo(ticket=taken.ticket))
    assert await states(rehearsal) == ["waiting"]


async def test_withdrawn_is_not_counted_and_can_be_taken_back(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue()
    await rehearsal.ask("greta", asks.Withdraw(ticket=taken.ticket))
    [(state, counted, ended)] = await rows(
        rehearsal, "SELECT state, counted, visit.ended_at FROM ticket JOIN visit ON visit.id = visit_id"
    )
    assert (state, bool(counted), ended) == ("cancelled", False, rehearsal.clock.micros())
    assert (await seen_by(rehearsal, "greta")).today.left == 0
    await rehearsal.ask("greta", asks.Undo(ticket=taken.ticket))
    [(state, counted, ended)] = await rows(
        rehearsal, "SELECT state, counted, visit.ended_at FROM ticket JOIN visit ON visit.id = visit_id"
    )
    assert (state, bool(counted), ended) == ("waiting", True, None)


async def test_only_who_waits_can_be_withdrawn(rehearsal: Rehearsal) -> None:
    taken = await serving(rehearsal)
    assert (
        await rehearsal.refused("greta", asks.Withdraw(ticket=taken.ticket))
    ).code is RefusalCode.WRONG_STATE


@pytest.mark.parametrize(("who", "may"), [("ann", True), ("greta", True), ("bob", False)])
async def test_a_need_added_by_mistake_is_taken_back_by_who_added_it_or_minds_the_floor(
    rehearsal: Rehearsal, who: str, may: bool
) -> None:
    taken = await serving(rehearsal)
    second = await add_need(rehearsal, taken.ticket, who="ann")
    answer = await rehearsal.answer(who, asks.Undo(ticket=second))
    assert (answer.refusal is None) is may
    assert await states(rehearsal) == ["serving", "cancelled" if may else "waiting"]


# During an evacuation ------------------------------------------------------------------------------------------


async def test_nobody_is_called_while_the_building_is_being_evacuated(rehearsal: Rehearsal) -> None:
    taken = await serving(rehearsal)
    second = await add_need(rehearsal, taken.ticket)
    waits = await rehearsal.issue()
    await rehearsal.sit("mia", "desk-2", BOTH)
    called = await rehearsal.issue()
    await rehearsal.ask("mia", asks.CallTicket(ticket=called.ticket))

    async def set_evacuated(value: str) -> None:
        def write(tx: Any) -> None:
            tx.session().connection().exec_driver_sql(f"UPDATE centre SET evacuated_at = {value}")

        await rehearsal.house.change(rehearsal.people["ada"], "evacuate", write)

    await set_evacuated("1")
    await finish(rehearsal, taken.ticket)
    for who, body in (
        ("ann", asks.CallNext()),
        ("ann", asks.GoOn(ticket=second)),
        ("mia", asks.Recall(ticket=called.ticket)),
    ):
        refused = await rehearsal.refused(who, body)
        assert (refused.code, "evacuated" in refused.say) == (RefusalCode.CLOSED, True), body.do
    await rehearsal.ask("mia", asks.NoShow(ticket=called.ticket))
    assert (await rehearsal.refused("mia", asks.CallTicket(ticket=waits.ticket))).code is RefusalCode.CLOSED
    await set_evacuated("NULL")
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == second
