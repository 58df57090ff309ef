"""A day at the counters, told as what may go wrong; on both databases."""

import asyncio

import pytest

from tests.support.house import Rehearsal, running_house
from wire import asks
from wire.vocabulary import Outcome, RefusalCode, Role, new_id


async def state_of(rehearsal: Rehearsal, ticket: str) -> tuple[str, int | None]:
    def look(connection):
        return tuple(
            connection.exec_driver_sql(f"SELECT state, ended_at FROM ticket WHERE id = '{ticket}'").one()
        )

    return await rehearsal.house.look(look)


async def test_whole_service_from_ticket_to_outcome(rehearsal: Rehearsal) -> None:
    first = await rehearsal.issue()
    await rehearsal.sit()
    called = await rehearsal.ask("ann", asks.CallNext())
    assert called["code"] == first.code
    assert called["ticket"] == first.ticket
    assert "longer than anyone else" in called["why"]
    await rehearsal.ask("ann", asks.Arrive(ticket=first.ticket))
    await rehearsal.ask("ann", asks.Finish(ticket=first.ticket, outcome=Outcome.RESOLVED))
    state, ended = await state_of(rehearsal, first.ticket)
    assert state == "finished"
    assert ended == rehearsal.clock.micros()


async def test_two_advisers_pressing_at_once_never_get_the_same_ticket(rehearsal: Rehearsal) -> None:
    for _ in range(2):
        await rehearsal.issue()
    await rehearsal.sit("ann", "desk-1")
    await rehearsal.sit("bob", "desk-2")
    one, two = await asyncio.gather(
        rehearsal.ask("ann", asks.CallNext()), rehearsal.ask("bob", asks.CallNext())
    )
    assert {one["code"], two["code"]} == {"K01", "K02"}


async def test_double_click_calls_one(rehearsal: Rehearsal) -> None:
    for _ in range(2):
        await rehearsal.issue()
    await rehearsal.sit()
    click = new_id()
    first, again = await asyncio.gather(
        rehearsal.answer("ann", asks.CallNext(), click), rehearsal.answer("ann", asks.CallNext(), click)
    )
    assert first == again
    assert (await rehearsal.refused("ann", asks.CallNext())).code is RefusalCode.BUSY


async def test_a_commands_number_used_for_another_body_or_by_another_person_is_refused(
    rehearsal: Rehearsal,
) -> None:
    await rehearsal.issue()
    await rehearsal.sit()
    used = new_id()
    await rehearsal.answer("ann", asks.CallNext(), used)
    for who, body in (("ann", asks.GetUp()), ("bob", asks.CallNext())):
        answer = await rehearsal.answer(who, body, used)
        assert answer.refusal is not None
        assert answer.refusal.code is RefusalCode.ID_REUSED


async def test_a_hand_over_repeated_with_a_new_age_is_the_same_command(rehearsal: Rehearsal) -> None:
    body = rehearsal.issue_ask()
    number = new_id()
    first = await rehearsal.answer(rehearsal.kiosk, body, number)
    later = await rehearsal.answer(rehearsal.kiosk, body.model_copy(update={"age_ms": 60_000}), number)
    assert first == later
    assert first.refusal is None


async def test_the_code_of_another_kiosk_or_given_twice_today_is_refused(rehearsal: Rehearsal) -> None:
    first = await rehearsal.issue()
    twin = rehearsal.issue_ask().model_copy(update={"code": first.code})
    assert (await rehearsal.refused(rehearsal.kiosk, twin)).code is RefusalCode.CODE_TAKEN
    foreign = rehearsal.issue_ask().model_copy(update={"code": "M01"})
    assert (await rehearsal.refused(rehearsal.kiosk, foreign)).code is RefusalCode.CODE_TAKEN


async def test_the_same_code_next_day_is_another_ticket(rehearsal: Rehearsal) -> None:
    first = await rehearsal.issue()
    rehearsal.clock.go(days=1)
    tomorrow = rehearsal.issue_ask().model_copy(update={"code": first.code})
    assert (await rehearsal.ask(rehearsal.kiosk, tomorrow))["code"] == first.code


