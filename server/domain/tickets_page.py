"""docs/ticket-states.md, written from the table, so that what people read is what the code does.

Write it anew with `python -m server.domain.tickets_page > docs/ticket-states.md`; a test holds the committed
page against this.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from server.domain.tickets import FIRST_STATE, STATE_IN_WORDS, TABLE, TAKEN_BACK, actions_from, is_open
from wire.vocabulary import TicketState as State

_HEAD = """\
# What may happen to a ticket

<!-- Written by `python -m server.domain.tickets_page` from server/domain/tickets.py; do not edit. -->

A ticket is a place in the queue for one service. It is **open** while it is waiting, called, serving or
parked; the other states are **ends**. What is not in the table cannot be done, and who asks is told why.
"""
_FOOT = """\
A transfer ends a ticket and starts its successor as *waiting*, with the same code and arrival time.
Undo takes back the last step only, and a transfer only as long as nobody has begun on the successor.
"""


def page() -> str:
    parts = (_HEAD, "\n".join(_drawing()), "\n".join(_states()), "\n".join(_steps()), _FOOT)
    return "\n".join(f"{part.rstrip()}\n" for part in parts)


def _drawing() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {FIRST_STATE}"
    for (before, action), following in TABLE.items():
        yield f"    {before} --> {following}: {_said(action)}"
    for state in State:
        if not is_open(state):
            yield f"    {state} --> [*]"
    yield "```"


def _states() -> Iterator[str]:
    yield "| state | a ticket in it | what can be done |"
    yield "|---|---|---|"
    for state in State:
        actions = ", ".join(_said(action) for action in actions_from(state)) or "nothing: it is an end"
        yield f"| {_said(state)} | {STATE_IN_WORDS[state]} | {actions} |"


def _steps() -> Iterator[str]:
    yield "| from | action | to | undo leads to |"
    yield "|---|---|---|---|"
    for step, following in TABLE.items():
        before, action = step
        yield f"| {_said(before)} | {_said(action)} | {_said(following)} | {_said(TAKEN_BACK[step])} |"


def _said(word: str) -> str:
    return word.replace("_", "-")


if __name__ == "__main__":
    sys.stdout.write(page())
