"""The page Counts: who came for what on a day or in a span, and how that is corrected.

Everybody who welcomes visitors may read today's figures; earlier ones, corrections and files are for managers and administrators. Every figure is
worked out when somebody looks. A file made here holds nothing a spreadsheet would run, and no need of a discreet visit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import counting
from server.clock import from_micros
from server.domain.access import ASKS
from server.domain.refusals import Refused
from server.domain.tallies import difference_in_words
from server.live.figures import Figures, read_figures, today_of
from server.reports import as_csv
from server.store.queries import counts
from server.store.sql import Sql
from server.web import labels as words
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.render import page
from wire.asks import Recount
from wire.vocabulary import Activity, RefusalCode, Role, new_id

router = APIRouter()

MOST_DAYS = 1100
MOST_TAPS = 300
EARLIEST = date(1990, 1, 1)
KEEPERS = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
NO_NEEDS = "Needs are told of one day or of whole months that are over, so that nobody can be singled out. Choose such a time."
NO_REASON = "Write in a few words why it is corrected."
NONE_CHOSEN = "Choose at least one count to correct."


def keeps(caller: Caller) -> bool:
    """Whether who looks may see more than today."""
    return bool(caller.actor.roles & KEEPERS)


@router.get("/counts")
async def counts_page(request: Request, caller: Guarded, first: str = "", last: str = "") -> Response:
    figures, said = await _figures(request, caller, first, last)
    context: dict[str, Any] = {"figures": figures, "keeps": keeps(caller)}
    context |= {
        "one_day": timedelta(days=1),
        "difference": difference_in_words(figures.door),
        "from_micros": from_micros,
    }
    context["corrects"] = ASKS["recount"].lets_in(caller.actor)
    return page(request, "counts.html", said=said, **context)


async def _figures(request: Request, caller: Caller, first: str, last: str) -> tuple[Figures, str]:
    """The figures asked for, and a sentence when the dates given were not what is shown."""
    house = house_of(request)
    now = house.clock.micros()
    today = await house.look(partial(today_of, centre=caller.actor.centre, now=now))
    begins, ends, said = span_of(first, last, today) if keeps(caller) else (today, today, "")
    read = partial(
        read_figures,
        centre=caller.actor.centre,
        name=caller.centre_name,
        first=begins,
        last=ends,
        now=now,
    )
    return await house.look(read), said


def span_of(first: str, last: str, today: date) -> tuple[date, date, str]:
    """The first and last day asked for, and a sentence when they were not days that can be shown."""
    begins, ends = _day(first), _day(last)
    if (first and begins is None) or (last and ends is None):
        return today, today, "This is not a day that can be shown, so today is. Choose another."
    begins = begins or ends or today
    ends = ends or begins
    if ends < begins:
        return today, today, "The last day is before the first, so today is shown. Choose them again."
    if (ends - begins).days > MOST_DAYS:
        return today, today, "At most three years are shown at once, so today is. Choose a shorter time."
    return begins, ends, ""


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= date(2200, 1, 1) else None


# Corrections ---------------------------------------------------------------------------------------------------------


@router.get("/counts/taps")
async def taps_page(request: Request, caller: Guarded, day: str = "") -> Response:
    return await _taps(request, caller, day)


async def _taps(
    request: Request, caller: Caller, day: str, *, said: str = "", status: int = 200, **typed: Any
) -> Response:
    house = house_of(request)
    centre, now = caller.actor.centre, house.clock.micros()
    today = await house.look(partial(today_of, centre=centre, now=now))
    on = _day(day) or today

    def read(connection: Connection) -> dict[str, Any]:
        sql = Sql(connection)
        found = {
            "taps": counts.taps_of(sql, centre, on, MOST_TAPS),
            "services": counts.services_of(sql, centre),
        }
        sql.close()
        return found

    figures, _ = await _figures(request, caller, on.isoformat(), "")
    context = {"on": on, "today": today, "figures": figures, "most": MOST_TAPS, **await house.look(read)}
    blank = {"chosen": frozenset(), "activity": "", "reason": ""}
    return page(request, "counts_taps.html", said=said, status=status, **context, typed={**blank, **typed})


@router.post("/counts/taps")
async def correct(request: Request, caller: Guarded) -> Response:
    """Correct each tap that was ticked. All are, or none is; the form's id makes it happen once."""
    form = await form_of(request, caller)
    day, activity, reason = text_of(form, "day"), text_of(form, "activity"), text_of(form, "reason")
    chosen = [each for each in form.getlist("tally") if isinstance(each, str)][:MOST_TAPS]
    command = text_of(form, "command") or new_id()
    again = partial(_taps, request, caller, day, chosen=frozenset(chosen), activity=activity, reason=reason)
    if not chosen:
        return await again(said=NONE_CHOSEN, status=422)
    try:
        told = Activity(activity) if activity else None
        asked = [
            Recount(tally=tally, new=_new_for(command, tally), activity=told, reason=reason)
            for tally in dict.fromkeys(chosen)
        ]
    except ValueError:  # pydantic's are ValueErrors too
        return await again(said=NO_REASON, status=422)
    try:
        await house_of(request).change(
            caller.actor, "recount", partial(counting.recount_together, corrections=asked)
        )
    except Refused as refused:
        return await again(said=refused.refusal.say, status=status_of(refused.refusal))
    return RedirectResponse(f"/counts?first={day}", status_code=303)


