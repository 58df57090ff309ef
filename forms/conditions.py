"""Whether a condition holds, given the answers so far.

An answer that is missing, empty or of the wrong shape makes every comparison false and `not` of it true: nothing here raises, whatever a broken device
sends. Inside a group the item's own answers are looked at first, then those outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from forms.form import All, Answered, AnyOf, Compared, Condition, Is, Not

_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,40})?")
"""As judging keeps one. What else Decimal would read (`9e999999`) no sum can bear."""
_MOST = 10**20


@dataclass(frozen=True)
class Scope:
    """What may be looked at: the answers of pages already passed, the item's own, and which keys hold pence."""

    answers: Mapping[str, Any]
    item: Mapping[str, Any]
    money: frozenset[str] = frozenset()

    def of(self, key: str) -> Any:
        return self.item[key] if key in self.item else self.answers.get(key)


def holds(condition: Condition | None, scope: Scope) -> bool:
    """None always holds."""
    match condition:
        case None:
            return True
        case Is(of, values):
            return _is(scope.of(of), values)
        case Compared(of, more_than, less_than):
            number = number_of(scope.of(of), money=of in scope.money)
            return (
                number is not None
                and (more_than is None or number > more_than)
                and (less_than is None or number < less_than)
            )
        case Answered(of):
            return scope.of(of) not in (None, "", [], {})
        case All(parts):
            return all(holds(each, scope) for each in parts)
        case AnyOf(parts):
            return any(holds(each, scope) for each in parts)
        case Not(part):
            return not holds(part, scope)


def _is(answer: Any, values: tuple[str | bool, ...]) -> bool:
    given = answer if isinstance(answer, list) else [answer]
    return any(type(each) is type(value) and each == value for each in given for value in values)


def number_of(answer: Any, *, money: bool = False) -> Decimal | None:
    """A number's, in pounds if it is money; a group's is how many there are; None when there is none."""
    if isinstance(answer, list):
        return Decimal(len(answer))
    if isinstance(answer, str):
        number = Decimal(answer) if _NUMBER.fullmatch(answer) else None
    elif isinstance(answer, Decimal):
        number = answer
    else:
        number = Decimal(answer) if isinstance(answer, int) and _is_count(answer) else None
    if number is None:
        return None
    return number / 100 if money and isinstance(answer, int) else number


def _is_count(answer: int) -> bool:
    """Also of pence; yes and no are no numbers."""
    return not isinstance(answer, bool) and abs(answer) < _MOST


def asked_of(condition: Condition | None) -> Iterator[str]:
    """Every key that the condition looks at."""
    match condition:
        case Is(of) | Compared(of) | Answered(of):
            yield of
        case All(parts) | AnyOf(parts):
            for each in parts:
                yield from asked_of(each)
        case Not(part):
            yield from asked_of(part)
        case None:
            return
