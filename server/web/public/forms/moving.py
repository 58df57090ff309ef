"""A begun form that comes to this phone: the QR of a kiosk, or a reference that was kept for the day.

Looking at the address changes nothing, because telephones and mail programs look at addresses by themselves; pressing "carry on" moves the answers into
a form of this browser's own and uses the QR up. Whoever is second, or too late, is told so kindly, and where to begin again.
"""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from forms.carrying import Begun as Carried
from forms.carrying import BegunFile, CannotOpen, id_of, unseal
from server.actions import carrying
from server.actions.carrying import Held, Kind
from server.domain.refusals import Refused
from server.web.api.forms import body_of, is_open
from server.web.gate import house_of
from server.web.public.forms.begun import Begun, actor_of, begin, begun, fresh, give_secret, keep, sent
from server.web.public.forms.drawing import page, public, say, some_place, to
from server.web.public.forms.offering import FormAt, form_at
from server.web.public.forms.person import slow_secret
from server.web.public.forms.pictures import Taken
from server.web.public.forms.uploads import kept_as
from server.web.public.voice import Voice, voice_of
from wire.references import read_reference
from wire.vocabulary import RefusalCode

router = APIRouter()
MOST_SECRET = 100


@router.get("/carry-on/{secret}")
@public
async def arrived(request: Request, secret: str) -> Response:
    found = await _found(request, secret)
    if isinstance(found, Response):
        return found
    held, at, voice, _ = found
    return page(
        request,
        "carry_on.html",
        voice,
        title=voice.word("form_web.carry_title"),
        place=at.place(voice),
        at=at,
        form=at.shape,
        once=held.kind is Kind.PHONE,
    )


@router.post("/carry-on/{secret}")
@public
async def carry_on(request: Request, secret: str) -> Response:
    """Move it into this browser."""
    await sent(request)
    found = await _found(request, secret)
    if isinstance(found, Response):
        return found
    held, at, voice, key = found
    house = house_of(request)
    try:
        what = unseal(await body_of(house, held), key)
    except CannotOpen:  # or somebody else was quicker, and what it was is thrown away already
        now = await house.read(partial(carrying.held, carried_id=held.id))
        used = now is not None and now.opened
        return await _no(request, "carry_used" if used else "carry_unknown", 410 if used else 404)
    before = await begun(request, at.slug)
    answer = await _moved(request, at, Voice(what.language), what)
    if answer is None:
        return say(request, voice, "stopped_tries", status=429, place=at.place(voice))
    response, own = answer
    try:
        using = partial(carrying.use, carried_id=held.id)
        await house.change(actor_of(request, at.centre_id), "carry_use", using)
    except Refused:  # somebody else was quicker
        dropping = partial(carrying.drop, carried_id=id_of(own), ended=None)
        await house.change(actor_of(request, at.centre_id), "drop_form", dropping)
        return await _no(request, "carry_used", 410)
    if before is not None:
        dropping = partial(carrying.drop, carried_id=before.held.id)
        await house.change(actor_of(request, before.at.centre_id), "drop_form", dropping)
    return response


async def _found(request: Request, text: str) -> tuple[Held, FormAt, Voice, str] | Response:
    """The row, its form, how to speak, and the key; or the page that says why not."""
    house = house_of(request)
    if len(text) > MOST_SECRET:
        return await _no(request, "carry_unknown", 404)
    reference = read_reference(text)
    if reference is not None:
        # Counted under a mark: a quick hash in a row would lead whoever steals the rows to the reference, and so to the form.
        named = house.keyring.mark("carry on", reference.encode())
        asking = partial(carrying.may_ask, what="carry_on", subject=named)
        if not await house.change(actor_of(request, 0), "carry_on", asking):
            raise Refused(RefusalCode.TRY_LATER, "This was tried very often.")
    key = await slow_secret(request, text)
    held = await house.read(partial(carrying.held, carried_id=id_of(key)))
    if held is None or held.kind is Kind.WEB:
        return await _no(request, "carry_unknown", 404)
    if not is_open(held, house.clock.micros()):
        used = held.became is not None or (held.opened and held.kind is Kind.PHONE)
        return await _no(request, "carry_used" if used else "carry_late", 410, again=f"/forms/{held.slug}")
    at = await house.read(partial(form_at, centre_id=held.centre_id, slug=held.slug, version=held.version))
    if at is None:
        return await _no(request, "carry_unknown", 404)
    return held, at, voice_of(request, held.language), key


async def _no(request: Request, key: str, status: int, again: str = "/forms") -> Response:
    return say(request, voice_of(request), key, status=status, place=await some_place(request), again=again)


async def _moved(request: Request, at: FormAt, voice: Voice, what: Carried) -> tuple[Response, str] | None:
    """A form of this browser's own with everything in it, and its secret; None when too many were begun here."""
    now = house_of(request).clock.micros()
    state = {**fresh(now), "answers": what.answers, "typed": what.typed, "before": what.seconds}
    secret = await begin(request, at, voice, state)
    if secret is None:
        return None
    held = await house_of(request).read(partial(carrying.held, carried_id=id_of(secret)))
    assert held is not None, "it was begun just now"
    form = Begun(secret, held, at, voice, now, state)
    for name, each in what.files.items():
        form = await kept_as(request, form, name, _taken(name, each))
    await keep(request, form)
    response = to(f"{form.path}/fill?begun=1")
    give_secret(request, response, at.slug, secret)
    return response, secret


def _taken(name: str, file: BegunFile) -> Taken:
    ending = name.rpartition(".")[2]
    type_ = next((each for each in ("image/png", "application/pdf") if each == file.type), "image/jpeg")
    return Taken(type_, ending, file.body)  # type: ignore[arg-type]  # one of the three
