from collections.abc import Iterator

import pytest

from server.store.schema import migrate_address
from tests.server.web.rehearsal import Served, serving


@pytest.fixture
def served(sqlite_url: str) -> Iterator[Served]:
    """A server on SQLite with York House and Elsewhere in it."""
    with serving(sqlite_url) as running:
        yield running


@pytest.fixture(scope="module")
def one_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One house for all tests of a module, which put back what they change."""
    address = f"sqlite:///{tmp_path_factory.mktemp('house')}/foyer.db"
    migrate_address(address)
    with serving(address) as running:
        yield running
