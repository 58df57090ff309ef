"""Appointments as staff see them: who comes when, to whom and where; what is free, blocked and closed.

Who looks decides what is in it. Staff of the floor see every appointment of the centre. A partner sees those of the services they have the
skill for; of what else takes a room or a person they share, only that its time is taken. An appointment for a service that is discreet
is private to everybody: its time is shown and nothing that tells, until somebody with the right looks at that one (each look is written down
by `server.actions.diary_looks`) and it is named in `revealed`. All this is taken out here, so no template can show by mistake what is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, text
from sqlmodel import Session, col, select

from server.clock import from_micros, to_micros
from server.domain.access import Actor
from server.domain.hours import Hours, Timetable, Usual, midnight
from server.domain.offers import read_offer
from server.live.diary_shapes import (
    PRIVATE_APPOINTMENT,
    TAKEN,
    BlockNow,
    BookableNow,
    BookingNow,
    DayNow,
    DiaryNow,
    ServiceInDiary,
    TicketOf,
)
from server.live.floor import SetUp, load_set_up
from server.store.tables import Block, Bookable, Booking, Counter, Rota, Service, StaffSkill, Ticket, Visit
from wire.vocabulary import BookableKind, BookingState, Role, SkillKind

FLOOR_ROLES = frozenset({Role.ADVISER, Role.GREETER, Role.MANAGER})
LONGEST = timedelta(days=1)
"""No appointment takes longer; so those of a day are found by a short walk along an index."""
_TIMED = text("booking.state <> 'cancelled'")
_NAMED = text("booking.erased_at IS NULL")


@dataclass(frozen=True)
class Viewer:
    """Who looks. `services` are the ids of those whose appointments they may see; None: all."""

    staff: int
    centre: int
    roles: frozenset[Role]
    services: frozenset[int] | None = None

    def sees(self, service: int) -> bool:
        return self.services is None or service in self.services


def viewer_of(session: Session, actor: Actor) -> Viewer:
    if actor.roles & FLOOR_ROLES:
        return Viewer(actor.id, actor.centre, actor.roles)
    own = (
        select(Service.id)
        .join(StaffSkill, col(StaffSkill.value) == col(Service.slug))
        .where(
            StaffSkill.staff_id == actor.id,
            StaffSkill.centre_id == actor.centre,
            StaffSkill.kind == SkillKind.SERVICE.value,
            Service.centre_id == actor.centre,
        )
    )
    return Viewer(actor.id, actor.centre, actor.roles, frozenset(each for each in session.exec(own) if each))


def read_diary(
    session: Session,
    actor: Actor,
    first_on: date | None,
    days: int,
    now: int,
    *,
    revealed: Collection[str] = (),
    only_blocks: bool = False,
) -> DiaryNow:
    """`days` local days from `first_on` (None: today) as `actor` sees them. `revealed`: see above. `only_blocks`: without the appointments,
    which over months are many."""
    viewer = viewer_of(session, actor)
    set_up = load_set_up(session, actor.centre)
    zone = ZoneInfo(set_up.centre.timezone)
    first = first_on or set_up.timetable.local_date(from_micros(now))
    dates = [first + timedelta(days=each) for each in range(days)]
    shown = tuple(_day(set_up, on, zone) for on in dates)
    services = services_of(set_up)
    bookables = bookables_of(session, actor.centre)
    since, until = shown[0].begins, shown[-1].ends
    wanted = (
        ()
        if only_blocks
        else (between(actor.centre, since, until, now), cancelled_between(actor.centre, since, until))
    )
    found, gone = [read_bookings(session, each, services, bookables) for each in wanted] or ([], [])
    seen = tuple(each for each in (as_seen(each, viewer, revealed) for each in found) if each)
    return DiaryNow(
        centre=set_up.centre.name,
        zone=zone,
        now=now,
        days=shown,
        bookings=_shared_only(seen, viewer, bookables),
        cancelled=tuple(
            each for each in (as_seen(each, viewer, revealed) for each in gone) if each and not each.taken
        ),
        blocks=_blocks(session, viewer, since, until, services, bookables),
        bookables=tuple(_to_show(bookables.values(), found, viewer)),
        services=tuple(each for each in services.values() if each.offer and viewer.sees(each.id)),
        working={} if only_blocks else _working(session, set_up, bookables, dates),
    )


def services_of(set_up: SetUp) -> dict[int, ServiceInDiary]:
    return {
        number: ServiceInDiary(
            number,
            service.slug,
            service.names["en"],
            service.discreet or service.private,
            read_offer(service.booking) if service.retired_at is None and service.by_appointment else None,
        )
        for number, service in set_up.services.items()
    }


def bookables_of(session: Session, centre: int) -> dict[int, BookableNow]:
    """Everybody and everything of the centre whose time can be booked, persons first, retired ones too."""
    rows = session.exec(
        select(Bookable, Counter.position)
        .join(Counter, col(Counter.id) == col(Bookable.counter_id), isouter=True)
        .where(Bookable.centre_id == centre)
    )
    kinds = list(BookableKind)
    ordered = sorted(
        rows, key=lambda row: (kinds.index(BookableKind(row[0].kind)), row[1] or 0, row[0].name, row[0].id)
    )
    return {
        each.id: BookableNow(
            each.id,
            BookableKind(each.kind),
            each.name,
            each.staff_id,
            each.counter_id,
            tuple(each.languages),
            each.retired_at is not None,
        )
        for each, _ in ordered
        if each.id is not None
    }


def choosable(session: Session, viewer: Viewer) -> list[BookableNow]:
    """Whom and what `viewer` may book for: of a partner, those alone who take its own services' appointments."""
    known = [each for each in bookables_of(session, viewer.centre).values() if not each.retired]
    if viewer.services is None:
        return known
    rows = session.exec(select(Service).where(col(Service.id).in_(viewer.services)))
    offers = {row.slug: offer for row in rows if (offer := read_offer(row.booking)) is not None}
    narrowed = {
        row.id: row.services
        for row in session.exec(select(Bookable).where(Bookable.centre_id == viewer.centre))
    }
    skilled = set(
        session.exec(
            select(StaffSkill.staff_id).where(
                StaffSkill.centre_id == viewer.centre,
                StaffSkill.kind == SkillKind.SERVICE.value,
                col(StaffSkill.value).in_(offers),
            )
        )
    )
    rooms = {slug for offer in offers.values() for slug in offer.rooms}
    doors = set(
        session.exec(
            select(Counter.id).where(Counter.centre_id == viewer.centre, col(Counter.slug).in_(rooms))
        )
    )

    def theirs(each: BookableNow) -> bool:
        if each.kind is BookableKind.INTERPRETER:
            return True
        named = narrowed.get(each.id)
        if named:
            return not offers.keys().isdisjoint(named)
        return each.counter in doors if each.kind is BookableKind.ROOM else each.staff in skilled

    return [each for each in known if theirs(each)]


