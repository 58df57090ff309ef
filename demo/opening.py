"""At which time the demonstration begins, so that its centre is open whenever somebody starts it.

York House is open on two days a week, and its file is real, so the hours are not bent: the clock is. If the centre is open now for a good while,
the demonstration runs at the real time. If not, it runs as on the next day of opening, half an hour after the doors opened:
every time on every screen is then one that could be read in that building. A clock never runs backwards over
kept data: what was left in the middle of a day goes on from there, and a day that is nearly over is begun anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.domain.hours import Open, Timetable

AFTER_DOORS = timedelta(minutes=35)
LEAST_LEFT = timedelta(hours=1)
"""A demonstration that closes within the hour would disappoint."""


@dataclass(frozen=True)
class Beginning:
    at: datetime
    fresh: bool = False
    """Kept data cannot be gone on with: it is of a later time, or of a day that is nearly over."""
    pretended: bool = True
    """Whether the clock is set to another time than the real one."""


def begin(
    timetable: Timetable, now: datetime, *, at: datetime | None = None, left_at: datetime | None = None
) -> Beginning:
    """When to begin: at `at` if given; `left_at` is the last instant kept data knows, None without data."""
    if at is not None:
        return Beginning(at, fresh=left_at is not None and at < left_at)
    if left_at is not None and left_at > now:
        if _open_long_enough(timetable, left_at):
            return Beginning(left_at)
        return Beginning(_good_moment(timetable, now), fresh=True)
    if _open_long_enough(timetable, now):
        return Beginning(now, pretended=False)
    return Beginning(_good_moment(timetable, now))


def _open_long_enough(timetable: Timetable, at: datetime) -> bool:
    standing = timetable.standing(at)
    return isinstance(standing, Open) and standing.closes_at - at >= LEAST_LEFT


def _good_moment(timetable: Timetable, now: datetime) -> datetime:
    """Some time after the doors open next; `now` itself when no opening is known."""
    standing = timetable.standing(now)
    doors = standing.closes_at if isinstance(standing, Open) else standing.opens_at
    if isinstance(standing, Open):
        after = timetable.standing(standing.closes_at)
        doors = None if isinstance(after, Open) else after.opens_at
    if doors is None:
        return now
    day = timetable.standing(doors)
    closes_at = day.closes_at if isinstance(day, Open) else doors
    return doors + min(AFTER_DOORS, (closes_at - doors) / 2)
