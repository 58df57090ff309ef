"""Which ticket is next, and why this one.

Waiting earns priority, and each class earns it at its own rate (Kleinrock's delay-dependent discipline of
1964; Stanford, Taylor and Ziedins, "Waiting time distributions in the accumulating priority queue", 2014). A
class is never simply before another: an ordinary visitor who has waited long enough goes before an urgent one
who has just come. We add one thing: what a class can gain is limited (`Rate.most_lead`), which gives everyone
a promise that holds on the worst day: nobody who came more than 90 minutes after you is called before you.
The pure linear rule starves ordinary visitors when urgent ones alone fill the desks.

Two more things may bring somebody forward, each by a lead of its own that is small, fixed and never more than the 90 minutes together with
the class: a visit that will be quick, unless the counter has just had one, and a visitor who asked for what the person at this counter
can do (a language, signing). Such a visitor is also kept for a while from counters that cannot (`is_held`).

The order is total and exact: whole microseconds, ties by who counts from earlier, arrived earlier, has the
lower id. So every database and every process finds the same winner. Within a class worth only rises with
waiting, so among those with no lead of their own the winner is always the head of its class (`heads`): the caller need load one ticket a
class and the few that are quick or asked for somebody, not the queue. docs/selection.md tells this to staff.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

from wire.vocabulary import TicketClass

MINUTE = 60_000_000
"""Microseconds. Instants here are whole microseconds since 1970, as stored."""

HEAD_START = 15 * MINUTE
"""A booking begins to earn priority this long before its time, so that it is due when its time comes."""
GRACE = 10 * MINUTE
"""So late a visitor with a booking may be without losing by it."""


class Rate(NamedTuple):
    """Each minute counts `times`, until that has gained `most_lead` microseconds on an ordinary wait."""

    times: int
    most_lead: int


RATES: Mapping[TicketClass, Rate] = {
    TicketClass.ORDINARY: Rate(1, 0),
    TicketClass.SOON: Rate(2, 30 * MINUTE),
    TicketClass.URGENT: Rate(4, 90 * MINUTE),
    TicketClass.BOOKED: Rate(4, 90 * MINUTE),
}
MOST_OVERTAKEN = max(rate.most_lead for rate in RATES.values())
"""Nobody is overtaken by one whose wait counts from more than this later: so nobody starves."""
QUICK_LEAD = 20 * MINUTE
"""So much a quick visit is ahead of an ordinary wait, except right after another quick one at the same counter."""
SKILL_LEAD = 10 * MINUTE
"""So much a visitor is ahead at the counter of somebody they asked for: what others may lose by it."""
HOLD = 15 * MINUTE
"""So long after the arrival they are kept for such a person: what they may lose by having asked."""
SIGNING = "sign_language"
"""What `wants` says for signing; anything else there is a language's code."""
NOTHING: frozenset[str] = frozenset()


class Candidate(Protocol):
    """A waiting ticket whose visitor is present.

    `counts_from` is when the wait began to count: the arrival, also after a transfer; for a booking see
    `booking_counts_from`. `for_counter` names the only counter that may call it, None for any. `wants` is whom the
    visitor asked for, and `awaited` whether such a person is there for this service (`is_there`).

    Whoever loads tickets leaves out a direction to a counter that is not open, or its visitor would wait for nobody; and
    a ticket whose visitor is at a counter, or about to come back to one, for another need of the same visit.
    """

    @property
    def ticket(self) -> str: ...
    @property
    def ticket_class(self) -> TicketClass: ...
    @property
    def counts_from(self) -> int: ...
    @property
    def arrived_at(self) -> int: ...
    @property
    def for_counter(self) -> int | None: ...
    @property
    def quick(self) -> bool: ...
    @property
    def wants(self) -> str | None: ...
    @property
    def awaited(self) -> bool: ...


class Seated(Protocol):
    """An open counter that is not on a break: what is served there, and what the person there can do."""

    @property
    def services(self) -> Collection[int]: ...
    @property
    def skills(self) -> Collection[str]: ...


T = TypeVar("T", bound=Candidate)


@dataclass(frozen=True)
class Chosen(Generic[T]):
    """The next ticket, and a sentence that tells the adviser why this one."""

    candidate: T
    why: str


def booking_counts_from(booked_at: int, checked_in_at: int) -> int:
    """From when a checked-in booking counts: a head start before its time; later if the visitor came late."""
    return max(booked_at, checked_in_at - GRACE) - HEAD_START


def worth(ticket_class: TicketClass, counts_from: int, now: int, lead: int = 0) -> int:
    """The wait so far as an ordinary visitor would have had to wait for the same place, in microseconds.

    Below nought for a booking that is not due yet: it is called only when nobody else can be, and no `lead` helps it.
    """
    waited = now - counts_from
    if waited < 0:
        return waited
    rate = RATES[ticket_class]
    return waited + min(min((rate.times - 1) * waited, rate.most_lead) + lead, MOST_OVERTAKEN)


def lead_of(candidate: Candidate, skills: Collection[str] = NOTHING, *, after_quick: bool = False) -> int:
    """What a ticket is ahead by besides its class at a counter whose person has `skills`."""
    lead = QUICK_LEAD if candidate.quick and not after_quick else 0
    return lead + SKILL_LEAD if candidate.wants in skills else lead


def is_there(wants: str | None, service: int, seats: Iterable[Seated]) -> bool:
    """Whether one of `seats` serves this and can do what is wanted."""
    return wants is not None and any(wants in seat.skills and service in seat.services for seat in seats)


