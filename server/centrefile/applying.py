"""One change applied to a centre's plan: the plan afterwards, or why it cannot be.

The whole centre is read anew with the part in its place, by the same rules as its file, so there is one place for every rule. A centre may
already break one (it was set up before the rule was made): what was wrong before is not held against the change, and only the part itself
is taken from the reading, so that nothing else of the centre moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, TypeVar

from server.centrefile.document import Document, document, read_document
from server.centrefile.plan import CentrePlan
from server.centrefile.table import Fault
from server.domain import changes
from server.domain.changes import Part, Table

T = TypeVar("T")
FIELD_OF = {
    "area": "areas",
    "choice": "choices",
    "service": "services",
    "counter": "counters",
    "message": "messages",
    "purpose": "purposes",
    "team": "teams",
    "portal": "portals",
}


@dataclass(frozen=True)
class Applied:
    """`plan` is as after the change as far as it can be told. Done as asked when neither `clash` nor `faults` nor `stop` says no."""

    plan: CentrePlan
    part: Part
    """As it is called afterwards: a closure's name changes with its days."""
    before: Table | None
    after: Table | None
    """As the file would say it."""
    faults: tuple[Fault, ...] = ()
    """By path within the part; what is wrong elsewhere because of it has no path."""
    clash: tuple[str, ...] = ()
    """Values that were changed since the change was made."""
    stop: str = ""
    """Why it cannot be taken away."""

    @property
    def is_fine(self) -> bool:
        return not (self.clash or self.faults or self.stop)

    @property
    def is_nothing(self) -> bool:
        return self.before == self.after


def standing(plan: CentrePlan, part: Part) -> Table | None:
    """What the centre says of the part; None when it is not there."""
    return changes.found(document(plan), part)


def applied(plan: CentrePlan, part: Part, before: Table | None, after: Table | None) -> Applied:
    """`plan` with the part changed from `before` to `after`."""
    stands = document(plan)
    now = changes.found(stands, part)
    becomes = changes.carried_over(before, after, now)
    if isinstance(becomes, list):
        return Applied(plan, part, now, now, clash=tuple(becomes))
    renamed = changes.part_for(part.kind, becomes) if becomes is not None and part.kind == "closure" else part
    wanted = changes.put(stands, part, becomes)
    read, faults = read_document(wanted)
    new = _new_faults(faults, wanted, stands) if faults else []
    changed = _spliced(plan, read, part, renamed)
    return Applied(
        changed,
        renamed,
        now,
        changes.found(document(changed), renamed) if becomes is not None else None,
        tuple(dict.fromkeys(_within(fault, wanted, renamed) for fault in new)),
        stop=_stop(plan, part) if becomes is None and now is not None else "",
    )


def applied_all(
    plan: CentrePlan, planned: Sequence[tuple[Part, Table | None, Table | None]]
) -> tuple[CentrePlan, list[Applied]]:
    """One after the other; what cannot be done is passed over. Each with its outcome."""
    outcomes = []
    for part, before, after in planned:
        outcome = applied(plan, part, before, after)
        outcomes.append(outcome)
        plan = outcome.plan if outcome.is_fine else plan
    return plan, outcomes


# What is wrong ----------------------------------------------------------------------------------------


def _new_faults(faults: Sequence[Fault], wanted: Document, stands: Document) -> list[Fault]:
    known = {_by_name(fault, stands) for fault in read_document(stands)[1]}
    return [fault for fault in faults if _by_name(fault, wanted) not in known]


def _by_name(fault: Fault, said: Document) -> tuple[object, ...]:
    """The fault with the thing's name instead of its place, which a change of another thing moves."""
    kind, *rest = fault.path or ("",)
    if rest and isinstance(rest[0], int):
        return (kind, _thing(said, kind, rest[0]), *rest[1:], fault.say)
    return (kind, *rest, fault.say)


def _thing(said: Document, kind: str | int, index: int) -> str:
    rows = said.get(str(kind), ())
    return str(changes.part_for(str(kind), rows[index])) if index < len(rows) else ""


