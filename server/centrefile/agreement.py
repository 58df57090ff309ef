"""What must agree between the parts of a centre's file, beyond what each key may be by itself.

Each disagreement is told twice: for who writes the file, and in words that know nothing of files for who fills in a form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from itertools import combinations

from server.centrefile import handing
from server.centrefile.bookables import ROOMS, disagreements
from server.centrefile.plan import MOST_CHOICES, CentrePlan, Counter, Service
from server.centrefile.table import Notebook
from server.centrefile.weekly import rows_of
from server.domain.hours import Hours, Usual

LONGEST_NIGHT = 12 * 60
"""Minutes that an opening which runs past midnight may last; a longer one is two times in the wrong order."""

Path = tuple[str | int, ...]
Noted = Iterator[tuple[Path, str, str]]


def check_agreement(plan: CentrePlan, notebook: Notebook) -> None:
    """Notes everything in `plan` that contradicts itself."""
    for path, reason, plain in [*_contradictions(plan), *_hours_of_all(plan, notebook)]:
        notebook.note(path, reason, plain)


def _contradictions(plan: CentrePlan) -> Noted:
    yield from _twice("area", (each.slug for each in plan.areas))
    yield from _twice("choice", (each.slug for each in plan.choices))
    yield from _twice("service", (each.slug for each in plan.services))
    yield from _twice("counter", (each.slug for each in plan.counters))
    yield from _twice("counter", (each.name for each in plan.counters), "name")
    yield from _twice("message", (each.slug for each in plan.messages))
    yield from _twice("staff", (each.username for each in plan.staff), "username")
    yield from _choices(plan)
    yield from _counters(plan)
    privates = 0
    for index, service in enumerate(plan.services):
        privates += service.private
        for key, reason, plain in _service(service, {each.slug for each in plan.choices}, privates):
            yield ("service", index, key), reason, plain
        for path, reason, plain in _appointments(service, plan.counters):
            yield ("service", index, *path), reason, plain
    yield from _continued(plan)
    for path, reason in disagreements(
        plan.bookables, plan.staff, plan.counters, {each.slug for each in plan.services}
    ):
        yield path, reason, reason
    slugs = {each.slug for each in plan.services}
    yield from handing.disagreements(plan.purposes, plan.teams, plan.portals, plan.forms, slugs)
    if not plan.services:
        why = "There is no [[service]] in this file, so nobody could take a ticket."
        yield (
            (),
            why,
            "This is the last service: without it nobody could take a ticket. Add another one first.",
        )


def _twice(kind: str, names: Iterable[str], key: str = "slug") -> Noted:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name and name in seen:
            why = f"Another {kind} has the {key} '{name}' already."
            yield (kind, index, key), why, f"Another {kind} has this {key} already. Choose another."
        seen.add(name)


def _choices(plan: CentrePlan) -> Noted:
    for index in range(MOST_CHOICES, len(plan.choices)):
        why = f"At most {MOST_CHOICES} first choices fit on the kiosk; this is number {index + 1}."
        yield ("choice", index), why, f"{why} Take one away first, or put services under one that is there."


def _counters(plan: CentrePlan) -> Noted:
    areas = {area.slug for area in plan.areas}
    for index, counter in enumerate(plan.counters):
        if counter.area is not None and counter.area not in areas:
            why = f"There is no [[area]] with the slug '{counter.area}'."
            yield ("counter", index, "area"), why, "This area is not there then. Choose another."


def _service(service: Service, choices: set[str], privates: int) -> Iterator[tuple[str, str, str]]:
    if service.choice is not None and service.choice not in choices:
        why = f"There is no [[choice]] with the slug '{service.choice}'."
        yield "choice", why, "This first choice is not there then. Choose another."
    if not service.walk_in and not service.by_appointment:
        why = "A service needs walk_in or by_appointment, or nobody could use it."
        yield "walk_in", why, "Tick one of these, or nobody could use the service."
    if not service.private:
        return
    if privates > 1:
        why = "Only one service can be the private one."
        yield "private", why, f"{why} Move the mark on the page “Talks in private”."
    if service.choice is not None:
        why = "The private service has its own button on every screen, and so no choice."
        yield (
            "choice",
            why,
            "The private service has its own button on every screen. Choose “Not on the kiosk”.",
        )
    if not service.discreet:
        why = "The private service must be discreet: its visitors are never called in public."
        yield "discreet", why, why
    if not service.walk_in:
        why = "The private service must be a walk-in: its button gives a ticket."
        yield "walk_in", why, why


def _continued(plan: CentrePlan) -> Noted:
    """Figures go on from a service that was taken away, and under one service only: or they would be counted twice."""
    offered, taken = {each.slug for each in plan.services}, set[str]()
    for index, service in enumerate(plan.services):
        for at, slug in enumerate(service.continues):
            path: Path = ("service", index, "continues", at)
            if slug in offered:
                why = f"'{slug}' is still offered here, so its figures stand by themselves."
                yield (
                    path,
                    why,
                    "One of these is still offered, so its figures stand by themselves. Take it away first.",
                )
            elif slug in taken:
                why = f"The figures of '{slug}' go on under another service already."
                yield path, why, "The figures of one of these go on under another service already."
            taken.add(slug)


def _appointments(service: Service, counters: Sequence[Counter]) -> Noted:
    """A service with appointments says so, its rooms are rooms, and the private service's are not for the web."""
    offer = service.appointments
    if offer is None:
        return
    if not service.by_appointment:
        why = "[service.appointments] is there, but by_appointment is not true."
        yield (
            ("by_appointment",),
            why,
            "It offers appointments. Tick this, or turn its appointments off first.",
        )
    kinds = {each.slug: each for each in counters}
    for at, slug in enumerate(offer.rooms):
        path: Path = ("appointments", "rooms", at)
        if slug not in kinds:
            why = f"There is no [[counter]] with the slug '{slug}'."
            yield path, why, f"Its appointments need the room '{slug}', which is not there then."
        elif kinds[slug].kind not in ROOMS:
            why = f"'{slug}' is no room: only a counter of kind 'room' or 'crisis_room' can be booked."
            yield path, why, f"Its appointments need {kinds[slug].name}, which is not a room then."
    if service.private and offer.public:
        why = "The private service cannot be booked by the public: write public = false."
        yield (
            ("appointments", "public"),
            why,
            "Talks in private cannot be booked by the public. Choose “Only staff”.",
        )


