"""What a lobby display shows: calls, waits, messages, announcements. Nothing of a discreet visit, and nobody's need.

One view serves all displays of a centre; how each is laid out is a row of its own, which leaves out and adds nothing.
"""

from __future__ import annotations

from server.clock import from_micros
from server.domain.hours import Open
from server.live.floor import RECENT_MICROS, DeviceNow, Floor, OpenTicket
from server.live.views.centre import announcement_rows, centre_row, message_rows, where_to
from server.live.waits import if_you_came_now
from wire.frames import Row
from wire.rows import CallRow, DisplayRow, LineRow
from wire.vocabulary import DeviceKind


def call_row(floor: Floor, ticket: OpenTicket) -> CallRow:
    assert ticket.counter is not None
    assert ticket.called_at is not None
    counter = floor.set_up.counters[ticket.counter]
    return CallRow(
        kind="call",
        ticket=ticket.id,
        code=ticket.code,
        where=where_to(counter),
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


def display_row(floor: Floor, device: DeviceNow) -> DisplayRow:
    """A display's layout. What it names that is there no more is left out, and a list that held nothing else means all again."""
    counters = {each.slug for each in floor.set_up.counters.values() if each.retired_at is None}
    services = {each.slug for each in floor.set_up.offered}
    return DisplayRow(
        kind="display",
        id=str(device.id),
        name=device.name,
        shows=list(device.layout.get("shows", ())),
        counters=[each for each in device.layout.get("counters", ()) if each in counters],
        services=[each for each in device.layout.get("services", ()) if each in services],
    )


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
    for device in floor.devices:
        if device.kind == DeviceKind.DISPLAY:
            seen[f"display:{device.id}"] = dict(display_row(floor, device))
    return seen | message_rows(floor) | announcement_rows(floor)