async def test_an_unknown_service_is_refused_and_nothing_is_left_behind(rehearsal: Rehearsal) -> None:
    refused = await rehearsal.refused(rehearsal.kiosk, rehearsal.issue_ask("no-such-thing"))
    assert refused.code is RefusalCode.UNKNOWN
    count = await rehearsal.house.look(
        lambda connection: connection.exec_driver_sql("SELECT COUNT(*) FROM visit").scalar_one()
    )
    assert count == 0


async def test_an_urgent_need_goes_before_an_ordinary_one_but_not_before_a_long_wait(
    rehearsal: Rehearsal,
) -> None:
    await rehearsal.sit(services=("council-tax", "safety"))
    patient = await rehearsal.issue("council-tax")
    rehearsal.clock.go(minutes=120)
    urgent = await rehearsal.issue("safety")
    rehearsal.clock.go(minutes=5)
    first = await rehearsal.ask("ann", asks.CallNext())
    assert first["ticket"] == patient.ticket
    await rehearsal.ask("ann", asks.NoShow(ticket=patient.ticket))
    ordinary = await rehearsal.issue("council-tax")
    second = await rehearsal.ask("ann", asks.CallNext())
    assert (second["ticket"], ordinary.ticket != urgent.ticket) == (urgent.ticket, True)
    assert "Urgent" in second["why"]


async def test_an_adviser_gets_only_what_the_counter_serves(rehearsal: Rehearsal) -> None:
    await rehearsal.issue("housing")
    await rehearsal.sit(services=("council-tax",))
    assert (await rehearsal.refused("ann", asks.CallNext())).code is RefusalCode.NOBODY_WAITING


async def test_nobody_acts_on_another_counters_ticket(rehearsal: Rehearsal) -> None:
    await rehearsal.issue()
    await rehearsal.sit("ann", "desk-1")
    await rehearsal.sit("bob", "desk-2")
    ticket = (await rehearsal.ask("ann", asks.CallNext()))["ticket"]
    for body in (asks.Arrive(ticket=ticket), asks.NoShow(ticket=ticket), asks.Recall(ticket=ticket)):
        assert (await rehearsal.refused("bob", body)).code is RefusalCode.NOT_ALLOWED


async def test_a_step_that_does_not_follow_is_refused_and_changes_nothing(rehearsal: Rehearsal) -> None:
    ticket = (await rehearsal.issue()).ticket
    await rehearsal.sit()
    refused = await rehearsal.refused("ann", asks.Finish(ticket=ticket, outcome=Outcome.RESOLVED))
    assert refused.code is RefusalCode.WRONG_STATE
    assert await state_of(rehearsal, ticket) == ("waiting", None)


async def test_transfer_keeps_code_and_arrival_and_can_be_taken_back(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue()
    await rehearsal.sit(services=("council-tax", "housing"))
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Arrive(ticket=taken.ticket))
    rehearsal.clock.go(minutes=10)
    passed = await rehearsal.ask(
        "ann", asks.Transfer(ticket=taken.ticket, service="housing", note="rent too")
    )
    assert passed["code"] == taken.code
    arrivals = await rehearsal.house.look(
        lambda connection: connection.exec_driver_sql(
            "SELECT DISTINCT arrived_at, counts_from FROM ticket"
        ).all()
    )
    assert len(arrivals) == 1
    await rehearsal.ask("ann", asks.Undo(ticket=taken.ticket))
    assert (await state_of(rehearsal, taken.ticket))[0] == "serving"
    count = await rehearsal.house.look(
        lambda connection: connection.exec_driver_sql("SELECT COUNT(*) FROM ticket").scalar_one()
    )
    assert count == 1


async def test_a_transfer_that_was_already_called_stands(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue()
    await rehearsal.sit("ann", "desk-1")
    await rehearsal.sit("bob", "desk-2", ("housing",))
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Transfer(ticket=taken.ticket, service="housing"))
    await rehearsal.ask("bob", asks.CallNext())
    assert (
        await rehearsal.refused("ann", asks.Undo(ticket=taken.ticket))
    ).code is RefusalCode.NOTHING_TO_UNDO


