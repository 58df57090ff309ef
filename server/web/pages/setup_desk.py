"""What every page of the set-up reads of the centre, once, and how a form becomes a draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, SQLModel, col, select
from starlette.datastructures import FormData
from starlette.requests import Request

from server.actions.changes import Draft, consider, failed_of, plan_at, plan_of, planned_of
from server.actions.changes_reach import touches
from server.centrefile import CentrePlan, document
from server.centrefile.applying import applied, standing
from server.clock import from_micros, to_micros
from server.domain.changes import LISTED, ORDERED, Part, Table, found, mark_of, part_for, part_of
from server.domain.refusals import Refused
from server.live.broken import Supposed, newly_broken
from server.store.tables import Centre, Change, Choice, Counter, Message, Service, Staff, Submission
from server.web.gate import house_of, text_of
from server.web.identity import Caller
from server.web.pages import setup_forms as forms
from server.web.pages import setup_offer
from server.web.pages.broken import Row, rows_unnamed
from server.web.pages.setup_order import order_of
from wire.vocabulary import Language, RefusalCode

KINDS = {
    "services": "service",
    "choices": "choice",
    "counters": "counter",
    "areas": "area",
    "messages": "message",
    "purposes": "purpose",
    "teams": "team",
    "portals": "portal",
    "closures": "closure",
    "exceptions": "exception",
    "order": "order",
}
"""How an address names each kind of part."""
BREAKING = frozenset({"centre", "hours", "exception", "closure", "service", "counter"})
"""What appointments stand on."""
FAR = datetime(2200, 1, 1, tzinfo=ZoneInfo("UTC"))
_ROWS: dict[str, type[Choice] | type[Service] | type[Counter] | type[Message]] = {
    "choice": Choice,
    "service": Service,
    "counter": Counter,
    "message": Message,
}


@dataclass(frozen=True)
class Desk:
    """The centre as it stands, and as it will be when everything planned is done."""

    centre: Centre
    plan: CentrePlan
    coming: CentrePlan
    planned: list[Change]
    failed: list[Change]
    names: dict[int, str]
    """Of those who made what is planned or failed."""
    now: datetime
    retired: dict[str, str] = field(default_factory=dict)
    """Names of services that were taken away, by slug: a new one may go on with their figures."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.centre.timezone)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def languages(self) -> list[Language]:
        """Those offered now or soon, English first."""
        offered = {*self.plan.languages, *self.coming.languages}
        return [each for each in Language if each.value in offered]

    def table(self, part: Part) -> Table | None:
        return standing(self.plan, part)

    def planned_for(self, part: Part) -> list[Change]:
        return [each for each in self.planned if each.part == str(part)]

    def is_coming(self, kind: str, slug: str) -> bool:
        """Whether it is planned and not there yet."""
        here = {each.slug for each in getattr(self.plan, f"{kind}s")}
        return slug not in here


def read_desk(session: Session, centre_id: int, now: datetime) -> Desk:
    centre = session.get_one(Centre, centre_id)
    plan = plan_of(session, centre)
    planned, failed = planned_of(session, centre_id), failed_of(session, centre_id)
    coming = plan_at(plan, planned) if planned else plan
    ids = {each.staff_id for each in (*planned, *failed)} - {None}
    people = session.exec(select(Staff).where(col(Staff.id).in_(ids))) if ids else ()
    names = {each.id: each.name for each in people if each.id is not None}
    gone = session.exec(
        select(Service).where(Service.centre_id == centre_id, col(Service.retired_at).is_not(None))
    )
    retired = {row.slug: row.names.get("en", row.slug) for row in gone}
    return Desk(centre, plan, coming, planned, failed, names, now, retired)


async def desk_of(request: Request, caller: Caller) -> Desk:
    house = house_of(request)
    now = from_micros(house.clock.micros())
    return await house.read(lambda session: read_desk(session, caller.actor.centre, now))


def wanted_part(desk: Desk, room: str, name: str) -> tuple[Part, Table]:
    """The part that an address names, as it stands. Raises Refused when there is none."""
    kind = KINDS.get(room)
    part = part_of(f"{kind}:{name}") if kind else None
    table = desk.table(part) if part else None
    if part is None or table is None:
        raise Refused(RefusalCode.UNKNOWN, "This is not there, or not any more. Go back to the set-up.")
    return part, table


def part_in(desk: Desk, kind: str, name: str, form: FormData, session: Session) -> tuple[Part, Table]:
    """The part as the form says it, and its name: a new one gets its own. `name` is empty for what is added."""
    part = part_of(f"{kind}:{name}") if name or kind not in forms_named() else None
    if part is None and kind not in forms_named():
        raise Refused(RefusalCode.UNKNOWN, "There is no such page of the set-up.")
    kept = desk.table(part) if part else None
    table = _read(desk, kind, name, form, kept)
    if part is not None and not (kind == "exception" and not name):
        return part, table
    if kind in LISTED:
        text = table.get("names") or table.get("text") or {"en": table.get("name", "")}
        table = {"slug": forms.new_slug(text.get("en", ""), kind, _taken(desk, kind, session)), **table}
    return part_for(kind, table), table


