"""What for, where and when: the pages that end with a time held.

A press on a service, a centre or a time is the answer itself; there is no second button. The form begins with the first answer, so that whoever only
looks around leaves nothing here. A time is held for ten minutes from choosing it, and every later page says until when.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from server.actions import drafts
from server.clock import to_micros
from server.domain.refusals import Refused
from server.web.gate import house_of
from server.web.identity import address_of
from server.web.public import steps
from server.web.public.drawing import page, to
from server.web.public.filling import (
    Filling,
    actor_of,
    filling,
    fresh_key,
    give_key,
    moment_in,
    no_form,
    public,
    say,
    sent,
    some_place,
    text_in,
)
from server.web.public.offering import OfferedAt, one_each, public_services, searched
from server.web.public.times import interpreted, when_page
from server.web.public.voice import Voice, voice_of
from wire.vocabulary import RefusalCode

router = APIRouter()
MOST_WORDS = 60
BACK_TO_WHAT = "/book?change=1"


@router.get("/book")
@public
async def what(request: Request) -> Response:
    """Every service that can be booked, or those the words lead to."""
    voice = voice_of(request)
    offered = one_each(await house_of(request).read(public_services))
    words = request.query_params.get("q", "")[:MOST_WORDS].strip()
    found = searched(offered, words, voice)
    changing = "change" in request.query_params  # whoever else opens this page is told of nobody's form
    form = await filling(request, also_gone=True) if changing else None
    return page(
        request,
        "what.html",
        voice,
        title=voice.say("what_title"),
        place=await some_place(request),
        groups=_by_choice(found or offered, voice),
        words=words,
        none_found=bool(words) and not found,
        searchable=len(offered) > 6,
        any=bool(offered),
        changing=changing,
        form=form if form is not None and form.held and form.chosen_at is not None and form.at else None,
    )


def _by_choice(offered: list[OfferedAt], voice: Voice) -> list[tuple[str, list[OfferedAt]]]:
    """Under the words of the kiosk's first choices where there are many, under nothing where they are few."""
    if len(offered) <= 6:
        return [("", offered)]
    groups: dict[str, list[OfferedAt]] = {}
    for each in offered:
        groups.setdefault(voice.of(each.choice.names) if each.choice else "", []).append(each)
    return sorted(groups.items(), key=lambda group: group[0] == "")


@router.post("/book")
@public
async def begin(request: Request) -> Response:
    """The first answer: a new form, whatever was filled in before, for it may be another person's, on a library's computer. Only who comes back
    from their own form (`change`) keeps what they told."""
    data = await sent(request)
    voice = voice_of(request)
    slug = text_in(data, "service")
    offered = [each for each in await house_of(request).read(public_services) if each.service.slug == slug]
    if not offered:
        return say(request, voice, "not_offered", status=404, place=await some_place(request))
    before, key = await filling(request, also_gone=True), fresh_key()
    answers: dict[str, Any] = {"service": slug}
    if len(offered) == 1:
        answers["centre"] = offered[0].centre.slug
    if before is not None and not before.done and text_in(data, "change"):
        if before.answers.get("service") == slug:
            return to("/book/where" if len(offered) > 1 else "/book/when")
        passed = [each for each in before.passed if each != steps.Step.QUESTIONS]
        answers |= {"given": dict(before.given), "passed": passed}
    beginning = partial(
        drafts.begin, key=key, address=address_of(request), language=voice.language, answers=answers
    )
    why = await house_of(request).change(actor_of(request), "begin_draft", beginning)
    if why is not None:
        return stopped(request, voice, offered[0], why, again="/book")
    if before is not None and before.at is not None:
        start_over = partial(drafts.start_over, key=before.key)
        await house_of(request).change(actor_of(request, before.at.centre_id), "drop_draft", start_over)
    answer = to("/book/when?begun=1" if len(offered) == 1 else "/book/where?begun=1")
    give_key(request, answer, key)
    return answer


@router.get("/book/where")
@public
async def where(request: Request) -> Response:
    form = await filling(request)
    if form is None:
        return await no_form(request)
    if form.done or not form.offered:
        return to(form.next_path)
    voice = form.voice
    return page(
        request,
        "where.html",
        voice,
        title=voice.say("where_title"),
        back=BACK_TO_WHAT,
        form=form,
        places=[(each, each.place(voice).contact) for each in form.offered],
    )


