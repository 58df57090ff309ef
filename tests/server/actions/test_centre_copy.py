"""A whole centre through the browser: what a file may change, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session, col, select

from server.actions import centre_copy
from server.actions.centres import export
from server.centrefile import CentrePlan, plan
from server.domain.access import SYSTEM
from server.domain.refusals import Refused
from server.store.tables import Centre, Device, Staff, StaffRole
from server.store.tx import Tx
from tests.support.house import Rehearsal, fill
from wire import asks
from wire.vocabulary import Role


async def by_ada(rehearsal: Rehearsal, action: Callable[[Tx], Any]) -> Any:
    return await rehearsal.house.change(rehearsal.people["ada"], "change", action)


async def plan_of(rehearsal: Rehearsal, slug: str = "york-house") -> CentrePlan:
    found = await rehearsal.house.read(lambda session: export(session, slug))
    assert found is not None
    return found


def roles_at(session: Session, slug: str) -> dict[str, set[str]]:
    held = (
        select(Staff.username, StaffRole.role)
        .join(StaffRole, col(StaffRole.staff_id) == col(Staff.id))
        .join(Centre, col(Centre.id) == col(StaffRole.centre_id))
        .where(Centre.slug == slug)
    )
    found: dict[str, set[str]] = {}
    for username, role in session.exec(held):
        found.setdefault(username, set()).add(role)
    return found


async def test_a_copy_is_the_same_centre_without_its_people_and_devices(rehearsal: Rehearsal) -> None:
    copied = await by_ada(
        rehearsal, lambda tx: centre_copy.copy_centre(tx, "york-house", "west", "  West\x00 Library ")
    )
    mine = await plan_of(rehearsal)
    assert await plan_of(rehearsal, "west") == replace(
        mine,
        slug="west",
        name="West Library",
        staff=(plan.Staff("ada@york-house", "Ada", (Role.ADMINISTRATOR,)),),
    )
    there = select(Device).where(Device.centre_id == copied)
    assert await rehearsal.house.read(lambda session: session.exec(there).all()) == []
    assert await plan_of(rehearsal) == mine, "the one copied stays as it was"


async def test_changing_the_copy_leaves_the_other_alone(rehearsal: Rehearsal) -> None:
    await by_ada(rehearsal, lambda tx: centre_copy.copy_centre(tx, "york-house", "west", "West"))
    before = await plan_of(rehearsal)
    west = await plan_of(rehearsal, "west")
    fewer = replace(west, services=west.services[:1], name="West Library")
    done = await by_ada(rehearsal, lambda tx: centre_copy.load_file(tx, fewer, with_staff=False))
    assert len(done.loaded.retired) == 3
    assert await plan_of(rehearsal) == before


@pytest.mark.parametrize(
    ("of", "slug", "name", "say"),
    [
        ("york-house", "york-house", "Another", "There is a centre 'york-house' already"),
        ("york-house", "West Library", "West", "small letters"),
        ("york-house", "", "West", "small letters"),
        ("york-house", "w" * 41, "West", "small letters"),
        ("york-house", "west", "\u202e ", "new centre's name"),
        ("york-house", "west", "w" * 300, "at most 120"),
        ("elsewhere", "west", "West", "do not administer that centre"),
        ("nowhere", "west", "West", "do not administer that centre"),
    ],
)
async def test_a_copy_that_cannot_be_is_refused(
    rehearsal: Rehearsal, of: str, slug: str, name: str, say: str
) -> None:
    await rehearsal.house.change(SYSTEM, "fill", lambda tx: fill(tx.session(), "elsewhere", "L"))
    with pytest.raises(Refused, match=say):
        await by_ada(rehearsal, lambda tx: centre_copy.copy_centre(tx, of, slug, name))
    slugs = await rehearsal.house.read(lambda session: session.exec(select(Centre.slug)).all())
    assert sorted(slugs) == ["elsewhere", "york-house"]


async def test_a_file_changes_nobody_elses_centre(rehearsal: Rehearsal) -> None:
    await rehearsal.house.change(SYSTEM, "fill", lambda tx: fill(tx.session(), "elsewhere", "L"))
    theirs = await plan_of(rehearsal, "elsewhere")
    mine = replace(theirs, name="Mine now")
    with pytest.raises(Refused, match="you do not administer it"):
        await by_ada(rehearsal, lambda tx: centre_copy.load_file(tx, mine, with_staff=True))
    assert await plan_of(rehearsal, "elsewhere") == theirs


async def test_a_new_slug_makes_a_centre_that_the_sender_administers(rehearsal: Rehearsal) -> None:
    wanted = replace(await plan_of(rehearsal), slug="east", name="East")
    done = await by_ada(rehearsal, lambda tx: centre_copy.load_file(tx, wanted, with_staff=False, version=0))
    assert done.is_new
    assert await rehearsal.house.read(lambda session: roles_at(session, "east")) == {
        "ada@york-house": {"administrator"}
    }


async def test_staff_of_a_file_are_added_and_never_changed(rehearsal: Rehearsal) -> None:
    await rehearsal.house.change(SYSTEM, "fill", lambda tx: fill(tx.session(), "elsewhere", "L"))
    people = (
        plan.Staff("ada@york-house", "Not Ada", (Role.GREETER,)),
        plan.Staff("mia@york-house", "Not Mia", (Role.ADMINISTRATOR,)),
        plan.Staff("bob@elsewhere", "Not Bob", (Role.ADVISER,)),
        plan.Staff("new.person", "New Person", (Role.GREETER,)),
    )
    wanted = replace(await plan_of(rehearsal), staff=people)
    before = await rehearsal.house.read(lambda session: roles_at(session, "york-house"))
    # Once, because this centre was not made from a file.
    await by_ada(rehearsal, lambda tx: centre_copy.load_file(tx, wanted, with_staff=False))
    none = await by_ada(rehearsal, lambda tx: centre_copy.load_file(tx, wanted, with_staff=False))
    assert not none
    done = await by_ada(rehearsal, lambda tx: centre_copy.load_file(tx, wanted, with_staff=True))
    assert done.staff == ("bob@elsewhere", "new.person")
    assert await rehearsal.house.read(lambda session: roles_at(session, "york-house")) == {
        **before,
        "bob@elsewhere": {"adviser"},
        "new.person": {"greeter"},
    }
    names = await rehearsal.house.read(
        lambda session: set(session.exec(select(Staff.name).where(col(Staff.name).startswith("Not"))))
    )
    assert names == set()
    hashes = await rehearsal.house.read(
        lambda session: session.exec(select(Staff.password_hash).where(Staff.username == "new.person")).one()
    )
    assert hashes == "", "nobody can sign in before a one-time password is given"


async def test_what_was_shown_for_an_older_centre_is_not_done(rehearsal: Rehearsal) -> None:
    mine = await plan_of(rehearsal)
    first = await by_ada(
        rehearsal, lambda tx: centre_copy.load_file(tx, replace(mine, name="One"), with_staff=False)
    )
    for stale in (first.version, 0):
        with pytest.raises(Refused, match="Somebody changed"):
            await by_ada(rehearsal, partial(_load_two, mine=mine, version=stale))
    assert (await plan_of(rehearsal)).name == "One"


def _load_two(tx: Tx, mine: CentrePlan, version: int) -> None:
    centre_copy.load_file(tx, replace(mine, name="Two"), with_staff=False, version=version)


async def test_who_would_notice_is_told(rehearsal: Rehearsal) -> None:
    await rehearsal.issue("housing")
    await rehearsal.issue("housing")
    await rehearsal.sit("ann", "desk-2")
    mine = await plan_of(rehearsal)
    less = replace(
        mine,
        services=tuple(each for each in mine.services if each.slug != "housing"),
        counters=tuple(each for each in mine.counters if each.slug != "desk-2"),
    )
    done = await by_ada(rehearsal, lambda tx: centre_copy.load_file(tx, less, with_staff=False))
    assert [warning.partition(".")[0] for warning in done.warnings] == [
        "2 visitors are here now for housing",
        "Ann sits at Desk 2 now, and goes on until they get up",
    ]
    again = await by_ada(rehearsal, lambda tx: centre_copy.load_file(tx, less, with_staff=False))
    assert not again
    await rehearsal.ask("ann", asks.GetUp())
