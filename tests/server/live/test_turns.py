"""Of several servers one does what only one may do; when it goes another does, and never two at once."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from server.domain.access import SYSTEM
from server.live.turns import HELD_SECONDS, LOOK_SECONDS, Turns
from server.store.queries.life import present_life
from server.store.sql import Sql, Statement
from server.store.tx import Tx
from tests.support.house import running_house
from tests.support.waiting import until_async

_RUN_OUT = Statement("UPDATE lease SET until_at = 0")


class Hand:
    """Seconds that pass when told to."""

    at = 1000.0

    def __call__(self) -> float:
        return self.at


def _run_out(tx: Tx) -> None:
    tx.sql.run(_RUN_OUT)


@pytest.mark.postgres
async def test_one_of_two_servers_has_the_turn_until_it_is_gone(postgres_url: str) -> None:
    async with running_house(postgres_url) as one, running_house(postgres_url, seed=False) as two:
        seconds = Hand()
        one.house.turns.seconds = two.house.turns.seconds = seconds
        assert await one.house.turns.mine("rounds")
        assert not await two.house.turns.mine("rounds")
        assert await two.house.turns.mine("sums"), "another work is another's to take"
        seconds.at += LOOK_SECONDS
        assert await one.house.turns.mine("rounds")
        assert not await two.house.turns.mine("rounds")
        await one.house.change(SYSTEM, "killed", _run_out)
        seconds.at += LOOK_SECONDS
        assert await two.house.turns.mine("rounds"), "it was killed, and its time has run out"
        seconds.at += HELD_SECONDS
        assert not await one.house.turns.mine("rounds"), "it was not dead after all, and finds that out"


@pytest.mark.postgres
async def test_two_servers_begin_the_first_life_of_a_house_at_once(postgres_url: str) -> None:
    """Who comes second finds what the first is just writing, and must not end for it."""
    address = postgres_url.replace("+psycopg", "")
    first = psycopg.connect(address)
    first.execute("INSERT INTO house_key (name, secret, made_at) VALUES ('journals', 'first', 1)")
    looking = psycopg.connect(address, autocommit=True)

    async def begin() -> str:
        async with running_house(postgres_url) as one:
            life = await one.house.look(lambda connection: present_life(Sql(connection)))
            return life.secret if life else ""

    second = asyncio.create_task(begin())
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    await until_async(lambda: second.done() or looking.execute(waiting).fetchone() != (0,))
    first.execute("INSERT INTO house_life (number, secret, why, began_at) VALUES (1, 'first', 'new', 1)")
    first.commit()
    assert await second == "first"
    first.close()
    looking.close()


@pytest.mark.postgres
async def test_a_server_that_stops_gives_its_turns_back(postgres_url: str) -> None:
    async with running_house(postgres_url) as two:
        async with running_house(postgres_url, seed=False) as one:
            assert await one.house.turns.mine("rounds")
        assert await two.house.turns.mine("rounds")


async def test_a_server_whose_database_is_gone_has_no_turn() -> None:
    async def gone(*_: object) -> None:
        raise ConnectionError

    turns = Turns("a", alone=False, change=gone)
    assert not await turns.mine("rounds")


async def test_on_sqlite_every_turn_is_ones_own(sqlite_url: str) -> None:
    async with running_house(sqlite_url) as one:
        assert await one.house.turns.mine("rounds")
        assert one.house.turns.held() == []
