"""What must agree between the parts of a centre's file, beyond what each key may be by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from server.centrefile.plan import MOST_CHOICES, CentrePlan, Service
from server.centrefile.table import Notebook


def check_agreement(plan: CentrePlan, notebook: Notebook) -> None:
    """Notes everything in `plan` that contradicts itself."""
    for path, reason in _contradictions(plan):
        notebook.note(path, reason)


Noted = Iterator[tuple[tuple[str | int, ...], str]]


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
        for key, reason in _service(service, {each.slug for each in plan.choices}, privates):
            yield ("service", index, key), reason
    if not plan.services:
        yield (), "There is no [[service]] in this file, so nobody could take a ticket."


def _twice(kind: str, names: Iterable[str], key: str = "slug") -> Noted:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name and name in seen:
            yield (kind, index, key), f"Another {kind} has the {key} '{name}' already."
        seen.add(name)


def _choices(plan: CentrePlan) -> Noted:
    used = {service.choice for service in plan.services if service.walk_in}
    for index, choice in enumerate(plan.choices):
        if index >= MOST_CHOICES:
            why = f"At most {MOST_CHOICES} first choices fit on the kiosk; this is number {index + 1}."
            yield ("choice", index), why
        if choice.slug and choice.slug not in used:
            yield ("choice", index, "slug"), f"No walk-in service is under the choice '{choice.slug}'."


def _counters(plan: CentrePlan) -> Noted:
    areas = {area.slug for area in plan.areas}
    for index, counter in enumerate(plan.counters):
        if counter.area is not None and counter.area not in areas:
            yield ("counter", index, "area"), f"There is no [[area]] with the slug '{counter.area}'."


def _service(service: Service, choices: set[str], privates: int) -> Iterator[tuple[str, str]]:
    if service.choice is not None and service.choice not in choices:
        yield "choice", f"There is no [[choice]] with the slug '{service.choice}'."
    if not service.walk_in and not service.by_appointment:
        yield "walk_in", "A service needs walk_in or by_appointment, or nobody could use it."
    if not service.private:
        return
    if privates > 1:
        yield "private", "Only one service can be the private one."
    if service.choice is not None:
        yield "choice", "The private service has its own button on every screen, and so no choice."
    if not service.discreet:
        yield "discreet", "The private service must be discreet: its visitors are never called in public."
    if not service.walk_in:
        yield "walk_in", "The private service must be a walk-in: its button gives a ticket."
