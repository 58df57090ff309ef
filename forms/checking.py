"""What no schema can say of a form: sentences left untranslated, keys that stand twice, limits that make no sense, conditions that look forward, in a circle
or at nothing, totals of what cannot be added.

Each check yields (path in the document, sentence). Whether every page can be reached is asked last (`forms.reaching`), only of a form whose conditions are
sound, because only then does the question mean anything.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from forms.conditions import asked_of
from forms.form import (
    NUMBERS,
    PERSONAL,
    WITH_OPTIONS,
    All,
    AnyOf,
    Compared,
    Condition,
    Day,
    Form,
    Group,
    Is,
    Kind,
    Not,
    Notice,
    Question,
    Step,
    questions,
)
from forms.marked import Path
from forms.reaching import unreached

Found = Iterator[tuple[Path, str]]
_NAMES = {
    "en": "English",
    "gu": "Gujarati",
    "pa": "Panjabi",
    "ur": "Urdu",
    "ar": "Arabic",
    "pl": "Polish",
}
_FOR: Mapping[str, frozenset[Kind]] = {
    "options": WITH_OPTIONS,
    "statement": frozenset({Kind.DECLARATION}),
    "least": NUMBERS,
    "most": NUMBERS,
    "decimals": frozenset({Kind.NUMBER}),
    "unit": frozenset({Kind.NUMBER}),
    "least_characters": frozenset({Kind.TEXT, Kind.LONG_TEXT}),
    "most_characters": frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.REFERENCE}),
    "earliest": frozenset({Kind.DATE}),
    "latest": frozenset({Kind.DATE}),
    "least_chosen": frozenset({Kind.CHOICES, Kind.PHOTO}),
    "most_chosen": frozenset({Kind.CHOICES, Kind.PHOTO}),
    "known": frozenset({Kind.REFERENCE}),
    "masks": frozenset({Kind.REFERENCE}),
    "example": frozenset({Kind.REFERENCE}),
    "textable": frozenset({Kind.PHONE}),
    "anywhere": frozenset({Kind.ADDRESS}),
}
"""Which field goes with which kinds."""


def check(form: Form) -> list[tuple[Path, str]]:
    found = [
        *_languages(form),
        *_keys(form),
        *_questions(form),
        *_conditions(form),
        *_totals(form),
        *_uses(form),
    ]
    return found or list(unreached(form))


# Sentences ------------------------------------------------------------------------------------------------------------


def _languages(form: Form) -> Found:
    if form.languages[0] != "en":
        yield ("languages",), "English (en) must come first: it is what is shown where another is missing."
    for path, words in _words(form):
        for language in form.languages:
            if not words.get(language, "").strip():
                yield (
                    path,
                    f"The sentence is not there in {_NAMES[language]} ({language}), which the form says it speaks.",
                )
        for language, text in words.items():
            if unseen := sorted({sign for sign in text if _is_unseen(sign)}):
                names = ", ".join(f"U+{ord(sign):04X}" for sign in unseen)
                yield (
                    path,
                    f"The {_NAMES[language]} sentence has signs that nobody sees ({names}). Type it anew.",
                )
            if language not in form.languages:
                yield (
                    path,
                    f"The sentence is there in {_NAMES[language]} ({language}), but “languages” does not name it.",
                )


def _is_unseen(sign: str) -> bool:
    """Marks of direction make a sentence read as another; joiners are letters to Indic scripts and Arabic."""
    return sign not in "\n\u200c\u200d" and unicodedata.category(sign)[0] == "C"


def _words(form: Form) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """Every sentence of the form with its path; those that may be left out only where they stand."""
    yield from ((("title",), form.title), (("lead",), form.lead), (("sent",), form.sent))
    yield from ((("whom",), form.whom),) if form.whom else ()
    yield from ((("ready", number), words) for number, words in enumerate(form.ready))
    for number, step in enumerate(form.steps):
        yield from _step_words(("steps", number), step)
    yield from ((("totals", number, "title"), each.title) for number, each in enumerate(form.totals))
    for number, ending in enumerate(form.endings):
        yield ("endings", number, "title"), ending.title
        yield ("endings", number, "text"), ending.text


def _step_words(path: Path, step: Step) -> Iterator[tuple[Path, Mapping[str, str]]]:
    yield (*path, "title"), step.title
    if isinstance(step, Notice):
        yield (*path, "text"), step.text
        return
    for name in ("hint", "why", "statement", "unit", "one"):
        words = getattr(step, name, None)
        if words:
            yield (*path, name), words
    if isinstance(step, Group):
        for number, question in enumerate(step.questions):
            yield from _step_words((*path, "questions", number), question)
        return
    for number, option in enumerate(step.options):
        yield (*path, "options", number, "label"), option.label
        if option.hint:
            yield (*path, "options", number, "hint"), option.hint


# Keys and limits --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A step, or a question of a group, with where it stands."""

    path: Path
    order: tuple[int, int]
    step: Step
    group: Group | None


