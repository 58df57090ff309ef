"""The sound of what a board shows: a call, an announcement, that everyone must leave.

Nothing in the address is ever spoken: it names a call or an announcement, and only one that stands on the asking board's own lobby at this
moment, in a language it is shown in, has a sound. So nobody can make a lobby say something, least of all that the building must be left,
and a discreet visit, which is in no lobby's view, cannot be spoken at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from fastapi import APIRouter, HTTPException, Request, Response

from server.live.hub import Topic
from server.live.speech import Said, Speaker
from server.web.gate import Guarded, house_of, identity_of
from server.web.identity import Caller
from wire.frames import Row
from wire.rows import AnnouncementRow, CallRow, CentreRow
from wire.vocabulary import Audience, Language
from words import Catalogue

router = APIRouter()


async def _lobby(request: Request, caller: Caller) -> Mapping[str, Row]:
    """What the asking board shows now."""
    # A board may stand in a browser where staff are signed in, too.
    board = await identity_of(request).device(request) or caller
    return await house_of(request).hub.glance(Topic(board.actor.centre, Audience.LOBBY))


def _sound(spoken: bytes | None) -> Response:
    if spoken is None:
        return Response(status_code=204)
    return Response(spoken, media_type="audio/wav", headers={"Cache-Control": "private, max-age=3600"})


@router.get("/speech/leaving/{language}")
async def leaving(request: Request, caller: Guarded, language: str) -> Response:
    """That everyone must leave the building; 404 while nobody must."""
    centre = cast("CentreRow", (await _lobby(request, caller))["centre"])
    if centre.get("evacuated_at") is None or language not in {Language.EN, *centre["languages"]}:
        raise HTTPException(404)
    return _sound(await _speaker(request).leave(language))


@router.get("/speech/told/{announcement}/{language}")
async def told(request: Request, caller: Guarded, announcement: str, language: str) -> Response:
    """An announcement in a language it was made in; 404 once it has ended."""
    rows = await _lobby(request, caller)
    row = cast("AnnouncementRow | None", rows.get(f"announcement:{announcement}"))
    text = row["text"].get(language) if row is not None else None
    if not text:
        raise HTTPException(404)
    return _sound(await _speaker(request).tell(language, text))


@router.get("/speech/{ticket}/{times}/{language}")
async def speech(request: Request, caller: Guarded, ticket: str, times: int, language: str) -> Response:
    """A WAV; 204 when this language has no voice here; 404 when there is no such call."""
    rows = await _lobby(request, caller)
    call = cast("CallRow | None", rows.get(f"call:{ticket}"))
    if call is None or call["times"] != times or language not in (Language.EN, call["language"]):
        raise HTTPException(404)
    said = Said(call["code"], call["where"], call["where_key"], language, again=times > 1)
    return _sound(await _speaker(request).speak(said))


def _speaker(request: Request) -> Speaker:
    """One for the whole server, made when first needed."""
    state = request.app.state
    if not hasattr(state, "speaker"):
        state.speaker = Speaker(house_of(request).settings.data, Catalogue())
    return cast(Speaker, state.speaker)
