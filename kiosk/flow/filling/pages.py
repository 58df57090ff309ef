"""The pages of a form: what is typed and chosen on them, going on and going back.

Every answer is judged by `forms.rules` and by nothing here, so the kiosk accepts what a browser would. What was typed on a page that is
left by "Back" stays (`drafts`) until its visitor comes by again. From check-answers a changed answer leads back there, past any page that
the change has newly brought up.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forms.form import Group, Kind, Notice, Place, Question, step_at
from forms.rules import (
    Typed,
    Wrong,
    after,
    answer_at,
    before,
    items_of,
    judge,
    meant,
    places,
    typed_of,
    was_seen,
    with_answer,
    with_one_more,
    without_one,
)
from kiosk.flow import opening
from kiosk.flow.effects import Sound, Tone
from kiosk.flow.filling import acts as a
from kiosk.flow.filling.entry import with_filling
from kiosk.flow.filling.shown import Address, At, Filling
from wire.vocabulary import PartState

if TYPE_CHECKING:
    from kiosk.flow.journey import Step
    from kiosk.flow.model import Model

TOUCH = Sound(Tone.TOUCH)
REFUSED = Sound(Tone.REFUSED)
MOST_TYPED = 10_000
MOST_STROKES = 200
AT_ONCE = frozenset({Kind.CHOICE, Kind.YES_NO})
"""Choosing is answering."""
PARTS: dict[Kind, tuple[str, ...]] = {
    Kind.DATE: ("day", "month", "year"),
    Kind.NAME: ("first", "last"),
    Kind.ADDRESS: ("line_1", "line_2", "line_3", "postcode"),
}
TYPED_KINDS = frozenset(
    {
        Kind.TEXT,
        Kind.LONG_TEXT,
        Kind.NUMBER,
        Kind.MONEY,
        Kind.PHONE,
        Kind.EMAIL,
        Kind.REFERENCE,
        *PARTS,
    }
)
_DIGITS = {"day": 2, "month": 2, "year": 4}
_ALONE = {"day": "456789", "month": "23456789"}
"""First digits after which no second can follow."""


# Coming to a page -------------------------------------------------------------------------------------------


def show(model: Model, filling: Filling, place: Place | None) -> Model:
    """The page at `place`, with what stands there already; None: check-answers."""
    fresh = replace(
        filling, wrong=None, meant="", found=(), searched=False, working=0, part="", address=Address.POSTCODE
    )
    if place is None or filling.form is None:
        return with_filling(model, replace(fresh, at=At.CHECK, place=None, typed="", changing=False))
    step = step_at(filling.form, place)
    on = replace(fresh, at=At.PAGE, place=place, typed="")
    if isinstance(step, Question):
        typed = filling.drafts.get(place)
        if typed is None:
            typed = typed_of(step, answer_at(filling.answers, place))
        on = replace(on, typed=typed, part=PARTS.get(step.kind, ("",))[0])
        if step.kind is Kind.ADDRESS:
            on = _address(model, on, typed)
        elif step.kind is Kind.DATE and isinstance(typed, str):
            on = replace(on, typed={"day": "", "month": "", "year": ""})
    return with_filling(model, on)


def _address(model: Model, filling: Filling, typed: Typed) -> Filling:
    """Begins with the postcode where addresses can be looked up; else, and where something stands there, with the address itself."""
    given = isinstance(typed, dict) and any(typed.get(part) for part in PARTS[Kind.ADDRESS][:3])
    if given or not model.link_up:
        return replace(filling, address=Address.TYPING, part="line_1")
    return replace(filling, address=Address.POSTCODE, part="postcode")


def back(model: Model, filling: Filling) -> Model:
    """One page back, from the first to the start page."""
    if filling.form is None or filling.place is None:
        return model
    kept = _drafted(filling)
    if filling.question is not None and filling.question.kind is Kind.ADDRESS:
        inner = _address_back(model, kept)
        if inner is not None:
            return inner
    if filling.changing:
        return show(model, kept, None)
    place = before(filling.form, filling.answers, filling.place)
    if place is not None:
        return show(model, kept, place)
    return with_filling(model, replace(kept, at=At.START, place=None, wrong=None, typed=""))


def _address_back(model: Model, filling: Filling) -> Model | None:
    if filling.address in (Address.LIST, Address.LOOKING) or (
        filling.address is Address.TYPING and model.link_up
    ):
        looking = replace(filling, address=Address.POSTCODE, part="postcode", found=(), wrong=None, working=0)
        return with_filling(model, looking)
    return None


def _drafted(filling: Filling) -> Filling:
    """What stands on the page, kept for when its visitor comes by again."""
    if filling.question is None or filling.place is None or not _something(filling.typed):
        return filling
    if filling.typed == typed_of(filling.question, answer_at(filling.answers, filling.place)):
        return filling
    return replace(filling, drafts={**filling.drafts, filling.place: filling.typed})


def _something(typed: Typed) -> bool:
    return any(typed.values()) if isinstance(typed, dict) else bool(typed)


# Typing -----------------------------------------------------------------------------------------------------


def type_(model: Model, filling: Filling, action: a.Type | a.Delete) -> Step:
    question = filling.question
    if question is None or question.kind not in TYPED_KINDS:
        return model, ()
    was = filling.value(filling.part)
    if isinstance(action, a.Delete):
        if not was:
            return _field_before(model, filling, question.kind), (TOUCH,)
        return with_filling(model, put(filling, was[:-1])), (TOUCH,)
    text = action.text if question.kind is Kind.LONG_TEXT else action.text.replace("\n", " ")
    most = _DIGITS.get(filling.part, MOST_TYPED) if question.kind is Kind.DATE else MOST_TYPED
    if not text or len(was) + len(text) > most:
        return model, ()
    typed = put(filling, was + text)
    return with_filling(model, _field_after(typed) if question.kind is Kind.DATE else typed), (TOUCH,)


def put(filling: Filling, text: str) -> Filling:
    """The field that is active says `text` now. An address that was picked is another once it is changed."""
    if isinstance(filling.typed, dict):
        changed = {**filling.typed, filling.part: text}
        changed.pop("uprn", None)
        return replace(filling, typed=changed, wrong=None, searched=False)
    return replace(filling, typed=text, wrong=None, meant="")


def into(model: Model, filling: Filling, part: str) -> Step:
    if filling.question is None or part not in PARTS.get(filling.question.kind, ()):
        return model, ()
    return with_filling(model, replace(filling, part=part)), (TOUCH,)


def _field_before(model: Model, filling: Filling, kind: Kind) -> Model:
    parts = PARTS.get(kind, ())
    at = parts.index(filling.part) if filling.part in parts else 0
    looking = kind is Kind.ADDRESS and filling.address is not Address.TYPING
    return model if at == 0 or looking else with_filling(model, replace(filling, part=parts[at - 1]))


def _field_after(filling: Filling) -> Filling:
    """A day and a month are left by themselves, once no digit can follow."""
    text = filling.value(filling.part)
    if len(text) == 2 or (len(text) == 1 and text in _ALONE.get(filling.part, "")):
        following = {"day": "month", "month": "year"}.get(filling.part)
        return replace(filling, part=following) if following else filling
    return filling


# Choosing ---------------------------------------------------------------------------------------------------


def choose(model: Model, filling: Filling, value: str) -> Step:
    question = filling.question
    if question is None:
        return model, ()
    if question.kind in AT_ONCE:
        known = [each.value for each in question.options] if question.kind is Kind.CHOICE else ["yes", "no"]
        return go_on(model, replace(filling, typed=value)) if value in known else (model, ())
    if question.kind is Kind.DECLARATION:
        typed: Typed = "" if filling.typed == "yes" else "yes"
        return with_filling(model, replace(filling, typed=typed, wrong=None)), (TOUCH,)
    if question.kind is not Kind.CHOICES or all(each.value != value for each in question.options):
        return model, ()
    return with_filling(model, replace(filling, typed=_toggled(question, filling, value), wrong=None)), (
        TOUCH,
    )


def _toggled(question: Question, filling: Filling, value: str) -> list[str]:
    """ "None of these" goes with no other, so either puts the other out."""
    alone = {each.value for each in question.options if each.alone}
    chosen = list(filling.chosen)
    if value in chosen:
        return [each for each in chosen if each != value]
    if value in alone:
        return [value]
    return [*(each for each in chosen if each not in alone), value]


# Going on ---------------------------------------------------------------------------------------------------


def go_on(model: Model, filling: Filling, *, empty: bool = False) -> Step:
    """With what stands on the page; `empty`: with nothing."""
    if filling.form is None or filling.place is None:
        return model, ()
    if filling.group is not None:
        return _leave_group(model, filling, filling.group)
    if filling.notice is not None:
        return (model, ()) if filling.notice.ends else (_next(model, filling), (TOUCH,))
    question = filling.question
    if question is None:
        return model, ()
    if not empty and question.kind is Kind.ADDRESS and filling.address is Address.POSTCODE:
        return find_address(model, filling)
    typed = _nothing(question) if empty else filling.typed
    following = None if empty else _open_field(filling, question)
    if following:
        return with_filling(model, replace(filling, part=following)), (TOUCH,)
    judged = judge(question, typed, opening.local(model).date())
    if isinstance(judged, Wrong):
        return refuse(model, filling, judged)
    likely = meant(question, typed)
    if (
        likely and likely != judged and likely != filling.meant
    ):  # said once; whoever goes on meant what they typed
        return with_filling(model, replace(filling, meant=likely)), (REFUSED,)
    answers = with_answer(filling.form, filling.answers, filling.place, judged)
    drafts = {place: each for place, each in filling.drafts.items() if place != filling.place}
    return _next(model, replace(filling, answers=answers, drafts=drafts)), (TOUCH,)


def refuse(model: Model, filling: Filling, wrong: Wrong) -> Step:
    """Says what is wrong, at the question."""
    likely = meant(filling.question, filling.typed) if filling.question else None
    told = replace(filling, wrong=wrong, wrong_at=filling.wrong_at + 1, meant=likely or "")
    if filling.question is not None and filling.question.kind is Kind.ADDRESS:
        part = "postcode" if wrong.word.startswith("postcode") else filling.part
        told = replace(told, part=part)
    return with_filling(model, told), (REFUSED,)


def take_meant(model: Model, filling: Filling) -> Step:
    if not filling.meant:
        return model, ()
    return with_filling(model, put(filling, filling.meant)), (TOUCH,)


def _nothing(question: Question) -> Typed:
    if question.kind in (Kind.CHOICES, Kind.PHOTO):
        return []
    return dict.fromkeys(PARTS[question.kind], "") if question.kind in PARTS else ""


def _open_field(filling: Filling, question: Question) -> str | None:
    """The next field, while it is empty and this one is not: "Continue" on the last goes on."""
    if question.kind not in (Kind.NAME, Kind.DATE) or not filling.value(filling.part):
        return None
    parts = PARTS[question.kind]
    at = parts.index(filling.part)
    following = parts[at + 1] if at + 1 < len(parts) else None
    return following if following and not filling.value(following) else None


def _next(model: Model, filling: Filling) -> Model:
    form, place = filling.form, filling.place
    assert form is not None
    if not filling.changing:
        return show(model, filling, after(form, filling.answers, place))
    if place is not None and place.within is not None:  # the rest of this item, then its group
        return show(model, filling, after(form, filling.answers, place))
    return show(model, filling, first_unseen(filling))


def first_unseen(filling: Filling) -> Place | None:
    """The first page that asks something and was never come by."""
    form = filling.form
    if form is None:
        return None
    for place in places(form, filling.answers):
        step = step_at(form, place)
        if isinstance(step, Question) and not was_seen(filling.answers, place):
            return place
        if isinstance(step, Notice) and step.ends:
            return place
    return None


# Groups -----------------------------------------------------------------------------------------------------


def _leave_group(model: Model, filling: Filling, group: Group) -> Step:
    """Nobody goes on from a group while one of its items lacks an answer, or with fewer items than it takes."""
    count = len(items_of(group, filling.answers))
    if count < group.least:
        return refuse(model, filling, Wrong("group_few", {"least": group.least}))
    return _next(model, filling), (TOUCH,)


def add_one(model: Model, filling: Filling) -> Step:
    group, form = filling.group, filling.form
    if group is None or form is None or len(items_of(group, filling.answers)) >= group.most:
        return model, ()
    answers = with_one_more(group, filling.answers)
    number = len(items_of(group, answers)) - 1
    grown = replace(filling, answers=answers)
    first = next(
        (place for place in places(form, answers) if place.within == group.key and place.item == number),
        filling.place,
    )
    return show(model, grown, first), (TOUCH,)


def remove_one(model: Model, filling: Filling, item: int) -> Step:
    """Also what was typed for it and not yet right; the items after it move up, and their drafts with them."""
    group = filling.group
    if group is None or not 0 <= item < len(items_of(group, filling.answers)):
        return model, ()
    drafts = {}
    for place, typed in filling.drafts.items():
        if place.within != group.key or place.item is None or place.item < item:
            drafts[place] = typed
        elif place.item > item:
            drafts[replace(place, item=place.item - 1)] = typed
    fewer = replace(filling, answers=without_one(group, filling.answers, item), drafts=drafts)
    return show(model, fewer, filling.place), (TOUCH,)


# Addresses, signatures, photographs -------------------------------------------------------------------------


def find_address(model: Model, filling: Filling) -> Step:
    code = filling.value("postcode").strip()
    if not code:
        return refuse(model, filling, Wrong("postcode_missing"))
    order = model.order + 1
    looking = replace(
        filling, address=Address.LOOKING, working=order, since=model.steady, wrong=None, searched=False
    )
    find = a.LookForAddresses(filling.session, order, code)
    return with_filling(replace(model, order=order), looking), (TOUCH, find)


def addresses_found(model: Model, filling: Filling, event: a.AddressesFound) -> Step:
    if filling.address is not Address.LOOKING or filling.working != event.order:
        return model, ()
    if event.found:
        listed = replace(filling, address=Address.LIST, found=event.found, working=0)
        return with_filling(model, listed), ()
    typing = replace(
        filling, address=Address.TYPING, part="line_1", working=0, searched=event.found is not None
    )
    return with_filling(model, typing), ()


def pick_address(model: Model, filling: Filling, number: int) -> Step:
    if filling.address is not Address.LIST or not 0 <= number < len(filling.found):
        return model, ()
    picked = filling.found[number]
    typed: dict[str, str] = dict.fromkeys(PARTS[Kind.ADDRESS], "")
    lines = list(picked.lines)
    if len(lines) > 3:  # a flat in a house with a name: one line for the first of them
        lines = [", ".join(lines[: len(lines) - 2]), *lines[-2:]]
    typed |= {f"line_{at + 1}": line for at, line in enumerate(lines)}
    typed["postcode"] = picked.postcode
    if picked.uprn:
        typed["uprn"] = picked.uprn
    return go_on(model, replace(filling, typed=typed, address=Address.TYPING, part="line_1"))


def type_address(model: Model, filling: Filling) -> Step:
    question = filling.question
    if question is None or question.kind is not Kind.ADDRESS or filling.address is Address.TYPING:
        return model, ()
    typing = replace(filling, address=Address.TYPING, part="line_1", wrong=None, working=0, found=())
    return with_filling(model, typing), (TOUCH,)


def sign(model: Model, filling: Filling, action: a.Sign | a.SignAgain) -> Step:
    question = filling.question
    if question is None or question.kind is not Kind.SIGNATURE:
        return model, ()
    if isinstance(action, a.SignAgain):
        strokes = {name: each for name, each in filling.strokes.items() if name != filling.value()}
        return with_filling(model, replace(filling, typed="", strokes=strokes, wrong=None)), (TOUCH,)
    name = filling.value() or f"signature-{filling.files + 1}.png"
    drawn = filling.strokes.get(name, ())
    if not action.stroke or len(drawn) >= MOST_STROKES:
        return model, ()
    signed = replace(
        filling, typed=name, wrong=None, strokes={**filling.strokes, name: (*drawn, action.stroke)},
        files=filling.files + (not filling.value()),
    )  # fmt: skip
    return with_filling(model, signed), ()


def can_photograph(model: Model) -> bool:
    return model.plate not in (PartState.NONE, PartState.MISSING) and model.station.trouble is None


def take_photo(model: Model, filling: Filling) -> Step:
    question = filling.question
    if question is None or question.kind is not Kind.PHOTO or filling.working or not can_photograph(model):
        return model, ()
    order, name = model.order + 1, f"photo-{filling.files + 1}.jpg"
    taking = replace(filling, working=order, since=model.steady, files=filling.files + 1, wrong=None)
    return with_filling(replace(model, order=order), taking), (
        TOUCH, a.Photograph(filling.session, order, name),
    )  # fmt: skip


def photo_taken(model: Model, filling: Filling, event: a.PhotoTaken) -> Step:
    if filling.working != event.order or filling.question is None:
        return model, ()
    done = replace(filling, working=0)
    if not event.name:
        return refuse(model, done, Wrong("photo_failed"))
    return with_filling(model, replace(done, typed=[*filling.chosen, event.name])), ()


def drop_photo(model: Model, filling: Filling, name: str) -> Step:
    if filling.question is None or filling.question.kind is not Kind.PHOTO or name not in filling.chosen:
        return model, ()
    left = [each for each in filling.chosen if each != name]
    return with_filling(model, replace(filling, typed=left, wrong=None)), (TOUCH,)
