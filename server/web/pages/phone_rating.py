"""The page of a visitor's ticket once the visit is over: for a day it asks, once, how it was.

Whoever holds the paper may answer; the same paper a second time is thanked and told that one answer is enough. The answer itself goes the ways of
`server.web.public.rating`, which never learns the secret: the forms that follow the first touch carry the answer's number alone.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from sqlmodel import Session
from starlette.responses import Response

from server.actions import rating
from server.actions.keys import hash_of
from server.domain.access import NOBODY
from server.domain.rating import SCORES
from server.store.queries.rating import Ended, ended_visit
from server.store.sql import Sql
from server.store.tables import Centre
from server.web.gate import house_of, identity_of, text_of
from server.web.identity import address_of
from server.web.public import rating as asking_pages
from server.web.public.rating import Asking, limits_of, mark_of
from server.web.public.voice import Voice, voice_of
from wire.vocabulary import Language

router = APIRouter()
SHORTEST, LONGEST = 20, 200
"""Signs of a secret."""


async def page_of_ended(request: Request, secret: str) -> Response | None:
    """The question, or the thanks of who has answered; None when the secret opens no visit that was over lately."""
    ended = await _ended(request, secret)
    if ended is None or ended.missed:
        return None
    voice = voice_of(request, ended.language)
    centre = await house_of(request).read(partial(_centre, number=ended.centre))
    asking = Asking(centre, voice, "")
    if ended.rated:
        return asking_pages.say(request, voice, "once", asking=asking)
    return asking_pages.page(
        request, asking, "faces", action=f"/t/{secret}/how", lead=voice.word("phone.ended_title")
    )


@router.post("/t/{secret}/how")
async def how(request: Request, secret: str) -> Response:
    """The first touch: it counts, and nothing of the visit goes on from here."""
    form = await request.form(max_files=0, max_fields=8)
    ended = await _ended(request, secret)
    asked = text_of(form, "lang", 2)
    if ended is None:
        return asking_pages.say(request, voice_of(request), "over", status=404)
    voice = Voice(asked) if asked in set(Language) else voice_of(request, ended.language)
    typed = text_of(form, "score", 1)
    centre = await house_of(request).read(partial(_centre, number=ended.centre))
    asking = Asking(centre, voice, "")
    if typed not in {str(score) for score in SCORES}:
        return asking_pages.page(request, asking, "faces", action=f"/t/{secret}/how")
    give = partial(rating.give_of_visit, ended=ended, score=int(typed), language=Language(voice.language))
    number = await house_of(request).change(replace(NOBODY, centre=ended.centre), "rate", give)
    if number is None:
        return asking_pages.say(request, voice, "once", asking=asking)
    return asking_pages.page(request, replace(asking, number=number, score=int(typed)), "why")


async def _ended(request: Request, secret: str) -> Ended | None:
    if not SHORTEST <= len(secret) <= LONGEST:
        return None
    if limits_of(request).looks.wait(mark_of(address_of(request))):
        return None
    if await identity_of(request).visitor(secret, address_of(request)) is not None:
        return None  # it goes on, under this paper or another
    house = house_of(request)

    def look(connection: Connection) -> Ended | None:
        sql = Sql(connection)
        found = ended_visit(sql, hash_of(secret), house.clock.micros())
        sql.close()
        return found

    return await house.look(look)


def _centre(session: Session, *, number: int) -> Centre:
    return session.get_one(Centre, number)
