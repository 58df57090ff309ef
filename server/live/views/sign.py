"""What the sign over one counter shows. A discreet visit shows as busy, without a code."""

from __future__ import annotations

from server.live.floor import Floor
from server.live.views.centre import centre_row
from wire.frames import Row
from wire.rows import SignRow


def rows(floor: Floor, subject: str) -> dict[str, Row]:
    seen: dict[str, Row] = {"centre": dict(centre_row(floor))}
    counter = floor.set_up.counters.get(int(subject or 0))
    if counter is None:
        return seen
    row = SignRow(
        kind="sign",
        counter=counter.slug,
        name=counter.name,
        state="closed",
        code=None,
        called_at=None,
        times=0,
    )
    seat = next((seat for seat in floor.seats if seat.counter == counter.id), None)
    there = next((ticket for ticket in floor.at_counters if ticket.counter == counter.id), None)
    if there is not None and there.state == "called" and not there.discreet:
        row["state"] = "calling"
        row["code"] = there.code
        row["called_at"] = (there.called_at or 0) // 1000
        row["times"] = there.calls
    elif there is not None:
        row["state"] = "busy"
    elif seat is not None:
        row["state"] = "break" if seat.pause else "free"
    seen["sign"] = dict(row)
    return seen
