"""Somebody with an appointment is here: a kiosk hands over the ticket it gave them, staff check them in, an adviser calls them.

A check-in is a visit and a ticket like any other, whose place is worked out from the booked time (`server.domain.arriving`). The kiosk has given the
paper out already, so whatever their reference turns out to be they have a place, as with `issuing`; what is not as it should be is told to
staff. One appointment arrives once: a second paper for it, from a kiosk that had no line, joins the visit that is here, or stands for nobody if
they were seen to meanwhile. What a visitor wrote when they booked stays with the booking and is read from there (`server.live.console`), so
that it is erased in one place.
"""

from __future__ import annotations

import json
import secrets
from datetime import date
from typing import Any, NamedTuple

from sqlmodel import select

from server.actions import booking_events, goes_with, merging, queue
from server.actions.bookings_of import booking_here, offer_of, refuse_if_not_theirs, when
from server.actions.issuing import local_date
from server.actions.welcome import next_code
from server.clock import from_micros, to_micros
from server.domain import arriving
from server.domain import tickets as rules
from server.domain.arriving import Came, Place, SecondPaper
from server.domain.offers import Offer
from server.domain.refusals import Refused
from server.store.queries import tickets
from server.store.queries.tickets import IssuingPlace
from server.store.sql import Statement
from server.store.tables import Booking, Centre, Service
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import (
    BookingEvent,
    BookingState,
    Channel,
    Language,
    Need,
    PaperState,
    RefusalCode,
    TicketAction,
    TicketClass,
    TicketState,
    new_id,
)

Result = dict[str, Any]

_ADD_VISIT = Statement(
    """INSERT INTO visit (id, centre_id, arrived_on, code, language, needs, discreet, channel, device_id, follow_hash, arrived_at, people)
    VALUES (:id, :centre, :arrived_on, :code, :language, :needs, :discreet, :channel, :device, :follow_hash, :arrived_at, :people)
    ON CONFLICT DO NOTHING"""
)
_ADD_NOTE = Statement(
    "INSERT INTO note (visit_id, ticket_id, staff_id, at, text) VALUES (:visit, :ticket, NULL, :at, :text)"
)
_ADD_ATTENTION = Statement(
    """INSERT INTO attention (id, centre_id, kind, device_id, ticket_id, at, detail)
    VALUES (:id, :centre, 'set_aside', :device, :ticket, :at, :detail)"""
)
_TOLD = frozenset({Came.UNKNOWN, Came.OTHER_DAY, Came.OTHER_CENTRE, Came.CANCELLED})
"""So come, somebody should go to them: they may have a reason to be here, and wait in a line that is not theirs."""


class _Entry(NamedTuple):
    """A visit with its ticket, about to be entered."""

    visit: str
    ticket: str
    code: str
    service: int
    place: Place
    arrived: int
    arrived_on: str
    language: str
    discreet: bool
    channel: Channel
    follow_hash: str
    paper: PaperState
    booking: Booking | None
    """Whose words (needs, how many) are the visitor's own."""
    for_booking: bool
    """Whether the ticket is the appointment's."""


def _enter(tx: Tx, entry: _Entry) -> None:
    device = tx.actor.id if tx.actor.kind == "device" else None
    visit = {
        "id": entry.visit,
        "centre": tx.actor.centre,
        "arrived_on": entry.arrived_on,
        "code": entry.code,
        "language": entry.language,
        "needs": json.dumps(_needs(entry.booking)),
        "discreet": entry.discreet,
        "channel": entry.channel.value,
        "device": device,
        "follow_hash": entry.follow_hash,
        "arrived_at": entry.arrived,
        "people": entry.booking.people if entry.booking is not None else 1,
    }
    if tx.sql.run(_ADD_VISIT, visit) != 1:
        if tickets.visit_exists(tx.sql, entry.visit):
            raise Refused(RefusalCode.ID_REUSED, "This visitor is already entered.")
        raise Refused(
            RefusalCode.CODE_TAKEN,
            f"The code {entry.code} was already given today. See to the visitor by hand.",
        )
    ticket = {
        "id": entry.ticket,
        "visit": entry.visit,
        "centre": tx.actor.centre,
        "service": entry.service,
        "ticket_class": entry.place.ticket_class.value,
        "arrived_at": entry.arrived,
        "counts_from": entry.place.counts_from,
        "paper": entry.paper.value,
        "added_by": tx.actor.id if tx.actor.kind == "staff" else None,
        "booking": entry.booking.id if entry.for_booking and entry.booking is not None else None,
    }
    if not tickets.add_ticket(tx.sql, ticket):
        raise Refused(RefusalCode.ID_REUSED, "This ticket is already entered.")
    goes_with.ticket_came(tx, entry.ticket, entry.visit)
    tx.touch(tx.actor.centre)


