"""Booking for a visitor who stands at the counter or is on the telephone: one page, by keyboard alone, in under a minute.

The form comes back with everything that was typed, whatever was wrong, and what is wrong is said next to its field. The appointment's id is made
with the form, so a form that is sent twice books once. What a service asks (its questions, whether a name or telephone is needed) follows the
service that is chosen; all of it is on the page already, and without script the page is made anew with what fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.domain.access import Actor
from server.domain.offers import Offer, read_offer
from server.live.diary import bookables_of, choosable, viewer_of
from server.live.diary_shapes import BookableNow
from server.store.tables import Booking, Centre, Choice, Service
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.appointment_asks import Problems, instant_of, is_id, judge_contact, millis_in, perform
from server.web.pages.appointment_times import times_for, wanted_in
from server.web.pages.appointments import MAY_GO_OVER, date_in, goes, may
from server.web.pages.visitor_sheet import drawn
from server.web.render import page
from wire.references import show_reference
from wire.vocabulary import BookableKind, BookingState, Language, Need, Role, new_id

router = APIRouter()

PLAIN = (
    "service",
    "starts_at",
    "on",
    "at",
    "name",
    "phone",
    "email",
    "language",
    "interpreter",
    "people",
    "note",
)
MORE = ("person", "room", "over", "safe_to_text")


@dataclass(frozen=True)
class Bookable:
    """A service that can be booked here, and the words that find it."""

    slug: str
    name: str
    help: str
    found_by: str
    discreet: bool
    offer: Offer


@dataclass(frozen=True)
class Desk:
    """What there is to choose from."""

    services: tuple[Bookable, ...]
    people: tuple[BookableNow, ...]
    rooms: tuple[BookableNow, ...]
    interpreters: tuple[str, ...]
    languages: tuple[str, ...]
    zone: ZoneInfo

    def service(self, slug: str) -> Bookable | None:
        return next((each for each in self.services if each.slug == slug), None)


def read_desk(session: Session, actor: Actor) -> Desk:
    centre = session.get_one(Centre, actor.centre)
    viewer = viewer_of(session, actor)
    rows = session.exec(
        select(Service, Choice).join(Choice, isouter=True).where(Service.centre_id == actor.centre)
    )
    offered = []
    for service, choice in sorted(rows, key=lambda row: (row[1].position if row[1] else 0, row[0].position)):
        offer = read_offer(service.booking)
        if (
            offer is None
            or service.retired_at is not None
            or service.id is None
            or not viewer.sees(service.id)
        ):
            continue
        words = (*service.names.values(), service.help.get("en", ""), *service.synonyms)
        words = (*words, choice.names["en"] if choice else "", offer.partner)
        found_by = " ".join(dict.fromkeys(" ".join(words).casefold().split()))
        secret = service.discreet or service.private
        if secret and Role.DISCREET not in actor.roles:
            continue
        offered.append(
            Bookable(service.slug, service.names["en"], service.help.get("en", ""), found_by, secret, offer)
        )
    known = choosable(session, viewer)
    spoken = {tongue for each in known if each.kind is BookableKind.INTERPRETER for tongue in each.languages}
    return Desk(
        tuple(offered),
        tuple(each for each in known if each.kind is BookableKind.PERSON),
        tuple(each for each in known if each.kind is BookableKind.ROOM),
        tuple(sorted(spoken)),
        tuple(centre.languages),
        ZoneInfo(centre.timezone),
    )


@router.get("/appointments/new")
async def new(request: Request, caller: Guarded) -> Response:
    query = request.query_params
    typed = {name: query.get(name, "")[:60] for name in (*PLAIN, *MORE)}
    return await _show(request, caller, {**typed, "language": typed["language"] or "en", "people": "1"})


async def _show(
    request: Request,
    caller: Caller,
    typed: dict[str, Any],
    problems: Problems | None = None,
    said: str = "",
    status: int = 200,
    ids: tuple[str, str] | None = None,
) -> Response:
    house = house_of(request)
    desk = await house.read(partial(read_desk, actor=caller.actor))
    if len(desk.services) == 1:
        typed["service"] = desk.services[0].slug
    chosen = millis_in(typed["starts_at"]) or 0
    reading = partial(
        times_for, actor=caller.actor, wanted=wanted_in(typed), now=house.clock.micros(), chosen=chosen
    )
    context = {
        "desk": desk,
        "typed": {"needs": [], "answers": {}, **typed},
        "problems": problems or {},
        "times": await house.read(reading) if typed["service"] else None,
        "command": ids[0] if ids else new_id(),
        "booking": ids[1] if ids else new_id(),
        "may_go_over": bool(caller.actor.roles & MAY_GO_OVER),
        "may": partial(may, caller),
        "goes": partial(goes, caller),
    }
    return page(request, "appointments_new.html", said=said, status=status, **context)


@router.post("/appointments/new")
async def book(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    typed: dict[str, Any] = {name: text_of(form, name, 500) for name in (*PLAIN, *MORE)}
    typed["needs"] = [each for each in form.getlist("needs") if each in set(Need)]
    command, booking = text_of(form, "command", 32), text_of(form, "booking", 32)
    ids = (command, booking) if is_id(command) and is_id(booking) else (new_id(), new_id())
    desk = await house_of(request).read(partial(read_desk, actor=caller.actor))
    service = desk.service(typed["service"])
    typed["answers"] = _answers(form, service)
    if text_of(form, "show"):  # without script: another service, person or day was chosen
        return await _show(request, caller, typed, ids=ids)
    problems, starts = _judge(typed, service, desk.zone)
    if problems:
        return await _show(request, caller, typed, problems, status=422, ids=ids)
    body = {
        "do": "book",
        "booking": ids[1],
        "service": typed["service"],
        "starts_at": starts,
        **{name: typed[name] for name in ("name", "phone", "email", "needs", "answers", "note")},
        "people": typed["people"] or "1",
        "safe_to_text": typed["safe_to_text"] == "true",
        "language": typed["language"] if typed["language"] in set(Language) else Language.EN,
        "interpreter": typed["interpreter"] or None,
        "person": typed["person"] or None,
        "room": typed["room"] or None,
        "over": typed["over"] == "true",
    }
    done = await perform(request, caller, form, body)
    if done.said:
        return await _show(request, caller, typed, done.problems, done.said, done.status, ids)
    return RedirectResponse(f"/appointments/{ids[1]}/done", status_code=303)


def _answers(form: FormData, service: Bookable | None) -> dict[str, str]:
    """By question. Two services may ask the same, so each field is named with its service."""
    if service is None:
        return {}
    given = {each.slug: text_of(form, f"{service.slug}.{each.slug}", 300) for each in service.offer.questions}
    return {slug: answer for slug, answer in given.items() if answer}


def _judge(typed: dict[str, Any], service: Bookable | None, zone: ZoneInfo) -> tuple[Problems, int | None]:
    """What is wrong with each field, and the start in milliseconds."""
    problems: Problems = {}
    starts = millis_in(typed["starts_at"])
    if service is None:
        problems["service"] = "Choose what they need."
        return problems, None
    if typed["over"] == "true" and typed["at"]:
        on = date_in(typed["on"])
        instant = instant_of(on, typed["at"], zone) if on else None
        starts = instant // 1000 if instant is not None else None
        if starts is None:
            problems["at"] = (
                "Choose the day above and write a time such as 10:15. A time the clock skips that night is none."
            )
        elif len(typed["note"]) < 3:
            problems["note"] = "Say in the note why it is booked beyond what is offered."
    elif starts is None:
        problems["starts_at"] = "Choose a time."
    judge_contact(typed["phone"], typed["email"], problems)
    if service.offer.asks.get("name") == "required" and not typed["name"]:
        problems["name"] = "Ask for the visitor's name: this appointment needs one."
    if typed["safe_to_text"] == "true" and not typed["phone"]:
        problems.setdefault("phone", "Write the number that is safe to text, or take the tick away.")
    return problems, starts


# Done ------------------------------------------------------------------------------------------------------------


@router.get("/appointments/{booking_id}/done")
async def done(request: Request, booking_id: str, caller: Guarded) -> Response:
    """What is read aloud, copied or printed for the visitor who has just been booked. Who booked a private one may read it once more."""
    house = house_of(request)
    since = house.clock.now().timestamp() - 30 * 60
    found = await house.read(partial(_made, actor=caller.actor, booking_id=booking_id, since=since))
    if found is None:
        return RedirectResponse(f"/appointments/{booking_id}", status_code=303)
    public = house.settings.public_url.rstrip("/")
    side, path = drawn(f"{public}/check-in/{found['booking'].reference}") if public else (0, "")
    context = {**found, "side": side, "path": path, "show_reference": show_reference}
    return page(request, "appointment_done.html", **context, goes=partial(goes, caller))


def _made(session: Session, actor: Actor, booking_id: str, since: float) -> dict[str, Any] | None:
    """Only for who booked it, within half an hour."""
    row = session.get(Booking, booking_id)
    own = row is not None and row.centre_id == actor.centre and row.booked_by == actor.id
    if row is None or not own or row.state != BookingState.BOOKED or row.made_at.timestamp() < since:
        return None
    centre, service = session.get_one(Centre, row.centre_id), session.get_one(Service, row.service_id)
    known = bookables_of(session, actor.centre)
    return {
        "booking": row,
        "service": service,
        "offer": read_offer(service.booking),
        "zone": ZoneInfo(centre.timezone),
        "centre": centre,
        "person": known.get(row.person_id or 0),
        "room": known.get(row.room_id or 0),
    }
