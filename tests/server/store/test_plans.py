"""No statement of the running server walks what grows for years: SQLite's own plan of each says so.

With 200,000 old tickets one such statement made every reading of the floor a hundred times as long. SQLite plans without statistics here, as it
does in a centre that never ran ANALYZE.
"""

from __future__ import annotations

import pkgutil
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest

import server.actions
import server.doctor
import server.edge
import server.jobs
import server.live
import server.store.queries
import server.web
from server.jobs import erasing_days
from server.store.queries import tickets
from server.store.sql import Statement

GROWING = (
    *("ticket", "visit", "step", "command", "note", "audit", "print_job", "attention", "booking", "post"),
    *("submission", "hand_off", "sighting", "self_service_use", "piece", "tally", "audit_seal"),
)
SWEEPING = frozenset({"server.jobs.rounds"})
"""Seldom rounds may take their time."""
SELDOM = {
    "server.actions.audit_anchor._GAP": "asked only when a link of the audit's chain is missing",
    "server.actions.erasing._ACCEPTED": "asked when somebody's account has been closed for as long as it is kept: a few times a year",
    "server.actions.staff._ACCEPTED": "asked when an administrator gives somebody another name: a few times a year",
    "server.store.queries.audit_chain._CHECKED": "asked once in a server's life, and goes back no further than a day",
    "server.store.queries.audit_chain._HEAD": "the last of its primary key",
}
_WALK = re.compile(r"SCAN (\w+)")
_ALL_OF_A_CENTRE = re.compile(r"INDEX ix_(ticket_ended|hand_off_centre|sighting_centre) \(centre_id=\?\)")


def _statements() -> Iterator[tuple[str, Statement]]:
    for room in (server.actions, server.doctor, server.live, server.jobs, server.web, server.store.queries):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if found.name in SWEEPING:
                continue
            for name, value in vars(import_module(found.name)).items():
                if isinstance(value, Statement) and f"{found.name}.{name}" not in SELDOM:
                    yield f"{found.name}.{name}", value
    for number, oldest in enumerate(erasing_days._OLDEST):
        yield f"server.jobs.erasing_days._OLDEST {number}", oldest
    yield "server.edge._DONE", server.edge._DONE
    yield "tickets.heads", tickets._heads_statement((1, 2, 3))
    yield "tickets.heads past those seen to", tickets._heads_statement((1, 2, 3), past_those_seen_to=True)


@pytest.mark.parametrize(("name", "statement"), [pytest.param(*each, id=each[0]) for each in _statements()])
def test_no_statement_walks_what_grows(name: str, statement: Statement, sqlite_template: Path) -> None:
    text = statement.sqlite
    if not text.startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")):
        return
    values = dict.fromkeys(re.findall(r"(?<![:\w]):([a-z_]\w*)", text), 1)
    aliases = {
        alias: table for table, alias in re.findall(r"(?:FROM|JOIN|UPDATE) (\w+)(?: (?:AS )?(\w))?\b", text)
    }
    with closing(sqlite3.connect(f"file:{sqlite_template}?mode=ro", uri=True)) as connection:
        try:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
        except sqlite3.OperationalError as error:
            if any(
                each in str(error)
                for each in ("no such function", "syntax error", "no such table: pg_", "unrecognized token")
            ):
                return  # a statement for PostgreSQL only
            raise
    walked = {aliases.get(table, table) for line in plan for table in _WALK.findall(line)}
    assert not walked & set(GROWING), plan
    assert not any(_ALL_OF_A_CENTRE.search(line) for line in plan), plan
