"""The published schema (`schema.json`), and its complaints as sentences a person can act on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

FILE = Path(__file__).with_name("schema.json")
_TYPES = {
    "string": "words",
    "object": "a set of fields",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


@cache
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


@cache
def _validator() -> Draft202012Validator:
    # Loaded when a form is judged that somebody wrote: 9 MB, and a form that is in use has been judged.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema())


def complaints(value: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(path, sentence) of everything that the schema refuses."""
    for error in _validator().iter_errors(value):
        yield from _told(error)


def _told(error: ValidationError) -> Iterator[tuple[tuple[str | int, ...], str]]:
    path = tuple(error.absolute_path)
    kind = str(error.validator)
    wanted: Any = error.validator_value
    got: Any = error.instance
    shape: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    if kind == "additionalProperties":
        known = shape.get("properties", {})
        for name in sorted(str(name) for name in got if name not in known):
            yield (*path, name), f"“{name}” is not a field here. Fields here are: {', '.join(sorted(known))}."
    elif kind == "required":
        missing = (name for name in shape.get("required", ()) if f"'{name}' is a required" in error.message)
        for name in missing:
            yield path, f"“{name}” is missing here."
    elif kind in ("anyOf", "oneOf"):
        yield path, str(shape.get("x-say") or "This is written in a way that is not known here.")
    else:
        yield path, _sentence(kind, wanted, got, shape.get("x-say"))


def _sentence(kind: str, wanted: Any, got: Any, own: str | None) -> str:
    match kind:
        case "type":
            named = [wanted] if isinstance(wanted, str) else list(wanted)
            found = "nothing" if got is None else _short(got)
            return f"Here must be {' or '.join(_TYPES.get(each, each) for each in named)}, not {found}."
        case "enum":
            return f"{_short(got)} is not known here. It must be one of: {', '.join(map(str, wanted))}."
        case "minLength" | "minItems" | "minProperties":
            return str(own) if own else f"This has too little in it: at least {wanted}."
        case "maxLength":
            return f"This is {len(got)} characters long; at most {wanted} are allowed."
        case "maxItems":
            return f"Here are {len(got)}; at most {wanted} are allowed."
        case "minimum":
            return f"{got} is too small: at least {wanted}."
        case "maximum":
            return f"{got} is too large: at most {wanted}."
        case "pattern" if own:
            return f"{_short(got)} is not right here: {own}"
        case "uniqueItems":
            return "Something stands here twice."
        case _:
            return f"{_short(got)} is not right here."


def _short(got: Any) -> str:
    if isinstance(got, dict):
        return "a set of fields"
    if isinstance(got, list):
        return "a list"
    text = str(got).lower() if isinstance(got, bool) else str(got)
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"
