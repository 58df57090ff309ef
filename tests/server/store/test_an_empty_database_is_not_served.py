"""A database that has gone (a disk not mounted) must not become a new, empty one that tells every device it is not paired."""

import pytest

from server.app import create_app
from server.settings import Settings
from server.store.database import DatabaseUnusable


def test_a_server_without_a_centre_says_what_to_do_and_does_not_start(database_url: str) -> None:
    with pytest.raises(DatabaseUnusable, match="holds no centre") as refused:
        create_app(Settings(database=database_url))
    assert "foyer centre load" in str(refused.value)
