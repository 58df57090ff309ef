"""A form that somebody is filling in on the web: the cookie that opens it, what is in it, and how each of its pages is let in.

The cookie is a secret that only this browser has. What is filled in stands in the house sealed by that secret (`forms.carrying`), so neither a
backup nor whoever administers the house can read a form that was never sent; and a computer in a library keeps nothing of it either. An hour after the last
page, or once it is sent, it is gone. Each form has its own cookie, so two of them side by side do not throw each other away.

What is typed is kept as typed, right or wrong, so that going back, another language or a mistake costs nobody a word.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from forms import rules
from forms.carrying import CannotOpen, id_of, new_secret, open_bytes, seal_bytes
from forms.form import Notice, Place, Question, step_at
from forms.judging import Typed, typed_of
from server.actions import carrying
from server.actions.carrying import Held, Kind
from server.actions.keys import hash_of
from server.clock import from_micros
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.web.gate import house_of
from server.web.identity import address_of
from server.web.public.forms.asking import place_of, spot_of
from server.web.public.forms.offering import FormAt, form_at
from server.web.public.voice import Voice, voice_of
from wire.references import new_reference
from wire.vocabulary import RefusalCode, new_id

TOKEN_FIELD = "token"  # noqa: S105 - a field's name
LABEL = "web"
MOST_FIELDS = 200
MOST_PART = 512 * 1024
MOST_BODY = 768 * 1024
"""Of what is filled in, without files: more than any form in the library can hold, and less than a packet's manifest may be."""
IN_MEMORY = 64 * 1024 * 1024
"""What is uploaded never touches the server's disk in clear; how much comes in at all is bounded before (`server.web.headers`)."""

State = Mapping[str, Any]


