"""What a lobby display shows: calls, waits, messages. Nothing of a discreet visit, and nobody's need."""

from __future__ import annotations

from server.clock import from_micros
from server.domain.hours import Open
from server.live.floor import RECENT_MICROS, Floor, OpenTicket
from server.live.views.centre import centre_row
from server.live.waits import if_you_came_now
from wire.frames import Row
from wire.rows import CallRow, LineRow, MessageRow


def call_row(floor: Floor, ticket: OpenTicket) -> CallRow:
    assert ticket.counter is not None
    assert ticket.called_at is not None
    counter = floor.set_up.counters[ticket.counter]
    return CallRow(
        kind="call",
        ticket=ticket.id,
        code=ticket.code,
        where=counter.name,
        where_key=counter.slug,
        language=ticket.language,
        called_at=ticket.called_at // 1000,
        first_called_at=(ticket.first_called_at or ticket.called_at) // 1000,
        times=ticket.calls,
        live=ticket.state == "called",
    )


def public_calls(floor: Floor) -> list[OpenTicket]:
    """Tickets called lately, of visits that may be shown, the latest call of each code only."""
    lately = [
        ticket
        for ticket in (*floor.at_counters, *floor.parked, *floor.recent)
        if not ticket.discreet
        and ticket.called_at is not None
        and ticket.counter is not None
        and (ticket.state == "called" or ticket.called_at > floor.now - RECENT_MICROS)
    ]
    latest: dict[str, OpenTicket] = {}
    for ticket in sorted(lately, key=lambda each: (each.called_at or 0, each.id)):
        latest[ticket.visit] = ticket
    return list(latest.values())


def rows(floor: Floor, _subject: str) -> dict[str, Row]:
    seen: dict[str, Row] = {"centre": dict(centre_row(floor))}
    for ticket in public_calls(floor):
        seen[f"call:{ticket.id}"] = dict(call_row(floor, ticket))
    now = from_micros(floor.now)
    for service in floor.set_up.offered:
        if service.discreet or service.private:
            continue
        assert service.id is not None
        line = LineRow(
            kind="line",
            service=service.slug,
            names=service.names,
            order=service.position,
            open=isinstance(floor.set_up.timetable_of(service.id).standing(now), Open),
            waiting=floor.waiting_count.get(service.id, 0),
            waits=if_you_came_now(floor, service.id),
        )
        seen[f"line:{service.slug}"] = dict(line)
    for message in floor.set_up.messages:
        seen[f"message:{message.slug}"] = dict(
            MessageRow(kind="message", order=message.position, text=message.text)
        )
    return seen
