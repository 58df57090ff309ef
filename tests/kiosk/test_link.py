"""The line to the server, over real sockets: drops, duplicates, silence, rubbish, goodbyes, two hundred
comings and goings.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kiosk.journal import Lost
from kiosk.link import LONGEST_PAUSE, Hooks, Link, pause
from tests.kiosk.standin import StandIn, standing, until
from wire.asks import Health, Help
from wire.frames import Answer, Bye
from wire.vocabulary import RefusalCode, new_id

ROWS = {"centre": {"kind": "centre", "name": "York House"}}


class Heard:
    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.states: list[bool] = []
        self.revoked = 0
        self.now: list[int] = []

    def hooks(self) -> Hooks:
        return Hooks(
            rows=lambda rows: self.rows.append(dict(rows)),
            state=self.states.append,
            server_now=self.now.append,
            revoked=self._revoked,
        )

    def _revoked(self) -> None:
        self.revoked += 1


@asynccontextmanager
async def linked(server: StandIn, *, token: str = "right", **more: Any) -> AsyncIterator[tuple[Link, Heard]]:
    heard = Heard()
    usual: dict[str, Any] = {"chance": lambda: 0.0, "silence": 0.5, "grace": 0.05, "answer_seconds": 0.5}
    link = Link(server.url, token, "test", heard.hooks(), **(usual | more))
    running = asyncio.create_task(link.run())
    try:
        yield link, heard
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    async with standing(StandIn(rows=dict(ROWS))) as up:
        yield up


async def test_it_shows_its_token_and_hears_all_rows_and_each_change(server: StandIn) -> None:
    async with linked(server) as (link, heard):
        await until(link.open.is_set)
        assert server.tokens == ["Bearer right"]
        assert heard.rows[-1] == ROWS
        assert heard.states == [True]
        assert heard.now[-1] >= server.now
        await server.change({"message:1": {"kind": "message"}})
        await until(lambda: "message:1" in heard.rows[-1])
        await server.change(drop=("message:1",))
        await until(lambda: heard.rows[-1] == ROWS)


async def test_a_dropped_line_resumes_where_it_was(server: StandIn) -> None:
    async with linked(server) as (link, heard):
        await until(link.open.is_set)
        await server.change({"a": {"kind": "x"}})
        await until(lambda: "a" in heard.rows[-1])
        await server.hang_up_all()
        await server.change({"b": {"kind": "x"}})
        await until(lambda: "b" in heard.rows[-1])
        assert server.hellos[1].cursor is not None
        assert server.hellos[1].cursor.seq == 1


async def test_a_restarted_server_is_followed_from_its_whole(server: StandIn) -> None:
    async with linked(server) as (link, heard):
        await until(link.open.is_set)
        server.new_life()
        server.rows = {"centre": {"kind": "centre", "name": "Other"}}
        await server.hang_up_all()
        await until(lambda: heard.rows[-1] == server.rows)


async def test_a_blip_is_not_called_down_and_an_outage_is() -> None:
    async with standing(StandIn(rows=dict(ROWS))) as server, linked(server, grace=1.0) as (link, heard):
        await until(link.open.is_set)
        await server.hang_up_all()
        await until(lambda: len(server.hellos) == 2)
        await until(link.open.is_set)
        assert heard.states == [True]
    async with standing(StandIn(rows=dict(ROWS))) as server, linked(server) as (link, heard):
        await until(link.open.is_set)
        server.bye = Bye(code="restarting", say="Back soon.", retry_seconds=0.3)
        await server.hang_up_all()
        await until(lambda: heard.states == [True, False])
        server.bye = None
        await until(lambda: heard.states == [True, False, True])
        assert heard.rows[-1] == ROWS, "the rows are told anew, so that they are called live again"


async def test_a_server_that_falls_silent_is_hung_up_on(server: StandIn) -> None:
    async with linked(server, silence=0.2) as (link, heard):
        await until(link.open.is_set)
        server.mute = True
        await until(lambda: heard.states[-1:] == [False])
        server.mute = False
        await until(lambda: heard.states[-1:] == [True])
        assert len(server.hellos) >= 2


async def test_everything_said_twice_is_heard_once(server: StandIn) -> None:
    server.twice = True
    async with linked(server) as (link, heard):
        await until(link.open.is_set)
        for number in range(20):
            await server.change({f"m{number}": {"kind": "x"}})
        await until(lambda: len(heard.rows[-1]) == 21)
        assert isinstance(await link.ask(new_id(), Help(request=new_id())), Answer)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        "{",
        "null",
        "[1,2]",
        '{"type":"bomb"}',
        '{"type":"delta","seq":"x"}',
        "\x00\u202e",
        "9" * 10_000,
        '{"a":' * 3000,
    ],
)
async def test_rubbish_is_passed_over(server: StandIn, rubbish: str) -> None:
    server.rubbish = (rubbish,)
    async with linked(server) as (link, heard):
        await until(link.open.is_set)
        await server.change({"a": {"kind": "x"}})
        await until(lambda: "a" in heard.rows[-1])
        assert link.malformed > 0
        assert len(server.hellos) == 1


async def test_a_hole_is_never_mended_in_part(server: StandIn) -> None:
    async with linked(server) as (link, heard):
        await until(link.open.is_set)
        server.deltas.append(server.deltas[0] if server.deltas else _lost_delta())
        server.rows["lost"] = {"kind": "x"}
        await server.change({"b": {"kind": "x"}})
        await until(lambda: heard.rows[-1] == server.rows)
        assert server.hellos[1].cursor is None


def _lost_delta() -> Any:
    from wire.frames import Delta

    return Delta(seq=1, put={"lost": {"kind": "x"}})


async def test_revoked_says_so_once_and_does_not_come_back(server: StandIn) -> None:
    async with linked(server, token="old") as (_, heard):
        await until(lambda: heard.revoked == 1)
        assert server.tokens == ["Bearer old"]
        assert heard.states == []


async def test_revoked_while_live(server: StandIn) -> None:
    async with linked(server) as (link, heard):
        await until(link.open.is_set)
        for connection in list(server.live):
            await connection.send(Bye(code="revoked", say="No longer.").encode())
        await until(lambda: heard.revoked == 1)
        assert heard.states == [True, False]


# Asks -------------------------------------------------------------------------------------------------------


async def test_an_ask_is_answered_and_a_refusal_is_an_answer(server: StandIn) -> None:
    async with linked(server) as (link, _):
        await until(link.open.is_set)
        answer = await link.ask(new_id(), Health())
        assert isinstance(answer, Answer)
        assert answer.result == {}
        server.refuses = lambda body: RefusalCode.UNKNOWN
        answer = await link.ask(new_id(), Health())
        assert isinstance(answer, Answer)
        assert answer.refusal is not None


async def test_an_ask_without_a_line_is_lost_at_once(server: StandIn) -> None:
    link = Link(server.url, "right")
    assert await link.ask(new_id(), Health()) == Lost()


async def test_an_ask_whose_line_dies_is_lost_and_asked_again_is_done_once(server: StandIn) -> None:
    drops = iter(["before", "after", None])
    server.drops = lambda body: next(drops)
    ask, body = new_id(), Help(request=new_id())
    async with linked(server) as (link, _):
        outcomes = []
        for _ in range(3):
            await until(link.open.is_set)
            outcomes.append(await link.ask(ask, body))
        assert outcomes[:2] == [Lost(), Lost()]
        assert isinstance(outcomes[2], Answer)
        assert len(server.asked) == 1


async def test_an_answer_that_does_not_come_is_not_waited_for(server: StandIn) -> None:
    async with linked(server, answer_seconds=0.1) as (link, _):
        await until(link.open.is_set)
        server.mute = True
        assert await link.ask(new_id(), Health()) == Lost()


async def test_hung_up_over_a_message_is_blamed_on_it(server: StandIn) -> None:
    async with linked(server) as (link, _):
        await until(link.open.is_set)

        def hang_up(body: object) -> None:
            for connection in list(server.live):
                asyncio.get_running_loop().create_task(
                    connection.send(Bye(code="malformed", say="Eh?", retry_seconds=0.0).encode())
                )

        server.mute, server.drops = True, hang_up
        assert await link.ask(new_id(), Health()) == Lost(blamed=True)


async def test_a_message_too_large_is_not_read_and_the_line_comes_back(server: StandIn) -> None:
    async with linked(server) as (link, _):
        await until(link.open.is_set)
        for connection in list(server.live):
            await connection.send("x" * (1024 * 1024 + 1))
        await until(lambda: len(server.hellos) >= 2)
        await until(link.open.is_set)


async def test_two_hundred_comings_and_goings_end_equal_and_lose_no_ask(server: StandIn) -> None:
    chance = random.Random(3)
    server.beat_seconds = 0.01
    async with linked(server, grace=5.0) as (link, heard):
        asks = []

        async def ask_until_answered(number: int) -> None:
            ask, body = new_id(), Health(held=number)
            while not isinstance(await link.ask(ask, body), Answer):
                await link.open.wait()

        link_pause: Callable[..., float] = lambda *_: 0.0  # noqa: E731 - typed in passing
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("kiosk.link.pause", link_pause)
            for round_ in range(200):
                await until(link.open.is_set)
                asks.append(asyncio.create_task(ask_until_answered(round_)))
                await server.change({f"m{round_ % 7}": {"kind": "x", "round": round_}})
                server.forgets_deltas = chance.random() < 0.2
                for _ in range(chance.randrange(4)):
                    await asyncio.sleep(0)
                link.open.clear()
                await server.hang_up_all()
            await asyncio.wait_for(asyncio.gather(*asks), 20)
        await until(lambda: heard.rows[-1] == server.rows)
        assert sorted(body.held for body in server.asked if isinstance(body, Health)) == list(range(200))
        assert len(server.hellos) >= 200
        assert heard.states == [True]


# Staying away -----------------------------------------------------------------------------------------------


def test_pauses_grow_to_fifteen_seconds_and_are_spread() -> None:
    assert [pause(tries, None, 1.0) for tries in (1, 2, 3, 4, 5, 50)] == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    assert {pause(tries, None, 0.0) for tries in (1, 5, 50)} == {0.25}
    spread = [pause(9, None, number / 200) for number in range(200)]
    assert max(spread[i + 1] - spread[i] for i in range(199)) < 0.1


def test_the_servers_wish_is_kept_at_least() -> None:
    assert pause(9, 30.0, 0.0) == 30.0
    assert pause(1, 4.0, 1.0) == 6.0
    assert pause(9, None, 1.0) == LONGEST_PAUSE
