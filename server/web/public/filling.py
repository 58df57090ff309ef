"""What the pages know of somebody who is filling in the form, and how each of their forms is let in.

The key is a cookie that only this browser has; the answers are the server's. A form must come from a page of ours (`Sec-Fetch-Site`) and carry a
word made of the key, which no other site can know. A cookie that is missing on the page after the first means that the browser keeps none: that
is said, with the telephone number, for nothing here works without one.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.actions.keys import hash_of, new_key
from server.clock import to_micros
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.store.tables import Booking, Draft
from server.web.gate import house_of
from server.web.identity import address_of
from server.web.public import steps
from server.web.public.drawing import Place, page
from server.web.public.offering import OfferedAt, public_services
from server.web.public.voice import Voice, voice_of
from wire.vocabulary import BookingState, RefusalCode

TOKEN_FIELD = "token"  # noqa: S105 - a field's name
MOST_FIELDS = 60
MOST_DIGITS = 17


@dataclass(frozen=True)
class Filling:
    """One form as it is now. `offered` is every centre that has the service asked for; `at` the one chosen."""

    key: str
    answers: Mapping[str, Any]
    voice: Voice
    now: int
    offered: tuple[OfferedAt, ...]
    at: OfferedAt | None
    booking: Booking | None

    @property
    def token(self) -> str:
        """What a form of this draft must carry."""
        return hash_of(f"form {self.key}")[:32]

    @property
    def given(self) -> Mapping[str, Any]:
        given: Mapping[str, Any] = self.answers.get("given", {})
        return given

    @property
    def passed(self) -> tuple[str, ...]:
        return tuple(self.answers.get("passed", ()))

    @property
    def interpreter(self) -> str | None:
        chosen: str | None = self.answers.get("interpreter")
        return chosen

    @property
    def done(self) -> bool:
        return bool(self.answers.get("done"))

    @property
    def held(self) -> bool:
        """Whether the time chosen is kept for this form at this moment."""
        booking = self.booking
        return (
            booking is not None
            and booking.state == BookingState.HELD
            and booking.expires_at is not None
            and to_micros(booking.expires_at) > self.now
        )

    @property
    def chosen_at(self) -> int | None:
        """The time chosen, kept or run out."""
        at = self.answers.get("at")
        return at if isinstance(at, int) else None

    @property
    def lost(self) -> int | None:
        """The time that somebody else has taken."""
        at = self.answers.get("lost")
        return at if isinstance(at, int) else None

    @property
    def next_path(self) -> str:
        """Where this form goes on: the first page that is not answered yet, then the check."""
        if self.done:
            return "/book/done"
        if self.at is None:
            return "/book/where" if self.offered else "/book"
        if self.chosen_at is None:
            return "/book/when"
        asked = steps.steps_of(self.at.offer)
        step = steps.first_open(asked, self.passed, self.given, self.at.offer)
        return f"/book/you/{step.value}" if step else "/book/check"

    def with_(self, **changed: Any) -> dict[str, Any]:
        """The answers with these changed; None takes one out."""
        return {name: value for name, value in {**self.answers, **changed}.items() if value is not None}


def cookie_name(request: Request) -> str:
    return "__Host-foyer_booking" if house_of(request).settings.secure_cookies else "foyer_booking"


def give_key(request: Request, answer: Response, key: str) -> None:
    """The browser keeps the key until it is closed; no script and no other site sees it."""
    secure = house_of(request).settings.secure_cookies
    answer.set_cookie(cookie_name(request), key, httponly=True, samesite="lax", secure=secure, path="/")


def fresh_key() -> str:
    return new_key()


def actor_of(request: Request, centre: int = 0) -> Actor:
    """A visitor without a name: whatever they change, they change at this centre."""
    return Actor(kind="visitor", centre=centre, address=address_of(request))


async def filling(request: Request, *, also_gone: bool = False) -> Filling | None:
    """The form of whoever asks; None when they have none, or it was left for more than an hour. Refused (CLOSED) when what it is for cannot be
    booked any more, unless `also_gone`: nobody is sent back to the first page without a word."""
    key = request.cookies.get(cookie_name(request), "")
    if not 20 <= len(key) <= 200:
        return None
    now = house_of(request).clock.micros()
    found = await house_of(request).read(lambda session: _read(session, hash_of(key), now))
    if found is None:
        return None
    draft, offered, at, booking = found
    if not offered and not also_gone and not draft.answers.get("done"):
        raise Refused(RefusalCode.CLOSED, "This cannot be booked here any more.")
    voice = voice_of(request, draft.language)
    return Filling(key, draft.answers, voice, now, offered, at, booking)


def _read(
    session: Session, draft_id: str, now: int
) -> tuple[Draft, tuple[OfferedAt, ...], OfferedAt | None, Booking | None] | None:
    draft = session.get(Draft, draft_id)
    if draft is None or to_micros(draft.expires_at) <= now:
        return None
    service, centre = draft.answers.get("service"), draft.answers.get("centre")
    offered = tuple(each for each in public_services(session) if each.service.slug == service)
    at = next((each for each in offered if each.centre.slug == centre), None)
    booking = session.get(Booking, draft.booking_id) if draft.booking_id else None
    return draft, offered, at, booking


async def sent(request: Request, form: Filling | None = None) -> FormData:
    """What was sent, after it was found to come from a page of ours; raises Refused otherwise."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Refused(RefusalCode.NOT_ALLOWED, "This form was not sent from our page.")
    data = await request.form(max_files=0, max_fields=MOST_FIELDS)
    if form is not None:
        given = data.get(TOKEN_FIELD)
        if not isinstance(given, str) or not secrets.compare_digest(given.encode(), form.token.encode()):
            raise Refused(RefusalCode.NOT_ALLOWED, "This form was not sent from our page.")
    return data


