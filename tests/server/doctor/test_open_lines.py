"""Lines that others could read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import make_url

from server.doctor import open_lines
from server.doctor.ground import Ground
from server.domain.troubles import Level
from server.settings import Settings
from server.store.sql import Statement

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("place", ["", "/run/postgresql", "localhost", "127.0.0.1", "::1"])
def test_what_stays_on_this_machine_needs_no_seal(place: str) -> None:
    assert open_lines.to_database(place, False, False).level is Level.FINE
    assert open_lines.to_scanner(place).level is Level.FINE


@pytest.mark.parametrize("place", ["10.0.0.7", "db.council.test", "2001:db8::7"])
def test_what_leaves_it_is_told_until_it_is_sealed_and_checked(place: str) -> None:
    assert open_lines.to_database(place, False, False).level is Level.WRONG
    assert open_lines.to_database(place, False, True).level is Level.WRONG
    assert open_lines.to_database(place, True, False).level is Level.WORTH_KNOWING
    assert open_lines.to_database(place, True, True).level is Level.FINE
    assert open_lines.to_scanner(place).level is Level.WRONG


def test_the_line_itself_is_asked(postgres_url: str) -> None:
    told = Statement("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    for mode, checked in (("disable", False), ("prefer", False)):
        address = (
            make_url(postgres_url).update_query_dict({"sslmode": mode}).render_as_string(hide_password=False)
        )
        ground = Ground(Settings(database=address), NOW)
        with ground.looking() as sql:
            place, sealed, was_checked = open_lines.line_of(sql)
            (as_it_says,) = sql.one(told) or (None,)
        assert open_lines.is_here(place), "the tests' own PostgreSQL"
        assert (sealed, was_checked) == (bool(as_it_says), checked)
    (verdict,) = open_lines.lines(Ground(Settings(database=postgres_url), NOW))
    assert verdict.level is Level.FINE
    assert len(open_lines.lines(Ground(Settings(clamd="tcp:av.council.test:3310"), NOW))) == 1
