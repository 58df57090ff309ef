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
    known_until: int | None
    """Milliseconds since 1970; None in the first life: nothing was known before it."""
    secret: str
    """Of which each centre's key is made; told to nobody."""

    def keeping(self, centre: int) -> str:
        """The key of this centre's kiosks: 64 hex digits."""
        return hmac.digest(self.secret.encode(), f"journal:{centre}".encode(), hashlib.sha256).hex()
