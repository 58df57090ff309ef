"""A filled-in form as GOV.UK Forms would send it: every answer that was asked for, in English, and as it is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from forms.form import Form
from forms.versions import form_of
from server.actions.forms import library_slugs, library_text
from server.domain import form_json

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ANSWERS: dict[str, Any] = {
    "moving": "within",
    "moves_on": "2026-12-01",
    "name": {"first": "Meera", "last": "Patel"},
    "old_home": {"lines": ["Flat 2", "1 High Street", "Leicester"], "postcode": "LE1 1AA", "uprn": "1234"},
    "old_tie": "owner",
    "new_home": {"lines": ["2 High Street", "Leicester"], "postcode": "LE1 1AB"},
    "new_tie": "owner",
    "others": [
        {"other_name": {"first": "Jay", "last": "Patel"}},
        {"other_name": {"first": "Asha", "last": "Patel"}},
    ],
    "also": ["housing", "school"],
    "phone": None,
    "true_so": True,
}


def form(slug: str) -> Form:
    found = form_of(library_text(slug) or "")
    assert found is not None
    return found


def written(answers: dict[str, Any], slug: str = "change-of-address") -> dict[str, Any]:
    told = form_json.write(form(slug), answers, reference="BCDF-3467", version=3, at=AT, language="gu")
    json.dumps(told)
    return told


def by_id(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["question_id"]: each for each in told["answers"]}


def test_it_has_the_shape_and_the_parts_of_theirs() -> None:
    told = written(ANSWERS)
    head = {name: value for name, value in told.items() if name not in ("answers", "totals")}
    assert head == {
        "$schema": form_json.SCHEMA,
        "form_name": "Tell us you are moving home",
        "form_id": "change-of-address",
        "form_version": 3,
        "submission_reference": "BCDF-3467",
        "submitted_at": "2026-11-24T10:00:00.000Z",
        "language": "gu",
    }
    found = by_id(told)
    assert found["name"]["question_text"] == "What is your name?"
    assert (found["name"]["first_name"], found["name"]["last_name"]) == ("Meera", "Patel")
    old = found["old_home"]
    assert [old[each] for each in ("address1", "address2", "town_or_city", "county", "postcode", "uprn")] == [
        "Flat 2", "1 High Street", "Leicester", "", "LE1 1AA", "1234",
    ]  # fmt: skip
    new = found["new_home"]
    assert (new["address1"], new["address2"], new["town_or_city"]) == ("2 High Street", "", "Leicester")
    assert found["also"]["selections"][0] == "The list for a council home"
    assert len(found["also"]["selections"]) == 2
    assert found["moves_on"]["value"] == "2026-12-01"
    assert found["phone"]["answer_text"] == ""
    others = found["other_name"]
    assert others["can_have_multiple_answers"] is True
    assert others["answer_text"] == ["Jay Patel", "Asha Patel"]
    assert others["items"] == [1, 2]


def test_what_was_not_asked_is_not_told_even_if_it_was_typed() -> None:
    told = by_id(written({**ANSWERS, "landlord": "An old answer"}))
    assert "landlord" not in told  # owners have none


@pytest.mark.parametrize("slug", library_slugs())
def test_every_form_of_the_library_can_be_written_when_nothing_is_answered(slug: str) -> None:
    told = written({}, slug)
    assert told["form_id"] == slug
    assert told["answers"]
    assert all(
        each["answer_text"] in ("", []) or set(each["answer_text"]) == {""} for each in told["answers"]
    )
