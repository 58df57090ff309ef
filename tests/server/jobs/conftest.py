"""A house that writes to visitors by stand-ins of its carriers, for every test of what it sends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from demo.notify import StandIn
from tests.support.writing import Writing, stand_in, writing_house


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[StandIn, str]]:
    with stand_in() as found:
        yield found


@pytest.fixture
async def writing(sqlite_url: str, tmp_path: Path, running: tuple[StandIn, str]) -> AsyncIterator[Writing]:
    async with writing_house(sqlite_url, tmp_path, running) as found:
        yield found


@pytest.fixture
async def on_both(database_url: str, tmp_path: Path, running: tuple[StandIn, str]) -> AsyncIterator[Writing]:
    async with writing_house(database_url, tmp_path, running) as found:
        yield found
