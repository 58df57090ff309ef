"""What a form is, once its document has been read: plain frozen values that a kiosk, a browser and the server share.

A form is a row of steps. Each is one page: a `Question`, a `Notice` (something to be told, which may end the journey: "ring 999 now") or a `Group`
(the same questions for each of several people or things). Conditions look back only, never forward, so one pass from the first step to the last says
which pages there are. Keys are unique in the whole form, those inside groups too, so that an answer has one name everywhere.

Every sentence is `Words`: language code to text, complete for each language the form claims; `say` picks one. Long texts are a few paragraphs with an
empty line between; lines that begin with "- " are points of a list (`blocks`).

    answer of      is kept as
    text, long_text, reference, email, choice, signature (file name)      str
    number, money  str of a decimal ("12.5"), int of pence
    date           "YYYY-MM-DD"
    choices, photo [str] (values, file names)
    yes_no         bool
    name           {"first": str, "last": str}
    address        {"lines": [str], "postcode": str, "uprn": str (only when picked from the list)}
    phone          E.164
    declaration    True
    a group        [{key: answer}], one for each item
    anything seen and left empty   None
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

Words = Mapping[str, str]
Answer = str | int | bool | list[Any] | dict[str, Any] | None
Answers = Mapping[str, Any]


class Kind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    NAME = "name"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    REFERENCE = "reference"
    PHOTO = "photo"
    SIGNATURE = "signature"
    DECLARATION = "declaration"


NUMBERS = frozenset({Kind.NUMBER, Kind.MONEY})
WITH_OPTIONS = frozenset({Kind.CHOICE, Kind.CHOICES})
PERSONAL = frozenset(
    {Kind.NAME, Kind.ADDRESS, Kind.PHONE, Kind.EMAIL, Kind.REFERENCE, Kind.SIGNATURE, Kind.DECLARATION}
)
"""Kinds whose answer says who somebody is: never in a form that promises to be anonymous."""


# Conditions -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Is:
    """The answer to `of` is one of `values` (of several choices: one of them was chosen). Yes and no are True and False."""

    of: str
    values: tuple[str | bool, ...]


@dataclass(frozen=True)
class Compared:
    """The answer to `of` is a number above `more_than` or below `less_than`. Of money it is pounds; of a group its number of items; of a total the
    sum."""

    of: str
    more_than: Decimal | None = None
    less_than: Decimal | None = None


@dataclass(frozen=True)
class Answered:
    of: str


@dataclass(frozen=True)
class All:
    of: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    of: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    of: Condition


Condition = Is | Compared | Answered | All | AnyOf | Not


# Steps ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Option:
    value: str
    label: Words
    hint: Words = field(default_factory=dict)
    alone: bool = False
    """Of several choices: goes with no other ("None of these")."""


@dataclass(frozen=True)
class Day:
    """A limit of a date: a fixed day, or so many days and years after today (before it when below nought)."""

    fixed: str = ""
    days: int = 0
    years: int = 0


@dataclass(frozen=True)
class Question:
    """One page that asks for one thing. A limit that is None is the kind's own (`forms.limits`)."""

    key: str
    kind: Kind
    title: Words
    hint: Words = field(default_factory=dict)
    why: Words = field(default_factory=dict)
    """Why we ask, where that is not obvious."""
    required: bool = True
    options: tuple[Option, ...] = ()
    when: Condition | None = None
    statement: Words = field(default_factory=dict)
    """Of a declaration: what the visitor says is so."""
    least: Decimal | None = None
    """Of a number, or of money in pounds."""
    most: Decimal | None = None
    decimals: int = 0
    """How many signs after the point a number may have."""
    unit: Words = field(default_factory=dict)
    """What a number counts ("people"), said beside the field."""
    least_characters: int | None = None
    most_characters: int | None = None
    earliest: Day | None = None
    latest: Day | None = None
    least_chosen: int | None = None
    """Of several choices, or photographs."""
    most_chosen: int | None = None
    known: str = ""
    """Of a reference: one of `forms.references.KNOWN`."""
    masks: tuple[str, ...] = ()
    """Of a reference: how it may look: 9 a digit, A a letter, * either, other signs themselves."""
    example: str = ""
    """How a right one looks, said when it is wrong. The same in every language."""
    textable: bool = False
    """Of a telephone: a number that takes texts."""
    anywhere: bool = False
    """Of an address: also one abroad, or a place without a postcode."""