def asked(form: Form) -> list[Asked]:
    """In the order of the pages; a group after its questions, where its own page is."""
    found: list[Asked] = []
    for number, step in enumerate(form.steps):
        if isinstance(step, Group):
            found += (
                Asked(("steps", number, "questions", inner), (number, inner), question, step)
                for inner, question in enumerate(step.questions)
            )
        last = len(step.questions) if isinstance(step, Group) else 0
        found.append(Asked(("steps", number), (number, last), step, None))
    return found


def _keys(form: Form) -> Found:
    seen: set[str] = set()
    for each in asked(form):
        if each.step.key in seen:
            yield (
                (*each.path, "key"),
                f"“{each.step.key}” is the key of another step already; each needs its own.",
            )
        seen.add(each.step.key)
    for number, total in enumerate(form.totals):
        if total.key in seen:
            yield (
                ("totals", number, "key"),
                f"“{total.key}” is the key of a step already; a total needs its own.",
            )
        seen.add(total.key)


def _questions(form: Form) -> Found:
    for each in asked(form):
        step = each.step
        if isinstance(step, Group) and step.least > step.most:
            yield (*each.path, "least"), f"At least {step.least} but at most {step.most}: no number is both."
        if isinstance(step, Question):
            yield from ((path, say) for path, say in _question(each.path, step))


def _question(path: Path, question: Question) -> Found:
    empty = Question(question.key, question.kind, question.title)
    for name, kinds in _FOR.items():
        if getattr(question, name) != getattr(empty, name) and question.kind not in kinds:
            fits = ", ".join(sorted(kinds))
            yield (*path, name), f"“{name}” says nothing for “{question.kind}”; it is for: {fits}."
    if question.kind in WITH_OPTIONS and not question.options:
        yield path, f"“{question.kind}” needs “options”: what can be chosen."
    if question.kind is Kind.DECLARATION and not question.statement:
        yield path, "A declaration needs its “statement”: what the visitor says is so."
    if question.kind is Kind.DECLARATION and not question.required:
        yield (
            (*path, "required"),
            "A declaration that need not be made is none; make it a yes-or-no question.",
        )
    if question.known and question.masks:
        yield (*path, "masks"), "“known” and “masks” exclude each other: one says how the reference looks."
    yield from _options(path, question)
    yield from _limits(path, question)


def _options(path: Path, question: Question) -> Found:
    seen: set[str] = set()
    for number, option in enumerate(question.options):
        if option.value in seen:
            yield (
                (*path, "options", number, "value"),
                f"“{option.value}” is the value of another option already.",
            )
        seen.add(option.value)
        if option.alone and question.kind is not Kind.CHOICES:
            yield (*path, "options", number, "alone"), "Only one of several choices can stand alone."
    together = sum(not option.alone for option in question.options)
    if question.kind is Kind.CHOICES and (question.least_chosen or 0) > together:
        yield (
            (*path, "least_chosen"),
            f"At least {question.least_chosen} of {together} options that go together.",
        )


def _limits(path: Path, question: Question) -> Found:
    for low, high in (
        ("least", "most"),
        ("least_characters", "most_characters"),
        ("least_chosen", "most_chosen"),
    ):
        least, most = getattr(question, low), getattr(question, high)
        if least is not None and most is not None and least > most:
            yield (*path, low), f"At least {least} but at most {most}: nothing is both."
    if question.kind is Kind.PHOTO and max(question.most_chosen or 0, question.least_chosen or 0) > 10:
        yield (*path, "most_chosen"), "At most 10 photographs fit in one answer."
    for name in ("earliest", "latest"):
        day = getattr(question, name)
        if isinstance(day, Day) and day.fixed and not _is_day(day.fixed):
            yield (*path, name), f"There is no day {day.fixed}."
            return
    if question.earliest and question.latest and _after(question.earliest, question.latest):
        yield (*path, "earliest"), "The earliest day is after the latest: no date is right."


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _after(one: Day, other: Day) -> bool:
    """Only where both are fixed, or both reckoned from today."""
    if one.fixed and other.fixed:
        return one.fixed > other.fixed
    if one.fixed or other.fixed:
        return False
    return one.years * 365.25 + one.days > other.years * 365.25 + other.days


# Conditions -------------------------------------------------------------------------------------------------------------