def text_in(data: FormData, name: str, most: int = steps.MOST_TYPED) -> str:
    """A field's text, never a file, cut where no honest hand writes on."""
    value = data.get(name)
    return value.replace("\0", "").strip()[:most] if isinstance(value, str) else ""


def moment_in(data: FormData, name: str) -> int | None:
    """A time of ours in a field, microseconds; None for what no page of ours offers. Of 17 digits at most: that is the year 5138, and what is
    longer no calendar can say."""
    typed = text_in(data, name, 20)
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= MOST_DIGITS else None


Page = Callable[..., Awaitable[Response]]


def public(view: Page) -> Page:
    """A page for visitors: whatever is refused is said in their language, kindly, with what they can do instead."""

    @wraps(view)
    async def answered(*args: Any, **values: Any) -> Response:
        request: Request = values["request"] if "request" in values else args[0]
        try:
            return await view(*args, **values)
        except Refused as error:
            key = _SAID.get(error.refusal.code, "broken")
            status = _STATUS.get(error.refusal.code, 409)
            return say(request, voice_of(request), key, status=status, place=await some_place(request))

    return answered


_SAID = {
    RefusalCode.NOT_ALLOWED: "old_page",
    RefusalCode.UNKNOWN: "over",
    RefusalCode.CLOSED: "not_offered",
    RefusalCode.TRY_LATER: "later",
}
_STATUS = {
    RefusalCode.NOT_ALLOWED: 403,
    RefusalCode.UNKNOWN: 404,
    RefusalCode.CLOSED: 404,
    RefusalCode.TRY_LATER: 429,
}


def say(
    request: Request,
    voice: Voice,
    key: str,
    *,
    status: int = 200,
    place: Place | None = None,
    again: str = "/book",
) -> Response:
    """A page of one message: `book.say.<key>_title` and `book.say.<key>`, and where to go on."""
    title = voice.say(f"say.{key}_title")
    return page(
        request, "say.html", voice, title=title, status=status, place=place, key=f"say.{key}", again=again
    )


async def some_place(request: Request) -> Place | None:
    """The centre whose telephone number helps on: of a house of one centre that one, of several the first with a number."""
    offered = await house_of(request).read(public_services)
    voice = voice_of(request)
    places = [each.place(voice) for each in offered]
    return next(
        (each for each in places if each.contact and each.contact.telephone), next(iter(places), None)
    )


async def no_form(request: Request) -> Response:
    """Whoever has no form: the browser keeps no cookies, or they were away for more than an hour."""
    voice = voice_of(request)
    key = "no_cookie" if "begun" in request.query_params else "over"
    return say(request, voice, key, status=200, place=await some_place(request))
