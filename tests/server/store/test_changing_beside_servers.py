"""A schema changes while servers run: several may start at once, an older program goes on where it may, and nothing is taken away from one that runs."""

from __future__ import annotations

import ast
import json
import multiprocessing
from collections.abc import Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from server.clock import Clock, to_micros
from server.store import schema
from server.store.database import DatabaseUnusable, open_database, scratch_engine
from server.store.schema import head, migrate, migrate_address

VERSIONS = Path(schema.__file__).parent / "migrations" / "versions"
FIRST = "0006"
"""From here on programs of two schemas work side by side."""
ADDS = frozenset({"create_table", "add_column", "create_index"})


def steps() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(VERSIONS.glob("[0-9]*_*.py")):
        if path.name >= FIRST:
            yield path.name, ast.parse(path.read_text(encoding="utf-8"))


def _named(tree: ast.Module, name: str) -> object:
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return ast.literal_eval(node.value)
    return None


def _does(tree: ast.Module) -> Iterator[ast.Call]:
    upgrade = next(each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == "upgrade")
    for node in ast.walk(upgrade):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("op."):
            yield node


def _fault_of(call: ast.Call, new_tables: set[str], new_columns: set[str]) -> str:
    """Why an older program could not live beside this step."""
    what = _what(call)
    if what not in ADDS:
        return f"{what} takes away or changes what older programs use"
    words = {each.arg: each.value for each in call.keywords}
    if what == "add_column":
        column = call.args[1]
        assert isinstance(column, ast.Call)
        given = {each.arg: each.value for each in column.keywords}
        nullable = "nullable" in given and ast.literal_eval(given["nullable"]) is True
        if not nullable and "server_default" not in given:
            return "an older program writes no value into this column, and it has no default"
    if what == "create_index" and "unique" in words and ast.literal_eval(words["unique"]):
        table, columns = ast.literal_eval(call.args[1]), ast.literal_eval(call.args[2])
        if table not in new_tables and not set(columns) <= new_columns:
            return "older programs may write what this index forbids"
    return ""


def _what(call: ast.Call) -> str:
    return ast.unparse(call.func).removeprefix("op.")


def _name_of(column: ast.expr) -> str:
    assert isinstance(column, ast.Call)
    return str(ast.literal_eval(column.args[0]))


def faults(name: str, tree: ast.Module) -> list[str]:
    calls = list(_does(tree))
    new_tables = {ast.literal_eval(call.args[0]) for call in calls if _what(call) == "create_table"}
    new_columns = {_name_of(call.args[1]) for call in calls if _what(call) == "add_column"}
    revision, before = _named(tree, "revision"), _named(tree, "down_revision")
    oldest, contract = _named(tree, "compatible_from"), _named(tree, "contract") is True
    found = (
        [] if contract else [fault for call in calls if (fault := _fault_of(call, new_tables, new_columns))]
    )
    if not isinstance(oldest, str) or not oldest <= str(revision):
        found.append("it does not say compatible_from: the oldest schema whose program works on it")
    elif contract and oldest < str(before):
        found.append(
            "a step that takes something away is for programs that no longer use it: those of the schema before"
        )
    return [f"{name}: {each}" for each in found]


def test_each_step_adds_or_says_that_it_takes_away() -> None:
    assert [fault for name, tree in steps() for fault in faults(name, tree)] == []


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("op.drop_column('visit', 'code')", True),
        ("op.add_column('visit', sa.Column('x', sa.Integer(), nullable=False))", True),
        ("op.add_column('visit', sa.Column('x', sa.Integer(), nullable=False, server_default='0'))", False),
        ("op.add_column('visit', sa.Column('x', sa.Integer(), nullable=True))", False),
        ("op.create_index('ux', 'visit', ['code'], unique=True)", True),
        ("op.execute('UPDATE visit SET code = 1')", True),
    ],
)
def test_what_an_older_program_cannot_live_with_is_found(body: str, wrong: bool) -> None:
    head = "revision = '0007'\ndown_revision = '0006'\ncompatible_from = '0006'\n"
    tree = ast.parse(f"{head}def upgrade():\n    {body}\n")
    assert bool(faults("0007", tree)) is wrong
    taking = ast.parse(f"{head}contract = True\ndef upgrade():\n    {body}\n")
    assert faults("0007", taking) == []


def _start(url: str, ready: Barrier) -> None:
    ready.wait()
    migrate_address(url)


@pytest.mark.postgres
def test_servers_that_start_at_once_migrate_once(empty_postgres_url: str) -> None:
    migrate_address(empty_postgres_url, "0005")
    here = multiprocessing.get_context("fork")
    ready = here.Barrier(3)
    starting = [here.Process(target=_start, args=(empty_postgres_url, ready)) for _ in range(3)]
    for each in starting:
        each.start()
    for each in starting:
        each.join(60)
    assert [each.exitcode for each in starting] == [0, 0, 0]
    engine = scratch_engine(empty_postgres_url)
    with engine.connect() as connection:
        assert schema.revision_of(connection) == head()
        assert schema.compatible_from(connection, head()) <= head()
    engine.dispose()


def as_if_newer(url: str, oldest: str) -> None:
    engine = create_engine(scratch_engine(url).url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text(f"INSERT INTO schema_step VALUES ('9999', '{oldest}', 0)"))
    engine.dispose()


def test_a_newer_schema_that_says_so_is_gone_on_with(database_url: str) -> None:
    as_if_newer(database_url, head())
    database = open_database(database_url)
    assert migrate(database) is False
    database.close()


def test_a_newer_schema_for_newer_programs_only_is_refused(database_url: str) -> None:
    as_if_newer(database_url, "9998")
    database = open_database(database_url)
    with pytest.raises(
        DatabaseUnusable, match=r"made by a newer Foyer .schema 9999, for programs from 9998 on"
    ):
        migrate(database)
    database.close()


class _Taking:
    contract = True
    compatible_from = "9998"


def test_nothing_is_taken_away_from_a_server_that_runs(database_url: str) -> None:
    engine = scratch_engine(database_url)
    now = to_micros(Clock().wall())
    seen = text(
        "INSERT INTO server_process (id, host, pid, version, address, started_at, seen_at, told)"
        " VALUES ('a', 'queue-2', 7, '1', '', 0, :seen, :told)"
    )
    with engine.connect() as connection, connection.begin():
        connection.execute(seen, {"seen": now, "told": json.dumps({"schema": "0006"})})
        with pytest.raises(
            DatabaseUnusable, match=r"older release still run: queue-2 .process 7, schema 0006."
        ):
            schema._refuse_beside_older(connection, [_Taking()])
        connection.execute(text("UPDATE server_process SET seen_at = 0"))
        schema._refuse_beside_older(connection, [_Taking()])
    engine.dispose()