@router.post("/book/where")
@public
async def choose_centre(request: Request) -> Response:
    form = await filling(request)
    if form is None:
        return await no_form(request)
    data = await sent(request, form)
    at = next((each for each in form.offered if each.centre.slug == text_in(data, "centre")), None)
    if at is None:
        return to("/book/where")
    chosen = at.centre.slug
    stays = chosen == form.answers.get("centre")
    answers = form.answers if stays else form.with_(centre=chosen, at=None, interpreter=None)
    keeping = partial(drafts.keep, key=form.key, language=form.voice.language, answers=answers)
    await house_of(request).change(actor_of(request, at.centre_id), "keep_draft", keeping)
    return to("/book/when")


@router.get("/book/when")
@public
async def when(request: Request) -> Response:
    form = await filling(request)
    if form is None:
        return await no_form(request)
    if form.done or form.at is None:
        return to(form.next_path)
    lost = form.lost if "lost" in request.query_params else None
    return await when_page(
        request,
        form.voice,
        form.at,
        action="/book/when",
        token=form.token,
        back="/book/where" if len(form.offered) > 1 else BACK_TO_WHAT,
        interpreter=form.interpreter,
        mornings_only=bool(form.answers.get("mornings")),
        lost=lost,
        near=lost,
        held=form.booking if form.held else None,
        chosen_at=form.chosen_at,
    )


@router.post("/book/when")
@public
async def choose_time(request: Request) -> Response:
    """A time was pressed, or who must be there (`show`): keep that and look again."""
    form = await filling(request)
    if form is None:
        return await no_form(request)
    if form.done or form.at is None:
        return to(form.next_path)
    data = await sent(request, form)
    if "show" in data:
        known = await house_of(request).read(partial(interpreted, centre_id=form.at.centre_id))
        wanted = text_in(data, "interpreter")
        interpreter = wanted if wanted in known else None
        answers = form.with_(
            interpreter=interpreter,
            mornings=text_in(data, "mornings") == "yes",
            at=form.chosen_at if interpreter == form.interpreter else None,
        )
        keeping = partial(drafts.keep, key=form.key, language=form.voice.language, answers=answers)
        await house_of(request).change(actor_of(request, form.at.centre_id), "keep_draft", keeping)
        return to("/book/when")
    starts_at = moment_in(data, "at")
    if starts_at is None:
        return to("/book/when")
    return await hold(request, form, form.at, starts_at)


async def hold(request: Request, form: Filling, at: OfferedAt, starts_at: int) -> Response:
    """Keep this time for the form and go on; a time that has gone is said on the page of times, with the nearest ones."""
    choosing = partial(
        drafts.choose,
        key=form.key,
        centre_id=at.centre_id,
        service=at.service.slug,
        starts_at=starts_at,
        interpreter=form.interpreter,
        address=address_of(request),
    )
    try:
        held = await house_of(request).change(actor_of(request, at.centre_id), "hold", choosing)
    except Refused as error:
        if error.refusal.code not in (RefusalCode.CLOSED, RefusalCode.WRONG_STATE, RefusalCode.MALFORMED):
            raise
        missing = partial(
            drafts.keep,
            key=form.key,
            language=form.voice.language,
            answers=form.with_(at=_still_kept(form, at), lost=starts_at),
        )
        await house_of(request).change(actor_of(request, at.centre_id), "keep_draft", missing)
        return to("/book/when?lost=1")
    if isinstance(held, drafts.Stopped):
        return stopped(request, form.voice, at, held)
    found = await filling(request)
    return to(found.next_path if found else "/book")


def _still_kept(form: Filling, at: OfferedAt) -> int | None:
    """The time held before, when the one reached for could not be had: what was refused changed nothing of it."""
    booking = form.booking if form.held else None
    suits = (
        booking is not None
        and booking.service_id == at.service.id
        and booking.interpreter == form.interpreter
    )
    return to_micros(booking.starts_at) if booking is not None and suits else None


def stopped(
    request: Request, voice: Voice, at: OfferedAt, why: drafts.Stopped, again: str = "/book/when"
) -> Response:
    key = f"stopped_{why.value}"
    return say(request, voice, key, status=429, place=at.place(voice), again=again)


@router.post("/book/keep")
@public
async def keep_on(request: Request) -> Response:
    """Hold the time that ran out once more."""
    form = await filling(request)
    if form is None:
        return await no_form(request)
    await sent(request, form)
    if form.done or form.at is None or form.chosen_at is None:
        return to(form.next_path)
    return await hold(request, form, form.at, form.chosen_at)
