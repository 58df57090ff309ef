"""What programs read: the centre, what can be booked and when, and what is booked.

A key is for one centre, so there is one to list; the addresses name it all the same, that a program for several centres is the same program.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy import and_, or_, text
from sqlmodel import Session, col, select
from starlette.requests import Request

from server.actions import api_keys, programs
from server.actions.keys import link_to
from server.clock import from_micros, to_micros
from server.domain.access import Actor
from server.domain.offers import Offer
from server.domain.refusals import Refused
from server.live import offered
from server.store.tables import ApiKey, Booking, Centre, Service
from server.web.api.v1 import shapes
from server.web.api.v1.answers import pace, refusals
from server.web.gate import Guarded, house_of
from wire.body import Slug, Wants
from wire.vocabulary import BookingState, RefusalCode

router = APIRouter(prefix="/api/v1", dependencies=[Depends(pace)])

MOST_DAYS = 62
MOST_ITEMS = 200
NIGHT = timedelta(days=1)
"""Nothing that begins on a day is held longer than into the next."""

CentreSlug = Annotated[Slug, Path(description="The centre's slug.", examples=["york-house"])]
ServiceSlug = Annotated[Slug, Path(description="The service's slug.", examples=["council-tax"])]
Reference = Annotated[
    str,
    Path(
        description="As the visitor says it, with or without the hyphen.",
        pattern=r"^[A-Za-z0-9 -]{8,20}$",
        examples=["BCDF-3467"],
    ),
]


@router.get(
    "/centres",
    response_model=shapes.Centres,
    responses=refusals(),
    tags=["what can be booked"],
    operation_id="centres",
)
async def centres(request: Request, caller: Guarded) -> Any:
    """The centre that the key is for."""

    def read(session: Session) -> dict[str, Any]:
        return {"items": [_centre(session, _key(session, caller.actor))]}

    return await house_of(request).read(read)


def _centre(session: Session, key: ApiKey) -> dict[str, Any]:
    centre = session.get_one(Centre, key.centre_id)
    fields = ("slug", "name", "address", "timezone", "languages")
    return {name: getattr(centre, name) for name in fields}


@router.get(
    "/centres/{centre}/services",
    response_model=shapes.Services,
    responses=refusals(404),
    tags=["what can be booked"],
    operation_id="services",
)
async def services(request: Request, caller: Guarded, centre: CentreSlug) -> Any:
    """The services that this key can book, in the words that the public reads."""

    def read(session: Session) -> dict[str, Any]:
        key = _key(session, caller.actor)
        programs.centre_of(session, key, centre)
        return {"items": [_service(*each) for each in programs.services_of(session, key)]}

    return await house_of(request).read(read)


def _service(service: Service, offer: Offer) -> dict[str, Any]:
    questions = [
        {
            "slug": each.slug,
            "text": dict(each.text),
            "required": each.required,
            "choices": {slug: dict(words) for slug, words in each.choices.items()},
        }
        for each in offer.questions
    ]
    return {
        "slug": service.slug,
        "names": service.names,
        "help": service.help,
        "minutes": offer.minutes,
        "notice_hours": offer.notice_hours,
        "ahead_days": offer.ahead_days,
        "asks": dict(offer.asks),
        "questions": questions,
        "bring": [dict(words) for words in offer.bring],
    }


@router.get(
    "/centres/{centre}/services/{service}/slots",
    response_model=shapes.Days,
    responses=refusals(404, 422),
    tags=["what can be booked"],
    operation_id="slots",
)
async def slots(
    request: Request,
    caller: Guarded,
    centre: CentreSlug,
    service: ServiceSlug,
    first: Annotated[shapes.On, Query(alias="from", description="The first date.", examples=["2026-12-01"])],
    last: Annotated[
        shapes.On,
        Query(alias="to", description="The last date, at most 61 days later.", examples=["2026-12-07"]),
    ],
    interpreter: Annotated[
        Wants | None,
        Query(description="Only when such an interpreter is free: a language's code, or sign_language."),
    ] = None,
) -> Any:
    """The free times, day by day, as of now. A time shown may be gone a moment later: hold it."""
    house = house_of(request)
    if last < first or (last - first).days >= MOST_DAYS:
        raise Refused(
            RefusalCode.MALFORMED, f"Ask for at most {MOST_DAYS} days, from the earlier to the later date."
        )
    now = house.clock.micros()

    def read(session: Session) -> dict[str, Any]:
        key = _key(session, caller.actor)
        zone = ZoneInfo(programs.centre_of(session, key, centre).timezone)
        wanted = programs.service_of(session, key, service)
        if abs((first - from_micros(now).date()).days) > 1000:
            days = [offered.Day(first + n * NIGHT, (), "too_far") for n in range((last - first).days + 1)]
        else:
            days = offered.days(session, key.centre_id, wanted, first, last, now, interpreter=interpreter)
        return {"items": [_day(each, zone) for each in days]}

    return await house.read(read)


def _day(day: offered.Day, zone: ZoneInfo) -> dict[str, Any]:
    times = [
        {
            "starts_at": programs.written(from_micros(slot.starts_at), zone),
            "ends_at": programs.written(from_micros(slot.ends_at), zone),
        }
        for slot in day.slots
    ]
    return {"on": day.on, "slots": times, "why": None if times else day.why}


@router.get(
    "/appointments",
    response_model=shapes.Appointments,
    responses=refusals(404),
    tags=["appointments"],
    operation_id="appointments",
)
async def appointments(
    request: Request,
    caller: Guarded,
    on: Annotated[shapes.On, Query(description="The centre's local date.", examples=["2026-12-01"])],
    service: Annotated[Slug | None, Query(description="Only of this service.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="How many at once.")] = 50,
    after: Annotated[
        str | None,
        Query(pattern=r"^[0-9]{1,17}-[0-9a-f]{32}$", description="`next` of the page before."),
    ] = None,
) -> Any:
    """The appointments of one day in the order of their times, without those that were cancelled. Needs the right to read."""
    house = house_of(request)

    def read(session: Session) -> dict[str, Any]:
        key = _key(session, caller.actor)
        found = _booked_on(session, key, on, service, limit, after)
        more = len(found) > limit
        last = found[limit - 1] if more else None
        items = [tell(request, session, caller.actor, each) for each in found[:limit]]
        return {"items": items, "next": f"{to_micros(last.starts_at)}-{last.id}" if last else None}

    return await house.read(read)


def _booked_on(
    session: Session, key: ApiKey, on: date, service: str | None, limit: int, after: str | None
) -> list[Booking]:
    """One more than `limit`, if there is one more."""
    if not 2000 <= on.year <= 2999:
        return []
    zone = ZoneInfo(session.get_one(Centre, key.centre_id).timezone)
    begins = datetime.combine(on, time(), zone)
    ends = datetime.combine(on + NIGHT, time(), zone)
    reached = [
        each
        for each in session.exec(select(Service).where(Service.centre_id == key.centre_id))
        if programs.reaches(key, each) and service in (None, each.slug)
    ]
    found = (
        select(Booking)
        .where(Booking.centre_id == key.centre_id, text("booking.state <> 'cancelled'"))
        .where(col(Booking.held_until) >= begins, col(Booking.held_until) < ends + NIGHT)
        .where(col(Booking.starts_at) >= begins, col(Booking.starts_at) < ends)
        .where(Booking.state != BookingState.HELD, col(Booking.service_id).in_([each.id for each in reached]))
        .order_by(col(Booking.starts_at), col(Booking.id))
        .limit(limit + 1)
    )
    if after is not None:
        at, _, number = after.partition("-")
        then = from_micros(min(int(at), _LATEST))
        later = col(Booking.starts_at) > then
        found = found.where(or_(later, and_(col(Booking.starts_at) == then, col(Booking.id) > number)))
    return list(session.exec(found).all())


_LATEST = to_micros(datetime.fromisoformat("2999-12-31T00:00:00+00:00"))


@router.get(
    "/appointments/{reference}",
    response_model=shapes.AppointmentOut,
    responses=refusals(404),
    tags=["appointments"],
    operation_id="appointment",
)
async def appointment(request: Request, caller: Guarded, reference: Reference) -> Any:
    """One appointment, whatever became of it."""

    def read(session: Session) -> dict[str, Any]:
        found = programs.appointment_of(session, _key(session, caller.actor), reference)
        return tell(request, session, caller.actor, found)

    return await house_of(request).read(read)


def tell(request: Request, session: Session, actor: Actor, found: Booking) -> dict[str, Any]:
    """As this key may know it."""
    return {
        **programs.told(session, found),
        "link": link_of(request, found.id) if "book" in actor.rights else None,
        "visitor": programs.named(found) if "names" in actor.rights else None,
    }


def link_of(request: Request, booking_id: str) -> str:
    """The address of the visitor's own page."""
    house = house_of(request)
    return f"{house.settings.public_url.rstrip('/')}/b/{link_to(house.link_key, 'booking', booking_id)}"


def _key(session: Session, actor: Actor) -> ApiKey:
    return api_keys.current(session, actor.id)
