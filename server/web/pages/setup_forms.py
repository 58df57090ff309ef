"""Forms of the set-up: what the fields of a form say as a part of the centre's document, and how a part fills a form.

A field is named by where its value stands (`names.gu`, `hours.0.opens`), so a mistake finds its field by its path. What a person typed is
handed on as it is, a word where a number should be included: judging is for the rules of the centre's file, and whoever made a mistake
gets back what they typed. Characters that cannot be seen, and white space at the ends, go here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from starlette.datastructures import FormData

from server.centrefile import Fault
from server.domain.changes import Table
from server.domain.tallies import TAPPED
from server.web.gate import text_of
from wire.asks import clean_text
from wire.vocabulary import Language

Kind = Literal["text", "option", "words", "whole", "flag", "many", "lines"]
MOST_ROWS = 60
"""Of hours in one form; a browser sends no more than this page shows."""
MOST_TYPED = 1000


class Field(NamedTuple):
    key: str
    kind: Kind
    optional: bool = False


_NAMES = Field("names", "words")
_ICON = Field("icon", "option")
FIELDS: Mapping[str, tuple[Field, ...]] = {
    "centre": (
        Field("name", "text"),
        Field("address", "text", optional=True),
        Field("telephone", "text", optional=True),
        Field("map_url", "text", optional=True),
        Field("find_us", "words", optional=True),
        Field("timezone", "text"),
        Field("languages", "many"),
        Field("wait_here", "words"),
        Field("idle_seconds", "whole"),
        Field("max_calls", "whole"),
        Field("no_show_minutes", "whole"),
        Field("activities", "many"),
    ),
    "area": (_NAMES,),
    "choice": (_NAMES, _ICON),
    "service": (
        _NAMES,
        Field("help", "words", optional=True),
        Field("choice", "option", optional=True),
        _ICON,
        Field("class", "option"),
        Field("activity", "option"),
        Field("target_minutes", "whole"),
        Field("usual_minutes", "whole"),
        Field("walk_in", "flag"),
        Field("by_appointment", "flag"),
        Field("discreet", "flag"),
        Field("private", "flag"),
        Field("synonyms", "lines", optional=True),
        Field("lgsl", "whole", optional=True),
        Field("continues", "many", optional=True),
    ),
    "counter": (
        Field("name", "text"),
        Field("kind", "option"),
        Field("area", "option", optional=True),
        Field("sends_to", "text", optional=True),
    ),
    "message": (Field("text", "words"), Field("standing", "flag")),
    "purpose": (
        _NAMES,
        _ICON,
        Field("asks", "words", optional=True),
        Field("ready", "words", optional=True),
        Field("whom", "words", optional=True),
        Field("keep_days", "whole"),
        Field("team", "option", optional=True),
        Field("service", "option", optional=True),
    ),
    "team": (
        Field("name", "text"),
        Field("way", "option"),
        Field("address", "text", optional=True),
        Field("attach", "flag"),
        Field("keep_minutes", "whole", optional=True),
    ),
    "portal": (
        _NAMES,
        _ICON,
        Field("url", "text"),
        Field("ready", "words", optional=True),
        Field("service", "option", optional=True),
        Field("synonyms", "lines", optional=True),
    ),
    "closure": (Field("first", "text"), Field("last", "text", optional=True), Field("reason", "words")),
}
ASPECTS = ("hours", "appointments")
"""Of a service: what has a form of its own."""
HOURS_KEYS = ("hours", "exception", "closure")
"""Of a service: they have a form of their own."""
DEFAULTS: Mapping[str, Table] = {
    "centre": {"activities": [each.value for each in TAPPED]},
    "service": {
        "icon": "people", "class": "ordinary", "activity": "advice", "target_minutes": 20, "usual_minutes": 12,
        "walk_in": True, "by_appointment": False, "private": False,
    },
    "choice": {"icon": "people"},
    "counter": {"kind": "desk"},
    "message": {"standing": True},
    "purpose": {"icon": "form", "keep_days": 28},
    "team": {"way": "list"},
    "portal": {"icon": "form"},
}  # fmt: skip
"""What the file leaves out, and what a new thing begins with."""


def complete(kind: str, table: Table | None) -> Table:
    """The table with what the file leaves out, for a form to be filled from."""
    filled = {**DEFAULTS.get(kind, {}), **(table or {})}
    if kind == "service":
        filled.setdefault("discreet", bool(filled.get("private")))
    return filled


# From the form ----------------------------------------------------------------------------------------


def an_aspect(said: object) -> str:
    return said if isinstance(said, str) and said in ASPECTS else ""


def aspect_of(form: FormData) -> str:
    """Which form of a service this is: its own hours, its appointments, or (empty) the service itself."""
    return "hours" if "own_hours" in form else an_aspect(form.get("aspect"))


def collected(kind: str, form: FormData, kept: Table | None) -> Table:
    """The part that the form says. What it has no field for (its slug, words in a language not offered now) is kept."""
    table: Table = {}
    for each in FIELDS[kind]:
        value = _value(each, form, (kept or {}).get(each.key))
        if value is not None:
            table[each.key] = value
    known = {each.key for each in FIELDS[kind]}
    return {**{key: value for key, value in (kept or {}).items() if key not in known}, **table}


def _value(wanted: Field, form: FormData, kept: Any) -> Any:
    match wanted.kind:
        case "words":
            words = words_in(form, wanted.key, kept)
            return words if words or not wanted.optional else None
        case "flag":
            return wanted.key in form
        case "many":
            ticked = [each for each in form.getlist(wanted.key) if isinstance(each, str)]
            return ticked if ticked or not wanted.optional else None
        case "lines":
            lines = [clean_text(line) for line in re.split(r"[\n,;]", text_of(form, wanted.key, 4000))]
            return list(dict.fromkeys(filter(None, lines))) or None
        case "whole":
            typed = text_of(form, wanted.key, 20)
            return whole_of(typed) if typed or not wanted.optional else None
    typed = typed_text(form, wanted.key)
    return typed if typed or not wanted.optional else None


def typed_text(form: FormData, name: str) -> str:
    return clean_text(text_of(form, name, MOST_TYPED))


def whole_of(typed: str) -> int | str:
    return int(typed) if typed.isdecimal() and len(typed) < 10 else typed


def words_in(form: FormData, name: str, kept: Any) -> Table:
    words = {}
    for language in Language:
        shown = f"{name}.{language}" in form
        text = typed_text(form, f"{name}.{language}") if shown else (kept or {}).get(language.value, "")
        if text:
            words[language.value] = text
    return words


def hours_rows(form: FormData, name: str = "hours") -> list[Table]:
    """`[[hours]]`: rows left empty or ticked to go are left out, and days with the same hours side by side are one row."""
    rows: list[Table] = []
    for at in numbers_in(form, name):
        row: Table = {"days": [each for each in form.getlist(f"{name}.{at}.days") if isinstance(each, str)]}
        row |= _texts(form, f"{name}.{at}", ("opens", "closes", "from", "until"), needed=("opens", "closes"))
        if not row["days"] and not any(value for key, value in row.items() if key != "days"):
            continue
        if rows and _same_but_days(rows[-1], row):
            rows[-1]["days"] = [*rows[-1]["days"], *row["days"]]
        else:
            rows.append(row)
    return rows


def _same_but_days(one: Table, other: Table) -> bool:
    return all(one.get(key) == other.get(key) for key in ("opens", "closes", "from", "until"))


def exception_rows(form: FormData, on: str | None = None) -> list[Table]:
    """`[[exception]]`, each with its own date, or all of date `on`."""
    rows: list[Table] = []
    for at in numbers_in(form, "exception"):
        row = _texts(form, f"exception.{at}", ("on", "opens", "closes"), needed=("opens", "closes"))
        if not any(row.values()):
            continue
        rows.append({**row, "on": row.get("on", "") if on is None else on})
    return sorted(rows, key=lambda row: str(row["on"])) if on is None else rows


def closure_rows(form: FormData) -> list[Table]:
    """`[[closure]]` of a service."""
    rows: list[Table] = []
    for at in numbers_in(form, "closure"):
        row = _texts(form, f"closure.{at}", ("first", "last"), needed=("first",))
        reason = words_in(form, f"closure.{at}.reason", None)
        if any(row.values()) or reason:
            rows.append({**row, "reason": reason})
    return sorted(rows, key=lambda row: str(row["first"]))


def _texts(form: FormData, name: str, keys: Iterable[str], needed: Sequence[str]) -> Table:
    texts = {key: typed_text(form, f"{name}.{key}") for key in keys}
    return {key: text for key, text in texts.items() if text or key in needed}


def numbers_in(form: FormData, name: str) -> list[int]:
    """The rows there are in the form, but for those that were ticked to go."""
    pattern = re.compile(rf"{name}\.(\d{{1,3}})\.")
    found = {int(match[1]) for key in form if (match := pattern.match(key))}
    return [at for at in sorted(found) if f"{name}.{at}.away" not in form][:MOST_ROWS]


def upcoming(rows: Sequence[Table], today: date) -> tuple[list[Table], list[Table]]:
    """Rows of days that are over, and the others."""
    over = [
        each
        for each in rows
        if str(each.get("last") or each.get("on") or each.get("first")) < today.isoformat()
    ]
    return over, [each for each in rows if each not in over]


def layout_of(form: FormData) -> Table:
    """The first screen: the order of choices, the order of services, and which stands under which."""
    choices = [each for each in form.getlist("choices") if isinstance(each, str)]
    services = [each for each in form.getlist("services") if isinstance(each, str)]
    under: dict[str, list[str]] = {slug: [] for slug in (*choices, "")}
    for slug in services:
        under.setdefault(text_of(form, f"at.{slug}", 60), []).append(slug)
    return _moved({"choices": choices, "under": under}, text_of(form, "move", 120))


def _moved(layout: Table, move: str) -> Table:
    """`up choice money`, `down service council-tax`: the button that was pressed."""
    way, _, rest = move.partition(" ")
    kind, _, slug = rest.partition(" ")
    if way in ("up", "down"):
        for row in [layout["choices"]] if kind == "choice" else layout["under"].values():
            if slug in row:
                at = row.index(slug)
                to = at - 1 if way == "up" else at + 1
                if 0 <= to < len(row):
                    row[at], row[to] = row[to], row[at]
    return layout


def new_slug(name: str, kind: str, taken: Iterable[str]) -> str:
    """A short name for a new thing, made of its English name; never one that was used before."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:34].strip("-")
    stem = stem if stem[:1].isalpha() else f"{kind}-{stem}".strip("-")
    taken = set(taken)
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(each for each in names if each not in taken)


# Into the form ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filled:
    """A form's values and what is wrong with them, for a template."""

    values: Table
    faults: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, default: Any = "") -> Any:
        value: Any = self.values
        for step in path.split("."):
            if isinstance(value, list):
                value = value[int(step)] if step.isdecimal() and int(step) < len(value) else None
            else:
                value = value.get(step) if isinstance(value, Mapping) else None
            if value is None:
                return default
        return value

    def has(self, path: str, one: str) -> bool:
        value = self.get(path, ())
        return one in value if isinstance(value, list) else value == one

    def fault(self, path: str) -> str:
        return self.faults.get(path, "")

    def rows(self, path: str, spare: int = 0) -> range:
        """The numbers of the rows there are, and some empty ones."""
        return range(len(self.get(path, [])) + spare)

    def lines(self, path: str) -> str:
        return "\n".join(self.get(path, []))

    @property
    def wrong(self) -> Iterator[tuple[str, str]]:
        yield from self.faults.items()


def filled(kind: str, table: Table | None, faults: Iterable[Fault] = ()) -> Filled:
    said: dict[str, str] = {}
    for fault in faults:
        said.setdefault(".".join(map(str, fault.path)), fault.say)
    return Filled(complete(kind, table), said)
