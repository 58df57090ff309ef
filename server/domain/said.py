"""Complaints, compliments and suggestions on their way to an answer: what may follow what, and by when. Pure.

One table, (state, deed) -> state. A missing key is the refusal; the buttons of the page and the tests derive from it.

By when: acknowledged within five working days of the day it came, answered within ten working days of the acknowledgement, as the Local Government and Social Care
Ombudsman's Complaint Handling Code has it for stage 1. An acknowledgement that is late moves no promise: the ten days then count from when it was due. A
compliment needs no answer; it is over when it was passed on to whom it praises, within the five. Working days are Mondays to Fridays on which the centre is not closed
by a closure of its calendar (bank holidays stand there). They are not the days on which a centre has its doors open: one that opens twice a week answers letters on the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from server.domain.refusals import Refused
from wire.vocabulary import RefusalCode, SaidKind
from wire.vocabulary import SaidState as State


class Deed(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    PASS_ON = "pass_on"  # noqa: S105 - a deed, not a password
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    """An end that was entered by mistake."""


TABLE: Mapping[tuple[State, Deed], State] = {
    (State.RECEIVED, Deed.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.RECEIVED, Deed.ANSWER): State.ANSWERED,
    (State.RECEIVED, Deed.PASS_ON): State.PASSED_ON,
    (State.RECEIVED, Deed.WITHDRAW): State.WITHDRAWN,
    #
    (State.ACKNOWLEDGED, Deed.ANSWER): State.ANSWERED,
    (State.ACKNOWLEDGED, Deed.PASS_ON): State.PASSED_ON,
    (State.ACKNOWLEDGED, Deed.WITHDRAW): State.WITHDRAWN,
    #
    (State.ANSWERED, Deed.REOPEN): State.ACKNOWLEDGED,
    (State.PASSED_ON, Deed.REOPEN): State.ACKNOWLEDGED,
    (State.WITHDRAWN, Deed.REOPEN): State.ACKNOWLEDGED,
}
ENDED = frozenset({State.ANSWERED, State.PASSED_ON, State.WITHDRAWN})
SAID_FORM = "compliment-or-complaint"
"""The form of the library by which they come."""
KINDS_OF_FORM: Mapping[str, SaidKind] = {
    "complaint": SaidKind.COMPLAINT,
    "praise": SaidKind.COMPLIMENT,
    "idea": SaidKind.SUGGESTION,
}
"""What the form's first answer (`what`) makes of it."""
WORDS_CHARACTERS = 2000
"""Of what staff write down for somebody; sealed it still fits its column, in whatever script."""
LONGEST = 366
"""Days within which a working day is found: no calendar is closed for a year."""
IN_WORDS: Mapping[State, str] = {
    State.RECEIVED: "is received and not acknowledged yet",
    State.ACKNOWLEDGED: "is acknowledged already",
    State.ANSWERED: "is answered already",
    State.PASSED_ON: "was passed on already",
    State.WITHDRAWN: "was withdrawn",
}
Closed = Callable[[date], bool]


@dataclass(frozen=True)
class Promise:
    """Working days. Set by the house (`FOYER_ACKNOWLEDGE_DAYS`, `FOYER_ANSWER_DAYS`)."""

    acknowledge: int = 5
    answer: int = 10


@dataclass(frozen=True)
class Due:
    """By when. `acknowledge_on` None: it needs none."""

    acknowledge_on: date | None
    answer_on: date


def after(state: State, deed: Deed) -> State:
    """Where the deed leads; raises Refused with why it cannot be."""
    found = TABLE.get((state, deed))
    if found is None:
        say = f"This {IN_WORDS[state]}. Load the page again to see what can be done with it now."
        raise Refused(RefusalCode.WRONG_STATE, say)
    return found


def deeds_from(state: State, kind: SaidKind) -> tuple[Deed, ...]:
    """What can be done with it now. A compliment is passed on or withdrawn: nobody waits for an answer to it."""
    found = tuple(deed for (start, deed) in TABLE if start is state)
    if kind is SaidKind.COMPLIMENT:
        return tuple(deed for deed in found if deed not in (Deed.ACKNOWLEDGE, Deed.ANSWER))
    return found


def due(kind: SaidKind, received_on: date, promise: Promise, closed: Closed) -> Due:
    """Told when it comes: the last days on which the promises are kept."""
    acknowledge_on = working_days_after(received_on, promise.acknowledge, closed)
    if kind is SaidKind.COMPLIMENT:
        return Due(None, acknowledge_on)
    return Due(acknowledge_on, working_days_after(acknowledge_on, promise.answer, closed))


def answer_due(acknowledged_on: date, acknowledge_due_on: date, promise: Promise, closed: Closed) -> date:
    """Told when it is acknowledged: sooner, if that was sooner than it had to be."""
    return working_days_after(min(acknowledged_on, acknowledge_due_on), promise.answer, closed)


def working_days_after(on: date, days: int, closed: Closed) -> date:
    """The `days`th working day after `on`, which itself never counts."""
    passed, looked = 0, on
    for _ in range(LONGEST):
        if passed >= days:
            break
        looked += timedelta(days=1)
        if looked.weekday() < 5 and not closed(looked):
            passed += 1
    return looked


def closed_on(closures: Iterable[tuple[date, date]]) -> Closed:
    """From closures of the whole centre, both days of each included."""
    spans = tuple(closures)
    return lambda on: any(first <= on <= last for first, last in spans)


def is_late(state: State, acknowledge_due_on: date | None, answer_due_on: date | None, today: date) -> bool:
    """Whether a promise is broken by now: what is due today is not."""
    if state in ENDED:
        return False
    unacknowledged = state is State.RECEIVED and acknowledge_due_on is not None and acknowledge_due_on < today
    return unacknowledged or (answer_due_on is not None and answer_due_on < today)


def next_due(state: State, acknowledge_due_on: date | None, answer_due_on: date | None) -> date | None:
    """What is to be done by when; None when nothing is."""
    if state in ENDED:
        return None
    return acknowledge_due_on if state is State.RECEIVED and acknowledge_due_on else answer_due_on


class ToCome(StrEnum):
    """What its visitor was promised and has not had; also the sentence of the catalogue that says so (`said.<value>`)."""

    ACKNOWLEDGE = "acknowledge_by"
    ANSWER = "answer_by"
    PASS_ON = "pass_on_by"  # noqa: S105 - a sentence, not a password


def still_to_come(
    kind: SaidKind, state: State, acknowledge_due_on: date | None, answer_due_on: date | None
) -> tuple[tuple[ToCome, date], ...]:
    """In its order, each with its last day."""
    if state in ENDED:
        return ()
    found: list[tuple[ToCome, date]] = []
    if state is State.RECEIVED and acknowledge_due_on is not None:
        found.append((ToCome.ACKNOWLEDGE, acknowledge_due_on))
    if answer_due_on is not None:
        found.append((ToCome.PASS_ON if kind is SaidKind.COMPLIMENT else ToCome.ANSWER, answer_due_on))
    return tuple(found)
