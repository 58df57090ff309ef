"""One server for many tests of what visitors say: each finds the clock right, nobody's tries counted and nothing said yet."""

from __future__ import annotations

from sqlmodel import col, delete

from server.clock import Clock
from server.domain.access import SYSTEM
from server.store.tables import Audit, Feedback, Said
from server.store.tx import Tx
from server.web.public.rating import Limits
from tests.server.web.rehearsal import Served


def nothing_said(running: Served) -> None:
    """The same server as if it were new, as far as what is said goes. For tests that make no visits."""

    def forget(tx: Tx) -> None:
        for table in (Feedback, Said, Audit):
            tx.session().execute(delete(table).where(col(table.id).is_not(None)))

    clock = Clock()
    running.house.clock = running.house.lane._clock = clock
    running.app.state.rating_limits = Limits()
    running.run(running.house.change(SYSTEM, "forget", forget))