def _within(fault: Fault, wanted: Document, part: Part) -> Fault:
    """The fault as the part's own form knows it."""
    path = fault.path
    if part.kind in ("centre", "hours"):
        mine = ("hours",) if part.kind == "hours" else changes.CENTRE_KEYS
        return fault if path and path[0] in mine else Fault((), fault.say)
    if len(path) < 2 or not isinstance(path[1], int):
        return Fault((), fault.say)
    kind, index = str(path[0]), path[1]
    if kind == part.kind == "exception":
        rows: Sequence[Mapping[str, Any]] = wanted.get("exception", ())
        first = next((at for at, each in enumerate(rows) if each.get("on") == part.name), 0)
        return Fault(("exception", index - first, *path[2:]), fault.say)
    if kind == part.kind and index == changes.place_of(wanted, part):
        return Fault(path[2:], fault.say)
    rows = wanted.get(kind, ())
    own = changes.place_of(wanted, part)
    if kind == part.kind and len(path) == 3 and own < len(rows) and index < len(rows):
        key = str(path[2])
        if key in rows[own] and rows[own][key] == rows[index].get(key):
            return Fault(path[2:], fault.say)  # the other of two that are called the same
    about = changes.title(changes.part_for(kind, rows[index]), rows[index]) if index < len(rows) else kind
    return Fault((), f"{about}: {fault.say}")


def _stop(plan: CentrePlan, part: Part) -> str:
    """Why the part must stay, whoever is in the building."""
    match part.kind:
        case "choice":
            names = [each.names["en"] for each in plan.services if each.choice == part.name]
            again = "Put them elsewhere first." if len(names) > 1 else "Put it elsewhere first."
            return f"{_some(names)} under this choice. {again}" if names else ""
        case "area":
            names = [each.name for each in plan.counters if each.area == part.name]
            again = "Put them elsewhere first." if len(names) > 1 else "Put it elsewhere first."
            return f"{_some(names)} in this area. {again}" if names else ""
        case "service":
            if any(each.private for each in plan.services if each.slug == part.name):
                return (
                    "Visitors who wish to talk in private are sent here. Send them to another service first, "
                    "on the page “Talks in private”."
                )
    return ""


def _some(names: Sequence[str]) -> str:
    shown = [*names[:4], *([f"{len(names) - 4} more"] if len(names) > 4 else [])]
    return f"{changes.listed(shown)} {'is' if len(names) == 1 else 'are'}"


# The plan afterwards ----------------------------------------------------------------------------------


def _spliced(plan: CentrePlan, read: CentrePlan, part: Part, renamed: Part) -> CentrePlan:
    match part.kind:
        case "centre":
            return replace(plan, **{key: getattr(read, key) for key in changes.CENTRE_KEYS})
        case "hours":
            return replace(plan, hours=replace(plan.hours, usual=read.hours.usual))
        case "exception":
            return replace(plan, hours=replace(plan.hours, special=read.hours.special))
        case "closure":
            return replace(plan, hours=replace(plan.hours, closures=read.hours.closures))
        case "layout":
            return _laid_out(plan, read)
        case "order":
            field = FIELD_OF[part.name]
            ordered: dict[str, Any] = {field: _in_order(getattr(plan, field), getattr(read, field))}
            return replace(plan, **ordered)
        case "private":
            private = {each.slug: each.private for each in read.services}
            marked = (replace(each, private=private.get(each.slug, False)) for each in plan.services)
            return replace(plan, services=tuple(marked))
    assert part == renamed, part
    field = FIELD_OF[part.kind]
    own: dict[str, Any] = {each.slug: each for each in getattr(read, field)}
    rows = list(getattr(plan, field))
    at = next((at for at, each in enumerate(rows) if each.slug == part.name), len(rows))
    rows[at : at + 1] = [own[part.name]] if part.name in own else []
    changed: dict[str, Any] = {field: tuple(rows)}
    return replace(plan, **changed)


def _laid_out(plan: CentrePlan, read: CentrePlan) -> CentrePlan:
    under = {each.slug: each.choice for each in read.services}
    services = [replace(each, choice=under.get(each.slug, each.choice)) for each in plan.services]
    return replace(
        plan, choices=_in_order(plan.choices, read.choices), services=_in_order(services, read.services)
    )


def _in_order(rows: Sequence[T], like: Sequence[T]) -> tuple[T, ...]:
    slug = attrgetter("slug")
    rank = {slug(each): at for at, each in enumerate(like)}
    return tuple(sorted(rows, key=lambda each: rank.get(slug(each), len(rank))))


__all__ = ["Applied", "applied", "applied_all", "standing"]
