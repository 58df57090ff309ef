"""One new row by plain SQL, and the object the session would have had of it.

The session writes an object by working out what changed, in which order, for any number of tables: four times what the statement itself costs.
For rows that are written as often as somebody asks (an appointment, a line of the audit) the statement is written out here, from the table itself,
so a new column cannot be forgotten. What comes back is known to the session as if it had written it: changed later, it is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import JSON, Table, inspect
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, manager_of_class
from sqlmodel import Session, SQLModel

from server.clock import to_micros
from server.store.sql import Sql, Statement
from server.store.types import Instant

T = TypeVar("T", bound=SQLModel)


class _Way(NamedTuple):
    statement: Statement
    written: Mapping[str, Callable[[Any], Any]]
    """By column, how its value goes to either driver."""
    usual: tuple[tuple[str, Callable[[], Any]], ...]
    """What a column holds that was not named."""


def insert(sql: Sql, table: type[SQLModel], **values: Any) -> dict[str, Any]:
    """Write one row; its values with the table's own where none was named. A number that the database gives is left to it."""
    way = _way(table)
    row = {name: values[name] if name in values else usual() for name, usual in way.usual}
    unknown = values.keys() - row.keys()
    assert not unknown, f"{table.__name__} has no {', '.join(sorted(unknown))}"
    sql.run(way.statement, {name: write(row[name]) for name, write in way.written.items()})
    return row


def inserted(sql: Sql, session: Session, table: type[T], **values: Any) -> T:
    """The same, as an object that the session keeps from now on. Its key must be named."""
    row = insert(sql, table, **values)
    made: T = manager_of_class(table).new_instance()
    instance_dict(made).update(row)
    make_transient_to_detached(made)
    session.add(made)
    return made


@cache
def _way(table: type[SQLModel]) -> _Way:
    mapped = inspect(table).local_table
    assert isinstance(mapped, Table)
    columns = [column for column in mapped.columns if column is not mapped.autoincrement_column]
    names = [column.name for column in columns]
    into = ", ".join(f'"{name}"' for name in names)
    statement = Statement(
        f'INSERT INTO "{mapped.name}" ({into}) VALUES ({", ".join(f":{name}" for name in names)})'
    )
    fields = table.model_fields
    return _Way(
        statement,
        {column.name: _writer(column.type) for column in columns},
        tuple((name, _usual(fields[name])) for name in names),
    )


def _usual(field: Any) -> Callable[[], Any]:
    if field.default_factory is not None:
        made: Callable[[], Any] = field.default_factory
        return made
    default = field.get_default()
    if field.is_required():
        return _required
    return lambda: default


def _required() -> Any:
    message = "a column that must have a value was not named"
    raise ValueError(message)


def _writer(kind: Any) -> Callable[[Any], Any]:
    if isinstance(kind, Instant):
        return _instant
    if isinstance(kind, JSON):
        return json.dumps
    return _plain


def _instant(value: Any) -> Any:
    return None if value is None else to_micros(value)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
