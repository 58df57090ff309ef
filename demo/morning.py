"""Who comes on the rehearsal's morning, what they want, and what becomes of them: a plan, made from a seed, pure.

What they come for is in proportion to what was counted at York House in a quarter (1,602 visits: scan stations 583, telephones 295,
self-service PC 211, advice 191, payment kiosk 122, forms 109, support 74, appointments 17). Those who used a telephone, a PC or a payment
kiosk took no ticket: the greeter counts them with a tap. Of those with papers to hand in one in ten takes one, instead of going to a scan
station. So few tickets would make a quiet show: the rehearsal's day is about six times as busy as the real one, and mornings are busier than afternoons. How many read which
language, leave, or come for something private is a guess and said to be one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from wire.vocabulary import Activity, Avoidable, Language, Need, Outcome

T = TypeVar("T")

ACTIVITY_COUNTS = {"scan": 583, "advice": 191, "forms": 109, "support": 74, "appointment": 17}
SCANS_WITH_TICKET = 0.1
WITHOUT_TICKET = {
    Activity.SCAN_STATION: 583 * (1 - SCANS_WITH_TICKET),
    Activity.TELEPHONE: 295.0,
    Activity.SELF_SERVICE_PC: 211.0,
    Activity.PAYMENT_KIOSK: 122.0,
}
DOOR_HELP_SHARE = 0.12
"""Of those without a ticket, how many the greeter helps on the spot: a guess."""
BY_HAND = 0.15
"""How many of those with a ticket the greeter enters: who needs help at the kiosk, or asks for somebody."""
SERVICES: dict[str, tuple[tuple[str, float], ...]] = {
    "scan": (("bring-papers", 1),),
    "advice": (
        ("council-tax", 30),
        ("find-a-home", 20),
        ("landlord", 9),
        ("rent-and-bills", 16),
        ("blue-badge", 9),
        ("parking-permit", 8),
        ("school-place", 8),
    ),
    "forms": (("form-help", 1),),
    "support": (("nowhere-to-stay", 20), ("something-else", 60), ("talk-in-private", 20)),
    "appointment": (("appointment", 1),),
}
MINUTES = {
    "bring-papers": 5, "council-tax": 12, "find-a-home": 17, "landlord": 18, "rent-and-bills": 15, "blue-badge": 12,
    "parking-permit": 8, "school-place": 14, "form-help": 14, "nowhere-to-stay": 28, "something-else": 7,
    "talk-in-private": 24, "appointment": 25,
}  # fmt: skip
"""Usual minutes at the counter."""

LANGUAGES = (
    (Language.EN, 62),
    (Language.GU, 12),
    (Language.PL, 8),
    (Language.UR, 7),
    (Language.PA, 6),
    (Language.AR, 5),
)
NEEDS = (
    (Need.STEP_FREE, 5),
    (Need.HEARING_LOOP, 4),
    (Need.READING_HELP, 4),
    (Need.CHILD, 4),
    (Need.SIGN_LANGUAGE, 1),
)
OUTCOMES = (
    (Outcome.RESOLVED, 68),
    (Outcome.NEEDS_DOCUMENTS, 12),
    (Outcome.APPOINTMENT_MADE, 8),
    (Outcome.REFERRED, 8),
    (Outcome.NOT_OURS, 4),
)
AVOIDABLE = ((Avoidable.CHASING, 5), (Avoidable.UNCLEAR_LETTER, 4), (Avoidable.COULD_BE_ONLINE, 3))
BY_HOUR = {9: 1.25, 10: 1.2, 11: 1.1, 12: 0.9, 13: 0.85, 14: 0.85, 15: 0.7, 16: 0.4}
BUSY_AN_HOUR = 18.0
ALREADY_THERE = 7
TRANSFERS = {
    "council-tax": "rent-and-bills",
    "something-else": "form-help",
    "form-help": "blue-badge",
    "landlord": "find-a-home",
}
PARK_NOTES = (
    "Fetches the tenancy agreement.",
    "Fills in the form at the table.",
    "Looks for the letter in the car.",
)


@dataclass(frozen=True)
class Visitor:
    """One visitor's part: `after` the morning began, or before it if negative."""

    after: timedelta
    service: str
    language: Language
    needs: tuple[Need, ...]
    patience: timedelta | None
    """Leaves after waiting so long; None stays. Those with a phone give up their place, others just go."""
    with_phone: bool
    walking: timedelta
    serving: timedelta
    outcome: Outcome
    avoidable: Avoidable | None
    pass_to: str | None
    parks: str
    """What the adviser notes when parking this visitor for a while; empty for most."""
    by_hand: bool = False
    """The greeter gives the number; the others take it at the kiosk."""
    quick: bool = False


def visitors(seed: int, begins: datetime, closes: datetime) -> Iterator[Visitor]:
    """In the order they come, from those who wait already to the last before the doors close; local times."""
    chance = random.Random(seed)
    for minutes in sorted((chance.uniform(1, 16) for _ in range(ALREADY_THERE)), reverse=True):
        yield _visitor(chance, timedelta(minutes=-minutes))
    after = timedelta(seconds=20)
    while begins + after < closes:
        yield _visitor(chance, after)
        an_hour = BUSY_AN_HOUR * BY_HOUR.get((begins + after).hour, 0.6)
        after += timedelta(hours=chance.expovariate(an_hour))


