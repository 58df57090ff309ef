"""The page of times, for a new appointment and for one that is moved: read what is free, and show it as `days.choice` lays it out.

Whoever already has a time, held or booked, sees it among the free ones: it is theirs to keep.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from urllib.parse import urlencode

from fastapi import Request
from sqlmodel import Session, col, select
from starlette.responses import Response

from server.clock import from_micros, to_micros
from server.live import offered as free_times
from server.store.tables import Bookable, Booking
from server.web.gate import house_of
from server.web.public.days import Choice, choice
from server.web.public.drawing import page
from server.web.public.offering import OfferedAt
from server.web.public.voice import Voice, own_name
from wire.vocabulary import BookableKind

SIGN_LANGUAGE = "sign_language"


async def when_page(
    request: Request,
    voice: Voice,
    at: OfferedAt,
    *,
    action: str,
    token: str,
    back: str,
    interpreter: str | None,
    mornings_only: bool,
    lost: int | None = None,
    near: int | None = None,
    held: Booking | None = None,
    chosen_at: int | None = None,
    moving: Booking | None = None,
) -> Response:
    """The page of times, for a new appointment and for one that is moved (`moving`). `held` is theirs among the free ones; one may go on with it
    while it is what was chosen (`chosen_at`), and not after somebody else must be there, such as an interpreter."""
    on, month = _date(request, "on"), _date(request, "month")
    chosen, languages = await house_of(request).read(
        partial(
            _free,
            at=at,
            now=house_of(request).clock.micros(),
            interpreter=interpreter,
            mornings_only=mornings_only,
            on=on,
            month=month,
            near=near,
            besides=next((each.id for each in (moving, held) if each is not None), None),
        )
    )
    return page(
        request,
        "when.html",
        voice,
        title=voice.say("when_title"),
        place=at.place(voice),
        back=back,
        wrong=lost is not None,
        at=at,
        action=action,
        token=token,
        choice=chosen,
        interpreter=interpreter,
        interpreters=[(code, called(code, voice)) for code in languages],
        mornings_only=mornings_only,
        lost=lost,
        waiting_list=bool(house_of(request).carriers.ways),
        held=held if held is not None and to_micros(held.starts_at) == chosen_at else None,
        moving=moving,
        link=partial(_link, action, mornings_only and moving is not None),
    )


def _link(action: str, mornings: bool, **asked: date | None) -> str:
    """To another day or month. `mornings`: nothing else remembers that only those are wanted, as a form does."""
    query = {name: on.isoformat() for name, on in asked.items() if on is not None}
    return f"{action}?{urlencode({**query, 'mornings': 'yes'} if mornings else query)}"


def called(code: str, voice: Voice) -> str:
    """A language by its own name; sign language in the visitor's words."""
    return voice.say("sign_language") if code == SIGN_LANGUAGE else own_name(code)


def _free(
    session: Session,
    *,
    at: OfferedAt,
    now: int,
    interpreter: str | None,
    mornings_only: bool,
    on: date | None,
    month: date | None,
    near: int | None,
    besides: str | None,
) -> tuple[Choice, list[str]]:
    today = from_micros(now).astimezone(at.zone).date()
    last = today + timedelta(days=at.offer.ahead_days)
    days = free_times.days(
        session, at.centre_id, at.service, today, last, now, interpreter=interpreter, besides=besides
    )
    found = choice(days, at.zone, mornings_only=mornings_only, on=on, month=month, near=near)
    return found, interpreted(session, at.centre_id)


def interpreted(session: Session, centre_id: int) -> list[str]:
    """The languages somebody can be booked for at a centre, and sign language; none where no interpreter's time is kept here."""
    found = session.exec(
        select(Bookable.languages).where(
            col(Bookable.centre_id) == centre_id,
            col(Bookable.kind) == BookableKind.INTERPRETER,
            col(Bookable.retired_at).is_(None),
        )
    ).all()
    return sorted({code for languages in found for code in languages}, key=lambda code: (len(code) > 2, code))


def _date(request: Request, name: str) -> date | None:
    try:
        return datetime.strptime(request.query_params.get(name, ""), "%Y-%m-%d").date()  # noqa: DTZ007 - a date
    except ValueError:
        return None
