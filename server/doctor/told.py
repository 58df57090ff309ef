"""What was found, as a person reads it at a terminal and as a program does.

What is wrong comes with what to do, on lines of their own; what is fine takes one line each. The last lines say what it comes to and what to begin
with: checks stand in the order in which one fault causes another, so that is the first that is wrong.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

from server.doctor.rounds import Found
from server.domain.troubles import Level, Verdict, worst

MARKS = {Level.FINE: "✓", Level.WORTH_KNOWING: "!", Level.WRONG: "✗", Level.UNKNOWN: "·"}
PLAIN = {Level.FINE: "ok", Level.WORTH_KNOWING: "! ", Level.WRONG: "XX", Level.UNKNOWN: "--"}
COLOURS = {Level.FINE: "32", Level.WORTH_KNOWING: "33;1", Level.WRONG: "31;1", Level.UNKNOWN: "2"}


def as_text(found: Sequence[Found], *, width: int = 100, colours: bool = False, signs: bool = True) -> str:
    lines: list[str] = []
    title = ""
    for each in found:
        if each.check.title != title:
            title = each.check.title
            lines += ["", _in(title, "1", colours)]
        for verdict in each.verdicts:
            lines += _lines(verdict, width, colours, signs)
    return "\n".join(
        [*lines[1:], "", *_sum_up([v for each in found for v in each.verdicts], width, colours), ""]
    )


def _lines(verdict: Verdict, width: int, colours: bool, signs: bool) -> list[str]:
    mark = (MARKS if signs else PLAIN)[verdict.level]
    subject = verdict.subject[:1].upper() + verdict.subject[1:]
    indent = " " * (len(mark) + 3)
    told = textwrap.wrap(f"{subject}: {verdict.say}", width - len(indent)) or [subject]
    lines = [
        f"  {_in(mark, COLOURS[verdict.level], colours)} {told[0]}",
        *(f"{indent}{line}" for line in told[1:]),
    ]
    if verdict.act:
        arrow = "→ " if signs else "-> "
        lines += textwrap.wrap(
            verdict.act, width - len(indent), initial_indent=indent + arrow, subsequent_indent=indent + "  "
        )
    return lines


def _sum_up(verdicts: Sequence[Verdict], width: int, colours: bool) -> list[str]:
    wrong = sum(verdict.level is Level.WRONG for verdict in verdicts)
    known = sum(verdict.level is Level.WORTH_KNOWING for verdict in verdicts)
    fine = sum(verdict.level is Level.FINE for verdict in verdicts)
    parts = []
    if wrong:
        parts.append(f"{wrong} thing{'s are' if wrong > 1 else ' is'} wrong")
    if known:
        parts.append(f"{known} {'are' if known > 1 else 'is'} worth knowing")
    said = " and ".join(parts) or "All is well"
    lines = textwrap.wrap(
        _in(f"{said}; {fine} checks are fine.", COLOURS[worst(verdicts)], colours), width + 12
    )
    first = next((verdict for verdict in verdicts if verdict.grave and verdict.act), None)
    if first is not None and len(verdicts) > 1:
        lines += textwrap.wrap(f"Begin with: {first.subject}. {first.act}", width)
    return lines


def _in(text: str, colour: str, colours: bool) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if colours else text


def as_json(found: Sequence[Found]) -> str:
    verdicts = [
        {
            "check": each.check.name,
            "part": each.check.title,
            "subject": verdict.subject,
            "level": verdict.level.value,
            "say": verdict.say,
            "act": verdict.act,
        }
        for each in found
        for verdict in each.verdicts
    ]
    level = worst([verdict for each in found for verdict in each.verdicts])
    return json.dumps({"level": level.value, "verdicts": verdicts}, ensure_ascii=False, indent=2)
