"""What may follow what in a ticket's life: one table, (state, action) -> state.

Rules for those who change it:

* A missing key is the refusal. There is no second place that says no.
* Everything derives from the table: buttons of the staff pages (`actions_from`), the drawing and the page
  in docs/ticket-states.md (`tickets_page`), the tests.
* An end stays an end. Going back is not an action but `taken_back`, which undoes the last step and nothing
  older, so that the history of a ticket stays one line of steps, each with who and when.
* Only someone who has come is served: a call ends in arrival or no-show, never in a finish.
* Someone who is being served does not cancel: the adviser finishes, with the outcome "left".
* A ticket that turns out to be a second one of the same person is merged, one entered by mistake withdrawn: both end as cancelled, only
  while they wait, and neither is counted as a visitor.
* A transfer ends a ticket. Its successor starts as `FIRST_STATE` with the same code and arrival time.
"""

from __future__ import annotations

from collections.abc import Mapping

from server.domain.refusals import Refusal
from wire.codes import NIGHT_SECONDS
from wire.vocabulary import OPEN_STATES, RefusalCode
from wire.vocabulary import TicketAction as Action
from wire.vocabulary import TicketState as State

FIRST_STATE = State.WAITING
NIGHT = NIGHT_SECONDS * 1_000_000
"""Microseconds. No centre is open for so long, so whoever came before has gone home (see wire.codes)."""

TABLE: Mapping[tuple[State, Action], State] = {
    (State.WAITING, Action.CALL): State.CALLED,
    (State.WAITING, Action.TRANSFER): State.TRANSFERRED,
    (State.WAITING, Action.CANCEL): State.CANCELLED,
    (State.WAITING, Action.PRIORITISE): State.WAITING,
    (State.WAITING, Action.MERGE): State.CANCELLED,
    (State.WAITING, Action.WITHDRAW): State.CANCELLED,
    #
    (State.CALLED, Action.ARRIVE): State.SERVING,
    (State.CALLED, Action.RECALL): State.CALLED,
    (State.CALLED, Action.NO_SHOW): State.NO_SHOW,
    (State.CALLED, Action.TRANSFER): State.TRANSFERRED,
    (State.CALLED, Action.CANCEL): State.CANCELLED,
    #
    (State.SERVING, Action.FINISH): State.FINISHED,
    (State.SERVING, Action.PARK): State.PARKED,
    (State.SERVING, Action.TRANSFER): State.TRANSFERRED,
    #
    (State.PARKED, Action.UNPARK): State.SERVING,
    (State.PARKED, Action.FINISH): State.FINISHED,
    (State.PARKED, Action.TRANSFER): State.TRANSFERRED,
    (State.PARKED, Action.CANCEL): State.CANCELLED,
}

TAKEN_BACK: Mapping[tuple[State, Action], State] = {
    # Where undo leads after the step (state before, action): to the state before ...
    **{step: step[0] for step in TABLE},
    # ... but a call that was repeated is taken back whole: it cannot be half unsaid.
    (State.CALLED, Action.RECALL): State.WAITING,
}

STATE_IN_WORDS: Mapping[State, str] = {
    State.WAITING: "is still waiting",
    State.CALLED: "has been called and has not arrived yet",
    State.SERVING: "is being served",
    State.PARKED: "is parked",
    State.FINISHED: "is finished",
    State.NO_SHOW: "was marked as not come",
    State.TRANSFERRED: "was passed on",
    State.CANCELLED: "was cancelled",
}

_ACTION_IN_WORDS: Mapping[Action, str] = {
    Action.CALL: "called",
    Action.RECALL: "called again",
    Action.ARRIVE: "marked as arrived",
    Action.NO_SHOW: "marked as not come",
    Action.PARK: "parked",
    Action.UNPARK: "taken up again",
    Action.TRANSFER: "passed on",
    Action.FINISH: "finished",
    Action.CANCEL: "cancelled",
    Action.PRIORITISE: "given another priority",
    Action.MERGE: "merged with another",
    Action.WITHDRAW: "withdrawn",
}


def after(state: State, action: Action) -> State | Refusal:
    """The state that `action` leads to from `state`, or why it cannot be done."""
    following = TABLE.get((state, action))
    if following is None:
        why = f"This ticket {STATE_IN_WORDS[state]}, so it cannot be {_ACTION_IN_WORDS[action]}."
        return Refusal(RefusalCode.WRONG_STATE, why)
    return following


def actions_from(state: State) -> tuple[Action, ...]:
    """What can be done to a ticket in `state`, the usual thing first; nothing when it has ended."""
    return tuple(action for before, action in TABLE if before == state)


def taken_back(before: State, action: Action, *, successor: State | None = None) -> State | Refusal:
    """The state a ticket returns to when its last step, `action` from `before`, is undone.

    `successor` is the state of the ticket that a transfer started: once somebody has begun on it, the
    transfer stands. Whose step it was and whether a later ticket was begun since is for the caller to know.
    """
    state = TAKEN_BACK.get((before, action))
    if state is None:
        return Refusal(RefusalCode.NOTHING_TO_UNDO, "There is no step of this ticket to take back.")
    if action is Action.TRANSFER and successor is not FIRST_STATE:
        why = "The ticket you passed on is already being seen to, so this cannot be taken back."
        return Refusal(RefusalCode.NOTHING_TO_UNDO, why)
    return state


def is_open(state: State) -> bool:
    return state in OPEN_STATES