# Bookings --------------------------------------------------------------------------------------------------------


def between(centre: int, since: int, until: int, now: int) -> Any:
    """Which appointments take time between two instants; one that is held and has expired takes none."""
    begins, ends = from_micros(since), from_micros(until)
    return (
        select(Booking)
        .where(
            Booking.centre_id == centre,
            _TIMED,
            col(Booking.held_until) > begins,
            col(Booking.held_until) < ends + LONGEST,
            col(Booking.held_from) < ends,
            or_(col(Booking.state) != BookingState.HELD.value, col(Booking.expires_at) > from_micros(now)),
        )
        .order_by(col(Booking.starts_at), col(Booking.id))
    )


def cancelled_between(centre: int, since: int, until: int) -> Any:
    """Those cancelled, as long as they are remembered by name."""
    return (
        select(Booking)
        .where(
            Booking.centre_id == centre,
            _NAMED,
            col(Booking.ends_at) > from_micros(since),
            col(Booking.ends_at) < from_micros(until) + LONGEST,
            col(Booking.starts_at) < from_micros(until),
            Booking.state == BookingState.CANCELLED.value,
        )
        .order_by(col(Booking.starts_at), col(Booking.id))
    )


def read_bookings(
    session: Session,
    which: Any,
    services: Mapping[int, ServiceInDiary],
    bookables: Mapping[int, BookableNow],
) -> list[BookingNow]:
    """The appointments `which` selects, with nothing taken out: every one must pass `as_seen` before it is shown."""
    rows: list[Booking] = list(session.exec(which))
    tickets = _tickets(session, [row.ticket_id for row in rows if row.ticket_id])
    return [_booking(row, services, bookables, tickets) for row in rows]


