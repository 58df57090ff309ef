"""What every audience has: the centre, whether it is open or must be left, and what everyone is told."""

from __future__ import annotations

from datetime import datetime

from server.clock import from_micros, to_micros
from server.domain.hours import Open
from server.live.floor import Floor
from server.store.tables import Counter
from wire.frames import Row
from wire.rows import AnnouncementRow, CentreRow, MessageRow


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
        evacuated_at=milliseconds(set_up.centre.evacuated_at),
    )


def announcement_rows(floor: Floor) -> dict[str, Row]:
    """What everyone is told now, for every audience that visitors see."""
    return {
        f"announcement:{each.id}": dict(
            AnnouncementRow(
                kind="announcement",
                id=each.id,
                text=dict(each.text),
                at=each.at // 1000,
                until_at=None if each.until_at is None else each.until_at // 1000,
            )
        )
        for each in floor.announced
    }


def message_rows(floor: Floor) -> dict[str, Row]:
    """The centre's standing messages; the others are kept ready to be announced."""
    return {
        f"message:{each.slug}": dict(MessageRow(kind="message", order=each.position, text=each.text))
        for each in floor.set_up.messages
        if each.standing
    }


def where_to(counter: Counter) -> str:
    """Where a visitor called to `counter` goes: to a telephone or a video room when whoever serves there is elsewhere."""
    return counter.sends_to or counter.name
