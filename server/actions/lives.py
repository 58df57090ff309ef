"""The lives of the house (`server.domain.life`): the first begins with the first start, each further one with a restore."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from server.actions.keys import new_key
from server.clock import from_micros, to_micros
from server.store.queries.life import JOURNALS, present_life
from server.store.sql import Statement
from server.store.tables import HouseKey, HouseLife
from server.store.tx import Tx

RESTORING = "restoring"
"""Why a life began that nobody was served in yet; `restored` afterwards."""

_FINISH = Statement(f"UPDATE house_life SET why = 'restored' WHERE why = '{RESTORING}'")
_NUMBER = Statement("SELECT MAX(number) FROM house_life")


def begin_first(tx: Tx) -> None:
    """At each start: the first life, and the key that kiosks' keys are made of, unless they are there."""
    if tx.session().get(HouseKey, JOURNALS) is None:
        tx.session().add(HouseKey(name=JOURNALS, secret=new_key(), made_at=from_micros(tx.now)))
        tx.session().flush()
    if present_life(tx.sql) is None:
        _begin(tx, "new", None)


def begin_again(tx: Tx, known_until: int) -> None:
    """Another life: this database was just restored, and knows all that was acknowledged before `known_until` (microseconds)."""
    _begin(tx, RESTORING, known_until)


def finish(tx: Tx) -> None:
    """It was seen to, and may be served from (`server.jobs.after_restore`)."""
    tx.sql.run(_FINISH)


def numbers_lost(tx: Tx, on: str, timezone: str, last_given_at: int | None) -> int:
    """How many of the house's own numbers to leave out on this local day (ISO)."""
    life = present_life(tx.sql)
    if life is None:
        return 0
    began = datetime.combine(date.fromisoformat(on), time(), ZoneInfo(timezone))
    return life.numbers_lost(to_micros(began), last_given_at)


def _begin(tx: Tx, why: str, known_until: int | None) -> None:
    last = tx.sql.one(_NUMBER)
    tx.session().add(
        HouseLife(
            number=1 + ((last[0] if last is not None else None) or 0),
            secret=secrets.token_hex(8),
            why=why,
            began_at=from_micros(tx.now),
            known_until=None if known_until is None else from_micros(known_until),
        )
    )
    tx.session().flush()
