"""The council's list of addresses: replaced whole or not at all, in pieces so small that nobody else has to wait.

A list of 150,000 lines in one change would hold the writer lane for seconds, and with it every ticket. So it comes in piece by piece under a number of its
own, which nothing looks at; the last piece makes it the current one in a single small change, and the old one is then taken away in pieces too. What
a crash or a change of mind leaves behind is swept away when the next list comes in.

Who drives it decides how each piece is changed: through the edge in a running server (`server.web.gazetteer`), by itself from the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert
from sqlmodel import col, select

from server.clock import from_micros
from server.domain.gazetteer import Gazetteer, Line
from server.domain.refusals import Refused
from server.store.sql import Sql, Statement
from server.store.tables import Address, AddressList
from server.store.tx import Tx
from wire.vocabulary import RefusalCode

PIECE = 250
"""Lines in one change: some milliseconds of the lane."""
SWEEP = 2000
"""Lines taken away in one change."""
MOST_FOUND = 200
"""At one postcode: the longest in Britain have some hundred."""

_FIND = Statement(
    """SELECT a.uprn, a.line FROM address a JOIN address_list l ON l.id = a.list_id
    WHERE l.current AND a.postcode = :postcode ORDER BY a.position, a.id LIMIT :most"""
)
_ANY = Statement("SELECT id FROM address_list WHERE current LIMIT 1")
_NEWER = Statement("SELECT id FROM address_list WHERE id > :id LIMIT 1")
_OLD = Statement("SELECT id FROM address_list WHERE NOT current AND id < :before ORDER BY id LIMIT 1")
_CURRENT = Statement("SELECT COALESCE(MAX(id), 0) FROM address_list WHERE current")
_SWEEP = Statement(
    "DELETE FROM address WHERE id IN (SELECT id FROM address WHERE list_id = :list ORDER BY id LIMIT :most)"
)
_FORGET = Statement("DELETE FROM address_list WHERE id = :list")
_STEP_DOWN = Statement("UPDATE address_list SET current = :no WHERE current")
_STEP_UP = Statement("UPDATE address_list SET current = :yes WHERE id = :list")


@dataclass(frozen=True)
class Listed:
    uprn: str
    line: str


def find(sql: Sql, postcode: str) -> list[Listed]:
    """What the current list has at a postcode, which is written in capitals without a space."""
    found = sql.all(_FIND, {"postcode": postcode, "most": MOST_FOUND})
    return [Listed(str(uprn), str(line)) for uprn, line in found]


def has_list(sql: Sql) -> bool:
    return sql.one(_ANY) is not None


def judge(tx: Tx, digest: str, lines: int, *, much_shorter: bool) -> None:
    """Refuses what is loaded already, and, unless it was said to be right, what has less than half of what there is."""
    current = tx.session().exec(select(AddressList).where(col(AddressList.current))).first()
    if current is None:
        return
    if current.digest == digest:
        raise Refused(RefusalCode.NOT_ALLOWED, "This very file is the list already. Nothing was changed.")
    if lines * 2 < current.lines and not much_shorter:
        say = f"This file has {lines} addresses; the list has {current.lines}. If that is right, say so and load it again."
        raise Refused(RefusalCode.NOT_ALLOWED, say)


def begin(tx: Tx, *, file_name: str, digest: str, lines: int, much_shorter: bool = False) -> int:
    """A new list, empty and not looked at; its number."""
    judge(tx, digest, lines, much_shorter=much_shorter)
    made = AddressList(
        file_name=file_name[:120],
        digest=digest,
        lines=lines,
        made_at=from_micros(tx.now),
        made_by=tx.actor.id if tx.actor.kind == "staff" else None,
    )
    tx.session().add(made)
    tx.session().flush()
    assert made.id is not None
    return made.id


def add(tx: Tx, list_id: int, lines: Sequence[Line], start: int) -> None:
    """One piece of it; `start` is the place of its first line."""
    rows: list[dict[str, Any]] = [
        {
            "list_id": list_id,
            "uprn": each.uprn,
            "postcode": each.postcode,
            "line": each.line,
            "position": start + number,
        }
        for number, each in enumerate(lines)
    ]
    tx.session().execute(insert(Address), rows)


def take_over(tx: Tx, list_id: int, read: Gazetteer) -> None:
    """From now on this is the list. Refused when another began to come in after it: that one will be."""
    if tx.sql.one(_NEWER, {"id": list_id}) is not None:
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            "Somebody else loads a list just now. Yours was not taken; look at theirs first.",
        )
    tx.sql.run(_STEP_DOWN, {"no": False})
    tx.sql.run(_STEP_UP, {"yes": True, "list": list_id})
    tx.audit("addresses_loaded", str(list_id), lines=len(read.lines), passed_over=read.passed_over)


def sweep(tx: Tx) -> bool:
    """Take away a piece of a list that is older than the current one; whether there may be more."""
    (current,) = tx.sql.one(_CURRENT) or (0,)
    old = tx.sql.one(_OLD, {"before": current})
    if old is None:
        return False
    if not tx.sql.run(_SWEEP, {"list": old[0], "most": SWEEP}):
        tx.sql.run(_FORGET, {"list": old[0]})
    return True
