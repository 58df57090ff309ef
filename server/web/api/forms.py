"""What devices ask about forms over HTTP: the text of a version, and begun forms on their way from or to a phone (`wire.carrying`).

Only kiosks and scan stations of the centre that has the form. What is carried is sealed by whoever holds the QR; here it is laid down, given out and
thrown away, never opened.
"""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select
from starlette.responses import JSONResponse, Response

from server.actions import carrying
from server.actions.carrying import BODY, IN_ROW_BYTES, ON_ITS_WAY, Held, Kind, document_of, in_pieces
from server.actions.forms import version_text
from server.domain.refusals import Refused
from server.edge import House
from server.store.tables import Form
from server.web.gate import Guarded, house_of
from server.web.identity import Caller
from wire import carrying as wired
from wire.body import Hash
from wire.carrying import CarriedNow, Carrying
from wire.vocabulary import RefusalCode

router = APIRouter()
_ID = TypeAdapter(Hash)
TEXT = "application/yaml; charset=utf-8"
A_DAY = "private, max-age=86400, immutable"


@router.get("/api/forms/{slug}/{version}")
async def form_text(request: Request, caller: Guarded, slug: str, version: int) -> Response:
    """As it was published; it never changes."""
    text = await house_of(request).read(
        partial(_text, centre_id=caller.actor.centre, slug=slug, version=version)
    )
    if text is None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such form, or no such version of it.")
    return Response(text, media_type=TEXT, headers={"cache-control": A_DAY})


def _text(session: Session, *, centre_id: int, slug: str, version: int) -> str | None:
    form_id = session.exec(
        select(Form.id).where(col(Form.centre_id) == centre_id, col(Form.slug) == slug)
    ).one_or_none()
    return version_text(session, form_id, version) if form_id is not None else None


@router.put("/api/carried/{carried_id}")
async def lay_down(request: Request, caller: Guarded, carried_id: str) -> Response:
    """The sealed bytes of a form that goes on to a phone."""
    house, what, body = house_of(request), _what(request), await request.body()
    _named(carried_id)
    if not 0 < len(body) <= wired.MOST_BYTES:
        raise Refused(RefusalCode.MALFORMED, "There is nothing in it.")
    known = partial(_text, centre_id=caller.actor.centre, slug=what.slug, version=what.version)
    if await house.read(known) is None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such form, or no such version of it.")
    if await house.read(partial(carrying.held, carried_id=carried_id)) is None:
        expires_at = house.clock.micros() + round(ON_ITS_WAY.total_seconds() * 1_000_000)
        await hand_over(house, caller, carried_id, Kind.PHONE, what, body, expires_at)
    return await _now(house, caller, carried_id)


async def hand_over(
    house: House,
    caller: Caller,
    carried_id: str,
    kind: Kind,
    what: Carrying,
    body: bytes,
    expires_at: int,
) -> None:
    """A short body goes into its row, a long one piece by piece beside it, so that nobody waits for it."""
    long = len(body) > IN_ROW_BYTES
    if long:  # of a try that broke off, some may lie there
        dropping = partial(carrying.drop_file, document=document_of(carried_id, BODY))
        await house.change(caller.actor, "carry_piece", dropping)
    for number, piece in in_pieces(body) if long else ():
        adding = partial(
            carrying.add_piece, document=document_of(carried_id, BODY), number=number, body=piece
        )
        await house.change(caller.actor, "carry_piece", adding)
    handing = partial(
        carrying.hand_over,
        carried_id=carried_id,
        centre_id=caller.actor.centre,
        kind=kind,
        slug=what.slug,
        version=what.version,
        language=what.language,
        body=b"" if long else body,
        expires_at=expires_at,
    )
    await house.change(caller.actor, "carry", handing)


@router.get("/api/carried/{carried_id}")
async def what_became(request: Request, caller: Guarded, carried_id: str) -> Response:
    """Whether it was opened."""
    _named(carried_id)
    return await _now(house_of(request), caller, carried_id)


@router.delete("/api/carried/{carried_id}")
async def take_back(request: Request, caller: Guarded, carried_id: str) -> Response:
    """Its visitor stays where they are."""
    _named(carried_id)
    house = house_of(request)
    found = await house.read(partial(carrying.held, carried_id=carried_id))
    if found is not None and found.centre_id == caller.actor.centre and found.kind is not Kind.WEB:
        await house.change(caller.actor, "carry_back", partial(carrying.drop, carried_id=carried_id))
    return await _now(house, caller, carried_id)


@router.post("/api/carried/{carried_id}/open")
async def open_carried(request: Request, caller: Guarded, carried_id: str) -> Response:
    """The sealed bytes, for the kiosk that was shown the QR."""
    _named(carried_id)
    house = house_of(request)
    asking = partial(carrying.may_ask, what="carry_on", subject=carried_id)
    if not await house.change(caller.actor, "carry_on", asking):
        raise Refused(RefusalCode.TRY_LATER, "This was tried very often. Try again in a quarter of an hour.")
    found = await house.read(partial(carrying.held, carried_id=carried_id))
    if found is None or found.centre_id != caller.actor.centre or not is_open(found, house.clock.micros()):
        raise Refused(RefusalCode.UNKNOWN, "There is no such form, or not any more.")
    body = await body_of(house, found)
    await house.change(caller.actor, "carry_open", partial(carrying.use, carried_id=carried_id))
    headers = {
        wired.SLUG_HEADER: found.slug,
        wired.VERSION_HEADER: str(found.version),
        wired.LANGUAGE_HEADER: found.language,
    }
    return Response(body, media_type="application/octet-stream", headers=headers)


def is_open(found: Held, now: int) -> bool:
    """Whether it can be opened (again)."""
    if found.kind is Kind.WEB or found.expires_at <= now or found.became is not None:
        return False
    return found.kind is Kind.DAY or not found.opened


async def body_of(house: House, found: Held) -> bytes:
    if found.body:
        return found.body
    document = document_of(found.id, BODY)
    return await house.read(partial(carrying.pieces_of, document=document))


async def _now(house: House, caller: Caller, carried_id: str) -> Response:
    found = await house.read(partial(carrying.held, carried_id=carried_id))
    now = house.clock.micros()
    if found is None or found.centre_id != caller.actor.centre:
        return JSONResponse(CarriedNow(state="over").model_dump())
    state = "opened" if found.opened else "waiting" if found.expires_at > now else "over"
    return JSONResponse(CarriedNow(state=state).model_dump())


def _named(carried_id: str) -> None:
    try:
        _ID.validate_python(carried_id)
    except ValidationError:
        raise Refused(RefusalCode.UNKNOWN, "There is no such form, or not any more.") from None


def _what(request: Request) -> Carrying:
    try:
        return Carrying.model_validate(dict(request.query_params), strict=False)
    except ValidationError:
        raise Refused(RefusalCode.MALFORMED, "It does not say of which form it is.") from None
