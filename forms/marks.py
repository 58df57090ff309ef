"""A YAML document as plain values, with the line of everything in it.

Built from the parser's events, not by its constructors: so no tag can make an object, no anchor can be repeated into a thousand million laughs, depth and
size are bounded before anything is built, a key that stands twice is seen, and `no` stays a word (YAML 1.1 would make it false; only `true` and `false`
are that here). Numbers with a point become Decimal, since 0.1 must stay 0.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import yaml

from forms.marked import Marked, Path

MOST_CHARACTERS = 500_000
MOST_DEPTH = 20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_POINTED = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_PLAIN = {"true": True, "false": False, "null": None, "~": None, "": None}


class _Stop(Exception):
    """The document cannot be read on."""


def read_marked(text: str) -> Marked:
    """Never raises: what cannot be read stands in `faults`, and `value` is then None."""
    marked = Marked()
    if len(text) > MOST_CHARACTERS:
        marked.faults.append(((), 1, f"The document is longer than {MOST_CHARACTERS} characters."))
        return marked
    try:
        events = yaml.parse(text, Loader=_LOADER)
        _document(events, marked)
    except _Stop:
        marked.value = None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or "it holds a sign that does not belong in a document"
        marked.faults.append(((), mark.line + 1 if mark else 1, f"This is not YAML: {problem}."))
        marked.value = None
    return marked


def _document(events: Iterator[yaml.Event], marked: Marked) -> None:
    next(events)
    if isinstance(next(events), yaml.StreamEndEvent):
        _stop(marked, (), 1, "The document is empty.")
    marked.value = _value(events, next(events), (), marked)
    next(events)
    last = next(events)
    if not isinstance(last, yaml.StreamEndEvent):
        _stop(marked, (), _line(last), "A second document begins here; a form is one.")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _value(events: Iterator[yaml.Event], event: yaml.Event, path: Path, marked: Marked) -> Any:
    line = _line(event)
    marked.lines.setdefault(path, line)
    if isinstance(event, yaml.AliasEvent):
        _stop(marked, path, line, "Anchors and aliases (& and *) are not allowed. Write it out again.")
    if isinstance(event, yaml.NodeEvent) and event.anchor:
        _stop(marked, path, line, "Anchors and aliases (& and *) are not allowed. Take the & away.")
    if getattr(event, "tag", None) not in (None, "!"):
        _stop(marked, path, line, "Tags (!) are not allowed.")
    if len(path) > MOST_DEPTH:
        _stop(marked, path[:6], line, "This is nested too deeply.")
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    if isinstance(event, yaml.SequenceStartEvent):
        rows: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            rows.append(_value(events, event, (*path, len(rows)), marked))
        return rows
    return _mapping(events, path, marked)


def _mapping(events: Iterator[yaml.Event], path: Path, marked: Marked) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        line = _line(event)
        if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
            _stop(marked, path, line, "The name of a field must be a plain word.")
        key = str(event.value)  # type: ignore[attr-defined]  # a scalar, as `_stop` never returns
        twice = key in found
        if twice:
            marked.faults.append(((*path, key), line, f"“{key}” stands here twice."))
        else:
            marked.lines[(*path, key)] = line
        value = _value(events, next(events), (*path, key), marked)
        if not twice:
            found[key] = value
    return found


def _scalar(event: yaml.ScalarEvent) -> Any:
    text = str(event.value)
    if event.style not in (None, "", "plain"):
        return text
    if text in _PLAIN:
        return _PLAIN[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return Decimal(text) if _POINTED.fullmatch(text) else text


def _stop(marked: Marked, path: Path, line: int, sentence: str) -> None:
    marked.faults.append((path, line, sentence))
    raise _Stop
