"""What was told of waiting, kept until the rounds write it down (`server.jobs.estimates`), and what is held back because it is doubtful.

A reading of the floor works out a range for every waiting ticket: that is what its visitor is shown, on the phone and wherever else. Of each ticket the first range
in every five minutes of its wait is noted here, in memory, for nothing that a visitor or an adviser waits for may wait for this. What cannot be said
(no desk, unknown) is no range and not noted. Of a service whose ranges are doubtful (`server.domain.scoring`) they are noted as held back, and nobody sees them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from server.domain import waiting
from server.domain.scoring import STEP, Given
from server.live.floor import Floor, Told


class GivenNow(NamedTuple):
    """One range to be written down."""

    ticket: str
    step: int
    service: int
    given: Given


def note(floor: Floor, settled: Mapping[str, waiting.Waits]) -> None:
    """Of every waiting ticket whose next five minutes have begun, what it is told in this reading."""
    told, noted = floor.told, {}
    for each in floor.waiting:
        waits = settled.get(each.id)
        last = told.noted.get(each.id, -1)
        step = max(0, floor.now - each.arrived_at) // STEP
        if waits is not None and waits.low is not None and waits.high is not None and step > last:
            given = _given(floor, waits.low, waits.high, waits.middle, each.service not in floor.doubtful)
            told.given.append(GivenNow(each.id, step, each.service, given))
            last = step
        if last >= 0:
            noted[each.id] = last
    told.noted = noted


def _given(floor: Floor, low: int, high: int, middle: float | None, told: bool) -> Given:
    """Where the middle is not known it is that of the range."""
    return Given(
        floor.now, low * 60, high * 60, round(60 * ((low + high) / 2 if middle is None else middle)), told
    )


def without_doubtful(floor: Floor, settled: waiting.Outlook) -> waiting.Outlook:
    """What may be told: of doubtful services "we cannot say", with how many are ahead."""
    if not floor.doubtful:
        return settled
    tickets = dict(settled.tickets)
    for each in floor.waiting:
        waits = tickets.get(each.id)
        if waits is not None and waits.high is not None and each.service in floor.doubtful:
            tickets[each.id] = waiting.UNKNOWN._replace(ahead=waits.ahead)
    services = {
        service: waiting.UNKNOWN._replace(ahead=waits.ahead)
        if waits.high is not None and service in floor.doubtful
        else waits
        for service, waits in settled.services.items()
    }
    return waiting.Outlook(tickets, services)


def take(told: Told) -> list[GivenNow]:
    """All that is to be written down, which is then gone from here; `put_back` when it could not be written."""
    taken: list[GivenNow] = []
    while told.given:
        taken.append(told.given.popleft())
    return taken


def put_back(told: Told, taken: list[GivenNow]) -> None:
    told.given.extendleft(reversed(taken))
