"""A counter changes hands, or was left; on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from server.store.tables import StaffSkill
from tests.server.actions.test_needs import rows, seen_by, serving, states
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import Outcome, RefusalCode, SkillKind


async def give(rehearsal: Rehearsal, who: str, *skills: tuple[SkillKind, str]) -> None:
    person = rehearsal.people[who]

    def write(tx: Any) -> None:
        for kind, value in skills:
            tx.session().add(StaffSkill(staff_id=person.id, centre_id=person.centre, kind=kind, value=value))

    await rehearsal.house.change(rehearsal.people["ada"], "give skills", write)


def to(rehearsal: Rehearsal, who: str) -> asks.HandOver:
    return asks.HandOver(to=rehearsal.people[who].id)


async def test_a_colleague_takes_the_counter_with_its_visitor_and_goes_on(rehearsal: Rehearsal) -> None:
    taken = await serving(rehearsal)
    await rehearsal.ask("ann", to(rehearsal, "bob"))
    mine = (await seen_by(rehearsal, "bob")).mine
    assert mine is not None
    assert mine.ticket is not None
    assert (mine.slug, mine.ticket.id) == ("desk-1", taken.ticket)
    assert (await seen_by(rehearsal, "ann")).mine is None
    refused = await rehearsal.refused("ann", asks.Finish(ticket=taken.ticket, outcome=Outcome.RESOLVED))
    assert refused.code is RefusalCode.NOT_ALLOWED
    await rehearsal.ask("bob", asks.Undo(ticket=taken.ticket))
    await rehearsal.ask("bob", asks.Arrive(ticket=taken.ticket))
    await rehearsal.ask("bob", asks.Finish(ticket=taken.ticket, outcome=Outcome.RESOLVED))
    assert await rows(rehearsal, "SELECT staff_id FROM ticket") == [(rehearsal.people["bob"].id,)]


async def test_only_an_adviser_who_sits_nowhere_takes_over(rehearsal: Rehearsal) -> None:
    await serving(rehearsal)
    await rehearsal.sit("bob", "desk-2")
    for who, code in (
        ("bob", RefusalCode.COUNTER_TAKEN),
        ("greta", RefusalCode.UNKNOWN),
        ("ann", RefusalCode.UNKNOWN),
    ):
        assert (await rehearsal.refused("ann", to(rehearsal, who))).code is code
    assert (await rehearsal.refused("mia", to(rehearsal, "bob"))).code is RefusalCode.NO_COUNTER
    assert [each.name for each in (await seen_by(rehearsal, "ann")).colleagues] == ["Mia"]


async def test_what_the_colleague_may_not_serve_drops_out_and_a_visitor_is_not_left_with_them(
    rehearsal: Rehearsal,
) -> None:
    taken = await serving(rehearsal)
    await give(rehearsal, "bob", (SkillKind.SERVICE, "housing"), (SkillKind.LANGUAGE, "gu"))
    refused = await rehearsal.refused("ann", to(rehearsal, "bob"))
    assert (refused.code, taken.code in refused.say) == (RefusalCode.NOT_ALLOWED, True)
    await rehearsal.ask("ann", asks.Park(ticket=taken.ticket))
    assert (await rehearsal.ask("ann", to(rehearsal, "bob")))["left_out"] == 1
    mine = (await seen_by(rehearsal, "bob")).mine
    assert mine is not None
    assert (len(mine.services), mine.skills) == (1, ("gu",))


@pytest.mark.parametrize("seat_is_open", [True, False])
async def test_a_counter_whose_person_is_gone_is_freed_and_the_visitor_can_be_taken_up(
    rehearsal: Rehearsal, seat_is_open: bool
) -> None:
    taken = await serving(rehearsal)

    def close(tx: Any) -> None:
        tx.session().connection().exec_driver_sql("UPDATE seat SET until_at = 1")

    if not seat_is_open:
        await rehearsal.house.change(rehearsal.people["ada"], "close", close)
    body = asks.FreeCounter(counter="desk-1")
    assert (await rehearsal.refused("bob", body)).code is RefusalCode.NOT_ALLOWED
    assert (await rehearsal.ask("greta", body))["state"] == "parked"
    await rehearsal.sit("bob", "desk-1")
    await rehearsal.ask("bob", asks.Unpark(ticket=taken.ticket))
    assert await states(rehearsal) == ["serving"]


async def test_who_was_only_called_waits_again_in_their_old_place(rehearsal: Rehearsal) -> None:
    first, second = await rehearsal.issue(), await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Recall(ticket=first.ticket))
    assert (await rehearsal.ask("mia", asks.FreeCounter(counter="desk-1")))["state"] == "waiting"
    assert (await seen_by(rehearsal, "ann")).mine is None
    await rehearsal.sit("bob", "desk-1")
    assert (await rehearsal.ask("bob", asks.CallNext()))["ticket"] == first.ticket
    assert second.ticket != first.ticket


async def test_a_counter_on_a_break_is_freed_and_an_empty_one_is_said_to_be(rehearsal: Rehearsal) -> None:
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.TakeBreak(reason="lunch"))
    await rehearsal.ask("greta", asks.FreeCounter(counter="desk-1"))
    assert await rows(rehearsal, "SELECT COUNT(*) FROM pause WHERE until_at IS NULL") == [(0,)]
    refused = await rehearsal.refused("greta", asks.FreeCounter(counter="desk-1"))
    assert refused.code is RefusalCode.NO_COUNTER
    refused = await rehearsal.refused("greta", asks.FreeCounter(counter="no-such-desk"))
    assert refused.code is RefusalCode.UNKNOWN
