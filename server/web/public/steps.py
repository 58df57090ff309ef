"""What each page of telling asks, in which order, and how what was typed is judged. Pure.

Everything typed is kept as it was typed, right or wrong, by the name of its field; it is judged anew whenever it is looked at. So nothing is
lost by going back, changing the language or losing the time, and there is one place that says what is right. Only what the service asks
for has a page. A name is whatever somebody says it is, in any script, of one letter or two hundred; only what has no letter at all is asked for again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as of
from enum import StrEnum
from typing import Any

from forms.contact import Email, Fault, Phone, read_email, read_phone
from server.domain.offers import Offer, Question
from wire.body import clean_text
from wire.vocabulary import Need

MOST_NAME, MOST_ANSWER, MOST_NOTE, MOST_PEOPLE = 200, 300, 500, 20
MOST_TYPED = 1_000
"""What is kept of one field, so that a text too long is shown again and cut by whoever wrote it."""
INTERPRETER = "interpreter"
ASKED_NEEDS = tuple(
    need for need in Need if need not in (Need.SIGN_LANGUAGE, Need.INTERPRETER)
)  # those two decide who must be free, so they are asked with the time
SAYINGS = {"phone_empty": "phone_missing", "email_empty": "email_missing"}
"""Faults of `forms.contact` that the form has its own sentence for; the others are said as they are called."""


class Step(StrEnum):
    """A page of telling who it is for."""

    NAME = "name"
    QUESTIONS = "questions"
    CONTACT = "contact"
    NEEDS = "needs"


Given = Mapping[str, Any]


@dataclass(frozen=True)
class Wrong:
    """A field that must be filled in again. `key` names the sentence (`book.wrong.<key>`)."""

    field: str
    key: str
    values: Mapping[str, Any] = of(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What a page's fields say. `meant` is a spelling of the e-mail address to ask about."""

    values: Mapping[str, Any]
    wrong: tuple[Wrong, ...] = ()
    meant: str = ""

    @property
    def right(self) -> bool:
        return not self.wrong and not self.meant


def asked(offer: Offer, what: str) -> str:
    """`required`, `optional` or `no`."""
    return offer.asks.get(what, "no")


def steps_of(offer: Offer) -> tuple[Step, ...]:
    """The pages this service asks for, in order."""
    wanted = {
        Step.NAME: asked(offer, "name") != "no",
        Step.QUESTIONS: bool(offer.questions),
        Step.CONTACT: asked(offer, "phone") != "no" or asked(offer, "email") != "no",
        Step.NEEDS: True,
    }
    return tuple(step for step in Step if wanted[step])


def fields_of(step: Step, offer: Offer) -> tuple[str, ...]:
    """The names of a page's fields."""
    match step:
        case Step.NAME:
            return ("name",)
        case Step.QUESTIONS:
            return tuple(f"answer-{each.slug}" for each in offer.questions)
        case Step.CONTACT:
            return ("phone", "safe", "email", "email_is")
        case Step.NEEDS:
            return ("needs", "people", "note")


def first_open(steps: Sequence[Step], passed: Sequence[str], given: Given, offer: Offer) -> Step | None:
    """The first page not yet answered as it must be; None when the answers can be checked."""
    return next((step for step in steps if step not in passed or not read(step, given, offer).right), None)


def read(step: Step, given: Given, offer: Offer) -> Reading:
    """Judge what was typed on one page."""
    match step:
        case Step.NAME:
            return _name(given, asked(offer, "name") == "required")
        case Step.QUESTIONS:
            return _answers(given, offer.questions)
        case Step.CONTACT:
            return _contact(given, asked(offer, "phone"), asked(offer, "email"))
        case Step.NEEDS:
            return _needs(given)


def _text(given: Given, name: str) -> str:
    value = given.get(name, "")
    return clean_text(value) if isinstance(value, str) else ""


def _name(given: Given, required: bool) -> Reading:
    name = _text(given, "name")
    values = {"name": name}
    if not name:
        return Reading(values, (Wrong("name", "name_missing"),) if required else ())
    if len(name) > MOST_NAME:
        return Reading(values, (Wrong("name", "name_long", {"most": MOST_NAME}),))
    if not any(unicodedata.category(sign)[0] == "L" for sign in name):
        return Reading(values, (Wrong("name", "name_letters"),))
    return Reading(values)


def _answers(given: Given, questions: Sequence[Question]) -> Reading:
    answers: dict[str, str] = {}
    wrong: list[Wrong] = []
    for each in questions:
        name = f"answer-{each.slug}"
        answer = _text(given, name)
        if answer and each.choices and answer not in each.choices:
            answer = ""
        if len(answer) > MOST_ANSWER:
            wrong.append(Wrong(name, "answer_long", {"most": MOST_ANSWER}))
        elif answer:
            answers[each.slug] = answer
        elif each.required:
            wrong.append(Wrong(name, "choose_answer" if each.choices else "answer_missing"))
    return Reading({"answers": answers}, tuple(wrong))


def _contact(given: Given, phone_asked: str, email_asked: str) -> Reading:
    wrong: list[Wrong] = []
    values: dict[str, Any] = {"phone": "", "textable": False, "safe_to_text": False, "email": ""}
    meant = ""
    if phone_asked != "no":
        typed = _text(given, "phone")
        phone = read_phone(typed)
        if isinstance(phone, Phone):
            safe = given.get("safe")
            values |= {"phone": phone.e164, "textable": phone.textable}
            values |= {"safe_to_text": phone.textable and safe == "yes"}
            if phone.textable and safe not in ("yes", "no"):
                wrong.append(Wrong("safe", "safe_missing"))
        elif typed or phone_asked == "required":
            wrong.append(Wrong("phone", SAYINGS.get(phone.key, phone.key)))
    if email_asked != "no":
        typed = _text(given, "email")
        email = read_email(typed)
        if isinstance(email, Email):
            values["email"] = email.address
            sure = given.get("email_is") == email.address
            meant = "" if sure else email.meant or ""
        elif typed or email_asked == "required":
            wrong.append(Wrong("email", SAYINGS.get(email.key, email.key)))
            meant = email.meant or ""
    return Reading(values, tuple(wrong), meant)


def _needs(given: Given) -> Reading:
    chosen = given.get("needs", [])
    needs = [need.value for need in ASKED_NEEDS if isinstance(chosen, list) and need.value in chosen]
    people, note = _text(given, "people") or "1", _text(given, "note")
    wrong: list[Wrong] = []
    plain = "".join(str(unicodedata.decimal(sign, sign)) for sign in people)
    if not plain.isascii() or not plain.isdigit() or not 1 <= int(plain) <= MOST_PEOPLE:
        wrong.append(Wrong("people", "people", {"most": MOST_PEOPLE}))
        plain = "1"
    if len(note) > MOST_NOTE:
        wrong.append(Wrong("note", "note_long", {"most": MOST_NOTE}))
    return Reading({"needs": needs, "people": int(plain), "note": note}, tuple(wrong))


def phone_of(text: str) -> Phone | None:
    """The number in what somebody typed to be found by; None when it is none."""
    found = read_phone(text)
    return None if isinstance(found, Fault) else found
