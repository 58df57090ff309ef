from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.display.standin import Standin, application, serving
from tests.server.web import rehearsal


@pytest_asyncio.fixture(loop_scope="session")
async def standin() -> AsyncIterator[Standin]:
    """A server whose queue the test plays itself."""
    played = Standin()
    async with serving(application(played)) as address:
        played.address = address
        yield played


@pytest.fixture
def served(sqlite_url: str, tmp_path: Path) -> Iterator[rehearsal.Served]:
    """The real server, with York House on SQLite."""
    with rehearsal.serving(sqlite_url, data=tmp_path / "data") as running:
        yield running
