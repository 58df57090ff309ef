"""One audience's stream: what it sees now, and the numbered changes that led there.

`publish` is given the whole view each time and works out what changed, so a snapshot and the changes after it can never tell different
stories. Changes are kept for a while: whoever comes back with a cursor gets exactly what was missed, or everything anew; never a guess.
A feed's epoch is random for each life, so a cursor of another life is never mistaken.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Mapping
from typing import Protocol

from wire.frames import Beat, Cursor, Delta, Row, Snapshot

KEPT_CHANGES = 512
"""At one change a second these bridge an absence of eight minutes; a longer one gets a snapshot."""

KEPT_CHARACTERS = 512 * 1024
"""And no more than these. A board's 512 changes are about as many; of the staff console's, at four thousand each, two million would be kept for every centre.
Who missed more is sent the whole, which is less; an outbox always has room for what a return brings."""

SNAPSHOT_KEPT_MS = 1000


class Outbox(Protocol):
    """Where a follower's messages go. `put` must not block."""

    def put(self, message: str) -> None: ...


class Feed:
    def __init__(self) -> None:
        self.cursor = Cursor(epoch=secrets.token_hex(8), seq=0)
        self.rows: Mapping[str, Row] = {}
        self.filled = False
        """Whether it was published to at all; until then nobody may join."""
        self.followers: set[Outbox] = set()
        self._kept: deque[tuple[int, str]] = deque()
        self._characters = 0
        self._snapshot: str | None = None
        self._snapshot_at = 0

    def publish(self, rows: Mapping[str, Row]) -> bool:
        """Make `rows` what the audience sees; tells every follower the difference. False when there is none."""
        self.filled = True
        put = {key: row for key, row in rows.items() if self.rows.get(key) != row}
        drop = sorted(self.rows.keys() - rows.keys())
        if not put and not drop:
            return False
        self.rows = rows
        self.cursor = Cursor(epoch=self.cursor.epoch, seq=self.cursor.seq + 1)
        self._snapshot = None
        message = Delta(seq=self.cursor.seq, put=put, drop=drop).encode()
        self._keep(message)
        for follower in tuple(self.followers):
            follower.put(message)
        return True

    def _keep(self, message: str) -> None:
        self._kept.append((self.cursor.seq, message))
        self._characters += len(message)
        while len(self._kept) > KEPT_CHANGES or self._characters > KEPT_CHARACTERS:
            self._characters -= len(self._kept.popleft()[1])

    def join(self, follower: Outbox, cursor: Cursor | None, now_ms: int) -> None:
        """Bring `follower` up to the present, then let it follow."""
        missed = self._missed(cursor)
        if missed is None:
            follower.put(self.snapshot(now_ms))
        else:
            for message in missed:
                follower.put(message)
            follower.put(self.beat(now_ms))
        self.followers.add(follower)

    def leave(self, follower: Outbox) -> None:
        self.followers.discard(follower)

    def _missed(self, cursor: Cursor | None) -> list[str] | None:
        """The changes after `cursor`, or None when they are not all here."""
        if cursor is None or cursor.epoch != self.cursor.epoch or cursor.seq > self.cursor.seq:
            return None
        if cursor.seq == self.cursor.seq:
            return []
        if not self._kept or self._kept[0][0] > cursor.seq + 1:
            return None
        return [message for seq, message in self._kept if seq > cursor.seq]

    def snapshot(self, now_ms: int) -> str:
        """Encoded once for all who come within a second: a board sets its clock, and what is news to it, by the time in it."""
        if self._snapshot is None or not 0 <= now_ms - self._snapshot_at < SNAPSHOT_KEPT_MS:
            self._snapshot_at = now_ms
            self._snapshot = Snapshot(cursor=self.cursor, now=now_ms, rows=dict(self.rows)).encode()
        return self._snapshot

    def beat(self, now_ms: int) -> str:
        return Beat(cursor=self.cursor, now=now_ms).encode()
