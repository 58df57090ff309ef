"""A centre becomes what its file says, and a file is written from what a centre is.

Loading twice does no harm: what is already as the file says is not touched, and only a real change raises the
centre's version (at which everything that keeps its set-up in memory looks again). What is no longer in the
file is retired and not deleted, because tickets wait for it and figures name it; in the file again, it is
taken up again. Staff are added and changed but never taken away: a file of last year must not lock out this
year's administrator.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, select

from server.actions import forms
from server.actions.bookable_rows import follow_counters, load_bookables
from server.actions.centre_export import export
from server.actions.centre_hours import read_hours, replace_hours
from server.centrefile import plan as file
from server.centrefile.bookables import ROOMS
from server.centrefile.handing import handing_table
from server.centrefile.offering import offer_document
from server.domain.hours import Hours
from server.store.tables import Centre, Choice, Counter, Message, Seat, Service, Staff, StaffRole
from wire.vocabulary import Role

__all__ = ["Loaded", "export", "load"]

DESK_LETTER, EMERGENCY_LETTER = "G", "E"
"""Of a new centre: for visitors a greeter enters, and on the paper tickets of the emergency pack. Devices get others."""

R = TypeVar("R", Choice, Service, Counter, Message)
Retirable = Choice | Service | Counter


@dataclass(frozen=True)
class Loaded:
    """What loading did, each as a name like `service council-tax`. All empty: the centre was so already."""

    centre_id: int
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.retired)


def load(session: Session, plan: file.CentrePlan, now: datetime) -> Loaded:
    """Make the centre of this slug what `plan` says, inside the caller's transaction."""
    return _Loading(session, plan, now).load()


