"""The roster in the browser: a week to look at, a day to enter, last week to copy.

A day is one form of rows (who, from, until, what is served there), entered whole; a row without times is no shift, so emptying it removes it. It needs no script: every row is ordinary fields,
and a few empty ones are always there. What is wrong stands at its row and nothing is entered until it is right. What is only odd is said on the week's page, each time it is looked
at, because hours change after a roster was made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import rostering
from server.domain import roster, spans
from server.domain.half_hours import minutes_of
from server.domain.refusals import Refused
from server.domain.roster import Entry, Fault, Here
from server.domain.spans import Kind, NoSpan
from server.domain.telling.writing import of_these
from server.store.queries.roster import here, is_entered, mark_of, shifts_of
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.figures.asked import asked_of
from server.web.pages.figures.roster_import import entered_lately
from server.web.render import page

router = APIRouter()

BLANK_ROWS = 4
MOST_ROWS = 120
NOT_READ = "Write both times as 09:30 and 16:30, or empty both to have no shift here."
TOO_LATE = "It is too late to take the file back here: what was down before is kept for half an hour. Change the days one by one."
NO_NAME = "Choose an account or write a name, not both."
_DAY = timedelta(days=1)


@dataclass
class Row:
    """A row of the form as it was filled in."""

    number: int
    staff: int = 0
    who: str = ""
    begins: str = ""
    ends: str = ""
    services: tuple[str, ...] = ()
    faults: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.begins or self.ends)


@dataclass(frozen=True)
class Shown:
    """One shift on the week's page."""

    begins: str
    ends: str
    serves: str


@dataclass(frozen=True)
class WeekDay:
    on: date
    open: str
    shifts: int
    hours: float


@router.get("/figures/staffing/roster")
async def week_page(request: Request, caller: Guarded, week: str = "", entered: str = "") -> Response:
    return await _week(request, caller, week, entered=entered)


async def _week(
    request: Request,
    caller: Caller,
    week: str,
    *,
    said: str = "",
    told: str = "",
    notes: tuple[Fault, ...] = (),
    entered: str = "",
    status: int = 200,
) -> Response:
    house = house_of(request)
    lately = await entered_lately(house, entered, caller) if entered else None
    asked = await asked_of(request, caller, Kind.WEEK, week, "", Kind.WEEK)
    first = asked.span.first
    seen = await house.read(partial(_read_week, centre=asked.centre, first=first, now=asked.now))
    if lately is not None and not await house.read(
        partial(is_entered, centre=asked.centre, import_id=entered)
    ):
        lately = None
    if week and asked.said:
        said, status = said or asked.said, 422
    return page(
        request,
        "figures/roster.html",
        said=said,
        status=status,
        asked=asked,
        told=told,
        notes=notes,
        before=spans.before(asked.span),
        after=spans.after(asked.span),
        lately=lately,
        entered=entered,
        **seen,
    )


def _read_week(session: Session, centre: int, first: date, now: int) -> dict[str, Any]:
    place = here(session, centre, now)
    days = [first + number * _DAY for number in range(7)]
    entries = shifts_of(session, centre, first, days[-1])
    others = shifts_of(session, centre, first - _DAY, first - _DAY) + shifts_of(
        session, centre, days[-1] + _DAY, days[-1] + _DAY
    )
    judged = roster.judge(entries, others, place)
    named = {each.line: f"{place.name_of(each)}, {roster.day_said(each.on)}: " for each in entries}
    rows: dict[str, dict[date, list[Shown]]] = {}
    for each in sorted(entries, key=lambda entry: (place.name_of(entry).casefold(), entry.begins)):
        serves = ", ".join(place.services.get(slug, slug) for slug in each.services)
        row = rows.setdefault(place.name_of(each), {})
        row.setdefault(each.on, []).append(Shown(each.begins, each.ends, serves))
    return {
        "rows": rows,
        "days": [_day(on, entries, place) for on in days],
        "judged": [
            Fault(each.line, f"{named.get(each.line, '')}{each.say}")
            for each in (*judged.faults, *judged.warnings)
        ],
    }


def _day(on: date, entries: list[Entry], place: Here) -> WeekDay:
    of_day = [each for each in entries if each.on == on]
    minutes = 0
    for each in of_day:
        begins, ends = minutes_of(each.begins, each.ends)
        minutes += ends - begins
    times = " and ".join(f"{opens}–{closes}" for opens, closes in place.timetable.local_times(on))
    return WeekDay(on, times, len(of_day), round(minutes / 60, 1))


