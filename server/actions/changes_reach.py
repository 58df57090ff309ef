"""Whom and what a change of the set-up meets: who waits, who is served, who sits there, which screens show it.

Only numbers of visitors, never their codes: an administrator plans, and need not know who is in the building. Colleagues are named,
because one has to speak to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from server.actions.centre_hours import read_hours
from server.centrefile import CentrePlan
from server.centrefile.applying import Applied
from server.domain.changes import Part, Table, listed
from server.domain.hours import Hours, Open, Timetable
from server.store.tables import Centre, Counter, Device, Seat, Service, Staff, Ticket, Visit
from wire.vocabulary import DeviceKind, TicketState

LOOK_AHEAD = 14
"""Days whose hours are compared before and after."""

NOBODY_PRIVATE = (
    "Then no service takes visitors who wish to talk in private, and every kiosk loses that button at once. "
    "To send them to another service instead, use the page “Talks in private”: it moves in one step."
)
OPEN = {
    TicketState.WAITING: ("waits", "wait"),
    TicketState.CALLED: ("is called", "are called"),
    TicketState.SERVING: ("is being served", "are being served"),
    TicketState.PARKED: ("has their place kept", "have their places kept"),
}


def in_use(session: Session, centre: Centre, part: Part, since: datetime | None) -> str:
    """Why the part cannot be taken away at this moment: a sentence that says what to do, or nothing.

    `since` leaves out what began before (the evening before a change at midnight): its visitors have gone home.
    """
    if part.kind == "service":
        return _service_in_use(session, centre, part.name, since)
    if part.kind == "counter":
        return _counter_in_use(session, centre, part.name, since)
    return ""


def _service_in_use(session: Session, centre: Centre, slug: str, since: datetime | None) -> str:
    service = session.exec(
        select(Service).where(Service.centre_id == centre.id, Service.slug == slug)
    ).first()
    if service is None:
        return ""
    here = _by_state(session, centre, since, service=service)
    if not here:
        return ""
    name = service.names.get("en", slug)
    they = _people(here)
    return f"{they} for {name}. Pass them on or finish with them first, or choose tomorrow."


def _counter_in_use(session: Session, centre: Centre, slug: str, since: datetime | None) -> str:
    counter = session.exec(
        select(Counter).where(Counter.centre_id == centre.id, Counter.slug == slug)
    ).first()
    if counter is None:
        return ""
    query = (
        select(Staff.name)
        .join(Seat, col(Seat.staff_id) == col(Staff.id))
        .where(Seat.counter_id == counter.id, col(Seat.until_at).is_(None))
    )
    sits = session.exec(query if since is None else query.where(Seat.since_at >= since)).first()
    if sits is not None:
        return f"{sits} sits at {counter.name}. Ask them to get up first, or choose tomorrow."
    waiting = _by_state(session, centre, since, counter=counter)
    if not waiting:
        return ""
    return f"{_people(waiting)} for {counter.name}. Pass them on first, or choose tomorrow."


def touches(session: Session, centre: Centre, now_done: Applied, now: datetime) -> list[str]:
    """What the change meets if it is done now, a sentence each; nothing when it meets nobody."""
    before, after, part = now_done.before, now_done.after, now_done.part
    plan = now_done.plan
    said: list[str] = []
    match part.kind:
        case "service" if before is not None:
            said += _service_met(session, centre, part.name, gone=after is None)
        case "counter" if before is not None:
            said += _counter_met(session, centre, part.name)
        case "private" if before is not None and before["private"]:
            said += [
                each.replace(" for it now", " to talk in private now")
                for each in _service_met(session, centre, before["private"], gone=False)[:1]
            ]
        case "centre":
            said += _languages_met(session, centre, plan)
    said += _hours_met(session, centre, plan, part, now)
    had = part.kind in ("service", "private") and before is not None and before.get("private")
    if had and not any(each.private for each in plan.services):
        said.append(NOBODY_PRIVATE)
    under = (each for each in plan.services if each.choice == part.name and each.walk_in)
    if part.kind == "choice" and after is not None and not any(under):
        said.append(
            "No walk-in service is under this choice yet, so visitors do not see it. Put one there next."
        )
    if _on_kiosk(part, before) or _on_kiosk(part, after):
        said += _screens(session, centre, (DeviceKind.KIOSK, DeviceKind.SCAN_STATION), "kiosk")
    if "message" in (part.kind, part.name):
        said += _screens(session, centre, (DeviceKind.DISPLAY,), "lobby display")
    return said


def _on_kiosk(part: Part, table: Table | None) -> bool:
    """Whether visitors at a kiosk see anything of it."""
    if table is None:
        return False
    if part.kind == "service":
        return "choice" in table and table.get("walk_in", True) and not table.get("discreet", False)
    return part.kind in ("choice", "layout", "private", "centre", "hours", "exception", "closure")


def _service_met(session: Session, centre: Centre, slug: str, *, gone: bool) -> list[str]:
    service = session.exec(
        select(Service).where(Service.centre_id == centre.id, Service.slug == slug)
    ).first()
    if service is None:
        return []
    said = []
    here = _by_state(session, centre, None, service=service)
    if here:
        said.append(f"{_people(here)} for it now.{'' if gone else ' They keep their places.'}")
    seats = session.exec(
        select(Staff.name, Counter.name, Seat.services)
        .join(Seat, col(Seat.staff_id) == col(Staff.id))
        .join(Counter, col(Counter.id) == col(Seat.counter_id))
        .where(Seat.centre_id == centre.id, col(Seat.until_at).is_(None))
        .order_by(col(Counter.position))
    ).all()
    who = [f"{name} at {counter}" for name, counter, services in seats if service.id in services]
    if who:
        said.append(f"{listed(_few(who))} {'serves' if len(who) == 1 else 'serve'} it now.")
    return said


def _counter_met(session: Session, centre: Centre, slug: str) -> list[str]:
    counter = session.exec(
        select(Counter).where(Counter.centre_id == centre.id, Counter.slug == slug)
    ).first()
    if counter is None:
        return []
    said = []
    busy = _counter_in_use(session, centre, slug, None)
    if busy:
        said.append(busy.split(". ")[0] + ".")
    signs = session.exec(
        select(Device.name).where(Device.counter_id == counter.id, col(Device.revoked_at).is_(None))
    ).all()
    if signs:
        said.append(f"{listed(_few(signs))} {'shows' if len(signs) == 1 else 'show'} this counter.")
    return said


def _languages_met(session: Session, centre: Centre, plan: CentrePlan) -> list[str]:
    gone = [each for each in centre.languages if each not in plan.languages]
    if not gone:
        return []
    query = (
        select(Visit.language, func.count())
        .where(Visit.centre_id == centre.id, col(Visit.language).in_(gone), col(Visit.ended_at).is_(None))
        .where(
            col(Visit.id).in_(
                select(Ticket.visit_id).where(Ticket.centre_id == centre.id, col(Ticket.ended_at).is_(None))
            )
        )
        .group_by(Visit.language)
    )
    inside = sum(count for _, count in session.exec(query))
    if not inside:
        return []
    some = "1 visitor who chose" if inside == 1 else f"{inside} visitors who chose"
    theirs = "a language" if len(gone) == 1 else "languages"
    return [
        f"{some} {theirs} you take away {'is' if inside == 1 else 'are'} inside. Their ticket and phone page keep it."
    ]


def _hours_met(session: Session, centre: Centre, plan: CentrePlan, part: Part, now: datetime) -> list[str]:
    """What the change does to today and the days ahead, worked out from the hours themselves."""
    told = read_hours(session, centre.id or 0)
    service: Service | None = None
    own_was = own_becomes = None
    if part.kind == "service":
        query = select(Service).where(Service.centre_id == centre.id, Service.slug == part.name)
        service = session.exec(query).first()
        own_becomes = next((each.hours for each in plan.services if each.slug == part.name), None)
        if service is None or own_becomes is None:
            return []
        own_was = told.get(service.id, Hours())
    elif part.kind not in ("hours", "exception", "closure", "centre"):
        return []
    was = Timetable(centre.timezone, told.get(None, Hours()), own_was)
    becomes = Timetable(plan.timezone, plan.hours, own_becomes)
    said = []
    if isinstance(was.standing(now), Open) and not isinstance(becomes.standing(now), Open):
        here = _by_state(session, centre, None, service=service)
        inside = f"{_people(here)}: they can still be called and served." if here else "Nobody waits."
        which = "centre" if service is None else "service"
        said.append(f"The {which} is open now and would be closed at once. {inside}")
    today = was.local_date(now)
    days = [today + timedelta(days=at) for at in range(LOOK_AHEAD)]
    other = [day for day in days if was.local_times(day) != becomes.local_times(day)]
    if other and part.kind != "exception":
        shown = [f"{_short(day)} ({_times(was, day)}, then {_times(becomes, day)})" for day in other[:4]]
        more = f" and {len(other) - 4} more days" if len(other) > 4 else ""
        said.append(
            f"In the next two weeks this changes {listed(shown) if not more else ', '.join(shown)}{more}."
        )
    return said


def _short(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _times(timetable: Timetable, day: date) -> str:
    spans = timetable.local_times(day)
    said = (f"{opens} to {closes}" if opens != closes else "all day and night" for opens, closes in spans)
    return listed(said) or "closed"


def _screens(session: Session, centre: Centre, kinds: Sequence[DeviceKind], name: str) -> list[str]:
    query = select(func.count()).where(
        Device.centre_id == centre.id, col(Device.kind).in_(kinds), col(Device.revoked_at).is_(None)
    )
    count = session.exec(query).one()
    return [f"{count} {name}{'s show' if count != 1 else ' shows'} it within a second."] if count else []


def _by_state(
    session: Session,
    centre: Centre,
    since: datetime | None,
    service: Service | None = None,
    counter: Counter | None = None,
) -> dict[TicketState, int]:
    query = (
        select(Ticket.state, func.count())
        .where(Ticket.centre_id == centre.id, col(Ticket.ended_at).is_(None))
        .group_by(Ticket.state)
    )
    if since is not None:
        query = query.where(Ticket.arrived_at >= since)
    if service is not None:
        query = query.where(Ticket.service_id == service.id)
    if counter is not None:
        query = query.where((Ticket.for_counter_id == counter.id) | (Ticket.counter_id == counter.id))
    counts = dict(session.exec(query).all())
    return {state: counts[state] for state in OPEN if counts.get(state)}


def _people(here: dict[TicketState, int]) -> str:
    said: list[str] = []
    for state, count in here.items():
        who = ("1 person" if count == 1 else f"{count} people") if not said else str(count)
        said.append(f"{who} {OPEN[state][count != 1]}")
    return listed(said)


def _few(names: Sequence[str]) -> list[str]:
    return [*names[:4], *([f"{len(names) - 4} more"] if len(names) > 4 else [])]
