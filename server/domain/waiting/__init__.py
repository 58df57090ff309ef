"""How long each visitor will still wait, as a range that can be told to them.

The floor is played forward in many futures at once (`play`): whenever a desk comes free it calls whom `selection` would call then, and is taken for as long as that visit lasts in that future. What
cannot be known is drawn (`chance`): how long a service takes, from what was seen of it; how long one in progress still takes, given that it has lasted so long; whether somebody comes when called,
leaves before, or keeps an appointment; breaks; who of a higher class will come after you. The roster says which desks open and close. The range runs from the 10th to the 90th percentile of the
futures, so it should be right four times in five; docs/waits.md says how often it is.

One play gives every waiting ticket and everyone who might come now, who takes nobody's place. The chances come from a seed: the same floor has the same answer.

A visitor is at one place at a time. A ticket whose visitor is at a desk for another need is played from when that desk comes free, and of two needs that both wait the second from the end of the
first. Of one whose visitor is parked, or at a desk that nobody minds, nobody can say when that ends: it is told as unknown, and takes no desk's time. Where no desk that serves something is open, no
range is told, though the roster may promise one; `why` says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from server.domain.usual import Usual
from server.domain.waiting.asked import NO_HABITS, Breaks, Coming, Desk, Habits, Lunch, Outlook, Queued
from server.domain.waiting.lines import EXPECTED_WITHIN, LATE_WITHIN, Lines, Newcomer
from server.domain.waiting.roster import with_roster
from server.domain.waiting.told import FEWEST_MINUTES, HONEST_MINUTES, NO_DESK, UNKNOWN, Waits, settle
from wire.vocabulary import TicketClass

__all__ = [
    "EXPECTED_WITHIN",
    "FEWEST_MINUTES",
    "HONEST_MINUTES",
    "LATE_WITHIN",
    "NO_DESK",
    "NO_HABITS",
    "UNKNOWN",
    "Breaks",
    "Coming",
    "Desk",
    "Habits",
    "Lunch",
    "Outlook",
    "Queued",
    "Waits",
    "estimate",
    "if_you_came_now",
    "make_ready",
    "outlook",
    "settle",
    "with_roster",
]

SEED = 6


def outlook(
    queue: Iterable[Queued],
    desks: Sequence[Desk],
    usual: Mapping[int, Usual],
    now: int,
    newcomers: Mapping[int, TicketClass] | None = None,
    away: Collection[str] = (),
    expected: Iterable[tuple[int, int]] = (),
    *,
    habits: Habits = NO_HABITS,
    seed: int = SEED,
) -> Outlook:
    """Every waiting ticket's range, and that of each service in `newcomers` (with its class) for who comes now.

    `queue` holds those who are present, in any order; `usual` every service named. `away` are visits seen to for another need where nobody can say until when. `expected` are the
    service and the time of each appointment whose visitor has not come.
    """
    lines = Lines(desks)
    waiting = list(lines.waiting(queue, away))
    alike: dict[Newcomer, list[int]] = {}
    services = {}
    for service, ticket_class in (newcomers or {}).items():
        if lines.open_masks.get(service):
            alike.setdefault(Newcomer(lines.masks[service], ticket_class), []).append(service)
        else:
            services[service] = NO_DESK
    tickets = dict.fromkeys(lines.no_desk, NO_DESK) | dict.fromkeys(lines.unknown, UNKNOWN)
    if waiting or alike:
        from server.domain.waiting.futures import played  # see `make_ready`

        all_lines = [*waiting, *lines.expected(expected, now), *lines.coming(habits.coming)]
        called, came = played(all_lines, desks, usual, now, habits, seed, list(alike))
        tickets |= called
        for same, waits in zip(alike.values(), came, strict=True):
            services |= dict.fromkeys(same, waits)
    return Outlook(tickets, services)


def make_ready() -> None:
    """Load what `outlook` needs once a desk is open: NumPy, 12 MB and a tenth of a second. That is no part of a start, for a killed server must be back before a visitor notices,
    and nothing for whoever draws a page: whoever reads floors does it, in a thread, when the first screen is there and at the latest when a desk is open."""
    import server.domain.waiting.futures  # noqa: F401 - to have it loaded


def estimate(
    queue: Iterable[Queued], desks: Sequence[Desk], usual: Mapping[int, Usual], now: int
) -> dict[str, Waits]:
    """`outlook` for the tickets alone."""
    return outlook(queue, desks, usual, now).tickets


def if_you_came_now(
    services: Mapping[int, TicketClass],
    queue: Iterable[Queued],
    desks: Sequence[Desk],
    usual: Mapping[int, Usual],
    now: int,
) -> dict[int, Waits]:
    """`outlook` for those who might come alone, by service."""
    return outlook(queue, desks, usual, now, services).services
