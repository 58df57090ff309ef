"""The follower: keeps one view in step with its feed, and says when it is not. No I/O, no clock of its own.

Give it each frame as it comes (`take`) with a steady time in seconds; ask it what to send on connecting (`hello`) and whether
what it shows is still true (`standing`). It never mends a hole: on one it asks to be connected again without a cursor.
`follow.js` is the same in JavaScript; both replay `transcripts/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wire.frames import BEAT_SECONDS, Beat, Bye, Cursor, Delta, Hello, Row, Snapshot
from wire.vocabulary import PROTOCOL

MISSED_BEATS = 2
"""After this many beats without a word the view is called stale."""

Standing = Literal["empty", "live", "stale"]


@dataclass(frozen=True)
class Change:
    """What a frame did: rows put and keys dropped. `whole` after a snapshot (then `drop` is what is gone since before)."""

    put: Mapping[str, Row] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Resync:
    """The stream has a hole or belongs to another life of the feed: hang up, connect again; `hello()` then asks for all."""

    why: str


class Follower:
    def __init__(self, app: str = "") -> None:
        self.rows: dict[str, Row] = {}
        self.cursor: Cursor | None = None
        self.ended: Bye | None = None
        self._app = app
        self._heard: float | None = None
        self._now: tuple[int, float] | None = None

    def hello(self) -> Hello:
        return Hello(protocol=PROTOCOL, cursor=self.cursor, app=self._app)

    def take(self, frame: Snapshot | Delta | Beat | Bye, at: float) -> Change | Resync:
        """Apply one frame heard at steady time `at` (seconds). An old delta heard twice changes nothing."""
        self._heard = at
        self.ended = None  # whatever comes after a Bye comes over a new connection
        match frame:
            case Snapshot():
                gone = tuple(sorted(self.rows.keys() - frame.rows.keys()))
                put = {key: row for key, row in frame.rows.items() if self.rows.get(key) != row}
                self.rows = dict(frame.rows)
                self.cursor = frame.cursor
                self._now = (frame.now, at)
                return Change(put, gone, whole=True)
            case Delta():
                return self._delta(frame)
            case Beat():
                self._now = (frame.now, at)
                if self.cursor != frame.cursor:
                    return self._lost("the beat names another position")
                return Change()
            case Bye():
                self.ended = frame
                return Change()

    def _delta(self, frame: Delta) -> Change | Resync:
        if self.cursor is None:
            return self._lost("a change came before the whole")
        if frame.seq <= self.cursor.seq:
            return Change()
        if frame.seq != self.cursor.seq + 1:
            return self._lost("a change is missing")
        self.rows.update(frame.put)
        for key in frame.drop:
            self.rows.pop(key, None)
        self.cursor = Cursor(epoch=self.cursor.epoch, seq=frame.seq)
        return Change(frame.put, tuple(frame.drop))

    def _lost(self, why: str) -> Resync:
        self.cursor = None
        return Resync(why)

    def standing(self, at: float) -> Standing:
        """Whether the rows can be shown as true at steady time `at`: `stale` after two missed beats, or a hang-up that stays."""
        if self._heard is None:
            return "empty"
        return "live" if at - self._heard <= MISSED_BEATS * BEAT_SECONDS and self.ended is None else "stale"

    def server_now(self, at: float) -> int | None:
        """The server's clock at steady time `at` in milliseconds since 1970, from the last frame that told it."""
        if self._now is None:
            return None
        told, heard = self._now
        return told + round((at - heard) * 1000)
