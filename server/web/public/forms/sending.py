"""The last pages: whether a receipt is wished, all answers to check, sent, and what happens next.

Nothing has left the visitor's own sealed form until they press "send". Then it is judged once more, by the rules of the version it was begun with, and
taken in like a kiosk's (`server.web.taking_in`) under a number that was made when the form was begun: so pressing twice, loading again or coming
back an hour later sends it once, and shows the same reference. What was filled in is wiped in the same breath.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from forms import rules
from forms.carrying import CannotOpen
from forms.contact import Email, Fault, read_email, read_phone
from forms.form import Group, Kind, Place, Question, step_at
from forms.saying import sentence, shown_sum
from forms.wrong import Wrong
from server.actions import carrying
from server.actions.forms import files_named
from server.actions.submissions import Taken
from server.clock import from_micros
from server.domain.refusals import Refused
from server.web.gate import house_of
from server.web.public.forms.asking import spot_of, text_in
from server.web.public.forms.begun import Begun, actor_of, begun, keep, sent, settle, today_of
from server.web.public.forms.drawing import page, public, say, to
from server.web.public.forms.filling import no_form
from server.web.public.forms.uploads import file_body
from server.web.public.voice import Voice, catalogue
from server.web.taking_in import take_in
from wire.packets import Manifest, Packet, file_of
from wire.references import show_reference
from wire.vocabulary import Channel, HandedIn, Language, RefusalCode, UseEnd, Way

router = APIRouter()
WAYS = {"text": Way.SMS, "email": Way.EMAIL}


# The receipt --------------------------------------------------------------------------------------------------------------


def receipt_ways(request: Request, form: Begun) -> list[str]:
    """How this house can send one; none for a form that does not ask who somebody is."""
    if form.at.shape.anonymous:
        return []
    return [name for name, way in WAYS.items() if way in house_of(request).carriers.ways]


def next_path(request: Request, form: Begun) -> str:
    """Where the form goes on, the question about a receipt among its pages."""
    path = form.next_path
    if path == f"{form.path}/check" and receipt_ways(request, form) and "way" not in form.receipt:
        return f"{form.path}/receipt"
    return path


def _filled(form: Begun) -> dict[str, str]:
    """What stands in the fields: typed here, else what was answered."""
    shape, kept = form.at.shape, form.receipt
    return {
        "way": kept.get("way", ""),
        "text": kept.get("text", _shown(form, shape.receipt_phone)),
        "email": kept.get("email", _shown(form, shape.receipt_email)),
    }


def _shown(form: Begun, key: str) -> str:
    step = step_at(form.at.shape, Place(key)) if key else None
    if not isinstance(step, Question) or Place(key) not in form.places:
        return ""
    typed = rules.typed_of(step, form.answers.get(key))
    return typed if isinstance(typed, str) else ""


def _judged(given: dict[str, str]) -> tuple[str, str, Wrong | None]:
    """Telephone, e-mail, and what is wrong with what was typed."""
    if given["way"] == "text":
        phone = read_phone(given["text"])
        if isinstance(phone, Fault):
            return "", "", Wrong(phone.key)
        return (phone.e164, "", None) if phone.textable else ("", "", Wrong("phone_textable"))
    if given["way"] == "email":
        email = read_email(given["email"])
        return ("", email.address, None) if isinstance(email, Email) else ("", "", Wrong(email.key))
    return "", "", None if given["way"] == "none" else Wrong("choose_one")


@router.get("/forms/{slug}/receipt")
@public
async def receipt(request: Request, slug: str) -> Response:
    form = await begun(request, slug)
    if form is None:
        return await no_form(request, slug)
    ways = receipt_ways(request, form)
    if form.is_sent or form.first_open is not None or not ways:
        return to(form.next_path)
    given, wrongs = _filled(form), {}
    if form.state.get("receipt_wrong"):
        _, _, wrong = _judged(given)
        if wrong is not None:
            wrongs[given["way"] or "way-none"] = sentence(form.voice.language, wrong)
    return page(
        request,
        "receipt.html",
        form.voice,
        title=form.voice.word("form_web.receipt_title"),
        place=form.at.place(form.voice),
        begun=form,
        form=form.at.shape,
        ways=ways,
        given=given,
        wrongs=wrongs,
        wrong=bool(wrongs),
    )


@router.post("/forms/{slug}/receipt")
@public
async def answer_receipt(request: Request, slug: str) -> Response:
    form = await begun(request, slug)
    if form is None:
        return await no_form(request, slug)
    data = await sent(request, form)
    ways = receipt_ways(request, form)
    if form.is_sent or form.first_open is not None or not ways:
        return to(form.next_path)
    given = {name: text_in(data, name)[:300] for name in ("way", "text", "email")}
    if given["way"] not in (*ways, "none"):
        given["way"] = ""
    pressed, language = text_in(data, "do"), text_in(data, "lang")[:2]
    _, _, wrong = _judged(given)
    right = wrong is None
    aside = language in catalogue().languages() or pressed in ("back", "person")
    held = given if right else {name: text for name, text in given.items() if name != "way" or aside}
    form = form.with_(receipt={**held, "way": given["way"]} if given["way"] else held)
    form = form.with_(receipt_wrong=not right and not aside)
    await keep(request, form, language if language in catalogue().languages() else "")
    if language in catalogue().languages():
        return to(f"{form.path}/receipt?lang={language}")
    if pressed == "person":
        return to(f"{form.path}/person")
    if pressed == "back":
        return to(f"{form.path}/fill/{spot_of(form.places[-1])}" if form.places else form.path)
    return to(f"{form.path}/check" if right else f"{form.path}/receipt")


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
        receipt=_receipt_said(form, voice) if ways else "",
    )


def _receipt_said(form: Begun, voice: Voice) -> str:
    phone, email, _ = _judged(_filled(form))
    return voice.ltr(phone or email) if phone or email else voice.word("form_web.receipt_none")


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
    phone, email, _ = _judged(_filled(form)) if receipt_ways(request, form) else ("", "", None)
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
