"""Hours as rows, and rows as the hours that the rules read.

A row's id keeps the order of the file, so what is exported stands as it was written.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session, col, delete

from server.domain import hours
from server.store.queries.hours import Owner, read_hours
from server.store.tables import Closure, Opening, SpecialHours

__all__ = ["read_hours", "replace_hours"]


def replace_hours(session: Session, centre_id: int, owner: Owner, told: hours.Hours) -> None:
    """Nothing points at a row of hours, so they are replaced whole."""
    for kind in (Opening, SpecialHours, Closure):
        session.exec(
            delete(kind).where(
                col(kind.centre_id) == centre_id,
                col(kind.service_id).is_(None) if owner is None else col(kind.service_id) == owner,
            )
        )
    for row in _rows(centre_id, owner, told):
        session.add(row)
        session.flush()  # one by one: their ids keep their order


def _rows(centre_id: int, owner: Owner, told: hours.Hours) -> Iterator[Opening | SpecialHours | Closure]:
    for usual in told.usual:
        yield Opening(
            centre_id=centre_id,
            service_id=owner,
            weekday=usual.weekday,
            opens=f"{usual.opens:%H:%M}",
            closes=f"{usual.closes:%H:%M}",
            from_on=usual.from_on,
            until_on=usual.until_on,
        )
    for special in told.special:
        yield SpecialHours(
            centre_id=centre_id,
            service_id=owner,
            held_on=special.held_on,
            opens=f"{special.opens:%H:%M}",
            closes=f"{special.closes:%H:%M}",
        )
    for closure in told.closures:
        yield Closure(
            centre_id=centre_id,
            service_id=owner,
            first_on=closure.first_on,
            last_on=closure.last_on,
            reason=dict(closure.reason),
        )
