"""Appointments by day and by week: a calendar, the same as a list, and the times that are blocked.

The page is a frame around one fragment, `/appointments/now`, that is fetched anew whenever the doorbell rings, as the floor's is; what it
shows stands in its address, so a day can be kept, sent to a colleague and gone back to. Calendar and list are two renderings of one reading:
on a narrow screen, and for who wants it, the list stands where the calendar would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.clock import from_micros, to_micros
from server.domain.access import ASKS, ROUTES
from server.domain.spans import EARLIEST, LATEST
from server.live import offered
from server.live.diary import read_diary
from server.live.diary_layout import GROUPS, PRIVATE, belongs, day_sheet, week_sheet
from server.live.diary_shapes import STANDINGS, DiaryNow
from server.store.tables import Centre, Service
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.appointment_asks import Problems, instant_of, perform
from server.web.pages.broken import Row, rows_of_block
from server.web.render import add_filters, page
from wire.vocabulary import BookableKind, Role, new_id

router = APIRouter()

VIEWS = ("day", "week", "list")
FURTHEST = timedelta(days=730)
BLOCKS_AHEAD = 366
"""Days. A block that nobody sees on the page can be lifted by nobody."""
MAY_GO_OVER = frozenset({Role.GREETER, Role.MANAGER})
SAID = {
    "booked": "The appointment is made.",
    "moved": "The appointment is moved.",
    "cancelled": "The appointment is cancelled.",
    "amended": "It is corrected.",
    "marked": "It is noted.",
    "arrived": "They are checked in.",
    "called": "They are called to your counter.",
    "blocked": "The time is blocked.",
    "lifted": "The block is lifted.",
}


class Asked(NamedTuple):
    """What of the diary somebody wants to see, as the address says it."""

    on: date | None
    view: str
    by: str
    of: str

    def address(self, **other: Any) -> str:
        wanted = {**self._asdict(), **other}
        on = wanted["on"]
        shown = {
            "on": on.isoformat() if isinstance(on, date) else "",
            "view": wanted["view"] if wanted["view"] != "day" else "",
            "by": wanted["by"] if wanted["by"] != GROUPS[0] else "",
            "of": wanted["of"],
        }
        query = urlencode({name: value for name, value in shown.items() if value})
        return f"/appointments?{query}" if query else "/appointments"


def asked_in(request: Request) -> Asked:
    """Nonsense in an address is today, by day: nobody is shown an error for a link that was cut short."""
    query = request.query_params
    view, by = query.get("view", ""), query.get("by", "")
    return Asked(
        date_in(query.get("on", "")),
        view if view in VIEWS else "day",
        by if by in GROUPS else GROUPS[0],
        query.get("of", "")[:40],
    )


def date_in(text: str) -> date | None:
    """A day that can be meant: the ends of the calendar have no day before or after."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


@router.get("/appointments")
async def appointments(request: Request, caller: Guarded) -> Response:
    return await _show(request, caller, "appointments.html")


@router.get("/appointments/now")
async def appointments_now(request: Request, caller: Guarded) -> Response:
    return await _show(request, caller, "appointments_now.html")


async def _show(request: Request, caller: Caller, template: str) -> Response:
    house, asked = house_of(request), asked_in(request)
    now = house.clock.micros()
    zone = ZoneInfo(await house.read(partial(_timezone, centre=caller.actor.centre)))
    today = from_micros(now).astimezone(zone).date()
    on = asked.on if asked.on and abs(asked.on - today) <= FURTHEST else today
    first, days = (on - timedelta(days=on.weekday()), 7) if asked.view == "week" else (on, 1)
    diary = await house.read(partial(read_diary, actor=caller.actor, first_on=first, days=days, now=now))
    free: Mapping[int, int] = {}
    if asked.view == "day" and asked.by == "service":
        free = await house.read(partial(_free, diary=diary, centre=caller.actor.centre))
    done = SAID.get(request.query_params.get("done", ""), "")
    step = timedelta(days=days)
    listed = [each for each in diary.bookings if asked.view != "week" or belongs(each, asked.of)]
    past = asked.view != "week" and on == today
    over = [each for each in listed if past and each.is_over(now)]
    context = diary_context(diary, caller) | {
        "asked": asked,
        "on": on,
        "today": today,
        "earlier": asked.address(on=first - step),
        "later": asked.address(on=first + step),
        "sheet": week_sheet(diary, asked.of) if asked.view == "week" else day_sheet(diary, asked.by, free),
        "listed": [each for each in listed if each not in over],
        "over": over,
        "counted": _counted(diary),
        "done": done,
        "url": asked.address().replace("/appointments", "/appointments/now", 1),
    }
    return page(request, template, **context)


def diary_context(diary: DiaryNow, caller: Caller) -> dict[str, Any]:
    """What every template of appointments takes."""
    return {
        "diary": diary,
        "now": diary.now,
        "zone": diary.zone,
        "standings": STANDINGS,
        "groups": GROUPS,
        "private": PRIVATE,
        "may": partial(may, caller),
        "goes": partial(goes, caller),
    }


def may(caller: Caller, ask: str) -> bool:
    rule = ASKS.get(ask)
    return rule is not None and rule.lets_in(caller.actor)


def goes(caller: Caller, method: str, path: str) -> bool:
    rule = ROUTES.get((method, path))
    return rule is not None and rule.lets_in(caller.actor)


def _free(session: Session, diary: DiaryNow, centre: int) -> dict[int, int]:
    """How many times can still be booked on the day, by service."""
    on = diary.days[0]
    found = {}
    for each in diary.services:
        if on.ends > diary.now and not each.discreet:
            service = session.get_one(Service, each.id)
            (day,) = offered.days(session, centre, service, on.on, on.on, diary.now, public=False)
            if day.slots or day.why == "full":
                found[each.id] = len(day.slots)
    return found


