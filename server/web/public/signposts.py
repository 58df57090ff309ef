"""What can be done online, by need, for whoever looks from home or a library; and what the square in a letter says on a phone.

The list is that of the centres' plans, each page once however many centres name it, with what to have ready and a search in one's own words. A
letter's square is meant for a scan station; on a phone it says so, the same for every letter, and nothing is looked up.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from sqlmodel import Session, col, select
from starlette.responses import Response

from server.domain import handing
from server.domain.handing import Portal
from server.store.tables import Centre
from server.web.gate import house_of
from server.web.public.forms.drawing import page, public, some_place
from server.web.public.voice import voice_of

router = APIRouter()
MOST_WORDS = 60


@dataclass(frozen=True)
class Signpost:
    portal: Portal
    centre: Centre


def every_portal(session: Session) -> list[Signpost]:
    """In the order the centres have them; one address once."""
    found: dict[str, Signpost] = {}
    for centre in session.exec(select(Centre).order_by(col(Centre.id))).all():
        for portal in handing.portals(centre.extra):
            found.setdefault(portal.url, Signpost(portal, centre))
    return list(found.values())


@router.get("/online")
@public
async def online(request: Request) -> Response:
    voice = voice_of(request)
    there = await house_of(request).read(every_portal)
    words = request.query_params.get("q", "")[:MOST_WORDS].strip()
    found = _found(words, there, voice.language) if words else there
    return page(
        request,
        "online.html",
        voice,
        title=voice.word("pc.title"),
        place=await some_place(request),
        posts=found or there,
        words=words,
        none_found=bool(words) and not found,
        any=bool(there),
    )


def _found(words: str, there: list[Signpost], language: str) -> list[Signpost]:
    # With RapidFuzz, which a server that nobody asks need not hold.
    from words.search import Thing, find, texts_of

    def thing(at: int, portal: Portal) -> Thing:
        spoken = (language, "en")
        names = dict.fromkeys(portal.names.get(each, "") for each in spoken)
        helps = dict.fromkeys(portal.ready.get(each, "") for each in spoken)
        return Thing("portal", str(at), texts_of(names, portal.synonyms, helps))

    return [
        there[int(hit.id)] for hit in find(words, [thing(at, each.portal) for at, each in enumerate(there)])
    ]


@router.get("/hand-in/{purpose}")
@router.get("/hand-in/{purpose}/{case}")
@public
async def hand_in(request: Request) -> Response:
    """Where a letter's square leads on a phone: to the centre with the papers."""
    voice = voice_of(request)
    return page(
        request,
        "hand_in.html",
        voice,
        title=voice.word("scan_letter.title"),
        place=await some_place(request),
    )
