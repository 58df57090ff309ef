"""What a kiosk needs: what is offered, when, how long it takes, its own letter, whether help is coming; today's appointments, known by what
their references come to and naming nobody; and what staff want of it: papers to print, to stand closed, to test itself.
"""

from __future__ import annotations

from typing import Literal

from server.clock import from_micros
from server.domain import arriving
from server.domain.hours import Open
from server.domain.offers import Offer
from server.live.expected import Expected
from server.live.floor import DeviceNow, Floor, Printing
from server.live.views.centre import announcement_rows, centre_row, milliseconds
from server.live.views.forms import form_rows
from server.live.views.handing_in import hand_in_rows
from server.live.views.signposts import pc_rows, portal_rows
from server.live.waits import if_you_came_now
from server.store.tables import Service
from wire.frames import Row
from wire.rows import (
    BookingRow,
    ChoiceRow,
    DeviceRow,
    ExpectedRow,
    LifeRow,
    MovingRow,
    PrintRow,
    PrivateRow,
    ServiceRow,
)
from wire.vocabulary import Activity, PaperState


def service_row(floor: Floor, service: Service, choice: str) -> ServiceRow:
    assert service.id is not None
    timetable = floor.set_up.timetable_of(service.id)
    now = from_micros(floor.now)
    standing = timetable.standing(now)
    row = ServiceRow(
        kind="service",
        id=service.slug,
        names=service.names,
        help=service.help,
        icon=service.icon,
        order=service.position,
        choice=choice,
        open=isinstance(standing, Open),
        hours_today=timetable.local_times(timetable.local_date(now)),
        opens_at=None if isinstance(standing, Open) else milliseconds(standing.opens_at),
        closes_at=milliseconds(standing.closes_at) if isinstance(standing, Open) else None,
        waits=if_you_came_now(floor, service.id),
    )
    if service.synonyms:
        row["synonyms"] = list(service.synonyms)
    return row


def _device_row(floor: Floor, device: DeviceNow, on: str) -> DeviceRow:
    asked = next((each for each in floor.asked if each.kind == "help" and each.device == device.id), None)
    state: Literal["none", "asked", "coming"] = (
        "none" if asked is None else "coming" if asked.taken_by else "asked"
    )
    row = DeviceRow(
        kind="device",
        id=str(device.id),
        name=device.name,
        letter=device.letter or "",
        on=on,
        last_number=device.last_number,
        help=state,
    )
    if device.locked:
        row["locked"] = device.locked
    if device.test_job:
        row["test_job"] = device.test_job
    if device.layout.get("exit"):
        row["exit"] = True
    return row


def _print_row(wanted: Printing) -> PrintRow:
    """No service, discreet or not: a kiosk's own tickets do not tell it either (a paper lies on a bus seat for all to read),
    and if only the discreet ones lacked it, the lack would tell.
    """
    return PrintRow(
        kind="print",
        job=wanted.job,
        device=str(wanted.device),
        what="test" if wanted.ticket is None else "ticket",
        code=wanted.code or "",
        language=wanted.language or "",
        service_names=None,
        arrived_at=None if wanted.arrived_at is None else wanted.arrived_at // 1000,
        copy=wanted.paper in _HAD_ONE,
    )


_HAD_ONE = frozenset({PaperState.SENT, PaperState.CONFIRMED, PaperState.UNKNOWN})


_USUAL_OFFER = Offer()


def _booking_row(floor: Floor, offered: list[Service], on: str) -> BookingRow | None:
    """None where there are no appointments. Who says they have one goes to the service that is there for them; where a centre has none such, a
    reference that nobody knows stands in the line of its first.
    """
    if not floor.expected and not any(service.id in floor.set_up.offers for service in floor.set_up.offered):
        return None
    entry = next((each.slug for each in offered if each.activity == Activity.APPOINTMENT), "")
    otherwise = entry or next((each.slug for each in offered), "")
    return BookingRow(kind="booking", on=on, entry=entry, otherwise=otherwise) if otherwise else None


def _expected_row(floor: Floor, each: Expected) -> ExpectedRow:
    offer = floor.set_up.offers.get(each.service, _USUAL_OFFER)
    window = arriving.kept(each.starts_at, each.late_minutes, offer)
    return ExpectedRow(
        kind="expected",
        hash=each.hash,
        starts_at=each.starts_at // 1000,
        from_at=window.from_at // 1000,
        kept_until_at=window.until_at // 1000,
        where=_where(floor, each, offer),
    )


def _where(floor: Floor, each: Expected, offer: Offer) -> str:
    counters = floor.set_up.counters
    if floor.set_up.services[each.service].discreet or not (each.room or offer.rooms):
        return ""
    rooms = offer.rooms if each.room is None else (counters[each.room].slug,)
    return arriving.where_to_wait(
        floor.set_up.centre.extra, [counter.slug for counter in counters.values()], rooms
    )


def _house_rows(floor: Floor) -> dict[str, Row]:
    """Of the house itself: its life, and where it moves to."""
    seen: dict[str, Row] = {}
    if floor.life is not None and floor.set_up.centre.id is not None:
        life, keeping = floor.life, floor.life.keeping(floor.set_up.centre.id)
        until = None if life.known_until is None else life.known_until // 1000
        seen["life"] = dict(LifeRow(kind="life", id=life.id, known_until=until, keeping=keeping))
    if floor.moving_to:
        seen["moving"] = dict(MovingRow(kind="moving", server=floor.moving_to))
    return seen


def rows(floor: Floor, _subject: str) -> dict[str, Row]:
    centre = centre_row(floor)
    seen: dict[str, Row] = {"centre": dict(centre)}
    offered = [s for s in floor.set_up.offered if s.walk_in and not s.discreet and not s.private]
    for choice in floor.set_up.choices:
        within = [service for service in offered if service.choice_id == choice.id]
        if not within:
            continue
        for service in within:
            seen[f"service:{service.slug}"] = dict(service_row(floor, service, choice.slug))
        row = ChoiceRow(
            kind="choice",
            id=choice.slug,
            names=choice.names,
            icon=choice.icon,
            order=choice.position,
            services=[service.slug for service in within],
        )
        seen[f"choice:{choice.slug}"] = dict(row)
    private = floor.set_up.private
    if private is not None and private.id is not None:
        timetable = floor.set_up.timetable_of(private.id)
        is_open = isinstance(timetable.standing(from_micros(floor.now)), Open)
        row_private = PrivateRow(
            kind="private", service=private.slug, open=is_open, waits=if_you_came_now(floor, private.id)
        )
        seen["private"] = dict(row_private)
    booking = _booking_row(floor, offered, centre["on"])
    if booking is not None:
        seen["booking"] = dict(booking)
        for each in floor.expected:
            if each.hash:
                seen[f"expected:{each.hash}"] = dict(_expected_row(floor, each))
    for device in floor.devices:
        if device.letter is not None:
            seen[f"device:{device.id}"] = dict(_device_row(floor, device, centre["on"]))
    seen |= _house_rows(floor)
    for wanted in floor.printing:
        seen[f"print:{wanted.job}"] = dict(_print_row(wanted))
    return (
        seen
        | hand_in_rows(floor)
        | form_rows(floor)
        | portal_rows(floor)
        | pc_rows(floor)
        | announcement_rows(floor)
    )