def _timezone(session: Session, centre: int) -> str:
    return session.get_one(Centre, centre).timezone


_COUNTED = (
    ("booked", ("booked", "expected", "held"), "to come"),
    ("late", ("late",), "late"),
    ("here", ("here", "called"), "here, waiting"),
    ("serving", ("serving",), "being served"),
    ("served", ("served", "passed_on", "left"), "over"),
    ("missed", ("missed",), "missed"),
)


def _counted(diary: DiaryNow) -> list[tuple[str, int, str]]:
    """How many of each standing, for the line above the sheet."""
    standings = [each.standing(diary.now) for each in diary.bookings if not each.taken]
    found = [(key, sum(standings.count(each) for each in of), words) for key, of, words in _COUNTED]
    return [*found, ("cancelled", len(diary.cancelled), "cancelled")]


# Blocked time ----------------------------------------------------------------------------------------------------


@router.get("/appointments/blocks")
async def blocks(request: Request, caller: Guarded) -> Response:
    query = request.query_params
    typed = {name: query.get(name, "")[:40] for name in ("about", "on", "starts", "ends")}
    return await _blocks(request, caller, {"until": typed["on"], "reason": "", **typed})


async def _blocks(
    request: Request,
    caller: Caller,
    typed: dict[str, str],
    problems: Problems | None = None,
    said: str = "",
    status: int = 200,
    breaks: Sequence[Row] = (),
) -> Response:
    house = house_of(request)
    now = house.clock.micros()
    reading = partial(
        read_diary, actor=caller.actor, first_on=None, days=BLOCKS_AHEAD, now=now, only_blocks=True
    )
    diary = await house.read(reading)
    context = diary_context(diary, caller) | {
        "typed": typed,
        "problems": problems or {},
        "today": diary.days[0].on,
        "done": SAID.get(request.query_params.get("done", ""), ""),
        "command": new_id(),
        "block": new_id(),
        "breaks": breaks,
        "kinds": tuple(BookableKind),
    }
    return page(request, "appointments_blocks.html", said=said, status=status, **context)


@router.post("/appointments/blocks")
async def block(request: Request, caller: Guarded) -> Response:
    """Block a person's, room's, service's or everybody's time."""
    form = await form_of(request, caller)
    typed = {name: text_of(form, name, 200) for name in ("about", "on", "until", "starts", "ends", "reason")}
    zone = ZoneInfo(await house_of(request).read(partial(_timezone, centre=caller.actor.centre)))
    first, last = date_in(typed["on"]), date_in(typed["until"] or typed["on"])
    problems: Problems = {}
    if first is None:
        problems["on"] = "Say the first day, such as 24 11 2026."
    if last is None or (first is not None and last < first):
        problems["until"] = "The last day must not be before the first."
    starts = instant_of(first, typed["starts"] or "00:00", zone) if first else None
    ends = (
        (instant_of(last, typed["ends"], zone) if typed["ends"] else _midnight_after(last, zone))
        if last
        else None
    )
    if first and starts is None:
        problems["starts"] = "Write the time as 09:30, or leave it empty for the whole day."
    if last and "until" not in problems and (ends is None or (starts is not None and ends <= starts)):
        problems["ends"] = "The end must be after the start. Leave it empty for the whole day."
    if len(typed["reason"]) < 3:
        problems["reason"] = "Say why in a word or two, such as leave or training. Write no visitor's name."
    if problems or starts is None or ends is None:
        return await _blocks(request, caller, typed, problems, status=422)
    kind, _, number = typed["about"].partition(":")
    body = {
        "do": "block_time",
        "block": text_of(form, "block", 32),
        "starts_at": starts // 1000,
        "ends_at": ends // 1000,
        "reason": typed["reason"],
        "bookable": number if kind == "bookable" else None,
        "service": number if kind == "service" else None,
    }
    if "anyway" not in form:
        house = house_of(request)
        look = partial(
            rows_of_block,
            actor=caller.actor,
            now=house.clock.micros(),
            starts_at=starts,
            ends_at=ends,
            about=typed["about"],
        )
        if breaks := await house.read(look):
            return await _blocks(request, caller, typed, status=409, breaks=breaks)
    done = await perform(request, caller, form, body)
    if done.said:
        return await _blocks(request, caller, typed, done.problems, done.said, done.status)
    return RedirectResponse("/appointments/blocks?done=blocked", status_code=303)


def _midnight_after(on: date, zone: ZoneInfo) -> int:
    return to_micros(datetime.combine(on + timedelta(days=1), datetime.min.time(), tzinfo=zone))


@router.post("/appointments/blocks/{block_id}/lift")
async def lift(request: Request, block_id: str, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    done = await perform(request, caller, form, {"do": "unblock_time", "block": block_id})
    if done.said:
        blank = dict.fromkeys(("about", "on", "until", "starts", "ends", "reason"), "")
        return await _blocks(request, caller, blank, said=done.said, status=done.status)
    return RedirectResponse("/appointments/blocks?done=lifted", status_code=303)


def long_day(on: date) -> str:
    """`Tuesday 24 November 2026`."""
    return f"{on:%A} {on.day} {on:%B %Y}"


def short_day(on: date) -> str:
    return f"{on:%a} {on.day} {on:%b}"


def local_day(at: int, zone: ZoneInfo) -> date:
    return from_micros(at).astimezone(zone).date()


add_filters(long_day=long_day, short_day=short_day, local_day=local_day)
