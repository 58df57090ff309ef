"""Who may sit down for what, and whom the call then finds: skills, quick visits; on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.live.console import read_floor
from tests.server.actions.test_handing_over import give
from tests.server.actions.test_needs import add_need, finish, seen_by, serving
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import RefusalCode, Role, SkillKind

GUJARATI = (SkillKind.LANGUAGE, "gu")


async def issued(rehearsal: Rehearsal, service: str = "council-tax", **told: object) -> str:
    taken = await rehearsal.issue(service)
    await rehearsal.ask("greta", asks.Amend(ticket=taken.ticket, **told))
    return taken.ticket


async def next_of(rehearsal: Rehearsal, who: str) -> str | None:
    """What the page says is next, which must be whom the call takes."""
    shown = (await seen_by(rehearsal, who)).next_up
    answer = await rehearsal.answer(who, asks.CallNext())
    called = answer.result["ticket"] if answer.result else None
    assert (shown.id if shown else None) == called
    return called


async def test_with_skills_for_services_nobody_sits_down_for_others(rehearsal: Rehearsal) -> None:
    await give(rehearsal, "ann", (SkillKind.SERVICE, "housing"))
    refused = await rehearsal.refused(
        "ann", asks.SitDown(counter="desk-1", services=("housing", "council-tax"))
    )
    assert (refused.code, "council-tax" in refused.say) == (RefusalCode.NOT_ALLOWED, True)
    floor = await seen_by(rehearsal, "ann")
    assert [each.slug for each in floor.services if each.id in floor.may_serve] == ["housing"]
    await rehearsal.sit(services=("housing",))
    await rehearsal.sit("bob", "desk-2", ("housing", "council-tax"))


async def test_nobody_goes_on_with_a_need_they_may_not_serve(rehearsal: Rehearsal) -> None:
    await give(rehearsal, "ann", (SkillKind.SERVICE, "council-tax"))
    taken = await serving(rehearsal, ("council-tax",))
    second = await add_need(rehearsal, taken.ticket)
    await finish(rehearsal, taken.ticket)
    refused = await rehearsal.refused("ann", asks.GoOn(ticket=second))
    assert (refused.code, "housing" in refused.say) == (RefusalCode.NOT_ALLOWED, True)
    assert (await seen_by(rehearsal, "ann")).go_on is None, "so the page does not offer it"


async def test_a_discreet_service_takes_the_right_to_see_what_it_is_about(rehearsal: Rehearsal) -> None:
    ann = rehearsal.people["ann"]
    without = replace(ann, roles=ann.roles - {Role.DISCREET})
    body = asks.SitDown(counter="desk-1", services=("council-tax", "private"))
    refused = await rehearsal.refused(without, body)
    assert (refused.code, "discreet" in refused.say) == (RefusalCode.NOT_ALLOWED, True)
    await rehearsal.ask("ann", body)


async def test_who_asked_for_gujarati_is_left_to_who_speaks_it_while_they_are_there(
    rehearsal: Rehearsal,
) -> None:
    await give(rehearsal, "ann", GUJARATI)
    asked = await issued(rehearsal, wants="gu")
    await rehearsal.sit("bob", "desk-2")
    await rehearsal.sit("ann", "desk-1")
    rehearsal.clock.go(minutes=14)
    refused = await rehearsal.refused("bob", asks.CallNext())
    assert (refused.code, "colleague" in refused.say) == (RefusalCode.NOBODY_WAITING, True)
    assert await next_of(rehearsal, "bob") is None
    rehearsal.clock.go(minutes=1)
    assert await next_of(rehearsal, "bob") == asked, "a quarter of an hour has gone"


@pytest.mark.parametrize("away", ["break", "other service", "left"])
async def test_nobody_is_kept_for_a_colleague_who_cannot_call_them(rehearsal: Rehearsal, away: str) -> None:
    await give(rehearsal, "ann", GUJARATI)
    asked = await issued(rehearsal, wants="gu")
    await rehearsal.sit("ann", "desk-1", ("housing",) if away == "other service" else ("council-tax",))
    if away == "break":
        await rehearsal.ask("ann", asks.TakeBreak(reason="lunch"))
    if away == "left":
        await rehearsal.ask("ann", asks.GetUp())
    await rehearsal.sit("bob", "desk-2")
    assert await next_of(rehearsal, "bob") == asked


async def test_who_speaks_it_calls_them_up_to_ten_minutes_before_their_turn(rehearsal: Rehearsal) -> None:
    await give(rehearsal, "ann", GUJARATI)
    first = await rehearsal.issue()
    rehearsal.clock.go(minutes=9)
    asked = await issued(rehearsal, wants="gu")
    await rehearsal.sit()
    called = await rehearsal.ask("ann", asks.CallNext())
    assert called["ticket"] == asked
    assert "as you do" in called["why"]
    await rehearsal.ask("ann", asks.NoShow(ticket=asked))
    assert await next_of(rehearsal, "ann") == first.ticket


async def test_quick_visits_go_between_long_ones_and_a_call_taken_back_leaves_no_trace(
    rehearsal: Rehearsal,
) -> None:
    long_ones = [(await rehearsal.issue()).ticket for _ in range(2)]
    rehearsal.clock.go(minutes=10)
    quick = [await issued(rehearsal, quick=True) for _ in range(2)]
    await rehearsal.sit()
    called = []
    for turn in range(4):
        ticket = await next_of(rehearsal, "ann")
        assert ticket is not None
        if turn == 0:
            await rehearsal.ask("ann", asks.Undo(ticket=ticket))
            assert await next_of(rehearsal, "ann") == ticket, "taken back, it is first again"
        called.append(ticket)
        await rehearsal.ask("ann", asks.NoShow(ticket=ticket))
    assert called == [quick[0], long_ones[0], quick[1], long_ones[1]]


async def test_the_page_says_who_is_kept_back_and_for_what_nobody_rings(rehearsal: Rehearsal) -> None:
    await give(rehearsal, "ann", GUJARATI)
    await issued(rehearsal, wants="gu")
    await rehearsal.sit("ann", "desk-1")
    await rehearsal.sit("bob", "desk-2")
    assert (await seen_by(rehearsal, "ann")).waiting_for_me == 1
    assert (await seen_by(rehearsal, "bob")).waiting_for_me == 0
    rehearsal.clock.go(minutes=15)
    centre, bob, now = rehearsal.kiosk.centre, rehearsal.people["bob"].id, rehearsal.clock.micros()
    floor = await rehearsal.house.look(lambda connection: read_floor(connection, centre, bob, now))
    assert floor.waiting_for_me == 1
