"""Hours as rows, and rows as the hours that the rules read.

A row's id keeps the order of the file, so what is exported stands as it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time

from sqlmodel import Session, col, delete, select

from server.domain import hours
from server.store.tables import Closure, Opening, SpecialHours

Owner = int | None
"""A service's id, or None for the centre itself."""


def read_hours(session: Session, centre_id: int) -> Mapping[Owner, hours.Hours]:
    """The hours of a centre and of those services that have any of their own."""
    usual: dict[Owner, list[hours.Usual]] = {}
    special: dict[Owner, list[hours.Special]] = {}
    closures: dict[Owner, list[hours.Closure]] = {}
    for opening in session.exec(
        select(Opening).where(Opening.centre_id == centre_id).order_by(col(Opening.id))
    ):
        usual.setdefault(opening.service_id, []).append(
            hours.Usual(
                opening.weekday,
                time.fromisoformat(opening.opens),
                time.fromisoformat(opening.closes),
                opening.from_on,
                opening.until_on,
            )
        )
    for row in session.exec(
        select(SpecialHours).where(SpecialHours.centre_id == centre_id).order_by(col(SpecialHours.id))
    ):
        special.setdefault(row.service_id, []).append(
            hours.Special(row.held_on, time.fromisoformat(row.opens), time.fromisoformat(row.closes))
        )
    for closure in session.exec(
        select(Closure).where(Closure.centre_id == centre_id).order_by(col(Closure.id))
    ):
        closures.setdefault(closure.service_id, []).append(
            hours.Closure(closure.first_on, closure.last_on, dict(closure.reason))
        )
    return {
        owner: hours.Hours(
            tuple(usual.get(owner, ())), tuple(special.get(owner, ())), tuple(closures.get(owner, ()))
        )
        for owner in usual.keys() | special.keys() | closures.keys()
    }


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
