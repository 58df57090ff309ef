from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.processes import child_environment
from tests.system.house import House

Open = Callable[..., Awaitable[House]]


@pytest.fixture(autouse=True)
def children_stay_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of a story carry the same guard as the tests."""
    monkeypatch.setenv("PYTHONPATH", child_environment()["PYTHONPATH"])


@pytest_asyncio.fixture(loop_scope="session")
async def open_house(tmp_path: Path) -> AsyncIterator[Open]:
    """`await open_house(rows_per_second=..., kiosk=...)`: York House, standing."""
    houses: list[House] = []

    async def open_one(*, rows_per_second: float = 0, kiosk: bool = True) -> House:
        house = House(tmp_path / f"house-{len(houses)}", rows_per_second)
        houses.append(house)
        await house.start(kiosk=kiosk)
        return house

    yield open_one
    for house in houses:
        house.end()
