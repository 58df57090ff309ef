"""Which pages a form has, given the answers; what is still missing; what is kept.

One pass from the first step to the last (`_walk`), taking along the answers of the pages it comes by and of no other: so what was typed on a page that
the answers no longer lead to counts for nothing, neither in a later condition nor in what is sent. A notice that ends the journey ends the pass.

A group with `least` of one or more has that many items from the start, also while nothing is answered; `add` makes one more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from forms.conditions import Scope, holds, number_of
from forms.form import (
    NUMBERS,
    Answer,
    Answers,
    Ending,
    Form,
    Group,
    Kind,
    Notice,
    Place,
    Question,
    Step,
    questions,
)


@dataclass(frozen=True)
class Sum:
    """`value`: a number as it is kept: pence of money, else the decimal as text."""

    key: str
    kind: Kind
    value: int | str


@dataclass
class _Pass:
    kept: dict[str, Any]
    places: list[tuple[Place, Step]]
    ended: Notice | None = None


def _walk(form: Form, answers: Answers) -> _Pass:
    way = _Pass({}, [])
    money = _money(form)
    adding = {total.key: total for total in form.totals}
    for step in form.steps:
        seen = {**_sums(form, way.kept, adding), **way.kept}
        if not holds(step.when, Scope(seen, {}, money)):
            continue
        if isinstance(step, Group):
            _walk_group(step, answers, way, seen, money)
        elif isinstance(step, Question) and step.key in answers:
            way.kept[step.key] = answers[step.key]
        way.places.append((Place(step.key), step))
        if isinstance(step, Notice) and step.ends:
            way.ended = step
            break
    return way


def _walk_group(
    group: Group, answers: Answers, way: _Pass, seen: Mapping[str, Any], money: frozenset[str]
) -> None:
    items = items_of(group, answers)
    kept: list[dict[str, Any]] = []
    for number, item in enumerate(items):
        own: dict[str, Any] = {}
        for question in group.questions:
            if not holds(question.when, Scope(seen, own, money)):
                continue
            way.places.append((Place(question.key, number, group.key), question))
            if question.key in item:
                own[question.key] = item[question.key]
        kept.append(own)
    if group.key in answers or kept:
        way.kept[group.key] = kept


def items_of(group: Group, answers: Answers) -> list[Mapping[str, Any]]:
    """The items there are: at least the group's `least`, at most its `most`."""
    given = answers.get(group.key)
    items = [each if isinstance(each, Mapping) else {} for each in given] if isinstance(given, list) else []
    items += [{}] * (group.least - len(items))
    return items[: group.most]


def places(form: Form, answers: Answers) -> tuple[Place, ...]:
    """Every page to be shown, in order, given the answers."""
    return tuple(place for place, _ in _walk(form, answers).places)


def after(form: Form, answers: Answers, place: Place | None) -> Place | None:
    """The page after `place`; the first for None; None when it is the last, or is not shown (any more)."""
    way = places(form, answers)
    if place is None:
        return way[0] if way else None
    at = way.index(place) if place in way else len(way)
    return way[at + 1] if at + 1 < len(way) else None


def before(form: Form, answers: Answers, place: Place | None) -> Place | None:
    """The page before `place`; the last for None (that is check-answers); None when it is the first, or is not shown."""
    way = places(form, answers)
    if place is None:
        return way[-1] if way else None
    at = way.index(place) if place in way else 0
    return way[at - 1] if at else None


def answer_at(answers: Answers, place: Place) -> Any:
    """What is answered there; None when nothing is."""
    if place.within is None:
        return answers.get(place.key)
    items = answers.get(place.within)
    if not isinstance(items, list) or place.item is None or not 0 <= place.item < len(items):
        return None
    return items[place.item].get(place.key) if isinstance(items[place.item], Mapping) else None


def was_seen(answers: Answers, place: Place) -> bool:
    """Whether the page was answered or passed over (None)."""
    if place.within is None:
        return place.key in answers
    items = answers.get(place.within)
    if not isinstance(items, list) or place.item is None or not 0 <= place.item < len(items):
        return False
    return isinstance(items[place.item], Mapping) and place.key in items[place.item]


