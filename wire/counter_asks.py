"""What staff ask at a counter. Re-exported by `wire.asks`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from wire.body import NOTE_CHARACTERS, Body, Id, Note, Slug, clean_text
from wire.vocabulary import Avoidable, BreakReason, Outcome


class SitDown(Body):
    """Open a counter: who is asking serves these services there until getting up."""

    do: Literal["sit_down"] = "sit_down"
    counter: Slug
    services: tuple[Slug, ...] = Field(min_length=1, max_length=100, fail_fast=True)


class GetUp(Body):
    do: Literal["get_up"] = "get_up"


class TakeBreak(Body):
    do: Literal["take_break"] = "take_break"
    reason: BreakReason


class EndBreak(Body):
    do: Literal["end_break"] = "end_break"


class CallNext(Body):
    do: Literal["call_next"] = "call_next"


class CallTicket(Body):
    """Call this one out of turn; a right of its own."""

    do: Literal["call_ticket"] = "call_ticket"
    ticket: Id


class Recall(Body):
    do: Literal["recall"] = "recall"
    ticket: Id


class Arrive(Body):
    do: Literal["arrive"] = "arrive"
    ticket: Id


class NoShow(Body):
    do: Literal["no_show"] = "no_show"
    ticket: Id


class Park(Body):
    do: Literal["park"] = "park"
    ticket: Id
    note: Note = ""


class Unpark(Body):
    do: Literal["unpark"] = "unpark"
    ticket: Id


class Transfer(Body):
    """Pass on to another service, and if named to one counter; code and arrival time are kept."""

    do: Literal["transfer"] = "transfer"
    ticket: Id
    service: Slug | None = None
    """None keeps the service."""
    counter: Slug | None = None
    note: Note = ""


class Finish(Body):
    do: Literal["finish"] = "finish"
    ticket: Id
    outcome: Outcome
    avoidable: Avoidable | None = None
    again: bool = False
    """They had been here about the same before."""


class Cancel(Body):
    """The visitor has left without being served, by what staff saw."""

    do: Literal["cancel"] = "cancel"
    ticket: Id


class Undo(Body):
    """Take back the last step of this ticket, as long as it is the counter's own and the next has not begun."""

    do: Literal["undo"] = "undo"
    ticket: Id


class AddNote(Body):
    do: Literal["add_note"] = "add_note"
    ticket: Id
    note: Annotated[
        str, StringConstraints(min_length=1, max_length=NOTE_CHARACTERS), AfterValidator(clean_text)
    ]


class TakeAttention(Body):
    """I will see to it: a help request or a set-aside entry."""

    do: Literal["take_attention"] = "take_attention"
    request: Id


class DoneAttention(Body):
    do: Literal["done_attention"] = "done_attention"
    request: Id
