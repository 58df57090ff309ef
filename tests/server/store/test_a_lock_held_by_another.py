"""Somebody else holds a centre's row (a forgotten console, a server that hangs): asks there are refused in seconds and served again after; others never wait."""

import asyncio
import itertools
import time

import pytest
from sqlalchemy import Connection, create_engine, text

from server.domain.access import SYSTEM
from server.domain.refusals import Refused
from server.live import doorbell
from server.store.database import open_database
from server.store.lane import HELD_SECONDS
from server.store.sql import Statement
from server.store.tx import Tx
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
        kiosk, spare, display = list(devices.values())[:3]
        elsewhere = Rehearsal(
            rehearsal.house, rehearsal.clock, {}, kiosk, spare, display, _numbers=itertools.count(50)
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


_TRIES = Statement("SELECT nextval('probe_tries')")


def _tickets(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT COUNT(*) FROM ticket").scalar_one())


@pytest.mark.postgres
async def test_a_commit_that_was_refused_for_a_lock_is_made_once_more(postgres_url: str) -> None:
    """As when another server's bell holds it up: the refusal says that nothing was kept."""
    async with running_house(postgres_url) as rehearsal:

        def lay_a_trap(tx: Tx) -> None:
            for statement in (
                "CREATE SEQUENCE probe_tries",
                "CREATE FUNCTION probe_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('probe_tries') = 1 THEN"
                " RAISE EXCEPTION USING ERRCODE = '55P03'; END IF; RETURN NULL; END $$",
                "CREATE CONSTRAINT TRIGGER probe AFTER INSERT ON ticket DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
                " EXECUTE FUNCTION probe_refuse()",
            ):
                tx.sql.run(Statement(statement))

        await rehearsal.house.change(SYSTEM, "trap", lay_a_trap)
        await rehearsal.issue()
        assert await rehearsal.house.look(_tickets) == 1
        tries = await rehearsal.house.change(SYSTEM, "tries", lambda tx: tx.sql.one(_TRIES))
        assert tries == (3,), "refused once, made once, asked once"


@pytest.mark.postgres
async def test_a_change_of_more_centres_than_one_bell_names_rings_for_all(postgres_url: str) -> None:
    centres = range(10_000, 13_000)

    def touch_all(tx: Tx) -> None:
        for centre in centres:
            tx.touch(centre)

    async with running_house(postgres_url) as one, running_house(postgres_url, seed=False) as two:
        heard: set[int] = set()
        listening = asyncio.create_task(
            doorbell.listen(two.house.database.line(), heard.update, lambda: heard.add(0), two.house.process)
        )
        await until_async(lambda: 0 in heard, what="the other server listens")
        await one.house.change(SYSTEM, "all", touch_all)
        await until_async(lambda: heard >= set(centres), what="it hears of all of them")
        listening.cancel()


@pytest.mark.postgres
async def test_a_table_that_is_held_stops_a_whole_batch_for_hardly_longer_than_one_command(
    postgres_url: str,
) -> None:
    async with running_house(postgres_url) as rehearsal:
        await rehearsal.issue()
        waits: list[str] = []

        def note_how_long(tx: Tx) -> None:
            waits.append(str(tx.sql.one(Statement("SHOW lock_timeout"))))
            tx.sql.run(Statement("UPDATE message SET position = position"))

        other = create_engine(rehearsal.house.database.url)
        with other.connect() as holding, holding.begin():
            holding.execute(text("LOCK TABLE message IN ACCESS EXCLUSIVE MODE"))
            outcomes = await asyncio.gather(
                *(rehearsal.house.change(SYSTEM, "held", note_how_long) for _ in range(20)),
                rehearsal.issue(),
                return_exceptions=True,
            )
        other.dispose()
        assert [isinstance(each, Refused) for each in outcomes] == [True] * 20 + [False]
        assert waits.count("('500ms',)") < 4, "the first of a batch waits as usual, the others do not"
        assert await rehearsal.house.change(
            SYSTEM, "after", lambda tx: tx.sql.one(Statement("SHOW lock_timeout"))
        ) == ("500ms",)
