"""The lane under trouble: whatever happens to the database, an answer is true and nothing is half done."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import create_engine, text

from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tx import Tx
from tests.support.house import Rehearsal, running_house
from wire import asks
from wire.vocabulary import RefusalCode, new_id


async def tickets_in(rehearsal: Rehearsal) -> int:
    count = await rehearsal.house.look(
        lambda connection: connection.exec_driver_sql("SELECT COUNT(*) FROM ticket").scalar_one()
    )
    return int(count)


async def test_a_refused_command_undoes_only_itself(rehearsal: Rehearsal) -> None:
    good = [rehearsal.issue_ask() for _ in range(10)]
    bad = [rehearsal.issue_ask("no-such-service") for _ in range(10)]
    mixed = [body for pair in zip(good, bad, strict=True) for body in pair]
    answers = await asyncio.gather(*(rehearsal.answer(rehearsal.kiosk, body) for body in mixed))
    assert [answer.refusal is None for answer in answers] == [True, False] * 10
    assert await tickets_in(rehearsal) == 10


async def test_what_a_command_wrote_before_it_was_refused_is_undone(rehearsal: Rehearsal) -> None:
    def half_done(tx: Tx) -> None:
        tx.sql.run(Statement("DELETE FROM message"))
        raise Refused(RefusalCode.BUSY, "No.")

    with pytest.raises(Refused):
        await rehearsal.house.change(rehearsal.people["ada"], "half done", half_done)
    left = await rehearsal.house.look(
        lambda connection: connection.exec_driver_sql("SELECT COUNT(*) FROM message").scalar_one()
    )
    assert left == 1


async def test_a_bug_in_one_command_is_that_commands_alone(rehearsal: Rehearsal) -> None:
    def broken(tx: Tx) -> None:
        tx.session().connection().exec_driver_sql("DELETE FROM message")
        raise ZeroDivisionError

    results = await asyncio.gather(
        rehearsal.house.change(rehearsal.people["ada"], "broken", broken),
        rehearsal.issue(),
        return_exceptions=True,
    )
    assert isinstance(results[0], Refused)
    assert isinstance(results[1], asks.Issue)
    left = await rehearsal.house.look(
        lambda connection: connection.exec_driver_sql("SELECT COUNT(*) FROM message").scalar_one()
    )
    assert left == 1


async def test_a_thousand_asks_at_once_keep_every_code_and_order(rehearsal: Rehearsal) -> None:
    bodies = [rehearsal.issue_ask() for _ in range(1000)]
    answers = await asyncio.gather(*(rehearsal.answer(rehearsal.kiosk, body) for body in bodies))
    assert all(answer.refusal is None for answer in answers)
    codes = await rehearsal.house.look(
        lambda connection: connection.exec_driver_sql("SELECT code FROM visit").scalars().all()
    )
    assert sorted(codes) == sorted(body.code for body in bodies)


async def test_a_full_disk_refuses_and_serves_again_when_there_is_room(sqlite_url: str) -> None:
    async with running_house(sqlite_url) as rehearsal:
        await rehearsal.issue()

        def limit(pages: str) -> Callable[[Tx], None]:
            def run(tx: Tx) -> None:
                now = tx.sql.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
                most = now if pages == "full" else 1_000_000
                tx.sql.connection.exec_driver_sql(f"PRAGMA max_page_count={most}")

            return run

        await rehearsal.house.change(rehearsal.people["ada"], "fill the disk", limit("full"))
        acknowledged = 1
        refusal = None
        for _ in range(500):
            answer = await rehearsal.answer(rehearsal.kiosk, rehearsal.issue_ask())
            if answer.refusal is not None:
                refusal = answer.refusal
                break
            acknowledged += 1
        assert refusal is not None, "the disk never got full"
        assert refusal.code is RefusalCode.TRY_LATER
        assert await tickets_in(rehearsal) == acknowledged
        await rehearsal.house.change(rehearsal.people["ada"], "make room", limit("free"))
        await rehearsal.issue()
        assert await tickets_in(rehearsal) == acknowledged + 1


async def test_a_database_locked_by_somebody_else_is_waited_for_then_refused(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.store.database.BUSY_MILLISECONDS", 200)
    async with running_house(sqlite_url) as rehearsal:
        path = sqlite_url.removeprefix("sqlite:///")
        body = rehearsal.issue_ask()
        number = new_id()
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = await rehearsal.answer(rehearsal.kiosk, body, number)
            assert answer.refusal is not None
            assert answer.refusal.code is RefusalCode.TRY_LATER
            other.execute("ROLLBACK")
        again = await rehearsal.answer(rehearsal.kiosk, body, number)
        assert again.refusal is None


@pytest.mark.postgres
async def test_a_restarted_postgresql_costs_a_refusal_and_nothing_else(postgres_url: str) -> None:
    async with running_house(postgres_url) as rehearsal:
        await rehearsal.issue()
        engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as other:
            other.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        engine.dispose()
        body, number = rehearsal.issue_ask(), new_id()
        for _ in range(3):
            answer = await rehearsal.answer(rehearsal.kiosk, body, number)
            if answer.refusal is None:
                break
            assert answer.refusal.code is RefusalCode.TRY_LATER
        assert answer.refusal is None
        assert await tickets_in(rehearsal) == 2


@pytest.mark.postgres
async def test_two_servers_on_one_postgresql_never_give_one_ticket_twice(postgres_url: str) -> None:
    async with running_house(postgres_url) as one, running_house(postgres_url, seed=False) as two:
        for _ in range(40):
            await one.issue()
        await one.sit("ann", "desk-1")
        await two.sit("bob", "desk-2")

        async def serve(rehearsal: Rehearsal, who: str) -> list[str]:
            codes = []
            for _ in range(20):
                called = await rehearsal.ask(who, asks.CallNext())
                codes.append(called["code"])
                await rehearsal.ask(who, asks.NoShow(ticket=called["ticket"]))
            return codes

        first, second = await asyncio.gather(serve(one, "ann"), serve(two, "bob"))
        assert len({*first, *second}) == 40
