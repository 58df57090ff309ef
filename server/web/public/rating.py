"""How was your visit? One touch a step, for a phone that read a square on paper, and for a tablet at the exit (`?stay=1`); and how a phone's own page asks.

The first touch counts at once: whoever walks away then has answered. What follows is added to that answer by its number, which is drawn when the page is and
known to this browser alone, so a form sent twice counts once, and going back and choosing another face corrects the first. Nothing needs a cookie or a script.

A tablet starts again by itself. It speaks English again then, however the last visitor had it, and what they had typed and not sent is gone.

Who answers very often from one address is asked to wait, and told why. The address is kept nowhere: its mark is made with a key that this process
drew at its start, and the buckets are full again and forgotten within the hour.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.responses import Response

from server.actions import rating
from server.actions.rating import Given
from server.domain.access import NOBODY, Actor
from server.domain.rating import COMMENT_CHARACTERS, KEYS, REASONS, SATISFIED, SCORES
from server.domain.said import SAID_FORM
from server.papers.written import seal_words
from server.store.tables import Centre
from server.web.gate import house_of, text_of
from server.web.identity import address_of
from server.web.public import drawing
from server.web.public.drawing import Place
from server.web.public.forms.offering import forms_on_web
from server.web.public.voice import Voice, catalogue, voice_of
from server.web.throttle import Throttle
from wire.body import clean_text
from wire.vocabulary import FeedbackReason, FeedbackWay, Language

router = APIRouter()

_MARKING = secrets.token_bytes(32)
_NUMBER = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Limits:
    """How often may be answered, for each address and together."""

    at_the_exit: Throttle = field(default_factory=lambda: Throttle(per_minute=6, burst=24))
    """One tablet, through which a whole building may go."""
    elsewhere: Throttle = field(default_factory=lambda: Throttle(per_minute=0.4, burst=12))
    of_a_centre: Throttle = field(default_factory=lambda: Throttle(per_minute=30, burst=120))
    references: Throttle = field(default_factory=lambda: Throttle(per_minute=0.5, burst=10))
    """Of complaints, whose state is asked for."""
    looks: Throttle = field(default_factory=lambda: Throttle(per_minute=20, burst=60))
    """At tickets whose visit is over: each costs some hundred rows, so nobody may try secrets without end."""


@dataclass(frozen=True)
class Asking:
    """One page of the questions: of which answer, at which centre, on whose screen."""

    centre: Centre
    voice: Voice
    number: str
    stay: bool = False
    score: int = 0

    @property
    def centre_id(self) -> int:
        assert self.centre.id is not None, "it was read from the database"
        return self.centre.id

    @property
    def path(self) -> str:
        return f"/how-was-it/{self.centre.slug}"

    @property
    def start(self) -> str:
        """Where the next person begins: in the centre's own language on a tablet."""
        return f"{self.path}?stay=1" if self.stay else self.path

    @property
    def way(self) -> FeedbackWay:
        return FeedbackWay.EXIT if self.stay else FeedbackWay.PAPER

    @property
    def actor(self) -> Actor:
        return replace(NOBODY, centre=self.centre_id)


# The pages ---------------------------------------------------------------------------------------------------------------


@router.get("/how-was-it/{centre}")
async def faces(request: Request, centre: str) -> Response:
    """The five faces, with the number the answer will have."""
    there = await house_of(request).read(partial(_centre, slug=centre))
    stay = request.query_params.get("stay") == "1"
    voice = _voice(request, request.query_params.get("lang", "en" if stay else ""))
    if there is None:
        return say(request, voice, "not_there", status=404)
    return page(request, Asking(there, voice, secrets.token_hex(16), stay), "faces")


@router.post("/how-was-it/{centre}")
async def answer(request: Request, centre: str) -> Response:
    """One step's answer; the next step, or the same in another language."""
    form = await request.form(max_files=0, max_fields=12)
    voice = _voice(request, text_of(form, "to", 2) or text_of(form, "lang", 2))
    there = await house_of(request).read(partial(_centre, slug=centre))
    if there is None:
        return say(request, voice, "not_there", status=404)
    number = text_of(form, "rating", 32)
    stay = text_of(form, "stay", 1) == "1"
    asking = Asking(there, voice, number, stay, _score(form))
    if not _NUMBER.fullmatch(number) or request.headers.get("sec-fetch-site") == "cross-site":
        return page(request, replace(asking, number=secrets.token_hex(16), score=0), "faces")
    step = text_of(form, "step", 8)
    if text_of(form, "to", 2):
        return _again(request, asking, step, form)
    match step:
        case "why" if asking.score:
            return await _why(request, asking, form)
        case "tell" if asking.score:
            return await _tell(request, asking, form)
        case _:
            return await _first(request, asking)


def _again(request: Request, asking: Asking, step: str, form: FormData) -> Response:
    """The same page in another language; what was typed stays."""
    if step not in ("why", "tell") or not asking.score:
        return page(request, replace(asking, score=0), "faces")
    return page(request, asking, step, words=text_of(form, "words", 4 * COMMENT_CHARACTERS))


