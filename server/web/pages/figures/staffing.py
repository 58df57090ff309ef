"""The page Staffing: who is expected on a day to come, how many desks that needs when, and what would be if there were more or fewer.

The search for the fewest desks takes a second or so, more where hundreds come. A page that would have to wait for it is answered without it and says how far it is; it looks again by
itself (a header, so that it needs no script) until it is there. What was found is kept (`server.live.told.staffing`), so it is looked for once. A search runs in a thread of those that read,
at most one at a time, and goes on when nobody waits for it any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from server.domain import half_hours, spans
from server.domain.asked import Asked
from server.domain.figure import Figure
from server.domain.roster import read_time
from server.domain.spans import Kind, Span
from server.domain.staffing import MOST_TRIES, Change
from server.domain.telling import staffing as telling
from server.domain.telling.writing import of_these
from server.edge import House
from server.live.past_days import read_known
from server.live.telling import TOPICS
from server.live.told import staffing
from server.live.told.staffing import Prepared
from server.web.gate import Guarded, house_of
from server.web.pages.figures.asked import asked_of
from server.web.render import page

router = APIRouter()

PATIENCE = 0.7
"""Seconds a page waits for the desks before it is answered without them."""
LOOK_AGAIN = "2"
MOST_MORE = 20
NO_TIMES = "Write both times as 11:00 and 13:00, within the opening hours of the day."
NO_NUMBER = f"Choose how many desks more or fewer: 1 to {MOST_MORE}."
_DAY = timedelta(days=1)


@dataclass
class _Search:
    task: asyncio.Task[Any]
    replays: list[int]
    """How many replays are done, counted by the search itself."""
    days: int

    @property
    def percent(self) -> int:
        """By the most it may take; it is mostly through far sooner."""
        return min(99, round(100 * self.replays[0] / max(1, MOST_TRIES * self.days)))


_searches: dict[Hashable, _Search] = {}
_one_at_a_time = asyncio.Semaphore(1)


@router.get("/figures/staffing")
async def staffing_page(
    request: Request,
    caller: Guarded,
    on: str = "",
    kind: str = "",
    first: str = "",
    begins: str = "",
    ends: str = "",
    more: str = "",
    base: str = "past",
    only: str = "",
) -> Response:
    house = house_of(request)
    asked = await _asked(request, caller, on, kind, first)
    prepared = await house.look(
        partial(staffing.prepare, centre=asked.centre, on=asked.span.first, now=asked.now)
    )
    running = await _searching(house, prepared)
    outlook = prepared.outlook
    if running is None:
        outlook = await asyncio.get_running_loop().run_in_executor(
            house.readers, staffing.with_desks, prepared
        )
    figures = telling.figures(outlook)
    changes, said = _change(begins, ends, more, outlook.halves) if begins or ends or more else ([], "")
    what_if: list[Figure] = []
    by_roster = base == "roster" and outlook.rostered is not None
    if changes:
        look = partial(staffing.what_if, prepared, changes, _in_words(changes[0]), by_roster=by_roster)
        what_if = await asyncio.get_running_loop().run_in_executor(house.readers, look)
    alone = [each for each in figures if each.slug == only]
    shown = page(
        request,
        "figures/staffing.html",
        said=asked.said or said,
        status=422 if said else 200,
        asked=asked,
        topic=TOPICS["staffing"],
        outlook=outlook,
        figures=alone or figures,
        alone=bool(alone),
        what_if=what_if,
        search=running,
        begins=begins,
        ends=ends,
        more=more or "1",
        base="roster" if by_roster else "past",
        beside=_beside(prepared, asked.span.first),
        halves=[
            half_hours.said(each) for each in [*outlook.halves, *(each + 1 for each in outlook.halves[-1:])]
        ],
    )
    if running is not None:
        shown.headers["refresh"] = LOOK_AGAIN
    return shown


async def _asked(request: Request, caller: Any, on: str, kind: str, first: str) -> Asked:
    """The day: the one named, or the one a link of another page carries along if it is to come, or the next on which the centre opens."""
    asked = await asked_of(request, caller, Kind.DAY, on, "", Kind.DAY)
    if on and not asked.said:
        return asked
    said, carried = asked.said, await asked_of(request, caller, kind, first, "", Kind.DAY)
    if not on and kind == Kind.DAY and first and carried.span.first > carried.today:
        return carried

    def look(connection: Connection) -> date:
        return staffing.next_open(read_known(connection, asked.centre, asked.now))

    day = await house_of(request).look(look)
    return replace(asked, span=Span(day, day, Kind.DAY), said=said.split(" This is shown")[0])


async def _searching(house: House, prepared: Prepared) -> _Search | None:
    """None when the desks needed are known (or cannot be); otherwise the search that is under way."""
    if not prepared.scaled or not prepared.outlook.opened or staffing.kept(prepared) is not None:
        return None
    search = _searches.get(prepared.key)
    if search is None:
        replays = [0]
        task = asyncio.create_task(_search(house, prepared, replays))
        search = _searches[prepared.key] = _Search(task, replays, len(prepared.scaled))
        task.add_done_callback(lambda _: _searches.pop(prepared.key, None))
    await asyncio.wait({search.task}, timeout=PATIENCE)
    if not search.task.done():
        return search
    search.task.result()  # what went wrong in it is said here, not swallowed
    return None


async def _search(house: House, prepared: Prepared, replays: list[int]) -> None:
    def between() -> None:
        replays[0] += 1
        staffing.let_others_go()

    async with _one_at_a_time:
        await asyncio.get_running_loop().run_in_executor(
            house.readers, partial(staffing.search, prepared, between)
        )


def _change(begins: str, ends: str, more: str, halves: list[int]) -> tuple[list[Change], str]:
    """What the form asks for, or what is wrong with it."""
    first, last = read_time(begins), read_time(ends)
    if not first or not last or not halves:
        return [], NO_TIMES
    since, until = half_hours.minutes_of(first, last)
    if since < halves[0] * half_hours.LENGTH and halves[-1] >= half_hours.A_DAY:  # after midnight
        since, until = since + 24 * 60, until + 24 * 60
    from_half, to_half = since // half_hours.LENGTH, -(-until // half_hours.LENGTH) - 1
    from_half, to_half = max(from_half, halves[0]), min(to_half, halves[-1])
    if from_half > to_half:
        return [], NO_TIMES
    try:
        number = int(more)
    except ValueError:
        return [], NO_NUMBER
    if number == 0 or abs(number) > MOST_MORE:
        return [], NO_NUMBER
    return [Change(from_half, to_half, number)], ""


def _in_words(change: Change) -> str:
    desks = of_these(abs(change.more), "desk", "desks")
    kind = "more" if change.more > 0 else "fewer"
    return f"{desks} {kind} from {half_hours.said(change.first)} to {half_hours.said(change.last + 1)}"


def _beside(prepared: Prepared, on: date) -> dict[str, Span | None]:
    """The days before and after on which the centre is open, to go to."""

    def near(step: int) -> Span | None:
        days = (on + number * step * _DAY for number in range(1, 15))
        found = next(
            (day for day in days if spans.EARLIEST <= day <= spans.LATEST and prepared.known.opened(day)),
            None,
        )
        return Span(found, found, Kind.DAY) if found else None

    return {"before": near(-1), "after": near(1)}
