"""A running house on both databases, for every test of the server that changes something; a line to PostgreSQL that can be cut."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import pytest
from sqlalchemy.engine import make_url

from benchmarks.scale.line import Line
from server.live import doorbell
from server.store import database, patience
from tests.support.house import Rehearsal, running_house


@pytest.fixture
async def rehearsal(database_url: str) -> AsyncIterator[Rehearsal]:
    async with running_house(database_url) as found:
        yield found


class Behind(NamedTuple):
    """A database and the line it is reached by. `port`: where it is without the line."""

    url: str
    line: Line
    port: int


@pytest.fixture
def behind(postgres_url: str) -> Iterator[Behind]:
    address = make_url(postgres_url)
    assert address.port is not None
    line = Line(address.port)
    through = address.set(drivername="postgresql", port=line.port)
    yield Behind(through.render_as_string(hide_password=False), line, address.port)
    line.close()


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a silent database, for who waits for the server to notice."""
    for where, name, seconds in (
        (patience, "LANE_SECONDS", 0.5),
        (patience, "LOOKING_SECONDS", 0.5),
        (doorbell, "QUIET_SECONDS", 0.1),
        (doorbell, "PATIENCE_SECONDS", 0.5),
        (doorbell, "RETRY_SECONDS", 0.1),
    ):
        monkeypatch.setattr(where, name, seconds)
    monkeypatch.setitem(database._PATIENCE, "connect_timeout", 2)
