"""Who did what, when, to what and from where, at one centre: a day, a week or a month of it, a page at a time.

Two sources make one list: the audit table (accounts, devices, sign-ins, looks at discreet visits, steps taken back) and the steps of tickets,
which are written anyway for every change. Nothing here holds a visitor's words. A page is cut out of both by time, newest first, so each
reads only as many rows as lie before the page's end; `DEEPEST` bounds that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlalchemy import Connection
from sqlmodel import Session, col, or_, select
from starlette.requests import Request
from starlette.responses import Response

from server.clock import from_micros
from server.store.queries.audit_chain import checked as checked_up_to
from server.store.queries.audit_chain import head_of
from server.store.sql import Sql, Statement
from server.store.tables import Audit, Centre, Counter, Staff, StaffRole, Step, Ticket, Visit
from server.web import labels as words
from server.web.gate import Guarded, house_of
from server.web.render import page
from wire.vocabulary import Outcome

router = APIRouter()

ON_A_PAGE = 100
DEEPEST = 50
WHO_ALL = 0
SPANS = {1: "That day", 7: "7 days up to it", 31: "31 days up to it"}
AT_THE_DOOR = frozenset({"sign_in_failed", "sign_on_refused"})
"""Done by nobody who is known, and often at no centre that is known; each administrator sees those."""
_A_ROW = re.compile(r"[a-z_]+:[0-9a-f]+")
"""How `about` names a row of ours; of no use to a person."""


@dataclass(frozen=True)
class Entry:
    at: datetime
    who: str
    what: str
    about: str
    where: str
    undone: bool = False


@dataclass(frozen=True)
class Wanted:
    """What to show: who did it (WHO_ALL: anybody), and `what` as `deed:<what>` or `step:<action>`, empty for everything."""

    who: int = WHO_ALL
    what: str = ""

    def deeds(self) -> str | None:
        """The one deed wanted, "" for all, None for none of them."""
        return self._of("deed")

    def steps(self) -> str | None:
        return self._of("step")

    def _of(self, kind: str) -> str | None:
        if not self.what:
            return ""
        named, _, value = self.what.partition(":")
        return value if named == kind else None


@router.get("/admin/audit")
async def audit_page(
    request: Request,
    caller: Guarded,
    day: str = "",
    who: str = "",
    what: str = "",
    days: str = "1",
    sheet: str = "1",
) -> Response:
    house = house_of(request)
    read = partial(
        read_audit,
        centre=caller.actor.centre,
        day=day,
        wanted=Wanted(_number(who, WHO_ALL), what[:60]),
        days=_number(days, 1),
        sheet=_number(sheet, 1),
        now=house.clock.now(),
    )
    return page(request, "audit.html", **await house.read(read), seal=await house.look(read_seal))


_TROUBLES = Statement("SELECT say, act FROM trouble WHERE subject LIKE 'audit %' ORDER BY subject")


@dataclass(frozen=True)
class Seal:
    """How far the audit is sealed (docs/audit.md), when the house last looked through the chain, and what is wrong with it."""

    upto: datetime | None
    link: int
    checked_at: datetime | None
    checked_link: int
    wrong: tuple[tuple[str, str], ...]


def read_seal(connection: Connection) -> Seal:
    sql = Sql(connection)
    head, checked = head_of(sql), checked_up_to(sql)
    wrong = tuple((say, act) for say, act in sql.all(_TROUBLES))
    sql.close()
    return Seal(
        from_micros(head.made_at) if head else None,
        head.number if head else 0,
        from_micros(checked[2]) if checked else None,
        checked[0] if checked else 0,
        wrong,
    )


def _number(text: str, usual: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else usual


def read_audit(
    session: Session, centre: int, day: str, wanted: Wanted, days: int, sheet: int, now: datetime
) -> dict[str, Any]:
    """One page of the entries of the local days up to `day`, latest first."""
    zone = ZoneInfo(session.get_one(Centre, centre).timezone)
    today = now.astimezone(zone).date()
    on, days = _day(day) or today, days if days in SPANS else 1
    begins = datetime.combine(on - timedelta(days=days - 1), time(0), tzinfo=zone)
    ends = datetime.combine(on + timedelta(days=1), time(0), tzinfo=zone)
    people = {person.id or 0: person.name for person in session.exec(select(Staff))}
    sheet = min(max(1, sheet), DEEPEST)
    until = sheet * ON_A_PAGE
    entries = [
        *_deeds(session, centre, begins, ends, wanted, people, until + 1),
        *_steps(session, centre, begins, ends, wanted, people, until + 1),
    ]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    kept = {"day": on.isoformat(), "days": days, "who": wanted.who, "what": wanted.what}
    return {
        "entries": entries[until - ON_A_PAGE : until],
        "sheet": sheet,
        "newer": _address(kept, sheet=sheet - 1) if sheet > 1 else None,
        "older": _address(kept, sheet=sheet + 1) if len(entries) > until and sheet < DEEPEST else None,
        "cut": len(entries) > until and sheet == DEEPEST,
        "on": on,
        "first_on": on - timedelta(days=days - 1),
        "before": _address({**kept, "day": (on - timedelta(days=days)).isoformat()}),
        "after": _address({**kept, "day": (on + timedelta(days=days)).isoformat()}) if on < today else None,
        "zone": zone,
        "people": _who_to_choose(session, centre, people),
        "who": wanted.who,
        "what": wanted.what,
        "deeds": _what_to_choose(session, centre, begins, ends),
        "days": days,
        "spans": SPANS,
    }


def _address(kept: Mapping[str, Any], **more: Any) -> str:
    return "?" + urlencode({**kept, **more})


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


def _what_to_choose(
    session: Session, centre: int, begins: datetime, ends: datetime
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Everything there are words for and everything that was done in that time, in two groups, each by its words."""
    done = select(Audit.what).where(Audit.centre_id == centre, col(Audit.at) >= begins, col(Audit.at) < ends)
    known = {*words.DEEDS, *session.exec(done.distinct())}
    return [
        ("Deeds", sorted(((f"deed:{each}", words.deed(each)) for each in known), key=lambda item: item[1])),
        (
            "Steps of a visit",
            sorted(((f"step:{each}", say) for each, say in words.STEPS.items()), key=lambda item: item[1]),
        ),
    ]


