"""From what the journey orders to what the journal writes, and back: plain translations."""

from __future__ import annotations

from datetime import date

from kiosk.flow import events as e
from kiosk.flow.effects import TakeTicket
from kiosk.flow.model import Model
from kiosk.journal import DiskError, Given, Order


def order_of(effect: TakeTicket, model: Model) -> Order:
    """Raises `DiskError` when the kiosk has no letter or centre: the flow does not order then, unless both
    just went.
    """
    device, centre = model.offer.device, model.offer.centre
    if device is None or centre is None:
        raise DiskError("the server has just taken this kiosk's letter or centre away")
    try:
        known = (date.fromisoformat(device.on), device.last_number)
    except ValueError:
        known = None
    return Order(
        *(device.letter, centre.timezone, effect.service, effect.language, effect.discreet, known),
        *(effect.reference, effect.arrival, effect.appointment),
    )


def follow_url(secret: str, model: Model) -> str:
    """What the QR holds; empty when the centre has no phone page or the secret is gone."""
    base = model.offer.centre.public_url.rstrip("/") if model.offer.centre else ""
    return f"{base}/t/{secret}" if base and secret else ""


def taken_event(effect: TakeTicket, given: Given, model: Model) -> e.Taken:
    return e.Taken(
        order=effect.order,
        ticket=given.ticket,
        code=given.code,
        language=given.language,
        taken_at=given.taken_at,
        follow_url=follow_url(given.secret, model),
        waits=effect.waits,
        appointment=effect.appointment,
    )


def in_doubt_event(given: Given, model: Model) -> e.PaperInDoubt:
    return e.PaperInDoubt(
        ticket=given.ticket,
        code=given.code,
        language=given.language,
        taken_at=given.taken_at,
        follow_url=follow_url(given.secret, model),
        paper=given.paper,
        copies=given.copies,
        appointment=given.appointment,
    )
