"""Where a door's counter tells how many went in and out; the whole call is described in docs/door-counter.md.

The counter shows the token it was paired with. Whatever is wrong is answered with a sentence and changes nothing.
"""

from __future__ import annotations

import json
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.actions import door
from server.domain.refusals import Refused
from server.web.gate import Guarded, house_of
from wire.vocabulary import RefusalCode

router = APIRouter()


@router.post("/api/door", status_code=201)
async def tell(request: Request, caller: Guarded) -> Response:
    """Take one span or a list of them: `{"door", "from", "until", "in", "out"}`."""
    try:
        document = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise Refused(
            RefusalCode.MALFORMED, "Send JSON: an object with from, until, in and out, or a list of such."
        ) from None
    spans = door.read_spans(document)
    told = await house_of(request).change(caller.actor, "door", partial(door.tell, spans=spans))
    return JSONResponse(told, status_code=201 if told["taken"] else 200)
