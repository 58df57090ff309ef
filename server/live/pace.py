"""What was seen of a centre lately and what its roster plans, looked up together every few minutes: what the estimate of waits goes by.

Each is a look-up by an index over four weeks at most and a bounded number of rows, however many years the database holds. Seats have no index by time, for nothing else asks: those of
four weeks are among the last `PACE_SEATS` of the house.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from server.domain.habits import Ended, Paused, Sat, Seen
from server.live.rostered import Offered, Planned, desks_planned
from server.store.sql import Sql, Statement
from wire.vocabulary import BookingState, TicketClass, TicketState

PACE_MICROS = 5 * 60 * 1_000_000
"""How often it is looked up anew."""
PACE_DAYS = 28
PACE_TICKETS = 2_000
PACE_SEATS = 2_000

_ENDED = Statement(
    f"""SELECT service_id, ticket_class, state, arrived_at, first_called_at, served_at, ended_at, counter_id, booking_id, follows, left_open
    FROM ticket WHERE centre_id = :centre AND ended_at >= :since AND counted ORDER BY ended_at DESC LIMIT {PACE_TICKETS}"""
)
_SAT = Statement(
    f"""SELECT since_at, COALESCE(until_at, :now), staff_id FROM seat
    WHERE id > (SELECT COALESCE(MAX(id), 0) FROM seat) - {PACE_SEATS} AND centre_id = :centre AND since_at >= :since AND NOT left_open"""
)
_PAUSED = Statement(
    f"""SELECT p.reason, p.since_at, p.until_at, s.staff_id FROM seat s JOIN pause p ON p.seat_id = s.id
    WHERE s.id > (SELECT COALESCE(MAX(id), 0) FROM seat) - {PACE_SEATS} AND s.centre_id = :centre AND s.since_at >= :since AND NOT s.left_open
    AND p.until_at IS NOT NULL"""
)
_BOOKED = Statement(
    """SELECT state, COUNT(*) FROM booking
    WHERE centre_id = :centre AND held_until > :since AND held_until < :now AND state <> 'cancelled' GROUP BY state"""
)


class Pace(NamedTuple):
    """`seen` changes its identity only when it was looked up anew."""

    seen: Seen
    planned: tuple[Planned, ...]


NO_PACE = Pace(Seen(), ())


def read_pace(sql: Sql, centre: int, zone: str, offered: tuple[Offered, ...], now: int) -> Pace:
    values = {"centre": centre, "since": now - PACE_DAYS * 86_400_000_000, "now": now}
    booked: dict[str, int] = {record[0]: record[1] for record in sql.all(_BOOKED, values)}
    seen = Seen(
        now,
        tuple(_ended(record) for record in sql.all(_ENDED, {"centre": centre, "since": values["since"]})),
        tuple(Sat(*record) for record in sql.all(_SAT, values)),
        tuple(Paused(*record) for record in sql.all(_PAUSED, {"centre": centre, "since": values["since"]})),
        booked.get(BookingState.ARRIVED, 0),
        booked.get(BookingState.MISSED, 0),
    )
    return Pace(seen, desks_planned(sql, centre, zone, offered, now))


def _ended(record: Any) -> Ended:
    (
        service,
        ticket_class,
        state,
        arrived_at,
        called_at,
        served_at,
        ended_at,
        counter,
        booking,
        follows,
        left,
    ) = record
    return Ended(
        service,
        TicketClass(ticket_class),
        TicketState(state),
        arrived_at,
        called_at,
        served_at,
        ended_at,
        counter,
        booked=booking is not None,
        passed_on=follows is not None,
        left_open=bool(left),
    )
