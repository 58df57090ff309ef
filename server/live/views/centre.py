"""The row every audience has: the centre, whether it is open, until when."""

from __future__ import annotations

from datetime import datetime

from server.clock import from_micros, to_micros
from server.domain.hours import Open
from server.live.floor import Floor
from wire.rows import CentreRow


def milliseconds(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at) // 1000


def centre_row(floor: Floor) -> CentreRow:
    set_up = floor.set_up
    now = from_micros(floor.now)
    standing = set_up.timetable.standing(now)
    is_open = isinstance(standing, Open)
    closes_at = standing.closes_at if isinstance(standing, Open) else None
    opens_at = None if isinstance(standing, Open) else standing.opens_at
    reason = None if isinstance(standing, Open) else standing.reason
    return CentreRow(
        kind="centre",
        name=set_up.centre.name,
        slug=set_up.centre.slug,
        timezone=set_up.centre.timezone,
        languages=set_up.centre.languages,
        on=set_up.timetable.local_date(now).isoformat(),
        open=is_open,
        closes=set_up.timetable.local_time(closes_at) if closes_at else None,
        closes_at=milliseconds(closes_at),
        opens_at=milliseconds(opens_at),
        closed_reason=dict(reason) if reason else None,
        wait_here=set_up.centre.wait_here,
        public_url=floor.public_url,
    )
