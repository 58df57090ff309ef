"""How the pages of a form are drawn: as the booking pages are, with words and a style sheet of their own; and how each kind of no is said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from forms.form import Words, blocks
from server.domain.refusals import Refused
from server.web.errors import later
from server.web.gate import house_of
from server.web.public import drawing
from server.web.public.drawing import Place, Square, square, to
from server.web.public.forms.offering import forms_on_web
from server.web.public.voice import Voice, voice_of
from wire.vocabulary import RefusalCode

__all__ = [
    "Page",
    "Place",
    "Square",
    "page",
    "public",
    "say",
    "some_place",
    "square",
    "to",
]

Page = Callable[..., Awaitable[Response]]
FOLDER = "forms"

_SAID = {
    RefusalCode.NOT_ALLOWED: ("old_page", 403),
    RefusalCode.UNKNOWN: ("over", 404),
    RefusalCode.CLOSED: ("not_offered", 404),
    RefusalCode.TRY_LATER: ("later", 429),
    RefusalCode.BUSY: ("later", 503),
    RefusalCode.TOO_LARGE: ("too_large", 413),
}


def page(request: Request, template: str, voice: Voice, *, title: str, **context: Any) -> Response:
    """`said` speaks the words of these pages, `one` those that kiosks use too."""

    def said(key: str, **values: object) -> str:
        return voice.word(f"form_web.{key}", **values)

    def one(key: str, **values: object) -> str:
        return voice.word(f"form.{key}", **values)

    def paragraphs(words: Words | None) -> tuple[object, ...]:
        return blocks(voice.of(words))

    return drawing.page(
        request,
        template,
        voice,
        title=title,
        folder=FOLDER,
        said=said,
        one=one,
        paragraphs=paragraphs,
        **context,
    )


def say(
    request: Request,
    voice: Voice,
    key: str,
    *,
    status: int = 200,
    place: Place | None = None,
    again: str = "/forms",
    **values: object,
) -> Response:
    """A page of one message: `form_web.say.<key>_title` and `form_web.say.<key>`, and where to go on."""
    return page(
        request,
        "say.html",
        voice,
        title=voice.word(f"form_web.say.{key}_title"),
        status=status,
        place=place,
        text=voice.word(f"form_web.say.{key}", **values),
        again=again,
    )


def public(view: Page) -> Page:
    """A page for visitors: whatever is refused is said in their language, kindly, with what they can do instead."""

    @wraps(view)
    async def answered(*args: Any, **values: Any) -> Response:
        request: Request = values["request"] if "request" in values else args[0]
        try:
            return await view(*args, **values)
        except Refused as error:
            key, status = _SAID.get(error.refusal.code, ("broken", 409))
            place = await some_place(request)
            if key == "later":  # nothing is lost, so they go on here and not from the beginning
                return later(request, status, place)
            return say(request, voice_of(request), key, status=status, place=place)

    return answered


async def some_place(request: Request) -> Place | None:
    """The centre whose telephone number helps on: of a house of one centre that one, of several the first with a number."""
    voice = voice_of(request)
    offered = await house_of(request).read(forms_on_web)
    places = [each.place(voice) for each in offered]
    return next(
        (each for each in places if each.contact and each.contact.telephone), next(iter(places), None)
    )
