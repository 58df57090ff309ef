""" "I need a person": the way out of a form, on every page of it. Nothing told so far has to be told again.

Who comes in brings the form along: it is sealed under a reference made for it, to the end of the next day the centre is open, and whoever is shown the
reference (a kiosk reads it as a QR, or it is typed) goes on from there, or turns it into a ticket with the answers attached. Nobody can
open it before, the house neither. Who would rather ring or book finds that here too; the form stays open meanwhile.
"""

from __future__ import annotations

import asyncio
import secrets
from datetime import date, timedelta
from functools import partial

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from forms.carrying import Begun as Carried
from forms.carrying import BegunFile, id_of, seal, secret_of
from forms.judging import Typed
from server.actions import carrying
from server.actions.carrying import Kind
from server.clock import from_micros, to_micros
from server.domain.hours import Hours, Timetable, midnight
from server.store.queries.hours import read_hours
from server.web.api.forms import hand_over
from server.web.gate import house_of
from server.web.identity import Caller
from server.web.public.forms.asking import spot_of, text_in
from server.web.public.forms.begun import Begun, actor_of, begun, keep, sent
from server.web.public.forms.drawing import page, public, say, square, to
from server.web.public.forms.filling import no_form
from server.web.public.forms.offering import FormAt
from server.web.public.forms.uploads import file_body
from server.web.public.offering import public_services
from server.web.public.voice import catalogue
from wire.carrying import PATH, Carrying
from wire.references import new_reference, show_reference
from wire.vocabulary import Language

router = APIRouter()
LOOKED_AHEAD = 30
"""Days in which a centre opens again; one that does not keeps a form for a week."""
OTHERWISE = timedelta(days=7)


@router.get("/forms/{slug}/person")
@public
async def person(request: Request, slug: str) -> Response:
    form = await begun(request, slug)
    if form is None:
        return await no_form(request, slug)
    if form.is_sent:
        return to(form.next_path)
    house, voice = house_of(request), form.voice
    reference = str(form.state.get("day", ""))
    public_url = house.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    until = form.state.get("day_until")
    bookable = await house.read(public_services)
    return page(
        request,
        "person.html",
        voice,
        title=voice.word("form_web.person_title"),
        place=form.at.place(voice),
        back=form.next_path,
        begun=form,
        form=form.at.shape,
        at=form.at,
        reference=show_reference(reference) if reference else "",
        square=square(f"{public_url}{PATH}{reference}") if reference else None,
        until=voice.day(date.fromisoformat(until)) if until else "",
        contact=form.at.place(voice).contact,
        bookable=any(each.centre_id == form.at.centre_id for each in bookable),
    )


@router.post("/forms/{slug}/person")
@public
async def keep_for_the_day(request: Request, slug: str) -> Response:
    """Seal the form as it is now under a reference, the same as before if there was one."""
    form = await begun(request, slug)
    if form is None:
        return await no_form(request, slug)
    data = await sent(request, form)
    if form.is_sent:
        return to(form.next_path)
    language = text_in(data, "lang")[:2]
    if language in catalogue().languages():
        await keep(request, form, language)
        return to(f"{form.path}/person?lang={language}")
    house, actor = house_of(request), actor_of(request, form.at.centre_id)
    if not await house.change(actor, "form_leave", partial(carrying.may_ask, what="form_leave")):
        return say(
            request,
            form.voice,
            "stopped_tries",
            status=429,
            place=form.at.place(form.voice),
            again=form.next_path,
        )
    reference = str(form.state.get("day", "")) or new_reference(secrets.choice)
    secret = await slow_secret(request, reference)
    until = await house.read(partial(_last_day, at=form.at, now=form.now))
    body = seal(await carried(request, form), secret)
    await house.change(actor, "drop_form", partial(carrying.drop, carried_id=id_of(secret)))
    what = Carrying(slug=form.at.slug, version=form.at.version, language=Language(form.voice.language))
    ends = to_micros(midnight(until + timedelta(days=1), form.at.zone))
    await hand_over(house, Caller(actor), id_of(secret), Kind.DAY, what, body, ends)
    await house.change(actor, "want_person", partial(carrying.wants_person, carried_id=form.held.id))
    await keep(request, form.with_(day=reference, day_id=id_of(secret), day_until=until.isoformat()))
    return to(f"{form.path}/person")


async def slow_secret(request: Request, text: str) -> str:
    """What stands behind `/carry-on/` as a secret: a reference is hashed slowly, in a thread, so that nobody else waits."""
    return await asyncio.to_thread(secret_of, text, house_of(request).settings.public_url)


def _last_day(session: Session, *, at: FormAt, now: int) -> date:
    """The next day the centre is open, today if it has not closed yet."""
    timetable = Timetable(at.centre.timezone, read_hours(session, at.centre_id).get(None, Hours()))
    moment = from_micros(now)
    today = timetable.local_date(moment)
    days = (today + timedelta(days=number) for number in range(LOOKED_AHEAD))
    open_days = (day for day in days if any(span.closes_at > moment for span in timetable.spans_on(day)))
    return next(open_days, today + OTHERWISE)


async def carried(request: Request, form: Begun) -> Carried:
    """Everything that is filled in, for another device."""
    files = {
        name: BegunFile(facts["type"], await file_body(request, form, name))
        for name, facts in form.files.items()
    }
    typed: dict[str, Typed] = dict(form.state.get("typed", {}))
    place = form.first_open
    return Carried(
        slug=form.at.slug,
        version=form.at.version,
        language=form.voice.language,
        answers=form.answers,
        files=files,
        typed=typed,
        at=spot_of(place) if place is not None else "",
        seconds=form.seconds(),
    )
