"""A copied card at the door of a real server: who is let in, who is hung up on, and what the device's page offers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.server.web.rehearsal import TOKENS, Served, serving, token_of
from tests.support.waiting import until_async
from wire.frames import Bye, Hello, Snapshot, device_headers, read_server_frame
from wire.vocabulary import PROTOCOL, DeviceKind

FIRST, SECOND = "a" * 64, "b" * 64


@pytest.fixture
def house(sqlite_url: str) -> Iterator[Served]:
    with serving(sqlite_url, moving_to="https://queue.example") as served:
        yield served


async def knock(house: Served, machine: str) -> Snapshot | Bye:
    """The first thing the server says to this machine."""
    async with _line(house, machine) as line:
        with suppress(ConnectionClosed):  # who is turned away may not be listened to any more
            await line.send(Hello(protocol=PROTOCOL).encode())
        frame = read_server_frame(await line.recv())
        assert isinstance(frame, Snapshot | Bye)
        return frame


def _line(house: Served, machine: str) -> connect:
    shown = device_headers(TOKENS[DeviceKind.KIOSK], machine)
    return connect(house.url.replace("http", "ws") + "/ws/device", additional_headers=shown)


def asks(house: Served, machine: str) -> int:
    """How the server answers a question over HTTP from this machine."""
    shown = device_headers(TOKENS[DeviceKind.KIOSK], machine)
    return httpx.get(f"{house.url}/api/releases/wanted", params={"runs": "0.0.1"}, headers=shown).status_code


async def test_a_copied_token_gets_nothing_over_http_either(house: Served) -> None:
    assert asks(house, "") == 200, "one that never named a machine: a kiosk of an older release"
    assert isinstance(await knock(house, FIRST), Snapshot)

    async def learnt() -> Any:
        status = asks(house, SECOND)
        return None if status == 200 else status

    await until_async(learnt, 15, "the end of what the server remembers of a token")
    assert asks(house, SECOND) == asks(house, "") == asks(house, "f" * 63) == 401
    assert asks(house, FIRST) == 200
    for copied in (SECOND, ""):
        refused = await knock(house, copied)
        assert isinstance(refused, Bye)
        assert refused.code == "copied", "its token is kept: an administrator may let it in"


async def test_a_card_goes_with_another_machine_when_an_administrator_says_so(house: Served) -> None:
    kiosk = house.ids.devices[DeviceKind.KIOSK]
    async with _line(house, FIRST) as first:
        await first.send(Hello(protocol=PROTOCOL).encode())
        snapshot = read_server_frame(await first.recv())
        assert isinstance(snapshot, Snapshot)
        assert snapshot.rows["moving"] == {"kind": "moving", "server": "https://queue.example"}

        refused = await knock(house, SECOND)
        assert isinstance(refused, Bye)
        assert (refused.code, refused.retry_seconds) == ("copied", 15.0)

        with closing(house.signed_in("ada")) as client:
            page = client.get(f"/admin/devices/{kiosk}").text
            assert "Another machine came with its card" in page
            sent = client.post(
                f"/admin/devices/{kiosk}/machine", data={"csrf": token_of(client), "moved": "yes"}
            )
            assert sent.status_code == 303
            assert "Another machine came with its card" not in client.get(f"/admin/devices/{kiosk}").text

        async with asyncio.timeout(15):
            said = read_server_frame(await first.recv())
            while not isinstance(said, Bye):
                said = read_server_frame(await first.recv())
            assert said.code == "copied", "the machine it came from is hung up on"
            await first.wait_closed()