def _conditions(form: Form) -> Found:
    known = {each.step.key: each for each in asked(form)}
    sums = {total.key for total in form.totals}
    for each in asked(form):
        for key in sorted(set(asked_of(each.step.when))):
            yield from ((path, say) for path, say in _looks_at(each, key, known, sums))
        yield from _values((*each.path, "when"), each.step.when, known, sums)
    for number, ending in enumerate(form.endings):
        path: Path = ("endings", number, "when")
        for key in sorted(set(asked_of(ending.when))):
            if key not in known and key not in sums:
                yield path, f"There is no question “{key}”."
            elif key in known and known[key].group is not None:
                yield path, _inside(key, known[key])
        yield from _values(path, ending.when, known, sums)


def _looks_at(each: Asked, key: str, known: Mapping[str, Asked], sums: set[str]) -> Found:
    path: Path = (*each.path, "when")
    if key in sums:
        return
    if key not in known:
        yield path, f"There is no question “{key}”."
        return
    other = known[key]
    if key == each.step.key:
        yield path, "It is shown only if it is answered itself: a loop."
    elif _leads_back(key, each.step.key, known):
        yield path, f"“{each.step.key}” depends on “{key}”, and “{key}” on “{each.step.key}”: a loop."
    elif isinstance(other.step, Notice):
        yield path, f"“{key}” is a page that asks nothing, so no condition can look at it."
    elif other.group is not None and other.group is not each.group:
        yield path, _inside(key, other)
    elif isinstance(other.step, Group) and other.step is each.group:
        yield path, f"“{key}” is the group this question is in."
    elif other.order > each.order:
        yield path, f"“{key}” is asked later; a condition can only look at what has been asked before."


def _inside(key: str, other: Asked) -> str:
    group = other.group.key if other.group else ""
    return f"“{key}” is asked for each of “{group}”; from outside only “{group}” itself (how many) can be looked at."


def _leads_back(start: str, goal: str, known: Mapping[str, Asked]) -> bool:
    seen, waiting = set(), [start]
    while waiting:
        key = waiting.pop()
        if key == goal:
            return True
        if key not in seen and key in known:
            seen.add(key)
            waiting += asked_of(known[key].step.when)
    return False


def _values(path: Path, condition: Condition | None, known: Mapping[str, Asked], sums: set[str]) -> Found:
    match condition:
        case All(parts) | AnyOf(parts):
            for each in parts:
                yield from _values(path, each, known, sums)
        case Not(part):
            yield from _values(path, part, known, sums)
        case Is(of, values):
            yield from ((path, say) for say in _is_faults(of, values, known, sums))
        case Compared(of):
            step = known[of].step if of in known else None
            if isinstance(step, Question) and step.kind not in NUMBERS | {Kind.CHOICES, Kind.PHOTO}:
                yield path, f"“{of}” is no number, so it cannot be more or less than one."
        case _:
            return


def _is_faults(
    of: str, values: tuple[str | bool, ...], known: Mapping[str, Asked], sums: set[str]
) -> Iterator[str]:
    step: Any = known[of].step if of in known else None
    if of in sums or isinstance(step, Group):
        yield f"“{of}” is a number; ask whether it is “more_than” or “less_than” another."
    elif isinstance(step, Question) and step.kind in WITH_OPTIONS:
        options = {option.value for option in step.options}
        yield from (f"“{each}” is no option of “{of}”." for each in values if each not in options)
    elif isinstance(step, Question) and step.kind in (Kind.YES_NO, Kind.DECLARATION):
        yield from (
            f"“{of}” is answered yes or no, never “{each}”." for each in values if not isinstance(each, bool)
        )
    elif isinstance(step, Question):
        yield f"“is” looks at choices and at yes or no; of “{of}” ask whether it is answered, or how much it is."


# Totals and what answers are used for --------------------------------------------------------------------------------------


def _totals(form: Form) -> Found:
    kinds = {question.key: question.kind for question, _ in questions(form)}
    for number, total in enumerate(form.totals):
        path: Path = ("totals", number, "of")
        for key in total.of:
            if key not in kinds:
                yield path, f"There is no question “{key}”."
            elif kinds[key] not in NUMBERS:
                yield path, f"“{key}” is no number and no money, so it cannot be added up."
        if {kinds.get(key) for key in total.of} >= NUMBERS:
            yield path, "Numbers and money cannot be added up together."


def _uses(form: Form) -> Found:
    kinds = {step.key: step.kind for step in form.steps if isinstance(step, Question)}
    for path, key, kind in (
        (("receipt", "phone"), form.receipt_phone, Kind.PHONE),
        (("receipt", "email"), form.receipt_email, Kind.EMAIL),
        (("case",), form.case, Kind.REFERENCE),
    ):
        if key and kinds.get(key) is not kind:
            yield path, f"“{key}” is no question of kind “{kind}” outside a group."
    if not form.anonymous:
        return
    for each in asked(form):
        if isinstance(each.step, Question) and each.step.kind in PERSONAL:
            yield (*each.path, "kind"), f"The form says it is anonymous, and asks for “{each.step.kind}”."
