"""Rows of hours as the hours that the rules read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

from sqlmodel import Session, col, select

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
