"""Appointments that no longer fit: why, where each could go with one tap, and all of them at once after a look.

Nothing here is stored and nothing is cancelled by itself: the list is worked out each time (`server.live.broken`), and moving or cancelling are the same
asks as everywhere, so the visitor is told as always. Names are shown to those who run appointments, of discreet services to those alone who may
know; everybody else sees times and references.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.clock import from_micros, to_micros
from server.domain.access import ASKS, Actor
from server.domain.breaking import Reason
from server.domain.capacity import Stretch
from server.domain.offers import read_offer
from server.domain.posting import ways
from server.domain.slots import MINUTE, Slot, nearest
from server.live import offered
from server.live.broken import Misfit, Supposed, misfits, newly_broken
from server.store.queries.bookings import Blocked
from server.store.tables import Booking, Centre, Service
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.appointment_asks import is_id, perform
from server.web.render import add_filters, page
from wire.references import show_reference
from wire.vocabulary import Letter, Role, Way, new_id

router = APIRouter()

SHOWN = 20
"""With times to go to; the others when these are done."""
MOST_AT_ONCE = 200
WEEKS_ROUND = 21
"""Days before and after its own in which the nearest free times are looked for."""
NEAREST = 3
WARNING = 24 * 60 * MINUTE
"""Nobody is moved by a tap to a time so near that they may not have read of it, unless it is later than the one they know."""
RUNNERS = frozenset({Role.ADVISER, Role.GREETER, Role.MANAGER})
PRIVATE = "Private appointment"
MOVED_ALL = "We had to move this appointment."


@dataclass(frozen=True)
class Row:
    """One of them as somebody may see it."""

    id: str
    starts_at: datetime
    reference: str
    title: str
    name: str
    why: str
    slots: tuple[Slot, ...] = ()
    command: str = ""
    """Makes a second tap do nothing more."""
    hidden: bool = False
    """Only those with the right may move it."""
    unreached: bool = False
    """Messages are sent, but none reaches this visitor: somebody rings, or they come in vain."""


@dataclass(frozen=True)
class Seen:
    rows: list[Row]
    more: int
    """Beyond those shown."""
    zone: ZoneInfo


def why_said(misfit: Misfit, *, hidden: bool = False) -> str:
    """Why it no longer fits, in a sentence. `hidden`: without what would tell what it is about."""
    who = misfit.who
    match misfit.broken.reason:
        case Reason.NO_SERVICE:
            return "There are no appointments for this any more."
        case Reason.CENTRE_CLOSED:
            return "The centre is closed then."
        case Reason.SERVICE_CLOSED:
            return "The service is not open then."
        case Reason.OTHER_HOURS:
            return "Appointments have other hours now."
        case Reason.BLOCKED:
            return "This time is blocked."
        case Reason.GONE:
            return "Whom or what it takes cannot be booked any more."
        case Reason.MAY_NOT:
            return f"{who} may not take it any more." if hidden else misfit.broken.say
        case Reason.AWAY:
            return f"{who} is away then."
    return f"{who} is not on the rota then."


def may_know(actor: Actor, discreet: bool) -> bool:
    return bool(actor.roles & RUNNERS) and (not discreet or Role.DISCREET in actor.roles)


def rows_for(session: Session, found: Sequence[Misfit], actor: Actor) -> list[Row]:
    """As this person may see them, without times to go to."""
    known = [each.id for each in found if may_know(actor, each.discreet)]
    query = select(Booking.id, Booking.name).where(col(Booking.id).in_(known))
    names: Mapping[str, str] = dict(session.exec(query).all()) if known else {}
    return [_row(each, names.get(each.id, ""), hidden=_is_hidden(each, actor)) for each in found]


def rows_of_block(
    session: Session, actor: Actor, now: int, starts_at: int, ends_at: int, about: str
) -> list[Row]:
    """What would be broken if this time were blocked. `about`: `bookable:7`, `service:<slug>`, or empty for the centre; microseconds."""
    kind, _, name = about.partition(":")
    bookable = int(name) if kind == "bookable" and name.isdecimal() else None
    service = None
    if kind == "service":
        query = select(Service.id).where(Service.centre_id == actor.centre, Service.slug == name)
        service = session.exec(query).first()
    if kind and bookable is None and service is None:
        return []
    block = Blocked(bookable, service, Stretch(starts_at // MINUTE, -(-ends_at // MINUTE)))
    return rows_for(session, newly_broken(session, actor.centre, now, Supposed(blocks=(block,))), actor)


def rows_unnamed(found: Sequence[Misfit]) -> list[Row]:
    """For whoever plans: when and which, not who."""
    return [_row(each, "", hidden=each.discreet) for each in found]


def _is_hidden(misfit: Misfit, actor: Actor) -> bool:
    return misfit.discreet and Role.DISCREET not in actor.roles


def _row(misfit: Misfit, name: str, *, hidden: bool) -> Row:
    return Row(
        misfit.id,
        misfit.starts_at,
        show_reference(misfit.reference),
        PRIVATE if hidden else misfit.service,
        name,
        why_said(misfit, hidden=hidden),
        hidden=hidden,
    )


def _look(session: Session, actor: Actor, now: int, most: int, open_ways: Collection[Way]) -> Seen:
    centre = session.get_one(Centre, actor.centre)
    found = misfits(session, actor.centre, now)
    rows = rows_for(session, found[:most], actor)
    if may_move(actor):
        rows = [_with_times(session, actor.centre, row, now, open_ways) for row in rows]
    return Seen(rows, max(0, len(found) - most), ZoneInfo(centre.timezone))


def may_move(actor: Actor) -> bool:
    return ASKS["move_booking"].lets_in(actor)


def _notice(service: Service) -> int:
    """How long before its time the service can be booked on the web, in microseconds."""
    offer = read_offer(service.booking)
    return 0 if offer is None else offer.notice_hours * 60 * MINUTE


def _with_times(
    session: Session, centre: int, row: Row, now: int, open_ways: Collection[Way], most: int = NEAREST
) -> Row:
    """The free times nearest to its own, with the same interpreter's language; none before it that leaves no day to hear of it."""
    booking = session.get_one(Booking, row.id)
    service = session.get_one(Service, booking.service_id)
    if row.hidden:
        return row
    on = row.starts_at.date()
    today = from_micros(now).date()
    first_on = max(today, on - timedelta(days=WEEKS_ROUND))
    days = offered.days(
        session,
        centre,
        service,
        first_on,
        on + timedelta(days=WEEKS_ROUND),
        now,
        interpreter=booking.interpreter,
        public=False,
        besides=row.id,
    )
    own = to_micros(row.starts_at)
    earliest = min(own, now + max(WARNING, _notice(service)))
    kept = [
        replace(day, slots=tuple(each for each in day.slots if each.starts_at >= earliest)) for day in days
    ]
    slots = tuple(nearest(kept, own, most))
    found = ways(Letter.MOVED, booking.phone, booking.email, booking.safe_to_text, open_ways)
    return replace(row, slots=slots, command=new_id(), unreached=bool(open_ways) and not found)


