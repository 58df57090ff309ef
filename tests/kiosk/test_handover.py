"""What becomes of an entry after each try."""

from __future__ import annotations

import pytest

from kiosk.journal import Lost, Verdict, judge
from kiosk.journal.handover import BLAMED_AFTER, OWN_FAULT_AFTER, STEP_BACK_AFTER, UNLUCKY_AFTER
from wire.frames import Answer, Refusal
from wire.vocabulary import RefusalCode


def refused(code: RefusalCode) -> Answer:
    return Answer(id="0" * 32, refusal=Refusal(code=code, say="No."))


@pytest.mark.parametrize(
    "code",
    [
        RefusalCode.UNKNOWN, RefusalCode.MALFORMED, RefusalCode.CODE_TAKEN, RefusalCode.ID_REUSED,
        RefusalCode.WRONG_CENTRE, RefusalCode.TOO_LARGE, RefusalCode.CLOSED, RefusalCode.WRONG_STATE,
    ],
)  # fmt: skip
def test_a_refusal_that_would_be_the_same_tomorrow_sets_aside_at_once(code: RefusalCode) -> None:
    assert judge(refused(code), 1, 0) is Verdict.SET_ASIDE


@pytest.mark.parametrize("code", [RefusalCode.TRY_LATER, RefusalCode.BUSY, RefusalCode.NOT_ALLOWED])
def test_a_sick_server_is_no_reason_to_set_anything_aside_however_long(code: RefusalCode) -> None:
    verdicts = {judge(refused(code), tries, 0) for tries in range(1, 1000)}
    assert verdicts == {Verdict.AGAIN, Verdict.STEP_BACK}


def test_one_the_server_stumbles_at_while_it_takes_others_is_set_aside() -> None:
    later = refused(RefusalCode.TRY_LATER)
    assert judge(later, STEP_BACK_AFTER, 0) is Verdict.STEP_BACK
    assert judge(later, OWN_FAULT_AFTER - 1, 3) is Verdict.AGAIN
    assert judge(later, OWN_FAULT_AFTER, 3) is Verdict.SET_ASIDE


def test_a_dead_line_is_bad_luck_for_longer() -> None:
    assert judge(Lost(), OWN_FAULT_AFTER + 1, 3) is Verdict.AGAIN
    assert judge(Lost(), UNLUCKY_AFTER, 3) is Verdict.SET_ASIDE
    assert judge(Lost(), UNLUCKY_AFTER, 0) is Verdict.STEP_BACK


def test_a_message_the_server_hangs_up_over_is_set_aside_soon() -> None:
    assert judge(Lost(blamed=True), BLAMED_AFTER - 1, 0) is Verdict.AGAIN
    assert judge(Lost(blamed=True), BLAMED_AFTER, 0) is Verdict.SET_ASIDE


def test_an_id_reused_on_a_later_try_means_an_earlier_one_arrived() -> None:
    assert judge(refused(RefusalCode.ID_REUSED), 2, 0) is Verdict.DONE


def test_taken_is_done() -> None:
    assert judge(Answer(id="0" * 32, result={}), 7, 0) is Verdict.DONE
