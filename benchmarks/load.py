"""Loads a server from a process of its own: kiosks that issue, or counters that call.

Kiosks are a closed loop: each hands over its next ticket as soon as the last was answered. Counters work in rounds: all press *call next* at
once (that is what is timed and counted), then, outside the timed part, everybody called arrives and is finished and as many new tickets are
issued, so each round begins with as many waiting as the one before. Answers come after the commit, so an answer counted is a ticket on
the disk. A refusal ends the program: only successes are counted.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import uvloop

from benchmarks.talk import Talk, bearer, connect, cookie
from wire.vocabulary import new_id

ANSWER = b'{"type":"answer"'
SERVICES = ("council-tax", "housing", "benefits", "parking")


class Client:
    """One connection with one ask in flight at a time."""

    def __init__(self) -> None:
        self.talk: Talk | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answered: Callable[[bytes], None] = lambda message: None

    async def open(self, port: int, path: str, credential: str) -> None:
        self.talk = await connect(port, path, credential, self._heard, self._lost)
        await self.ready

    def _lost(self) -> None:
        sys.exit("the server hung up")

    def _heard(self, message: bytes) -> None:
        if message.startswith(ANSWER):
            if b'"refusal"' in message:
                sys.exit(f"refused: {message.decode()}")
            self.answered(message)
        elif not self.ready.done():
            self.ready.set_result(None)

    def say(self, message: bytes) -> None:
        assert self.talk is not None
        self.talk.say(message)

    def ask(self, body: str) -> asyncio.Future[bytes]:
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.answered = future.set_result
        self.say(f'{{"type":"ask","id":"{new_id()}","body":{body}}}'.encode())
        return future


def issue(letter: str, number: int, service: str) -> str:
    a, b, c = new_id(), new_id(), os.urandom(32).hex()
    return (
        f'{{"do":"issue","visit":"{a}","ticket":"{b}","code":"{letter}{number:02d}","service":"{service}",'
        f'"language":"en","follow_hash":"{c}","paper":"sent"}}'
    )


class IssuingKiosk(Client):
    def __init__(self, letter: str, number: int, took: list[float]) -> None:
        super().__init__()
        self.letter, self.number, self.took = letter, number, took
        self.until = 0.0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answered = self._answered
        self._asked = 0.0

    def go(self, until: float) -> None:
        self.until = until
        self._next()

    def _next(self) -> None:
        self.number += 1
        body = issue(self.letter, self.number, SERVICES[self.number % 4])
        self._asked = time.perf_counter()
        self.say(f'{{"type":"ask","id":"{new_id()}","body":{body}}}'.encode())

    def _answered(self, message: bytes) -> None:
        now = time.perf_counter()
        self.took.append(now - self._asked)
        if now < self.until:
            self._next()
        else:
            self.over.set_result(None)


async def issue_load(order: dict[str, Any]) -> dict[str, Any]:
    took: list[float] = []
    kiosks = [IssuingKiosk(each["letter"], order["from"], took) for each in order["kiosks"]]
    for client, each in zip(kiosks, order["kiosks"], strict=True):
        await client.open(order["port"], "/ws/device", bearer(each["token"]))
    began = time.perf_counter()
    for client in kiosks:
        client.go(began + order["seconds"])
    await asyncio.gather(*(client.over for client in kiosks))
    seconds = time.perf_counter() - began
    return {**summary(took, seconds), "highest": max(client.number for client in kiosks)}


async def call_load(order: dict[str, Any]) -> dict[str, Any]:
    counters = [Client() for _ in order["sessions"]]
    for client, (key, desk) in zip(counters, order["sessions"], strict=True):
        await client.open(order["port"], "/ws/staff", cookie(key))
        await client.ask(json.dumps({"do": "sit_down", "counter": desk, "services": SERVICES}))
    kiosk = Client()
    await kiosk.open(order["port"], "/ws/device", bearer(order["kiosk"]["token"]))
    number = order["from"]

    async def fill(count: int) -> None:
        nonlocal number
        for _ in range(count):
            number += 1
            await kiosk.ask(issue(order["kiosk"]["letter"], number, SERVICES[number % 4]))

    await fill(order["waiting"])
    took: list[float] = []
    timed = 0.0
    until = time.perf_counter() + order["seconds"]
    while time.perf_counter() < until:
        called, seconds = await _call_all(counters, took)
        timed += seconds
        await asyncio.gather(*(_serve(client, ticket) for client, ticket in called), fill(len(called)))
    for client in counters:
        await client.ask('{"do":"get_up"}')
    return {**summary(took, timed), "highest": number}


async def _call_all(counters: list[Client], took: list[float]) -> tuple[list[tuple[Client, str]], float]:
    """Everybody calls at once; who got which ticket, and how long until the last answer."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    called: list[tuple[Client, str]] = []
    asks = [f'{{"type":"ask","id":"{new_id()}","body":{{"do":"call_next"}}}}'.encode() for _ in counters]
    began = time.perf_counter()

    def answered(client: Client, asked: float, message: bytes) -> None:
        took.append(time.perf_counter() - asked)
        called.append((client, message.decode()))
        if len(called) == len(counters):
            done.set_result(time.perf_counter())

    for client, ask in zip(counters, asks, strict=True):
        asked = time.perf_counter()
        client.answered = lambda message, client=client, asked=asked: answered(client, asked, message)  # type: ignore[misc]  # a lambda with defaults has no type to mypy
        client.say(ask)
    ended = await done
    tickets = [(client, json.loads(message)["result"]["ticket"]) for client, message in called]
    assert len({ticket for _, ticket in tickets}) == len(tickets), "one ticket was called twice"
    return tickets, ended - began


async def _serve(client: Client, ticket: str) -> None:
    await client.ask(f'{{"do":"arrive","ticket":"{ticket}"}}')
    await client.ask(f'{{"do":"finish","ticket":"{ticket}","outcome":"resolved"}}')


def summary(took: list[float], seconds: float) -> dict[str, Any]:
    took.sort()
    return {
        "count": len(took),
        "per_s": len(took) / seconds,
        "p50_ms": 1000 * took[len(took) // 2],
        "p99_ms": 1000 * took[int(len(took) * 0.99)],
        "worst_ms": 1000 * took[-1],
        "took_ms": [round(1000 * each, 3) for each in took],
    }


def main() -> None:
    order = json.load(sys.stdin)
    program = issue_load if order["what"] == "issue" else call_load
    print(json.dumps(uvloop.run(program(order))))


if __name__ == "__main__":
    main()