def forms_named() -> frozenset[str]:
    return LISTED | {"closure", "exception"}


def _read(desk: Desk, kind: str, name: str, form: FormData, kept: Table | None) -> Table:
    match kind:
        case "hours":
            return {"hours": forms.hours_rows(form)}
        case "layout":
            return forms.layout_of(form)
        case "order":
            return {ORDERED[name]: order_of(form)}
        case "private":
            return {"private": forms.typed_text(form, "private")}
        case "exception":
            return {"exception": forms.exception_rows(form, name or forms.typed_text(form, "on"))}
        case "service" if forms.aspect_of(form) == "hours":
            return _own_hours(desk, form, kept or {})
        case "service" if forms.aspect_of(form) == "appointments":
            return setup_offer.with_offer(form, kept or {})
        case "closure":
            table = forms.collected(kind, form, kept)
            return {**table, "last": table.get("last") or table["first"]}
    return forms.collected(kind, form, kept)


def _own_hours(desk: Desk, form: FormData, kept: Table) -> Table:
    """The service with the hours of the form; special hours and closures that are over stay as they are."""
    table = {key: value for key, value in kept.items() if key not in forms.HOURS_KEYS}
    told = {
        "hours": forms.hours_rows(form),
        "exception": [*forms.upcoming(kept.get("exception", []), desk.today)[0], *forms.exception_rows(form)],
        "closure": [*forms.upcoming(kept.get("closure", []), desk.today)[0], *forms.closure_rows(form)],
    }
    return {**table, **{key: rows for key, rows in told.items() if rows}}


def _taken(desk: Desk, kind: str, session: Session) -> set[str]:
    """Slugs that are or ever were in use here: a new thing must not be taken for an old one in the figures."""
    taken = {each["slug"] for each in document(desk.coming).get(kind, ())}
    rows: type[SQLModel] | None = _ROWS.get(kind)
    if rows is not None:
        column: Any = rows
        taken |= set(session.exec(select(column.slug).where(column.centre_id == desk.centre.id)))
    if kind == "purpose":
        query = select(Submission.what).where(Submission.centre_id == desk.centre.id).distinct()
        taken |= set(session.exec(query))
    return taken


# Looking before doing ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outlook:
    """A draft held against the centre: as of now, or where that cannot be, as of when all is done that is planned."""

    draft: Draft
    title: str
    before: Table | None
    after: Table | None
    plan: CentrePlan
    touches: list[str]
    upset: tuple[str, ...]
    not_now: str
    """Why it cannot be done at once but later; empty when it can."""
    stop: str
    faults: tuple[Any, ...]
    broken: tuple[Row, ...] = ()
    """Appointments that would not fit any more."""

    @property
    def is_fine(self) -> bool:
        return not self.stop and not self.faults


def look_out(session: Session, desk: Desk, draft: Draft) -> Outlook:
    """What the draft would do; nothing is changed."""
    now = consider(session, desk.centre, draft, desk.now, desk.now)
    then, not_now = now, ""
    if not now.is_fine:
        later = consider(session, desk.centre, draft, FAR, desk.now)
        if later.is_fine:
            then, not_now = later, now.stop or now.faults[0].say
    met = touches(session, desk.centre, now.now, desk.now) if then.is_fine and not now.outcome.clash else []
    outcome = then.outcome
    broken = _broken(session, desk, draft.part, outcome.plan) if then.is_fine else ()
    return Outlook(
        draft,
        then.title,
        outcome.before,
        outcome.after,
        outcome.plan,
        met,
        then.upset,
        not_now,
        then.stop,
        then.faults,
        broken,
    )


def _broken(session: Session, desk: Desk, part: Part, plan: CentrePlan) -> tuple[Row, ...]:
    if part.kind not in BREAKING:
        return ()
    found = newly_broken(session, desk.centre.id or 0, to_micros(desk.now), Supposed(plan=plan))
    return tuple(rows_unnamed(found))


def shown_plan(desk: Desk, part: Part, after: Table) -> CentrePlan:
    """The plan with the part as a form says it just now, right or not: for the picture of the kiosk."""
    return applied(desk.coming, part, found(document(desk.coming), part), after).plan


def with_form(
    form: FormData, desk: Desk, kind: str, name: str
) -> Callable[[Session], tuple[Part, Table, Outlook]]:
    """Reads the form into a draft and holds it against the centre."""

    def reading(session: Session) -> tuple[Part, Table, Outlook]:
        part, table = part_in(desk, kind, name, form, session)
        mark = text_of(form, "mark", 20) or mark_of(None)
        draft = Draft(part, table, mark)
        return part, table, look_out(session, desk, draft)

    return reading