def _deeds(
    session: Session,
    centre: int,
    begins: datetime,
    ends: datetime,
    wanted: Wanted,
    people: Mapping[int, str],
    most: int,
) -> list[Entry]:
    deed = wanted.deeds()
    if deed is None:
        return []
    here = or_(
        col(Audit.centre_id) == centre, col(Audit.centre_id).is_(None) & col(Audit.what).in_(AT_THE_DOOR)
    )
    found = select(Audit).where(here, col(Audit.at) >= begins, col(Audit.at) < ends)
    if wanted.who:
        found = found.where(Audit.staff_id == wanted.who)
    if deed:
        found = found.where(Audit.what == deed)
    newest = found.order_by(col(Audit.at).desc(), col(Audit.id).desc()).limit(most)
    return [
        Entry(
            at=each.at,
            who="Somebody" if each.what in AT_THE_DOOR else people.get(each.staff_id or 0, "Foyer"),
            what=words.deed(each.what),
            about=_about(each),
            where=each.address,
        )
        for each in session.exec(newest)
    ]


def _about(entry: Audit) -> str:
    detail = entry.detail
    named = detail.get("username") or detail.get("name") or ""
    extra = ", ".join(words.ROLES[role] for role in words.ROLES if role in detail.get("roles", ()))
    if entry.what in AT_THE_DOOR:
        extra = str(detail.get("why", ""))  # a word of ours
    elif entry.what == "factor_reset":
        extra = words.MADE_SURE.get(str(detail.get("sure", "")), "")
    shown = str(named) or ("" if _A_ROW.fullmatch(entry.about) else entry.about)
    return f"{shown} ({extra})" if extra else shown


def _steps(
    session: Session,
    centre: int,
    begins: datetime,
    ends: datetime,
    wanted: Wanted,
    people: Mapping[int, str],
    most: int,
) -> list[Entry]:
    action = wanted.steps()
    if action is None:
        return []
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
    if wanted.who:
        found = found.where(Step.staff_id == wanted.who)
    if action:
        found = found.where(Step.action == action)
    newest = found.order_by(col(Step.at).desc(), col(Step.id).desc()).limit(most)
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
        for step, code, counter, outcome in session.exec(newest)
    ]
