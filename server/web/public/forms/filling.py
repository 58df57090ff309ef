"""The pages of a form, one question each: shown, answered, gone back from without losing a word.

Each answer is written down before it is judged, by `forms.rules`, the rules a kiosk judges by. A page that was right leads to the next one the answers
ask for; once check-answers was reached one comes straight back to it, by way of whatever a changed answer asks anew. Every button sends the whole
page, "back" and the languages too, so nothing typed is lost by pressing any of them. What is not an ordinary question has a room of its own:
photographs and signatures `uploads`, addresses `addresses`.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from forms import rules
from forms.form import Group, Kind, Notice, Place, Question, step_at
from forms.judging import DEFAULT_MOST, Typed, most_characters
from forms.saying import sentence
from server.web.public.forms import addresses, uploads
from server.web.public.forms.asking import caption_words, field_of, spot_of, text_in, typed_in
from server.web.public.forms.begun import Begun, asked_at, begun, keep, sent, today_of
from server.web.public.forms.drawing import page, public, say, some_place, to
from server.web.public.voice import catalogue, voice_of

router = APIRouter()


async def no_form(request: Request, slug: str) -> Response:
    """Whoever has no form: the browser keeps no cookies, or they were away for more than an hour."""
    key = "no_cookie" if "begun" in request.query_params else "over"
    return say(request, voice_of(request), key, place=await some_place(request), again=f"/forms/{slug}")


@router.get("/forms/{slug}/fill")
@public
async def go_on(request: Request, slug: str) -> Response:
    """To the page where it goes on."""
    form = await begun(request, slug)
    return await no_form(request, slug) if form is None else to(form.next_path)


@router.get("/forms/{slug}/fill/{spot}")
@public
async def fill_page(request: Request, slug: str, spot: str) -> Response:
    form = await begun(request, slug)
    if form is None:
        return await no_form(request, slug)
    place = asked_at(form, spot)
    if form.is_sent or place is None:
        return to(form.next_path)
    step = step_at(form.at.shape, place)
    if isinstance(step, Notice):
        return _draw(request, form, place, "notice.html", step, {})
    if isinstance(step, Group):
        return _draw(request, form, place, "group.html", step, _of_group(form, step))
    assert isinstance(step, Question), "a step is one of three"
    return _draw(request, form, place, "question.html", step, await _of_question(request, form, place, step))


def _draw(
    request: Request, form: Begun, place: Place, template: str, step: Any, context: dict[str, Any]
) -> Response:
    voice, shape = form.voice, form.at.shape
    asked = [each for each in form.places if isinstance(step_at(shape, each), Question)]
    caption = caption_words(shape, place)
    return page(
        request,
        template,
        voice,
        title=voice.of(step.title),
        place=form.at.place(voice),
        begun=form,
        here=place,
        spot=spot_of(place),
        form=shape,
        step=step,
        first=rules.before(shape, form.answers, place) is None,
        number=asked.index(place) + 1 if place in asked else 0,
        count=len(asked),
        item=f"{voice.of(caption[0].one)} {voice.ltr(str(caption[1]))}" if caption else "",
        **{"wrong": False, "wrongs": {}, **context},
    )


async def _of_question(request: Request, form: Begun, place: Place, question: Question) -> dict[str, Any]:
    spot, language = spot_of(place), form.voice.language
    typed = form.typed_at(place, question)
    wrongs: dict[str, str] = {}
    flaw = form.state.get("flaws", {}).get(spot)
    if flaw:
        wrongs[field_of(question)] = form.voice.word(f"form_web.upload.{flaw}", most=uploads.MOST_MEGABYTES)
    elif spot in form.state.get("wrong", ()):
        judged = rules.judge(question, typed, today_of(form))
        if isinstance(judged, rules.Wrong):
            wrongs[field_of(question)] = sentence(language, judged)
    context = {
        "typed": typed,
        "field": field_of(question),
        "wrongs": wrongs,
        "wrong": bool(wrongs),
        "most": most_characters(question) if question.kind in DEFAULT_MOST else 0,
        "meant": _meant(form, spot, question, typed),
        "look": None,
        "pictures": (),
        "multipart": question.kind in (Kind.PHOTO, Kind.SIGNATURE),
    }
    if question.kind is Kind.ADDRESS:
        context["look"] = await addresses.looked_up(request, form, spot, typed)
    if question.kind in (Kind.PHOTO, Kind.SIGNATURE):
        context |= uploads.shown(form, typed)
    return context


def _meant(form: Begun, spot: str, question: Question, typed: Typed) -> str:
    """A spelling to ask about: shown once the page was sent."""
    if spot not in form.state.get("asking", ()):
        return ""
    return rules.meant(question, typed) or ""


def _of_group(form: Begun, group: Group) -> dict[str, Any]:
    shape, language = form.at.shape, form.voice.language
    items = rules.items_of(group, form.answers)
    rows = []
    for number, item in enumerate(items):
        asked = [each for each in form.places if each.within == group.key and each.item == number]
        lines = [
            line
            for each in asked[:3]
            if item.get(each.key) not in (None, "", [], {})
            for line in rules.shown(shape, each, item.get(each.key), language)[:1]
        ]
        first = next((each for each in asked if not form.passed(each)), next(iter(asked), None))
        rows.append((number, lines, spot_of(first) if first is not None else ""))
    missing = len(items) < group.least
    return {"rows": rows, "full": len(items) >= group.most, "short": missing}


@router.post("/forms/{slug}/fill/{spot}")
@public
async def answer_page(request: Request, slug: str, spot: str) -> Response:
    form = await begun(request, slug)
    if form is None:
        return await no_form(request, slug)
    place = asked_at(form, spot)
    step = step_at(form.at.shape, place) if place is not None else None
    with_files = isinstance(step, Question) and step.kind is Kind.PHOTO
    async with uploads.room(with_files):
        data = await sent(request, form, files=uploads.MOST_AT_ONCE if with_files else 0)
        if form.is_sent or place is None:
            return to(form.next_path)
        if isinstance(step, Question):
            return await _answer(request, form, place, step, data)
        return await _other(request, form, place, step, data)


async def _answer(
    request: Request, form: Begun, place: Place, question: Question, data: FormData
) -> Response:
    spot, pressed = spot_of(place), text_in(data, "do")
    typed = typed_in(data, question)
    if question.kind in (Kind.PHOTO, Kind.SIGNATURE):
        form, typed = await uploads.received(request, form, place, question, data)
    elif question.kind is Kind.ADDRESS:
        form, typed, stay = await addresses.answered(request, form, spot, typed, data)
        if stay:
            await keep(request, _typed(form, spot, typed))
            return to(f"{form.path}/fill/{spot}")
    elif question.kind is Kind.EMAIL and text_in(data, "use"):
        typed = text_in(data, "use")
    form = _typed(form, spot, typed)
    aside = await _aside(request, form, place, data)
    if aside is not None:
        return aside
    if (
        form.state.get("flaws", {}).get(spot)
        or pressed in ("upload", "clear")
        or pressed.startswith("remove:")
    ):
        await keep(request, form)
        return to(f"{form.path}/fill/{spot}")
    judged = rules.judge(question, typed, today_of(form))
    if isinstance(judged, rules.Wrong):
        await keep(request, form.with_(wrong=[*_without(form, "wrong", spot), spot]))
        return to(f"{form.path}/fill/{spot}")
    sure = bool(text_in(data, "use")) or text_in(data, "sure") == typed
    if rules.meant(question, typed) and not sure:
        await keep(request, form.with_(asking=[*_without(form, "asking", spot), spot]))
        return to(f"{form.path}/fill/{spot}")
    answers = rules.with_answer(form.at.shape, form.answers, place, judged)
    left = {name: kept for name, kept in form.state.get("typed", {}).items() if name != spot}
    form = form.with_(
        answers=answers,
        typed=left,
        wrong=_without(form, "wrong", spot),
        asking=_without(form, "asking", spot),
    )
    await keep(request, form)
    return to(_next(form, place))


def _typed(form: Begun, spot: str, typed: Typed) -> Begun:
    return form.with_(typed={**form.state.get("typed", {}), spot: typed})


def _without(form: Begun, name: str, spot: str) -> list[str]:
    return [each for each in form.state.get(name, ()) if each != spot]


async def _aside(request: Request, form: Begun, place: Place, data: FormData) -> Response | None:
    """Another language, the page before, or somebody who helps: what was typed is kept, and not judged yet."""
    language, pressed = text_in(data, "lang")[:2], text_in(data, "do")
    if language in catalogue().languages():
        await keep(request, form, language)
        return to(f"{form.path}/fill/{spot_of(place)}?lang={language}")
    if pressed not in ("back", "person"):
        return None
    await keep(request, form)
    if pressed == "person":
        return to(f"{form.path}/person")
    before = rules.before(form.at.shape, form.answers, place)
    return to(f"{form.path}/fill/{spot_of(before)}" if before is not None else f"{form.path}?back=1")


async def _other(request: Request, form: Begun, place: Place, step: Any, data: FormData) -> Response:
    """A notice was read, or a group looked at."""
    aside = await _aside(request, form, place, data)
    if aside is not None:
        return aside
    pressed, spot, shape = text_in(data, "do"), spot_of(place), form.at.shape
    if isinstance(step, Group):
        items = rules.items_of(step, form.answers)
        if pressed == "add" and len(items) < step.most:
            form = form.with_(answers=rules.with_one_more(step, form.answers))
            await keep(request, form)
            one = next(
                (each for each in form.places if (each.within, each.item) == (step.key, len(items))), place
            )
            return to(f"{form.path}/fill/{spot_of(one)}")
        if pressed.startswith("remove:") and pressed[7:].isdecimal():
            await keep(request, _one_less(form, step, int(pressed[7 : 4 + 7])))
            return to(f"{form.path}/fill/{spot}")
        others = {key: answer for key, answer in form.answers.items() if key != step.key}
        own = {step.key: [dict(each) for each in items]} if items else {}
        form = form.with_(answers={**others, **own})
    elif isinstance(step, Notice) and step.ends:
        return to(f"{form.path}/fill/{spot}")
    form = form.with_(passed=[*_without(form, "passed", spot), spot])
    await keep(request, form)
    undone = next(
        (
            each
            for each in rules.places(shape, form.answers)
            if each.within == step.key and not form.passed(each)
        ),
        None,
    )
    return to(f"{form.path}/fill/{spot_of(undone)}" if undone is not None else _next(form, place))


def _one_less(form: Begun, group: Group, item: int) -> Begun:
    """What was typed of it and not found right goes with it; of those after it too, for they have other numbers now."""
    gone = {
        name
        for part in ("typed", "wrong", "asking")
        for name in form.state.get(part, ())
        if name.startswith(f"{group.key}.") and int(name.split(".")[1]) >= item
    }
    typed = {name: kept for name, kept in form.state.get("typed", {}).items() if name not in gone}
    wrong = [name for name in form.state.get("wrong", ()) if name not in gone]
    return form.with_(answers=rules.without_one(group, form.answers, item), typed=typed, wrong=wrong)


def _next(form: Begun, place: Place) -> str:
    if form.checking:
        return form.next_path
    following = rules.after(form.at.shape, form.answers, place)
    return f"{form.path}/fill/{spot_of(following)}" if following is not None else form.next_path
