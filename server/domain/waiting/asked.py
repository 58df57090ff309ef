"""What the estimate is told of a floor: who waits, which desks there are and will be, who is expected, and what the house is used to.

Instants are whole microseconds as stored, so neither midnight nor a change of the clock is anything to it. `Habits` says what was seen of this centre lately; without any,
everybody who is called comes, nobody leaves, and a desk calls the next the moment it is free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from server.domain.selection import Candidate
from server.domain.usual import Usual
from server.domain.waiting.told import Waits
from wire.vocabulary import TicketClass


class Queued(Candidate, Protocol):
    """A waiting ticket, its service and its visit. `awaited` is worked out here, from the desks."""

    @property
    def service(self) -> int: ...
    @property
    def visit(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """A counter that is open, or will be by the roster: what it serves, the service it is taken by since the call, if any, and of which visit; what the
    person there can do that not everybody can, and whether the last visit called there was a quick one.

    `busy_present`: whether the visitor it is taken by has come to the counter. `free_since` is when an idle one finished its last visit. `paused_at` is since when it is on a break, and `pause` how long such a one lasts, where that is known. It calls nobody before `opens_at`, nor from `closes_at` on. `planned`: nobody sits
    there yet, only the roster says that somebody will. `had_lunch`: today, or is at it.
    """

    counter: int
    services: frozenset[int]
    busy_with: int | None = None
    busy_since: int = 0
    visit: str | None = None
    skills: frozenset[str] = frozenset()
    after_quick: bool = False
    busy_present: bool = True
    free_since: int | None = None
    paused_at: int | None = None
    pause: Usual | None = None
    opens_at: int | None = None
    closes_at: int | None = None
    planned: bool = False
    had_lunch: bool = False


class Outlook(NamedTuple):
    """For each ticket, and for each service if you came now."""

    tickets: dict[str, Waits]
    services: dict[int, Waits]


class Breaks(NamedTuple):
    """How often a desk goes on a break after a visit, at any time of day, and for how many minutes. `lasts` None: nobody has been seen to."""

    an_hour: float = 0.0
    lasts: Usual | None = None


class Lunch(NamedTuple):
    """When people begin their lunch (in microseconds from now, those that are still ahead), how likely somebody is to take it who has not yet, and for how long."""

    begins: tuple[int, ...] = ()
    share: float = 0.0
    lasts: Usual | None = None


NO_BREAKS = Breaks()
NO_LUNCH = Lunch()


class Coming(NamedTuple):
    """Visitors of a service who will come an hour, and as what class: those who may be called before somebody who waits already."""

    service: int
    ticket_class: TicketClass
    an_hour: float


@dataclass(frozen=True, slots=True)
class Habits:
    """What was seen of a centre lately.

    `no_show` is the share of calls, by service, to which nobody comes, `no_show_takes` how long such a call keeps a desk, and `walk_minutes` the mean time from the call until whoever comes is there. Of those who wait `leave_an_hour` leave in an hour,
    and free their place. `turnaround` is from the end of a visit to the next call while somebody waits. `missed` is the share of appointments whose visitor does not come.
    """

    no_show: Mapping[int, float] = field(default_factory=dict)
    no_show_takes: Usual | None = None
    walk_minutes: float = 0.0
    leave_an_hour: float = 0.0
    turnaround: Usual | None = None
    missed: float = 0.0
    breaks: Breaks = NO_BREAKS
    lunch: Lunch = NO_LUNCH
    coming: tuple[Coming, ...] = ()


NO_HABITS = Habits()