async def test_a_ticket_passed_to_a_counter_is_called_there_unless_nobody_sits_there(
    rehearsal: Rehearsal,
) -> None:
    taken = await rehearsal.issue()
    await rehearsal.sit("ann", "desk-1")
    await rehearsal.sit("bob", "desk-2")
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Transfer(ticket=taken.ticket, counter="desk-2"))
    assert (await rehearsal.refused("ann", asks.CallNext())).code is RefusalCode.NOBODY_WAITING
    await rehearsal.ask("bob", asks.GetUp())
    assert (await rehearsal.ask("ann", asks.CallNext()))["code"] == taken.code


async def test_parked_visitors_wait_at_nobodys_cost_and_any_counter_may_go_on(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue()
    other = await rehearsal.issue()
    await rehearsal.sit("ann", "desk-1")
    await rehearsal.sit("bob", "desk-2")
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Arrive(ticket=taken.ticket))
    await rehearsal.ask("ann", asks.Park(ticket=taken.ticket, note="fetching a letter"))
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == other.ticket
    assert (await rehearsal.refused("ann", asks.Unpark(ticket=taken.ticket))).code is RefusalCode.BUSY
    await rehearsal.ask("bob", asks.Unpark(ticket=taken.ticket))
    assert (await state_of(rehearsal, taken.ticket))[0] == "serving"


@pytest.mark.parametrize("calls", [1, 3])
async def test_undo_of_a_call_puts_the_visitor_back_in_their_place(rehearsal: Rehearsal, calls: int) -> None:
    first = await rehearsal.issue()
    await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    for _ in range(calls - 1):
        await rehearsal.ask("ann", asks.Recall(ticket=first.ticket))
    await rehearsal.ask("ann", asks.Undo(ticket=first.ticket))
    assert await state_of(rehearsal, first.ticket) == ("waiting", None)
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == first.ticket


async def test_undo_of_an_end_waits_until_the_counter_is_free_again(rehearsal: Rehearsal) -> None:
    first = await rehearsal.issue()
    second = await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.NoShow(ticket=first.ticket))
    await rehearsal.ask("ann", asks.CallNext())
    assert (await rehearsal.refused("ann", asks.Undo(ticket=first.ticket))).code is RefusalCode.BUSY
    await rehearsal.ask("ann", asks.NoShow(ticket=second.ticket))
    await rehearsal.ask("ann", asks.Undo(ticket=first.ticket))
    assert (await state_of(rehearsal, first.ticket))[0] == "called"


async def test_only_whoever_did_a_step_or_the_greeter_takes_it_back(rehearsal: Rehearsal) -> None:
    first = await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    assert (await rehearsal.refused("bob", asks.Undo(ticket=first.ticket))).code is RefusalCode.NOT_ALLOWED
    await rehearsal.ask("greta", asks.Undo(ticket=first.ticket))


async def test_out_of_turn_is_a_right_of_its_own_and_is_audited(rehearsal: Rehearsal) -> None:
    await rehearsal.issue()
    later = await rehearsal.issue()
    await rehearsal.sit("ann", "desk-1")
    body = asks.CallTicket(ticket=later.ticket)
    assert (await rehearsal.refused("ann", body)).code is RefusalCode.NOT_ALLOWED
    await rehearsal.sit("mia", "desk-2")
    assert (await rehearsal.ask("mia", body))["code"] == later.code
    audited = await rehearsal.house.look(
        lambda connection: connection.exec_driver_sql(
            "SELECT about FROM audit WHERE what = 'call out of turn'"
        ).all()
    )
    assert [tuple(row) for row in audited] == [(later.code,)]