def _needs(booking: Booking | None) -> list[str]:
    """What they told, and that they asked for an interpreter: whoever serves must know, whether one comes or not."""
    if booking is None:
        return []
    wanted = booking.interpreter
    asked = (
        []
        if wanted is None
        else [(Need.SIGN_LANGUAGE if wanted == "sign_language" else Need.INTERPRETER).value]
    )
    return [*booking.needs, *(need for need in asked if need not in booking.needs)]


def _arrived(tx: Tx, booking: Booking, ticket: str, at: int) -> None:
    booking.state = BookingState.ARRIVED
    booking.arrived_at = from_micros(at)
    booking.missed_at = None
    booking.ticket_id = ticket
    tx.session().flush()
    goes_with.visitor_came(tx, booking.id, ticket)
    booking_events.happened(tx, BookingEvent.ARRIVED, booking)


# At a kiosk ---------------------------------------------------------------------------------------------------------


def check_in(tx: Tx, ask: asks.CheckIn) -> Result:
    """Enter who holds a kiosk's paper: `{"came", "code", "ticket"}`; `code` is the earlier one where two papers are one visitor."""
    session = tx.session()
    centre = session.get_one(Centre, tx.actor.centre)
    at = tx.now - ask.age_ms * 1000
    on = local_date(at, centre.timezone)
    booking = session.exec(select(Booking).where(Booking.reference == ask.reference)).first()
    came = _how(tx, booking, on, at)
    service, standing = _line(tx, booking, came, ask)
    if standing.letter != ask.code[0]:
        raise Refused(
            RefusalCode.CODE_TAKEN,
            f"The code {ask.code} does not belong to this kiosk. See to the visitor by hand.",
        )
    if booking is not None and booking.centre_id != tx.actor.centre:
        booking = None  # nothing of another centre's visitor is entered here
    starts_at = to_micros(booking.starts_at) if booking is not None else at
    _enter(
        tx,
        _Entry(
            visit=ask.visit,
            ticket=ask.ticket,
            code=ask.code,
            service=standing.service,
            place=arriving.place(came, starts_at, at, TicketClass(standing.ticket_class)),
            arrived=at,
            arrived_on=on,
            language=_language(ask.language, booking),
            discreet=bool(standing.discreet) or (service is not None and service.discreet),
            channel=Channel.KIOSK,
            follow_hash=ask.follow_hash,
            paper=ask.paper,
            booking=booking,
            for_booking=came in arriving.IS_EXPECTED,
        ),
    )
    gone = at < tx.now - rules.NIGHT and on != local_date(tx.now, centre.timezone)
    code = _follow_up(tx, ask, booking, came, at, gone=gone)
    if gone and (left := tickets.ticket(tx.sql, tx.actor.centre, ask.ticket)) and left.ended_at is None:
        queue.end_gone_home(tx, ask.ticket)
    return {"came": came.value, "code": code, "ticket": ask.ticket}


