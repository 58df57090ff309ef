"""Which ticket is next, and why this one.

Waiting earns priority, and each class earns it at its own rate (Kleinrock's delay-dependent discipline of
1964; Stanford, Taylor and Ziedins, "Waiting time distributions in the accumulating priority queue", 2014). A
class is never simply before another: an ordinary visitor who has waited long enough goes before an urgent one
who has just come. We add one thing: what a class can gain is limited (`Rate.most_lead`), which gives everyone
a promise that holds on the worst day: nobody who came more than 90 minutes after you is called before you.
The pure linear rule starves ordinary visitors when urgent ones alone fill the desks.

The order is total and exact: whole microseconds, ties by who counts from earlier, arrived earlier, has the
lower id. So every database and every process finds the same winner. Within a class worth only rises with
waiting, so the winner is always the head of its class (`heads`): the caller need load one ticket a class, not
the queue. docs/selection.md tells this to staff.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


class Candidate(Protocol):
    """A waiting ticket whose visitor is present.

    `counts_from` is when the wait began to count: the arrival, also after a transfer; for a booking see
    `booking_counts_from`. `for_counter` names the only counter that may call it, None for any. Whoever loads
    tickets leaves out a direction to a counter that is not open, or its visitor would wait for nobody.
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


T = TypeVar("T", bound=Candidate)


@dataclass(frozen=True)
class Chosen(Generic[T]):
    """The next ticket, and a sentence that tells the adviser why this one."""

    candidate: T
    why: str


def booking_counts_from(booked_at: int, checked_in_at: int) -> int:
    """From when a checked-in booking counts: a head start before its time; later if the visitor came late."""
    return max(booked_at, checked_in_at - GRACE) - HEAD_START


def worth(ticket_class: TicketClass, counts_from: int, now: int) -> int:
    """The wait so far as an ordinary visitor would have had to wait for the same place, in microseconds.

    Below nought for a booking that is not due yet: it is called only when nobody else can be.
    """
    waited = now - counts_from
    rate = RATES[ticket_class]
    return waited + max(0, min((rate.times - 1) * waited, rate.most_lead))


def choose(candidates: Iterable[T], now: int, counter: int | None = None) -> Chosen[T] | None:
    """The ticket that `counter` calls next, or None when nobody it can serve is waiting.

    `candidates` are of the services served there; any order will do, and the `heads` are enough.
    """
    queue = [each for each in candidates if each.for_counter is None or each.for_counter == counter]
    if not queue:
        return None
    first = min(queue, key=lambda each: _rank(each, now))
    return Chosen(first, _why(first, queue, now))


def order(candidates: Iterable[T], now: int) -> list[T]:
    """All candidates as they would be called now, without regard to what is for one counter only."""
    return sorted(candidates, key=lambda each: _rank(each, now)[1:])


def heads(candidates: Iterable[T]) -> list[T]:
    """The longest counting ticket of each class, among those for any counter and those for each: the winner
    is one.

    It holds at any moment because within a class worth never falls with waiting and ties are broken by the
    same order as here.
    """
    first: dict[tuple[TicketClass, int | None], T] = {}
    for each in candidates:
        key = (each.ticket_class, each.for_counter)
        if key not in first or _seniority(each) < _seniority(first[key]):
            first[key] = each
    return list(first.values())


def _seniority(candidate: Candidate) -> tuple[int, int, str]:
    return (candidate.counts_from, candidate.arrived_at, candidate.ticket)


def _rank(candidate: Candidate, now: int) -> tuple[bool, int, int, int, str]:
    """Lowest first.

    A ticket for one counter goes first there: nobody else can take it, the others have choice.
    """
    value = worth(candidate.ticket_class, candidate.counts_from, now)
    return (candidate.for_counter is None, -value, *_seniority(candidate))


_CLASS_IN_WORDS: Mapping[TicketClass, str] = {
    TicketClass.SOON: "To be seen soon: the wait counts twice.",
    TicketClass.URGENT: "Urgent: the wait counts four times.",
    TicketClass.BOOKED: "Has an appointment that is due.",
}


def _why(first: Candidate, queue: Iterable[Candidate], now: int) -> str:
    """Says only what is as true of the whole queue as of its heads."""
    waiting = f"Waiting {_minutes(now - first.arrived_at)}"
    if first.for_counter is not None:
        return f"Passed on to this counter, so first here. {waiting}."
    if first.ticket_class is TicketClass.BOOKED and now < first.counts_from:
        return f"Has an appointment later, and nobody else is due. {waiting}."
    reason = _CLASS_IN_WORDS.get(first.ticket_class, "")
    return f"{reason} {waiting}{_comparison(first, queue, now)}.".lstrip()


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
