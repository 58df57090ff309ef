"""SQLite's log while somebody reads at every moment: by itself it would grow until the disk is full (180 MB in 12 seconds were seen)."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from server.live.hub import Topic
from tests.support.house import running_house
from wire.vocabulary import Audience

KB = 1024


def size_of(file: Path) -> int:
    return file.stat().st_size


async def test_the_log_is_started_anew_though_somebody_always_reads(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.store.lane.MOST_LOG_BYTES", 500 * KB)
    monkeypatch.setattr("server.store.lane.TIDY_SECONDS", 0.0)
    log = Path(sqlite_url.removeprefix("sqlite:///") + "-wal")
    async with running_house(sqlite_url) as rehearsal:
        done = asyncio.Event()

        async def look() -> None:
            while not done.is_set():
                await rehearsal.house.hub.glance(Topic(rehearsal.kiosk.centre, Audience.PHONE, "nobody"))

        readers = [asyncio.create_task(look()) for _ in range(6)]
        sizes = []
        for _ in range(60):
            bodies = [rehearsal.issue_ask() for _ in range(5)]
            answers = await asyncio.gather(*(rehearsal.answer(rehearsal.kiosk, body) for body in bodies))
            assert all(answer.refusal is None for answer in answers)
            sizes.append(size_of(log))
        done.set()
        await asyncio.gather(*readers)
        assert any(later < earlier for earlier, later in pairwise(sizes))
        assert max(sizes) < 2_000 * KB
