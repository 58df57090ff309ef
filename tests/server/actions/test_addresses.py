"""The list of addresses is replaced whole or not at all, on either database, while tickets go on being given."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from sqlmodel import Session, col, select

from server.actions import addresses
from server.domain.gazetteer import Gazetteer, Line
from server.domain.refusals import Refused
from server.store.tables import Address, AddressList
from server.web.gazetteer import look_up, replace_list
from tests.support.house import Rehearsal


def a_list(count: int, street: str = "A Road") -> Gazetteer:
    return Gazetteer(
        [
            Line(str(n), "LE16RN" if n < 3 else "LE16RP", f"{n} {street}, Leicester")
            for n in range(1, count + 1)
        ]
    )


async def load(rehearsal: Rehearsal, read: Gazetteer, digest: str, *, much_shorter: bool = False) -> None:
    actor = rehearsal.as_actor("ada")
    await replace_list(
        rehearsal.house, actor, read, file_name="list.csv", digest=digest * 64, much_shorter=much_shorter
    )


async def found(rehearsal: Rehearsal, postcode: str = "LE1 6RN") -> list[str]:
    return [each.lines[0] for each in await look_up(rehearsal.house, postcode) or ()]


async def count(rehearsal: Rehearsal) -> tuple[int, int]:
    def counted(session: Session) -> tuple[int, int]:
        rows = session.exec(select(col(Address.id))).all()
        return len(rows), len(session.exec(select(col(AddressList.id))).all())

    return await rehearsal.house.read(counted)


async def test_a_list_takes_the_place_of_the_one_before_and_leaves_nothing_of_it(
    rehearsal: Rehearsal,
) -> None:
    assert await found(rehearsal) == []
    await load(rehearsal, a_list(1200), "a")
    assert await found(rehearsal) == ["1 A Road", "2 A Road"]
    assert await found(rehearsal, "le16 rn") == ["1 A Road", "2 A Road"]
    assert await found(rehearsal, "nowhere") == []
    await load(rehearsal, a_list(700, "B Road"), "b")
    assert await found(rehearsal) == ["1 B Road", "2 B Road"]
    assert await count(rehearsal) == (700, 1)


async def test_half_a_list_is_never_looked_at_and_is_swept_away_by_the_next(rehearsal: Rehearsal) -> None:
    await load(rehearsal, a_list(10), "a")
    actor, house = rehearsal.as_actor("ada"), rehearsal.house
    begin = partial(addresses.begin, file_name="cut off.csv", digest="b" * 64, lines=900)
    begun = await house.change(actor, "addresses", begin)
    half = a_list(400, "Half Road").lines
    await house.change(actor, "addresses", partial(addresses.add, list_id=begun, lines=half, start=0))
    assert await found(rehearsal) == ["1 A Road", "2 A Road"]
    assert await count(rehearsal) == (410, 2)
    await load(rehearsal, a_list(8, "C Road"), "c")
    assert await found(rehearsal) == ["1 C Road", "2 C Road"]
    assert await count(rehearsal) == (8, 1)


async def test_a_list_that_fails_on_its_way_changes_nothing(rehearsal: Rehearsal) -> None:
    await load(rehearsal, a_list(10), "a")
    twice = a_list(10, "D Road")
    twice.lines.append(twice.lines[0])
    with pytest.raises(Refused):
        await load(rehearsal, twice, "d")
    assert await found(rehearsal) == ["1 A Road", "2 A Road"]


async def test_the_same_file_and_one_far_too_short_are_refused(rehearsal: Rehearsal) -> None:
    await load(rehearsal, a_list(10), "a")
    with pytest.raises(Refused, match="is the list already"):
        await load(rehearsal, a_list(10), "a")
    with pytest.raises(Refused, match="This file has 4 addresses; the list has 10"):
        await load(rehearsal, a_list(4), "b")
    await load(rehearsal, a_list(4), "b", much_shorter=True)
    assert await count(rehearsal) == (4, 1)


async def test_of_two_at_once_the_later_one_stands(rehearsal: Rehearsal) -> None:
    done = await asyncio.gather(
        load(rehearsal, a_list(2000, "First Road"), "a"),
        load(rehearsal, a_list(1500, "Second Road"), "b"),
        return_exceptions=True,
    )
    assert [isinstance(each, Refused) for each in done] == [True, False]
    assert await found(rehearsal) == ["1 Second Road", "2 Second Road"]
    assert (await count(rehearsal))[0] == 1500


async def test_tickets_are_given_between_the_pieces(rehearsal: Rehearsal) -> None:
    """Each piece is a change of its own: nobody waits for the whole list."""
    loading = asyncio.create_task(load(rehearsal, a_list(5000), "a"))
    given = 0
    while not loading.done():
        await rehearsal.issue("council-tax")
        given += 1
    await loading
    assert given > 5
