"""What a page of a form holds: how its address names it, and what its fields say, in the shape `forms.rules.judge` takes. Pure.

A page is named in its address as its place is: `why`, or `people.1.name` for a question about the second of several. Fields are called `answer`, or
`answer-<part>` where an answer has parts. Whatever is sent, the reading has the right shape: a form that was tampered with is a wrong answer, no more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

from forms.form import Form, Group, Kind, Place, Question, step_at
from forms.judging import ADDRESS_LINES, MOST_TYPED, Typed

FIELD = "answer"
PARTS: dict[Kind, tuple[str, ...]] = {
    Kind.DATE: ("day", "month", "year"),
    Kind.NAME: ("first", "last"),
    Kind.ADDRESS: (*ADDRESS_LINES, "postcode", "uprn"),
}
LISTED = frozenset({Kind.CHOICES, Kind.PHOTO})
MOST_KEPT = MOST_TYPED + 2_000
"""What is kept of one field: more than any may hold, so that a text too long is shown again, to be cut by whoever wrote it."""
MOST_LISTED = 100
_SPOT = re.compile(r"([a-z][a-z0-9_-]*)(?:\.([0-9]{1,3})\.([a-z][a-z0-9_-]*))?")


class Fields(Protocol):
    """A sent form."""

    def get(self, name: str) -> Any: ...
    def getlist(self, name: str) -> Sequence[Any]: ...


def spot_of(place: Place) -> str:
    """How a page's address names it."""
    return place.key if place.within is None else f"{place.within}.{place.item}.{place.key}"


def place_of(form: Form, spot: str) -> Place | None:
    """The page of this name; None when the form has none such."""
    found = _SPOT.fullmatch(spot)
    if found is None:
        return None
    place = Place(found[1]) if found[2] is None else Place(found[3], int(found[2]), found[1])
    return place if step_at(form, place) is not None else None


def field_of(question: Question) -> str:
    """The field an error leads to: the first of a question's."""
    parts = PARTS.get(question.kind)
    return f"{FIELD}-{parts[0]}" if parts else FIELD


def typed_in(fields: Fields, question: Question) -> Typed:
    """What stands in the fields of a question, as it was typed."""
    parts = PARTS.get(question.kind)
    if parts is not None:
        return {
            part: text for part in parts if (text := text_in(fields, f"{FIELD}-{part}")) or part != "uprn"
        }
    if question.kind in LISTED:
        given = [each for each in fields.getlist(FIELD) if isinstance(each, str)]
        return [_kept(each) for each in given[:MOST_LISTED] if each]
    return text_in(fields, FIELD)


def text_in(fields: Fields, name: str) -> str:
    """A field's text, never a file."""
    value = fields.get(name)
    return _kept(value) if isinstance(value, str) else ""


def _kept(text: str) -> str:
    return text.replace("\0", "").replace("\r\n", "\n").strip()[:MOST_KEPT]


def caption_words(form: Form, place: Place) -> tuple[Group, int] | None:
    """Of which item of which group a page asks."""
    group = next((step for step in form.steps if isinstance(step, Group) and step.key == place.within), None)
    return (group, place.item + 1) if group is not None and place.item is not None else None
