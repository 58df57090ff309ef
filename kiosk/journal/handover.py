"""What becomes of a journal entry after each try to hand it over. Pure.

An entry leaves the journal when the server has it, never before, and it may hold up the others only while
the fault may be the link's or the server's. A refusal that would be the same tomorrow sets the entry aside
at once. An entry at which the server stumbles again and again (it answers 'try later', hangs up, or the
line goes dead each time) is passed over, so that those behind it flow. If they are taken and it still is
not, the fault is its own, and it is set aside: somebody holds its paper, so a person must see to it. While
nothing at all is taken, nothing is set aside, however long: that is the server's trouble.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wire.frames import Answer
from wire.vocabulary import RefusalCode

STEP_BACK_AFTER = 5
"""Tries in vain until the entries behind it go first."""
OWN_FAULT_AFTER = 10
"""Tries in vain, while others were taken, until it is called the entry's own fault."""
UNLUCKY_AFTER = 20
"""The same where the line only went dead: that may be bad luck more often."""
BLAMED_AFTER = 3
"""The same where the server hung up over what it was sent."""

NOT_THE_ENTRYS_FAULT = frozenset(
    {RefusalCode.TRY_LATER, RefusalCode.BUSY, RefusalCode.NOT_ALLOWED, RefusalCode.NOT_SIGNED_IN}
)
"""Refusals that say nothing about the entry: the server is busy, or does not know this device (any more, or
yet).
"""


@dataclass(frozen=True)
class Lost:
    """No answer came. `blamed`: the server hung up over what it was sent."""

    blamed: bool = False


class Verdict(StrEnum):
    DONE = "done"
    AGAIN = "again"
    STEP_BACK = "step_back"
    SET_ASIDE = "set_aside"


def judge(outcome: Answer | Lost, tries: int, others_taken: int) -> Verdict:
    """`tries` counts this one too; `others_taken` how many entries the server took since the first of
    them.
    """
    if isinstance(outcome, Lost):
        enough = BLAMED_AFTER if outcome.blamed else UNLUCKY_AFTER
        return _patience(tries, enough, proof=outcome.blamed or others_taken > 0)
    if outcome.refusal is None:
        return Verdict.DONE
    code = outcome.refusal.code
    if code is RefusalCode.ID_REUSED and tries > 1:
        # Nobody else can have used this id: an earlier try did arrive, only its answer was lost.
        return Verdict.DONE
    if code not in NOT_THE_ENTRYS_FAULT:
        return Verdict.SET_ASIDE
    return _patience(tries, OWN_FAULT_AFTER, proof=others_taken > 0)


def _patience(tries: int, enough: int, *, proof: bool) -> Verdict:
    if tries >= enough and proof:
        return Verdict.SET_ASIDE
    return Verdict.STEP_BACK if tries % STEP_BACK_AFTER == 0 else Verdict.AGAIN
