"""The last pages: all answers to check, sent, and what happens next.

Nothing has left the visitor's own sealed form until they press "send". Then it is judged once more, by the rules of the version it was begun with, and
taken in like a kiosk's (`server.web.taking_in`) under a number that was made when the form was begun: so pressing twice, loading again or coming
back an hour later sends it once, and shows the same reference. What was filled in is wiped in the same breath.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.responses import Response

from forms import rules
from forms.carrying import CannotOpen
from forms.form import Group, Kind, Place, Question, step_at
from forms.saying import shown_sum
from server.actions import carrying
from server.actions.forms import files_named
from server.actions.submissions import Taken
from server.clock import from_micros
from server.domain.refusals import Refused
from server.store.tables import Said
from server.web.gate import house_of
from server.web.public.forms.asking import spot_of, text_in
from server.web.public.forms.begun import Begun, actor_of, begun, keep, sent, settle, today_of
from server.web.public.forms.drawing import page, public, say, to
from server.web.public.forms.filling import no_form
from server.web.public.forms.receipts import filled, judged, next_path, receipt_said, receipt_ways
from server.web.public.forms.uploads import file_body
from server.web.public.heard import promises
from server.web.public.voice import Voice, catalogue
from server.web.taking_in import take_in
from wire.packets import Manifest, Packet, file_of
from wire.references import show_reference
from wire.vocabulary import Channel, HandedIn, Language, RefusalCode, UseEnd

router = APIRouter()


# Check answers --------------------------------------------------------------------------------------------------------------


@router.get("/forms/{slug}/check")
@public
async def check(request: Request, slug: str) -> Response:
    form = await begun(request, slug)
    if form is None:
        return await no_form(request, slug)
    path = next_path(request, form)
    if path != f"{form.path}/check" or form.state.get("receipt_wrong"):
        return to(path if path != f"{form.path}/check" else f"{form.path}/receipt")
    if not form.checking:
        form = await keep(request, form.with_(checking=True))
    voice, shape = form.voice, form.at.shape
    ways = receipt_ways(request, form)
    return page(
        request,
        "check.html",
        voice,
        title=voice.word("form.check"),
        place=form.at.place(voice),
        begun=form,
        form=shape,
        back=f"{form.path}/receipt" if ways else f"{form.path}/fill/{spot_of(form.places[-1])}",
        rows=_rows(form, voice),
        totals=[
            (voice.of(total.title), shown_sum(added, voice.language))
            for added in rules.totals(shape, form.answers)
            for total in shape.totals
            if total.key == added.key
        ],
        receipt=receipt_said(form, voice) if ways else "",
    )


def _rows(form: Begun, voice: Voice) -> list[dict[str, Any]]:
    """A row for each question, and a heading for each item of a group."""
    shape = form.at.shape
    rows: list[dict[str, Any]] = []
    item: tuple[str, int | None] | None = None
    for place in form.places:
        step = step_at(shape, place)
        if isinstance(step, Group) or not isinstance(step, Question):
            continue
        if place.within is not None and (place.within, place.item) != item:
            item = (place.within, place.item)
            group = next(each for each in shape.steps if each.key == place.within)
            assert isinstance(group, Group), "what is within is within a group"
            rows.append({"heading": f"{voice.of(group.one)} {voice.ltr(str((place.item or 0) + 1))}"})
        elif place.within is None and item is not None:
            item = None
            rows.append({"heading": ""})
        answer = rules.answer_at(form.answers, place)
        names = answer if isinstance(answer, list) else [answer]
        rows.append(
            {
                "title": step.title,
                "lines": rules.shown(shape, place, answer, voice.language),
                "spot": spot_of(place),
                "pictures": [
                    f"{form.path}/file/{name}"
                    for name in names
                    if step.kind in (Kind.PHOTO, Kind.SIGNATURE)
                    and name in form.files
                    and form.files[name]["type"] != "application/pdf"
                ],
            }
        )
    return rows


@router.post("/forms/{slug}/check")
@public
async def send(request: Request, slug: str) -> Response:
    """Send it, once."""
    form = await begun(request, slug)
    if form is None:
        return await no_form(request, slug)
    data = await sent(request, form)
    if form.is_sent:
        return to(f"{form.path}/done")
    aside = await _aside(request, form, data)
    if aside is not None:
        return aside
    wrong = rules.judge_all(form.at.shape, rules.kept(form.at.shape, form.answers), today_of(form))
    if next_path(request, form) != f"{form.path}/check" or form.state.get("receipt_wrong"):
        return to(next_path(request, form))
    if wrong:  # such as a date that was not past when the page was answered, and is now
        return await _again(request, form, wrong[0][0])
    asking = partial(carrying.may_ask, what="form_send")
    if not await house_of(request).change(actor_of(request, form.at.centre_id), "form_send", asking):
        place = form.at.place(form.voice)
        return say(request, form.voice, "stopped_tries", status=429, place=place, again=f"{form.path}/check")
    return await _take(request, form)


async def _aside(request: Request, form: Begun, data: FormData) -> Response | None:
    language = text_in(data, "lang")[:2]
    if language in catalogue().languages():
        await keep(request, form, language)
        return to(f"{form.path}/check?lang={language}")
    return to(f"{form.path}/person") if text_in(data, "do") == "person" else None


async def _again(request: Request, form: Begun, place: Place) -> Response:
    """Back to the page that must be answered anew."""
    step, spot = step_at(form.at.shape, place), spot_of(place)
    if isinstance(step, Question):
        form = form.with_(wrong=[*form.state.get("wrong", ()), spot])
    else:
        form = form.with_(passed=[each for each in form.state.get("passed", ()) if each != spot])
    await keep(request, form)
    return to(f"{form.path}/fill/{spot}")


async def _take(request: Request, form: Begun) -> Response:
    house, shape = house_of(request), form.at.shape
    try:
        packet = await packet_of(request, form, HandedIn.FORM)
    except CannotOpen:  # another press has sent it meanwhile, and its files are wiped
        return to(f"{form.path}/fill")
    try:
        taken = await take_in(
            house,
            actor_of(request, form.at.centre_id),
            packet,
            centre_id=form.at.centre_id,
            device_id=None,
            channel=Channel.WEB,
            made_at=form.now,
        )
    except Refused as error:
        if error.refusal.code is not RefusalCode.ID_REUSED:
            raise
        # It was sent before, and the server stopped before it could say so; since then an answer was changed. What was sent first, counts.
        taken = Taken(packet.manifest.id, packet.manifest.reference, form.now)
    ending = rules.ending(shape, form.answers)
    left: dict[str, Any] = {
        "id": taken.id,
        "reference": taken.reference,
        "sent_at": taken.received_at,
        "ending": next((n for n, each in enumerate(shape.endings) if each is ending), -1),
        "told": "text" if packet.manifest.phone else "email" if packet.manifest.email else "",
    }
    await settle(request, form, left)
    await _drop_kept_for_day(request, form)
    return to(f"{form.path}/done")


async def _drop_kept_for_day(request: Request, form: Begun) -> None:
    """What was kept under a reference for somebody to come with: they need not come any more."""
    day = form.state.get("day_id")
    if day:
        dropping = partial(carrying.drop, carried_id=day)
        await house_of(request).change(actor_of(request, form.at.centre_id), "drop_form", dropping)


async def packet_of(request: Request, form: Begun, kind: HandedIn) -> Packet:
    """The same bytes however often it is asked for while nothing is changed."""
    shape = form.at.shape
    answers = rules.kept(shape, form.answers)
    phone, email, _ = judged(filled(form)) if receipt_ways(request, form) else ("", "", None)
    files: dict[str, bytes] = {}
    named = []
    for name in dict.fromkeys(name for _, name in files_named(shape, answers) if name in form.files):
        files[name] = await file_body(request, form, name)
        named.append(file_of(name, form.files[name]["type"], files[name]))
    case = answers.get(shape.case) if shape.case else None
    manifest = Manifest(
        id=str(form.state["id"]),
        kind=kind,
        reference=str(form.state["reference"]),
        what=form.at.slug,
        version=form.at.version,
        language=Language(form.voice.language),
        case=case[:40] if isinstance(case, str) else "",
        phone=phone,
        email=email,
        answers=answers,
        seconds=form.seconds(),
        files=tuple(named),
    )
    return Packet(manifest, files)


# Done -----------------------------------------------------------------------------------------------------------------------


@router.get("/forms/{slug}/done")
@public
async def done(request: Request, slug: str) -> Response:
    """The reference and what happens next. For whoever sent it, for an hour."""
    form = await begun(request, slug)
    if form is None:
        return await no_form(request, slug)
    if not form.is_sent:
        return to(next_path(request, form))
    voice, shape, left = form.voice, form.at.shape, form.state
    number = int(left.get("ending", -1))
    ending = shape.endings[number] if 0 <= number < len(shape.endings) else None
    at = from_micros(int(left["sent_at"])).astimezone(form.at.zone)
    return page(
        request,
        "done.html",
        voice,
        title=voice.word("form.sent"),
        place=form.at.place(voice),
        begun=form,
        form=shape,
        reference=show_reference(str(left["reference"])),
        sent_on=voice.day(at.date()),
        sent_at=voice.time(at, form.at.zone),
        ending=ending,
        told_by=left.get("told", ""),
        keep_days=form.at.row.keep_days,
        promised=await _promised(request, str(left["reference"]), voice),
    )


async def _promised(request: Request, reference: str, voice: Voice) -> tuple[str, ...]:
    """By when its visitor hears, where it is a complaint, praise or an idea; nothing of any other form."""

    def read(session: Session) -> tuple[str, ...]:
        row = session.exec(select(Said).where(col(Said.reference) == reference)).one_or_none()
        return promises(row, voice) if row is not None else ()

    return await house_of(request).read(read)


@router.get("/forms/{slug}/stop")
@public
async def ask_to_stop(request: Request, slug: str) -> Response:
    """Asked once more: a finger that slipped shall not cost anybody their words."""
    form = await begun(request, slug)
    if form is None:
        return await no_form(request, slug)
    if form.is_sent:
        return to(f"{form.path}/done")
    voice = form.voice
    return page(
        request,
        "stop.html",
        voice,
        title=voice.word("form_web.stop"),
        place=form.at.place(voice),
        back=form.next_path,
        begun=form,
        form=form.at.shape,
    )


@router.post("/forms/{slug}/stop")
@public
async def stop(request: Request, slug: str) -> Response:
    """Throw away what was filled in."""
    form = await begun(request, slug)
    if form is None:
        return await no_form(request, slug)
    await sent(request, form)
    dropping = partial(carrying.drop, carried_id=form.held.id, ended=UseEnd.CANCELLED)
    await house_of(request).change(actor_of(request, form.at.centre_id), "drop_form", dropping)
    await _drop_kept_for_day(request, form)
    if form.is_sent:
        return to("/forms")
    return say(request, form.voice, "stopped", place=form.at.place(form.voice))