def with_answer(form: Form, answers: Answers, place: Place, answer: Answer) -> dict[str, Any]:
    """The answers with this one put in; what was there before stays, also of pages now hidden (`kept` drops them)."""
    changed = dict(answers)
    if place.within is None:
        changed[place.key] = answer
        return changed
    group = next((step for step in form.steps if isinstance(step, Group) and step.key == place.within), None)
    if group is None or place.item is None or not 0 <= place.item < group.most:
        return changed
    items = [dict(each) for each in items_of(group, answers)]
    items += [{} for _ in range(place.item + 1 - len(items))]
    items[place.item][place.key] = answer
    changed[group.key] = items
    return changed


def with_one_more(group: Group, answers: Answers) -> dict[str, Any]:
    """One more item, empty; the same when there are as many as may be."""
    items = [dict(each) for each in items_of(group, answers)]
    return {**answers, group.key: [*items, {}] if len(items) < group.most else items}


def without_one(group: Group, answers: Answers, item: int) -> dict[str, Any]:
    """Item number `item` taken away."""
    items = [dict(each) for each in items_of(group, answers)]
    return {**answers, group.key: [each for number, each in enumerate(items) if number != item]}


def missing(form: Form, answers: Answers) -> tuple[Place, ...]:
    """Pages that must be answered and are not, in order."""
    way = _walk(form, answers)
    return tuple(
        place
        for place, step in way.places
        if isinstance(step, Question)
        and step.required
        and answer_at(way.kept, place) in (None, "", [], {}, False)
        and not (step.kind is Kind.YES_NO and answer_at(way.kept, place) is False)
    )


def kept(form: Form, answers: Answers) -> dict[str, Any]:
    """What is sent: answers of pages that are shown, without those left empty."""
    way = _walk(form, answers)
    groups = {step.key for step in form.steps if isinstance(step, Group)}
    return {
        key: [{k: v for k, v in item.items() if v is not None} for item in answer]
        if key in groups
        else answer
        for key, answer in way.kept.items()
        if answer is not None
    }


def stopped(form: Form, answers: Answers) -> Notice | None:
    """The notice that ends the journey, when the answers lead to one: nothing is to be sent then."""
    return _walk(form, answers).ended


def ending(form: Form, answers: Answers) -> Ending:
    """What is said once it is sent."""
    way = _walk(form, answers)
    adding = {total.key: total for total in form.totals}
    scope = Scope({**_sums(form, way.kept, adding), **way.kept}, {}, _money(form))
    chosen = next((each for each in form.endings if holds(each.when, scope)), None)
    return chosen or Ending(title={}, text=form.sent)


def totals(form: Form, answers: Answers) -> tuple[Sum, ...]:
    """Every total of pages that are shown (of none of them, there is nothing to add up); what is not answered counts nothing."""
    adding = {total.key: total for total in form.totals}
    way = _walk(form, answers)
    sums = _sums(form, way.kept, adding)
    kinds = {question.key: question.kind for question, _ in questions(form)}
    asked = {place.key for place, _ in way.places}
    found = []
    for total in form.totals:
        if asked.isdisjoint(total.of):
            continue
        value, kind = sums[total.key], kinds.get(total.of[0], Kind.NUMBER)
        found.append(Sum(total.key, kind, int(value * 100) if kind is Kind.MONEY else plain(value)))
    return tuple(found)


def plain(number: Decimal) -> str:
    """As an answer is kept: no power of ten, no noughts at the end, no minus nought."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _sums(form: Form, seen: Mapping[str, Any], adding: Mapping[str, Any]) -> dict[str, Decimal]:
    if not adding:
        return {}
    within = {question.key: group for question, group in questions(form)}
    money = _money(form)
    return {
        total.key: sum(
            (
                number
                for key in total.of
                for answer in _all_of(key, within.get(key), seen)
                if (number := number_of(answer, money=key in money)) is not None
            ),
            Decimal(0),
        )
        for total in adding.values()
    }


def _all_of(key: str, group: Group | None, seen: Mapping[str, Any]) -> Iterator[Any]:
    if group is None:
        yield seen.get(key) if not isinstance(seen.get(key), list) else None
    else:
        for item in seen.get(group.key, ()):
            answer = item.get(key)
            yield None if isinstance(answer, list) else answer


def _money(form: Form) -> frozenset[str]:
    return frozenset(
        each.key for each, _ in questions(form) if each.kind is Kind.MONEY and each.kind in NUMBERS
    )
