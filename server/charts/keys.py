"""The key above a chart: a sample of each look with its name, in as many lines as they need."""

from __future__ import annotations

from collections.abc import Sequence

from server.charts.sheet import LINE, Sheet, width_of

SAMPLE = 22.0
BETWEEN = 18.0


def put_key(sheet: Sheet, entries: Sequence[tuple[str, str, str]], top: float = 0.0) -> float:
    """Draw `(shape, look, name)`s; shape is `box`, `line` or `mark`. Where the next thing may begin."""
    shown = [each for each in entries if each[2]]
    if not shown:
        return top
    x, y = 0.0, top + LINE - 3
    for shape, look, name in shown:
        wide = SAMPLE + 6 + width_of(name)
        if x and x + wide > sheet.width:
            x, y = 0.0, y + LINE + 2
        _sample(sheet, shape, look, x, y)
        sheet.words("t", x + SAMPLE + 6, y, name)
        x += wide + BETWEEN
    return y + 12


def _sample(sheet: Sheet, shape: str, look: str, x: float, y: float) -> None:
    middle = y - 4.5
    if shape == "line":
        sheet.line(look, x, middle, x + SAMPLE, middle)
    elif shape == "mark":
        sheet.line(look, x + SAMPLE / 2, middle - 7, x + SAMPLE / 2, middle + 7)
    elif shape == "diamond":
        put_diamond(sheet, look, x + SAMPLE / 2, middle)
    else:
        sheet.rect(look, x + 2, middle - 5.5, SAMPLE - 4, 11)


def put_diamond(sheet: Sheet, look: str, x: float, y: float, size: float = 5.0) -> None:
    sheet.path(look, ((x, y - size), (x + size, y), (x, y + size), (x - size, y)), closed=True)
