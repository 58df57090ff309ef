"""Finding an appointment by name, reference, telephone, e-mail or time.

The words are posted, so that no visitor's name stands in an address, a log or a history; that somebody searched is written down, what for is not.
"""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import diary_looks
from server.live.diary_one import Found, find
from server.live.diary_shapes import STANDINGS
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.appointments import goes, may
from server.web.render import page
from wire.body import clean_text
from wire.references import read_reference

router = APIRouter()

TOO_LITTLE = "Write two letters of a name at least, three digits of a telephone, a whole reference, an e-mail address, or a time such as 10:15, of today or with its day: 10:15 Thursday, 10:15 26 November."


@router.get("/appointments/find")
async def find_page(request: Request, caller: Guarded) -> Response:
    return _show(request, caller)


@router.post("/appointments/find")
async def search(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    house = house_of(request)
    words = clean_text(text_of(form, "words", 120))
    if len(words) < 2:
        return _show(request, caller, words, problem=TOO_LITTLE, status=422)
    found = await house.read(partial(find, actor=caller.actor, words=words, now=house.clock.micros()))
    noting = partial(diary_looks.searched, found=len(found.bookings))
    await house.change(caller.actor, "search", noting)
    if len(found.bookings) == 1 and read_reference(words) is not None:
        return RedirectResponse(f"/appointments/{found.bookings[0].id}", status_code=303)
    return _show(request, caller, words, found)


def _show(
    request: Request,
    caller: Caller,
    words: str = "",
    found: Found | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    return page(
        request,
        "appointments_find.html",
        status=status,
        words_typed=words,
        found=found,
        problem=problem,
        now=found.now if found else 0,
        zone=found.zone if found else None,
        standings=STANDINGS,
        may=partial(may, caller),
        goes=partial(goes, caller),
    )
