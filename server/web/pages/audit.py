"""Who did what, when, to what and from where, one local day of one centre at a time.

Two sources make one list: the audit table (accounts, devices, sign-ins, steps taken back) and the steps of tickets, which are written anyway
for every change. Nothing here holds a visitor's words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from server.store.tables import Audit, Centre, Counter, Staff, StaffRole, Step, Ticket, Visit
from server.web import labels as words
from server.web.gate import Guarded, house_of
from server.web.render import page
from wire.vocabulary import Outcome

router = APIRouter()

MOST = 500
WHO_ALL = 0


@dataclass(frozen=True)
class Entry:
    at: datetime
    who: str
    what: str
    about: str
    where: str
    undone: bool = False


@router.get("/admin/audit")
async def audit_page(request: Request, caller: Guarded, day: str = "", who: str = "") -> Response:
    house = house_of(request)
    read = partial(
        read_audit,
        centre=caller.actor.centre,
        day=day,
        who=int(who) if who.isdecimal() and len(who) < 9 else WHO_ALL,
        now=house.clock.now(),
    )
    return page(request, "audit.html", **await house.read(read))


def read_audit(session: Session, centre: int, day: str, who: int, now: datetime) -> dict[str, Any]:
    """The entries of a local day, latest first; the whole day's of one person when `who` is not WHO_ALL."""
    zone = ZoneInfo(session.get_one(Centre, centre).timezone)
    today = now.astimezone(zone).date()
    on = _day(day) or today
    begins, ends = (datetime.combine(each, time(0), tzinfo=zone) for each in (on, on + timedelta(days=1)))
    people = {person.id or 0: person.name for person in session.exec(select(Staff))}
    entries = [
        *_deeds(session, centre, begins, ends, who, people),
        *_steps(session, centre, begins, ends, who, people),
    ]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return {
        "entries": entries[:MOST],
        "cut": len(entries) > MOST,
        "on": on,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1) if on < today else None,
        "zone": zone,
        "people": _who_to_choose(session, centre, people),
        "who": who,
    }


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day <= date(2200, 1, 1) else None


def _who_to_choose(session: Session, centre: int, people: Mapping[int, str]) -> list[tuple[int, str]]:
    """Those with a role here now. Who has left is still named in the list, but other centres' staff are not."""
    here = session.exec(select(StaffRole.staff_id).where(StaffRole.centre_id == centre).distinct())
    return sorted(((each, people[each]) for each in here), key=lambda item: item[1])


def _deeds(
    session: Session, centre: int, begins: datetime, ends: datetime, who: int, people: Mapping[int, str]
) -> list[Entry]:
    found = select(Audit).where(Audit.centre_id == centre, col(Audit.at) >= begins, col(Audit.at) < ends)
    if who:
        found = found.where(Audit.staff_id == who)
    return [
        Entry(
            at=each.at,
            who=people.get(each.staff_id or 0, "Foyer"),
            what=words.deed(each.what),
            about=_about(each),
            where=each.address,
        )
        for each in session.exec(found.order_by(col(Audit.at).desc()).limit(MOST + 1))
    ]


def _about(entry: Audit) -> str:
    detail = entry.detail
    named = detail.get("username") or detail.get("name") or ""
    extra = ", ".join(words.ROLES[role] for role in words.ROLES if role in detail.get("roles", ()))
    shown = str(named) or (entry.about if ":" not in entry.about else "")
    return f"{shown} ({extra})" if extra else shown


def _steps(
    session: Session, centre: int, begins: datetime, ends: datetime, who: int, people: Mapping[int, str]
) -> list[Entry]:
    found = (
        select(Step, Visit.code, Counter.name, Ticket.outcome)
        .join(Ticket, col(Ticket.id) == col(Step.ticket_id))
        .join(Visit, col(Visit.id) == col(Ticket.visit_id))
        .outerjoin(Counter, col(Counter.id) == col(Step.counter_id))
        .where(
            col(Ticket.centre_id) == centre,
            col(Ticket.arrived_at) >= begins - timedelta(days=1),
            col(Step.at) >= begins,
            col(Step.at) < ends,
        )
    )
    if who:
        found = found.where(Step.staff_id == who)
    return [
        Entry(
            at=step.at,
            who=people.get(
                step.staff_id or 0, "Foyer, by itself" if step.action == "no_show" else "The visitor"
            ),
            what=words.STEPS.get(step.action, step.action),
            about=f"{code}, {words.OUTCOMES[Outcome(outcome)].lower()}"
            if step.action == "finish" and outcome
            else code,
            where=", ".join(part for part in (counter, step.address) if part),
            undone=step.undone_at is not None,
        )
        for step, code, counter, outcome in session.exec(found.order_by(col(Step.at).desc()).limit(MOST + 1))
    ]
