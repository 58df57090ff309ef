"""Statements about what is counted: taps, past figures, the door, and the tickets of a span of days.

Every one is an index look-up by centre and day, so that a day costs what the day holds however many years lie before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from server.domain.tallies import TAPPED, TicketFact
from server.store.sql import Sql, Statement, document, iso_date
from wire.vocabulary import Activity, TicketState

_ZONE = Statement("SELECT timezone FROM centre WHERE id = :centre")


def zone_name(sql: Sql, centre: int) -> str:
    record = sql.one(_ZONE, {"centre": centre})
    assert record is not None, "an actor acts at a centre that exists"
    return str(record[0])


_EXTRA = Statement("SELECT extra FROM centre WHERE id = :centre")


_STATION = Statement(
    "SELECT 1 FROM device WHERE centre_id = :centre AND kind = 'scan_station' AND approved_at IS NOT NULL AND revoked_at IS NULL"
)


def tapped_at(sql: Sql, centre: int) -> tuple[Activity, ...]:
    """Which activities this centre's greeters count by a tap. A scan station of ours counts its visitors itself, so where there is one nobody is asked
    to tap for it, unless the centre's file says so (it has others besides)."""
    record = sql.one(_EXTRA, {"centre": centre})
    extra = document(record[0]) if record else {}
    told = extra.get("activities")
    if told is not None:
        return tuple(each for each in TAPPED if each in told)
    by_itself = bool(extra.get("purposes")) and sql.one(_STATION, {"centre": centre}) is not None
    return tuple(each for each in TAPPED if not (by_itself and each is Activity.SCAN_STATION))


# Tickets -------------------------------------------------------------------------------------------------------------


class ServiceFact(NamedTuple):
    id: int
    slug: str
    name: str
    activity: Activity
    discreet: bool
    retired: bool


_SERVICES = Statement(
    """SELECT id, slug, names, activity, discreet OR private, retired_at FROM service
    WHERE centre_id = :centre ORDER BY position, id"""
)
_TICKETS = Statement(
    """SELECT t.id, v.id, v.merged_into, v.arrived_on, t.service_id, v.discreet, t.state, t.counted, t.served_at, t.follows, v.people,
    t.booking_id FROM visit v JOIN ticket t ON t.visit_id = v.id
    WHERE v.centre_id = :centre AND v.arrived_on >= :first AND v.arrived_on <= :last ORDER BY t.id"""
)


def services_of(sql: Sql, centre: int) -> dict[int, ServiceFact]:
    """By id, in their order; retired ones too."""
    return {
        r[0]: ServiceFact(
            r[0], r[1], document(r[2]).get("en", r[1]), Activity(r[3]), bool(r[4]), r[5] is not None
        )
        for r in sql.all(_SERVICES, {"centre": centre})
    }


def tickets_of(
    sql: Sql, centre: int, first: date, last: date, services: Mapping[int, ServiceFact]
) -> Iterator[TicketFact]:
    """The tickets of visits that arrived from `first` to `last`; who came for an appointment did that, whatever it was about. What is discreet has no
    service here, so no figure can name it."""
    rows = sql.all(_TICKETS, _span(centre, first, last))
    into = {r[1]: r[2] for r in rows if r[2] is not None}
    for r in rows:
        service = services[r[4]]
        yield TicketFact(
            id=r[0],
            visit=_merged(r[1], into),
            on=date.fromisoformat(iso_date(r[3])),
            activity=service.activity if r[11] is None else Activity.APPOINTMENT,
            service=None if r[5] or service.discreet else service.id,
            state=TicketState(r[6]),
            counted=bool(r[7]),
            served=r[8] is not None,
            follows=r[9],
            people=r[10],
        )


def _merged(visit: str, into: Mapping[str, str]) -> str:
    """The visit it turned out to be part of, through however many merges; a visit may be merged into one that was merged later."""
    seen = {visit}
    while (further := into.get(visit)) is not None and further not in seen:
        visit = further
        seen.add(visit)
    return visit


# Taps ----------------------------------------------------------------------------------------------------------------


class TallyNow(NamedTuple):
    id: str
    centre: int
    activity: str
    source: str
    counted_on: str
    at: int
    entered_at: int
    people: int
    staff: int | None
    service: int | None
    solved: bool | None
    avoidable: str | None
    withdrawn_at: int | None


