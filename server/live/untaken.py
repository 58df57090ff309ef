"""Services whose appointments nobody can be given, because the people or rooms they need are not there: an offer that never has a time.

Whoever turns appointments on and forgets the rota would learn of it from visitors, who are shown every day as without times. So the pages of the
set-up say it until it is mended. Full or closed is another matter and no fault: here only what could never be is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from server.domain.bookables import why_not_taken
from server.domain.offers import Offer, read_offer
from server.store.queries import capacity
from server.store.sql import Sql
from server.store.tables import Service
from wire.vocabulary import BookableKind


@dataclass(frozen=True)
class Untaken:
    slug: str
    name: str
    say: str


def untaken(session: Session, centre_id: int, today: date) -> list[Untaken]:
    """The services with appointments that no person of the rota, or no room, may take from `today` on, in the centre's order."""
    here = select(Service).where(Service.centre_id == centre_id, col(Service.retired_at).is_(None))
    rows = session.exec(here.order_by(col(Service.position), col(Service.id))).all()
    offered = [(row, offer) for row in rows if (offer := read_offer(row.booking)) is not None]
    needing = [(row, offer) for row, offer in offered if offer.by_people or offer.rooms]
    if not needing:
        return []
    sql = Sql(session.connection())
    try:
        people = capacity.somebodies(sql, centre_id)
        rota = capacity.rota_of(sql, centre_id)
    finally:
        sql.close()
    there = {
        number
        for number, usual in rota.items()
        if any(each.until_on is None or each.until_on >= today for each in usual)
    }
    found = []
    for row, offer in needing:
        name = row.names.get("en", row.slug)
        discreet = row.discreet or row.private
        taking = [
            each for each in people.values() if not why_not_taken(row.slug, discreet, name, offer, each)
        ]
        person = any(each.kind == BookableKind.PERSON and each.id in there for each in taking)
        room = any(
            each.kind == BookableKind.ROOM and (each.id in there or each.id not in rota) for each in taking
        )
        if say := _missing(offer, person=person, room=room):
            found.append(Untaken(row.slug, name, say))
    return found


def _missing(offer: Offer, *, person: bool, room: bool) -> str:
    if offer.by_people and not person:
        return "Nobody who may serve it has times on the rota."
    if offer.rooms and not room:
        return "None of the rooms it takes can be booked."
    return ""