def _new_for(command: str, tally: str) -> str:
    """The id of what stands in a tap's place: the same form gives the same."""
    return hashlib.sha256(f"{command} {tally} new".encode()).hexdigest()[:32]


# Tally sheets --------------------------------------------------------------------------------------------------------


@router.get("/counts/sheet")
async def sheet_page(request: Request, caller: Guarded) -> Response:
    return await _sheet(request, caller)


async def _sheet(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, **typed: Any
) -> Response:
    house = house_of(request)
    today = await house.look(partial(today_of, centre=caller.actor.centre, now=house.clock.micros()))
    blank = {"day": today.isoformat(), "marks": {}, "command": new_id(), "offer_another": False}
    return page(request, "counts_sheet.html", said=said, status=status, today=today, typed={**blank, **typed})


@router.post("/counts/sheet")
async def enter_sheet(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    day, typed = text_of(form, "day", 10), {each: text_of(form, each.value, 10) for each in words.SHEET}
    command = text_of(form, "command", 32) or new_id()
    again = partial(_sheet, request, caller, day=day, marks=typed, command=command)
    on, marks = _day(day), _marks(typed)
    if on is None or marks is None:
        why = (
            "Choose the day on which the sheet was written."
            if on is None
            else "Write whole numbers only, such as 12."
        )
        return await again(said=why, status=422)
    another = form.get("another") == "yes"
    enter = partial(counting.enter_sheet, sheet=command, on=on, marks=marks, another=another)
    try:
        await house_of(request).change(caller.actor, "tally_sheet", enter)
    except Refused as refused:
        offer = refused.refusal.say == counting.ANOTHER_SHEET
        return await again(said=refused.refusal.say, status=status_of(refused.refusal), offer_another=offer)
    return RedirectResponse(f"/counts?first={on}", status_code=303)


def _marks(typed: dict[Activity, str]) -> dict[Activity, int] | None:
    """None when something is no whole number."""
    if any(text and not (text.isascii() and text.isdigit()) for text in typed.values()):
        return None
    return {activity: int(text) for activity, text in typed.items() if text}


# Files ---------------------------------------------------------------------------------------------------------------


@router.get("/counts/figures.csv")
async def file(
    request: Request, caller: Guarded, first: str = "", last: str = "", of: str = "activities"
) -> Response:
    """The figures shown, as a file: of `activities`, `needs` or `days`."""
    figures, said = await _figures(request, caller, first, last)
    if said:
        raise Refused(RefusalCode.MALFORMED, said)
    if of == "needs" and figures.needs is None:
        raise Refused(RefusalCode.MALFORMED, NO_NEEDS)
    shown = {"needs": _needs_rows, "days": _days_rows}.get(of, _activity_rows)(figures)
    named = f"{figures.first}" if figures.is_day else f"{figures.first}-to-{figures.last}"
    headers = {
        "content-disposition": f'attachment; filename="counts-{of if of in ("needs", "days") else "activities"}-{named}.csv"'
    }
    return Response(csv_of(shown), media_type="text/csv; charset=utf-8", headers=headers)


def _activity_rows(figures: Figures) -> Iterable[list[Any]]:
    yield [
        "centre",
        "period_start",
        "period_end",
        "activity",
        "visitors",
        "tickets",
        "left_unserved",
        "taps",
        "tally_sheets",
        "imported",
    ]
    for row in figures.rows:
        name = words.ACTIVITIES[row.activity]
        yield [
            figures.centre,
            figures.first,
            figures.last,
            name,
            row.total,
            row.tickets,
            row.left,
            row.taps,
            row.sheets,
            row.imported,
        ]


def _needs_rows(figures: Figures) -> Iterable[list[Any]]:
    yield ["centre", "period_start", "period_end", "need", "sought"]
    for each in figures.needs or ():
        yield [figures.centre, figures.first, figures.last, each.name, each.number]


def _days_rows(figures: Figures) -> Iterable[list[Any]]:
    yield ["centre", "first", "last", "tickets", "taps_and_sheets", "imported", "total", "in_at_the_door"]
    for part in figures.parts:
        door = "" if part.went_in is None else part.went_in
        yield [
            figures.centre,
            part.first,
            part.last,
            part.tickets,
            part.taps,
            part.imported,
            part.total,
            door,
        ]


def csv_of(rows: Iterable[Iterable[Any]]) -> bytes:
    """A file that spreadsheets open as it is: UTF-8 with its mark, and no cell that they would take for a formula."""
    return as_csv.written(rows)
