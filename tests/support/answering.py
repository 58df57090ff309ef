"""Whole ways through a form, made up by Hypothesis: what a visitor types on each page, right and wrong, until it is sent or stops.

For `forms`' own tests and for both renderers: play a `Journey` through a kiosk or a browser, page by page, and each `Try` must be accepted or refused as
it says, and the answers at the end must be those.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from forms import dates, rules
from forms.form import Form, Group, Kind, Notice, Place, Question, step_at
from forms.judging import most_characters, most_chosen
from forms.references import KNOWN
from forms.rules import Typed, Wrong

PHONES = ("07700 900123", "+44 7700 900456", "0116 496 0123", "૦૭૭૦૦ ૯૦૦૧૨૩", "+48 512 345 678")
EMAILS = ("ann@example.com", "j.o-neil+forms@mail.example.org", " A.Patel@Example.CO.UK ")
POSTCODES = ("LE1 6RN", "le45ab", "LE2 OAA", "NG1 1AA")
SCRIPTS = "abz é'ßł-Øੳਅકગےابم ال 中 Ω 42.,!?"
HOSTILE = (
    "",
    " ",
    "\u200f\u200e",
    "<script>alert(1)</script>",
    "'; DROP TABLE form; --",
    "\x00\x07",
    "a" * 10_000,
    "9" * 400,
    "1e999",
    "NaN",
    "٣٤٫٥",
    "-",
    "+",
    "@",
    "31/02/2026",
    "£1,234.50",
    "1,23",
    "½",
    "²",
    "\ud7ff\U0010ffff",
)


@dataclass(frozen=True)
class Try:
    """What is typed on a page, and whether it is to be accepted. `more`: on a group's own page, one more item is asked for (`typed` is then "")."""

    place: Place
    typed: Typed
    accepted: bool
    more: bool = False


@dataclass(frozen=True)
class Journey:
    """`ends`: it stopped at a notice that ends it, so nothing is sent."""

    tries: tuple[Try, ...]
    answers: dict[str, Any]
    ends: bool


@st.composite
def journeys(
    draw: st.DrawFn, form: Form, today: date, *, most_wrong: int = 1, most_items: int = 3
) -> Journey:
    """One visitor's way through the form. On each page up to `most_wrong` tries that are refused come before the one that is not."""
    answers: dict[str, Any] = {}
    tries: list[Try] = []
    place = rules.after(form, answers, None)
    while place is not None:
        step = step_at(form, place)
        if isinstance(step, Notice) and step.ends:
            break
        if isinstance(step, Group):
            count = len(rules.items_of(step, answers))
            if count < min(step.most, most_items) and draw(st.booleans()):
                tries.append(Try(place, "", accepted=True, more=True))
                answers = rules.with_one_more(step, answers)
                place = Place(step.questions[0].key, count, step.key)
                if place not in rules.places(form, answers):
                    place = Place(step.key)
                continue
        elif isinstance(step, Question):
            answers = _ask(draw, form, step, place, answers, tries, today, most_wrong)
        place = rules.after(form, answers, place)
    return Journey(tuple(tries), rules.kept(form, answers), rules.stopped(form, answers) is not None)


def _ask(
    draw: st.DrawFn,
    form: Form,
    question: Question,
    place: Place,
    answers: dict[str, Any],
    tries: list[Try],
    today: date,
    most_wrong: int,
) -> dict[str, Any]:
    for _ in range(draw(st.integers(0, most_wrong))):
        typed = draw(typed_for(question, today))
        if isinstance(rules.judge(question, typed, today), Wrong):
            tries.append(Try(place, typed, accepted=False))
    typed = draw(good_for(question, today))
    judged = rules.judge(question, typed, today)
    assert not isinstance(judged, Wrong), (question.key, typed, judged)
    tries.append(Try(place, typed, accepted=True))
    return rules.with_answer(form, answers, place, judged)


def typed_for(question: Question, today: date) -> st.SearchStrategy[Any]:
    """Anything that a renderer might hold for `question`, good or bad."""
    words = st.sampled_from(HOSTILE) | st.text(max_size=40)
    bad: st.SearchStrategy[Any]
    match question.kind:
        case Kind.CHOICES:
            values = [option.value for option in question.options]
            bad = st.lists(st.sampled_from([*values, "other!", ""]), max_size=len(values) + 1)
        case Kind.PHOTO:
            bad = st.lists(st.sampled_from(["a.jpg", "b.png", "../c.jpg", "d.exe", ""]), max_size=12)
        case Kind.CHOICE:
            bad = words | st.sampled_from([option.value for option in question.options])
        case Kind.YES_NO | Kind.DECLARATION:
            bad = words | st.sampled_from(["yes", "no"])
        case Kind.DATE:
            part = (
                st.integers(-1, 40).map(str) | st.sampled_from(["2026", "1985", "૨૦૨૬", "feb", "மாசி"]) | words
            )
            bad = st.fixed_dictionaries(dict.fromkeys(("day", "month", "year"), part)) | words
        case Kind.NAME:
            bad = st.fixed_dictionaries({"first": words, "last": words})
        case Kind.ADDRESS:
            names = ("line_1", "line_2", "line_3", "postcode")
            bad = st.fixed_dictionaries({name: words | st.sampled_from(POSTCODES) for name in names})
        case _:
            bad = (
                words
                | st.decimals(-10_000, 10_000, places=2).map(str)
                | st.sampled_from(PHONES + EMAILS + POSTCODES)
            )
    return bad | good_for(question, today)