def _how(tx: Tx, booking: Booking | None, on: str, at: int) -> Came:
    if booking is None:
        return arriving.judge(None, Offer(), tx.actor.centre, date.fromisoformat(on), at)
    there = tx.session().get_one(Centre, booking.centre_id)
    facts = arriving.Appointment(
        booking.centre_id,
        BookingState(booking.state),
        date.fromisoformat(local_date(to_micros(booking.starts_at), there.timezone)),
        to_micros(booking.starts_at),
        booking.late_minutes,
    )
    return arriving.judge(facts, offer_of(tx, booking), tx.actor.centre, date.fromisoformat(on), at)


def _line(
    tx: Tx, booking: Booking | None, came: Came, ask: asks.CheckIn
) -> tuple[Service | None, IssuingPlace]:
    """In whose line they stand: of what they came for where that is known and offered here today, otherwise of the one the kiosk named."""
    service = tx.session().get_one(Service, _about(tx, booking, came)) if booking is not None else None
    own = came in arriving.IS_EXPECTED or came in (Came.ARRIVED, Came.CANCELLED)
    slug = ask.otherwise
    if service is not None and service.centre_id == tx.actor.centre and own:
        slug = service.slug
        if came is Came.CANCELLED and (service.retired_at is not None or not service.walk_in):
            slug = ask.otherwise
    place = tickets.issuing_place(tx.sql, tx.actor.centre, tx.actor.id, slug)
    if place is None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such service. See to the visitor by hand.")
    return service, place


def _about(tx: Tx, booking: Booking, came: Came) -> int:
    """The service of the appointment; of one that arrived, that which its ticket was passed on to: its visitor is to wait for nothing twice."""
    first = tickets.ticket(tx.sql, tx.actor.centre, booking.ticket_id or "") if came is Came.ARRIVED else None
    return first.service if first is not None and first.ended_at is None else booking.service_id


def _language(chosen: Language, booking: Booking | None) -> str:
    """What they chose at the kiosk; English is what it begins with, and then what they booked in is the better guess."""
    if booking is None or chosen is not Language.EN:
        return chosen.value
    return booking.language


def _follow_up(tx: Tx, ask: asks.CheckIn, booking: Booking | None, came: Came, at: int, *, gone: bool) -> str:
    """What follows for the booking and for staff; the code the visitor is called by."""
    if booking is not None and came is Came.ARRIVED:
        return _second_paper(tx, ask, booking, at)
    if booking is not None and came in arriving.IS_EXPECTED:
        _arrived(tx, booking, ask.ticket, at)
    remark = arriving.FOR_STAFF.get(came)
    if remark is not None:
        values = {"visit": ask.visit, "ticket": ask.ticket, "at": tx.now, "text": remark}
        tx.sql.run(_ADD_NOTE, values)
    if came in _TOLD and not gone:
        _tell_staff(tx, ask, came.value)
    return ask.code


def _second_paper(tx: Tx, ask: asks.CheckIn, booking: Booking, at: int) -> str:
    first = tickets.ticket(tx.sql, tx.actor.centre, booking.ticket_id or "")
    if first is None:
        return ask.code
    match arriving.second_paper(first.ended_at, at):
        case SecondPaper.JOINS:
            merging.merge(tx, asks.Merge(ticket=ask.ticket, into=first.id))
            _tell_staff(tx, ask, "second_paper", into=first.code)
            return first.code
        case SecondPaper.VOID:
            found = queue.load(tx, ask.ticket)
            queue.advance(tx, found, TicketAction.WITHDRAW, {"counted": False}, None)
            return first.code
        case SecondPaper.ANEW:
            remark = arriving.FOR_STAFF[Came.ARRIVED]
            values = {"visit": ask.visit, "ticket": ask.ticket, "at": tx.now, "text": remark}
            tx.sql.run(_ADD_NOTE, values)
            return ask.code


def _tell_staff(tx: Tx, ask: asks.CheckIn, why: str, **detail: str) -> None:
    """Somebody should go to them. The words are made where they are shown (`server.live.concerns`); no name is here, nor a time."""
    values = {
        "id": new_id(),
        "centre": tx.actor.centre,
        "device": tx.actor.id,
        "ticket": ask.ticket,
        "at": tx.now,
        "detail": json.dumps({"code": ask.code, "check_in": why, **detail}),
    }
    tx.sql.run(_ADD_ATTENTION, values)


