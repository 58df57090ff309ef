"""Says to a visitor what is wrong with an answer, and shows an answer as people write it.

Both take the catalogue of the house (`locale/`), read once. What must run left to right within an Urdu or Arabic sentence (numbers, telephones, codes) is
isolated there, and only there, so that English stays plain text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from forms.conditions import number_of
from forms.dates import MONTHS, catalogue
from forms.form import Form, Group, Kind, Place, Question, say, step_at
from forms.journey import Sum
from forms.judging import pounds, shown_phone
from forms.wrong import Wrong
from words import isolate


def sentence(language: str, wrong: Wrong) -> str:
    """What is wrong, in `language`."""
    values = {name: _value(language, name, value) for name, value in wrong.values.items()}
    return catalogue().say(language, f"wrong.{wrong.word}", **values)


def _value(language: str, name: str, value: Any) -> object:
    if isinstance(value, date):
        return day_words(language, value)
    if isinstance(value, Mapping):
        return say(value, language)
    if name == "month" and isinstance(value, int):
        return catalogue().say(language, f"month.{MONTHS[value - 1]}")
    return value if isinstance(value, int) else straight(language, str(value))


def straight(language: str, text: str) -> str:
    """Left to right, also within a language that is not."""
    return isolate(text) if text and catalogue().direction(language) == "rtl" else text


def day_words(language: str, on: date) -> str:
    """`22 November 2026`."""
    month = catalogue().say(language, f"month.{MONTHS[on.month - 1]}")
    return catalogue().say(language, "form.date", number=on.day, month=month, year=on.year)


def shown(form: Form, place: Place, answer: Any, language: str) -> list[str]:
    """The answer as check-answers shows it, a line each; of a group a line for each item. Never empty."""
    step = step_at(form, place)
    found: list[str] = []
    if isinstance(step, Group):
        items = answer if isinstance(answer, list) else []
        found = [f"{say(step.one, language)} {number + 1}" for number in range(len(items))]
    elif isinstance(step, Question):
        found = _shown(step, answer, language)
    return found or [catalogue().say(language, "form.nothing")]


def shown_sum(total: Sum, language: str) -> str:
    return straight(language, pounds(total.value) if isinstance(total.value, int) else _grouped(total.value))


def _shown(question: Question, answer: Any, language: str) -> list[str]:
    match question.kind:
        case Kind.CHOICE | Kind.CHOICES:
            given = answer if isinstance(answer, list) else [answer]
            return [say(each.label, language) for each in question.options if each.value in given]
        case Kind.YES_NO:
            if not isinstance(answer, bool):
                return []
            return [catalogue().say(language, "form.yes" if answer else "form.no")]
        case Kind.DECLARATION:
            return [catalogue().say(language, "form.agreed")] if answer is True else []
        case Kind.PHOTO:
            count = len(answer) if isinstance(answer, list) else 0
            return [catalogue().say(language, "form.photos", count=count)] if count else []
        case Kind.SIGNATURE:
            return [catalogue().say(language, "form.signed")] if answer else []
        case Kind.NAME:
            parts = [answer.get("first"), answer.get("last")] if isinstance(answer, dict) else []
            text = " ".join(part for part in parts if isinstance(part, str) and part)
            return [text] if text else []
        case Kind.ADDRESS:
            return _address(answer, language)
        case _:
            return _plain(question, answer, language)


def _address(answer: Any, language: str) -> list[str]:
    if not isinstance(answer, dict):
        return []
    given = answer.get("lines")
    found = [line for line in given if isinstance(line, str)] if isinstance(given, list) else []
    code = answer.get("postcode")
    return [*found, straight(language, code)] if isinstance(code, str) and code else found


def _plain(question: Question, answer: Any, language: str) -> list[str]:
    if question.kind is Kind.MONEY and isinstance(answer, int):
        return [straight(language, pounds(answer))]
    if not isinstance(answer, str) or not answer:
        return []
    match question.kind:
        case Kind.NUMBER:
            return [f"{straight(language, _grouped(answer))} {say(question.unit, language)}".strip()]
        case Kind.DATE:
            try:
                return [day_words(language, date.fromisoformat(answer))]
            except ValueError:
                return []
        case Kind.PHONE:
            return [straight(language, shown_phone(answer))]
        case Kind.EMAIL | Kind.REFERENCE:
            return [straight(language, answer)]
        case Kind.LONG_TEXT:
            return answer.split("\n")
        case _:
            return [answer]


def _grouped(number: str) -> str:
    found = number_of(number)
    return number if found is None else f"{found:,f}"
