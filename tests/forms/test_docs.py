"""The example of docs/forms.md is a whole form, and the fault it quotes is the one that is said."""

from __future__ import annotations

import re
from pathlib import Path

from forms import rules
from forms.form import Form, Kind
from forms.reading import read_form

PAGE = (Path(__file__).parents[2] / "docs" / "forms.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]


def test_the_example_is_a_whole_form() -> None:
    form = read_form(EXAMPLE)
    assert isinstance(form, Form), [str(each) for each in form]
    assert [place.key for place in rules.places(form, {"answer": True})] == [
        "book",
        "copies",
        "answer",
        "email",
    ]
    assert rules.ending(form, {"copies": "31"}).title["en"] == "That is a whole class"
    assert rules.ending(form, {"copies": "30"}).text == form.sent


def test_the_fault_is_said_as_quoted() -> None:
    found = read_form(EXAMPLE.replace("question: answer, is", "question: anwser, is"))
    assert not isinstance(found, Form)
    assert [f"library-book.yaml: {each}" for each in found] == re.findall(
        r"^library-book\.yaml: .*$", PAGE, re.MULTILINE
    )


def test_every_kind_is_explained() -> None:
    named = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert {kind.value for kind in Kind} <= named
