"""What several actions on appointments ask of one: where it is, what its service offers, when it is in words, whose it is to run."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from server.domain.offers import Offer, read_offer
from server.domain.refusals import Refused
from server.store.queries import people
from server.store.tables import Booking, Centre, Service
from server.store.tx import Tx
from wire.vocabulary import RefusalCode, Role, SkillKind


def booking_here(tx: Tx, booking: str) -> Booking:
    """Refused where this centre has none of this id."""
    found = tx.session().get(Booking, booking)
    if found is None or found.centre_id != tx.actor.centre:
        raise Refused(RefusalCode.UNKNOWN, "There is no such appointment at this centre.")
    return found


def offer_of(tx: Tx, booking: Booking) -> Offer:
    """What its service offers; the usual where it has no appointments any more, for those made before."""
    return read_offer(tx.session().get_one(Service, booking.service_id).booking) or Offer()


def when(booking: Booking, centre: Centre, *, day: bool = True) -> str:
    """`Thursday 3 December at 10:20`, or without `day` `10:20`, by the centre's clock."""
    local = booking.starts_at.astimezone(ZoneInfo(centre.timezone))
    return f"{local:%A} {local.day} {local:%B} at {local:%H:%M}" if day else f"{local:%H:%M}"


def refuse_if_not_theirs(tx: Tx, booking: Booking) -> None:
    """Partners run the appointments of their own surgeries and learn of no others: refused as if there were none."""
    actor = tx.actor
    if actor.kind != "staff" or actor.roles - {Role.PARTNER, Role.DISCREET, Role.PAPERS}:
        return
    slug = tx.session().get_one(Service, booking.service_id).slug
    if (SkillKind.SERVICE.value, slug) not in people.skills_of(tx.sql, actor.id, actor.centre):
        raise Refused(RefusalCode.UNKNOWN, "There is no such appointment at this centre.")
