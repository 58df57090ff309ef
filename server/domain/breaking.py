"""Which appointments no longer fit what a centre offers: worked out from what is so (or would be), and stored nowhere.

A closure, other hours, a rota, an absence, an account taken away, a service retired: each may leave appointments standing on nothing. None is
cancelled by that. They are found here by asking of each one what booking asks of a slot, but for whether it is already taken (it is, by itself), so
the same question answers "what would this change break" and "what needs somebody now", and an appointment mended by any means at all is
on no list any more.

An appointment that was booked beyond what is offered is held to less: the offer's hours and the rota were set aside on purpose when it was
made, but nobody meant it for a locked door or for somebody who is away.

Times are whole minutes since 1970, as in `domain.capacity`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from server.domain.bookables import Somebody, why_not_taken
from server.domain.capacity import Stretch
from server.domain.offers import Offer
from wire.vocabulary import BookableKind


class Reason(StrEnum):
    """Why an appointment no longer fits, the gravest first: what nobody can do anything about by moving a person comes before the rest."""

    NO_SERVICE = "no_service"
    CENTRE_CLOSED = "centre_closed"
    SERVICE_CLOSED = "service_closed"
    BLOCKED = "blocked"
    GONE = "gone"
    MAY_NOT = "may_not"
    AWAY = "away"
    NOT_THERE = "not_there"
    OTHER_HOURS = "other_hours"


@dataclass(frozen=True)
class Appointment:
    id: str
    service: int
    starts: int
    ends: int
    held_from: int
    held_until: int
    over: bool = False
    takes: Mapping[str, int] = field(default_factory=dict)
    """By kind, the bookables it takes."""
    interpreter: str | None = None
    """Which language (its code, or `sign_language`) the interpreter is for."""


@dataclass(frozen=True)
class Resource:
    """A person, room or interpreter as things are. `there` None: always (a room without times of its own)."""

    who: Somebody
    there: Sequence[Stretch] | None = None
    away: Sequence[Stretch] = ()


@dataclass(frozen=True)
class Ground:
    """What an appointment of one service stands on, around its time. `offer` None: the service is retired, or has no appointments any more."""

    slug: str
    name: str
    discreet: bool
    offer: Offer | None
    centre_open: Sequence[Stretch]
    service_open: Sequence[Stretch]
    offered: Sequence[Stretch]
    blocked: Sequence[Stretch]


@dataclass(frozen=True)
class Broken:
    """`who` is the bookable it is about; 0 when it is about none. `say`: why they may not take it, where a rule said so."""

    appointment: str
    reason: Reason
    who: int = 0
    say: str = ""


def why_broken(appointment: Appointment, ground: Ground, resources: Mapping[int, Resource]) -> Broken | None:
    """The gravest reason why it no longer fits, or None. `resources`: every bookable that is not retired."""
    found = sorted(_reasons(appointment, ground, resources), key=lambda each: list(Reason).index(each.reason))
    return found[0] if found else None


def _reasons(appointment: Appointment, ground: Ground, resources: Mapping[int, Resource]) -> Iterator[Broken]:
    own = Stretch(appointment.starts, appointment.ends)
    if ground.offer is None:
        yield Broken(appointment.id, Reason.NO_SERVICE)
        return
    if not covered(own, ground.centre_open) and not (appointment.over and _touched(own, ground.centre_open)):
        yield Broken(appointment.id, Reason.CENTRE_CLOSED)
    elif not appointment.over and not covered(own, ground.service_open):
        yield Broken(appointment.id, Reason.SERVICE_CLOSED)
    elif not appointment.over and not covered(own, ground.offered):
        yield Broken(appointment.id, Reason.OTHER_HOURS)
    if _touched(own, ground.blocked):
        yield Broken(appointment.id, Reason.BLOCKED)
    for kind, who in appointment.takes.items():
        yield from _without(appointment, ground, ground.offer, kind, who, resources.get(who))


def _without(
    appointment: Appointment, ground: Ground, offer: Offer, kind: str, number: int, found: Resource | None
) -> Iterator[Broken]:
    """What is wrong with one person, room or interpreter it takes."""
    if found is None:
        yield Broken(appointment.id, Reason.GONE, number)
        return
    chosen = kind == BookableKind.ROOM and not offer.rooms  # staff named a room where none is needed
    say = "" if chosen else why_not_taken(ground.slug, ground.discreet, ground.name, offer, found.who)
    if not say and kind == BookableKind.INTERPRETER and appointment.interpreter not in found.who.languages:
        say = f"{found.who.name} does not interpret this any more."
    if say:
        yield Broken(appointment.id, Reason.MAY_NOT, number, say)
    held = Stretch(appointment.held_from, appointment.held_until)
    if _touched(held, found.away):
        yield Broken(appointment.id, Reason.AWAY, number)
    own = Stretch(appointment.starts, appointment.ends)
    if found.there is not None and not appointment.over and not covered(own, found.there):
        yield Broken(appointment.id, Reason.NOT_THERE, number)


def covered(wanted: Stretch, stretches: Sequence[Stretch]) -> bool:
    """Whether every minute lies within one of these, or within several that meet."""
    at = wanted.starts
    for each in sorted(stretches):
        if each.starts <= at < each.ends:
            at = each.ends
    return at >= wanted.ends


def _touched(wanted: Stretch, stretches: Sequence[Stretch]) -> bool:
    return any(each.starts < wanted.ends and wanted.starts < each.ends for each in stretches)
