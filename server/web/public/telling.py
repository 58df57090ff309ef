"""Who it is for: name, the service's questions, how to reach them, what they need; then all of it to check, and done.

Only what the service asks for has a page. What was typed is written down before it is judged, so a mistake, a change of language or a lost time costs
nobody a word. Each form is answered by going on to the next page that is open; from the check one comes straight back to it, because nothing
else is open then. A time that ran out is held again by the next form sent, without a word, if nobody else took it.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from server.actions import drafts
from server.actions.booking import Who
from server.actions.keys import link_to
from server.clock import to_micros
from server.domain.posting import ways
from server.domain.refusals import Refused
from server.store.tables import Booking
from server.web.gate import house_of
from server.web.identity import address_of
from server.web.public import steps
from server.web.public.choosing import hold, stopped
from server.web.public.drawing import page, square, to
from server.web.public.filling import Filling, actor_of, filling, no_form, public, sent, text_in
from server.web.public.offering import OfferedAt
from server.web.public.steps import Step
from server.web.public.times import SIGN_LANGUAGE, called, interpreted
from server.web.public.voice import catalogue
from wire.references import show_reference
from wire.vocabulary import BookingState, Letter, Need, RefusalCode, Way

router = APIRouter()
AUTOCOMPLETE = {"name": "name", "phone": "tel", "email": "email"}


@router.get("/book/you/{step}")
@public
async def step_page(request: Request, step: str) -> Response:
    form = await filling(request)
    if form is None:
        return await no_form(request)
    found = _step(form, step)
    if found is None or form.at is None or form.chosen_at is None or form.done:
        return to(form.next_path)
    at, voice = form.at, form.voice
    asked = steps.steps_of(at.offer)
    before = asked[asked.index(found) - 1] if asked.index(found) else None
    reading = steps.read(found, form.given, at.offer)
    shown = reading if step in form.answers.get("wrong", ()) else steps.Reading(reading.values)
    return page(
        request,
        f"you_{found.value}.html",
        voice,
        title=voice.say(f"{found.value}_title"),
        place=at.place(voice),
        wrong=not shown.right,
        back=f"/book/you/{before.value}" if before else "/book/when",
        form=form,
        at=at,
        offer=at.offer,
        asks={what: steps.asked(at.offer, what) for what in ("name", "phone", "email")},
        given=form.given,
        reading=shown,
        wrongs={each.field: voice.wrong(each.key, each.values) for each in shown.wrong},
        needs=await _needs(request, at),
    )


async def _needs(request: Request, at: OfferedAt) -> list[Need]:
    """What can be ticked: whether an interpreter is needed was asked with the time where one must be free."""
    kept = await house_of(request).read(partial(interpreted, centre_id=at.centre_id))
    asked_before = {Need.INTERPRETER if len(code) == 2 else Need.SIGN_LANGUAGE for code in kept}
    return [need for need in Need if need not in asked_before]


def _step(form: Filling, name: str) -> Step | None:
    asked = steps.steps_of(form.at.offer) if form.at is not None else ()
    return next((step for step in asked if step.value == name), None)


@router.post("/book/you/{step}")
@public
async def answer_step(request: Request, step: str) -> Response:
    form = await filling(request)
    if form is None:
        return await no_form(request)
    found = _step(form, step)
    if found is None or form.at is None or form.chosen_at is None or form.done:
        return to(form.next_path)
    data = await sent(request, form)
    given = {**form.given, **_given(data, found, form.at)}
    answers, here = form.with_(given=given), f"/book/you/{step}"
    language = text_in(data, "lang", 2)
    if language in catalogue().languages():
        await _keep(request, form, answers, language)
        return to(f"{here}?lang={language}")
    right = steps.read(found, given, form.at.offer).right
    wrong = [each for each in form.answers.get("wrong", ()) if each != step]
    answers |= {"passed": sorted({*form.passed, step}), "wrong": wrong if right else [*wrong, step]}
    await _keep(request, form, answers, form.voice.language)
    if not right:
        return to(here)
    if not form.held:
        return await hold(request, form, form.at, form.chosen_at)
    saved = await filling(request)
    return to(saved.next_path if saved else "/book")


def _given(data: FormData, step: Step, at: OfferedAt) -> dict[str, Any]:
    """What was typed, as it was typed."""
    given: dict[str, Any] = {name: text_in(data, name) for name in steps.fields_of(step, at.offer)}
    if step is Step.NEEDS:
        ticked = [each for each in data.getlist("needs") if isinstance(each, str)]
        given["needs"] = [need.value for need in Need if need.value in ticked]
    if step is Step.CONTACT and text_in(data, "use"):
        given["email"] = text_in(data, "use")
    return given


async def _keep(request: Request, form: Filling, answers: dict[str, Any], language: str) -> None:
    keeping = partial(drafts.keep, key=form.key, language=language, answers=answers)
    centre = form.at.centre_id if form.at else 0
    await house_of(request).change(actor_of(request, centre), "keep_draft", keeping)


def told(form: Filling, at: OfferedAt) -> dict[str, Any]:
    """Everything the pages asked, judged."""
    return {
        name: value
        for step in steps.steps_of(at.offer)
        for name, value in steps.read(step, form.given, at.offer).values.items()
    }


@router.get("/book/check")
@public
async def check(request: Request) -> Response:
    form = await filling(request)
    if form is None:
        return await no_form(request)
    if form.next_path != "/book/check" or form.at is None or form.chosen_at is None:
        return to(form.next_path)
    at, voice = form.at, form.voice
    asked = steps.steps_of(at.offer)
    return page(
        request,
        "check.html",
        voice,
        title=voice.say("check_title"),
        place=at.place(voice),
        back=f"/book/you/{asked[-1].value}",
        form=form,
        at=at,
        told=told(form, at),
        steps=asked,
        asks={what: steps.asked(at.offer, what) for what in ("name", "phone", "email")},
        several=len(form.offered) > 1,
        interpreter=called(form.interpreter, voice) if form.interpreter else "",
        texts=Way.SMS in house_of(request).carriers.ways,
    )


@router.post("/book/check")
@public
async def confirm(request: Request) -> Response:
    """Book it, once. If the time has gone, that is said and the nearest are offered; the answers are all kept."""
    form = await filling(request)
    if form is None:
        return await no_form(request)
    data = await sent(request, form)
    if form.next_path != "/book/check" or form.at is None or form.chosen_at is None:
        return to(form.next_path)
    if text_in(data, "at", 20) != str(form.chosen_at):
        return to("/book/check")  # another window chose another time: look at what is to be booked
    confirming = partial(
        drafts.confirm,
        key=form.key,
        centre_id=form.at.centre_id,
        service=form.at.service.slug,
        who=_who(form, form.at),
        address=address_of(request),
    )
    try:
        booked = await house_of(request).change(
            actor_of(request, form.at.centre_id), "confirm_booking", confirming
        )
    except Refused as error:
        if error.refusal.code is not RefusalCode.CLOSED:
            raise
        await _keep(request, form, form.with_(at=None, lost=form.chosen_at), form.voice.language)
        return to("/book/when?lost=1")
    if isinstance(booked, drafts.Stopped):
        return stopped(request, form.voice, form.at, booked)
    return to("/book/done")


def _who(form: Filling, at: OfferedAt) -> Who:
    said = told(form, at)
    needs = [*said.get("needs", ())]
    if form.interpreter:
        needs.append(Need.SIGN_LANGUAGE if form.interpreter == SIGN_LANGUAGE else Need.INTERPRETER)
    return Who(
        name=said.get("name", ""),
        phone=said.get("phone", ""),
        email=said.get("email", ""),
        safe_to_text=said.get("safe_to_text", False),
        language=form.voice.language,
        needs=tuple(Need(each) for each in dict.fromkeys(needs)),
        people=said.get("people", 1),
        answers=said.get("answers", {}),
        note=said.get("note", ""),
    )


def _told(booking: Booking, open_ways: Collection[Way]) -> str:
    """What is said of the message on its way (`book.told_<this>`)."""
    found = ways(Letter.CONFIRMED, booking.phone, booking.email, booking.safe_to_text, open_ways)
    by = {way for way, _ in found}
    if len(by) > 1:
        return "both"
    return "text" if Way.SMS in by else "email" if by else "none"


@router.get("/book/done")
@public
async def done(request: Request) -> Response:
    """The reference, and what to do with it. For whoever booked, for an hour."""
    form = await filling(request)
    if form is None:
        return await no_form(request)
    if not form.done or form.booking is None or form.at is None:
        return to(form.next_path)
    booking, at, voice, house = form.booking, form.at, form.voice, house_of(request)
    link = f"/b/{link_to(house.link_key, 'booking', booking.id)}"
    if booking.state != BookingState.BOOKED:
        return to(link)  # cancelled since, or they are here: what it is now stands on its own page
    public_url = house.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return page(
        request,
        "done.html",
        voice,
        title=voice.say("done_title"),
        place=at.place(voice),
        form=form,
        at=at,
        booking=booking,
        starts_at=to_micros(booking.starts_at),
        told=_told(booking, house.carriers.ways),
        reference=show_reference(booking.reference),
        square=square(f"{public_url}/check-in/{booking.reference}"),
        link=link,
    )