def good_for(question: Question, today: date) -> st.SearchStrategy[Any]:
    """What must be accepted; sometimes nothing, where that is allowed."""
    good = _good(question, today)
    return good if question.required else good | st.just(nothing_for(question))


def nothing_for(question: Question) -> Typed:
    return rules.typed_of(question, None)


def _good(question: Question, today: date) -> st.SearchStrategy[Any]:  # noqa: C901  # one line a kind
    match question.kind:
        case Kind.TEXT | Kind.LONG_TEXT:
            return _words(question)
        case Kind.NUMBER | Kind.MONEY:
            return _amount(question)
        case Kind.DATE:
            return _day(question, today)
        case Kind.CHOICE:
            return st.sampled_from([option.value for option in question.options])
        case Kind.CHOICES:
            return _chosen(question)
        case Kind.YES_NO:
            return st.sampled_from(["yes", "no"])
        case Kind.NAME:
            name = st.sampled_from(["Ann", "Ŧereza", "રમેશ", "ਗੁਰਪ੍ਰੀਤ", "محمد", "O’Neil-Smith", "Łukasz"])
            return st.fixed_dictionaries({"first": name | st.just(""), "last": name})
        case Kind.ADDRESS:
            return _home(question)
        case Kind.PHONE:
            return st.sampled_from(
                [each for each in PHONES if not (question.textable and each.startswith("0116"))]
            )
        case Kind.EMAIL:
            return st.sampled_from(EMAILS)
        case Kind.REFERENCE:
            return _reference(question)
        case Kind.PHOTO:
            least = question.least_chosen or 1
            count = st.integers(least, min(most_chosen(question), 3 if least <= 3 else least))
            return count.map(lambda number: [f"photo-{each}.jpg" for each in range(number)])
        case Kind.SIGNATURE:
            return st.just("signature.png")
        case Kind.DECLARATION:
            return st.just("yes")


def _words(question: Question) -> st.SearchStrategy[str]:
    least = question.least_characters or 1
    most = min(most_characters(question), least + 60)
    alphabet = SCRIPTS + ("\n" if question.kind is Kind.LONG_TEXT else "")
    return st.text(alphabet=alphabet, max_size=most - least).map(lambda text: ("word" * least)[:least] + text)


def _amount(question: Question) -> st.SearchStrategy[str]:
    money = question.kind is Kind.MONEY
    places = 2 if money else question.decimals
    least = question.least if question.least is not None else Decimal(0)
    most = question.most if question.most is not None else max(least, Decimal(0)) + 5000
    numbers = st.decimals(least, most, places=places, allow_nan=False)
    plain = numbers.map(lambda number: format(number, "f"))
    return plain | numbers.map(lambda number: f"£{number:,f}") if money else plain


def _day(question: Question, today: date) -> st.SearchStrategy[Any]:
    first = dates.on(question.earliest, today) if question.earliest else today - timedelta(days=20_000)
    last = dates.on(question.latest, today) if question.latest else max(first, today) + timedelta(days=400)
    found = st.dates(first, last)
    parts = found.map(lambda on: {"day": str(on.day), "month": str(on.month), "year": str(on.year)})
    return (
        parts | found.map(lambda on: on.isoformat()) | found.map(lambda on: f"{on.day}/{on.month}/{on.year}")
    )


def _chosen(question: Question) -> st.SearchStrategy[list[str]]:
    together = [option.value for option in question.options if not option.alone]
    least, most = question.least_chosen or 1, min(most_chosen(question), len(together))
    some = st.lists(st.sampled_from(together), unique=True, min_size=least, max_size=most)
    alone = [[option.value] for option in question.options if option.alone]
    return some | st.sampled_from(alone) if alone else some


def _home(question: Question) -> st.SearchStrategy[dict[str, str]]:
    line = st.sampled_from(["12 Example Road", "Flat 3, 40 High Street", "ul. Długa 5"])
    code = st.sampled_from([*POSTCODES, "", "00-950"] if question.anywhere else list(POSTCODES))
    more = st.sampled_from(["", "Leicester"])
    return st.fixed_dictionaries({"line_1": line, "line_2": more, "line_3": more, "postcode": code})


def _reference(question: Question) -> st.SearchStrategy[str]:
    if question.known:
        example = {"national_insurance": "AB 12 34 56 C", "ours": "BCDF346W"}.get(
            question.known, KNOWN[question.known][1]
        )
        return st.sampled_from([example, example.lower().replace(" ", "")])
    if not question.masks:
        return st.text(
            alphabet=string.ascii_uppercase + string.digits,
            min_size=1,
            max_size=min(20, most_characters(question)),
        )
    return st.sampled_from(question.masks).flatmap(_masked)


def _masked(mask: str) -> st.SearchStrategy[str]:
    signs: Sequence[st.SearchStrategy[str]] = [
        st.sampled_from(string.digits if slot == "9" else string.ascii_uppercase)
        if slot in "9A*"
        else st.just(slot)
        for slot in mask
    ]
    return st.tuples(*signs).map("".join)
