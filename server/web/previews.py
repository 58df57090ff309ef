"""Files that were read and wait for the word to enter them: in this process's memory only, a few, for half an hour.

Only who sent a file, where they sent it, gets it back. What may hold visitors' names is let go of at every look once its time is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from server.web.identity import Caller
from wire.vocabulary import new_id

T = TypeVar("T")


@dataclass(frozen=True)
class Kept(Generic[T]):
    """`at` microseconds; `read` what the file said."""

    at: int
    staff: int
    centre: int
    name: str
    digest: str
    read: T


class Previews(Generic[T]):
    """At most `most`, the oldest forgotten first, each for `micros`."""

    def __init__(self, most: int, micros: int) -> None:
        self._most, self._micros = most, micros
        self._kept: dict[str, Kept[T]] = {}

    def keep(self, kept: Kept[T]) -> str:
        """The key by which it is had again."""
        self._let_go(kept.at)
        while len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        key = new_id()
        self._kept[key] = kept
        return key

    def take(self, key: str, caller: Caller, now: int) -> Kept[T] | None:
        """Only for who sent it, where they sent it; it stays until `drop`."""
        self._let_go(now)
        kept = self._kept.get(key)
        if kept is None or (kept.staff, kept.centre) != (caller.actor.id, caller.actor.centre):
            return None
        return kept

    def drop(self, key: str) -> None:
        self._kept.pop(key, None)

    def _let_go(self, now: int) -> None:
        for key, each in list(self._kept.items()):
            if now - each.at >= self._micros:
                del self._kept[key]
