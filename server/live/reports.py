"""Reports as they stand, and the reading of what goes into one: chapter by chapter, so that whoever makes it can say how far it is and stop in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlmodel import Session, col, or_, select

from server.clock import from_micros
from server.domain import reports as rules
from server.domain.asked import ask
from server.domain.figure import Figure
from server.domain.reports import Every, Wanted
from server.live.telling import TOPICS
from server.store.sql import Sql, Statement
from server.store.tables import Centre, Report, ReportPlan, Staff

MOST_SHOWN = 50
SETTLED_HOUR = 6
LATEST_HOUR = 12

_NEXT = Statement(
    """SELECT id FROM report WHERE state = 'waiting' OR (state = 'working' AND taken_at <= :fallen) ORDER BY asked_at LIMIT 1"""
)
_CENTRE = Statement("SELECT id, slug, name, timezone FROM centre WHERE id = :centre")
_OPEN = Statement(
    """SELECT 1 FROM ticket t JOIN visit v ON v.id = t.visit_id WHERE t.centre_id = :centre AND t.ended_at IS NULL
    AND v.arrived_on <= :last LIMIT 1"""
)


class Place(NamedTuple):
    id: int
    slug: str
    name: str
    zone: ZoneInfo


def next_of(connection: Connection, now: int) -> str | None:
    """The report that has waited longest, or was left by a server that fell."""
    sql = Sql(connection)
    found = sql.one(_NEXT, {"fallen": now - round(rules.LEASE.total_seconds() * 1_000_000)})
    sql.close()
    return str(found[0]) if found else None


def places_of(connection: Connection, centres: Sequence[int]) -> list[Place]:
    sql = Sql(connection)
    rows = [sql.one(_CENTRE, {"centre": centre}) for centre in centres]
    sql.close()
    return [Place(row[0], row[1], row[2], ZoneInfo(row[3])) for row in rows if row is not None]


def chapter_of(
    connection: Connection, place: Place, topic: str, wanted: Wanted, centres: Sequence[Place], now: int
) -> list[Figure]:
    """The figures of one topic at one centre, as its page shows them."""
    today = from_micros(now).astimezone(place.zone).date()
    named = tuple((each.id, each.name) for each in centres)
    asked = ask(wanted.span, today, now, place.id, place.name, place.zone, named)
    return TOPICS[topic].read(connection, centre=place.id, asked=asked)


ALL_SLUG, ALL_NAME = "all-centres", "All these centres"


def steps_of(places: Sequence[Place], topics: Sequence[str]) -> list[tuple[Place, str]]:
    """What to read, in the order of the report: what tells of all centres together first and once, then centre by centre."""
    shared = [topic for topic in topics if TOPICS[topic].of_all and len(places) > 1]
    own = [topic for topic in topics if topic not in shared]
    return [(places[0], topic) for topic in shared] + [(place, topic) for place in places for topic in own]


class Head(NamedTuple):
    """What stands over a chapter. `finds`: whether it says something of the whole time, as a first page of findings wants it."""

    centre: str
    centre_slug: str
    topic: str
    title: str
    finds: bool


def head_of(place: Place, slug: str, places: Sequence[Place]) -> Head:
    topic = TOPICS[slug]
    if topic.of_all and len(places) > 1:
        return Head(ALL_NAME, ALL_SLUG, slug, topic.title, True)
    return Head(place.name, place.slug, slug, topic.title, not topic.of_all and not topic.of_a_day)


def named(places: Sequence[Place]) -> tuple[tuple[str, str], ...]:
    return tuple((each.slug, each.name) for each in places)


# What the page shows -------------------------------------------------------------------------------------------------


class PlanShown(NamedTuple):
    id: int
    every: Every
    wanted: Wanted
    recipients: list[str]
    next_on: date
    tries: int
    again_at: datetime | None
    say: str
    sent_at: datetime | None
    stopped: bool
    made_by: str


class ReportShown(NamedTuple):
    id: str
    wanted: Wanted
    state: str
    percent: int
    say: str
    asked_at: datetime
    done_at: datetime | None
    file_name: str
    by_plan: bool
    has_file: bool


def shown(row: Report) -> ReportShown:
    return ReportShown(
        row.id,
        rules.wanted_of(row.asks),
        row.state,
        row.percent,
        row.say,
        row.asked_at,
        row.done_at,
        row.file_name,
        row.plan_id is not None,
        bool(row.file_name),
    )


_COLUMNS = (
    Report.id,
    Report.asks,
    Report.state,
    Report.percent,
    Report.say,
    Report.asked_at,
    Report.done_at,
    Report.file_name,
    Report.plan_id,
)


def reports_of(session: Session, staff: int, centre: int, own: Sequence[int]) -> list[ReportShown]:
    """Those of this person and of this centre's plans, without their files; only of centres that are theirs still."""
    theirs = or_(
        col(Report.staff_id) == staff, col(Report.plan_id).is_not(None) & (col(Report.centre_id) == centre)
    )
    found = session.exec(
        select(*_COLUMNS).where(theirs).order_by(col(Report.asked_at).desc()).limit(MOST_SHOWN)  # type: ignore[call-overload]  # typed for four columns at most
    )
    rows: Iterator[ReportShown] = (
        ReportShown(
            each[0], rules.wanted_of(each[1]), each[2], each[3], each[4], each[5], each[6], each[7], each[8] is not None, bool(each[7])
        )
        for each in found
    )  # fmt: skip
    return [each for each in rows if set(each.wanted.centres) <= set(own)]