@router.post("/figures/staffing/roster/copy")
async def copy_week(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    week = text_of(form, "week", 10)
    try:
        monday = spans.read_span(Kind.WEEK, week or "none", "", date.min).first
        done = await house_of(request).change(
            caller.actor, "roster", partial(rostering.copy_week, monday=monday)
        )
    except ValueError:
        return await _week(request, caller, "", said="This is not a week. Choose another.", status=422)
    except Refused as refused:
        return await _week(request, caller, week, said=refused.refusal.say, status=status_of(refused.refusal))
    told = f"{of_these(done.shifts, 'shift', 'shifts')} of last week copied onto {of_these(done.days, 'day', 'days')}."
    left_out = tuple(each for each in done.warnings if each.line)
    return await _week(request, caller, week, told=told, notes=left_out)


@router.post("/figures/staffing/roster/take-back")
async def take_back(request: Request, caller: Guarded) -> Response:
    """What a file replaced, put back."""
    form = await form_of(request, caller)
    house, key, week = house_of(request), text_of(form, "key", 40), text_of(form, "week", 10)
    looked = await entered_lately(house, key, caller)
    if looked is None:
        return await _week(request, caller, week, said=TOO_LATE, status=410)
    doing = partial(
        rostering.take_back_file, import_id=key, days=frozenset(looked.file.days), before=looked.there
    )
    try:
        done = await house.change(caller.actor, "roster", doing)
    except Refused as refused:
        return await _week(request, caller, week, said=refused.refusal.say, status=status_of(refused.refusal))
    there = of_these(done.shifts, "shift is", "shifts are") if done.shifts else "no shift is"
    told = f"The file was taken back: {there} down for its days again, as before."
    return await _week(request, caller, week, told=told)


# A day ------------------------------------------------------------------------------------------


@router.get("/figures/staffing/roster/day")
async def day_page(request: Request, caller: Guarded, on: str = "") -> Response:
    asked = await asked_of(request, caller, Kind.DAY, on, "", Kind.DAY)
    if asked.said:
        return await _week(request, caller, "", said=asked.said, status=422)
    return await _show_day(request, caller, asked.span.first)


async def _show_day(
    request: Request,
    caller: Caller,
    on: date,
    *,
    rows: list[Row] | None = None,
    mark: str = "",
    said: str = "",
    status: int = 200,
) -> Response:
    house = house_of(request)
    asked = await asked_of(request, caller, Kind.DAY, on.isoformat(), "", Kind.DAY)

    def read(session: Session) -> tuple[Here, list[Entry]]:
        return here(session, asked.centre, asked.now), shifts_of(session, asked.centre, on, on)

    place, entries = await house.read(read)
    shown = rows if rows is not None else [_row(number, each) for number, each in enumerate(entries)]
    blank = len(shown)
    shown = [*shown, *(Row(blank + number) for number in range(BLANK_ROWS))]
    return page(
        request,
        "figures/roster_day.html",
        said=said,
        status=status,
        asked=asked,
        on=on,
        place=place,
        rows=shown,
        mark=mark or mark_of(entries),
        is_closed=not place.timetable.spans_on(on),
        times=place.timetable.local_times(on),
        people=sorted(place.people.items(), key=lambda each: (each[1].casefold(), each[0])),
    )


def _row(number: int, entry: Entry) -> Row:
    return Row(number, entry.staff or 0, entry.who, entry.begins, entry.ends, entry.services)


@router.post("/figures/staffing/roster/day")
async def enter_day(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    house = house_of(request)
    try:
        if not text_of(form, "on", 10):
            raise NoSpan("Choose a day.")
        on = spans.read_span(Kind.DAY, text_of(form, "on", 10), "", date.min).first
    except NoSpan as why:
        return await _week(request, caller, "", said=str(why), status=422)
    mark, rows = text_of(form, "mark", 32), _rows_of(form)
    entries = [entry for row in rows if not row.is_empty and (entry := _entry(row, on)) is not None]
    if not any(row.faults for row in rows):
        judged = await house.read(
            partial(
                rostering.judge,
                centre=caller.actor.centre,
                entries=entries,
                days=[on],
                now=house.clock.micros(),
            )
        )
        by_number = {row.number: row for row in rows}
        for fault in judged.faults:
            by_number[fault.line].faults.append(fault.say)
    if any(row.faults for row in rows):
        said = "Nothing was entered: look at the rows that are marked."
        return await _show_day(request, caller, on, rows=rows, mark=mark, said=said, status=422)
    try:
        await house.change(
            caller.actor, "roster", partial(rostering.enter_day, on=on, entries=entries, mark=mark)
        )
    except Refused as refused:
        status = status_of(refused.refusal)
        return await _show_day(request, caller, on, said=refused.refusal.say, status=status)
    return RedirectResponse(f"/figures/staffing/roster?week={on.isoformat()}", status_code=303)


def _rows_of(form: FormData) -> list[Row]:
    """Those that say anything, in their order."""
    found = []
    for number in range(MOST_ROWS):
        if f"begins-{number}" not in form:
            break
        staff = text_of(form, f"staff-{number}", 10)
        services = tuple(
            dict.fromkeys(
                str(each)[:40] for each in form.getlist(f"services-{number}") if isinstance(each, str)
            )
        )
        row = Row(
            number,
            int(staff) if staff.isdecimal() else 0,
            text_of(form, f"who-{number}", 80),
            text_of(form, f"begins-{number}", 10),
            text_of(form, f"ends-{number}", 10),
            services,
        )
        if not row.is_empty:
            found.append(row)
    return found


def _entry(row: Row, on: date) -> Entry | None:
    begins, ends = roster.read_time(row.begins), roster.read_time(row.ends)
    if not begins or not ends:
        row.faults.append(NOT_READ)
        return None
    if row.staff and row.who:
        row.faults.append(NO_NAME)
        return None
    return Entry(row.number, on, begins, ends, row.staff or None, row.who, row.services)