_TALLY = Statement(
    """SELECT id, centre_id, activity, source, counted_on, at, entered_at, people, staff_id, service_id, solved, avoidable, withdrawn_at
    FROM tally WHERE id = :id"""
)
_ADD_TALLY = Statement(
    """INSERT INTO tally (id, centre_id, visit_id, activity, source, counted_on, at, entered_at, people, staff_id, service_id, solved,
    avoidable, withdrawn_at, withdrawn_by, reason, corrects)
    VALUES (:id, :centre, :visit, :activity, :source, :counted_on, :at, :entered_at, :people, :staff, :service, :solved, :avoidable,
    :withdrawn_at, :withdrawn_by, :reason, :corrects)
    ON CONFLICT DO NOTHING"""
)
_TELL_TALLY = Statement(
    """UPDATE tally SET activity = :activity, source = :source, counted_on = :counted_on, at = :at, entered_at = :entered_at,
    staff_id = :staff, service_id = :service, solved = :solved, avoidable = :avoidable WHERE id = :id AND activity = ''"""
)
"""A tap that was taken back before it was heard of: what it was is filled in, and it stays taken back."""
_WITHDRAW = Statement(
    """UPDATE tally SET withdrawn_at = :at, withdrawn_by = :by, reason = :reason WHERE id = :id AND withdrawn_at IS NULL"""
)
_SERVICE = Statement("SELECT id FROM service WHERE centre_id = :centre AND slug = :slug")


def tally(sql: Sql, tally: str) -> TallyNow | None:
    r = sql.one(_TALLY, {"id": tally})
    if r is None:
        return None
    solved = None if r[10] is None else bool(r[10])
    return TallyNow._make((*r[:4], iso_date(r[4]), *r[5:10], solved, *r[11:]))


def add_tally(sql: Sql, values: Mapping[str, Any]) -> bool:
    """False when there is one of this id. What is not named is empty."""
    empty = {
        "visit": None,
        "people": 1,
        "service": None,
        "solved": None,
        "avoidable": None,
        "withdrawn_at": None,
        "withdrawn_by": None,
        "reason": "",
        "corrects": None,
    }
    return sql.run(_ADD_TALLY, {**empty, **values}) == 1


_OF_VISIT = Statement(
    """SELECT id FROM tally WHERE centre_id = :centre AND counted_on = :on AND activity = :activity AND visit_id = :visit
    AND withdrawn_at IS NULL AND id != :tally
    UNION ALL SELECT t.id FROM ticket t JOIN service s ON s.id = t.service_id
    WHERE t.visit_id = :visit AND (CASE WHEN t.booking_id IS NULL THEN s.activity ELSE 'appointment' END) = :activity AND t.counted"""
)


def is_counted_of(sql: Sql, centre: int, visit: str, activity: str, on: date, tally: str) -> bool:
    """Whether this visit is counted with this activity already, by a ticket or by another tap than `tally`."""
    values = {"centre": centre, "visit": visit, "activity": activity, "on": on.isoformat(), "tally": tally}
    return sql.one(_OF_VISIT, values) is not None


def tell_tally(sql: Sql, values: Mapping[str, Any]) -> None:
    sql.run(_TELL_TALLY, {"service": None, "solved": None, "avoidable": None, **values})


def withdraw(sql: Sql, tally: str, at: int, by: int, reason: str = "") -> None:
    sql.run(_WITHDRAW, {"id": tally, "at": at, "by": by, "reason": reason})


def service_id(sql: Sql, centre: int, slug: str) -> int | None:
    record = sql.one(_SERVICE, {"centre": centre, "slug": slug})
    return None if record is None else int(record[0])


class TallySum(NamedTuple):
    activity: str
    source: str
    on: str
    people: int


_SUMS = Statement(
    """SELECT activity, source, counted_on, SUM(people) FROM tally
    WHERE centre_id = :centre AND counted_on >= :first AND counted_on <= :last AND withdrawn_at IS NULL
    GROUP BY activity, source, counted_on"""
)
_DOOR_HELPS = Statement(
    """SELECT service_id, SUM(people), SUM(CASE WHEN solved THEN people ELSE 0 END), SUM(CASE WHEN avoidable IS NULL THEN 0 ELSE people END)
    FROM tally WHERE centre_id = :centre AND counted_on >= :first AND counted_on <= :last AND activity = 'door_help' AND withdrawn_at IS NULL
    GROUP BY service_id"""
)
_TAPS = Statement(
    """SELECT y.id, y.activity, y.source, y.at, y.entered_at, y.people, f.name, y.service_id, y.solved, y.avoidable FROM tally y
    LEFT JOIN staff f ON f.id = y.staff_id
    WHERE y.centre_id = :centre AND y.counted_on = :on AND y.withdrawn_at IS NULL ORDER BY y.at DESC, y.id DESC LIMIT :most"""
)
_CORRECTIONS = Statement(
    """SELECT y.activity, y.people, y.at, f.name, y.withdrawn_at, b.name, y.reason,
    (SELECT n.activity FROM tally n WHERE n.centre_id = y.centre_id AND n.counted_on = y.counted_on AND n.corrects = y.id)
    FROM tally y LEFT JOIN staff f ON f.id = y.staff_id LEFT JOIN staff b ON b.id = y.withdrawn_by
    WHERE y.centre_id = :centre AND y.counted_on >= :first AND y.counted_on <= :last AND y.withdrawn_at IS NOT NULL
    ORDER BY y.withdrawn_at DESC LIMIT :most"""
)


