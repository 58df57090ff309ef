"""Reads a form's document: YAML (or JSON, which is YAML) -> the published schema -> a `Form` -> what no schema can say (`forms.checking`).

Each step is only taken when the one before found nothing, since a fault in the shape makes nonsense of everything said about the meaning. Every fault is
a sentence with its line and its place in words, for the administrator who wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from forms.checking import check
from forms.form import (
    All,
    Answered,
    AnyOf,
    Compared,
    Condition,
    Day,
    Ending,
    Form,
    Group,
    Is,
    Kind,
    Not,
    Notice,
    Option,
    Question,
    Step,
    Total,
)
from forms.marked import Marked, Path
from forms.schema import complaints


@dataclass(frozen=True)
class Fault:
    """`line` from 1; `place` in words ("step 3 (where), title"), empty when it is the whole document; `say` a sentence."""

    line: int
    place: str
    say: str

    def __str__(self) -> str:
        return f"Line {self.line}{f', {self.place}' if self.place else ''}: {self.say}"


def read_form(text: str) -> Form | list[Fault]:
    """The form, or everything that is wrong with it (never an empty list), in the order of lines. Never raises."""
    from forms.marks import read_marked  # YAML is 2 MB, for houses that have forms

    marked = read_marked(text)
    if marked.faults:
        return _told(marked, [(path, say, line) for path, line, say in marked.faults])
    shape = [(path, say, None) for path, say in complaints(marked.value)]
    if shape:
        return _told(marked, shape)
    form = _form(marked.value)
    meaning = [(path, say, None) for path, say in check(form)]
    return _told(marked, meaning) if meaning else form


def _told(marked: Marked, found: Sequence[tuple[Path, str, int | None]]) -> list[Fault]:
    faults = {
        Fault(line or marked.line(path), place_words(marked.value, path), say) for path, say, line in found
    }
    return sorted(faults, key=lambda fault: (fault.line, fault.place, fault.say))


_ROWS = {
    "steps": "step",
    "questions": "question",
    "options": "option",
    "endings": "ending",
    "totals": "total",
}


def place_words(value: Any, path: Path) -> str:
    """`("steps", 2, "title")` as "step 3 (where), title"."""
    said: list[str] = []
    at = value
    for number, part in enumerate(path):
        try:
            at = at[part]
        except (LookupError, TypeError):
            at = None
        if isinstance(part, int):
            before = path[number - 1] if number else ""
            name = at.get("key") or at.get("value") if isinstance(at, Mapping) else None
            row = _ROWS.get(str(before), "")
            if row:
                said.pop()
            said.append(f"{row or 'number'} {part + 1}{f' ({name})' if isinstance(name, str) else ''}")
        else:
            said.append(str(part))
    return ", ".join(said)


# From the document to the form; the schema has been obeyed ------------------------------------------------------------------


def _form(value: Mapping[str, Any]) -> Form:
    receipt = value.get("receipt", {})
    kinds = {
        question["key"]: question["kind"]
        for step in value["steps"]
        for question in (step, *step.get("questions", ()))
    }
    return Form(
        slug=value["slug"],
        title=value["title"],
        lead=value["lead"],
        languages=tuple(value["languages"]),
        steps=tuple(_step(each, kinds) for each in value["steps"]),
        sent=value["sent"],
        whom=value.get("whom", {}),
        ready=tuple(value.get("ready", ())),
        minutes=value.get("minutes", 5),
        totals=tuple(
            Total(each["key"], each["title"], tuple(each["of"])) for each in value.get("totals", ())
        ),
        endings=tuple(_ending(each, kinds) for each in value.get("endings", ())),
        synonyms=tuple(value.get("synonyms", ())),
        anonymous=value.get("anonymous", False),
        receipt_phone=receipt.get("phone", ""),
        receipt_email=receipt.get("email", ""),
        case=value.get("case", ""),
    )


def _step(value: Mapping[str, Any], kinds: Mapping[str, str]) -> Step:
    when = _condition(value.get("when"), kinds)
    if value["kind"] == "notice":
        plain = {key: value[key] for key in ("link", "ends") if key in value}
        return Notice(value["key"], value["title"], value["text"], when=when, **plain)
    if value["kind"] == "group":
        asked = tuple(_question(each, kinds) for each in value["questions"])
        plain = {key: value[key] for key in ("least", "most", "hint") if key in value}
        return Group(value["key"], value["title"], value["one"], asked, when=when, **plain)
    return _question(value, kinds)


def read_day(text: str) -> Day:
    """A day as the schema has it."""
    found = re.fullmatch(r"today(?: ([+-]) (\d+) (day|year)s?)?", text)
    if found is None:
        return Day(fixed=text)
    number = int(found[2] or 0) * (-1 if found[1] == "-" else 1)
    return Day(years=number) if found[3] == "year" else Day(days=number)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "options": lambda rows: tuple(Option(**row) for row in rows),
    "masks": tuple,
    "least": Decimal,
    "most": Decimal,
    "earliest": read_day,
    "latest": read_day,
    "kind": Kind,
}


def _question(value: Mapping[str, Any], kinds: Mapping[str, str]) -> Question:
    fields = {key: _READ[key](each) if key in _READ else each for key, each in value.items() if key != "when"}
    return Question(**fields, when=_condition(value.get("when"), kinds))


def _ending(value: Mapping[str, Any], kinds: Mapping[str, str]) -> Ending:
    return Ending(value["title"], value["text"], value.get("link", ""), _condition(value.get("when"), kinds))


def _condition(value: Any, kinds: Mapping[str, str]) -> Condition | None:
    return None if value is None else _read_condition(value, kinds)


def _read_condition(value: Mapping[str, Any], kinds: Mapping[str, str]) -> Condition:
    if "all" in value:
        return All(tuple(_read_condition(each, kinds) for each in value["all"]))
    if "any" in value:
        return AnyOf(tuple(_read_condition(each, kinds) for each in value["any"]))
    if "not" in value:
        return Not(_read_condition(value["not"], kinds))
    asked = value["question"]
    if "answered" in value:
        return Answered(asked)
    if "is" in value or "one_of" in value:
        given = value["one_of"] if "one_of" in value else [value["is"]]
        return Is(asked, tuple(_wanted(kinds.get(asked, ""), each) for each in given))
    limits = {key: Decimal(value[key]) for key in ("more_than", "less_than") if key in value}
    return Compared(asked, **limits)


def _wanted(kind: str, value: str | bool) -> str | bool:
    """`yes` and `no` of a yes-or-no question, and of a declaration, as they are kept."""
    if kind in ("yes_no", "declaration") and isinstance(value, str):
        return {"yes": True, "no": False}.get(value, value)
    return value
