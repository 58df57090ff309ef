"""What an administrator sees of a form while writing it: every page as it reads in one language, when it is asked, and the way the answers take.

A text with faults has no preview, only its faults with their lines. The way is tried by choosing answers of those questions that conditions look at; pages
the answers do not lead to stay in the list, marked, so that nothing seems to have vanished.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from forms import rules
from forms.conditions import asked_of
from forms.form import (
    All,
    Answered,
    AnyOf,
    Compared,
    Condition,
    Form,
    Group,
    Is,
    Kind,
    Not,
    Notice,
    Place,
    Question,
    Step,
    say,
)
from forms.reading import Fault, read_form

KINDS: Mapping[str, str] = {
    Kind.TEXT: "One line",
    Kind.LONG_TEXT: "Several lines",
    Kind.NUMBER: "Number",
    Kind.MONEY: "Amount in pounds",
    Kind.DATE: "Date",
    Kind.CHOICE: "One of these",
    Kind.CHOICES: "Any of these",
    Kind.YES_NO: "Yes or no",
    Kind.NAME: "Name",
    Kind.ADDRESS: "Address",
    Kind.PHONE: "Telephone",
    Kind.EMAIL: "E-mail",
    Kind.REFERENCE: "Reference",
    Kind.PHOTO: "Photo or scan",
    Kind.SIGNATURE: "Signature",
    Kind.DECLARATION: "Declaration",
}
TRIED = (Kind.CHOICE, Kind.CHOICES, Kind.YES_NO)
_KEY = re.compile(r"^\s*-?\s*\{?\s*key:\s*[\"']?([a-z][a-z0-9_]*)", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One page as it reads. `line` is where it stands in the text; `asked` whether the answers tried lead to it."""

    key: str
    title: str
    hint: str
    kind: str
    line: int
    asked: bool
    when: str = ""
    within: str = ""
    required: bool = True
    text: str = ""
    options: tuple[tuple[str, str], ...] = ()
    ends: bool = False


@dataclass(frozen=True)
class Try:
    """A question whose answer the way depends on, with the answers there are and the one tried."""

    key: str
    title: str
    options: tuple[tuple[str, str], ...]
    chosen: str = ""


@dataclass(frozen=True)
class Preview:
    faults: tuple[Fault, ...] = ()
    form: Form | None = None
    language: str = "en"
    pages: tuple[Page, ...] = ()
    tries: tuple[Try, ...] = ()
    languages: tuple[str, ...] = ("en",)
    sent: str = ""
    lead: str = ""
    title: str = ""
    ready: tuple[str, ...] = field(default=())


def preview(text: str, language: str, tried: Mapping[str, str]) -> Preview:
    """Of whatever text; `tried` is what was chosen by key."""
    found = read_form(text)
    if not isinstance(found, Form):
        return Preview(faults=tuple(found))
    language = language if language in found.languages else "en"
    answers = _answers(found, tried)
    asked = set(rules.places(found, answers))
    lines = {match[1]: text.count("\n", 0, match.start(1)) + 1 for match in _KEY.finditer(text)}
    return Preview(
        form=found,
        language=language,
        languages=found.languages,
        pages=tuple(_pages(found, language, asked, lines)),
        tries=tuple(_tries(found, language, tried)),
        title=say(found.title, language),
        lead=say(found.lead, language),
        sent=say(found.sent, language),
        ready=tuple(say(each, language) for each in found.ready),
    )


def _answers(form: Form, tried: Mapping[str, str]) -> dict[str, Any]:
    """Those chosen, as answers."""
    found: dict[str, Any] = {}
    for step in form.steps:
        if not isinstance(step, Question) or step.kind not in TRIED or not tried.get(step.key):
            continue
        chosen = tried[step.key]
        if step.kind is Kind.YES_NO:
            found[step.key] = chosen == "yes"
        elif any(option.value == chosen for option in step.options):
            found[step.key] = [chosen] if step.kind is Kind.CHOICES else chosen
    return found


