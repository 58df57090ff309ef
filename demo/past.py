"""What came before the demonstration's own day: weeks of York House as they may have been, and the quarter that its council published.

The weeks are played (`demo.years`) at the size the real centre had; the quarter is the real one, imported from its file as a manager would.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import select

from demo.years import add_weeks
from server.actions import past
from server.centrefile import CentrePlan
from server.clock import Clock
from server.domain.access import Actor
from server.domain.past_counts import Place, read_file
from server.store.database import Database
from server.store.sql import Sql
from server.store.tables import Centre, Staff
from server.store.tx import Tx
from server.web.pages.past_import import CALLED

WEEKS = 30
VISITS = 22.0
"""With a ticket on a usual day; five times as many come for what needs none."""
IMPORTED_BY = "meera"
QUARTER = Path(__file__).parents[1] / "docs" / "samples" / "york-house-2023-q1.csv"


def add_past(database: Database, plan: CentrePlan, now: datetime) -> None:
    """Nothing where there is a past already."""
    today = now.astimezone(ZoneInfo(plan.timezone)).date()
    if add_weeks(database, today - timedelta(days=1), WEEKS, VISITS):
        _import_quarter(database, plan, today)


def _import_quarter(database: Database, plan: CentrePlan, today: date) -> None:
    content, zone = QUARTER.read_bytes(), ZoneInfo(plan.timezone)
    read = read_file(content, Place(plan.name, plan.slug, zone, today), CALLED)
    digest = hashlib.sha256(content).hexdigest()
    with database.session() as session:
        centre = session.exec(select(Centre.id).where(Centre.slug == plan.slug)).one()
        person = session.exec(select(Staff.id).where(Staff.username == IMPORTED_BY)).one()
    with database.writing() as session:
        actor = Actor(kind="staff", id=person or 0, centre=centre or 0)
        tx = Tx(Sql(session.connection()), actor, Clock(datetime.combine(today, time(), zone)).micros())
        past.enter(tx, read, QUARTER.name, digest, zone)
        tx.finish()
