"""The last place of each of many slots, wanted by as many clients at once: each slot goes to exactly one, whatever the database and however many servers.

Each client goes through the slots in an order of its own until one is its own, so at the end every slot has its one winner and every other try was
refused. `FOYER_PROOF=20` runs it with a thousand clients and a thousand slots.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from math import gcd
from typing import Any

import pytest

from server.actions import booking
from server.actions.booking import Who
from server.clock import from_micros, to_micros
from server.domain.access import NOBODY, Actor
from server.domain.refusals import Refused
from server.store.tx import Tx
from tests.proof.sizes import times
from tests.server.actions.test_needs import rows
from tests.support.house import Rehearsal, running_house
from tests.support.offering import free, offering, people, visitor
from wire.vocabulary import BookingChannel, RefusalCode, new_id

COUNT = times(50)
TAX = "council-tax"


async def last_places(rehearsal: Rehearsal) -> list[int]:
    """Slots of two people, one of whom is taken in each."""
    await people(rehearsal)
    await offering(rehearsal, TAX, by_people=True, at_once=2, minutes=15, ahead_days=90, notice_hours=0)
    slots: list[int] = []
    on = rehearsal.clock.now().date()
    while len(slots) < COUNT:
        slots += [slot.starts_at for slot in await free(rehearsal, TAX, on, public=True)]
        on += timedelta(days=1)
    slots = slots[:COUNT]

    def fill(tx: Tx) -> None:
        for at in slots:
            booking.make(
                tx,
                rehearsal.kiosk.centre,
                TAX,
                at,
                new_id(),
                Who(name="The first"),
                channel=BookingChannel.STAFF,
            )

    await rehearsal.house.change(visitor(rehearsal), "fill", fill)
    return slots


async def race(
    servers: Sequence[Rehearsal], slots: Sequence[int], actor: Callable[[int], Actor]
) -> tuple[list[int], list[str]]:
    """Where each client ended, and every refusal on the way. Each asks twice, as by a double click."""
    refused: list[str] = []
    steps = [step for step in range(1, 40) if gcd(step, len(slots)) == 1]
    centre = servers[0].kiosk.centre

    async def client(number: int) -> int:
        server, one = servers[number % len(servers)], new_id()
        for turn in range(len(slots)):
            at = slots[(number // 3 + turn * steps[number % len(steps)]) % len(slots)]

            def hold(tx: Tx, at: int = at, one: str = one) -> int:
                return to_micros(booking.hold(tx, centre, TAX, at, one).starts_at)

            twice: list[Any] = await asyncio.gather(
                *(server.house.change(actor(number), "hold", hold) for _ in range(2)), return_exceptions=True
            )
            if not isinstance(twice[0], Exception):
                assert twice == [at, at]
                return at
            for each in twice:
                assert isinstance(each, Refused), each
                refused.append(each.refusal.code)
        return 0

    return await asyncio.gather(*(client(number) for number in range(len(slots)))), refused


async def holds(rehearsal: Rehearsal, won: list[int], slots: Sequence[int], refused: list[str]) -> None:
    assert sorted(won) == list(slots)
    assert len(refused) > len(slots)
    assert set(refused) == {RefusalCode.CLOSED}
    assert await rows(rehearsal, "SELECT COUNT(*), COUNT(DISTINCT starts_at) FROM booking") == [
        (2 * len(slots), len(slots))
    ]
    twice = "SELECT 1 FROM booking GROUP BY person_id, starts_at HAVING COUNT(*) > 1"
    assert await rows(rehearsal, twice) == []
    last = from_micros(slots[-1]).date()
    still = [slot.starts_at for slot in await free(rehearsal, TAX, last, public=True)]
    assert not set(still) & set(slots)


async def test_exactly_one_wins_each(database_url: str) -> None:
    async with running_house(database_url) as rehearsal:
        slots = await last_places(rehearsal)
        won, refused = await race([rehearsal], slots, lambda number: visitor(rehearsal))
        await holds(rehearsal, won, slots, refused)


@pytest.mark.postgres
async def test_exactly_one_wins_each_of_two_servers(postgres_url: str) -> None:
    """Also for those who act at no centre, whose lock the lane has not taken."""
    async with running_house(postgres_url) as one, running_house(postgres_url, seed=False) as other:
        slots = await last_places(one)
        won, refused = await race(
            [one, other], slots, lambda number: visitor(one) if number % 4 < 2 else NOBODY
        )
        await holds(one, won, slots, refused)
