"""What staff see of their centre: one reading, shared by the counter console and the floor overview.

The reading takes open tickets, seats, requests and devices of one centre and works out, with the domain's rules, who is next for the
person who looks and why. It holds what only staff may see (needs, notes), so nothing but staff pages may use it; what a discreet visit is
about is taken out of it (`masking`) except for who serves it, after everything has been worked out from it.
Instants are microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.clock import from_micros, to_micros
from server.domain import selection
from server.live import masking
from server.live.booked import read_booked
from server.live.concerns import attention_now
from server.live.console_shapes import (
    MINUTE,
    CounterNow,
    FloorNow,
    HandedNow,
    LastSeat,
    LastStep,
    NoteNow,
    PassedNow,
    ServiceNow,
    TicketNow,
    TodayNow,
)
from server.live.sitting import also_came_for, colleagues, going_on, may_serve, next_for, with_others
from server.store.sql import Sql, Statement, document
from wire.vocabulary import CounterKind, HandedIn, TicketClass, TicketState

_RECENT_STEPS = 5_000


_CENTRE = Statement("SELECT name, timezone, wait_here, evacuated_at FROM centre WHERE id = :centre")
_SERVICES = Statement(
    """SELECT s.id, s.slug, s.names, s.target_minutes, c.names, s.discreet OR s.private, s.retired_at FROM service s
    LEFT JOIN choice c ON c.id = s.choice_id WHERE s.centre_id = :centre ORDER BY c.position, s.position, s.id"""
)
_COUNTERS = Statement(
    """SELECT c.id, c.slug, c.name, c.retired_at, s.staff_id, f.name, s.services, s.since_at, p.reason, p.since_at,
    c.sends_to, s.skills, s.after_quick, c.kind FROM counter c LEFT JOIN seat s ON s.counter_id = c.id AND s.until_at IS NULL LEFT JOIN staff f ON f.id = s.staff_id
    LEFT JOIN pause p ON p.seat_id = s.id AND p.until_at IS NULL
    WHERE c.centre_id = :centre ORDER BY c.position, c.id"""
)
_TICKETS = Statement(
    """SELECT t.id, t.visit_id, v.code, t.service_id, t.state, t.ticket_class, t.arrived_at, t.counts_from, t.for_counter_id,
    t.counter_id, f.name, t.calls, t.first_called_at, t.called_at, t.served_at, t.parked_at, v.language, v.needs, v.discreet, t.follows,
    v.people, v.apart, t.quick, t.wants, b.starts_at, t.booking_id FROM ticket t JOIN visit v ON v.id = t.visit_id
    LEFT JOIN staff f ON f.id = t.staff_id LEFT JOIN booking b ON b.id = t.booking_id
    WHERE t.centre_id = :centre AND t.ended_at IS NULL"""
)
_NOTES = Statement(
    """SELECT n.id, n.visit_id, n.at, n.text, f.name FROM note n JOIN ticket t ON t.visit_id = n.visit_id
    LEFT JOIN staff f ON f.id = n.staff_id WHERE t.centre_id = :centre AND t.ended_at IS NULL ORDER BY n.id"""
)
_HANDED_IN = Statement(
    """SELECT s.id, s.kind, s.pages, t.visit_id, s.received_at FROM ticket t JOIN submission s ON s.visit_id = t.visit_id
    WHERE t.centre_id = :centre AND t.ended_at IS NULL AND s.deleted_at IS NULL UNION
    SELECT s.id, s.kind, s.pages, t.visit_id, s.received_at FROM ticket t JOIN submission s ON s.ticket_id = t.id
    WHERE t.centre_id = :centre AND t.ended_at IS NULL AND s.deleted_at IS NULL ORDER BY 5, 1"""
)
_HISTORY = Statement(
    """SELECT t.service_id, t.state, t.outcome, t.ended_at, f.name, t.again FROM ticket t LEFT JOIN staff f ON f.id = t.staff_id
    WHERE t.visit_id = :visit AND t.ended_at IS NOT NULL AND t.counted ORDER BY t.ended_at"""
)
_LAST_STEP = Statement(
    """SELECT s.ticket_id, v.code, s.action, s.at, t.outcome, t.again FROM step s JOIN ticket t ON t.id = s.ticket_id
    JOIN visit v ON v.id = t.visit_id WHERE s.id > (SELECT COALESCE(MAX(id), 0) FROM step) - :recent
    AND (s.staff_id = :staff OR (s.staff_id IS NULL AND s.counter_id =
    (SELECT counter_id FROM seat WHERE staff_id = :staff AND centre_id = :centre AND until_at IS NULL)))
    AND s.undone_at IS NULL AND +t.centre_id = :centre AND s.at >= :since ORDER BY s.id DESC LIMIT 1"""
)
"""`+` keeps SQLite from starting at all tickets of the centre: it is the latest steps that are few."""
_LAST_SEAT = Statement(
    """SELECT counter_id, services FROM seat WHERE staff_id = :staff AND centre_id = :centre ORDER BY id DESC LIMIT 1"""
)
_TODAY = Statement(
    """SELECT state, COUNT(*), SUM(CASE WHEN first_called_at IS NULL THEN 0 ELSE first_called_at - arrived_at END) FROM ticket
    WHERE centre_id = :centre AND ended_at >= :since AND counted GROUP BY state"""
)


def read_floor(
    connection: Connection, centre: int, staff: int, now: int, about: str = "", *, revealed: str = ""
) -> FloorNow:
    """The floor of `centre` at `now` as `staff` sees it; with the history of ticket `about`, else of the one being served.

    `revealed` is a ticket whose need who looks may read although the visit is discreet. Only who has checked that right and logged the
    look may name one.
    """
    sql = Sql(connection)
    try:
        return _read(sql, centre, staff, now, about, revealed)
    finally:
        sql.close()


def _read(sql: Sql, centre: int, staff: int, now: int, about: str, revealed: str) -> FloorNow:
    record = sql.one(_CENTRE, {"centre": centre})
    assert record is not None, "a session names a centre that exists"
    zone = ZoneInfo(record[1])
    since = _start_of_day(now, zone)
    offered = sql.all(_SERVICES, {"centre": centre})
    services = {row[0]: _service(row) for row in offered}
    retired = {row[0] for row in offered if row[6] is not None}
    seats = sql.all(_COUNTERS, {"centre": centre})
    names = {row[0]: row[2] for row in seats}
    tickets = [_ticket(row, services, names) for row in sql.all(_TICKETS, {"centre": centre})]
    sitting = next((row for row in seats if row[4] == staff), None)
    tickets = [_with_right(ticket, sitting) for ticket in tickets]
    tickets = with_others(tickets, _counters(seats, []), staff, now)
    known = _known(tickets, sitting, revealed)
    notes = _notes(sql, centre, {each.visit for each in tickets if masking.is_private(each)} - known)
    handed = _handed_in(sql, centre)
    tickets = [
        replace(_with_notes(each, notes), handed_in=tuple(handed.get(each.visit, ()))) for each in tickets
    ]
    private = masking.private_visit(masking.common_target(services.values()))
    masked = {each.id: masking.mask(each, known, private.target_minutes) for each in tickets}
    waiting = [ticket for ticket in tickets if ticket.state is TicketState.WAITING]
    counters = _counters(seats, list(masked.values()))
    mine = next((counter for counter in counters if counter.staff == staff), None)
    chosen = next_for(mine, waiting, counters, now)
    allowed, own_skills = may_serve(sql, centre, staff, services)
    following = going_on(sql, centre, mine, [each for each in tickets if each.service.id in allowed], now)
    asked = masked.get(about, mine.ticket if mine else None)
    parked = (ticket for ticket in tickets if ticket.state is TicketState.PARKED)
    counted = _counted(services, retired, waiting, counters, now)
    return FloorNow(
        centre=record[0],
        wait_here=document(record[2]).get("en", ""),
        zone=zone,
        now=now,
        services=counted,
        by_service=masking.grouped(counted, _private_row(private, services, waiting, counters, now)),
        counters=counters,
        waiting=tuple(masked[each.id] for each in selection.order(waiting, now)),
        parked=tuple(masked[each.id] for each in sorted(parked, key=lambda each: each.parked_at or 0)),
        concerns=attention_now(sql, centre, now),
        today=_today(sql.all(_TODAY, {"centre": centre, "since": since})),
        mine=mine,
        next_up=masked[chosen.candidate.id] if chosen else None,
        why_next=_why(chosen, masked, now) if chosen else "",
        notes=notes,
        booked=read_booked(sql, asked.booking) if asked and asked.booking and not asked.masked else None,
        history=_history(sql, asked.visit, services) if asked and not asked.masked else (),
        last_step=_last_step(sql, centre, staff, since),
        last_seat=None if mine else _last_seat(sql, centre, staff),
        also=also_came_for(asked, list(masked.values())),
        go_on=masked[following.id] if following else None,
        colleagues=colleagues(sql, centre, staff) if mine else (),
        may_serve=allowed,
        own_skills=own_skills,
        evacuated_at=record[3],
    )


def _with_right(ticket: TicketNow, sitting: Sequence[Any] | None) -> TicketNow:
    """Whether who looks could call this ticket where they sit."""
    if sitting is None:
        return ticket
    here = sitting[0] == ticket.for_counter
    served = ticket.for_counter is None and ticket.service.id in (document(sitting[6]) or ())
    return replace(ticket, for_me=here or served)


def _known(tickets: Sequence[TicketNow], sitting: Sequence[Any] | None, revealed: str) -> set[str]:
    """The visits whose need who looks may read: of whom they have called to their counter, and of the ticket they looked at."""
    return {
        each.visit
        for each in tickets
        if each.id == revealed
        or (
            sitting is not None
            and each.counter == sitting[0]
            and each.state in (TicketState.CALLED, TicketState.SERVING)
        )
    }


def _why(chosen: selection.Chosen[TicketNow], masked: Mapping[str, TicketNow], now: int) -> str:
    """Why this one is next; of a private visit without its class, which would tell."""
    if not masked[chosen.candidate.id].masked:
        return chosen.why
    minutes = (now - chosen.candidate.arrived_at) // MINUTE
    return f"Next by its place in the line. Waiting {minutes} minute{'' if minutes == 1 else 's'}."


def _start_of_day(now: int, zone: ZoneInfo) -> int:
    local = from_micros(now).astimezone(zone)
    return to_micros(datetime.combine(local.date(), time(0), tzinfo=zone))


def _service(row: Sequence[Any]) -> ServiceNow:
    choice = document(row[4]) or {}
    return ServiceNow(row[0], row[1], document(row[2])["en"], row[3], choice.get("en", ""), bool(row[5]))


def _ticket(row: Sequence[Any], services: Mapping[int, ServiceNow], counters: Mapping[int, str]) -> TicketNow:
    return TicketNow(
        id=row[0],
        visit=row[1],
        code=row[2],
        service=services[row[3]],
        state=TicketState(row[4]),
        ticket_class=TicketClass(row[5]),
        arrived_at=row[6],
        counts_from=row[7],
        for_counter=row[8],
        for_counter_name=counters.get(row[8], ""),
        counter=row[9],
        counter_name=counters.get(row[9], ""),
        staff=row[10] or "",
        calls=row[11],
        first_called_at=row[12],
        called_at=row[13],
        served_at=row[14],
        parked_at=row[15],
        language=row[16],
        needs=tuple(document(row[17])),
        discreet=bool(row[18]),
        passed_on=row[19] is not None,
        people=row[20],
        apart=row[21] or "",
        quick=bool(row[22]),
        wants=row[23],
        booked_at=row[24],
        booking=row[25],
    )


def _with_notes(ticket: TicketNow, notes: Mapping[str, Sequence[NoteNow]]) -> TicketNow:
    return replace(ticket, notes=len(notes.get(ticket.visit, ())))


def _handed_in(sql: Sql, centre: int) -> dict[str, list[HandedNow]]:
    """What the visitors who are in the house handed in, by visit."""
    found: dict[str, list[HandedNow]] = {}
    for row in sql.all(_HANDED_IN, {"centre": centre}):
        found.setdefault(row[3], []).append(HandedNow(row[0], HandedIn(row[1]), row[2]))
    return found


def _notes(sql: Sql, centre: int, hidden: set[str]) -> dict[str, list[NoteNow]]:
    """The notes of every visit that is in the house but the `hidden` ones; a visit with two open tickets has each note once."""
    found: dict[int, NoteNow] = {
        row[0]: NoteNow(row[1], row[2], row[3], row[4] or "") for row in sql.all(_NOTES, {"centre": centre})
    }
    notes: dict[str, list[NoteNow]] = {}
    for note in found.values():
        if note.visit not in hidden:
            notes.setdefault(note.visit, []).append(note)
    return notes


def _counters(seats: Sequence[Sequence[Any]], tickets: Sequence[TicketNow]) -> tuple[CounterNow, ...]:
    there = {
        ticket.counter: ticket
        for ticket in tickets
        if ticket.state in (TicketState.CALLED, TicketState.SERVING)
    }
    return tuple(
        CounterNow(
            id=row[0],
            slug=row[1],
            name=row[2],
            staff=row[4],
            staff_name=row[5] or "",
            services=tuple(document(row[6]) or ()),
            since_at=row[7],
            pause=row[8],
            pause_since=row[9],
            ticket=there.get(row[0]),
            sends_to=row[10],
            skills=tuple(document(row[11]) or ()),
            after_quick=bool(row[12]),
            kind=CounterKind(row[13]),
        )
        for row in seats
        if row[3] is None or row[4] is not None or row[0] in there
    )


def _counted(
    services: Mapping[int, ServiceNow],
    retired: set[int],
    waiting: Sequence[TicketNow],
    counters: Sequence[CounterNow],
    now: int,
) -> tuple[ServiceNow, ...]:
    counted = []
    for service in services.values():
        here = [each for each in waiting if each.service.id == service.id and not masking.is_private(each)]
        if service.id in retired and not here:
            continue
        counted.append(_with_figures(service, here, {service.id}, counters, now))
    return tuple(counted)


def _private_row(
    private: ServiceNow,
    services: Mapping[int, ServiceNow],
    waiting: Sequence[TicketNow],
    counters: Sequence[CounterNow],
    now: int,
) -> ServiceNow | None:
    """All private visits as one line; None where there can be none."""
    here = [each for each in waiting if masking.is_private(each)]
    about = {each.id for each in services.values() if each.discreet} | {each.service.id for each in here}
    if not about:
        return None
    return _with_figures(replace(private, name=masking.PRIVATE_VISITS), here, about, counters, now)


def _with_figures(
    service: ServiceNow,
    here: Sequence[TicketNow],
    about: set[int],
    counters: Sequence[CounterNow],
    now: int,
) -> ServiceNow:
    """`service` with who waits for it, and the counters that serve any of `about`."""
    serving = sum(1 for each in counters if each.staff and not each.pause and about & set(each.services))
    longest = max((ticket.waited(now) for ticket in here), default=0)
    over = sum(1 for ticket in here if ticket.waited(now) // MINUTE > service.target_minutes)
    return replace(service, waiting=len(here), longest=longest, over=over, served_by=serving)


def _history(sql: Sql, visit: str, services: Mapping[int, ServiceNow]) -> list[PassedNow]:
    return [
        PassedNow(services[row[0]].name, TicketState(row[1]), row[2], row[3], row[4] or "", bool(row[5]))
        for row in sql.all(_HISTORY, {"visit": visit})
    ]


def _last_step(sql: Sql, centre: int, staff: int, since: int) -> LastStep | None:
    row = sql.one(_LAST_STEP, {"centre": centre, "staff": staff, "since": since, "recent": _RECENT_STEPS})
    return None if row is None else LastStep(row[0], row[1], row[2], row[3], row[4], bool(row[5]))


def _last_seat(sql: Sql, centre: int, staff: int) -> LastSeat | None:
    row = sql.one(_LAST_SEAT, {"centre": centre, "staff": staff})
    return None if row is None else LastSeat(row[0], tuple(document(row[1])))


def _today(rows: Sequence[Sequence[Any]]) -> TodayNow:
    by_state = {TicketState(row[0]): (int(row[1]), int(row[2] or 0)) for row in rows}
    served, waited = by_state.get(TicketState.FINISHED, (0, 0))
    return TodayNow(
        served=served,
        no_show=by_state.get(TicketState.NO_SHOW, (0, 0))[0],
        left=by_state.get(TicketState.CANCELLED, (0, 0))[0],
        mean_wait=waited // served if served else None,
    )
