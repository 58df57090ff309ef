"""A running house on both databases, for every test of the server that changes something."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.house import Rehearsal, running_house


@pytest.fixture
async def rehearsal(database_url: str) -> AsyncIterator[Rehearsal]:
    async with running_house(database_url) as found:
        yield found
