"""Skills, and what happens at the counter of somebody who loses a role or the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import col, select

from server.actions import staff
from server.actions.skills import Skills, skills_of
from server.domain.refusals import Refused
from server.store.tables import Seat, Service, StaffRole
from server.store.tx import Tx
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import Role


async def by_ada(rehearsal: Rehearsal, action: Callable[[Tx], Any]) -> Any:
    return await rehearsal.house.change(rehearsal.people["ada"], "change", action)


async def give(rehearsal: Rehearsal, who: str, skills: Skills) -> None:
    person, centre = rehearsal.people[who].id, rehearsal.kiosk.centre
    await by_ada(rehearsal, lambda tx: staff.set_skills(tx, person, centre, skills))


async def seat_of(rehearsal: Rehearsal, who: str) -> Seat | None:
    sitting = select(Seat).where(Seat.staff_id == rehearsal.people[who].id, col(Seat.until_at).is_(None))
    return await rehearsal.house.read(lambda session: session.exec(sitting).first())


async def services(rehearsal: Rehearsal, *slugs: str) -> list[int]:
    here = select(Service.id).where(col(Service.slug).in_(slugs))
    found = await rehearsal.house.read(lambda session: session.exec(here).all())
    return sorted(number for number in found if number is not None)


async def test_skills_hold_at_once_for_who_sits(rehearsal: Rehearsal) -> None:
    await rehearsal.sit("ann", services=("council-tax", "housing"))
    wanted = Skills(frozenset({"housing", "safety"}), frozenset({"gu", "pl"}), signs=True)
    await give(rehearsal, "ann", wanted)
    seat = await seat_of(rehearsal, "ann")
    assert seat is not None
    assert seat.skills == ["gu", "pl", "sign_language"]
    assert seat.services == await services(rehearsal, "housing")
    kept = await rehearsal.house.read(
        lambda session: skills_of(session, rehearsal.people["ann"].id, rehearsal.kiosk.centre)
    )
    assert kept == wanted


async def test_whoever_may_serve_nothing_of_what_they_chose_gets_what_they_may(rehearsal: Rehearsal) -> None:
    await rehearsal.sit("ann", services=("council-tax",))
    await give(rehearsal, "ann", Skills(services=frozenset({"housing"})))
    seat = await seat_of(rehearsal, "ann")
    assert seat is not None
    assert seat.services == await services(rehearsal, "housing")
    await give(rehearsal, "ann", Skills())
    seat = await seat_of(rehearsal, "ann")
    assert seat is not None
    assert (seat.services, seat.skills) == (await services(rehearsal, "housing"), [])


@pytest.mark.parametrize(
    "skills", [Skills(services=frozenset({"no-such"})), Skills(languages=frozenset({"xx"}))]
)
async def test_skills_nobody_offers_are_refused_whole(rehearsal: Rehearsal, skills: Skills) -> None:
    await give(rehearsal, "ann", Skills(languages=frozenset({"pl"})))
    with pytest.raises(Refused, match="Load the page again"):
        await give(rehearsal, "ann", skills)
    kept = await rehearsal.house.read(
        lambda session: skills_of(session, rehearsal.people["ann"].id, rehearsal.kiosk.centre)
    )
    assert kept == Skills(languages=frozenset({"pl"}))


def cut_off(how: str, person: int, centre: int) -> Callable[[Tx], None]:
    if how == "disabled":
        return lambda tx: staff.disable(tx, person, centre)
    return lambda tx: staff.set_roles(tx, person, centre, {Role.GREETER})


@pytest.mark.parametrize("how", ["disabled", "role taken"])
async def test_a_visitor_who_was_called_waits_again_in_the_old_place(rehearsal: Rehearsal, how: str) -> None:
    first = await rehearsal.issue()
    rehearsal.clock.go(minutes=2)
    await rehearsal.issue()
    await rehearsal.sit("ann")
    await rehearsal.ask("ann", asks.CallNext())
    await by_ada(rehearsal, cut_off(how, rehearsal.people["ann"].id, rehearsal.kiosk.centre))
    assert await seat_of(rehearsal, "ann") is None
    await rehearsal.sit("bob", "desk-1")
    called = await rehearsal.ask("bob", asks.CallNext())
    assert called["code"] == first.code


@pytest.mark.parametrize("how", ["disabled", "role taken"])
async def test_a_visitor_being_served_is_parked_for_a_colleague(rehearsal: Rehearsal, how: str) -> None:
    visitor = await rehearsal.issue()
    await rehearsal.sit("ann")
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Arrive(ticket=visitor.ticket))
    await by_ada(rehearsal, cut_off(how, rehearsal.people["ann"].id, rehearsal.kiosk.centre))
    await rehearsal.sit("bob", "desk-1")
    await rehearsal.ask("bob", asks.Unpark(ticket=visitor.ticket))
    await rehearsal.ask("bob", asks.Finish(ticket=visitor.ticket, outcome="resolved"))


async def test_whoever_may_no_longer_see_discreet_visits_stops_calling_for_them(rehearsal: Rehearsal) -> None:
    ann, centre = rehearsal.people["ann"].id, rehearsal.kiosk.centre
    await by_ada(rehearsal, lambda tx: staff.set_roles(tx, ann, centre, {Role.ADVISER, Role.DISCREET}))
    await rehearsal.sit("ann", services=("council-tax", "private"))
    await by_ada(rehearsal, lambda tx: staff.set_roles(tx, ann, centre, {Role.ADVISER}))
    seat = await seat_of(rehearsal, "ann")
    assert seat is not None
    assert seat.services == await services(rehearsal, "council-tax")


async def test_two_administrators_who_cut_each_other_off_leave_one(rehearsal: Rehearsal) -> None:
    centre, ada, mia = rehearsal.kiosk.centre, rehearsal.people["ada"], rehearsal.people["mia"]
    await by_ada(rehearsal, lambda tx: staff.set_roles(tx, mia.id, centre, {Role.ADMINISTRATOR}))
    await by_ada(rehearsal, lambda tx: staff.set_roles(tx, mia.id, centre, {Role.GREETER}))
    with pytest.raises(Refused, match="without an administrator"):
        # Asked while she still was one: the page let her in a moment before.
        await rehearsal.house.change(mia, "change", lambda tx: staff.set_roles(tx, ada.id, centre, set()))
    held = select(StaffRole.staff_id).where(StaffRole.role == Role.ADMINISTRATOR)
    assert await rehearsal.house.read(lambda session: session.exec(held).all()) == [ada.id]