def _tickets(session: Session, wanted: Sequence[str]) -> dict[str, TicketOf]:
    """By id of the ticket that arriving made: where its visitor is now, also when it was passed on since."""
    if not wanted:
        return {}
    made = select(Ticket.id, Ticket.visit_id).where(col(Ticket.id).in_(wanted))
    visits = {visit: ticket for ticket, visit in session.exec(made)}
    rows = session.exec(
        select(Ticket, Visit.code, Counter.name)
        .join(Visit, col(Visit.id) == col(Ticket.visit_id))
        .join(Counter, col(Counter.id) == col(Ticket.counter_id), isouter=True)
        .where(
            col(Ticket.visit_id).in_(visits),
            or_(col(Ticket.id).in_(wanted), col(Ticket.booking_id).is_not(None)),
        )
        .order_by(col(Ticket.id))
    )
    found: dict[str, TicketOf] = {}
    for ticket, code, counter in rows:
        found[visits[ticket.visit_id]] = TicketOf(
            ticket.id,
            code,
            ticket.state,
            counter or "",
            _micros(ticket.first_called_at),
            _micros(ticket.served_at),
            _micros(ticket.ended_at),
        )
    return found


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)


def _booking(
    row: Booking,
    services: Mapping[int, ServiceInDiary],
    bookables: Mapping[int, BookableNow],
    tickets: Mapping[str, TicketOf],
) -> BookingNow:
    def named(number: int | None) -> BookableNow | None:
        return bookables.get(number) if number is not None else None

    return BookingNow(
        id=row.id,
        reference=row.reference,
        service=services[row.service_id],
        state=BookingState(row.state),
        starts_at=to_micros(row.starts_at),
        ends_at=to_micros(row.ends_at),
        held_from=to_micros(row.held_from),
        held_until=to_micros(row.held_until),
        person=named(row.person_id),
        room=named(row.room_id),
        interpreter=named(row.interpreter_id),
        wants=row.interpreter,
        over=row.over,
        name=row.name,
        phone=row.phone,
        email=row.email,
        safe_to_text=row.safe_to_text,
        language=row.language,
        needs=tuple(row.needs),
        people=row.people,
        answers=dict(row.answers),
        note=row.note,
        late_minutes=row.late_minutes,
        arrived_at=_micros(row.arrived_at),
        expires_at=_micros(row.expires_at),
        reason=row.reason,
        ticket=tickets.get(row.ticket_id) if row.ticket_id else None,
    )


# What who looks may know -----------------------------------------------------------------------------------------

_NOBODY: Mapping[str, Any] = {
    "reference": "",
    "name": "",
    "phone": "",
    "email": "",
    "safe_to_text": False,
    "language": "en",
    "needs": (),
    "people": 1,
    "answers": {},
    "note": "",
    "reason": "",
    "wants": None,
    "over": False,
}


def as_seen(booking: BookingNow, viewer: Viewer, revealed: Collection[str] = ()) -> BookingNow | None:
    """`booking` as `viewer` may see it; None where not even its time concerns them."""
    if not viewer.sees(booking.service.id):
        if booking.state is BookingState.CANCELLED:
            return None
        nothing = ServiceInDiary(0, "", TAKEN, discreet=True)
        state = BookingState.BOOKED if booking.state is not BookingState.HELD else booking.state
        return replace(
            booking,
            **_NOBODY,
            id=f"taken-{booking.held_from}-{booking.person.id if booking.person else 0}-{booking.room.id if booking.room else 0}",
            service=nothing,
            state=state,
            interpreter=None,
            ticket=None,
            arrived_at=None,
            late_minutes=0,
            taken=True,
        )
    if not booking.service.discreet or booking.id in revealed:
        return booking
    hidden = ServiceInDiary(0, "", PRIVATE_APPOINTMENT, discreet=True)
    return replace(booking, **_NOBODY, service=hidden, masked=True)


def may_look(booking: BookingNow, actor: Actor) -> bool:
    """Whether `actor` may have a private appointment revealed: by right, or because it is with them."""
    own = booking.person is not None and booking.person.staff == actor.id
    return Role.DISCREET in actor.roles or own


