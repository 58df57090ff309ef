"""Whether a receipt is wished, and where it shall go: asked once, after the last question and before all answers are checked.

What was answered before stands in the fields already. It is sent only where that is said here: a number in a form is not a wish to be texted. A form that does
not ask who somebody is offers none, nor does a house that cannot write to anybody.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from forms import rules
from forms.contact import Email, Fault, read_email, read_phone
from forms.form import Place, Question, step_at
from forms.saying import sentence
from forms.wrong import Wrong
from server.web.gate import house_of
from server.web.public.forms.asking import spot_of, text_in
from server.web.public.forms.begun import Begun, begun, keep, sent
from server.web.public.forms.drawing import page, public, to
from server.web.public.forms.filling import no_form
from server.web.public.voice import Voice, catalogue
from wire.vocabulary import Way

router = APIRouter()
WAYS = {"text": Way.SMS, "email": Way.EMAIL}


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


def filled(form: Begun) -> dict[str, str]:
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


def judged(given: dict[str, str]) -> tuple[str, str, Wrong | None]:
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
    given, wrongs = filled(form), {}
    if form.state.get("receipt_wrong"):
        _, _, wrong = judged(given)
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
    _, _, wrong = judged(given)
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


def receipt_said(form: Begun, voice: Voice) -> str:
    phone, email, _ = judged(filled(form))
    return voice.ltr(phone or email) if phone or email else voice.word("form_web.receipt_none")
