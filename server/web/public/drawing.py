"""How a booking page is made: GOV.UK Frontend's own macros, strict about what our templates name, and small.

The macros ask for many things a caller may leave out, so what is missing *inside a document given to them* is nothing, while a name or attribute our
templates get wrong is an error, as everywhere in the house. White space that no reader sees is taken out: a page must come quickly on a cheap phone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode

from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    Undefined,
    UndefinedError,
)
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from server.live.centre_contact import CentreContact
from server.web.gate import house_of
from server.web.pages.visitor_sheet import drawn
from server.web.public.council import council_pages
from server.web.public.look import sheet
from server.web.public.voice import Voice, catalogue, cookie_name

_FOLDER = Path(__file__).resolve().parents[1] / "templates"
_BETWEEN_LINES = re.compile(r"\s*\n\s*")


class _Missing(ChainableUndefined):
    """Nothing inside the macros' documents (nor `undefined` and `caller`, which they ask for by name); an error anywhere else."""

    def _judge(self) -> None:
        if self._undefined_name not in ("undefined", "caller") and not isinstance(
            self._undefined_obj, Mapping | Undefined
        ):
            strict = StrictUndefined(
                self._undefined_hint, self._undefined_obj, self._undefined_name, UndefinedError
            )
            str(strict)

    def __str__(self) -> str:
        self._judge()
        return ""

    def __bool__(self) -> bool:
        self._judge()
        return False

    def __iter__(self) -> Any:
        self._judge()
        return iter(())

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._fail_with_undefined_error(*args, **kwargs)


_environment = Environment(
    loader=ChoiceLoader(
        [
            FileSystemLoader(_FOLDER),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    ),
    autoescape=True,
    undefined=_Missing,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Place:
    """Which centre a page speaks for: its name on top, and how else to reach it. None of one: the house of several."""

    name: str
    contact: CentreContact | None = None
    kept_days: int | None = None
    """So long after the appointment what is told here is kept, by the house's own rule; None where nothing is told."""


def page(
    request: Request,
    template: str,
    voice: Voice,
    *,
    title: str,
    status: int = 200,
    place: Place | None = None,
    wrong: bool = False,
    back: str = "",
    folder: str = "book",
    **context: Any,
) -> HTMLResponse:
    """Answer with a page. `title` is what its tab says, never the name of a service; `wrong` puts the word for an error before it. `folder` of the
    templates it is in."""
    asked = request.query_params.get("lang", "")
    always = {
        "voice": voice,
        "title": voice.say("title_wrong", title=title) if wrong else title,
        "place": place,
        "path": request.url.path,
        "query": urlencode([each for each in request.query_params.multi_items() if each[0] != "lang"]),
        "sheet": sheet().mark,
        "back": back,
        "demo": house_of(request).settings.demo,
        "council": council_pages(house_of(request).settings, voice.word),
    }
    html = _environment.get_template(f"{folder}/{template}").render({**always, **context})
    answer = HTMLResponse(_BETWEEN_LINES.sub("\n", html), status_code=status)
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.headers["X-Robots-Tag"] = "noindex"
    if asked in catalogue().languages():
        secure = house_of(request).settings.secure_cookies
        answer.set_cookie(cookie_name(secure=secure), asked, httponly=True, samesite="lax", secure=secure)
    return answer


def to(path: str) -> RedirectResponse:
    """Go and look there: what every form answers, so that loading again sends nothing twice."""
    return RedirectResponse(path, status_code=HTTPStatus.SEE_OTHER)


@dataclass(frozen=True)
class Square:
    """A QR as a template draws it: how many modules wide with its quiet edge, and its dark modules as an SVG path."""

    side: int
    path: str


def square(text: str) -> Square:
    return Square(*drawn(text))
