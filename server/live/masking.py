"""What staff may read of a visit that must not be known: decided here once, for every page, before anything is rendered.

A discreet visit's need is nobody's business but who serves it, from the call on, and one who looked with the right to look (each look is
logged). Everybody else gets the ticket with its need taken out, not covered: no name, choice or class, no notes, no count of them, nothing handed in, no
appointment, no counter it is meant for, and one target for all such visits, so that a figure does not tell what a name would. Pages get masked tickets
only, so no template can show by mistake what is not there. Who may serve a ticket is worked out before (`for_me`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from server.live.console_shapes import ServiceNow, TicketNow
from wire.vocabulary import TicketClass

PRIVATE_VISIT = "Private visit"
PRIVATE_VISITS = "Private visits"


def is_private(ticket: TicketNow) -> bool:
    """Whether the need may be read only by who serves: the visit is discreet, or what it is about is by its nature."""
    return ticket.discreet or ticket.service.discreet


def mask(ticket: TicketNow, known: Collection[str], target_minutes: int) -> TicketNow:
    """`ticket` as somebody may see it who knows the visits `known`."""
    if not is_private(ticket) or ticket.visit in known:
        return ticket
    return replace(
        ticket,
        service=private_visit(target_minutes),
        ticket_class=TicketClass.ORDINARY,
        for_counter=ticket.for_counter if ticket.for_me else None,
        for_counter_name=ticket.for_counter_name if ticket.for_me else "",
        notes=0,
        handed_in=(),
        booked_at=None,
        booking=None,
        masked=True,
    )


def private_visit(target_minutes: int) -> ServiceNow:
    return ServiceNow(0, "", PRIVATE_VISIT, target_minutes, "", True)


def common_target(services: Iterable[ServiceNow]) -> int:
    """The minutes by which any private visit is called long: the shortest target of a discreet service, or of any."""
    every = list(services)
    private = [each.target_minutes for each in every if each.discreet]
    return min(private or [each.target_minutes for each in every], default=20)


def grouped(services: Iterable[ServiceNow], private: ServiceNow | None) -> tuple[ServiceNow, ...]:
    """The rows of a table of services: the open ones, and `private` for all visits whose need is not shown."""
    rows = tuple(each for each in services if not each.discreet)
    return (*rows, private) if private is not None else rows