@dataclass(frozen=True)
class Notice:
    """A page that only says something. With `ends` the journey stops there: nothing is sent."""

    key: str
    title: Words
    text: Words
    link: str = ""
    """An https address: a link in a browser, a QR at a kiosk."""
    when: Condition | None = None
    ends: bool = False


@dataclass(frozen=True)
class Group:
    """The same questions for each of several. Its own page, after its items, shows what there is, and offers one more and to take one away."""

    key: str
    title: Words
    one: Words
    """What one of them is called ("Person"); its number is put after it."""
    questions: tuple[Question, ...]
    least: int = 1
    most: int = 10
    hint: Words = field(default_factory=dict)
    when: Condition | None = None


Step = Question | Notice | Group


@dataclass(frozen=True)
class Total:
    """A sum, shown before the form is sent: of numbers or of money, also of every item of a group."""

    key: str
    title: Words
    of: tuple[str, ...]


@dataclass(frozen=True)
class Ending:
    """What is said once the form is sent, or only if `when`: the first that holds, else `Form.sent`."""

    title: Words
    text: Words
    link: str = ""
    when: Condition | None = None


@dataclass(frozen=True)
class Form:
    slug: str
    title: Words
    lead: Words
    """What it is for, in a sentence or two."""
    languages: tuple[str, ...]
    """English first."""
    steps: tuple[Step, ...]
    sent: Words
    """What happens next and when, said with the reference."""
    whom: Words = field(default_factory=dict)
    """Who gets it and what for, said before it begins and before it is sent."""
    ready: tuple[Words, ...] = ()
    """What one needs to have at hand, a thing each."""
    minutes: int = 5
    totals: tuple[Total, ...] = ()
    endings: tuple[Ending, ...] = ()
    synonyms: tuple[str, ...] = ()
    """Other words people search it by, in any language."""
    anonymous: bool = False
    """Nothing asks who they are, and no receipt by text or e-mail is offered."""
    receipt_phone: str = ""
    """The key of the question whose answer a receipt is texted to, so that it is not asked twice."""
    receipt_email: str = ""
    case: str = ""
    """The key of the question whose answer is the visitor's own reference."""


@dataclass(frozen=True)
class Place:
    """One page of a form being filled in: a step (`key`), or a question of item number `item` (from 0) of group `within`."""

    key: str
    item: int | None = None
    within: str | None = None


# Looking things up -----------------------------------------------------------------------------------------------------


def say(words: Words, language: str) -> str:
    """In `language`, else in English, else nothing."""
    return words.get(language) or words.get("en", "")


def questions(form: Form) -> Iterator[tuple[Question, Group | None]]:
    """Every question with the group it is in, in the order they are asked."""
    for step in form.steps:
        if isinstance(step, Group):
            for question in step.questions:
                yield question, step
        elif isinstance(step, Question):
            yield step, None


def step_at(form: Form, place: Place) -> Step | None:
    """What stands at `place`; None when the form has no such page."""
    for step in form.steps:
        if place.within is None and step.key == place.key:
            return step
        if isinstance(step, Group) and step.key == place.within:
            return next((each for each in step.questions if each.key == place.key), None)
    return None


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Points:
    lines: tuple[str, ...]


def blocks(text: str) -> tuple[Paragraph | Points, ...]:
    """A long text as paragraphs and lists."""
    found: list[Paragraph | Points] = []
    for part in text.strip().split("\n\n"):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        plain = [line for line in lines if not line.startswith("- ")]
        points = tuple(line[2:].strip() for line in lines if line.startswith("- "))
        if plain:
            found.append(Paragraph(" ".join(plain)))
        if points:
            found.append(Points(points))
    return tuple(found)
