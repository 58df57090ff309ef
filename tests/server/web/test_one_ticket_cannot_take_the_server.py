"""Whoever holds one ticket's secret can say what they like: it costs the others next to nothing."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack

import pytest

from server.web import socket as lines
from tests.server.web.rehearsal import Served
from tests.server.web.test_socket import an_issue, greet, heard, line
from tests.support.waiting import until_async
from wire import frames
from wire.frames import Answer, Bye, Snapshot
from wire.vocabulary import RefusalCode


async def test_a_ticket_holds_a_few_lines_and_the_newest_are_kept(served: Served) -> None:
    _, _, secret = await asyncio.to_thread(served.visitor)
    async with AsyncExitStack() as stack:
        phones = []
        for _ in range(lines.MOST_OF_A_VISIT + 3):
            phones.append(await stack.enter_async_context(line(served, f"/ws/t/{secret}", {})))
            assert isinstance(await greet(phones[-1]), Snapshot)
        for oldest in phones[:3]:
            while not isinstance(frame := await heard(oldest), Bye):
                pass
            assert frame == lines.CROWDED
        await until_async(
            lambda: len(lines.open_conversations) == lines.MOST_OF_A_VISIT, 5, "the lines that are kept"
        )
        await asyncio.to_thread(served.visitor)
        assert not phones[-1].close_code


@pytest.mark.parametrize(("do", "name"), [("issue", "needs"), ("sit_down", "services")])
def test_a_list_of_thirty_thousand_mistakes_is_refused_at_the_first(do: str, name: str) -> None:
    body = {"do": do, name: [1] * 30_000}
    message = json.dumps({"type": "ask", "id": "a" * 32, "body": body}, separators=(",", ":"))
    assert 60_000 < len(message) <= frames.MAX_MESSAGE_BYTES
    quickest = 1.0
    for _ in range(5):
        began = time.perf_counter()
        with pytest.raises(frames.Malformed):
            frames.read_client_frame(message)
        quickest = min(quickest, time.perf_counter() - began)
    assert quickest < 0.02, "the one event loop stood still for everybody"


async def test_a_name_that_cannot_be_repeated_is_no_fault_of_the_server(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    async with line(served) as kiosk:
        await greet(kiosk)
        await kiosk.send('{"type":"ask","id":"\\ud800","body":{"do":"help"}}')
        while not isinstance(frame := await heard(kiosk), Bye):
            pass
        assert frame.code == "malformed"
    assert "failed" not in caplog.text


@pytest.mark.parametrize("number", ["00", "007", "7", "0"])
async def test_a_number_has_one_spelling(served: Served, number: str) -> None:
    body = {**an_issue("K07").model_dump(mode="json"), "code": f"K{number}"}
    async with line(served) as kiosk:
        await greet(kiosk)
        await kiosk.send(json.dumps({"type": "ask", "id": "a" * 32, "body": body}))
        while not isinstance(answer := await heard(kiosk), Answer):
            pass
        assert answer.refusal is not None
        assert answer.refusal.code is RefusalCode.MALFORMED