async def _first(request: Request, asking: Asking) -> Response:
    if not asking.score:
        return page(request, asking, "faces")
    if _too_often(request, asking):
        return say(request, asking.voice, "too_often", status=429, asking=asking)
    house = house_of(request)
    given = Given(
        id=asking.number,
        centre=asking.centre_id,
        at=house.clock.micros(),
        way=asking.way,
        score=asking.score,
        language=Language(asking.voice.language),
    )
    await house.change(asking.actor, "rate", partial(rating.give, given=given))
    return page(request, asking, "why")


async def _why(request: Request, asking: Asking, form: FormData) -> Response:
    chosen = text_of(form, "reason", 10)
    if chosen in frozenset(REASONS):
        more = partial(
            rating.refine,
            rating=asking.number,
            centre=asking.centre_id,
            reason=FeedbackReason(chosen),
        )
        await house_of(request).change(asking.actor, "rate", more)
    return page(request, asking, "tell")


async def _tell(request: Request, asking: Asking, form: FormData) -> Response:
    house, typed = house_of(request), text_of(form, "words", 4 * COMMENT_CHARACTERS)
    words = clean_text(typed)
    if len(words) > COMMENT_CHARACTERS:
        fault = asking.voice.word("rating.too_long", most=COMMENT_CHARACTERS)
        return page(request, asking, "tell", status=422, words=typed, wrong=True, fault=fault)
    if words and not text_of(form, "skip", 3):
        sealed = seal_words(house.keyring, words)
        more = partial(rating.refine, rating=asking.number, centre=asking.centre_id, sealed=sealed)
        await house.change(asking.actor, "rate", more)
    offered = await house.read(partial(_form_there, centre=asking.centre_id))
    return page(request, asking, "thanks", form_there=offered)


# Drawing -----------------------------------------------------------------------------------------------------------------


def page(
    request: Request,
    asking: Asking,
    step: str,
    *,
    status: int = 200,
    action: str = "",
    hidden: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """`action` is where the faces' form goes, if it is not this page's own."""
    voice = asking.voice
    title = voice.word("rating.thanks" if step == "thanks" else "rating.title")
    context: dict[str, Any] = {
        "asking": asking,
        "step": step,
        "action": action or asking.start,
        "hidden": hidden or {},
        "scores": [(score, KEYS[score]) for score in SCORES],
        "reasons": REASONS,
        "satisfied": asking.score in SATISFIED,
        "most": COMMENT_CHARACTERS,
        "words": "",
        "fault": "",
        "form_there": False,
        "lead": "",
        "said_form": SAID_FORM,
    }
    return _plain(
        drawing.page(
            request,
            f"{step}.html",
            voice,
            title=title,
            status=status,
            place=Place(asking.centre.name),
            folder="rating",
            **{**context, **more},
        )
    )


def say(
    request: Request, voice: Voice, key: str, *, status: int = 200, asking: Asking | None = None
) -> Response:
    """A page of one message: `rating.<key>_title` and `rating.<key>_lead`."""
    return _plain(
        drawing.page(
            request,
            "say.html",
            voice,
            title=voice.word(f"rating.{key}_title"),
            status=status,
            place=Place(asking.centre.name) if asking else None,
            folder="rating",
            asking=asking,
            step="say",
            text=voice.word(f"rating.{key}_lead"),
        )
    )


def _plain(answer: Response) -> Response:
    """Without the cookie that other public pages keep the language in: a tablet at the door is everybody's."""
    if "set-cookie" in answer.headers:
        del answer.headers["set-cookie"]
    return answer


def _voice(request: Request, asked: str) -> Voice:
    return Voice(asked) if asked in catalogue().languages() else voice_of(request)


def _score(form: FormData) -> int:
    typed = text_of(form, "score", 1)
    return int(typed) if typed.isascii() and typed.isdigit() and int(typed) in SCORES else 0


def _centre(session: Session, *, slug: str) -> Centre | None:
    return session.exec(select(Centre).where(col(Centre.slug) == slug[:60])).one_or_none()


def _form_there(session: Session, *, centre: int) -> bool:
    """Whether the form that is answered can be filled in on the web for this centre."""
    return any(each.centre_id == centre and each.slug == SAID_FORM for each in forms_on_web(session))


def _too_often(request: Request, asking: Asking) -> bool:
    mark = mark_of(address_of(request))
    limits = limits_of(request)
    own = limits.at_the_exit if asking.stay else limits.elsewhere
    return bool(own.wait(mark)) or bool(limits.of_a_centre.wait(str(asking.centre_id)))


def limits_of(request: Request) -> Limits:
    limits: Limits = request.app.state.rating_limits
    return limits


def mark_of(address: str) -> str:
    """What an address is known again by for a while, in this process's memory and nowhere else."""
    return hashlib.blake2b(address.encode(), key=_MARKING, digest_size=12).hexdigest()
