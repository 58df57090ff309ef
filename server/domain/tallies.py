"""How a ticket counts, and what a day's figures are. Pure: facts in, figures out.

Figures are worked out from the tickets themselves whenever somebody looks, never copied, so a correction of a ticket corrects the figures and
nothing can be counted twice. A ticket is one **activity** of its **visit**, on the day the visit arrived, with these exceptions (docs/counting.md):

* one that no visitor stands behind (withdrawn, merged) does not count;
* one that was passed on before anybody served it does not: it was the wrong choice, and what it was changed to counts;
* a ticket passed on while it was served and the one that follows it are one chain, and a chain is one activity of each kind;
* one that has an appointment is an appointment, whatever its service counts as otherwise, also when its visitor came too late to keep the place.

Several needs of one visit are several activities of one visit. Somebody who left or did not come counts, and is told apart. A figure by
service never names a discreet one, and none so small that it could be told who it was (`fold`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter
from typing import NamedTuple

from wire.vocabulary import OPEN_STATES, Activity, TicketState

LEAST_SHOWN = 5
"""A figure by service smaller than this could single somebody out."""
OTHER = "Other"
TAPPED = (
    Activity.TELEPHONE,
    Activity.SELF_SERVICE_PC,
    Activity.PAYMENT_KIOSK,
    Activity.SCAN_STATION,
    Activity.FORMS,
    Activity.ADVICE,
    Activity.SUPPORT,
    Activity.APPOINTMENT,
)
"""What is counted by a tap, first what hardly ever has a ticket. Help at the door has its own way."""


class TicketFact(NamedTuple):
    """What counting needs to know of a ticket. `service` None: it may not be named (a discreet service or visit)."""

    id: str
    visit: str
    """After merging: the visit it turned out to be part of."""
    on: date
    activity: Activity
    service: int | None
    state: TicketState
    counted: bool
    served: bool
    follows: str | None
    people: int


@dataclass(frozen=True)
class Sought:
    """One activity of one visit. `left`: they went, or did not come, before anybody served them; `open`: not over yet."""

    visit: str
    on: date
    activity: Activity
    service: int | None
    people: int
    left: bool
    open: bool


@dataclass(frozen=True)
class Visits:
    """`visitors` counts everybody who came along; `left` visits were never served at all, `here` are not over yet."""

    visits: int = 0
    visitors: int = 0
    left: int = 0
    here: int = 0


def counts(ticket: TicketFact) -> bool:
    """Whether a ticket counts by itself, before its chain is looked at."""
    misrouted = ticket.state is TicketState.TRANSFERRED and not ticket.served
    return ticket.counted and not misrouted


def sought(tickets: Iterable[TicketFact]) -> list[Sought]:
    """The activities these tickets stand for. A chain must be whole: give all tickets of a visit, or none."""
    known = {ticket.id: ticket for ticket in tickets}
    kinds: dict[tuple[str, Activity], list[tuple[int, TicketFact]]] = {}
    for ticket in known.values():
        if counts(ticket):
            first, after = _place_of(ticket, known)
            kinds.setdefault((first, ticket.activity), []).append((after, ticket))
    return [_one(max(links, key=itemgetter(0))[1], [each for _, each in links]) for links in kinds.values()]


def _place_of(ticket: TicketFact, known: Mapping[str, TicketFact]) -> tuple[str, int]:
    """The ticket its chain began with, and how many were before it. Not by the ids: a kiosk makes its own, by its own clock."""
    seen = {ticket.id}
    while ticket.follows is not None and ticket.follows not in seen and ticket.follows in known:
        ticket = known[ticket.follows]
        seen.add(ticket.id)
    return ticket.id, len(seen)


def _one(last: TicketFact, chain: Sequence[TicketFact]) -> Sought:
    is_open = any(ticket.state in OPEN_STATES for ticket in chain)
    served = any(ticket.served for ticket in chain)
    return Sought(
        visit=last.visit,
        on=last.on,
        activity=last.activity,
        service=last.service,
        people=max(ticket.people for ticket in chain),
        left=not served and not is_open,
        open=is_open,
    )


def visits(activities: Iterable[Sought]) -> Visits:
    """How many visits these are activities of."""
    of: dict[str, list[Sought]] = {}
    for each in activities:
        of.setdefault(each.visit, []).append(each)
    return Visits(
        visits=len(of),
        visitors=sum(max(each.people for each in own) for own in of.values()),
        left=sum(all(each.left for each in own) for own in of.values()),
        here=sum(any(each.open for each in own) for own in of.values()),
    )


# Figures by service ------------------------------------------------------------------------------------------------


class Named(NamedTuple):
    name: str
    number: int


def fold(figures: Mapping[str, int], unnamed: int, least: int = LEAST_SHOWN) -> list[Named]:
    """Figures by service that single nobody out: the largest first, and last what was added together.

    What must not be named (`unnamed`) and every service with fewer than `least` become one line, always, so that the line being there tells
    nothing. Should it still be below `least`, the smallest of the rest goes into it too; if nothing is left, there is one line for all.
    """
    shown = sorted(
        (Named(*each) for each in figures.items() if each[1] >= least), key=lambda n: (-n.number, n.name)
    )
    other = unnamed + sum(count for count in figures.values() if count < least)
    while 0 < other < least and shown:
        other += shown.pop().number
    if not other:
        return shown
    return [*shown, Named(OTHER if shown else "All needs together", other)]


def may_be_told_by_need(first: date, last: date, today: date) -> bool:
    """Whether figures by need may be told of this span: a day, or whole months that are over.

    Of any span one likes, two that differ by a day would tell what the day's own fold hides: a year with and without the day.
    """
    return first == last or (first.day == 1 and (last + timedelta(days=1)).day == 1 and last < today)


def whole_months(first: date, last: date, today: date) -> tuple[date, date] | None:
    """The months that are over and that the span touches, as a span that may be told; None when there is none."""
    begins = first.replace(day=1)
    ends = min(_next_month(last), today.replace(day=1)) - timedelta(days=1)
    return (begins, ends) if begins <= ends else None


def _next_month(on: date) -> date:
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1)


# The door ----------------------------------------------------------------------------------------------------------


class DoorDay(NamedTuple):
    """What the door's own counter says of a day beside what was counted by tickets and taps."""

    went_in: int
    went_out: int
    counted: int

    @property
    def inside(self) -> int:
        """Who is still in the building if every count was right; never fewer than nobody."""
        return max(0, self.went_in - self.went_out)

    @property
    def difference(self) -> int:
        return self.went_in - self.counted


def difference_in_words(day: DoorDay) -> str:
    """What the difference may mean; a tenth either way is what door counters are wrong by."""
    if day.went_in == 0 and day.counted == 0:
        return "Nobody was counted at the door, nor by tickets and taps."
    if abs(day.difference) * 10 <= max(day.went_in, day.counted):
        return "The door and the counting agree as well as such counters do (within a tenth)."
    if day.difference > 0:
        return (
            "More came in than were counted. Staff, children and people who only looked in pass the door too;"
            " if the difference is larger than usual, taps may have been forgotten."
        )
    return (
        "More was counted than came in. One visitor may do several things, each counted;"
        " if it is far more, see whether the door's counter was covered or switched off."
    )