@dataclass(frozen=True)
class Begun:
    """One form as it is now."""

    secret: str
    held: Held
    at: FormAt
    voice: Voice
    now: int
    state: State

    @property
    def path(self) -> str:
        return f"/forms/{self.at.slug}"

    @property
    def token(self) -> str:
        """What each of this form's pages must carry; no other site can know it."""
        return hash_of(f"form {self.secret}")[:32]

    @property
    def is_sent(self) -> bool:
        return self.held.became is not None

    @property
    def answers(self) -> Mapping[str, Any]:
        answers: Mapping[str, Any] = self.state.get("answers", {})
        return answers

    @property
    def files(self) -> Mapping[str, Mapping[str, Any]]:
        """By name: type, number of its pieces, size."""
        files: Mapping[str, Mapping[str, Any]] = self.state.get("files", {})
        return files

    @property
    def checking(self) -> bool:
        """Whether check-answers was reached: from then on one comes straight back to it."""
        return bool(self.state.get("checking"))

    @property
    def receipt(self) -> Mapping[str, str]:
        receipt: Mapping[str, str] = self.state.get("receipt", {})
        return receipt

    @property
    def places(self) -> tuple[Place, ...]:
        return rules.places(self.at.shape, self.answers)

    def passed(self, place: Place) -> bool:
        """Whether the page was answered, or read."""
        if isinstance(step_at(self.at.shape, place), Question):
            return rules.was_seen(self.answers, place) and spot_of(place) not in self.state.get("wrong", ())
        return spot_of(place) in self.state.get("passed", ())

    @property
    def first_open(self) -> Place | None:
        """The first page that is not done yet, in the order they are asked."""
        return next((place for place in self.places if not self.passed(place)), None)

    @property
    def ended(self) -> Notice | None:
        return rules.stopped(self.at.shape, self.answers)

    @property
    def next_path(self) -> str:
        """Where this form goes on."""
        if self.is_sent:
            return f"{self.path}/done"
        place = self.first_open
        return f"{self.path}/fill/{spot_of(place)}" if place is not None else f"{self.path}/check"

    def typed_at(self, place: Place, question: Question) -> Typed:
        """What stands in its fields: as it was typed last, else the answer."""
        kept = self.state.get("typed", {}).get(spot_of(place))
        return kept if kept is not None else typed_of(question, rules.answer_at(self.answers, place))

    def seconds(self) -> int:
        """From the first page to the last one that was sent."""
        spent = int(self.state.get("last", 0)) - int(self.state.get("began", 0))
        return max(0, min(24 * 3600, spent // 1_000_000 + int(self.state.get("before", 0))))

    def with_(self, **changed: Any) -> Begun:
        """With these changed in what is kept; None takes one out. Written down by `keep`."""
        state = {name: value for name, value in {**self.state, **changed}.items() if value is not None}
        return replace(self, state=state)


def cookie_name(request: Request, slug: str) -> str:
    prefix = "__Host-" if house_of(request).settings.secure_cookies else ""
    return f"{prefix}foyer_form_{slug}"


def actor_of(request: Request, centre: int) -> Actor:
    """A visitor without a name: whatever they change, they change at this centre."""
    return Actor(kind="visitor", centre=centre, address=address_of(request))


def fresh(now: int) -> dict[str, Any]:
    """A form nobody has written in yet. What it will be known by is made now, so that it is sent once however often that is tried."""
    return {"id": new_id(), "reference": new_reference(secrets.choice), "began": now, "last": now}


async def begin(request: Request, at: FormAt, voice: Voice, state: State) -> str | None:
    """A new form; the secret its cookie shall hold, or None when too many were begun from this address."""
    house, secret = house_of(request), new_secret()
    beginning = partial(
        carrying.begin,
        carried_id=id_of(secret),
        centre_id=at.centre_id,
        slug=at.slug,
        version=at.version,
        language=voice.language,
        body=_sealed(state, secret),
    )
    why = await house.change(actor_of(request, at.centre_id), "begin_form", beginning)
    return secret if why is None else None


def give_secret(request: Request, answer: Response, slug: str, secret: str) -> None:
    """The browser keeps it until it is closed; no script and no other site sees it."""
    secure = house_of(request).settings.secure_cookies
    answer.set_cookie(
        cookie_name(request, slug), secret, httponly=True, samesite="lax", secure=secure, path="/"
    )


async def begun(request: Request, slug: str) -> Begun | None:
    """The form of whoever asks; None when they have none, or left it for more than an hour."""
    secret = request.cookies.get(cookie_name(request, slug), "")
    if not 20 <= len(secret) <= 200:
        return None
    now = house_of(request).clock.micros()
    found = await house_of(request).read(partial(_read, carried_id=id_of(secret), slug=slug, now=now))
    if found is None:
        return None
    held, at = found
    try:
        state = json.loads(open_bytes(held.body, secret, LABEL))
    except CannotOpen:
        return None
    return Begun(secret, held, at, voice_of(request, held.language), now, state)


def _read(session: Session, *, carried_id: str, slug: str, now: int) -> tuple[Held, FormAt] | None:
    held = carrying.held(session, carried_id)
    if held is None or held.kind is not Kind.WEB or held.slug != slug or held.expires_at <= now:
        return None
    at = form_at(session, held.centre_id, held.slug, held.version)
    return (held, at) if at is not None else None


def _sealed(state: State, secret: str) -> bytes:
    body = json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode()
    if len(body) > MOST_BODY:
        raise Refused(RefusalCode.TOO_LARGE, "This is more than a form can hold.")
    return seal_bytes(body, secret, LABEL)


async def keep(request: Request, form: Begun, language: str = "") -> Begun:
    """Write down what is filled in so far."""
    form = form.with_(last=form.now)
    keeping = partial(
        carrying.keep,
        carried_id=form.held.id,
        language=language or form.voice.language,
        body=_sealed(form.state, form.secret),
    )
    await house_of(request).change(actor_of(request, form.at.centre_id), "keep_form", keeping)
    return form


async def settle(request: Request, form: Begun, state: State) -> None:
    """It was sent: forget what was filled in, and keep only what the last page says."""
    house = house_of(request)
    settling = partial(
        carrying.sent,
        carried_id=form.held.id,
        became=str(form.state["id"]),
        body=_sealed(state, form.secret),
    )
    await house.change(actor_of(request, form.at.centre_id), "form_sent", settling)


async def sent(request: Request, form: Begun | None = None, *, files: int = 0) -> FormData:
    """What was sent, after it was found to come from a page of ours; raises Refused otherwise. Of the form's own pages `form` is given."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Refused(RefusalCode.NOT_ALLOWED, "This form was not sent from our page.")
    data = await _fields(request, files)
    if form is not None:
        given = data.get(TOKEN_FIELD)
        if not isinstance(given, str) or not secrets.compare_digest(given.encode(), form.token.encode()):
            raise Refused(RefusalCode.NOT_ALLOWED, "This form was not sent from our page.")
    return data


async def _fields(request: Request, files: int) -> FormData:
    stream = request.stream() if files else _bounded(request)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await FormParser(request.headers, stream).parse()
    parser = MultiPartParser(
        request.headers, stream, max_files=files, max_fields=MOST_FIELDS, max_part_size=MOST_PART
    )
    parser.spool_max_size = IN_MEMORY
    try:
        return await parser.parse()
    except MultiPartException:
        raise Refused(RefusalCode.TOO_LARGE, "More was sent than this page takes.") from None


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    """What comes in without files: `/forms/` takes as much as photographs need, and only their pages need it."""
    heard = 0
    async for chunk in request.stream():
        heard += len(chunk)
        if heard > MOST_BODY:
            raise Refused(RefusalCode.TOO_LARGE, "More was sent than this page takes.")
        yield chunk


def today_of(form: Begun) -> Any:
    """The date at the centre."""
    return form.at.today(from_micros(form.now))


def asked_at(form: Begun, spot: str) -> Place | None:
    """The page of this name, if the answers so far lead to it."""
    place = place_of(form.at.shape, spot)
    return place if place is not None and place in form.places else None
