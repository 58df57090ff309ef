"""The waiting list as visitors see it: join it where no time is free or none fits, book the place that is kept, leave it.

One page asks for the days and how to be told; they are two questions of one sentence, and whoever reads it has just been told no. A contact is all that is
kept. The link in the message is the key to the place, and to the way off the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from forms.contact import Email, read_email, read_phone
from forms.contact import Phone as RightPhone
from server.actions import drafts, wishes
from server.actions.keys import link_to
from server.clock import from_micros, to_micros
from server.domain.offers import Offer, read_offer
from server.live import offered as free_times
from server.store.tables import Booking, Centre, Service, Wish
from server.store.tx import Tx
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
    no_form,
    public,
    say,
    sent,
    some_place,
    text_in,
)
from server.web.public.offering import OfferedAt
from server.web.public.steps import Wrong
from server.web.public.times import called
from server.web.public.voice import voice_of
from wire.vocabulary import BookingState, Way

router = APIRouter()
FIELDS = ("first_on", "last_on", "mornings", "wish_phone", "wish_email")


@router.get("/book/wish")
@public
async def wish_form(request: Request) -> Response:
    form = await filling(request)
    if form is None:
        return await no_form(request)
    if form.done or form.at is None:
        return to(form.next_path)
    ways = house_of(request).carriers.ways
    days = await _days(request, form.at) if ways else []
    wrong = judge(form.given, days)[1] if "wish" in form.answers.get("wrong", ()) else ()
    voice = form.voice
    return page(
        request,
        "wish.html",
        voice,
        title=voice.say("wish_title"),
        place=form.at.place(voice),
        back="/book/when",
        wrong=bool(wrong),
        form=form,
        at=form.at,
        given={"mornings": "yes" if form.answers.get("mornings") else "", **form.given},
        interpreter=called(form.interpreter, voice) if form.interpreter else "",
        texts=Way.SMS in ways,
        mails=Way.EMAIL in ways,
        days=[(on.isoformat(), voice.day(on)) for on in days],
        wrongs={each.field: voice.wrong(each.key, each.values) for each in wrong},
    )


async def _days(request: Request, at: OfferedAt) -> list[date]:
    """The days one may wait for: those with hours, full or not."""
    now = house_of(request).clock.micros()
    today = from_micros(now).astimezone(at.zone).date()

    def reading(session: Session) -> list[date]:
        last = today + timedelta(days=at.offer.ahead_days)
        found = free_times.days(session, at.centre_id, at.service, today, last, now)
        return [day.on for day in found if day.why not in ("closed", "too_far", "too_soon")]

    return await house_of(request).read(reading)


def judge(given: Mapping[str, Any], days: list[date]) -> tuple[dict[str, Any], tuple[Wrong, ...]]:
    """What was asked for, and what must be asked again."""
    wrong: list[Wrong] = []
    first, last = _day(given.get("first_on")), _day(given.get("last_on"))
    if first not in days or last not in days or first is None or last is None:
        wrong.append(Wrong("first_on", "wish_days"))
    elif last < first:
        wrong.append(Wrong("last_on", "wish_order"))
    phone, email = "", ""
    typed = str(given.get("wish_phone", ""))
    if typed:
        read = read_phone(typed)
        if not isinstance(read, RightPhone):
            wrong.append(Wrong("wish_phone", steps.SAYINGS.get(read.key, read.key)))
        elif not read.textable and not given.get("wish_email"):
            wrong.append(Wrong("wish_phone", "phone_landline"))
        else:
            phone = read.e164
    typed = str(given.get("wish_email", ""))
    if typed:
        found = read_email(typed)
        if not isinstance(found, Email):
            wrong.append(Wrong("wish_email", steps.SAYINGS.get(found.key, found.key)))
        else:
            email = found.address
    if not given.get("wish_phone") and not given.get("wish_email"):
        wrong.append(Wrong("wish_phone", "wish_contact"))
    values = {
        "first_on": first,
        "last_on": last,
        "mornings_only": given.get("mornings") == "yes",
        "phone": phone,
        "email": email,
    }
    return values, tuple(wrong)


def _day(value: object) -> date | None:
    try:
        return datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007 - a date
    except ValueError:
        return None


@router.post("/book/wish")
@public
async def join(request: Request) -> Response:
    form = await filling(request)
    if form is None:
        return await no_form(request)
    data = await sent(request, form)
    if form.done or form.at is None:
        return to(form.next_path)
    at = form.at
    given = {**form.given, **{name: text_in(data, name) for name in FIELDS}}
    values, wrong = judge(given, await _days(request, at))
    language = text_in(data, "lang", 2)
    pages = [each for each in form.answers.get("wrong", ()) if each != "wish"]
    answers = form.with_(given=given, wrong=[*pages, "wish"] if wrong and not language else pages)
    await _keep(request, form, answers)
    if language:
        return to(f"/book/wish?lang={language}")
    if wrong:
        return to("/book/wish")
    joining = partial(
        wishes.join,
        centre_id=at.centre_id,
        service_id=at.service.id or 0,
        language=form.voice.language,
        interpreter=form.interpreter,
        address=address_of(request),
        **values,
    )
    wish = await house_of(request).change(actor_of(request, at.centre_id), "join_waiting_list", joining)
    if wish is None:
        return say(request, form.voice, "stopped_tries", status=429, place=at.place(form.voice))
    return to(f"/book/wish/{link_to(house_of(request).link_key, 'wish', wish.id)}")


async def _keep(request: Request, form: Filling, answers: dict[str, Any]) -> None:
    keeping = partial(drafts.keep, key=form.key, language=form.voice.language, answers=answers)
    centre = form.at.centre_id if form.at else 0
    await house_of(request).change(actor_of(request, centre), "keep_draft", keeping)


Waiting = tuple[Wish, Centre, Service, Booking | None]


async def _linked(request: Request, link: str) -> Waiting | None:
    wish_id = await house_of(request).linked("wish", link)

    def reading(session: Session) -> Waiting | None:
        wish = session.get(Wish, wish_id) if wish_id else None
        if wish is None:
            return None
        centre, service = session.get(Centre, wish.centre_id), session.get(Service, wish.service_id)
        kept = session.get(Booking, wishes.kept_id(wish)) if wish.told_of is not None else None
        return (wish, centre, service, kept) if centre is not None and service is not None else None

    return await house_of(request).read(reading)


def _is_kept(wish: Wish, kept: Booking | None, now: int) -> bool:
    """Whether a place is held for them at this moment."""
    return (
        wish.ended_at is None
        and kept is not None
        and kept.state == BookingState.HELD
        and kept.expires_at is not None
        and to_micros(kept.expires_at) > now
    )


@router.get("/book/wish/{link}")
@public
async def wish_page(request: Request, link: str) -> Response:
    found = await _linked(request, link)
    if found is None:
        return say(request, voice_of(request), "no_wish", status=404, place=await some_place(request))
    wish, centre, service, kept = found
    voice = voice_of(request, wish.language)
    at = _offered(centre, service)
    is_kept = _is_kept(wish, kept, house_of(request).clock.micros())
    state = "kept" if is_kept else "waiting" if wish.ended_at is None and wish.told_at is None else "over"
    return page(
        request,
        "wish_link.html",
        voice,
        title=voice.say(f"wish.{state}_title"),
        place=at.place(voice),
        at=at,
        wish=wish,
        state=state,
        kept=kept,
        link=f"/book/wish/{link}",
    )


def _offered(centre: Centre, service: Service) -> OfferedAt:
    from_file = read_offer(service.booking)
    return OfferedAt(centre, service, from_file or Offer())


@router.post("/book/wish/{link}")
@public
async def use_wish(request: Request, link: str) -> Response:
    """Book the place that is kept (`do=take`), or leave the list (`do=leave`)."""
    found = await _linked(request, link)
    if found is None:
        return say(request, voice_of(request), "no_wish", status=404, place=await some_place(request))
    wish, centre, service, kept = found
    data = await sent(request)
    actor = actor_of(request, wish.centre_id)
    if text_in(data, "do") == "leave":
        await house_of(request).change(actor, "leave_waiting_list", partial(wishes.leave, wish_id=wish.id))
        return to(f"/book/wish/{link}")
    if kept is None or not _is_kept(wish, kept, house_of(request).clock.micros()):
        return to(f"/book/wish/{link}")
    key = fresh_key()
    beginning = partial(
        _begin,
        key=key,
        address=address_of(request),
        language=voice_of(request, wish.language).language,
        answers={
            "service": service.slug,
            "centre": centre.slug,
            "at": to_micros(kept.starts_at),
            "wish": wish.id,
            **({"interpreter": wish.interpreter} if wish.interpreter else {}),
            "given": {"phone": wish.phone, "email": wish.email},
        },
        booking_id=kept.id,
    )
    why = await house_of(request).change(actor, "begin_draft", beginning)
    if why is not None:
        return say(request, voice_of(request, wish.language), f"stopped_{why.value}", status=429)
    form_path = steps.steps_of(_offered(centre, service).offer)[0].value
    answer = to(f"/book/you/{form_path}?begun=1")
    give_key(request, answer, key)
    return answer


def _begin(tx: Tx, *, answers: Mapping[str, Any], **values: Any) -> drafts.Stopped | None:
    why = drafts.begin(tx, answers=answers, **values)
    if why is None:
        wishes.give_time(tx, wish_id=answers["wish"])
    return why