# The page -------------------------------------------------------------------------------------------------------


async def _shown(request: Request, caller: Caller, *, said: str = "", status: int = 200) -> Response:
    house = house_of(request)
    now = house.clock.micros()
    seen = await house.read(
        partial(_look, actor=caller.actor, now=now, most=SHOWN, open_ways=house.carriers.ways)
    )
    done = request.query_params.get("done", "")
    return page(
        request,
        "appointments_broken.html",
        said=said,
        status=status,
        seen=seen,
        can_move=may_move(caller.actor),
        writes=bool(house.carriers.ways),
        done=DONE.get(done, ""),
        new_id=new_id,
    )


DONE = {
    "moved": "The appointment is moved. The visitor is told, unless no message reaches them.",
    "cancelled": "The appointment is cancelled. The visitor is told, unless no message reaches them.",
    "all": "They are moved. The visitors are told, but for those whom no message reaches.",
}


@router.get("/appointments/broken")
async def broken(request: Request, caller: Guarded) -> Response:
    return await _shown(request, caller)


@router.post("/appointments/broken")
async def mend(request: Request, caller: Guarded) -> Response:
    """Move one to the time of the button that was pressed, or cancel it."""
    form = await form_of(request, caller)
    booking, to = text_of(form, "booking", 32), text_of(form, "to", 20)
    if not is_id(booking):
        return await _shown(request, caller, said="Choose an appointment of the list.", status=422)
    if to.isdecimal():
        body = {
            "do": "move_booking",
            "booking": booking,
            "starts_at": int(to) // 1000,
            "reason": MOVED_ALL,
        }
    else:
        reason = text_of(form, "reason", 200).strip()
        if not reason:
            return await _shown(
                request, caller, said="Say why you cancel it: the visitor reads it.", status=422
            )
        body = {"do": "cancel_booking", "booking": booking, "reason": reason}
    done = await perform(request, caller, form, body)
    if done.said:
        return await _shown(request, caller, said=done.said, status=done.status)
    what = "moved" if to.isdecimal() else "cancelled"
    return RedirectResponse(f"/appointments/broken?done={what}", status_code=303)


