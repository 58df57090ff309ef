"""What strangers may book: every service of this house that takes appointments and says so in public, at each centre that has it.

The same service at two centres has the same slug, so it is asked for once and then where. A discreet one is listed only if its centre chose to
make it public; it is named while it is chosen and nowhere after (`OfferedAt.named`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from server.domain import retention
from server.domain.offers import Offer, read_offer
from server.live.centre_contact import contact_of
from server.store.tables import Booking, Centre, Choice, KeepingRule, Service
from server.web.public.drawing import Place
from server.web.public.voice import Voice


@dataclass(frozen=True)
class OfferedAt:
    """One service at one centre, with what it offers."""

    centre: Centre
    service: Service
    offer: Offer
    choice: Choice | None = None
    kept_days: int | None = None
    """So long after it what its visitor tells is kept (`kept_days`)."""

    @property
    def centre_id(self) -> int:
        assert self.centre.id is not None, "it was read from the database"
        return self.centre.id

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.centre.timezone)

    @property
    def private(self) -> bool:
        return self.service.discreet or self.service.private

    def named(self, voice: Voice) -> str:
        """What it is called on a page others may see; a discreet one's name is nobody's business."""
        return voice.word("calendar.appointment") if self.private else voice.of(self.service.names)

    def place(self, voice: Voice) -> Place:
        return Place(self.centre.name, contact_of(self.centre, voice.language), self.kept_days)


def kept_days(session: Session) -> int:
    """For how long whom an appointment was for is kept after it, as an administrator set it, or by default: pages that ask say so."""
    rule = session.exec(select(KeepingRule).where(KeepingRule.name == retention.Name.CONTACTS)).first()
    return retention.days_of(retention.Name.CONTACTS, {rule.name: rule.days} if rule else {})


def public_services(session: Session) -> tuple[OfferedAt, ...]:
    """All of them, in the order the centres list them."""
    kept = kept_days(session)
    found = session.exec(
        select(Service, Centre, Choice)
        .join(Centre, col(Service.centre_id) == col(Centre.id))
        .outerjoin(Choice, col(Service.choice_id) == col(Choice.id))
        .where(col(Service.retired_at).is_(None))
        .order_by(col(Centre.id), col(Choice.position), col(Service.position), col(Service.id))
    ).all()
    offered = (
        OfferedAt(centre, service, offer, choice, kept)
        for service, centre, choice in found
        if (offer := read_offer(service.booking)) is not None and offer.public
    )
    return tuple(offered)


def offered_for(session: Session, booking: Booking) -> OfferedAt | None:
    """What a booking is for, also when it is no longer offered to strangers."""
    service, centre = session.get(Service, booking.service_id), session.get(Centre, booking.centre_id)
    if service is None or centre is None:
        return None
    return OfferedAt(centre, service, read_offer(service.booking) or Offer(), kept_days=kept_days(session))


def one_each(offered: Iterable[OfferedAt]) -> list[OfferedAt]:
    """The first of each service, whichever centre has it."""
    return list({each.service.slug: each for each in reversed(list(offered))}.values())[::-1]


def searched(offered: Sequence[OfferedAt], words: str, voice: Voice) -> list[OfferedAt]:
    """Those that every word typed leads to, by name, help or other words for it, in the visitor's language or English; all for no words."""
    wanted = _plain(words).split()
    return [each for each in offered if all(word in _found_by(each, voice) for word in wanted)]


def _found_by(each: OfferedAt, voice: Voice) -> str:
    service = each.service
    texts = (service.names, service.help, each.choice.names if each.choice else {})
    said = [texts_of.get(language, "") for texts_of in texts for language in (voice.language, "en")]
    return _plain(" ".join([*said, *service.synonyms]))


def _plain(text: str) -> str:
    """Small letters without accents and signs, so that `zasilek` finds `zasiłek`."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    marks = "".join(sign for sign in folded if not "\u0300" <= sign <= "\u036f")
    return re.sub(r"[^\w\u0900-\u0d7f]+", " ", marks)
