"""A plan as a document of plain values (what JSON can hold), and such a document as a plan.

The document is what the file's text would be read as, with dates as text. It is what a planned change keeps of a part, before and after, and
what a form is filled from; so a value has one shape in the file, in a change and in a form, and one set of rules judges all three.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

from server.centrefile.plan import CentrePlan
from server.centrefile.reading import read_values
from server.centrefile.table import Fault
from server.centrefile.writing import write

Document = dict[str, Any]

_DATES = frozenset({"on", "first", "last", "from", "until"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def document(plan: CentrePlan) -> Document:
    """Everything the file would say."""
    return {key: _frozen(value) for key, value in tomllib.loads(write(plan)).items()}


def read_document(values: Mapping[str, Any]) -> tuple[CentrePlan, list[Fault]]:
    """The plan in a document, as far as it can be told, and everything that is wrong with it."""
    return read_values({key: _thawed(key, value) for key, value in values.items()})


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _frozen(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_frozen(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _thawed(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _thawed(name, each) for name, each in value.items()}
    if isinstance(value, list):
        return [_thawed("", each) for each in value]
    if key in _DATES and isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value  # the thirtieth of February: the reading says so
    return value
