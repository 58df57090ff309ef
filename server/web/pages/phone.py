"""The page behind the square on a visitor's ticket: their place, live, in their language, and nothing that names them.

The secret in the address is the only key; it dies with the visit. For a day it then asks how the visit was, once (`phone_rating`), and tells
nothing of it. One that is unknown, mistyped or over gets one and the same page, so an address tells nothing to whoever finds a ticket in the bin. Everything is drawn here on the server: a phone without scripts sees
the same page and loads it again by itself; one with scripts only learns over its socket that its part has changed, and fetches it anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, cast
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from forms.contact import Phone, read_phone
from server.actions import posting
from server.domain.posting import masked
from server.live.hub import Topic
from server.store.tables import TextWish
from server.web.gate import house_of, identity_of
from server.web.identity import Caller, address_of
from server.web.pages.phone_rating import page_of_ended
from server.web.public.council import council_pages
from server.web.render import clock_time, render
from wire.asks import Leave
from wire.frames import ASK_ID_PATTERN, Row
from wire.rows import AnnouncementRow, CentreRow, PlaceRow, Waits
from wire.vocabulary import Audience, Way, new_id
from words import Catalogue, isolate

router = APIRouter()
_catalogue = Catalogue()
SHORT_NAME = 10

Words = Mapping[str, str]
_ASK_ID = re.compile(ASK_ID_PATTERN)


@dataclass(frozen=True)
class Voice:
    """One language, for a template to speak in."""

    language: str

    @property
    def direction(self) -> str:
        return _catalogue.direction(self.language)

    @staticmethod
    def direction_of(language: str) -> str:
        return _catalogue.direction(language)

    def say(self, key: str, **values: object) -> str:
        return _catalogue.say(self.language, key, **values)

    def at(self, key: str, *, where: str) -> str:
        """A sentence about a counter, whose name stays left to right in it and, when short, on one line."""
        kept = where.replace(" ", "\u00a0") if len(where) <= SHORT_NAME else where
        return self.say(key, where=isolate(kept))

    def of(self, texts: Words | None) -> str:
        """Words kept by language: this one's, else the English."""
        return (texts or {}).get(self.language) or (texts or {}).get("en", "")

    def told(self, texts: Words) -> str:
        """The language in which this voice can tell something: its own if it was made in it, else English."""
        return self.language if texts.get(self.language) else "en"

    def wait(self, waits: Waits) -> str:
        """A wait in words; the same choice of sentence as `display/static/words.js` makes."""
        low, high = waits["low"], waits["high"]
        if low is None or high is None:
            return self.say(f"wait.{waits.get('why', 'unknown')}")
        if high == 0:
            return self.say("wait.none")
        if low == high:
            return self.say("wait.about", count=high)
        if low == 0:
            return self.say("wait.less", count=high)
        return self.say("wait.range", low=low, high=high, count=high)


@dataclass(frozen=True)
class Place:
    """What the visitor's own view says now. `row` is None once there is nothing left to wait for."""

    centre: CentreRow
    row: PlaceRow | None
    announced: list[Words]
    """What everyone is told now, newest first."""
    now: datetime

    @property
    def leaving(self) -> bool:
        """Whether everyone must leave the building."""
        return self.centre.get("evacuated_at") is not None

    @property
    def booked(self) -> str:
        """The time of their appointment by the centre's clock; empty when they have none."""
        at = self.row.get("booked_at") if self.row is not None else None
        return "" if at is None else clock_time(at * 1000, ZoneInfo(self.centre["timezone"]))

    @property
    def updated(self) -> str:
        return clock_time(self.now, ZoneInfo(self.centre["timezone"]))


async def _place(request: Request, caller: Caller) -> Place:
    house = house_of(request)
    topic = Topic(caller.actor.centre, Audience.PHONE, caller.actor.visit or "")
    rows: Mapping[str, Row] = await house.hub.glance(topic)
    told = [cast(AnnouncementRow, row) for row in rows.values() if row["kind"] == "announcement"]
    return Place(
        centre=cast(CentreRow, rows["centre"]),
        row=cast("PlaceRow | None", rows.get("place")),
        announced=[row["text"] for row in sorted(told, key=lambda each: (-each["at"], each["id"]))],
        now=house.clock.now(),
    )


def _voice(request: Request, own: str | None = None) -> Voice:
    """The language asked for in the address, else the visit's own, else the first the browser asks for that we speak."""
    known = _catalogue.languages()
    asked = request.query_params.get("lang", "")
    preferred = (
        part.split(";")[0].strip()[:2].lower()
        for part in request.headers.get("accept-language", "").split(",")
    )
    chosen = next((language for language in (asked, own, *preferred) if language in known), "en")
    return Voice(chosen)


def _page(
    request: Request,
    template: str,
    voice: Voice,
    status: int = 200,
    *,
    centre: CentreRow | None = None,
    **context: Any,
) -> HTMLResponse:
    """One of our pages; it can be switched to the centre's languages, or to all when no centre is known."""
    known = _catalogue.languages()
    offered = [language for language in (centre["languages"] if centre else known) if language in known]
    always = {
        "voice": voice,
        "voices": [(each, _catalogue.name(each), _catalogue.direction(each)) for each in offered],
        "path": request.url.path,
        "council": council_pages(house_of(request).settings, voice.say),
    }
    answer = HTMLResponse(render(f"phone/{template}", {**always, **context}), status_code=status)
    answer.headers["Vary"] = "Accept-Language"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _not_found(request: Request) -> HTMLResponse:
    return _page(request, "over.html", _voice(request), 404, key="not_found", languages=True)


