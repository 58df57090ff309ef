"""A filled-in form as JSON in the shape GOV.UK Forms sends (its submission schema, version 1), so that what was built for one takes the other.

`form_name`, `submission_reference`, `submitted_at` and `answers`, each with `question_id`, `question_text` and `answer_text`; names, addresses and
several choices have their parts beside it; what was asked for each of several is one entry with `can_have_multiple_answers` and its answers in
the order of the items. We add what theirs leaves out and ours has, and a reader of theirs passes over: `form_id`, `form_version`, `language`, and
with each answer its `question_type`, the `value` as it is kept, and the group it stands in.

Words are English, for that is what the back office reads; what the visitor typed stands as they typed it. Pages that were not asked are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from forms import journey, rules
from forms.form import Form, Group, Kind, Place, Question, say, step_at

SCHEMA = "https://www.forms.service.gov.uk/json-submissions/v1/schema"
ENGLISH = "en"


def write(
    form: Form, answers: Mapping[str, Any], *, reference: str, version: int, at: datetime, language: str
) -> dict[str, Any]:
    return {
        "$schema": SCHEMA,
        "form_name": say(form.title, ENGLISH),
        "form_id": form.slug,
        "form_version": version,
        "submission_reference": reference,
        "submitted_at": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "language": language,
        "answers": _answers(form, answers),
        "totals": [
            {"total_id": each.key, "total_text": _total_title(form, each.key), "value": each.value}
            for each in journey.totals(form, answers)
        ],
    }


def _answers(form: Form, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    several: dict[tuple[str, str], dict[str, Any]] = {}
    for place in journey.places(form, answers):
        step = step_at(form, place)
        if not isinstance(step, Question):
            continue
        answer = journey.answer_at(answers, place)
        text = answer_text(form, place, answer)
        if place.within is None:
            found.append({**_head(step), **_parts(step, answer), "answer_text": text, "value": answer})
            continue
        entry = several.get((place.within, place.key))
        if entry is None:
            group = step_at(form, Place(place.within))
            entry = several[place.within, place.key] = {
                **_head(step),
                "group_id": place.within,
                "group_text": say(group.title, ENGLISH) if isinstance(group, Group) else place.within,
                "can_have_multiple_answers": True,
                "answer_text": [],
                "value": [],
                "items": [],
            }
            found.append(entry)
        entry["answer_text"].append(text)
        entry["value"].append(answer)
        entry["items"].append((place.item or 0) + 1)
    return found


def answer_text(form: Form, place: Place, answer: Any) -> str:
    """As staff read it: the words of choices in English; empty when it was passed over."""
    return "" if answer is None else "\n".join(rules.shown(form, place, answer, ENGLISH))


def _head(question: Question) -> dict[str, Any]:
    return {
        "question_id": question.key,
        "question_text": say(question.title, ENGLISH),
        "question_type": question.kind.value,
    }


def _parts(question: Question, answer: Any) -> dict[str, Any]:
    """What has parts in their schema; ours are named as theirs."""
    if question.kind is Kind.NAME and isinstance(answer, Mapping):
        return {"first_name": answer.get("first", ""), "last_name": answer.get("last", "")}
    if question.kind is Kind.ADDRESS and isinstance(answer, Mapping):
        first, *rest = _words(answer.get("lines")) or [""]
        return {
            "address1": first,
            "address2": ", ".join(rest[:-1]),
            "town_or_city": rest[-1] if rest else "",
            "county": "",
            "postcode": answer.get("postcode", ""),
            "uprn": answer.get("uprn", ""),
        }
    if question.kind is Kind.CHOICES and isinstance(answer, list):
        labels = {option.value: say(option.label, ENGLISH) for option in question.options}
        return {"selections": [labels.get(value, value) for value in _words(answer)]}
    return {}


def _words(given: Any) -> list[str]:
    """Of what a broken device sent, what can be read."""
    return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []


def _total_title(form: Form, key: str) -> str:
    return next((say(total.title, ENGLISH) for total in form.totals if total.key == key), key)
