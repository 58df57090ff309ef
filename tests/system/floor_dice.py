"""Numbers that Hypothesis draws beforehand, from which an ask is made when its turn has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Dice(NamedTuple):
    """Numbers drawn beforehand, from which an ask is made when its turn has come.

    Whatever is under way together may end in another order the next time, so nothing may be drawn that depends on how it ended:
    Hypothesis must find the same numbers when it plays the same story again.
    """

    kind: int
    who: int
    ticket: int
    luck: int
    first: int
    second: int

    def pick(self, number: int, among: Sequence[T]) -> T:
        return among[number % len(among)]

    @property
    def is_odd(self) -> bool:
        """One time in ten somebody does what makes no sense."""
        return self.luck == 7


DICE = st.builds(
    Dice,
    st.integers(0, 999),
    st.integers(0, 59),
    st.integers(0, 59),
    st.integers(0, 9),
    st.integers(0, 59),
    st.integers(0, 59),
)
