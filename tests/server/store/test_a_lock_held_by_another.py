"""Somebody else holds a centre's row (a forgotten console, a server that hangs): asks there are refused in seconds and served again after; others never wait."""

import asyncio
import itertools
import time

import pytest
from sqlalchemy import create_engine, text

from server.store.database import open_database
from server.store.lane import HELD_SECONDS
from tests.support.house import Rehearsal, cast_of, fill, running_house
from tests.support.waiting import until_async
from wire import asks
from wire.vocabulary import RefusalCode


@pytest.mark.postgres
async def test_asks_are_refused_while_another_holds_the_centre_and_others_are_served(
    postgres_url: str,
) -> None:
    database = open_database(postgres_url)
    with database.writing() as session:
        fill(session, "the-brite")
    database.close()
    async with running_house(postgres_url) as rehearsal:
        _, devices = cast_of(rehearsal.house.database, "the-brite")
        elsewhere = Rehearsal(
            rehearsal.house, rehearsal.clock, {}, *list(devices.values())[:3], _numbers=itertools.count(50)
        )
        await rehearsal.issue()
        body = rehearsal.issue_ask()
        other = create_engine(rehearsal.house.database.url)
        with other.connect() as holding, holding.begin():
            holding.execute(
                text("SELECT id FROM centre WHERE id = :id FOR UPDATE"), {"id": rehearsal.kiosk.centre}
            )
            held = asyncio.create_task(rehearsal.answer(rehearsal.kiosk, body))
            served = 0
            while not held.done():
                began = time.monotonic()
                await elsewhere.ask(devices["kiosk"], elsewhere.issue_ask())
                assert time.monotonic() - began < HELD_SECONDS
                served += 1
                await asyncio.sleep(0)
            assert served >= 2
            answer = held.result()
            assert answer.refusal is not None
            assert answer.refusal.code is RefusalCode.TRY_LATER
        other.dispose()
        await rehearsal.ask(rehearsal.kiosk, body)
        assert rehearsal.house.lane.fault is None


@pytest.mark.postgres
async def test_a_centre_that_is_let_go_of_in_time_refuses_nobody(postgres_url: str) -> None:
    async with running_house(postgres_url) as rehearsal:
        other = create_engine(rehearsal.house.database.url)
        with other.connect() as holding:
            with holding.begin():
                holding.execute(text("SELECT id FROM centre FOR UPDATE"))
                waiting = asyncio.create_task(rehearsal.issue())
                await until_async(lambda: bool(rehearsal.house.lane._held), what="the lane meets the lock")
            await waiting
        other.dispose()


@pytest.mark.postgres
async def test_a_row_held_inside_a_command_refuses_that_command_only(postgres_url: str) -> None:
    async with running_house(postgres_url) as rehearsal:
        first = await rehearsal.issue()
        second = await rehearsal.issue()
        await rehearsal.sit()
        other = create_engine(rehearsal.house.database.url)
        with other.connect() as holding, holding.begin():
            holding.execute(text("SELECT id FROM ticket WHERE id = :id FOR UPDATE"), {"id": first.ticket})
            held, free = await asyncio.gather(
                rehearsal.answer("greta", asks.Cancel(ticket=first.ticket)),
                rehearsal.answer("greta", asks.Cancel(ticket=second.ticket)),
            )
        other.dispose()
        assert held.refusal is not None
        assert held.refusal.code is RefusalCode.TRY_LATER
        assert free.refusal is None
