"""Whether the centre and a service are open just now, also when nobody has told the kiosk for days.

While the feed is live its `open` is the truth. Without it the kiosk works hours out from what the rows said
last:

1. An `opens_at` that was told and lies ahead means closed until then; once it has come, open from then on
   that day.
2. On the day the rows were made for, today's spans say it.
3. On any later day the same daily spans are taken again. That may be wrong (a Wednesday kept like the
   Tuesday before it), but mark which way it errs: whoever touches this screen stands inside the centre, so
   the doors are open; turning that visitor away because the server has been silent harms, while a ticket
   given on a day without service is only a paper that staff see.
4. A service without spans on that day, though others had some, keeps days of its own (advice on Fridays):
   it opens on the weekday it was told to open on, from that time until the last of the others closes.
5. If nothing had spans that day (the rows were made on a closed day), each opens daily from the time of day
   it was told, until midnight: for the same reason as in 3.

Staff see from the health report that the link is down.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk.flow.offer import Centre, Choice, Service
from kiosk.flow.shown import Tile

if TYPE_CHECKING:
    from kiosk.flow.model import Model


def local(model: Model, at: int | None = None) -> datetime:
    """An instant (now, unless given) as the centre's local time."""
    zone = ZoneInfo(model.offer.centre.timezone) if model.offer.centre else UTC
    try:
        return datetime.fromtimestamp((model.now if at is None else at) / 1000, zone)
    except (OverflowError, ValueError, OSError):  # a calendar beyond the year 9999
        return datetime(1970, 1, 1, tzinfo=zone)


def centre_open(model: Model) -> bool:
    centre = model.offer.centre
    if centre is None:
        return False
    if model.offer_live:
        return centre.open
    if _ahead(model, centre.opens_at):
        return False
    if centre.open and centre.closes_at is not None and _same_day(model, centre):
        return model.now < centre.closes_at
    return any(service_open(model, service) for service in model.offer.services)


def centre_opens(model: Model) -> datetime | None:
    """When the centre next opens, in its local time; None when that is not known."""
    centre = model.offer.centre
    if centre is None:
        return None
    told = local(model, centre.opens_at) if _ahead(model, centre.opens_at) else None
    if told or model.offer_live:
        return told
    coming = [opens for service in model.offer.services if (opens := service_opens(model, service))]
    return min(coming, default=None)


def service_open(model: Model, service: Service) -> bool:
    centre = model.offer.centre
    if centre is None:
        return False
    if model.offer_live:
        return service.open
    if _ahead(model, centre.opens_at) or _ahead(model, service.opens_at):
        return False
    here = local(model)
    if service.opens_at is not None and not service.hours_today:
        return _opens_by_itself(model, service.opens_at, here)
    return any(start <= here.time() < end for start, end in _spans(service))


def _opens_by_itself(model: Model, opens_at: int, here: datetime) -> bool:
    """Rules 4 and 5, for a service whose `opens_at` has come."""
    told = local(model, opens_at)
    ends = [end for service in model.offer.services for _, end in _spans(service)]
    if here.time() < told.time():
        return False
    return not ends or (here.weekday() == told.weekday() and here.time() < max(ends))


def service_opens(model: Model, service: Service) -> datetime | None:
    """When a closed service next opens, in local time; later today by its spans, or as told."""
    if _ahead(model, service.opens_at):
        return local(model, service.opens_at)
    if model.offer_live:
        return None
    here = local(model)
    later = [start for start, _ in _spans(service) if start > here.time()]
    return datetime.combine(here.date(), min(later), here.tzinfo) if later else None


def service_tile(model: Model, service: Service) -> Tile:
    """The way to check-in is open with the centre: an appointment may lie outside the hours for walking in, and its wait is its own."""
    entry = model.offer.booking is not None and model.offer.booking.entry == service.id
    is_open = centre_open(model) if entry else service_open(model, service)
    return Tile(
        id=service.id,
        names=service.names,
        help=service.help,
        icon=service.icon,
        open=is_open,
        opens=None if is_open else service_opens(model, service),
        hours=service.hours_today,
        waits=service.waits if is_open and model.offer_live and not entry else None,
    )


def choice_tile(model: Model, choice: Choice, services: tuple[Service, ...]) -> Tile:
    """Open when any of its services is; otherwise it opens with the first of them. One service: shown as
    that service.
    """
    tiles = [service_tile(model, service) for service in services]
    only = tiles[0] if len(tiles) == 1 else None
    is_open = any(tile.open for tile in tiles)
    return Tile(
        id=choice.id,
        names=choice.names,
        help=only.help if only else {},
        icon=choice.icon,
        open=is_open,
        opens=None if is_open else min((tile.opens for tile in tiles if tile.opens), default=None),
        hours=only.hours if only else (),
        waits=only.waits if only else None,
    )


def _ahead(model: Model, at: int | None) -> bool:
    return at is not None and at > model.now


def _same_day(model: Model, centre: Centre) -> bool:
    try:
        return date.fromisoformat(centre.on) == local(model).date()
    except ValueError:
        return False


def _spans(service: Service) -> list[tuple[time, time]]:
    """Today's spans; one that cannot be read is left out. An end of 24:00 or 00:00 is the end of the day."""
    spans = []
    for start, end in service.hours_today:
        try:
            closing = time.max if end in ("24:00", "00:00") else time.fromisoformat(end)
            spans.append((time.fromisoformat(start), closing))
        except ValueError:
            continue
    return spans
