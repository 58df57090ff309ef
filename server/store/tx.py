"""One command's hold on the database.

A `Tx` is what an action is given: plain SQL and, for the seldom things, a session in the same savepoint; the instant; who asks; and two
bells to ring: which centres' screens must look again, and what the audit shall say. It never commits: the lane does, for many commands at
once.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from server.clock import from_micros
from server.domain.access import Actor
from server.store.inserting import insert
from server.store.sql import Sql
from server.store.tables import Audit
from wire.vocabulary import Way


class Tx:
    __slots__ = ("_session", "actor", "now", "sql", "touched", "ways")

    def __init__(self, sql: Sql, actor: Actor, now: int, ways: frozenset[Way] = frozenset()) -> None:
        self.sql = sql
        self.actor = actor
        self.now = now
        """Microseconds since 1970: the one instant of this command."""
        self.ways = ways
        """How this house can write to visitors; a message by another way is not even queued."""
        self.touched: set[int] = set()
        self._session: Session | None = None

    def session(self) -> Session:
        """The ORM's session inside this command's savepoint; flushed for you at the end."""
        if self._session is None:
            self._session = Session(
                self.sql.connection, join_transaction_mode="create_savepoint", expire_on_commit=False
            )
        return self._session

    def touch(self, centre: int) -> None:
        """Screens of this centre must look again after the commit."""
        self.touched.add(centre)

    def audit(self, what: str, about: str = "", **detail: Any) -> None:
        """Note who did what; `detail` must hold no visitor's words and no secret."""
        actor = self.actor
        insert(
            self.sql,
            Audit,
            centre_id=actor.centre or None,
            at=from_micros(self.now),
            staff_id=actor.id if actor.kind == "staff" else None,
            what=what,
            about=about,
            address=actor.address,
            detail=detail,
        )

    def finish(self) -> None:
        """Called by the lane when the action is done: what the session holds is written."""
        if self._session is not None:
            self._session.commit()
            self._session.close()
            self._session = None

    def abandon(self) -> None:
        """Called by the lane when the action was refused or failed."""
        if self._session is not None:
            self._session.close()
            self._session = None
