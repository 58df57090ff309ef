"""Appointments as calendar programs read them (RFC 5545): a visitor's own file, and the feed of a person or room.

Every time is written in UTC. An appointment is one instant, not a habit: a local time with a zone cannot say the second 01:30 of the night the
clocks go back (RFC 5545 takes the first), and in UTC no program needs our idea of the zone's rules to be right on both clock changes. Each
program shows it in its own reader's time; the zone's name goes with a feed as a hint only.

An event's UID never changes and its SEQUENCE only rises, so a file taken again after a move or a cancellation replaces what the calendar holds
instead of standing beside it. A discreet service is never named: who looks over a shoulder, or shares a family's calendar, reads "Your
appointment". Nobody's name is ever in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from server.store.tables import Booking, Centre, Service
from wire.references import show_reference
from wire.vocabulary import BookingState
from words import Catalogue, isolate

if TYPE_CHECKING:
    from icalendar import Event

MAKER = "-//Foyer//Appointments//EN"
UID_DOMAIN = "appointments.foyer"
NO_ADDRESS = "invalid:nomail"
"""An organiser is demanded with a METHOD (RFC 5546), and a centre has no mailbox that should be answered: what Exchange writes for it."""


@dataclass(frozen=True)
class IcsEvent:
    """One appointment, all instants aware. `stamped_at`: when what is said here became so, not when somebody looked."""

    uid: str
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    cancelled: bool = False
    secret: bool = False
    """Others who may see the calendar are to see that the time is taken, and no more."""


def calendar_of(
    bookings: Sequence[IcsEvent],
    *,
    name: str,
    method: str | None,
    zone: str = "",
    refresh: timedelta | None = None,
) -> bytes:
    """The calendar as bytes, the same for the same events whenever it is asked for.

    `method`: `PUBLISH` or `CANCEL` for a visitor's file (a cancelled one must be CANCEL, or Outlook keeps it), None for a feed that replaces
    itself; `refresh` tells a feed's reader how often to look.
    """
    # Loaded when a calendar is asked for: it brings 90 modules, which the floor needs none of.
    from icalendar import Calendar, vDuration, vText

    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method is not None:
        calendar.add("method", method)
    calendar.add("x-wr-calname", vText(name))
    calendar.add("name", vText(name))
    if zone:
        calendar.add("x-wr-timezone", vText(zone))
    if refresh is not None:
        calendar.add("refresh-interval", refresh, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(refresh))
    for each in bookings:
        calendar.add_component(_event(each, name if method is not None else ""))
    return bytes(calendar.to_ical())


def event_of(
    booking: Booking, centre: Centre, service: Service, link: str, language: str, place: str = ""
) -> IcsEvent:
    """A visitor's own appointment in their language. `link`: the whole address of their page; `place`: where in the building, if known."""
    said = _catalogue()
    named = service.names.get(language) or service.names.get("en", "")
    if service.discreet or service.private or not named:
        summary = said.say(language, "calendar.appointment")
    else:
        summary = said.say(language, "calendar.appointment_for", service=named)
    reference = show_reference(booking.reference)
    if said.direction(language) == "rtl":
        reference = isolate(reference)
    lines = [
        said.say(language, "calendar.reference", reference=reference),
        said.say(language, "calendar.change", link=link) if link else "",
    ]
    cancelled = booking.state == BookingState.CANCELLED
    if cancelled:
        lines = [said.say(language, "calendar.cancelled")]
    return IcsEvent(
        uid=uid_of(booking),
        sequence=booking.sequence,
        stamped_at=stamped_at(booking),
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        summary=summary,
        description="\n".join(line for line in lines if line),
        location=", ".join(part for part in (place, centre.name, centre.address) if part),
        url=link,
        cancelled=cancelled,
        secret=service.discreet or service.private,
    )


def uid_of(booking: Booking) -> str:
    """The same for the life of the appointment, in the visitor's calendar and in staff's."""
    return f"{booking.id}@{UID_DOMAIN}"


def stamped_at(booking: Booking) -> datetime:
    """When the appointment became what it is now."""
    when = (
        booking.made_at,
        booking.booked_at,
        booking.changed_at,
        booking.cancelled_at,
        booking.arrived_at,
        booking.missed_at,
    )
    return max(at for at in when if at is not None)


def _event(said: IcsEvent, organiser: str) -> Event:
    from icalendar import Event, vCalAddress, vText, vUri  # see `calendar_of`

    event = Event()
    event.add("uid", said.uid)
    event.add("sequence", said.sequence)
    event.add("dtstamp", _utc(said.stamped_at))
    event.add("last-modified", _utc(said.stamped_at))
    event.add("dtstart", _utc(said.starts_at))
    event.add("dtend", _utc(said.ends_at))
    event.add("summary", said.summary)
    event.add("status", "CANCELLED" if said.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if said.cancelled else "OPAQUE")
    if said.secret:
        event.add("class", "PRIVATE")
    if said.description:
        event.add("description", said.description)
    if said.location:
        event.add("location", said.location)
    if said.url:
        event.add("url", vUri(said.url))
    if organiser:
        address = vCalAddress(NO_ADDRESS)
        address.params["CN"] = vText(organiser)
        event.add("organizer", address)
    return event


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


@cache
def _catalogue() -> Catalogue:
    return Catalogue()
