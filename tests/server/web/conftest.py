from collections.abc import Iterator

import pytest

from tests.server.web.rehearsal import Served, serving


@pytest.fixture
def served(sqlite_url: str) -> Iterator[Served]:
    """A server on SQLite with York House and Elsewhere in it."""
    with serving(sqlite_url) as running:
        yield running
