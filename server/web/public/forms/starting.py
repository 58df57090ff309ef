"""Before the first question: which forms there are, and what one is for, what one needs, how long it takes and what happens with what is told.

Whoever begins gets an empty form, whatever was filled in before in this browser: on a library's computer that may be another person's. The one
before is thrown away with it.
"""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.actions import carrying
from server.web.gate import house_of
from server.web.public.forms.asking import text_in
from server.web.public.forms.begun import actor_of, begin, begun, fresh, give_secret, sent
from server.web.public.forms.drawing import page, public, say, some_place, to
from server.web.public.forms.offering import FormAt, by_slug, forms_on_web
from server.web.public.voice import Voice, voice_of

router = APIRouter()


@router.get("/forms")
@public
async def every_form(request: Request) -> Response:
    """Every form, under its centre where there are several."""
    voice = voice_of(request)
    offered = await house_of(request).read(forms_on_web)
    centres = {each.centre_id: each.centre for each in offered}
    wanted = request.query_params.get("centre", "")
    chosen = {number: centre for number, centre in centres.items() if centre.slug == wanted} or centres
    lists = [
        (centre, [each for each in offered if each.centre_id == number]) for number, centre in chosen.items()
    ]
    only = next(iter(chosen.values())) if len(chosen) == 1 else None
    return page(
        request,
        "list.html",
        voice,
        title=voice.word("form_web.list_title"),
        place=await some_place(request) if only is None else _place(lists[0][1][0], voice),
        lists=lists,
        several=len(centres) > 1,
    )


def _place(at: FormAt, voice: Voice) -> object:
    return at.place(voice)


@router.get("/forms/{slug}")
@public
async def start(request: Request, slug: str) -> Response:
    """What it is for; and where, when several centres take it."""
    voice = voice_of(request)
    offered = await _offered(request, slug)
    if not offered:
        return say(request, voice, "not_offered", status=404, place=await some_place(request))
    at = _chosen(offered, request.query_params.get("centre", ""))
    # Only who comes back from its first page is led on: another person at the same computer is told of no form.
    left = await begun(request, slug) if request.query_params.get("back") else None
    shown = at or offered[0]
    return page(
        request,
        "start.html",
        voice,
        title=voice.of(shown.shape.title),
        place=at.place(voice) if at is not None else await some_place(request),
        back="/forms",
        at=shown,
        form=shown.shape,
        centres=offered if at is None else (),
        chosen=at,
        left=left.next_path if left is not None and not left.is_sent else "",
    )


@router.post("/forms/{slug}")
@public
async def begin_form(request: Request, slug: str) -> Response:
    data = await sent(request)
    voice = voice_of(request)
    offered = await _offered(request, slug)
    if not offered:
        return say(request, voice, "not_offered", status=404, place=await some_place(request))
    at = _chosen(offered, text_in(data, "centre"))
    if at is None:
        return to(f"/forms/{slug}")
    before = await begun(request, slug)
    secret = await begin(request, at, voice, fresh(house_of(request).clock.micros()))
    if secret is None:
        return say(request, voice, "stopped_tries", status=429, place=at.place(voice), again=f"/forms/{slug}")
    if before is not None:
        dropping = partial(carrying.drop, carried_id=before.held.id)
        await house_of(request).change(actor_of(request, before.at.centre_id), "drop_form", dropping)
    answer = to(f"/forms/{slug}/fill?begun=1")
    give_secret(request, answer, slug, secret)
    return answer


async def _offered(request: Request, slug: str) -> list[FormAt]:
    return by_slug(await house_of(request).read(forms_on_web)).get(slug, [])


def _chosen(offered: list[FormAt], centre: str) -> FormAt | None:
    if len(offered) == 1:
        return offered[0]
    return next((each for each in offered if each.centre.slug == centre), None)