def _visitor(chance: random.Random, after: timedelta) -> Visitor:
    weights = {
        name: count * (SCANS_WITH_TICKET if name == "scan" else 1) for name, count in ACTIVITY_COUNTS.items()
    }
    service = _one(chance, SERVICES[_one(chance, tuple(weights.items()))])
    leaves = chance.random() < 0.08
    return Visitor(
        after=after,
        service=service,
        language=_one(chance, LANGUAGES),
        needs=(_one(chance, NEEDS),) if chance.random() < 0.12 else (),
        patience=timedelta(minutes=chance.uniform(6, 25)) if leaves else None,
        with_phone=chance.random() < 0.5,
        walking=timedelta(seconds=chance.uniform(12, 55)),
        serving=timedelta(minutes=max(2.0, chance.lognormvariate(0, 0.45) * MINUTES[service])),
        outcome=_one(chance, OUTCOMES),
        avoidable=_one(chance, AVOIDABLE) if chance.random() < 0.25 else None,
        pass_to=TRANSFERS.get(service) if chance.random() < 0.12 else None,
        parks=chance.choice(PARK_NOTES) if chance.random() < 0.08 else "",
        by_hand=service not in KIOSK_ONLY and chance.random() < BY_HAND,
        quick=service == "bring-papers",
    )


KIOSK_ONLY = frozenset({"talk-in-private", "appointment"})
"""Nobody tells the greeter at the door what they want to talk about in private; appointments are not for walking in."""


@dataclass(frozen=True)
class Tap:
    """What the greeter counts without a ticket. With `about`, they were helped at the door: solved or not."""

    after: timedelta
    activity: Activity
    about: str = ""
    solved: bool = True
    avoidable: Avoidable | None = None


def taps(seed: int, begins: datetime, closes: datetime) -> Iterator[Tap]:
    """In the order they happen, in proportion to the tickets of the same day."""
    chance = random.Random(seed + 1)
    tickets = sum(
        count * (SCANS_WITH_TICKET if name == "scan" else 1) for name, count in ACTIVITY_COUNTS.items()
    )
    times_as_many = sum(WITHOUT_TICKET.values()) / tickets
    kinds = tuple(WITHOUT_TICKET.items())
    after = timedelta(seconds=10)
    while begins + after < closes:
        yield _tap(chance, after, _one(chance, kinds))
        an_hour = BUSY_AN_HOUR * times_as_many * BY_HOUR.get((begins + after).hour, 0.6)
        after += timedelta(hours=chance.expovariate(an_hour))


def _tap(chance: random.Random, after: timedelta, activity: Activity) -> Tap:
    if chance.random() >= DOOR_HELP_SHARE:
        return Tap(after, activity)
    return Tap(
        after,
        Activity.DOOR_HELP,
        about=_one(chance, SERVICES["advice"]),
        solved=chance.random() < 0.8,
        avoidable=_one(chance, AVOIDABLE) if chance.random() < 0.3 else None,
    )


def _one(chance: random.Random, weighted: Sequence[tuple[T, float]]) -> T:
    return chance.choices([each for each, _ in weighted], [weight for _, weight in weighted])[0]


MISSED = 0.08
"""Of those with an appointment, how many do not come: a guess."""


@dataclass(frozen=True)
class Booked:
    """What becomes of an appointment: `before` its time they are at the door (after it, if negative); None: they do not come."""

    before: timedelta | None
    visitor: Visitor


def booked(seed: int, appointment: str) -> Booked:
    """The part of whoever has this appointment; the same whenever it is asked."""
    chance = random.Random(f"{seed}:{appointment}")
    before = None if chance.random() < MISSED else timedelta(minutes=chance.triangular(-6, 14, 6))
    part = replace(
        _visitor(chance, timedelta()),
        service="appointment",
        patience=None,
        pass_to=None,
        parks="",
        serving=timedelta(minutes=max(6.0, chance.gauss(17, 4))),
    )
    return Booked(before, part)


@dataclass(frozen=True)
class AdviserPart:
    """Where one adviser of the play sits, for which services, and when the break comes."""

    username: str
    counter: str
    services: tuple[str, ...]
    break_after: timedelta
    break_for: timedelta = timedelta(minutes=12)


_QUICK = (
    "bring-papers",
    "council-tax",
    "parking-permit",
    "blue-badge",
    "school-place",
    "something-else",
    "form-help",
)
_HOMES = ("find-a-home", "landlord", "nowhere-to-stay", "rent-and-bills", "council-tax", "something-else")
_ALL = tuple(MINUTES)

ADVISERS = (
    AdviserPart("bilal", "desk-1", _QUICK, timedelta(minutes=70)),
    AdviserPart("chandni", "desk-2", _QUICK, timedelta(minutes=95)),
    AdviserPart("dorota", "desk-3", _HOMES, timedelta(minutes=55)),
    AdviserPart("emeka", "desk-5", (*_HOMES, "debt-and-rights", "licence"), timedelta(minutes=120)),
    AdviserPart("helen", "room-1", (*_ALL, "interview", "debt-and-rights"), timedelta(minutes=40)),
)
"""Desk 4 is left free for whoever watches."""
PLAYING_GREETER = "joe"