def tally_sums(sql: Sql, centre: int, first: date, last: date) -> list[TallySum]:
    rows = sql.all(_SUMS, _span(centre, first, last))
    return [TallySum(r[0], r[1], iso_date(r[2]), int(r[3])) for r in rows]


class Helped(NamedTuple):
    service: int | None
    people: int
    solved: int
    avoidable: int


def door_helps(sql: Sql, centre: int, first: date, last: date) -> list[Helped]:
    """Help at the door by service (None: no service was named)."""
    rows = sql.all(_DOOR_HELPS, _span(centre, first, last))
    return [Helped(r[0], int(r[1]), int(r[2]), int(r[3])) for r in rows]


class Tap(NamedTuple):
    """One row that may be corrected."""

    id: str
    activity: str
    source: str
    at: int
    entered_at: int
    people: int
    who: str | None
    service: int | None
    solved: bool | None
    avoidable: str | None


def taps_of(sql: Sql, centre: int, on: date, most: int) -> list[Tap]:
    """The latest first."""
    return [Tap(*r) for r in sql.all(_TAPS, {"centre": centre, "on": on.isoformat(), "most": most})]


class Correction(NamedTuple):
    """A count that was taken back: what it was and whose, by whom and why, and what stands in its place."""

    activity: str
    people: int
    at: int
    who: str | None
    withdrawn_at: int
    by: str | None
    reason: str
    instead: str | None


def corrections_of(sql: Sql, centre: int, first: date, last: date, most: int) -> list[Correction]:
    rows = sql.all(_CORRECTIONS, {**_span(centre, first, last), "most": most})
    return [Correction(*r) for r in rows]


def still_counted(sql: Sql, centre: int, tallies: Sequence[str]) -> list[str]:
    """Which of these taps are counted at this centre as of now."""
    found = (tally(sql, each) for each in tallies)
    return [each.id for each in found if each and each.centre == centre and each.withdrawn_at is None]


# Past figures and the door -------------------------------------------------------------------------------------------


class PastFigure(NamedTuple):
    first: date
    last: date
    activity: str
    visitors: int
    file: str


_PAST = Statement(
    """SELECT p.first_on, p.last_on, p.activity, p.visitors, i.file_name FROM past_count p JOIN past_import i ON i.id = p.import_id
    WHERE p.centre_id = :centre AND p.first_on <= :last AND p.last_on >= :first AND i.withdrawn_at IS NULL
    ORDER BY p.first_on, p.id"""
)
_DOOR = Statement(
    """SELECT door, SUM(went_in), SUM(went_out), MAX(until_at) FROM door_count
    WHERE centre_id = :centre AND counted_on >= :first AND counted_on <= :last GROUP BY door ORDER BY door"""
)


def past_figures(sql: Sql, centre: int, first: date, last: date) -> list[PastFigure]:
    """Imported figures whose period touches the span."""
    return [
        PastFigure(
            date.fromisoformat(iso_date(r[0])), date.fromisoformat(iso_date(r[1])), r[2], int(r[3]), r[4]
        )
        for r in sql.all(_PAST, _span(centre, first, last))
    ]


class DoorSum(NamedTuple):
    door: str
    went_in: int
    went_out: int
    until_at: int


def door_sums(sql: Sql, centre: int, first: date, last: date) -> list[DoorSum]:
    return [
        DoorSum(r[0], int(r[1]), int(r[2]), int(r[3])) for r in sql.all(_DOOR, _span(centre, first, last))
    ]


def _span(centre: int, first: date, last: date) -> dict[str, Any]:
    return {"centre": centre, "first": first.isoformat(), "last": last.isoformat()}
