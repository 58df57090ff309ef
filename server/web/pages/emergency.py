"""The emergency pack: paper to run a centre with when everything is down.

It is printed in advance, for a day or for any day, and lies in a drawer; so it must say everything by itself: what to do in which order, tickets to
cut, sheets to tally, a list to write the queue on, the hours, and how to enter it all afterwards. Its tickets bear a letter of their own
that no device issues, so they may be given out beside a kiosk that still works and be entered later as they stand. Black on white, A4, and made
by the server alone: the button that opens the browser's print window is the only script.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from server.actions.centre_hours import read_hours
from server.domain.hours import Hours
from server.live.floor import SetUp, load_set_up
from server.web import labels
from server.web.gate import Guarded, house_of
from server.web.identity import Caller
from server.web.render import page
from wire.codes import write_code
from words import Catalogue

router = APIRouter()

MOST_TICKETS = 300
USUAL_TICKETS = 60
HIGHEST = 999
HOURS_DAYS = 14
ON_A_PAGE = 10
LINES_ON_A_PAGE = 18
GROUPS = 24
"""Boxes of five of each activity: 120 visitors."""


@dataclass(frozen=True)
class Asked:
    """Which pack. `on` None: for any day, the date is written by hand."""

    on: date | None
    first: int
    tickets: int


@dataclass(frozen=True)
class Tongue:
    """What a ticket says in one of the centre's languages."""

    code: str
    direction: str
    number: str
    turn: str
    wait_here: str


@dataclass(frozen=True)
class DayHours:
    on: date
    spans: tuple[tuple[str, str], ...]
    reason: str


def read_wish(day: str, first: str, tickets: str, today: date) -> tuple[Asked, str]:
    """What was asked for, and what is wrong with it in a sentence. What cannot be read is taken as usual."""
    on: date | None = today
    if day == "any":
        on = None
    elif day:
        try:
            on = date.fromisoformat(day)
        except ValueError:
            return Asked(today, 1, USUAL_TICKETS), "This is not a date. Choose one, or leave it for any day."
        if not today - timedelta(days=1) <= on <= today + timedelta(days=730):
            return Asked(today, 1, USUAL_TICKETS), "Choose a day from yesterday to two years from now."
    number, many = _number(first, 1), _number(tickets, USUAL_TICKETS)
    if many is None or not 1 <= many <= MOST_TICKETS:
        return Asked(on, 1, USUAL_TICKETS), f"Choose from 1 to {MOST_TICKETS} tickets."
    if number is None or not 1 <= number <= HIGHEST or number + many - 1 > HIGHEST:
        return Asked(
            on, 1, many
        ), f"Ticket numbers go from 1 to {HIGHEST}. Choose a lower first number or fewer tickets."
    return Asked(on, number, many), ""


def _number(text: str, usual: int) -> int | None:
    if not text:
        return usual
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None


@cache
def _catalogue() -> Catalogue:
    return Catalogue()


def _tongues(set_up: SetUp) -> list[Tongue]:
    words, centre = _catalogue(), set_up.centre
    known = [code for code in centre.languages if code in words.languages()]
    return [
        Tongue(
            code,
            words.direction(code),
            words.say(code, "paper.number"),
            words.say(code, "paper.turn"),
            centre.wait_here.get(code, ""),
        )
        for code in known or ["en"]
    ]


def _hours(set_up: SetUp, told: Hours, begins: date) -> list[DayHours]:
    days = (begins + timedelta(days=each) for each in range(HOURS_DAYS))
    return [DayHours(on, tuple(set_up.timetable.local_times(on)), _closed_why(told, on)) for on in days]


def _closed_why(told: Hours, on: date) -> str:
    return next((each.reason.get("en", "") for each in told.closures if each.covers(on)), "")


def _services(set_up: SetUp, on: date | None) -> list[tuple[str, str]]:
    """What visitors come for, by name, and when on that day. Discreet services are not on paper that lies about."""
    return [
        (service.names["en"], _said(set_up.timetable_of(service.id or 0).local_times(on)) if on else "")
        for service in set_up.offered
        if service.walk_in and not service.discreet and not service.private
    ]


def _said(spans: list[tuple[str, str]]) -> str:
    said = (f"{opens} to {closes}" if opens != closes else "all day" for opens, closes in spans)
    return ", ".join(said) or "not on this day"


def _pack(session: Session, centre: int, asked: Asked, today: date) -> dict[str, Any]:
    set_up = load_set_up(session, centre)
    letter = set_up.centre.emergency_letter
    codes = [write_code(letter, asked.first + each) for each in range(asked.tickets)] if letter else []
    lines: list[str] = [*codes]
    lines += [""] * (-len(lines) % LINES_ON_A_PAGE)
    return {
        "centre": set_up.centre,
        "asked": asked,
        "letter": letter,
        "pages": [codes[at : at + ON_A_PAGE] for at in range(0, len(codes), ON_A_PAGE)],
        "lists": [lines[at : at + LINES_ON_A_PAGE] for at in range(0, len(lines), LINES_ON_A_PAGE)],
        "tongues": _tongues(set_up),
        "hours": _hours(set_up, read_hours(session, centre).get(None, Hours()), asked.on or today),
        "services": _services(set_up, asked.on),
        "counters": [each.name for each in set_up.counters.values() if each.retired_at is None],
        "activities": [labels.ACTIVITIES[each] for each in labels.SHEET],
        "groups": GROUPS,
        "made_on": today,
    }


async def _read(
    request: Request, caller: Caller, day: str, first: str, tickets: str
) -> tuple[dict[str, Any], str]:
    house = house_of(request)
    now = house.clock.now()

    def read(session: Session) -> tuple[dict[str, Any], str]:
        today = load_set_up(session, caller.actor.centre).timetable.local_date(now)
        asked, wrong = read_wish(day, first, tickets, today)
        return _pack(session, caller.actor.centre, asked, today), wrong

    return await house.read(read)


@router.get("/admin/emergency")
async def choose(
    request: Request, caller: Guarded, day: str = "", first: str = "", tickets: str = ""
) -> Response:
    return await _choose(request, caller, day, first, tickets)


async def _choose(
    request: Request, caller: Caller, day: str, first: str, tickets: str, said: str = ""
) -> Response:
    pack, _ = await _read(request, caller, "", "", "")
    typed = {"day": day, "first": first or "1", "tickets": tickets or str(USUAL_TICKETS)}
    return page(
        request,
        "emergency.html",
        said=said,
        status=422 if said else 200,
        typed=typed,
        most=MOST_TICKETS,
        **pack,
    )


@router.get("/admin/emergency/pack")
async def pack(
    request: Request, caller: Guarded, day: str = "", first: str = "", tickets: str = "", any_day: str = ""
) -> Response:
    found, wrong = await _read(request, caller, "any" if any_day else day, first, tickets)
    if wrong:
        return await _choose(request, caller, day[:20], first[:20], tickets[:20], wrong)
    if not found["letter"]:
        say = "This centre has no letter for paper tickets, because its devices have taken all of them. Revoke a device that is no longer used."
        return await _choose(request, caller, day[:20], first[:20], tickets[:20], say)
    return page(request, "emergency_pack.html", **found)
