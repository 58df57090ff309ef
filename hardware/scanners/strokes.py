"""Tells a scanner's burst of keys from somebody's fingers, by its rate. Pure.

Scanners that act as a keyboard send a sign every 1 to 30 ms and end with Enter (some with Tab, some with nothing); the fastest typists
take 70 ms. So signs that follow one another within `GAP_SECONDS` are a burst, and a burst of `LEAST` and more is a code. Once it is sure, a
longer gap does not end it: the machine may have been busy for a moment.
"""

from __future__ import annotations

GAP_SECONDS = 0.05
LEAST = 6
SURE = 3
"""So many signs in a row at such a rate, and no finger is meant."""
BUSY = 5
"""Times the gap."""
MOST = 500
ENDS = "\r\n\t"


class Strokes:
    def __init__(self, gap: float = GAP_SECONDS, least: int = LEAST) -> None:
        self._gap, self._least = gap, least
        self._signs: list[str] = []
        self._last = -1e9

    def key(self, sign: str, at: float) -> tuple[str | None, bool]:
        """The code that this key ends, if it does; and whether the key is a scanner's."""
        sure = len(self._signs) >= min(SURE, self._least)
        if at - self._last > self._gap * (BUSY if sure else 1):
            self._signs.clear()
            sure = False
        self._last = at
        if sign in ENDS:
            return self._take(), sure
        if len(self._signs) < MOST:
            self._signs.append(sign)
        return None, sure

    def paused(self, now: float) -> str | None:
        """The code that ended without a key to end it, if so long nothing came."""
        return self._take() if self._signs and now - self._last > (BUSY + 1) * self._gap else None

    @property
    def under_way(self) -> bool:
        return bool(self._signs)

    def _take(self) -> str | None:
        text, whole = "".join(self._signs), len(self._signs) >= self._least
        self._signs.clear()
        return text if whole else None
