"""A no with its reason.

Rules answer with a `Refusal`; actions, which run inside a savepoint that must be undone, raise it as `Refused`. Both carry a
code for programs and a sentence for the person who asked, which says what to do where there is something to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wire.vocabulary import RefusalCode


@dataclass(frozen=True)
class Refusal:
    code: RefusalCode
    say: str
    more: Callable[[Any], str] | None = field(default=None, compare=False)
    """What else there is to say and takes a look at the database (its connection is the argument). Nobody else's command waits while somebody
    is told what they could have instead, so it is asked for after the lane has let go."""

    def in_full(self, connection: Any) -> str:
        return self.say if self.more is None else f"{self.say} {self.more(connection)}"


class Refused(Exception):
    """Carries a Refusal out of an action; the edge undoes the command and answers with it."""

    def __init__(self, code: RefusalCode, say: str, more: Callable[[Any], str] | None = None) -> None:
        super().__init__(say)
        self.refusal = Refusal(code, say, more)
