"""The lives of the house (`server.domain.life`): the first begins with the first start, each further one with a restore."""

from __future__ import annotations

import secrets

from server.actions.keys import new_key
from server.clock import from_micros
from server.domain.life import Life
from server.store.sql import Statement
from server.store.tables import HouseKey, HouseLife
from server.store.tx import Tx

_LATEST = Statement("SELECT number, secret, known_until FROM house_life ORDER BY number DESC LIMIT 1")


def present(tx: Tx) -> Life:
    """The life we are in; the first one begins here."""
    row = tx.sql.one(_LATEST)
    if row is None:
        begin(tx, 1, "new", None)
        row = tx.sql.one(_LATEST)
    assert row is not None
    until = None if row[2] is None else row[2] // 1000
    return Life(f"{row[0]}-{row[1]}", until, _journals_key(tx))


def begin_again(tx: Tx, known_until: int) -> None:
    """Another life: this database was just restored, and knows all that was acknowledged before `known_until` (microseconds)."""
    row = tx.sql.one(_LATEST)
    begin(tx, 1 + (row[0] if row is not None else 0), "restored", known_until)


def begin(tx: Tx, number: int, why: str, known_until: int | None) -> None:
    until = None if known_until is None else from_micros(known_until)
    tx.session().add(
        HouseLife(
            number=number,
            secret=secrets.token_hex(8),
            why=why,
            began_at=from_micros(tx.now),
            known_until=until,
        )
    )
    tx.session().flush()


def _journals_key(tx: Tx) -> str:
    found = tx.session().get(HouseKey, "journals")
    if found is None:
        found = HouseKey(name="journals", secret=new_key(), made_at=from_micros(tx.now))
        tx.session().add(found)
        tx.session().flush()
    return found.secret


__all__ = ["begin_again", "present"]
