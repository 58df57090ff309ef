"""A no with its reason.

Rules answer with a `Refusal`; actions, which run inside a savepoint that must be undone, raise it as `Refused`. Both carry a
code for programs and a sentence for the person who asked, which says what to do where there is something to do.
"""

from __future__ import annotations

from dataclasses import dataclass

from wire.vocabulary import RefusalCode


@dataclass(frozen=True)
class Refusal:
    code: RefusalCode
    say: str


class Refused(Exception):
    """Carries a Refusal out of an action; the edge undoes the command and answers with it."""

    def __init__(self, code: RefusalCode, say: str) -> None:
        super().__init__(say)
        self.refusal = Refusal(code, say)
