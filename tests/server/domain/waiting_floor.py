"""Floors for the tests of the estimate: in words that read as a floor does, and any floor at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from server.domain import waiting as rule
from server.domain.selection import MINUTE
from server.domain.usual import Usual
from server.domain.waiting import Desk, Outlook, Waits
from wire.vocabulary import TicketClass

ORDINARY, SOON, URGENT, BOOKED = TicketClass
NOW = 1_795_510_800_000_000
TAX, HOMES, CARDS = 1, 2, 3
EXACT = {TAX: Usual(10, 0, 0), HOMES: Usual(20, 0, 0), CARDS: Usual(5, 0, 0)}
"""As if every service took exactly its time: then ranges are points, and arithmetic can be checked by hand.
"""


@dataclass(frozen=True)
class Waiting:
    ticket: str
    service: int
    ticket_class: TicketClass
    counts_from: int
    arrived_at: int
    for_counter: int | None = None
    quick: bool = False
    wants: str | None = None
    awaited: bool = False
    of_visit: str = ""

    @property
    def visit(self) -> str:
        return self.of_visit or f"visit of {self.ticket}"


def waiting(
    name: str,
    minutes: float,
    service: int = TAX,
    ticket_class: TicketClass = ORDINARY,
    for_counter: int | None = None,
) -> Waiting:
    since = NOW - round(minutes * MINUTE)
    return Waiting(name, service, ticket_class, since, since, for_counter)


def desk(counter: int, *services: int, busy_with: int | None = None, minutes: float = 0) -> Desk:
    return Desk(counter, frozenset(services or (TAX, HOMES, CARDS)), busy_with, NOW - round(minutes * MINUTE))


def shown(waits: dict[Any, Waits]) -> dict[Any, Waits]:
    """Without what is not shown."""
    return {key: each._replace(middle=None, exact=None) for key, each in waits.items()}


def outlook(*asked: Any, **more: Any) -> Outlook:
    found = rule.outlook(*asked, **more)
    return Outlook(shown(found.tickets), shown(found.services))


def estimate(*asked: Any) -> dict[str, Waits]:
    return shown(rule.estimate(*asked))


def if_you_came_now(*asked: Any) -> dict[int, Waits]:
    return shown(rule.if_you_came_now(*asked))


@st.composite
def floors(draw: st.DrawFn) -> tuple[list[Waiting], list[Desk]]:
    queue = []
    for index in range(draw(st.integers(0, 12))):
        waited = draw(st.integers(0, 9)) * 10  # so that ties are common
        plain = waiting(
            f"{index:02}",
            waited,
            draw(st.sampled_from([TAX, HOMES, CARDS])),
            draw(st.sampled_from(TicketClass)),
            draw(st.sampled_from([None, None, None, 0, 1, 9])),
        )
        special = replace(
            plain,
            quick=draw(st.sampled_from([False, False, True])),
            wants=draw(st.sampled_from([None, None, "gu", "sign_language"])),
            of_visit=draw(st.sampled_from(["", "", "", "one", "two", "busy 0"])),
        )
        if special.ticket_class is BOOKED:  # comes early for a booking of its own time
            special = replace(
                special, arrived_at=special.counts_from - draw(st.sampled_from([0, 5])) * MINUTE
            )
        queue.append(special)
    desks = []
    for counter in range(draw(st.integers(0, 3))):
        services = draw(st.sets(st.sampled_from([TAX, HOMES, CARDS]), min_size=1))
        busy_with = draw(st.sampled_from([None, *sorted(services)]))
        plain_desk = desk(counter, *services, busy_with=busy_with, minutes=draw(st.integers(0, 30)))
        desks.append(
            replace(
                plain_desk,
                visit=f"busy {counter}" if busy_with else None,
                skills=draw(
                    st.sampled_from([frozenset(), frozenset({"gu"}), frozenset({"gu", "sign_language"})])
                ),
                after_quick=draw(st.booleans()),
            )
        )
    return queue, desks
