"""A line to the database that is dead and does not say so: whoever waits gives up, says so, and is right again on a new line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from sqlalchemy import Connection

from server.edge import House
from server.jobs.heartbeat import beat
from server.live import hub
from server.live.hub import Topic
from server.store.faults import Kind
from server.web.socket import Outbox
from tests.server.conftest import Behind
from tests.support.house import running_house
from wire.frames import Beat, Delta, Snapshot, read_server_frame
from wire.vocabulary import Audience, RefusalCode

BEAT_SECONDS = 0.2


@pytest.mark.postgres
async def test_a_silent_line_is_given_up_and_its_screens_are_not_told_that_all_is_well(
    behind: Behind, short_patience: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in (
        ("BEAT_SECONDS", BEAT_SECONDS),
        ("POLL_SECONDS", 0.2),
        ("STALE_SECONDS", 0.5),
        ("UNREAD_PAUSE", 0.05),
        ("MOST_REST", 0.1),
    ):
        monkeypatch.setattr(hub, name, seconds)
    line = behind.line
    async with running_house(behind.url) as rehearsal:
        outbox = Outbox()
        await rehearsal.house.hub.follow(Topic(rehearsal.kiosk.centre, Audience.LOBBY), outbox, None)
        assert isinstance(await _next(outbox), Snapshot)
        assert isinstance(await _until_a(Beat, outbox), Beat)
        line.cut()
        body = rehearsal.issue_ask()
        answer = await asyncio.wait_for(rehearsal.answer(rehearsal.kiosk, body, "a" * 32), 30)
        assert answer.refusal is not None
        assert answer.refusal.code is RefusalCode.TRY_LATER
        assert fault_kind(rehearsal.house) is Kind.GONE
        await _until(partial(_is_silent, outbox))
        line.drop()
        line.mend()

        async def done() -> bool:
            return (await rehearsal.answer(rehearsal.kiosk, body, "a" * 32)).refusal is None

        await _until(done)
        assert fault_kind(rehearsal.house) is None
        await beat(rehearsal.house)
        assert "does not answer" in await rehearsal.house.look(trouble)
        shown = await _until_a(Delta, outbox)
        assert isinstance(shown, Delta)
        assert "line:council-tax" in shown.put
        assert isinstance(await _until_a(Beat, outbox), Beat)


def trouble(connection: Connection) -> str:
    found = connection.exec_driver_sql("SELECT say FROM trouble WHERE subject = 'database line'").scalar_one()
    return str(found)


def fault_kind(house: House) -> Kind | None:
    return None if house.lane.fault is None else house.lane.fault.kind


async def _until(answer: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await answer():  # noqa: ASYNC110 - what is asked has no event
            await asyncio.sleep(0.01)


async def _next(outbox: Outbox) -> object:
    message = await asyncio.wait_for(outbox.take(), 20)
    assert message is not None
    return read_server_frame(message)


async def _until_a(kind: type[object], outbox: Outbox) -> object:
    while not isinstance(frame := await _next(outbox), kind):
        pass
    return frame


async def _is_silent(outbox: Outbox) -> bool:
    """Whether nothing comes for five beats."""
    try:
        await asyncio.wait_for(outbox.take(), 5 * BEAT_SECONDS)
    except TimeoutError:
        return True
    return False
