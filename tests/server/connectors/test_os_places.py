"""Ordnance Survey's Places API, played by a server that refuses what the real one refuses."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from server.connectors.os_places import OsPlaces

KEY = "a-key-of-these-tests"


@dataclass
class StandIn:
    """Knows so many addresses at LE1 6RN; `body` and `status` make it answer otherwise."""

    known: int = 2
    status: int = 200
    body: bytes | None = None
    mute: bool = False
    asked: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        target = head.split(" ", 2)[1]
        self.asked.append(target)
        if self.mute:
            await reader.read()
        status, body = self._answer(target, head)
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        )
        await writer.drain()
        writer.close()

    def _answer(self, target: str, head: str) -> tuple[int, bytes]:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if f"\r\nkey: {KEY}\r\n" not in head:
            return 401, b'{"fault":{"faultstring":"Invalid ApiKey"}}'
        if parts.path != "/search/places/v1/postcode":
            return 404, b""
        if int(query["maxresults"]) > 100 or query["dataset"] != "DPA":
            return 400, b'{"error":{"statuscode":400}}'
        if self.body is not None or self.status != 200:
            return self.status, self.body or b""
        start = int(query["offset"])
        rows: list[Any] = [
            {"DPA": {"UPRN": f"{n}", "ADDRESS": f"{n}, NEW WALK, LEICESTER, LE1 6RN", "POSTCODE": "LE1 6RN"}}
            for n in range(start + 1, min(start + 100, self.known) + 1)
            if query["postcode"] == "LE1 6RN"
        ]
        told = {"header": {"totalresults": self.known}, **({"results": rows} if rows else {})}
        return 200, json.dumps(told).encode()


@asynccontextmanager
async def asking(played: StandIn, key: str = KEY, seconds: float = 5.0) -> AsyncIterator[OsPlaces]:
    server = await asyncio.start_server(played.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield OsPlaces(key, f"http://127.0.0.1:{port}/", seconds)
    finally:
        server.close()


async def test_addresses_come_in_ordinary_writing_page_by_page() -> None:
    played = StandIn(known=130)
    async with asking(played) as places:
        found = await places.find("LE1 6RN")
        assert found is not None
        assert (len(found), found[0].line, found[129].uprn) == (130, "1 New Walk, Leicester", "130")
        assert len(played.asked) == 2
        assert await places.find("LE1 6RP") == []


@pytest.mark.parametrize(
    "played",
    [
        StandIn(status=429),
        StandIn(status=503),
        StandIn(status=302),
        StandIn(body=b"<html>"),
        StandIn(body=b"[]"),
        StandIn(body=b'{"results": 5}'),
        StandIn(body=b'{"results": "' + b"a" * 3_000_000 + b'"}'),
    ],
)
async def test_what_is_no_answer_is_none(played: StandIn) -> None:
    async with asking(played) as places:
        assert await places.find("LE1 6RN") is None


async def test_rows_of_another_shape_are_passed_over() -> None:
    body = json.dumps({"results": [1, {"LPI": {}}, {"DPA": {"UPRN": "x"}}, {"DPA": []}]}).encode()
    async with asking(StandIn(body=body)) as places:
        assert await places.find("LE1 6RN") == []


async def test_a_wrong_key_a_mute_line_and_no_line_are_none_and_no_log_says_the_postcode_or_the_key(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "foyer")
    async with asking(StandIn(), key="wrong") as places:
        assert await places.find("LE1 6RN") is None
    async with asking(StandIn(mute=True), seconds=0.2) as places:
        assert await places.find("LE1 6RN") is None
    assert await OsPlaces(KEY, "http://127.0.0.1:9").find("LE1 6RN") is None
    assert await OsPlaces(KEY, "no address").find("LE1 6RN") is None
    said = " ".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("httpcore")
    )
    assert "could not be asked" in said
    assert "6RN" not in said
    assert KEY not in said
