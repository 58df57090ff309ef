"""Two changes that concern several things at once: in which order they stand, and which service the talk in private leads to."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from server.actions import changes
from server.actions.changes import consider
from server.actions.changes_reach import NOBODY_PRIVATE, touches
from server.domain.changes import Table, part_of
from server.jobs.planned import do_due_changes
from server.store.tables import Centre
from tests.server.actions.test_changes import (
    MIDNIGHT,
    change,
    draft,
    make,
    plan,
    refusal,
    row,
    table_of,
    undo,
)
from tests.support.house import Rehearsal

SAFE: Table = {"slug": "safe-talk", "names": {"en": "Safe talk"}, "discreet": True}


async def private(rehearsal: Rehearsal) -> list[str]:
    return [each.slug for each in (await plan(rehearsal)).services if each.private]


async def met(rehearsal: Rehearsal, part: str, after: Table) -> list[str]:
    wanted, now = await draft(rehearsal, part, after), rehearsal.clock.now()

    def reading(session: Session) -> list[str]:
        centre = session.exec(select(Centre)).one()
        return touches(session, centre, consider(session, centre, wanted, now, now).now, now)

    return await rehearsal.house.read(reading)


async def test_the_private_mark_moves_in_one_change_and_back(rehearsal: Rehearsal) -> None:
    await make(rehearsal, await draft(rehearsal, "service:safe-talk", SAFE))
    before = (await plan(rehearsal)).services
    number = await change(rehearsal, "private", private="safe-talk")
    assert await private(rehearsal) == ["safe-talk"]
    assert {each.slug for each in (await plan(rehearsal)).services if each.discreet} >= {
        "private",
        "safe-talk",
    }
    await undo(rehearsal, number)
    assert (await plan(rehearsal)).services == before


async def test_a_mark_that_moves_tomorrow_leaves_no_moment_without(rehearsal: Rehearsal) -> None:
    await make(rehearsal, await draft(rehearsal, "service:safe-talk", SAFE))
    number = await change(rehearsal, "private", at=MIDNIGHT, private="safe-talk")
    await change(rehearsal, "service:private", target_minutes=7)
    assert await private(rehearsal) == ["private"]
    rehearsal.clock.set(MIDNIGHT)
    assert await do_due_changes(rehearsal.house) == 1, (await row(rehearsal, number)).failed
    assert await private(rehearsal) == ["safe-talk"]


async def test_a_service_that_cannot_be_private_is_refused_with_what_is_wrong(rehearsal: Rehearsal) -> None:
    wanted = await draft(rehearsal, "private", {"private": "council-tax"})
    assert "has its own button on every screen" in await refusal(rehearsal, wanted)
    assert await private(rehearsal) == ["private"]
    await make(rehearsal, await draft(rehearsal, "service:safe-talk", {**SAFE, "discreet": False}))
    open_to_all = await draft(rehearsal, "private", {"private": "safe-talk"})
    assert "must be discreet" in await refusal(rehearsal, open_to_all)
    assert await private(rehearsal) == ["private"]


@pytest.mark.parametrize(("part", "field"), [("private", ""), ("service:private", False)])
async def test_taking_the_mark_from_all_says_what_visitors_lose(
    rehearsal: Rehearsal, part: str, field: object
) -> None:
    after = {
        **await table_of(rehearsal, part),
        "private": field,
        **({"discreet": True} if part != "private" else {}),
    }
    assert NOBODY_PRIVATE in await met(rehearsal, part, after)
    await make(rehearsal, await draft(rehearsal, "service:safe-talk", SAFE))
    assert NOBODY_PRIVATE not in await met(rehearsal, "private", {"private": "safe-talk"})


@pytest.mark.parametrize(
    ("kind", "key"), [("counter", "counters"), ("message", "messages"), ("area", "areas")]
)
async def test_an_order_is_changed_and_taken_back(rehearsal: Rehearsal, kind: str, key: str) -> None:
    for number in (1, 2, 3):
        words = {"names": {"en": f"N{number}"}, "name": f"N{number}", "text": {"en": f"N{number}"}}
        own = {"counter": "name", "message": "text", "area": "names"}[kind]
        after = {"slug": f"n{number}", own: words[own]}
        await make(rehearsal, await draft(rehearsal, f"{kind}:n{number}", after))
    was = [each.slug for each in getattr(await plan(rehearsal), key)]
    wanted = list(reversed(was))
    number = await make(rehearsal, await draft(rehearsal, f"order:{kind}", {key: wanted}))
    assert [each.slug for each in getattr(await plan(rehearsal), key)] == wanted
    assert (await row(rehearsal, number)).title == f"Order of {key}"
    await undo(rehearsal, number)
    assert [each.slug for each in getattr(await plan(rehearsal), key)] == was


async def test_an_order_made_by_hand_loses_and_invents_nothing(rehearsal: Rehearsal) -> None:
    was = (await plan(rehearsal)).counters
    wanted = await draft(rehearsal, "order:counter", {"counters": [was[-1].slug, "nowhere", was[-1].slug]})
    await make(rehearsal, wanted)
    now = (await plan(rehearsal)).counters
    assert now == (was[-1], *was[:-1])
    others: list[Table] = [{"counters": "desk"}, {"areas": []}, {"counters": [1]}]
    for after in others:
        bad = await draft(rehearsal, "order:counter", after)
        assert await refusal(rehearsal, bad) == changes.NOTHING
    assert part_of("order:service") is None


async def test_who_waits_to_talk_in_private_is_told_of(rehearsal: Rehearsal) -> None:
    await make(rehearsal, await draft(rehearsal, "service:safe-talk", SAFE))
    await rehearsal.issue("private")
    said = await met(rehearsal, "private", {"private": "safe-talk"})
    assert said[0] == "1 person waits to talk in private now. They keep their places."
