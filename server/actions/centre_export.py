"""A centre as its file would say it: what is retired is left out, and so is every secret."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session, col, select

from server.actions.bookable_rows import export_bookables
from server.actions.centre_hours import read_hours
from server.actions.forms import offered_here
from server.centrefile import plan as file
from server.domain import handing
from server.domain.hours import Hours
from server.domain.offers import read_offer
from server.domain.tallies import TAPPED
from server.store.tables import Centre, Choice, Counter, Message, Service, Staff, StaffRole
from wire.vocabulary import Activity, CounterKind, Role, TicketClass


def export(session: Session, slug: str) -> file.CentrePlan | None:
    """The plan of the centre of this slug; None when there is none."""
    centre = session.exec(select(Centre).where(Centre.slug == slug)).first()
    if centre is None:
        return None
    assert centre.id is not None
    told = read_hours(session, centre.id)
    areas = centre.extra.get("areas", ())
    services = _services(session, centre.id, told)
    people = _staff(session, centre.id)
    return file.CentrePlan(
        slug=centre.slug,
        name=centre.name,
        timezone=centre.timezone,
        languages=tuple(centre.languages),
        wait_here=dict(centre.wait_here),
        address=centre.address,
        telephone=centre.extra.get("telephone", ""),
        map_url=centre.extra.get("map_url", ""),
        find_us=dict(centre.extra.get("find_us", {})),
        idle_seconds=centre.idle_seconds,
        max_calls=centre.max_calls,
        no_show_minutes=centre.no_show_minutes,
        activities=tuple(Activity(each) for each in centre.extra.get("activities", TAPPED)),
        hours=told.get(None, Hours()),
        areas=tuple(file.Area(each["slug"], each["names"]) for each in areas),
        choices=_choices(session, centre.id),
        services=services,
        counters=_counters(session, centre.id, centre.extra.get("counter_areas", {})),
        messages=_messages(session, centre.id),
        staff=tuple(people.values()),
        bookables=export_bookables(
            session,
            centre.id,
            {number: person.username for number, person in people.items()},
            {each.slug for each in services},
        ),
        purposes=handing.purposes(centre.extra),
        teams=handing.teams(centre.extra),
        portals=handing.portals(centre.extra),
        forms=offered_here(session, centre.id),
    )


def _choices(session: Session, centre_id: int) -> tuple[file.Choice, ...]:
    query = select(Choice).where(Choice.centre_id == centre_id, col(Choice.retired_at).is_(None))
    return tuple(
        file.Choice(row.slug, dict(row.names), row.icon or file.PLAIN_ICON)
        for row in session.exec(query.order_by(col(Choice.position), col(Choice.id)))
    )


def _services(session: Session, centre_id: int, told: Mapping[int | None, Hours]) -> tuple[file.Service, ...]:
    query = select(Service).where(Service.centre_id == centre_id, col(Service.retired_at).is_(None))
    choices = {row.id: row.slug for row in session.exec(select(Choice).where(Choice.centre_id == centre_id))}
    return tuple(
        _service(row, choices.get(row.choice_id), told.get(row.id, Hours()))
        for row in session.exec(query.order_by(col(Service.position), col(Service.id)))
    )


def _service(row: Service, choice: str | None, told: Hours) -> file.Service:
    return file.Service(
        slug=row.slug,
        names=dict(row.names),
        help=dict(row.help),
        choice=choice,
        icon=row.icon or file.PLAIN_ICON,
        ticket_class=TicketClass(row.ticket_class),
        activity=Activity(row.activity),
        target_minutes=row.target_minutes,
        usual_minutes=row.usual_minutes,
        walk_in=row.walk_in,
        by_appointment=row.by_appointment,
        discreet=row.discreet,
        private=row.private,
        synonyms=tuple(row.synonyms),
        lgsl=row.lgsl,
        continues=tuple(row.continues),
        hours=told,
        appointments=read_offer(row.booking),
    )


def _counters(session: Session, centre_id: int, areas: Mapping[str, str]) -> tuple[file.Counter, ...]:
    query = select(Counter).where(Counter.centre_id == centre_id, col(Counter.retired_at).is_(None))
    return tuple(
        file.Counter(row.slug, row.name, CounterKind(row.kind), areas.get(row.slug), row.sends_to)
        for row in session.exec(query.order_by(col(Counter.position), col(Counter.id)))
    )


def _messages(session: Session, centre_id: int) -> tuple[file.Message, ...]:
    query = select(Message).where(Message.centre_id == centre_id)
    return tuple(
        file.Message(row.slug, dict(row.text), row.standing)
        for row in session.exec(query.order_by(col(Message.position), col(Message.id)))
    )


def _staff(session: Session, centre_id: int) -> dict[int, file.Staff]:
    """By the number of their account."""
    query = (
        select(Staff, StaffRole)
        .join(StaffRole, col(StaffRole.staff_id) == col(Staff.id))
        .where(StaffRole.centre_id == centre_id, col(Staff.disabled_at).is_(None))
        .order_by(col(Staff.id))
    )
    people: dict[int, tuple[Staff, set[str]]] = {}
    for person, role in session.exec(query):
        people.setdefault(person.id or 0, (person, set()))[1].add(role.role)
    return {
        number: file.Staff(person.username, person.name, tuple(role for role in Role if role in roles))
        for number, (person, roles) in people.items()
    }