# By staff -----------------------------------------------------------------------------------------------------------


def arrive_booking(tx: Tx, ask: asks.ArriveBooking) -> Result:
    """Check a visitor in by hand: `{"ticket", "visit", "code", "came"}`. However early or late they are, staff stand before them; another day is
    another day's."""
    session = tx.session()
    booking = booking_here(tx, ask.booking)
    refuse_if_not_theirs(tx, booking)
    centre = session.get_one(Centre, tx.actor.centre)
    if centre.evacuated_at is not None:
        raise Refused(
            RefusalCode.CLOSED, "Everyone is leaving the building. Wait until it is over, then check them in."
        )
    on = local_date(tx.now, centre.timezone)
    came = _how(tx, booking, on, tx.now)
    if came not in arriving.IS_EXPECTED:
        raise Refused(RefusalCode.WRONG_STATE, _why_not(tx, booking, came, centre))
    service = session.get_one(Service, booking.service_id)
    code = next_code(tx, centre, on)
    usual = TicketClass(service.ticket_class)
    _enter(
        tx,
        _Entry(
            visit=ask.visit,
            ticket=ask.ticket,
            code=code,
            service=booking.service_id,
            place=arriving.place(came, to_micros(booking.starts_at), tx.now, usual),
            arrived=tx.now,
            arrived_on=on,
            language=booking.language,
            discreet=service.discreet,
            channel=Channel.GREETER,
            follow_hash=secrets.token_hex(32),  # of no secret: nobody's, until a QR is shown
            paper=PaperState.RESERVED,
            booking=booking,
            for_booking=True,
        ),
    )
    _arrived(tx, booking, ask.ticket, tx.now)
    tx.audit("checked in", code, ticket=ask.ticket, came=came.value)
    return {"ticket": ask.ticket, "visit": ask.visit, "code": code, "came": came.value}


def _why_not(tx: Tx, booking: Booking, came: Came, centre: Centre) -> str:
    if came is Came.ARRIVED:
        there = tickets.ticket(tx.sql, tx.actor.centre, booking.ticket_id or "")
        return f"They are checked in already{f', as {there.code}' if there else ''}."
    if came is Came.OTHER_DAY:
        return f"This appointment is on {when(booking, centre)}. Move it to today, or give them a walk-in ticket."
    if came is Came.CANCELLED:
        return "This appointment was cancelled. Book them a new one, or give them a walk-in ticket."
    return "This appointment was never confirmed. Book it anew, or give them a walk-in ticket."


def serve_booking(tx: Tx, ask: asks.ServeBooking) -> Result:
    """Call a checked-in visitor to one's counter now, before others who wait: `{"ticket", "code", "why", "discreet"}`."""
    sits = queue.free_seat(tx)
    booking = booking_here(tx, ask.booking)
    found = tickets.ticket(tx.sql, tx.actor.centre, booking.ticket_id or "")
    if booking.state != BookingState.ARRIVED or found is None:
        raise Refused(
            RefusalCode.WRONG_STATE, "They are not checked in. Check them in first, then call them."
        )
    if found.state != TicketState.WAITING:
        now = rules.STATE_IN_WORDS[TicketState(found.state)]
        raise Refused(RefusalCode.WRONG_STATE, f"{found.code} {now}, so they cannot be called now.")
    if found.service not in sits.services and found.for_counter != sits.counter:
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            f"{sits.counter_name} does not serve what {found.code} came for. Choose it when you sit down, or ask a colleague.",
        )
    centre = tx.session().get_one(Centre, tx.actor.centre)
    queue.summon_out_of_turn(tx, found, sits)
    tx.audit("called for an appointment", found.code, ticket=found.id)
    why = f"Has an appointment at {when(booking, centre, day=False)}, and was called before others."
    return {"ticket": found.id, "code": found.code, "why": why, "discreet": bool(found.discreet)}
