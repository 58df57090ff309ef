"""The sound of a call, for the boards that show it.

Nothing in the address is ever spoken: it names a call, and only one that stands on the asking board's own lobby at this moment, in English
or the ticket's language, has a sound. So nobody can make a lobby say something, and a discreet visit, which is in no lobby's view,
cannot be spoken at all.
"""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, HTTPException, Request, Response

from server.live.hub import Topic
from server.live.speech import Said, Speaker
from server.web.gate import Guarded, house_of, identity_of
from wire.rows import CallRow
from wire.vocabulary import Audience, Language
from words import Catalogue

router = APIRouter()


@router.get("/speech/{ticket}/{times}/{language}")
async def speech(request: Request, caller: Guarded, ticket: str, times: int, language: str) -> Response:
    """A WAV; 204 when this language has no voice here; 404 when there is no such call."""
    board = (
        await identity_of(request).device(request) or caller
    )  # a board in a browser where staff are signed in, too
    rows = await house_of(request).hub.glance(Topic(board.actor.centre, Audience.LOBBY))
    call = cast("CallRow | None", rows.get(f"call:{ticket}"))
    if call is None or call["times"] != times or language not in (Language.EN, call["language"]):
        raise HTTPException(404)
    said = Said(call["code"], call["where"], call["where_key"], language, again=times > 1)
    spoken = await _speaker(request).speak(said)
    if spoken is None:
        return Response(status_code=204)
    return Response(spoken, media_type="audio/wav", headers={"Cache-Control": "private, max-age=3600"})


def _speaker(request: Request) -> Speaker:
    """One for the whole server, made when first needed."""
    state = request.app.state
    if not hasattr(state, "speaker"):
        state.speaker = Speaker(house_of(request).settings.data, Catalogue())
    return cast(Speaker, state.speaker)
