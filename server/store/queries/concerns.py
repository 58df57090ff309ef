"""What `domain.concerns` looks at, read for one centre; and what of it somebody has taken or done.

Each statement starts at an index that covers open or recent rows only. Of those who wait, the oldest of each class are enough: who came later than
two hundred others is not the one to be told of.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from server.clock import from_micros
from server.domain import booked_waiting, concerns, hand_off
from server.domain.concerns import Concern
from server.domain.handing import teams
from server.domain.stuck import Stuck
from server.domain.unanswered import Unanswered
from server.store.queries.said import late
from server.store.sql import Sql, Statement, document
from wire.vocabulary import AttentionKind, TicketClass

MOST_LOOKED_AT = 200
SETTLED_KEPT = round(timedelta(hours=12).total_seconds()) * 1_000_000
"""How far back a subject that is settled for good is looked for: nobody waits longer."""


class DeviceSeen(NamedTuple):
    id: int
    kind: str
    name: str
    health: Mapping[str, Any]
    heard_at: int


class WaitingSeen(NamedTuple):
    id: str
    code: str
    service: int
    service_name: str
    target_minutes: int
    arrived_at: int
    discreet: bool
    private: bool
    device: int | None
    device_name: str


_OLDEST = " UNION ALL ".join(
    f"SELECT id FROM (SELECT id FROM ticket WHERE centre_id = :centre AND state = 'waiting' AND ticket_class = '{each.value}'"
    f" ORDER BY counts_from, arrived_at, id LIMIT {MOST_LOOKED_AT}) AS {each.value}"
    for each in TicketClass
)
_WAITING = Statement(
    f"""SELECT t.id, v.code, s.id, s.names, s.target_minutes, t.arrived_at, v.discreet OR s.discreet, s.private, v.device_id, d.name
    FROM ({_OLDEST}) AS oldest JOIN ticket t ON t.id = oldest.id JOIN visit v ON v.id = t.visit_id JOIN service s ON s.id = t.service_id
    LEFT JOIN device d ON d.id = v.device_id ORDER BY t.arrived_at, t.id"""
)
_DEVICES = Statement(
    """SELECT id, kind, name, health, health_at, seen_at, approved_at FROM device
    WHERE centre_id = :centre AND revoked_at IS NULL ORDER BY name, id"""
)
_CENTRE = Statement(
    """SELECT timezone, (SELECT COALESCE(MIN(CASE WHEN discreet OR private THEN target_minutes END), MIN(target_minutes), 20) FROM service
    WHERE centre_id = :centre AND retired_at IS NULL) FROM centre WHERE id = :centre"""
)
_MISSED = Statement(
    """SELECT t.id, v.code, t.ended_at FROM ticket t JOIN visit v ON v.id = t.visit_id
    WHERE t.centre_id = :centre AND t.ended_at >= :since AND t.state = 'no_show'"""
)
_PRINTS = Statement(
    """SELECT p.id, p.ticket_id, v.code, p.device_id, d.name, p.at, p.done_at, p.paper FROM
    (SELECT id FROM print_job WHERE centre_id = :centre AND done_at >= :since
    UNION ALL SELECT id FROM print_job WHERE centre_id = :centre AND done_at IS NULL) AS lately
    JOIN print_job p ON p.id = lately.id JOIN ticket t ON t.id = p.ticket_id JOIN visit v ON v.id = t.visit_id
    JOIN device d ON d.id = p.device_id WHERE t.ended_at IS NULL ORDER BY p.at, p.id"""
)
_APART = Statement(
    """SELECT v.id, t.id, v.code, v.apart, v.arrived_at FROM visit v JOIN ticket t ON t.visit_id = v.id AND t.ended_at IS NULL
    WHERE v.centre_id = :centre AND v.apart IS NOT NULL AND v.ended_at IS NULL ORDER BY v.arrived_at, v.id, t.id"""
)
_BOOKED = Statement(
    f"""SELECT t.id, v.code, v.id, t.service_id, t.arrived_at, b.starts_at, v.discreet OR s.discreet OR s.private, p.staff_id, p.name,
    r.counter_id, r.name, t.for_counter_id FROM ticket t JOIN booking b ON b.id = t.booking_id JOIN visit v ON v.id = t.visit_id
    JOIN service s ON s.id = t.service_id LEFT JOIN bookable p ON p.id = b.person_id LEFT JOIN bookable r ON r.id = b.room_id
    WHERE t.centre_id = :centre AND t.state = 'waiting' AND t.ticket_class = 'booked' AND NOT EXISTS
    (SELECT 1 FROM ticket o WHERE o.visit_id = t.visit_id AND o.state IN ('called', 'serving', 'parked'))
    ORDER BY t.counts_from, t.arrived_at, t.id LIMIT {MOST_LOOKED_AT}"""
)
_SEATS = Statement(
    """SELECT s.counter_id, c.name, s.staff_id, f.name, s.services, p.since_at, t.first_called_at FROM seat s
    JOIN counter c ON c.id = s.counter_id JOIN staff f ON f.id = s.staff_id
    LEFT JOIN pause p ON p.seat_id = s.id AND p.until_at IS NULL
    LEFT JOIN ticket t ON t.counter_id = s.counter_id AND t.state IN ('called', 'serving')
    WHERE s.centre_id = :centre AND s.until_at IS NULL ORDER BY c.position, c.id"""
)
_STUCK = Statement(
    """SELECT s.team, SUM(CASE WHEN h.dead_at IS NOT NULL THEN 1 ELSE 0 END),
    SUM(CASE WHEN h.dead_at IS NULL AND h.sent_at IS NULL AND h.why <> '' AND h.made_at < :late THEN 1 ELSE 0 END),
    SUM(CASE WHEN (h.dead_at IS NULL OR h.id IS NULL) AND s.received_at < :unclaimed THEN 1 ELSE 0 END),
    MIN(COALESCE(h.dead_at, h.made_at, s.received_at)) FROM submission s LEFT JOIN hand_off h ON h.submission_id = s.id
    AND h.team = s.team AND h.round = (SELECT MAX(o.round) FROM hand_off o WHERE o.submission_id = s.id)
    WHERE s.centre_id = :centre AND s.state IN ('received', 'handed_off') AND s.deleted_at IS NULL AND s.kind <> 'begun'
    AND (h.dead_at IS NOT NULL OR s.received_at < :late) GROUP BY s.team ORDER BY s.team"""
)
_TEAMS = Statement("SELECT extra FROM centre WHERE id = :centre")
_ROWS = Statement(
    """SELECT a.id, a.kind, a.subject, a.staff_id, f.name, a.ticket_id, v.code, a.device_id, d.name, a.at, a.detail, a.taken_by, g.name
    FROM attention a LEFT JOIN staff f ON f.id = a.staff_id LEFT JOIN staff g ON g.id = a.taken_by LEFT JOIN device d ON d.id = a.device_id
    LEFT JOIN ticket t ON t.id = a.ticket_id LEFT JOIN visit v ON v.id = t.visit_id
    WHERE a.centre_id = :centre AND a.done_at IS NULL
    ORDER BY CASE a.kind WHEN 'alarm' THEN 0 WHEN 'safe_room' THEN 1 WHEN 'set_aside' THEN 3 ELSE 2 END, a.at, a.id LIMIT 200"""
)
"""People first: entries set aside by the hundred must not hide somebody who needs help."""
_DONE = Statement(
    """SELECT id, subject, kind, done_at, detail FROM attention WHERE centre_id = :centre AND done_at >= :recently AND subject IS NOT NULL
    UNION ALL SELECT id, subject, kind, done_at, detail FROM attention
    WHERE centre_id = :centre AND done_at >= :lately AND done_at < :recently AND subject IS NOT NULL AND kind IN ('private', 'answer_due')"""
)


def see(sql: Sql, centre: int, now: int) -> concerns.Seen:
    """What is to be seen of a centre at `now` (microseconds)."""
    here = {"centre": centre}
    booked = [_booked(row) for row in sql.all(_BOOKED, here)]
    seats = (
        [_seat(row) for row in sql.all(_SEATS, here)] if any(now >= each.due_at for each in booked) else []
    )
    zone, discreet_target = sql.one(_CENTRE, here) or ("UTC", 20)
    return concerns.Seen(
        devices=[_device(row) for row in sql.all(_DEVICES, here)],
        waiting=_waiting(sql.all(_WAITING, here)),
        missed=[
            concerns.Missed(*row) for row in sql.all(_MISSED, {**here, "since": now - concerns.LOOK_FOR})
        ],
        prints=[
            concerns.Print(*row) for row in sql.all(_PRINTS, {**here, "since": now - concerns.PRINT_FAILED})
        ],
        apart=[concerns.Apart(*row) for row in sql.all(_APART, here)],
        booked=booked,
        seats=seats,
        stuck=_stuck(sql, centre, now),
        unanswered=_unanswered(sql, centre, now, zone),
        zone=zone,
        discreet_target=discreet_target,
    )


def _stuck(sql: Sql, centre: int, now: int) -> list[Stuck]:
    times = {"late": now - hand_off.TROUBLE_AFTER, "unclaimed": now - hand_off.UNCLAIMED_AFTER}
    rows = sql.all(_STUCK, {"centre": centre, **times})
    if not rows:
        return []
    extra = sql.one(_TEAMS, {"centre": centre})
    names: dict[str, str] = {
        team.slug: team.name for team in teams((document(extra[0]) if extra else None) or {})
    }
    return [
        Stuck(row[0], names.get(row[0], str(row[0])), int(row[1]), int(row[2]), int(row[3]), row[4])
        for row in rows
    ]


def _unanswered(sql: Sql, centre: int, now: int, zone: str) -> Unanswered | None:
    today = from_micros(now).astimezone(ZoneInfo(zone)).date()
    number, since = late(sql, centre, today)
    return Unanswered(number, since, today) if since is not None else None


def _device(row: Any) -> DeviceSeen:
    heard_at = max(at for at in row[4:] if at is not None)
    return DeviceSeen._make((*row[:3], document(row[3]) or {}, heard_at))


def _booked(row: Any) -> booked_waiting.Booked:
    return booked_waiting.Booked._make(
        (*row[:6], bool(row[6]), row[7], row[8] or "", row[9], row[10] or "", row[11])
    )


def _seat(row: Any) -> booked_waiting.Seat:
    return booked_waiting.Seat._make((*row[:4], frozenset(document(row[4])), *row[5:]))


def _waiting(rows: list[Any]) -> list[WaitingSeen]:
    names: dict[int, str] = {}  # a service's texts are read once, however many wait for it
    found = []
    for row in rows:
        service = row[2]
        if service not in names:
            names[service] = document(row[3]).get("en", "")
        values = (*row[:3], names[service], *row[4:6], bool(row[6]), bool(row[7]), row[8], row[9] or "")
        found.append(WaitingSeen._make(values))
    return found


class Row(NamedTuple):
    """An open entry: asked for by a person or a device, or (with a `subject`) noticed and taken."""

    id: str
    kind: AttentionKind
    subject: str | None
    staff: int | None
    staff_name: str
    ticket: str | None
    code: str
    device: int | None
    device_name: str
    at: int
    detail: Mapping[str, Any]
    taken_by: int | None
    taken_name: str


def open_rows(sql: Sql, centre: int) -> list[Row]:
    return [_row(row) for row in sql.all(_ROWS, {"centre": centre})]


def _row(row: Any) -> Row:
    names = {4: row[4] or "", 6: row[6] or "", 8: row[8] or "", 12: row[12] or ""}
    values = {1: AttentionKind(row[1]), 10: document(row[10]) or {}, **names}
    return Row._make(values.get(place, each) for place, each in enumerate(row))


class Settled(NamedTuple):
    """A subject that somebody said done of. `gone`: its cause was seen to go away since."""

    id: str
    subject: str
    kind: AttentionKind
    done_at: int
    gone: bool


def settled(sql: Sql, centre: int, now: int) -> list[Settled]:
    """Those that may still keep something quiet."""
    times = {"centre": centre, "recently": now - concerns.QUIET, "lately": now - SETTLED_KEPT}
    return [
        Settled(row[0], row[1], AttentionKind(row[2]), row[3], bool((document(row[4]) or {}).get("gone")))
        for row in sql.all(_DONE, times)
    ]


def noticed(sql: Sql, centre: int, now: int) -> list[Concern]:
    """What is to be told at `now`: everything noticed, but what was seen to and must keep quiet."""
    quiet = {
        each.subject
        for each in settled(sql, centre, now)
        if concerns.still_quiet(each.kind, each.done_at, now, gone=each.gone)
    }
    found = concerns.notice(see(sql, centre, now), now)
    return concerns.once_a_person([concern for concern in found if concern.subject not in quiet])


def vanished(sql: Sql, centre: int, now: int) -> list[str]:
    """The entries whose cause is not to be seen any more: taken and not done yet, or done and still keeping it quiet."""
    taken = [(row.id, row.subject) for row in open_rows(sql, centre) if row.subject is not None]
    done = [(each.id, each.subject) for each in settled(sql, centre, now) if not each.gone]
    if not taken and not done:
        return []
    there = {concern.subject for concern in concerns.notice(see(sql, centre, now), now)}
    return [entry for entry, subject in (*taken, *done) if subject not in there]
