"""Which life of the house this is, as devices are told it.

A database that is restored from a backup has forgotten what came after it; whoever still knows must be able to tell. So each restore begins another
life, named by a number and a random part: two restores of one backup are two lives. A kiosk that meets another life than its own hands in again what the
backup cannot know. `keeping` is what it seals those entries with until then: the kiosk has it in memory only, and the house tells it after a restore as
before, because it lies in the database. So a stolen card opens nothing, and a restored house gets everything back.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True)
class Life:
    id: str
    """`<number>-<random>`."""
    number: int
    known_until: int | None
    """Microseconds since 1970: all that was acknowledged before it is known. None in the first life."""
    restored_at: int | None
    secret: str
    """Of which each centre's key is made; told to nobody."""

    def keeping(self, centre: int) -> str:
        """The key of this centre's kiosks: 64 hex digits."""
        return hmac.digest(self.secret.encode(), f"journal:{centre}".encode(), hashlib.sha256).hex()

    def numbers_lost(self, day_began: int, last_given_at: int | None) -> int:
        """How many numbers of a letter that the house itself counts (the greeter's desk) to leave out once, so that none is given twice on the day
        that began at `day_began`: those given between backup and restore are on paper, and forgotten.

        Two a minute are more than a desk gives. Kiosks count for themselves and leave out none. `last_given_at` is when the last number known here was given.
        """
        known, restored = self.known_until, self.restored_at
        if known is None or restored is None or restored < day_began:
            return 0
        if last_given_at is not None and last_given_at >= restored:
            return 0
        return min(MOST_LOST, AT_LEAST + A_MINUTE * (max(0, restored - max(known, day_began)) // MINUTE))


MINUTE = 60_000_000
A_MINUTE, AT_LEAST, MOST_LOST = 2, 10, 300
