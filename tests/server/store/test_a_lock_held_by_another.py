"""Somebody else holds a centre's row (a forgotten console, a server that hangs): asks are refused in seconds, and served again after."""

import asyncio
import time

import pytest
from sqlalchemy import create_engine, text

from tests.support.house import running_house
from wire.vocabulary import RefusalCode


@pytest.mark.postgres
async def test_asks_are_refused_while_another_holds_the_centre_and_served_afterwards(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.store import database

    patience = database._PATIENCE["options"].replace(
        f"lock_timeout={database.BUSY_MILLISECONDS}", "lock_timeout=300"
    )
    monkeypatch.setitem(database._PATIENCE, "options", patience)
    async with running_house(postgres_url) as rehearsal:
        await rehearsal.issue()
        other = create_engine(rehearsal.house.database.url)
        body = rehearsal.issue_ask()
        with other.connect() as holding, holding.begin():
            holding.execute(text("SELECT id FROM centre FOR UPDATE"))
            began = time.monotonic()
            answer = await asyncio.wait_for(rehearsal.answer(rehearsal.kiosk, body), 10)
            assert time.monotonic() - began < 5
            assert answer.refusal is not None
            assert answer.refusal.code is RefusalCode.TRY_LATER
        other.dispose()
        await rehearsal.ask(rehearsal.kiosk, body)