def _shared_only(
    seen: Iterable[BookingNow], viewer: Viewer, bookables: Mapping[int, BookableNow]
) -> tuple[BookingNow, ...]:
    """Of what is merely taken, that which takes a person or room of the viewer's own appointments."""
    if viewer.services is None:
        return tuple(seen)
    every = list(seen)
    own = {
        part.id for each in every if not each.taken for part in (each.person, each.room) if part is not None
    }
    own |= {each.id for each in bookables.values() if each.staff == viewer.staff}
    return tuple(
        each
        for each in every
        if not each.taken or any(part is not None and part.id in own for part in (each.person, each.room))
    )


def _to_show(
    bookables: Iterable[BookableNow], bookings: Sequence[BookingNow], viewer: Viewer
) -> Iterable[BookableNow]:
    """Those that can be booked, and retired ones that still have an appointment; of a partner, those of their own appointments."""
    used = {
        part.id
        for each in bookings
        if viewer.sees(each.service.id)
        for part in (each.person, each.room, each.interpreter)
        if part is not None
    }
    for each in bookables:
        if viewer.services is not None and each.id not in used and each.staff != viewer.staff:
            continue
        if not each.retired or each.id in used:
            yield each


# Hours and blocks ------------------------------------------------------------------------------------------------


def _day(set_up: SetUp, on: date, zone: ZoneInfo) -> DayNow:
    begins, ends = midnight(on, zone), midnight(on + timedelta(days=1), zone)
    spans = set_up.timetable.spans_on(on)
    standing = set_up.timetable.standing(begins + timedelta(hours=12)) if not spans else None
    reason = getattr(standing, "reason", None) or {}
    return DayNow(on, to_micros(begins), to_micros(ends), spans, reason.get("en", ""))


def _working(
    session: Session, set_up: SetUp, bookables: Mapping[int, BookableNow], dates: Sequence[date]
) -> dict[tuple[int, date], tuple[tuple[int, int], ...]]:
    rota: dict[int, list[Usual]] = {}
    rows = select(Rota).join(Bookable, col(Bookable.id) == col(Rota.bookable_id))
    for row in session.exec(rows.where(Bookable.centre_id == set_up.centre.id)):
        usual = Usual(
            row.weekday,
            time.fromisoformat(row.starts),
            time.fromisoformat(row.ends),
            row.from_on,
            row.until_on,
        )
        rota.setdefault(row.bookable_id, []).append(usual)
    found: dict[tuple[int, date], tuple[tuple[int, int], ...]] = {}
    for each in bookables.values():
        own = Timetable(set_up.centre.timezone, Hours(tuple(rota.get(each.id, ()))))
        for on in dates:
            opened = [(to_micros(a), to_micros(b)) for a, b in set_up.timetable.spans_on(on)]
            if each.id in rota:
                mine = [(to_micros(a), to_micros(b)) for a, b in own.spans_on(on)]
                opened = [(max(a, c), min(b, d)) for a, b in mine for c, d in opened if max(a, c) < min(b, d)]
            elif each.kind is not BookableKind.ROOM:
                opened = []
            found[each.id, on] = tuple(opened)
    return found


def _blocks(
    session: Session,
    viewer: Viewer,
    since: int,
    until: int,
    services: Mapping[int, ServiceInDiary],
    bookables: Mapping[int, BookableNow],
) -> tuple[BlockNow, ...]:
    rows = session.exec(
        select(Block)
        .where(
            Block.centre_id == viewer.centre,
            col(Block.ends_at) > from_micros(since),
            col(Block.starts_at) < from_micros(until),
        )
        .order_by(col(Block.starts_at), col(Block.id))
    )
    found = []
    for row in rows:
        service = services.get(row.service_id) if row.service_id is not None else None
        bookable = bookables.get(row.bookable_id) if row.bookable_id is not None else None
        if service is not None and not viewer.sees(service.id):
            continue
        # Why a person is away is theirs and their colleagues' business, not another organisation's.
        reason = row.reason if viewer.services is None or bookable is None else "Not there"
        private = service is not None and service.discreet
        about = (
            (PRIVATE_APPOINTMENT + "s" if private else service.name)
            if service
            else bookable.name
            if bookable
            else "Everybody"
        )
        found.append(
            BlockNow(
                row.id,
                to_micros(row.starts_at),
                to_micros(row.ends_at),
                reason,
                row.bookable_id,
                row.service_id,
                about,
            )
        )
    return tuple(found)
