"""What stays with each of a thousand lines for days: the line itself, and no layer that was made for pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from server.web.lines import LineProtocol
from tests.server.web.rehearsal import Served
from tests.server.web.test_socket import bearer, greet, line
from wire.vocabulary import DeviceKind

WAITS = ["Conversation.hold", "wait", "_wait"]
READS = ["Conversation._read", "WebSocket.receive_text", "WebSocket.receive"]
WRITES = ["Conversation._write", "Outbox.take"]
ROUND = [
    "FastAPI.__call__",
    "Starlette.__call__",
    "Lines.__call__",
    "device_socket",
    "device_socket",
    "_converse",
]
"""Around the conversation, from the application on. What `_or_not_now` returns goes by the name of what it goes round."""


def calls_of(task: asyncio.Task[Any]) -> Iterator[str]:
    """Which calls wait for which, from the outermost."""
    awaited: Any = task.get_coro()
    while awaited is not None and hasattr(awaited, "cr_await"):
        yield awaited.__qualname__
        awaited = awaited.cr_await


async def tasks_of(served: Served) -> set[asyncio.Task[Any]]:
    async def all_there() -> set[asyncio.Task[Any]]:
        current = asyncio.current_task()
        return {task for task in asyncio.all_tasks() if task is not current}

    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(all_there(), served.loop))


async def test_a_line_keeps_three_tasks_and_no_layer_made_for_pages(served: Served) -> None:
    async with line(served, headers=bearer(DeviceKind.DISPLAY)) as display:
        await greet(display)
        chains = [list(calls_of(task)) for task in await tasks_of(served)]
        protocols = [
            each for each in served.server.server_state.connections if isinstance(each, LineProtocol)
        ]
        light = [(type(each.queue).__name__, hasattr(each, "response")) for each in protocols]
    found = sorted(chain for chain in chains if any(call.startswith("Conversation.") for call in chain))
    assert [chain[: len(each)] for chain, each in zip(found[:2], (READS, WRITES), strict=True)] == [
        READS,
        WRITES,
    ]
    held = found[-1][found[-1].index(ROUND[0]) :]
    assert (len(found), held) == (3, [*ROUND, *WAITS])
    assert light == [("Inbox", False)]


@pytest.mark.parametrize("path", ["/ws/devices", "/ws", "/t/0"])
async def test_a_line_to_where_nobody_listens_is_refused_before_it_is_open(served: Served, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(served.url.replace("http", "ws") + path):
            pass
    assert refused.value.response.status_code == 403
