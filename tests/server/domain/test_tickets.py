from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.refusals import Refusal
from server.domain.tickets import (
    FIRST_STATE,
    TABLE,
    TAKEN_BACK,
    actions_from,
    after,
    is_open,
    taken_back,
)
from server.domain.tickets_page import page
from wire.vocabulary import OPEN_STATES, RefusalCode
from wire.vocabulary import TicketAction as Action
from wire.vocabulary import TicketState as State

ROOT = Path(__file__).resolve().parents[3]


def walk(*actions: Action) -> State | Refusal:
    state: State | Refusal = FIRST_STATE
    for action in actions:
        assert isinstance(state, State)
        state = after(state, action)
    return state


def test_a_visitor_is_called_arrives_fetches_a_paper_and_is_done() -> None:
    story = (Action.CALL, Action.RECALL, Action.ARRIVE, Action.PARK, Action.UNPARK, Action.FINISH)
    assert walk(*story) == State.FINISHED


def test_a_visitor_who_does_not_come_ends_as_a_no_show() -> None:
    assert walk(Action.CALL, Action.RECALL, Action.NO_SHOW) == State.NO_SHOW


def test_a_visitor_may_give_up_until_someone_serves_them() -> None:
    assert walk(Action.CANCEL) == State.CANCELLED
    assert walk(Action.CALL, Action.CANCEL) == State.CANCELLED
    assert isinstance(walk(Action.CALL, Action.ARRIVE, Action.CANCEL), Refusal)


@pytest.mark.parametrize(
    ("state", "action", "say"),
    [
        (
            State.WAITING,
            Action.ARRIVE,
            "This ticket is still waiting, so it cannot be marked as arrived.",
        ),
        (
            State.CALLED,
            Action.FINISH,
            "This ticket has been called and has not arrived yet, so it cannot be finished.",
        ),
        (State.SERVING, Action.CALL, "This ticket is being served, so it cannot be called."),
        (State.FINISHED, Action.FINISH, "This ticket is finished, so it cannot be finished."),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(state: State, action: Action, say: str) -> None:
    assert after(state, action) == Refusal(RefusalCode.WRONG_STATE, say)


@given(st.sampled_from(State), st.sampled_from(Action))
def test_after_agrees_with_actions_from_for_every_pair(state: State, action: Action) -> None:
    assert (action in actions_from(state)) == isinstance(after(state, action), State)


def test_every_open_state_leads_to_an_end_and_no_end_leads_anywhere() -> None:
    for state in State:
        assert bool(actions_from(state)) == (state in OPEN_STATES) == is_open(state)
    ending = {State.FINISHED, State.NO_SHOW, State.TRANSFERRED, State.CANCELLED}
    for state in OPEN_STATES:
        reached, fresh = {state}, {state}
        while fresh:
            fresh = {to for (before, _), to in TABLE.items() if before in fresh} - reached
            reached |= fresh
        assert reached & ending


def test_every_state_and_action_is_used() -> None:
    assert {before for before, _ in TABLE} | set(TABLE.values()) == set(State)
    assert {action for _, action in TABLE} == set(Action)


@pytest.mark.parametrize("step", [step for step in TABLE if step[1] not in (Action.RECALL, Action.TRANSFER)])
def test_undo_returns_to_the_state_before(step: tuple[State, Action]) -> None:
    assert taken_back(*step) == step[0]


def test_undo_of_a_repeated_call_takes_back_the_whole_call() -> None:
    assert taken_back(State.CALLED, Action.RECALL) == State.WAITING


@pytest.mark.parametrize("before", [State.WAITING, State.CALLED, State.SERVING, State.PARKED])
def test_a_transfer_is_taken_back_only_while_its_successor_is_untouched(before: State) -> None:
    assert taken_back(before, Action.TRANSFER, successor=State.WAITING) == before
    for state in set(State) - {State.WAITING}:
        refusal = taken_back(before, Action.TRANSFER, successor=state)
        assert isinstance(refusal, Refusal)
        assert refusal.code == RefusalCode.NOTHING_TO_UNDO
    assert isinstance(taken_back(before, Action.TRANSFER), Refusal)


def test_a_step_that_cannot_have_been_is_not_taken_back() -> None:
    assert isinstance(taken_back(State.FINISHED, Action.CALL), Refusal)
    assert TAKEN_BACK.keys() == TABLE.keys()


def test_undo_always_leads_to_an_open_state() -> None:
    assert set(TAKEN_BACK.values()) <= OPEN_STATES


def test_the_committed_page_is_current() -> None:
    assert (ROOT / "docs" / "ticket-states.md").read_text(encoding="utf-8") == page()