def _tries(form: Form, language: str, tried: Mapping[str, str]) -> Iterator[Try]:
    looked_at = {key for step in _steps(form) for key in asked_of(step.when)}
    looked_at |= {key for ending in form.endings for key in asked_of(ending.when)}
    for step in form.steps:
        if not isinstance(step, Question) or step.kind not in TRIED or step.key not in looked_at:
            continue
        options = (
            (("yes", "Yes"), ("no", "No"))
            if step.kind is Kind.YES_NO
            else tuple((each.value, say(each.label, language)) for each in step.options)
        )
        yield Try(step.key, say(step.title, language), options, tried.get(step.key, ""))


def _steps(form: Form) -> Iterator[Step]:
    for step in form.steps:
        yield step
        if isinstance(step, Group):
            yield from step.questions


def _pages(form: Form, language: str, asked: set[Place], lines: Mapping[str, int]) -> Iterator[Page]:
    for step in form.steps:
        if isinstance(step, Group):
            inside = any(place.within == step.key for place in asked)
            for question in step.questions:
                shown = inside and (question.when is None or any(p.key == question.key for p in asked))
                yield _page(form, question, language, shown, lines, within=say(step.one, language))
        yield _page(form, step, language, Place(step.key) in asked, lines)


def _page(
    form: Form, step: Step, language: str, asked: bool, lines: Mapping[str, int], within: str = ""
) -> Page:
    facts: dict[str, Any] = {"kind": "A list of several" if isinstance(step, Group) else "Told"}
    if isinstance(step, Question):
        facts = {
            "kind": KINDS[step.kind],
            "required": step.required,
            "text": say(step.statement, language),
            "options": tuple((say(each.label, language), say(each.hint, language)) for each in step.options),
        }
    elif isinstance(step, Notice):
        facts |= {"text": say(step.text, language), "ends": step.ends}
    hint = {} if isinstance(step, Notice) else step.hint
    return Page(
        key=step.key,
        title=say(step.title, language),
        hint=say(hint, language),
        line=lines.get(step.key, 1),
        asked=asked,
        when=condition_words(form, step.when) if step.when is not None else "",
        within=within,
        **facts,
    )


def condition_words(form: Form, condition: Condition) -> str:
    """When a page is asked, in English."""
    match condition:
        case Is(of, values):
            return f"“{_title(form, of)}” is {_or(_value(form, of, value) for value in values)}"
        case Compared(of, more, less):
            parts = [
                f"more than {more}" if more is not None else "",
                f"less than {less}" if less is not None else "",
            ]
            return f"“{_title(form, of)}” is {' and '.join(part for part in parts if part)}"
        case Answered(of):
            return f"“{_title(form, of)}” is answered"
        case All(parts):
            return " and ".join(_inside(form, each) for each in parts)
        case AnyOf(parts):
            return " or ".join(_inside(form, each) for each in parts)
        case Not(part):
            return f"not ({condition_words(form, part)})"


def _inside(form: Form, condition: Condition) -> str:
    words = condition_words(form, condition)
    return f"({words})" if isinstance(condition, All | AnyOf) else words


def _title(form: Form, key: str) -> str:
    found: Iterable[Any] = (*_steps(form), *form.totals)
    return next((say(each.title, "en") for each in found if each.key == key), key)


def _value(form: Form, key: str, value: str | bool | Decimal) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    for step in _steps(form):
        if isinstance(step, Question) and step.key == key:
            return next((say(each.label, "en") for each in step.options if each.value == value), str(value))
    return str(value)


def _or(words: Iterable[str]) -> str:
    return " or ".join(f"“{each}”" if each not in ("yes", "no") else each for each in words)


@dataclass(frozen=True)
class Line:
    """A line of the differences: `sign` is +, -, @ (where it is) or blank."""

    sign: str
    text: str


def differences(before: str, after: str) -> list[Line]:
    """What was taken out and put in, with two lines around each; empty when they are the same."""
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=2, lineterm="")
    return [Line(each[0] if each else " ", each[1:]) for each in list(found)[2:]]