def is_held(candidate: Candidate, now: int, skills: Collection[str] = NOTHING) -> bool:
    """Whether a counter whose person has `skills` still leaves this ticket to one whose person was asked for."""
    return (
        candidate.awaited
        and candidate.wants is not None
        and candidate.wants not in skills
        and candidate.for_counter is None
        and now < candidate.arrived_at + HOLD
    )


def choose(
    candidates: Iterable[T],
    now: int,
    counter: int | None = None,
    *,
    skills: Collection[str] = NOTHING,
    after_quick: bool = False,
) -> Chosen[T] | None:
    """The ticket that `counter` calls next, or None when nobody it can serve is waiting.

    `candidates` are of the services served there; any order will do, and the `heads` are enough. `skills` are what the
    person there can do that not everybody can; `after_quick` whether the last visit called there was a quick one.
    """
    queue = _callable(candidates, now, counter, skills)
    if not queue:
        return None
    here = _Here(now, skills, after_quick)
    first = min(queue, key=here.rank)
    return Chosen(first, _why(first, queue, here))


def first_of(
    candidates: Iterable[T],
    now: int,
    counter: int | None = None,
    *,
    skills: Collection[str] = NOTHING,
    after_quick: bool = False,
) -> T | None:
    """Whom `choose` chooses, without the sentence: for whoever plays days through by the thousand."""
    queue = _callable(candidates, now, counter, skills)
    return min(queue, key=_Here(now, skills, after_quick).rank, default=None)


def _callable(candidates: Iterable[T], now: int, counter: int | None, skills: Collection[str]) -> list[T]:
    return [
        each for each in candidates if each.for_counter in (None, counter) and not is_held(each, now, skills)
    ]


def order(candidates: Iterable[T], now: int) -> list[T]:
    """All candidates as they would be called now by somebody who can do nothing special, without regard to what is for one
    counter only or kept for a while."""
    here = _Here(now, NOTHING, after_quick=False)
    return sorted(candidates, key=lambda each: here.rank(each)[1:])


def heads(candidates: Iterable[T]) -> list[T]:
    """The longest counting ticket of each class, among those for any counter and those for each, and all that are quick or asked
    for somebody: the winner is one.

    It holds at any moment because within a class worth never falls with waiting and ties are broken by the
    same order as here.
    """
    first: dict[tuple[TicketClass, int | None], T] = {}
    special = []
    for each in candidates:
        key = (each.ticket_class, each.for_counter)
        if each.quick or each.wants is not None:
            special.append(each)
        elif key not in first or _seniority(each) < _seniority(first[key]):
            first[key] = each
    return [*first.values(), *special]


def _seniority(candidate: Candidate) -> tuple[int, int, str]:
    return (candidate.counts_from, candidate.arrived_at, candidate.ticket)


class _Here(NamedTuple):
    """The counter that calls, and when."""

    now: int
    skills: Collection[str]
    after_quick: bool

    def rank(self, candidate: Candidate) -> tuple[bool, int, int, int, str]:
        """Lowest first.

        A ticket for one counter goes first there: nobody else can take it, the others have choice.
        """
        lead = lead_of(candidate, self.skills, after_quick=self.after_quick)
        value = worth(candidate.ticket_class, candidate.counts_from, self.now, lead)
        return (candidate.for_counter is None, -value, *_seniority(candidate))


_CLASS_IN_WORDS: Mapping[TicketClass, str] = {
    TicketClass.SOON: "To be seen soon: the wait counts twice.",
    TicketClass.URGENT: "Urgent: the wait counts four times.",
    TicketClass.BOOKED: "Has an appointment that is due.",
}


def _why(first: Candidate, queue: Iterable[Candidate], here: _Here) -> str:
    """Says only what is as true of the whole queue as of its heads."""
    waiting = f"Waiting {_minutes(here.now - first.arrived_at)}"
    if first.for_counter is not None:
        return f"Passed on to this counter, so first here. {waiting}."
    if first.ticket_class is TicketClass.BOOKED and here.now < first.counts_from:
        return f"Has an appointment later, and nobody else is due. {waiting}."
    reasons = [_CLASS_IN_WORDS.get(first.ticket_class, ""), _wish(first, here)]
    comparison = _comparison(first, queue, here.now)
    if first.quick and not here.after_quick and comparison.startswith(", before"):
        reasons.append("A quick visit, so it may go between longer ones.")
    return " ".join(filter(None, [*reasons, f"{waiting}{comparison}."]))


def _wish(first: Candidate, here: _Here) -> str:
    """About whom the visitor asked for."""
    if first.wants is None:
        return ""
    signing = first.wants == SIGNING
    if first.wants in here.skills:
        return f"Asked for somebody who {'signs' if signing else 'speaks their language'}, as you do."
    asked = f"Asked for somebody who {'signs' if signing else 'speaks their language'}"
    if not first.awaited:
        return f"{asked}; nobody here does now."
    return f"{asked}; nobody who does was free within {HOLD // MINUTE} minutes."


def _comparison(first: Candidate, queue: Iterable[Candidate], now: int) -> str:
    others = [each for each in queue if each.ticket != first.ticket]
    unbooked = [each.counts_from for each in others if each.ticket_class is not TicketClass.BOOKED]
    longest = min(unbooked, default=now)
    if first.ticket_class is not TicketClass.BOOKED and first.counts_from <= longest:
        if len(unbooked) < len(others):
            return ", longer than anyone without an appointment"
        return ", longer than anyone else you can serve"
    if longest < first.arrived_at:
        return f", before someone who has waited {_minutes(now - longest)}"
    return ""


def _minutes(microseconds: int) -> str:
    minutes = max(0, microseconds) // MINUTE
    if minutes == 0:
        return "less than a minute"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