def plans_of(session: Session, centre: int) -> list[PlanShown]:
    rows = session.exec(
        select(ReportPlan, Staff.name)
        .join(Staff, col(Staff.id) == ReportPlan.made_by)
        .where(ReportPlan.centre_id == centre)
        .order_by(col(ReportPlan.stopped_at).is_not(None), col(ReportPlan.id))
    )
    return [
        PlanShown(
            id=plan.id or 0,
            every=Every(plan.every),
            wanted=rules.wanted_of(plan.asks),
            recipients=list(plan.recipients),
            next_on=plan.next_on,
            tries=plan.tries,
            again_at=plan.tried_at + rules.wait_after(plan.tries) if plan.tries and plan.tried_at else None,
            say=plan.say,
            sent_at=plan.sent_at,
            stopped=plan.stopped_at is not None,
            made_by=name,
        )
        for plan, name in rows
    ]


# What is due ---------------------------------------------------------------------------------------------------------


class Due(NamedTuple):
    """A plan whose turn has come. `mail`: how far sending it is, by address."""

    plan: int
    centre: int
    every: Every
    next_on: date
    recipients: tuple[str, ...]
    report: str
    state: str | None
    say: str
    mail: Mapping[str, Mapping[str, Any]]


def due_plans(session: Session, now: datetime) -> list[Due]:
    """Plans whose time is over and settled: from six in the morning, when no visit of it is open any more, or at noon whatever is open."""
    found = []
    waiting = select(ReportPlan, Centre).join(Centre, col(Centre.id) == ReportPlan.centre_id)
    for plan, centre in session.exec(waiting.where(col(ReportPlan.stopped_at).is_(None))):
        assert plan.id is not None
        local = now.astimezone(ZoneInfo(centre.timezone))
        held = plan.tried_at is not None and plan.tries and plan.tried_at + rules.wait_after(plan.tries) > now
        if held or not _is_over(session, plan, local):
            continue
        report = session.get(Report, rules.report_id_of(plan.id, plan.next_on))
        found.append(
            Due(
                plan.id,
                plan.centre_id,
                Every(plan.every),
                plan.next_on,
                tuple(plan.recipients),
                rules.report_id_of(plan.id, plan.next_on),
                report.state if report else None,
                report.say if report else "",
                report.asks.get("mail", {}) if report else {},
            )
        )
    return found


def _is_over(session: Session, plan: ReportPlan, local: datetime) -> bool:
    if (local.date(), local.hour) < (plan.next_on, SETTLED_HOUR):
        return False
    if (local.date(), local.hour) >= (plan.next_on, LATEST_HOUR):
        return True
    last = rules.span_told(Every(plan.every), plan.next_on).last
    sql = Sql(session.connection())
    is_open = sql.one(_OPEN, {"centre": plan.centre_id, "last": last.isoformat()}) is not None
    sql.close()
    return not is_open