async def _shown(request: Request, secret: str) -> tuple[Caller, Place, PlaceRow] | None:
    """The visitor, what they see and their place; None when the secret opens nothing (any more)."""
    caller = await identity_of(request).visitor(secret, address_of(request))
    if caller is None:
        return None
    seen = await _place(request, caller)
    if seen.row is None:  # gone, or part of another visit since a moment ago
        became = await identity_of(request).anew(caller)
        if became is None or became.actor.visit == caller.actor.visit:
            return None
        caller, seen = became, await _place(request, became)
    return (caller, seen, seen.row) if seen.row is not None else None


@router.get("/t/{secret}")
async def place(request: Request, secret: str) -> Response:
    """The place; when the visit was over lately, how it was."""
    seen = await _place_page(request, secret, "page.html")
    return seen if seen.status_code == HTTPStatus.OK else await page_of_ended(request, secret) or seen


@router.get("/t/{secret}/now")
async def place_now(request: Request, secret: str) -> HTMLResponse:
    """The part of the page that changes."""
    return await _place_page(request, secret, "place.html")


async def _place_page(request: Request, secret: str, template: str) -> HTMLResponse:
    shown = await _shown(request, secret)
    if shown is None:
        return _not_found(request)
    caller, seen, row = shown
    voice = _voice(request, row["language"])
    others = [Voice(each) for each in seen.centre["languages"] if each in _catalogue.languages()]
    context: dict[str, Any] = {
        "place": seen,
        "row": row,
        "secret": secret,
        "texts": Way.SMS in house_of(request).carriers.ways,
        "wished": await _wished(request, caller),
        "leaving_in": [voice, *(each for each in others if each != voice)],
    }
    return _page(request, template, voice, centre=seen.centre, **context)


@router.get("/t/{secret}/text")
async def text_page(request: Request, secret: str) -> HTMLResponse:
    """Where a visitor asks for a text when their turn is near, so that they need not sit here."""
    shown = await _shown(request, secret)
    if shown is None or Way.SMS not in house_of(request).carriers.ways:
        return _not_found(request)
    return await _text_page(request, secret, shown)


@router.post("/t/{secret}/text")
async def text_me(request: Request, secret: str) -> Response:
    """The number is kept for this visit only. Nothing is texted to a number that its owner has not said is safe."""
    shown = await _shown(request, secret)
    if shown is None or Way.SMS not in house_of(request).carriers.ways:
        return _not_found(request)
    caller, _, row = shown
    form = await request.form(max_files=0, max_fields=5)
    house, visit = house_of(request), caller.actor.visit or ""
    back = RedirectResponse(f"/t/{secret}?lang={_voice(request, row['language']).language}", status_code=303)
    if form.get("stop"):
        await house.change(caller.actor, "unwish_text", partial(posting.unwish_text, visit=visit))
        return back
    typed = str(form.get("phone", ""))[:40]
    read = read_phone(typed)
    if not isinstance(read, Phone) or not read.textable:
        return await _text_page(request, secret, shown, wrong="phone_text.wrong", typed=typed)
    if not form.get("safe"):
        return await _text_page(request, secret, shown, wrong="phone_text.unsafe", typed=typed)
    await house.change(caller.actor, "wish_text", partial(posting.wish_text, visit=visit, phone=read.e164))
    return back


async def _text_page(
    request: Request, secret: str, shown: tuple[Caller, Place, PlaceRow], *, wrong: str = "", typed: str = ""
) -> HTMLResponse:
    caller, seen, row = shown
    voice = _voice(request, row["language"])
    context = {
        "row": row,
        "secret": secret,
        "wrong": voice.say(wrong) if wrong else "",
        "typed": typed,
        "wished": await _wished(request, caller),
    }
    return _page(request, "text.html", voice, 400 if wrong else 200, centre=seen.centre, **context)


async def _wished(request: Request, caller: Caller) -> str:
    """The number that will be texted, masked; empty when none will, or it was."""
    visit = caller.actor.visit or ""
    found = await house_of(request).read(lambda session: session.get(TextWish, visit))
    return isolate(masked(found.phone)) if found is not None and found.told_at is None else ""


@router.get("/t/{secret}/leave")
async def confirm_leaving(request: Request, secret: str) -> HTMLResponse:
    shown = await _shown(request, secret)
    if shown is None:
        return _not_found(request)
    return _leave_page(request, secret, shown[1], shown[2])


@router.post("/t/{secret}/leave")
async def leave(request: Request, secret: str) -> HTMLResponse:
    """Give up the place. Pressing twice is once: the form carries the command's id."""
    shown = await _shown(request, secret)
    if shown is None:
        return _not_found(request)
    caller, seen, row = shown
    form = await request.form(max_files=0, max_fields=5)
    ask = form.get("ask")
    ask_id = ask if isinstance(ask, str) and _ASK_ID.fullmatch(ask) else new_id()
    answer = await house_of(request).perform(caller.actor, ask_id, Leave())
    identity_of(request).forget()
    if answer.refusal is not None:
        return _leave_page(request, secret, seen, row, refused=True)
    return _page(request, "over.html", _voice(request, row["language"]), key="left", languages=False)


def _leave_page(
    request: Request, secret: str, seen: Place, row: PlaceRow, *, refused: bool = False
) -> HTMLResponse:
    voice = _voice(request, row["language"])
    refusal = voice.say("phone.serving") if refused else ""
    context = {"row": row, "secret": secret, "ask": new_id(), "refusal": refusal}
    return _page(request, "leave.html", voice, 409 if refused else 200, centre=seen.centre, **context)
