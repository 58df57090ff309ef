"""A server whose database went to a newer schema serves on beside it while it may, and stops by itself when it may not."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
import uvicorn
from fastapi import FastAPI

from server import serve
from server.domain.access import SYSTEM
from server.live import health
from server.serve import Server
from server.store import schema
from server.store.sql import Statement
from server.store.tx import Tx
from tests.support.house import running_house

_NEWER = "9999"
_GO = Statement("UPDATE alembic_version SET version_num = :newer")
_STEP = Statement(
    "INSERT INTO schema_step (revision, compatible_from, applied_at) VALUES (:newer, :oldest, :at)"
)


def _migrated(tx: Tx, oldest: str | None) -> None:
    tx.sql.run(_GO, {"newer": _NEWER})
    if oldest is not None:
        tx.sql.run(_STEP, {"newer": _NEWER, "oldest": oldest, "at": tx.now})


@pytest.mark.parametrize(
    ("oldest", "goes_on"),
    [(schema.head(), True), ("0001", True), (_NEWER, False), (None, False)],
    ids=["works for this one", "works for older ones", "for newer only", "says nothing"],
)
async def test_it_is_ready_beside_a_newer_schema_only_while_that_has_room_for_it(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, oldest: str | None, goes_on: bool
) -> None:
    async with running_house(sqlite_url) as rehearsal:
        house = rehearsal.house
        assert await house.readiness.why_not() == ""
        await house.change(SYSTEM, "migrated", partial(_migrated, oldest=oldest))
        monkeypatch.setattr(health, "KEEP_SECONDS", 0.0)
        assert await house.readiness.why_not() == ("" if goes_on else health.OUTGROWN)
        assert house.process.outgrown is not goes_on


async def test_a_server_that_is_outgrown_stops(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "LOOK_SECONDS", 0.01)
    async with running_house(sqlite_url) as rehearsal:
        app = FastAPI()
        app.state.house = rehearsal.house
        server = Server(uvicorn.Config(app))
        looking = asyncio.create_task(server._stop_when_outgrown())
        await asyncio.sleep(0)
        assert not server.should_exit
        rehearsal.house.process.outgrown = True
        await asyncio.wait_for(looking, 10)
        assert server.should_exit
