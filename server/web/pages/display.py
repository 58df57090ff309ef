"""Serves the lobby board, the sign over a counter and their set-up page: plain files, and the sentences they say.

There is nothing secret in them, so everybody may fetch them; what a board shows comes over its socket, which only a paired device
may open. Names are looked up in lists made at start, so no path from outside ever reaches the file system. Pages and scripts are
asked for anew each time (a board must never run last month's script against this month's server); fonts may be kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson
from fastapi import APIRouter, HTTPException, Request, Response

from server.web.api.enrol import set_device_cookie
from server.web.gate import identity_of
from server.web.identity import DEVICE_COOKIE
from words import Catalogue

_ROOT = Path(__file__).resolve().parents[3]
_DISPLAY = _ROOT / "display"
_SECTIONS = ("display.", "sign.", "wait.", "closed.", "setup.", "announce.title", "evacuation.", "pc.")
"""What boards say of the catalogue; the rest is for kiosks and phones."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
}
_ANEW = "no-cache"
_KEPT = "public, max-age=604800"

router = APIRouter()


def _named(folder: Path, *endings: str) -> Mapping[str, Path]:
    return {path.name: path for path in folder.iterdir() if path.suffix in endings}


_STATIC = _named(_DISPLAY / "static", ".css", ".js", ".svg")
_FONTS = _named(_ROOT / "kiosk" / "fonts", ".ttf", ".txt")


def _mark(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _answer(request: Request, content: bytes, media_type: str, caching: str) -> Response:
    """`content`, or 304 when the browser has this very version."""
    mark = _mark(content)
    headers = {"ETag": mark, "Cache-Control": caching}
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _file(request: Request, path: Path | None, caching: str = _ANEW) -> Response:
    if path is None:
        raise HTTPException(404)
    return _answer(request, path.read_bytes(), _TYPES[path.suffix], caching)


@router.get("/display")
async def board(request: Request) -> Response:
    return await _screen(request, "board.html")


@router.get("/display/sign")
async def sign(request: Request) -> Response:
    return await _screen(request, "sign.html")


async def _screen(request: Request, name: str) -> Response:
    """A screen's page, which tells a paired one its own number: by that it finds its layout among the rows of the lobby.

    The cookie, which the page cannot read, is given a new life each time, so that it never runs out.
    """
    content = (_DISPLAY / name).read_bytes()
    known = any(name.endswith(DEVICE_COOKIE) for name in request.cookies)
    token = identity_of(request).device_token(request) if known else None
    device = await identity_of(request).device(request) if token else None
    if token is None or device is None:
        return _answer(request, content, _TYPES[".html"], _ANEW)
    own = b'<html lang="en-GB" data-device="%d">' % device.actor.id
    answer = _answer(request, content.replace(b'<html lang="en-GB">', own, 1), _TYPES[".html"], _ANEW)
    set_device_cookie(request, answer, token)
    return answer


@router.get("/pc")
async def pc(request: Request) -> Response:
    """What a self-service PC rests on."""
    return await _screen(request, "pc.html")


@router.get("/display/setup")
def setup(request: Request) -> Response:
    return _file(request, _DISPLAY / "setup.html")


@router.get("/display/static/{name}")
def static(request: Request, name: str) -> Response:
    return _file(request, _STATIC.get(name))


@router.get("/display/fonts/{name}")
def font(request: Request, name: str) -> Response:
    return _file(request, _FONTS.get(name), _KEPT)


@router.get("/display/wire/follow.js")
def follower(request: Request) -> Response:
    return _file(request, _ROOT / "wire" / "follow.js")


def sentences(catalogue: Catalogue, sections: Iterable[str] = _SECTIONS) -> dict[str, dict[str, object]]:
    """Every language's sentences of these sections, as `display/static/words.js` reads them."""
    wanted = tuple(sections)
    told = {}
    for language in catalogue.languages():
        table = catalogue.export(language)
        all_sentences = table["sentences"]
        assert isinstance(all_sentences, dict)
        kept = {key: text for key, text in all_sentences.items() if key.startswith(wanted)}
        told[language] = {"name": table["name"], "direction": table["direction"], "sentences": kept}
    return told


_told: bytes = b""


@router.get("/display/words.json")
def words(request: Request) -> Response:
    global _told
    _told = _told or orjson.dumps(
        sentences(Catalogue())
    )  # made once: the catalogue does not change while we run
    return _answer(request, _told, "application/json", _ANEW)