def short_moment(at: datetime | int, zone: ZoneInfo) -> str:
    """`Tue 24 Nov, 10:30`."""
    local = (from_micros(at) if isinstance(at, int) else at).astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def full_moment(at: datetime, zone: ZoneInfo) -> str:
    """`Tuesday 24 November, 10:30`."""
    local = at.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"


add_filters(short_moment=short_moment, full_moment=full_moment)


# All at once ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """Where one of them would go; None: nowhere near is free."""

    row: Row
    to: Slot | None


def _proposed(
    session: Session, actor: Actor, now: int, open_ways: Collection[Way]
) -> tuple[list[Step], ZoneInfo]:
    """Each to the free time nearest to its own, none to one that an earlier one of them gets."""
    centre = session.get_one(Centre, actor.centre)
    found = misfits(session, actor.centre, now)[:MOST_AT_ONCE]
    used: dict[str, list[Slot]] = {}
    steps = []
    for row in rows_for(session, found, actor):
        wide = _with_times(session, actor.centre, row, now, open_ways, most=60)
        taken = used.setdefault(row.title, [])
        free = [slot for slot in wide.slots if not any(_meet(slot, each) for each in taken)]
        start = to_micros(row.starts_at)
        to = min(free, key=lambda slot: abs(slot.starts_at - start), default=None)
        if to is not None:
            taken.append(to)
        steps.append(Step(wide, to))
    return steps, ZoneInfo(centre.timezone)


def _meet(one: Slot, other: Slot) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


@router.get("/appointments/broken/all")
async def all_at_once(request: Request, caller: Guarded) -> Response:
    """What moving all of them would come to; nothing is moved yet."""
    house = house_of(request)
    proposing = partial(
        _proposed, actor=caller.actor, now=house.clock.micros(), open_ways=house.carriers.ways
    )
    steps, zone = await house.read(proposing)
    return page(
        request,
        "appointments_broken_all.html",
        steps=steps,
        zone=zone,
        can_move=may_move(caller.actor),
        writes=bool(house.carriers.ways),
    )


@router.post("/appointments/broken/all")
async def move_all(request: Request, caller: Guarded) -> Response:
    """Move each that is still ticked to the time that was shown. What somebody was quicker with stays on the list, with the reason."""
    form = await form_of(request, caller)
    refused: list[str] = []
    moved = 0
    for booking, to, command in _ticked(form):
        body = {"do": "move_booking", "booking": booking, "starts_at": to // 1000, "reason": MOVED_ALL}
        done = await perform(request, caller, FormData([("command", command)]), body)
        if done.said:
            refused.append(done.said)
        else:
            moved += 1
    if refused or not moved:
        some = "None was moved." if not moved else f"{moved} moved, {len(refused)} not."
        said = f"{some} {refused[0] if refused else 'Tick those that shall be moved.'}"
        if moved:
            said += " The others stand below with new times."
        return await _shown(request, caller, said=said, status=409)
    return RedirectResponse("/appointments/broken?done=all", status_code=303)


def _ticked(form: FormData) -> list[tuple[str, int, str]]:
    """Booking, new start and command of each tick: `<booking>:<micros>:<command>`."""
    found = []
    for each in form.getlist("step")[:MOST_AT_ONCE]:
        booking, to, command = (*str(each).split(":"), "", "")[:3]
        if is_id(booking) and to.isdecimal() and len(to) < 18:
            found.append((booking, int(to), command))
    return found