async def test_nobody_calls_on_a_break_or_without_a_counter(rehearsal: Rehearsal) -> None:
    await rehearsal.issue()
    assert (await rehearsal.refused("ann", asks.CallNext())).code is RefusalCode.NO_COUNTER
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.TakeBreak(reason="lunch"))
    assert (await rehearsal.refused("ann", asks.CallNext())).code is RefusalCode.BUSY
    await rehearsal.ask("ann", asks.EndBreak())
    await rehearsal.ask("ann", asks.CallNext())


async def test_a_counter_seats_one_and_a_person_sits_once(rehearsal: Rehearsal) -> None:
    await rehearsal.sit("ann", "desk-1")
    body = asks.SitDown(counter="desk-1", services=("council-tax",))
    refused = await rehearsal.refused("bob", body)
    assert (refused.code, "Ann" in refused.say) == (RefusalCode.COUNTER_TAKEN, True)
    await rehearsal.sit("ann", "desk-2")
    await rehearsal.ask("bob", body)


async def test_nobody_leaves_a_counter_with_a_visitor_at_it(rehearsal: Rehearsal) -> None:
    await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    for body in (asks.GetUp(), asks.TakeBreak(reason="break")):
        assert (await rehearsal.refused("ann", body)).code is RefusalCode.BUSY


async def test_a_visitor_who_leaves_by_phone_is_out_of_the_queue(rehearsal: Rehearsal) -> None:
    from server.domain.access import Actor

    taken = await rehearsal.issue()
    phone = Actor(kind="visitor", centre=rehearsal.kiosk.centre, visit=taken.visit)
    await rehearsal.ask(phone, asks.Leave())
    assert (await state_of(rehearsal, taken.ticket))[0] == "cancelled"
    assert (await rehearsal.refused(phone, asks.Leave())).code is RefusalCode.WRONG_STATE


async def test_staff_of_another_centre_see_no_such_ticket(rehearsal: Rehearsal) -> None:
    from dataclasses import replace

    from tests.support.house import cast_of, fill

    ticket = (await rehearsal.issue()).ticket

    def add(tx):
        fill(tx.session(), "other-house", "K")

    await rehearsal.house.change(rehearsal.people["ada"], "fill", add)
    people, _ = cast_of(rehearsal.house.database, "other-house")
    stranger = replace(people["greta"], roles=frozenset(Role))
    for body in (
        asks.Cancel(ticket=ticket),
        asks.AddNote(ticket=ticket, note="hello"),
        asks.Undo(ticket=ticket),
    ):
        assert (await rehearsal.refused(stranger, body)).code is RefusalCode.UNKNOWN


async def test_a_retired_service_keeps_its_visitors(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue("housing")
    await rehearsal.sit(services=("housing",))

    def retire(tx):
        tx.session().connection().exec_driver_sql("UPDATE service SET retired_at = 1 WHERE slug = 'housing'")

    await rehearsal.house.change(rehearsal.people["ada"], "retire", retire)
    late = await rehearsal.issue("housing")
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == taken.ticket
    await rehearsal.ask("ann", asks.NoShow(ticket=taken.ticket))
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == late.ticket


async def test_help_is_one_request_however_often_it_is_pressed(rehearsal: Rehearsal) -> None:
    first = await rehearsal.ask(rehearsal.kiosk, asks.Help(request=new_id()))
    second = await rehearsal.ask(rehearsal.kiosk, asks.Help(request=new_id()))
    assert first == second
    await rehearsal.ask("greta", asks.TakeAttention(request=first["request"]))
    refused = await rehearsal.refused("ann", asks.TakeAttention(request=first["request"]))
    assert refused.code is RefusalCode.WRONG_STATE
    await rehearsal.ask("greta", asks.DoneAttention(request=first["request"]))
    third = await rehearsal.ask(rehearsal.kiosk, asks.Help(request=new_id()))
    assert third != first


async def test_what_was_acknowledged_is_there_after_a_restart(database_url: str) -> None:
    async with running_house(database_url) as rehearsal:
        taken = await rehearsal.issue()
    async with running_house(database_url, seed=False) as rehearsal:
        await rehearsal.sit()
        assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == taken.ticket
