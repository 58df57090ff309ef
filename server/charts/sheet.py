"""What a chart is drawn on: shapes and words at places, in units of a sixteenth of the page's letter height.

Every word goes through `escape` here and nowhere else, so that no name of a service can become markup. How wide words are is estimated, a little
generously, because nobody knows the reader's font; what would not fit is wrapped or left to the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

LETTERS = 13.0
"""Height of the letters, as `.chart` sets it."""
LINE = 17.0
_NARROW = frozenset("fijlrtI.,:;'!|()[] ")
_WIDE = frozenset("ABCDEGHKNOPQRSUVXYZ%&@–")


def width_of(words: str, letters: float = LETTERS) -> float:
    """About how wide `words` are."""
    return letters * sum(
        0.34 if each in _NARROW else 0.96 if each in "mwMW" else 0.74 if each in _WIDE else 0.59
        for each in words
    )


def wrapped(words: str, width: float, letters: float = LETTERS) -> list[str]:
    """`words` in lines no wider than `width`; one word alone may be wider, and is then broken."""
    lines: list[str] = []
    for word in words.split() or [""]:
        if lines and width_of(f"{lines[-1]} {word}", letters) <= width:
            lines[-1] += f" {word}"
        else:
            lines += _broken(word, width, letters)
    return lines


def _broken(word: str, width: float, letters: float) -> list[str]:
    pieces = [""]
    for each in word:
        if pieces[-1] and width_of(pieces[-1] + each, letters) > width:
            pieces.append("")
        pieces[-1] += each
    return pieces


class Sheet:
    """A sheet of one width, as tall as what was drawn on it."""

    def __init__(self, width: float) -> None:
        self.width = width
        self.height = 0.0
        self._shapes: list[str] = []

    def rect(self, look: str, x: float, y: float, width: float, height: float) -> None:
        """One of no width is not there."""
        if width > 0 and height > 0:
            self._put(
                f'<rect class="{look}" x="{_at(x)}" y="{_at(y)}" width="{_at(width)}" height="{_at(height)}"/>',
                y + height,
            )

    def line(self, look: str, x1: float, y1: float, x2: float, y2: float) -> None:
        self._put(
            f'<line class="{look}" x1="{_at(x1)}" y1="{_at(y1)}" x2="{_at(x2)}" y2="{_at(y2)}"/>',
            max(y1, y2),
        )

    def path(self, look: str, points: Sequence[tuple[float, float]], closed: bool = False) -> None:
        drawn = "L".join(f"{_at(x)} {_at(y)}" for x, y in points)
        self._put(f'<path class="{look}" d="M{drawn}{"Z" if closed else ""}"/>', max(y for _, y in points))

    def dot(self, look: str, x: float, y: float, radius: float) -> None:
        self._put(f'<circle class="{look}" cx="{_at(x)}" cy="{_at(y)}" r="{_at(radius)}"/>', y + radius)

    def words(self, look: str, x: float, y: float, words: str, anchor: str = "start") -> None:
        """`y` is the line the letters stand on."""
        beside = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._put(f'<text class="{look}" x="{_at(x)}" y="{_at(y)}"{beside}>{escape(words)}</text>', y + 4)

    def clear(self, x: float, y: float, words: str, letters: float = LETTERS) -> None:
        """Nothing but paper where `words` will be written, so that no line runs through them."""
        self.rect("paper", x - 2, y - letters * 0.9, width_of(words, letters) + 4, letters * 1.15)

    def drawn(self) -> str:
        return "".join(self._shapes)

    def _put(self, shape: str, reaches: float) -> None:
        self._shapes.append(shape)
        self.height = max(self.height, reaches)


def _at(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
