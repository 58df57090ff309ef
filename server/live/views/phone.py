"""What a visitor's phone shows: their own place, and where to go. `subject` is the visit; when it has ended there is no `place` row."""

from __future__ import annotations

from server.live.floor import Floor, OpenTicket
from server.live.views.centre import announcement_rows, centre_row, message_rows, where_to
from server.live.waits import ahead_of, wait_of
from wire.frames import Row
from wire.rows import PlaceRow
from wire.vocabulary import TicketClass


def _latest(floor: Floor, visit: str) -> OpenTicket | None:
    """The open ticket of a visit that matters most now: called before served before waiting before parked."""
    own = [each for each in (*floor.at_counters, *floor.waiting, *floor.parked) if each.visit == visit]
    rank = {"called": 0, "serving": 1, "waiting": 2, "parked": 3}
    return min(own, key=lambda each: rank[each.state], default=None)


def rows(floor: Floor, subject: str) -> dict[str, Row]:
    seen: dict[str, Row] = {
        "centre": dict(centre_row(floor)),
        **message_rows(floor),
        **announcement_rows(floor),
    }
    ticket = _latest(floor, subject)
    if ticket is None:
        return seen
    called = ticket.state == "called"
    counter = floor.set_up.counters.get(ticket.counter) if ticket.counter is not None else None
    service = floor.set_up.services.get(ticket.service)
    place = PlaceRow(
        kind="place",
        code=ticket.code,
        state=ticket.state,
        language=ticket.language,
        service_names=None if ticket.discreet or service is None or service.discreet else service.names,
        ahead=ahead_of(floor, ticket.id) if ticket.state == "waiting" else None,
        waits=wait_of(floor, ticket.id),
        where=where_to(counter) if counter is not None and not ticket.discreet else None,
        staff_will_come=ticket.discreet and called,
        called_at=ticket.called_at // 1000 if called and ticket.called_at else None,
        times=ticket.calls,
    )
    if ticket.booked_at is not None and ticket.ticket_class is TicketClass.BOOKED:
        place["booked_at"] = ticket.booked_at // 1000
    seen["place"] = dict(place)
    return seen
