"""Discreet visits: made so by anybody at once, shown again by few, seen by who serves, and nowhere in public; on both databases."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from server.actions import discreet
from server.actions.discreet import Looked
from server.actions.welcome import show_square
from server.domain.access import Actor
from server.domain.refusals import Refusal, Refused
from server.jobs.rounds import end_days
from server.jobs.sweeping import sweep
from server.store.sql import Statement
from server.store.tables import Audit, Ticket, Visit
from tests.server.actions.test_needs_a_person import in_public, shown
from tests.server.actions.test_welcome import all_of, row_of, welcome
from tests.support.house import Rehearsal, cast_of, fill, running_house
from wire import asks
from wire.vocabulary import Audience, Outcome, RefusalCode, Role, new_id


@pytest.fixture
async def rehearsal(database_url: str) -> AsyncIterator[Rehearsal]:
    """The usual cast, none of whom has the right to see discreet visits unless a test says so (`trusted`)."""
    async with running_house(database_url) as found:
        for name, person in found.people.items():
            found.people[name] = replace(person, roles=person.roles - {Role.DISCREET})
        yield found


def trusted(rehearsal: Rehearsal, name: str = "bob") -> Actor:
    """The same person with the right to see discreet visits."""
    person = rehearsal.people[name]
    return replace(person, roles=person.roles | {Role.DISCREET})


async def look(rehearsal: Rehearsal, who: str | Actor, ticket: str) -> Looked | Refusal:
    looking = partial(discreet.look, ticket=ticket)
    try:
        return await rehearsal.house.change(rehearsal.as_actor(who), "look", looking)
    except Refused as refused:
        return refused.refusal


async def deeds(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    return [(each.what, each.about) for each in await all_of(rehearsal, Audit)]


async def is_discreet(rehearsal: Rehearsal, visit: str) -> bool:
    return bool((await row_of(rehearsal, Visit, visit)).discreet)


def public(ticket: str) -> asks.MakeDiscreet:
    return asks.MakeDiscreet(ticket=ticket, discreet=False)


@pytest.mark.parametrize("who", ["greta", "ann", "mia"])
async def test_anybody_on_the_floor_makes_a_visit_discreet_and_takes_their_own_word_back(
    rehearsal: Rehearsal, who: str
) -> None:
    visitor = await rehearsal.issue()
    answers = [await rehearsal.ask(who, asks.MakeDiscreet(ticket=visitor.ticket)) for _ in range(20)]
    assert answers == [{"discreet": True}] * 20
    assert await is_discreet(rehearsal, visitor.visit)
    refused = await rehearsal.refused("bob", public(visitor.ticket))
    assert refused.code is RefusalCode.NOT_ALLOWED
    await rehearsal.ask(who, public(visitor.ticket))
    assert not await is_discreet(rehearsal, visitor.visit)
    assert await deeds(rehearsal) == [("made discreet", visitor.code), ("made public", visitor.code)]


async def test_what_the_visitor_wanted_discreet_only_who_has_the_right_may_show(rehearsal: Rehearsal) -> None:
    visitor = await rehearsal.issue(discreet=True)
    await rehearsal.ask(
        "greta", asks.MakeDiscreet(ticket=visitor.ticket)
    )  # changes nothing, and gives no right
    assert (await rehearsal.refused("greta", public(visitor.ticket))).code is RefusalCode.NOT_ALLOWED
    assert await is_discreet(rehearsal, visitor.visit)
    await rehearsal.ask(trusted(rehearsal), public(visitor.ticket))
    assert not await is_discreet(rehearsal, visitor.visit)


async def test_the_last_to_make_it_discreet_is_whose_word_counts_and_only_today(rehearsal: Rehearsal) -> None:
    ask = welcome(discreet=True)
    await rehearsal.ask("greta", ask)
    await rehearsal.ask("greta", public(ask.ticket))
    await rehearsal.ask("ann", asks.MakeDiscreet(ticket=ask.ticket))
    assert (await rehearsal.refused("greta", public(ask.ticket))).code is RefusalCode.NOT_ALLOWED
    rehearsal.clock.go(hours=15)
    assert (await rehearsal.refused("ann", public(ask.ticket))).code is RefusalCode.NOT_ALLOWED
    rehearsal.clock.go(hours=-15)
    await rehearsal.ask("ann", public(ask.ticket))


async def test_a_need_that_is_discreet_by_nature_is_shown_by_nobody(rehearsal: Rehearsal) -> None:
    ask = welcome(service="private", discreet=True)
    await rehearsal.ask("greta", ask)
    for who in ("greta", trusted(rehearsal, "greta")):
        refused = await rehearsal.refused(who, public(ask.ticket))
        assert refused.code is RefusalCode.NOT_ALLOWED
        assert "always discreet" in refused.say
    assert await is_discreet(rehearsal, ask.visit)


async def test_another_centres_greeter_and_an_ended_visit_change_nothing(rehearsal: Rehearsal) -> None:
    await rehearsal.house.change(
        rehearsal.people["ada"], "fill", lambda tx: fill(tx.session(), "other-house", "L")
    )
    people, _ = cast_of(rehearsal.house.database, "other-house")
    visitor = await rehearsal.issue()
    everything: list[asks.AnyAsk] = [
        asks.MakeDiscreet(ticket=visitor.ticket),
        asks.KeepApart(ticket=visitor.ticket, reference="HG-12"),
        asks.SafeRoom(request=new_id(), ticket=visitor.ticket),
    ]
    for body in everything:
        assert (await rehearsal.refused(people["greta"], body)).code is RefusalCode.UNKNOWN
    looked = await look(rehearsal, replace(people["greta"], roles=frozenset(Role)), visitor.ticket)
    assert isinstance(looked, Refusal)
    await rehearsal.ask("greta", asks.Cancel(ticket=visitor.ticket))
    for body in everything:
        assert (await rehearsal.refused("greta", body)).code is RefusalCode.WRONG_STATE
    assert isinstance(await look(rehearsal, trusted(rehearsal), visitor.ticket), Refusal)
    assert await deeds(rehearsal) == []


async def test_a_look_is_for_who_serves_and_who_has_the_right_and_each_is_written_down(
    rehearsal: Rehearsal,
) -> None:
    ask = welcome(discreet=True, note="Fled last night.")
    code = (await rehearsal.ask("greta", ask))["code"]
    await rehearsal.sit("ann", "desk-1", ("housing",))
    await rehearsal.sit("mia", "desk-2", ("housing",))
    for who in ("greta", "ann", "mia"):
        refused = await look(rehearsal, who, ask.ticket)
        assert isinstance(refused, Refusal)
        assert refused.code is RefusalCode.NOT_ALLOWED
    seen = await look(rehearsal, trusted(rehearsal), ask.ticket)
    assert isinstance(seen, Looked)
    assert (seen.service, seen.choice, seen.code) == ("housing", "Money", code)
    assert [(note.by, note.text) for note in seen.notes] == [("Greta", "Fled last night.")]
    await rehearsal.ask("ann", asks.CallNext())
    assert isinstance(await look(rehearsal, "ann", ask.ticket), Looked)
    assert isinstance(await look(rehearsal, "mia", ask.ticket), Refusal)
    entries = [each for each in await all_of(rehearsal, Audit) if "look" in each.what]
    who_is = {person.id: name for name, person in rehearsal.people.items()}
    assert [(who_is[each.staff_id], each.what, each.about) for each in entries] == [
        ("greta", "was refused a look", code),
        ("ann", "was refused a look", code),
        ("mia", "was refused a look", code),
        ("bob", "looked at a discreet visit", code),
        ("ann", "looked at a discreet visit", code),
        ("mia", "was refused a look", code),
    ]
    assert all(each.detail == {"ticket": ask.ticket} for each in entries)


async def test_a_need_discreet_by_nature_is_guarded_though_the_visit_is_not(rehearsal: Rehearsal) -> None:
    visitor = await rehearsal.issue("private")

    def show(tx: Any) -> None:
        tx.session().get(Visit, visitor.visit).discreet = False

    await rehearsal.house.change(rehearsal.people["ada"], "show", show)
    assert isinstance(await look(rehearsal, "greta", visitor.ticket), Refusal)


async def test_a_need_discreet_by_nature_is_taken_up_by_nobody_who_may_not_know_it(
    rehearsal: Rehearsal,
) -> None:
    visitor = await rehearsal.issue("private")
    bob = trusted(rehearsal)
    await rehearsal.sit(bob, "desk-2", ("private",))
    await rehearsal.sit("mia", "desk-1", ("council-tax",))
    no_right = Statement("DELETE FROM staff_role WHERE role = 'discreet' AND staff_id = :staff")
    mia = {"staff": rehearsal.people["mia"].id}
    await rehearsal.house.change(rehearsal.people["ada"], "take", lambda tx: tx.sql.run(no_right, mia))
    there = await rehearsal.refused("greta", asks.Transfer(ticket=visitor.ticket, counter="desk-1"))
    assert "Mia at Desk 1" in there.say
    refused = await rehearsal.refused("mia", asks.CallTicket(ticket=visitor.ticket))
    assert refused.code is RefusalCode.NOT_ALLOWED
    assert "private" not in refused.say
    await rehearsal.ask(bob, asks.CallNext())
    for ask in (asks.Arrive(ticket=visitor.ticket), asks.Park(ticket=visitor.ticket)):
        await rehearsal.ask(bob, ask)
    assert (
        await rehearsal.refused("mia", asks.Unpark(ticket=visitor.ticket))
    ).code is RefusalCode.NOT_ALLOWED
    await rehearsal.ask(bob, asks.Unpark(ticket=visitor.ticket))


async def test_a_visit_that_is_not_discreet_is_looked_at_without_an_entry(rehearsal: Rehearsal) -> None:
    visitor = await rehearsal.issue()
    seen = await look(rehearsal, "greta", visitor.ticket)
    assert isinstance(seen, Looked)
    assert seen.service == "council-tax"
    assert await deeds(rehearsal) == []


async def test_what_was_kept_for_the_stay_goes_with_the_visit(rehearsal: Rehearsal) -> None:
    ask = welcome(apart="HG-12")
    await rehearsal.ask("greta", ask)
    showing = partial(show_square, ticket=ask.ticket, secret_hash="c" * 64)
    await rehearsal.house.change(rehearsal.people["greta"], "show", showing)
    visit = await row_of(rehearsal, Visit, ask.visit)
    assert (visit.apart, visit.shown_hash) == ("HG-12", "c" * 64)
    await rehearsal.sit("ann", "desk-1", ("housing",))
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Arrive(ticket=ask.ticket))
    assert (await row_of(rehearsal, Visit, ask.visit)).apart == "HG-12"
    await rehearsal.ask("ann", asks.Finish(ticket=ask.ticket, outcome=Outcome.RESOLVED))
    other = welcome(apart="HG-12")
    assert (await rehearsal.ask("greta", other))["apart"] == [], "who has gone is met by nobody"
    with pytest.raises(Refused, match="has ended"):
        await rehearsal.house.change(rehearsal.people["greta"], "show", showing)
    await rehearsal.ask("ann", asks.Undo(ticket=ask.ticket))
    visit = await row_of(rehearsal, Visit, ask.visit)
    assert (visit.ended_at, visit.apart, visit.shown_hash) == (None, "HG-12", "c" * 64)
    assert (await rehearsal.ask("greta", asks.KeepApart(ticket=other.ticket, reference="hg-12")))[
        "apart"
    ] == ["G01"], "marked as gone by mistake: kept apart again"
    await rehearsal.ask("ann", asks.Finish(ticket=ask.ticket, outcome=Outcome.RESOLVED))
    for hours, kept in ((11, ("HG-12", "c" * 64)), (2, (None, None))):
        rehearsal.clock.go(hours=hours)
        await sweep(rehearsal.house)
        visit = await row_of(rehearsal, Visit, ask.visit)
        assert (visit.apart, visit.shown_hash) == kept
    assert (await row_of(rehearsal, Visit, other.visit)).apart == "HG-12", "still in the house"


async def test_a_visit_that_becomes_part_of_another_takes_its_reference_along(rehearsal: Rehearsal) -> None:
    goes, stays, other = welcome(apart="HG-12"), welcome(), welcome(apart="ZZ-99")
    for ask in (goes, stays, other):
        await rehearsal.ask("greta", ask)
    refused = await rehearsal.refused("greta", asks.Merge(ticket=goes.ticket, into=other.ticket))
    assert "different cases" in refused.say
    await rehearsal.ask("greta", asks.Merge(ticket=goes.ticket, into=stays.ticket))
    assert (await row_of(rehearsal, Visit, stays.visit)).apart == "HG-12"
    assert (await rehearsal.ask("greta", welcome(apart="HG-12")))["apart"] == ["G02"]
    await rehearsal.ask("greta", asks.Undo(ticket=goes.ticket))
    assert (await row_of(rehearsal, Visit, stays.visit)).apart is None
    assert (await row_of(rehearsal, Visit, goes.visit)).apart == "HG-12"


async def test_what_is_left_of_a_day_is_ended_with_what_was_kept_apart(rehearsal: Rehearsal) -> None:
    ask = welcome(apart="HG-12")
    await rehearsal.ask("greta", ask)
    rehearsal.clock.go(hours=15)
    assert await end_days(rehearsal.house) == 1
    visit = await row_of(rehearsal, Visit, ask.visit)
    assert visit.ended_at is not None
    assert (await rehearsal.ask("greta", welcome(apart="HG-12", code="E01")))["apart"] == []
    rehearsal.clock.go(hours=13)
    await sweep(rehearsal.house)
    assert (await row_of(rehearsal, Visit, ask.visit)).apart is None


async def test_a_reference_is_taken_back_and_written_down_without_its_name(rehearsal: Rehearsal) -> None:
    one, two = welcome(apart="HG-12"), welcome()
    await rehearsal.ask("greta", one)
    await rehearsal.ask("greta", two)
    keep = asks.KeepApart(ticket=two.ticket, reference="hg-12")
    answers = await asyncio.gather(*(rehearsal.ask("ann", keep) for _ in range(20)))
    assert answers == [{"apart": ["G01"]}] * 20
    assert await rehearsal.ask("ann", asks.KeepApart(ticket=two.ticket)) == {"apart": []}
    assert (await row_of(rehearsal, Visit, two.visit)).apart is None
    assert await deeds(rehearsal) == [("kept apart", "G02"), ("no longer kept apart", "G02")]
    assert "HG-12" not in repr([each.detail for each in await all_of(rehearsal, Audit)])


async def test_nothing_of_a_discreet_visit_is_in_public_or_in_the_log_at_any_step(
    rehearsal: Rehearsal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ask = welcome(
        service="housing", discreet=True, note="Fled last night.", apart="HG-12", wants="pl", people=3
    )
    plain = await rehearsal.issue("housing")
    await rehearsal.sit("ann", "room-1", ("housing",))
    await rehearsal.ask("greta", ask)
    await rehearsal.ask("greta", asks.Cancel(ticket=plain.ticket))
    steps: list[tuple[str, asks.AnyAsk]] = [
        ("greta", asks.SafeRoom(request=new_id(), ticket=ask.ticket)),
        ("ann", asks.CallNext()),
        ("ann", asks.Recall(ticket=ask.ticket)),
        ("ann", asks.Arrive(ticket=ask.ticket)),
        ("ann", asks.Park(ticket=ask.ticket)),
    ]
    for who, step in steps:
        await rehearsal.ask(who, step)
        seen = in_public(rehearsal)
        for word in ("Fled", "HG-12", "G01", ask.visit, ask.ticket):
            assert word not in seen, step.do
        phone = shown(rehearsal, Audience.PHONE, ask.visit)
        for word in ("Fled", "HG-12", "housing", "Room 1"):
            assert word not in phone, step.do
    for word in ("Fled", "HG-12", ask.visit, ask.ticket):
        assert word not in caplog.text


async def test_the_paper_of_a_discreet_visit_tells_no_need(rehearsal: Rehearsal) -> None:
    ask = welcome(service="private", note="Fled last night.", apart="HG-12")
    await rehearsal.ask("greta", ask)
    await rehearsal.ask("greta", asks.PrintTicket(job=new_id(), ticket=ask.ticket, device=rehearsal.kiosk.id))
    rows = json.loads(shown(rehearsal, Audience.KIOSK))
    (paper,) = [row for row in rows.values() if row["kind"] == "print"]
    assert paper["code"] == "G01"
    assert paper["service_names"] is None
    for word in ("Fled", "HG-12", ask.visit):
        assert word not in json.dumps(rows)


async def test_a_visit_made_discreet_after_its_call_leaves_the_board_at_once(rehearsal: Rehearsal) -> None:
    visitor = await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    assert visitor.code in in_public(rehearsal)
    await rehearsal.ask("greta", asks.MakeDiscreet(ticket=visitor.ticket))
    assert visitor.code not in in_public(rehearsal)
    assert (await row_of(rehearsal, Ticket, visitor.ticket)).state == "called"
    await rehearsal.ask("greta", public(visitor.ticket))
    assert visitor.code in in_public(rehearsal)


async def test_what_a_private_visit_is_about_cannot_be_found_out_by_trying(rehearsal: Rehearsal) -> None:
    """Adding what it is about already, and anything else, are refused alike to who may not know."""
    visitor = await rehearsal.issue("housing", discreet=True)
    tried = [
        await rehearsal.refused("greta", asks.AddNeed(ticket=visitor.ticket, new=new_id(), service=service))
        for service in ("housing", "council-tax")
    ]
    tried += [
        await rehearsal.refused("greta", asks.Transfer(ticket=visitor.ticket, service=service))
        for service in ("housing", "council-tax")
    ]
    assert len({(each.code, each.say) for each in tried}) == 1
    assert "private visit" in tried[0].say
    await rehearsal.ask("greta", asks.Transfer(ticket=visitor.ticket, counter="desk-2"))


async def test_who_serves_a_private_visit_or_has_the_right_may_add_to_it(rehearsal: Rehearsal) -> None:
    visitor = await rehearsal.issue("housing", discreet=True)
    await rehearsal.ask(
        trusted(rehearsal, "greta"), asks.AddNeed(ticket=visitor.ticket, new=new_id(), service="council-tax")
    )
    await rehearsal.sit("ann", services=("housing",))
    called = await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Arrive(ticket=str(called["ticket"])))
    passed = await rehearsal.ask(
        "ann", asks.Transfer(ticket=str(called["ticket"]), counter="desk-2", service="housing")
    )
    assert passed["code"] == visitor.code
