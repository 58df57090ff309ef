"""Which pages nobody can ever reach.

Only answers that conditions look at matter, and of those only a few kinds of value: each option, yes and no, a number below, between and above what it is
compared with, nothing at all where that is allowed. For each page that has a condition, or stands after a notice that ends the journey, those values of what it
depends on (and of what that depends on, and so on) are tried together until the page is shown. So a page is called unreachable only when every
way has been tried; where there are too many ways (`MOST_WAYS`, and `MOST_IN_ALL` of the whole form), it is given the benefit of the doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import combinations, count, product
from typing import Any

from forms.conditions import asked_of
from forms.form import (
    All,
    AnyOf,
    Compared,
    Condition,
    Form,
    Group,
    Kind,
    Not,
    Notice,
    Question,
    Step,
    questions,
)
from forms.journey import ending, places, plain, stopped
from forms.marked import Path

MOST_WAYS = 3_000
MOST_IN_ALL = 6_000
"""Of one form, so that reading one takes some two seconds at the very worst, whoever wrote it."""


class _TooManyWays(Exception):
    """Not every way can be tried."""


def unreached(form: Form) -> Iterator[tuple[Path, str]]:
    """(path, sentence) of every page, and every ending, that no answers lead to."""
    tried = count()
    for number, step in enumerate(form.steps):
        path: Path = ("steps", number)
        if not _is_reached(form, number, step.when, step.key, None, tried):
            yield path, _why(step.when)
        elif isinstance(step, Group):
            for inner, question in enumerate(step.questions):
                if question.when and not _is_reached(
                    form, number, All(_both(step.when, question.when)), question.key, step, tried
                ):
                    yield (*path, "questions", inner), _why(question.when)
    for number in range(len(form.endings)):
        if not _is_ending_reached(form, number, tried):
            yield (
                ("endings", number),
                "Nobody can ever be told this: an ending before it, or its own condition, never lets it.",
            )
    if not _any(stopped(form, way) is None for way in _ways(form, len(form.steps), None, tried)):
        yield (
            ("steps",),
            "Every way through the form stops at a notice that ends it: nothing can ever be sent.",
        )


def _why(when: Condition | None) -> str:
    if when is None:
        return "Nobody can ever reach this page: every way stops at a notice before it."
    return "Nobody can ever reach this page: no answers make its condition true."


def _both(*conditions: Condition | None) -> tuple[Condition, ...]:
    return tuple(each for each in conditions if each is not None)


def _is_reached(
    form: Form, number: int, when: Condition | None, key: str, within: Group | None, tried: Iterator[int]
) -> bool:
    if when is None and not any(isinstance(step, Notice) and step.ends for step in form.steps[:number]):
        return True
    inside = within.key if within else None
    return _any(
        any(place.key == key and place.within == inside for place in places(form, way))
        for way in _ways(form, number, when, tried)
    )


def _any(tried: Iterable[bool]) -> bool:
    try:
        return any(tried)
    except _TooManyWays:
        return True


def _is_ending_reached(form: Form, number: int, tried: Iterator[int]) -> bool:
    chosen = form.endings[number]
    looked = AnyOf(_both(*(each.when for each in form.endings[: number + 1])))
    return _any(ending(form, way) is chosen for way in _ways(form, len(form.steps), looked, tried))


def _ways(form: Form, number: int, when: Condition | None, tried: Iterator[int]) -> Iterator[dict[str, Any]]:
    """Answers to everything that decides whether step `number` with this condition is shown; each way counts in `tried`."""
    asked: dict[str, tuple[Question, Group | None]] = {q.key: (q, group) for q, group in questions(form)}
    steps: dict[str, Step] = {step.key: step for step in form.steps}
    ends = [step.when for step in form.steps[:number] if isinstance(step, Notice) and step.ends]
    conditions = list(_both(when, *ends))
    needed: dict[str, list[Any]] = {}
    waiting = sorted({key for each in conditions for key in asked_of(each)})
    every = [*conditions, *_both(*(q.when for q, _ in asked.values()), *(step.when for step in form.steps))]
    every += _both(*(each.when for each in form.endings))
    adding = {total.key: total.of for total in form.totals}
    while waiting:
        key = waiting.pop()
        if key in needed:
            continue
        if key in adding:
            needed[key] = [None]
            waiting += adding[key]
            waiting += (group.key for of in adding[key] if (group := asked[of][1]) is not None)
            continue
        question, group = asked.get(key, (None, None))
        step = steps.get(key)
        needed[key] = _tries(question, step, every, adding)
        for each in (question or step, group):
            waiting += asked_of(each.when) if each is not None else ()
    keys = list(needed)
    for here, values in enumerate(product(*needed.values())):
        if here >= MOST_WAYS or next(tried) >= MOST_IN_ALL:
            raise _TooManyWays
        yield _answers(dict(zip(keys, values, strict=True)), asked, steps)


def _answers(
    values: Mapping[str, Any], asked: Mapping[str, tuple[Question, Group | None]], steps: Mapping[str, Step]
) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(steps.get(key), Group):
            answers.setdefault(key, [])
            answers[key] += [{} for _ in range(value - len(answers[key]))]
    for key, value in values.items():
        question, group = asked.get(key, (None, None))
        if question is None or value is None:
            continue
        if group is None:
            answers[key] = value
        else:
            rows = answers.setdefault(group.key, [])
            rows += [] if rows else [{}]
            for row in rows:
                row[key] = value
    return answers


def _tries(
    question: Question | None,
    step: Step | None,
    conditions: list[Condition],
    adding: Mapping[str, tuple[str, ...]],
) -> list[Any]:
    """Every value of `question` (or how many of group `step`) that a condition could tell from another."""
    if question is None:
        return list(range(step.least, step.most + 1)) if isinstance(step, Group) else [None]
    found: list[Any]
    match question.kind:
        case Kind.YES_NO:
            found = [True, False]
        case Kind.DECLARATION:
            found = [True]
        case Kind.CHOICE:
            found = [option.value for option in question.options]
        case Kind.CHOICES:
            found = _choices(question)
        case Kind.NUMBER | Kind.MONEY:
            found = _numbers(question, conditions, adding)
        case Kind.PHOTO:
            found = [[f"{n}.jpg" for n in range(count)] for count in range(1, 11)]
        case _:
            found = ["x"]
    return found if question.required else [*found, None]


def _choices(question: Question) -> list[Any]:
    together = [option.value for option in question.options if not option.alone]
    alone = [[option.value] for option in question.options if option.alone]
    if len(together) > 8:
        return [*([each] for each in together), together, *alone]
    return [
        *(list(some) for count in range(1, len(together) + 1) for some in combinations(together, count)),
        *alone,
    ]


def _numbers(
    question: Question, conditions: list[Condition], adding: Mapping[str, tuple[str, ...]]
) -> list[Any]:
    """Below, at and above each number it (or a total it is part of) is compared with, within its limits."""
    money = question.kind is Kind.MONEY
    names = {question.key, *(key for key, of in adding.items() if question.key in of)}
    marks = {limit for each in conditions for limit in _compared(each, names)}
    tick = Decimal("0.01") if money else Decimal(1).scaleb(-question.decimals)
    least = question.least if question.least is not None else Decimal(0 if money else -(10**12))
    most = question.most if question.most is not None else Decimal(10**12)
    tried = {least, most, *(mark + step for mark in marks for step in (-tick, Decimal(0), tick))}
    return [int(each * 100) if money else plain(each) for each in sorted(tried) if least <= each <= most]


def _compared(condition: Condition, names: set[str]) -> Iterator[Decimal]:
    match condition:
        case Compared(of, more_than, less_than) if of in names:
            yield from (each for each in (more_than, less_than) if each is not None)
        case All(parts) | AnyOf(parts):
            for each in parts:
                yield from _compared(each, names)
        case Not(part):
            yield from _compared(part, names)
        case _:
            return
