"""One row of every table for another centre, made from the tables themselves, all under the same marks: number 777, name of 32 e's, slug `zebra`.

So whatever an address or an ask may name, there is such a thing, and it is somebody else's. Every text holds `ZEBRA`, to be found in any answer.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Float, Integer, LargeBinary, String, Table
from sqlmodel import AutoString, SQLModel

from server.clock import from_micros
from server.store.tables import StaffRole
from server.store.tx import Tx
from server.store.types import Instant
from wire.vocabulary import Role

NUMBER, MARK, SLUG, WORD = 777, "e", "zebra", "ZEBRA"
NOT_OF_A_CENTRE = frozenset(
    {"centre", "alembic_version", "audit_seal", "house_key", "house_life", "server_process", "trouble", "command", "keeping_rule"}
    | {"backup_run", "release", "rollout", "lease", "browser_session", "login_try", "booking_try", "sign_on_role", "migration_step"}
    | {"address_list", "address", "estimate_score", "sso_role"}
)  # fmt: skip
"""Of the house, of a machine or of a moment: no centre has them."""
_FIT: dict[tuple[str, str], Any] = {
    ("ticket", "state"): "waiting",
    ("ticket", "ticket_class"): "ordinary",
    ("booking", "state"): "booked",
    ("booking", "reference"): "BCDFGHJZ",
    ("service", "ticket_class"): "ordinary",
    ("device", "kind"): "kiosk",
    ("counter", "kind"): "desk",
    ("visit", "language"): "en",
    ("visit", "code"): "K07",
    ("staff_role", "role"): "adviser",
    ("tally", "activity"): "telephone",
    ("attention", "kind"): "help",
    ("submission", "state"): "ready",
    ("post", "state"): "sent",
    ("hook_call", "state"): "done",
    **dict.fromkeys(
        (
            (table, name)
            for table in ("opening", "roster_shift", "bookable_hours")
            for name in ("opens", "begins")
        ),
        "09:00",
    ),
    **dict.fromkeys(
        (
            (table, name)
            for table in ("opening", "roster_shift", "bookable_hours")
            for name in ("closes", "ends")
        ),
        "10:00",
    ),
    ("opening", "weekday"): 1,
}
"""Values that a row must have to be one that pages can show."""


def make_strangers(tx: Tx, centre: int) -> list[str]:
    """The names of the tables that have such a row now."""
    made = []
    connection = tx.session().connection()
    for table in SQLModel.metadata.sorted_tables:
        if table.name in NOT_OF_A_CENTRE:
            continue
        row = {column.name: _value(table, column, centre, tx.now) for column in table.columns}
        connection.execute(table.insert().values(**row))
        made.append(table.name)
    for role in set(Role) - {Role.ADVISER}:
        tx.session().add(StaffRole(staff_id=NUMBER, centre_id=centre, role=role))
    return made


def _value(table: Table, column: Column[Any], centre: int, now: int) -> Any:
    fit = _FIT.get((table.name, column.name))
    if fit is not None:
        return fit
    referred = {key.column.table.name for key in column.foreign_keys}
    if "centre" in referred:
        return centre
    if referred & (NOT_OF_A_CENTRE | {table.name}) and column.nullable:
        return None
    if column.name.endswith(("_at", "until")) and column.nullable:
        return None
    return _text(column) if isinstance(column.type, (String, AutoString)) else _plain(column, now)


def _plain(column: Column[Any], now: int) -> Any:
    kind = column.type
    if isinstance(kind, Instant):
        return from_micros(now)
    if isinstance(kind, JSON):
        return (
            {"en": WORD}
            if column.name in ("names", "text", "name")
            else ([] if column.name.endswith("s") else {})
        )
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, (Integer, BigInteger)):
        return NUMBER
    if isinstance(kind, Float):
        return 1.0
    if isinstance(kind, Date):
        return from_micros(now).date()
    assert isinstance(kind, LargeBinary), column
    return WORD.encode()


def _text(column: Column[Any]) -> str:
    kind = column.type
    if column.name == "slug":
        return SLUG
    most = getattr(kind, "length", None) or 40
    if column.primary_key or column.foreign_keys or most in (32, 64):
        return MARK * min(most, 64)
    return WORD[:most]


def rows_of_strangers(connection: Any, centre: int) -> dict[str, list[str]]:
    """Every row of that centre or under these marks, as it stands."""
    found: dict[str, list[str]] = {}
    for table in SQLModel.metadata.sorted_tables:
        if table.name in NOT_OF_A_CENTRE or table.name == "audit":
            continue
        kept = []
        for record in connection.execute(table.select()).mappings():
            if record.get("centre_id") == centre or {NUMBER, MARK * 32, MARK * 64} & {
                value for value in record.values() if isinstance(value, (int, str))
            }:
                kept.append(json.dumps(dict(record), default=_shown, sort_keys=True))
        found[table.name] = sorted(kept)
    return found


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else repr(value)
