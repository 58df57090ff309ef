"""The page Satisfaction, the poster that asks for it, and what visitors wrote.

Words are opened on a page of their own, for managers, and each look is written down once. What is dealt with leaves the list; what was play is taken out of
the figures, one answer or a whole run of them, and can be put back.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import rating
from server.clock import from_micros
from server.domain.rating import Run
from server.domain.refusals import Refused
from server.domain.telling.satisfaction import ABOUT, WAYS, WORDS
from server.domain.telling.words import LANGUAGES
from server.live.comments import Comments, read_comments, read_runs
from server.store.tables import Centre, Device
from server.store.tx import Tx
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.figures.asked import asked_of, show
from server.web.public.drawing import square
from server.web.public.voice import Voice, catalogue
from server.web.render import page
from wire.vocabulary import RefusalCode

router = APIRouter()
COMMENTS = "/figures/satisfaction/comments"
NO_ADDRESS = (
    "This house has no address for phones yet. Set FOYER_PUBLIC_URL, then the poster has a square to read."
)


@router.get("/figures/satisfaction")
async def satisfaction_page(
    request: Request, caller: Guarded, kind: str = "", first: str = "", last: str = "", only: str = ""
) -> Response:
    asked = await asked_of(request, caller, kind, first, last)
    centre = await house_of(request).read(lambda session: session.get_one(Centre, caller.actor.centre))
    return await show(
        request,
        caller,
        "satisfaction",
        asked,
        "figures/satisfaction.html",
        only,
        asks_at=f"/how-was-it/{centre.slug}",
    )


@router.get("/figures/satisfaction/poster")
async def poster(request: Request, caller: Guarded) -> Response:
    """One sheet of A4 in every language of the centre, with a square that leads to the question."""
    house = house_of(request)
    centre = await house.read(lambda session: session.get_one(Centre, caller.actor.centre))
    public = house.settings.public_url.rstrip("/")
    address = f"{public}/how-was-it/{centre.slug}" if public else ""
    spoken = [language for language in centre.languages if language in catalogue().languages()]
    return page(
        request,
        "figures/poster.html",
        centre=centre,
        address=address,
        square=square(address) if address else None,
        no_address=NO_ADDRESS,
        first=Voice("en"),
        others=[Voice(language) for language in spoken if language != "en"],
    )


# What visitors wrote -----------------------------------------------------------------------------------------------------


@router.get(COMMENTS)
async def comments_page(request: Request, caller: Guarded, show: str = "", after: str = "") -> Response:
    return await _comments(request, caller, every=show == "all", after=after[:32])


async def _comments(
    request: Request,
    caller: Caller,
    *,
    every: bool = False,
    after: str = "",
    said: str = "",
    status: int = 200,
) -> Response:
    house = house_of(request)
    await house.change(caller.actor, "look", _look)
    read = partial(
        _read, house=house, centre=caller.actor.centre, every=every, after=after, now=house.clock.now()
    )
    seen = await house.read(read)
    return page(
        request,
        "figures/comments.html",
        said=said,
        status=status,
        every=every,
        after=after,
        scores=WORDS,
        ways=WAYS,
        about=ABOUT,
        languages=LANGUAGES,
        asked=None,
        **seen,
    )


def _look(tx: Tx) -> None:
    """Once a page, whatever is on it."""
    tx.audit("comments_read", f"centre:{tx.actor.centre}")


def _read(
    session: Session, *, house: Any, centre: int, every: bool, after: str, now: datetime
) -> dict[str, Any]:
    comments: Comments = read_comments(session, house.keyring, centre, every=every, after=after)
    zone = ZoneInfo(session.get_one(Centre, centre).timezone)
    return {
        "comments": comments,
        "zone": zone,
        "runs": [_run(session, each) for each in read_runs(session, centre, now)],
    }


def _run(session: Session, run: Run) -> dict[str, Any]:
    way, _, number = run.door.partition(":")
    device = session.get(Device, int(number)) if number != "0" else None
    return {
        "number": len(run.ids),
        "way": way,
        "device": device.name if device else "",
        "first_at": from_micros(run.first_at),
        "last_at": from_micros(run.last_at),
        "key": f"{run.door}/{run.first_at}",
    }


@router.post("/figures/satisfaction/comments/{rating_id}/{deed}")
async def deal(request: Request, rating_id: str, deed: str, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    changes = {
        "seen": partial(rating.deal_with, rating=rating_id),
        "take-out": partial(rating.take_out, ratings=[rating_id]),
        "put-back": partial(rating.put_back, rating=rating_id),
    }
    if deed not in changes:
        raise Refused(
            RefusalCode.UNKNOWN, "Nothing like this can be done with an answer. Go back to the list."
        )
    return await _done(request, caller, changes[deed], every=text_of(form, "show", 3) == "all")


@router.post("/figures/satisfaction/runs")
async def take_out_run(request: Request, caller: Guarded) -> Response:
    """All answers of one run, as it is now; what came to it since the page was loaded goes with it."""
    form = await form_of(request, caller)
    house = house_of(request)
    door, _, first = text_of(form, "key", 80).partition("/")
    runs = await house.read(partial(read_runs, centre=caller.actor.centre, now=house.clock.now()))
    ids = next((run.ids for run in runs if run.door == door and str(run.first_at) == first), ())
    return await _done(request, caller, partial(rating.take_out, ratings=ids))


async def _done(request: Request, caller: Caller, change: Any, *, every: bool = False) -> Response:
    try:
        await house_of(request).change(caller.actor, "feedback", change)
    except Refused as refused:
        return await _comments(
            request, caller, every=every, said=refused.refusal.say, status=status_of(refused.refusal)
        )
    return RedirectResponse(f"{COMMENTS}{'?show=all' if every else ''}", status_code=303)