# Hours ------------------------------------------------------------------------------------------------


def _hours_of_all(plan: CentrePlan, notebook: Notebook) -> Noted:
    """Only where each by itself is right: a time that could not be read stands as midnight, and would seem to overlap others."""
    if any({"hours", "exception", "closure", "rota"}.intersection(fault.path) for fault in notebook.faults):
        return
    yield from _hours(plan.hours, ())
    for index, service in enumerate(plan.services):
        yield from _hours(service.hours, ("service", index))
        if service.appointments is not None:
            yield from _hours(service.appointments.hours, ("service", index, "appointments"))
    for index, bookable in enumerate(plan.bookables):
        yield from _hours(Hours(bookable.rota), ("bookable", index), rows="rota", ends="ends")


def _hours(hours: Hours, path: Path, rows: str = "hours", ends: str = "closes") -> Noted:
    places = rows_of(hours.usual)
    for usual, row in zip(hours.usual, places, strict=True):
        yield from _order(usual.opens, usual.closes, (*path, rows, row, ends))
    for index, special in enumerate(hours.special):
        yield from _order(special.opens, special.closes, (*path, "exception", index, "closes"))
    noted: set[int] = set()
    for (first, _), (second, row) in combinations(zip(hours.usual, places, strict=True), 2):
        if row not in noted and _meet(first, second):
            noted.add(row)
            why = f"These hours overlap others of the same day, {_said(first.opens, first.closes)}."
            yield (*path, rows, row), why, f"{why} Change one of them, or say until when the others hold."
    for (at, one), (index, other) in combinations(enumerate(hours.special), 2):
        if one.held_on == other.held_on and _cross(one.opens, one.closes, other.opens, other.closes):
            why = f"These hours overlap others of the same date, {_said(one.opens, one.closes)}."
            yield (*path, "exception", max(at, index), "opens"), why, why
    spans = [(each.first_on, each.last_on) for each in hours.closures]
    for index, span in enumerate(spans):
        if span in spans[:index]:
            why = "Another closure has the same days already."
            yield (*path, "closure", index, "first"), why, f"{why} Change that one."


def _order(opens: time, closes: time, path: Path) -> Noted:
    begin, end = _minutes(opens, closes)
    if closes < opens and end - begin > LONGEST_NIGHT:
        why = "'closes' is before 'opens'. Hours that run past midnight may last 12 hours."
        yield path, why, "This closes before it opens. Hours that run past midnight may last 12 hours."


def _minutes(opens: time, closes: time) -> tuple[int, int]:
    begin, end = (each.hour * 60 + each.minute for each in (opens, closes))
    return begin, end if end > begin else end + 24 * 60


def _cross(opens: time, closes: time, other_opens: time, other_closes: time) -> bool:
    begin, end = _minutes(opens, closes)
    other_begin, other_end = _minutes(other_opens, other_closes)
    return begin < other_end and other_begin < end


def _meet(first: Usual, second: Usual) -> bool:
    """Whether there can be a day on which both hold at the same time."""
    if first.weekday != second.weekday:
        return False
    together = max(first.from_on or date.min, second.from_on or date.min) <= min(
        first.until_on or date.max, second.until_on or date.max
    )
    return together and _cross(first.opens, first.closes, second.opens, second.closes)


def _said(opens: time, closes: time) -> str:
    return f"{opens:%H:%M} to {closes:%H:%M}"
