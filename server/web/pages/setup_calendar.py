"""A year of opening days, as a calendar and as a list of the days that are not as usual; of the centre, or of one service in it."""

from __future__ import annotations

from calendar import Calendar
from datetime import date, timedelta
from typing import NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.centrefile import CentrePlan
from server.centrefile.plan import Service
from server.domain.hours import Closure, Hours, Timetable
from server.web.gate import Guarded
from server.web.pages.setup_desk import desk_of
from server.web.render import page

router = APIRouter()

YEARS_AHEAD = 5
Times = list[tuple[str, str]]


class Day(NamedTuple):
    on: date
    times: Times
    mark: str
    """`special`, `closed` (a closure), or nothing when it is as usual."""
    reason: str = ""


class Month(NamedTuple):
    first: date
    weeks: list[list[Day | None]]
    """Monday first; None beside the month."""


class Unusual(NamedTuple):
    first: date
    last: date
    times: Times
    mark: str
    reason: str


def year_of(plan: CentrePlan, service: Service | None, year: int) -> list[Month]:
    """Every day of the year with its opening times as visitors find them."""
    timetable = Timetable(plan.timezone, plan.hours, service.hours if service else None)
    told = (plan.hours, service.hours) if service else (plan.hours,)
    calendar = Calendar()
    return [
        Month(
            date(year, month, 1),
            [
                [_day(timetable, told, on) if on.month == month else None for on in week]
                for week in calendar.monthdatescalendar(year, month)
            ],
        )
        for month in range(1, 13)
    ]


def _day(timetable: Timetable, told: tuple[Hours, ...], on: date) -> Day:
    closure = next((each for hours in told for each in hours.closures if each.covers(on)), None)
    if closure is not None:
        return Day(on, [], "closed" if _usually(told, on) else "", _reason(closure))
    special = any(each.held_on == on for hours in told for each in hours.special)
    return Day(on, timetable.local_times(on), "special" if special else "")


def _usually(told: tuple[Hours, ...], on: date) -> bool:
    """Whether there is an opening for the closure to take away."""
    return any(each.holds(on) for hours in told for each in hours.usual) or any(
        each.held_on == on for hours in told for each in hours.special
    )


def _reason(closure: Closure) -> str:
    return closure.reason.get("en", "")


def unusual_days(months: list[Month]) -> list[Unusual]:
    """Days not as usual, those of one closure together."""
    found: list[Unusual] = []
    for month in months:
        for day in (each for week in month.weeks for each in week if each is not None and each.mark):
            last = found[-1] if found else None
            near = last is not None and day.on - last.last <= timedelta(days=7)
            if last is not None and near and last.mark == day.mark == "closed" and last.reason == day.reason:
                found[-1] = last._replace(last=day.on)
            else:
                found.append(Unusual(day.on, day.on, day.times, day.mark, day.reason))
    return found


@router.get("/setup/calendar")
async def calendar(request: Request, caller: Guarded, year: int = 0, service: str = "") -> Response:
    desk = await desk_of(request, caller)
    shown = year if desk.today.year - 1 <= year <= desk.today.year + YEARS_AHEAD else desk.today.year
    chosen = next((each for each in desk.coming.services if each.slug == service), None)
    months = year_of(desk.coming, chosen, shown)
    return page(
        request,
        "setup/calendar.html",
        desk=desk,
        months=months,
        unusual=unusual_days(months),
        year=shown,
        years=range(desk.today.year - 1, desk.today.year + YEARS_AHEAD + 1),
        chosen=chosen,
        open_days=sum(bool(day and day.times) for month in months for week in month.weeks for day in week),
    )