class _Loading:
    def __init__(self, session: Session, plan: file.CentrePlan, now: datetime) -> None:
        self._session = session
        self._plan = plan
        self._now = now
        self._added: list[str] = []
        self._changed: list[str] = []
        self._retired: list[str] = []

    def load(self) -> Loaded:
        self._centre = self._load_centre()
        assert self._centre.id is not None
        self._id = self._centre.id
        choices = self._load_choices()
        services = self._load_services(choices)
        self._load_counters()
        self._load_messages()
        self._load_hours(services)
        self._load_staff()
        self._load_bookables()
        self._load_forms()
        loaded = Loaded(self._id, tuple(self._added), tuple(self._changed), tuple(self._retired))
        if loaded and f"centre {self._plan.slug}" not in self._added:
            self._centre.version += 1
        self._session.flush()
        return loaded

    def _load_centre(self) -> Centre:
        plan = self._plan
        values: dict[str, Any] = {
            "name": plan.name,
            "timezone": plan.timezone,
            "languages": list(plan.languages),
            "wait_here": dict(plan.wait_here),
            "address": plan.address,
            "idle_seconds": plan.idle_seconds,
            "max_calls": plan.max_calls,
            "no_show_minutes": plan.no_show_minutes,
            "extra": {
                "activities": [each.value for each in plan.activities],
                "areas": [{"slug": area.slug, "names": dict(area.names)} for area in plan.areas],
                "counter_areas": {each.slug: each.area for each in plan.counters if each.area},
                "purposes": [handing_table(each) for each in plan.purposes],
                "teams": [handing_table(each) for each in plan.teams],
                "portals": [handing_table(each) for each in plan.portals],
                **_contact(plan),
            },
        }
        found = self._session.exec(select(Centre).where(Centre.slug == plan.slug).with_for_update()).first()
        centre = found or Centre(
            slug=plan.slug, desk_letter=DESK_LETTER, emergency_letter=EMERGENCY_LETTER, **values
        )
        self._write(centre, values, f"centre {plan.slug}", is_new=found is None)
        return centre

    def _load_forms(self) -> None:
        """Which forms are offered; what they ask is theirs, and no file's. None is taken away by a file that does not name it."""
        offered = forms.offer(self._session, self._id, self._plan.forms, self._now)
        self._added += [f"form {slug}" for slug in offered.added]
        self._changed += [f"form {slug}" for slug in offered.changed]

    def _load_choices(self) -> dict[str, Choice]:
        known = self._by_slug(Choice)
        for position, each in enumerate(self._plan.choices):
            values = {"names": dict(each.names), "icon": each.icon, "position": position, "retired_at": None}
            row = known.get(each.slug) or Choice(centre_id=self._id, slug=each.slug, names={})
            self._write(row, values, f"choice {each.slug}", is_new=each.slug not in known)
            known[each.slug] = row
        self._retire(known, {each.slug for each in self._plan.choices}, "choice")
        return known

    def _load_services(self, choices: Mapping[str, Choice]) -> dict[str, Service]:
        known = self._by_slug(Service)
        for position, each in enumerate(self._plan.services):
            values = {
                **_service_values(each),
                "choice_id": choices[each.choice].id if each.choice else None,
                "position": position,
                "retired_at": None,
            }
            row = known.get(each.slug) or Service(centre_id=self._id, slug=each.slug, names={})
            self._write(row, values, f"service {each.slug}", is_new=each.slug not in known)
            known[each.slug] = row
        self._retire(known, {each.slug for each in self._plan.services}, "service")
        return known

    def _load_counters(self) -> None:
        known = self._by_slug(Counter)
        rooms = {row.id for row in known.values() if row.retired_at is None and row.kind in ROOMS}
        for position, each in enumerate(self._plan.counters):
            values = {
                "name": each.name,
                "kind": each.kind.value,
                "sends_to": each.sends_to,
                "position": position,
                "retired_at": None,
            }
            row = known.get(each.slug) or Counter(centre_id=self._id, slug=each.slug, name=each.name)
            self._write(row, values, f"counter {each.slug}", is_new=each.slug not in known)
            known[each.slug] = row
        self._retire(known, {each.slug for each in self._plan.counters}, "counter")
        came_back = {row.id for row in known.values() if row.id is not None} - rooms
        follow_counters(self._session, self._id, came_back, self._now)

    def _load_messages(self) -> None:
        known = self._by_slug(Message)
        for position, each in enumerate(self._plan.messages):
            values = {"text": dict(each.text), "position": position, "standing": each.standing}
            row = known.pop(each.slug, None)
            is_new = row is None
            row = row or Message(centre_id=self._id, slug=each.slug, text={})
            self._write(row, values, f"message {each.slug}", is_new=is_new)
        for slug, row in known.items():
            self._session.delete(row)
            self._retired.append(f"message {slug}")

    def _load_hours(self, services: Mapping[str, Service]) -> None:
        """Hours are compared and replaced whole: nothing points at one of their rows."""
        owners: list[tuple[int | None, str, Hours]] = [(None, "hours", self._plan.hours)]
        owners += [
            (services[each.slug].id, f"hours of {each.slug}", each.hours) for each in self._plan.services
        ]
        wanted = {owner: told for owner, _, told in owners}
        kept = read_hours(self._session, self._id)
        for owner in kept.keys() - wanted.keys():
            replace_hours(self._session, self._id, owner, Hours())  # of a retired service
        for owner, name, told in owners:
            if kept.get(owner, Hours()) != told:
                replace_hours(self._session, self._id, owner, told)
                self._changed.append(name)

    def _load_staff(self) -> None:
        for each in self._plan.staff:
            person = self._session.exec(select(Staff).where(Staff.username == each.username)).first()
            is_new = person is None
            person = person or Staff(username=each.username, name=each.name, must_change=True)
            self._write(person, {"name": each.name}, f"staff {each.username}", is_new=is_new)
            assert person.id is not None
            self._load_roles(person.id, each, is_new=is_new)

    def _load_bookables(self) -> None:
        added, changed = load_bookables(self._session, self._id, self._plan.bookables)
        self._added += added
        self._changed += changed

    def _load_roles(self, staff_id: int, each: file.Staff, *, is_new: bool) -> None:
        query = select(StaffRole).where(StaffRole.staff_id == staff_id, StaffRole.centre_id == self._id)
        kept = {row.role: row for row in self._session.exec(query)}
        wanted = {role.value for role in each.roles}
        for role in sorted(wanted - kept.keys()):
            self._session.add(StaffRole(staff_id=staff_id, centre_id=self._id, role=role))
        for role in kept.keys() - wanted:
            self._session.delete(kept[role])
        if Role.ADVISER not in wanted:
            self._free_seats(staff_id)
        if kept.keys() != wanted and not is_new:
            self._changed.append(f"roles of {each.username}")

    def _free_seats(self, staff_id: int) -> None:
        """Nobody sits at a counter who may not serve."""
        query = select(Seat).where(
            Seat.staff_id == staff_id, Seat.centre_id == self._id, col(Seat.until_at).is_(None)
        )
        for seat in self._session.exec(query):
            seat.until_at = self._now

    # Rows -----------------------------------------------------------------------------------------

    def _by_slug(self, kind: type[R]) -> dict[str, R]:
        rows = self._session.exec(select(kind).where(col(kind.centre_id) == self._id))
        return {row.slug: row for row in rows}

    def _write(self, row: SQLModel, values: Mapping[str, Any], name: str, *, is_new: bool) -> None:
        """Set what differs; a new row is flushed, so that it has its id."""
        differing = {key: value for key, value in values.items() if getattr(row, key) != value}
        for key, value in differing.items():
            setattr(row, key, value)
        if is_new:
            self._session.add(row)
            self._session.flush()
            self._added.append(name)
        elif differing:
            self._changed.append(name)

    def _retire(self, known: Mapping[str, Retirable], kept: Collection[str], kind: str) -> None:
        for slug, row in known.items():
            if slug not in kept and row.retired_at is None:
                row.retired_at = self._now
                self._retired.append(f"{kind} {slug}")


def _contact(plan: file.CentrePlan) -> dict[str, Any]:
    said = {"telephone": plan.telephone, "map_url": plan.map_url, "find_us": dict(plan.find_us)}
    return {key: value for key, value in said.items() if value}


def _service_values(service: file.Service) -> dict[str, Any]:
    """A service's own columns, as the file says them."""
    return {
        "names": dict(service.names),
        "help": dict(service.help),
        "synonyms": list(service.synonyms),
        "icon": service.icon,
        "ticket_class": service.ticket_class.value,
        "activity": service.activity.value,
        "target_minutes": service.target_minutes,
        "usual_minutes": service.usual_minutes,
        "lgsl": service.lgsl,
        "continues": list(service.continues),
        "walk_in": service.walk_in,
        "by_appointment": service.by_appointment,
        "discreet": service.discreet,
        "private": service.private,
        "booking": offer_document(service.appointments),
    }
