"""Lines that hang: a screen that stops reading, one that hangs up before its first view, a fault in between. Each is over in seconds."""

from __future__ import annotations

import asyncio
import socket as sockets
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from server.live import hub as hubs
from server.live.hub import Topic
from server.web import socket as lines
from tests.server.web.rehearsal import Served
from tests.server.web.test_socket import bearer, greet, heard, line
from tests.support.waiting import until_async
from wire import frames
from wire.frames import Bye, Hello, Snapshot
from wire.vocabulary import PROTOCOL, Audience, DeviceKind

MESSAGE = "x" * 60_000


def live() -> int:
    return len(lines.open_conversations)


def deaf_display(served: Served) -> sockets.socket:
    """A display that greets and then never reads: by hand, because every library reads ahead."""
    place = urlsplit(served.url)
    tcp = sockets.socket()
    tcp.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    tcp.connect((place.hostname, place.port))
    headers = {
        "Host": place.netloc,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        **bearer(DeviceKind.DISPLAY),
    }
    lines_of = ["GET /ws/device HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    tcp.sendall("\r\n".join(lines_of).encode())
    assert tcp.recv(12) == b"HTTP/1.1 101"
    hello = Hello(protocol=PROTOCOL).encode().encode()
    assert len(hello) < 126
    tcp.sendall(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
    return tcp


async def test_a_screen_that_does_not_read_is_let_go(served: Served) -> None:
    with closing(deaf_display(served)):
        await until_async(lambda: live() == 1, 5, "the line")
        (conversation,) = lines.open_conversations

        async def flood() -> bool:
            for _ in range(50):
                conversation.outbox.put(MESSAGE)
                await asyncio.sleep(0)
            return conversation.outbox.choked

        await until_async(lambda: served.run(flood()), 10, "an outbox that is full")
        await until_async(lambda: live() == 0, 5, "the end of the line")
        topic = Topic(served.ids.centre, Audience.LOBBY)
        assert not served.house.hub._corners[served.ids.centre].feeds[topic].followers


async def test_a_screen_that_hangs_up_while_the_centre_cannot_be_read_leaves_nothing_behind(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(centre: int, corner: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(served.house.hub, "_refresh", never)
    async with line(served) as kiosk:
        await kiosk.send(Hello(protocol=PROTOCOL).encode())
        await until_async(lambda: live() == 1, 5, "the line")
    await until_async(lambda: live() == 0, 5, "the end of the line")


async def test_a_fault_while_listening_is_told_and_not_passed_over(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with line(served) as kiosk:
        await greet(kiosk)

        async def broken(*_given: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(served.house, "perform", broken)
        await kiosk.send('{"type":"ask","id":"' + "a" * 32 + '","body":{"do":"health"}}')
        while not isinstance(frame := await heard(kiosk), Bye):
            pass
        assert frame == lines.FAULT
    assert "a conversation failed" in caplog.text


async def test_a_phones_line_is_ended_with_its_visit(served: Served) -> None:
    ticket, _, secret = await asyncio.to_thread(served.visitor)
    async with line(served, f"/ws/t/{secret}", {}) as phone:
        await greet(phone)
        body = frames.Ask.model_validate({"id": "b" * 32, "body": {"do": "cancel", "ticket": ticket}}).body
        await asyncio.to_thread(served.ask, served.actor("grace"), body)
        while not isinstance(frame := await heard(phone), Bye):
            pass
        assert frame == lines.ENDED


async def test_a_feed_is_not_forgotten_while_it_is_filled_for_whoever_returns(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with line(served) as kiosk:
        await greet(kiosk)
    await until_async(lambda: live() == 0, 5, "the end of the line")
    corner = served.house.hub._corners[served.ids.centre]
    (topic,) = corner.feeds
    corner.left_at[topic] = -hubs.FORGET_SECONDS * 2  # as long ago as that
    async with line(served) as kiosk:
        assert isinstance(await greet(kiosk), Snapshot)
        await until_async(
            lambda: topic in corner.feeds and bool(corner.feeds[topic].followers), 5, "its feed"
        )
