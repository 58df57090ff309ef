"""Lying bars: one for each label (`Bars`), and how something spreads (`Ranges`). Labels stand beside the bars where there is room, above them where not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.charts.keys import put_diamond, put_key
from server.charts.scale import Scale, scale_of
from server.charts.sheet import LINE, Sheet, width_of, wrapped
from server.domain.figure import Bars, Measure, Ranges
from server.domain.telling.writing import DASH, written

NARROW = 400.0
"""Below this labels stand above their bars."""
BAR, THIN, GAP = 17.0, 7.0, 9.0
TALL = 24
"""More rows than this have the axis on top as well."""


@dataclass(frozen=True)
class _Room:
    """Where bars lie: from `left` to `right`, with the labels in lines; `above`: labels are above their bars."""

    scale: Scale
    left: float
    right: float
    labels: tuple[list[str], ...]
    above: bool

    def x(self, value: float) -> float:
        return self.left + self.scale.part(value) * (self.right - self.left)


def draw_bars(chart: Bars, width: float) -> Sheet:
    sheet = Sheet(width)
    texts = [written(value, chart.measure) for value in chart.values]
    room = _room(chart.labels, texts, (*chart.values, *chart.other, chart.target), chart.measure, width)
    names = chart.names if any(value is not None for value in chart.other) else ("", "")
    top = put_key(sheet, (("box", "s1", names[0]), ("box", "s2", names[1])))
    top = _top_of_axis(sheet, room, chart.measure, top, len(chart.labels))
    if chart.target is not None:
        top = _target_name(sheet, room, chart.target, chart.measure, top)
    begin = top
    rows: list[tuple[float, int]] = []
    for number in range(len(chart.labels)):
        at = _bar_top(room, number, top)
        rows.append((at, number))
        top = max(at + BAR + (THIN + 1 if chart.other else 0), at + _label_height(room, number)) + GAP
    _axis(sheet, room, chart.measure, begin - 4, top - 3)
    if chart.target is not None:
        sheet.line("target", room.x(chart.target), begin - 4, room.x(chart.target), top - 3)
    for at, number in rows:
        _label(sheet, room, number, at)
        _bar(sheet, room, "s1", chart.values[number], at, BAR)
        if chart.target is not None and (chart.values[number] or 0) > chart.target:
            sheet.line("through", room.x(chart.target), at, room.x(chart.target), at + BAR)
        if chart.other:
            _bar(sheet, room, "s2", chart.other[number], at + BAR + 1, THIN)
        _value(sheet, room, chart.values[number], texts[number], at)
    return sheet


def draw_ranges(chart: Ranges, width: float) -> Sheet:
    sheet = Sheet(width)
    texts = [_range_text(*each) for each in zip(chart.median, chart.ninth, strict=True)]
    every = (*chart.median, *chart.ninth, *chart.mean, *chart.target)
    room = _room(chart.labels, texts, every, Measure.MINUTES, width)
    key = [("box", "s1", "half took at most"), ("box", "s2", "nine in ten took at most")]
    key += [("diamond", "mean", "mean")] if any(each is not None for each in chart.mean) else []
    key += [("mark", "target", "target")] if any(each is not None for each in chart.target) else []
    top = _top_of_axis(sheet, room, Measure.MINUTES, put_key(sheet, key), len(chart.labels))
    begin, rows = top, list[tuple[float, int]]()
    for number in range(len(chart.labels)):
        at = _bar_top(room, number, top)
        rows.append((at, number))
        top = max(at + BAR, at + _label_height(room, number)) + GAP
    _axis(sheet, room, Measure.MINUTES, begin - 4, top - 3)
    for at, number in rows:
        _label(sheet, room, number, at)
        median, ninth = chart.median[number], chart.ninth[number]
        if median is not None and ninth is not None:
            sheet.rect("s2", room.x(0), at + 3, room.x(ninth) - room.x(0), BAR - 6)
        _bar(sheet, room, "s1", median, at, BAR)
        _mark(sheet, room, chart.target, number, at)
        mean = chart.mean[number] if chart.mean else None
        if mean is not None:
            put_diamond(sheet, "mean", room.x(mean), at + BAR / 2)
        _value(sheet, room, ninth if ninth is not None else median, texts[number], at)
    return sheet


def _range_text(median: float | None, ninth: float | None) -> str:
    if median is None:
        return DASH
    return f"{written(round(median), Measure.COUNT)} / {DASH if ninth is None else written(round(ninth), Measure.MINUTES)}"


def _mark(sheet: Sheet, room: _Room, targets: Sequence[float | None], number: int, at: float) -> None:
    target = targets[number] if targets else None
    if target is not None:
        sheet.line("target", room.x(target), at - 3, room.x(target), at + BAR + 3)


def _room(
    labels: Sequence[str],
    texts: Sequence[str],
    values: Sequence[float | None],
    measure: Measure,
    width: float,
) -> _Room:
    above = width < NARROW
    widest = max((width_of(label) for label in labels), default=0.0)
    left = 0.0 if above else min(widest, width * 0.34) + 10
    ends = max((width_of(text) for text in texts), default=0.0) + 10
    scale = scale_of(values, measure, 3 if above else 5)
    if scale.low < 0:  # room for what is written beside bars that go the other way
        left += ends
    lines = tuple(wrapped(label, width if above else width * 0.34) for label in labels)
    return _Room(scale, left, max(left + 40, width - ends), lines, above)


def _label_height(room: _Room, number: int) -> float:
    return 0.0 if room.above else (len(room.labels[number]) - 1) * LINE + BAR


def _bar_top(room: _Room, number: int, top: float) -> float:
    """Where the bar of a row begins that begins at `top`."""
    return top + len(room.labels[number]) * LINE + 2 if room.above else top


def _label(sheet: Sheet, room: _Room, number: int, at: float) -> None:
    """Write the label of the row whose bar begins at `at`. After the axis, so that no line runs through it."""
    ends_at_bar = not room.above and room.scale.low >= 0
    top = at - len(room.labels[number]) * LINE - 2 if room.above else at
    for line, words in enumerate(room.labels[number]):
        y = top + 13 + line * LINE
        if room.above:
            sheet.clear(0, y, words)
        sheet.words("t", room.left - 10 if ends_at_bar else 0, y, words, "end" if ends_at_bar else "start")


def _top_of_axis(sheet: Sheet, room: _Room, measure: Measure, top: float, rows: int) -> float:
    if rows <= TALL:
        return top + 4
    _ticks(sheet, room, measure, top + 13)
    return top + LINE + 6


def _target_name(sheet: Sheet, room: _Room, target: float, measure: Measure, top: float) -> float:
    x, words = room.x(target), f"target {written(target, measure)}"
    half = width_of(words) / 2
    sheet.words("t", min(max(x, half), sheet.width - half), top + 10, words, "middle")
    return top + LINE + 4


def _axis(sheet: Sheet, room: _Room, measure: Measure, top: float, bottom: float) -> None:
    for tick in room.scale.ticks:
        sheet.line("axis" if tick == 0 else "rule", room.x(tick), top, room.x(tick), bottom)
    _ticks(sheet, room, measure, bottom + 15)


def _ticks(sheet: Sheet, room: _Room, measure: Measure, y: float) -> None:
    ends = -1000.0
    for tick in room.scale.ticks:
        words = written(tick, measure)
        half, x = width_of(words) / 2, room.x(tick)
        x = min(max(x, half), sheet.width - half)
        if x - half > ends + 6:
            sheet.words("t faint", x, y, words, "middle")
            ends = x + half


def _bar(sheet: Sheet, room: _Room, look: str, value: float | None, at: float, tall: float) -> None:
    if value is not None:
        begin, end = sorted((room.x(0), room.x(value)))
        sheet.rect(look, begin, at, end - begin, tall)


def _value(sheet: Sheet, room: _Room, value: float | None, words: str, at: float) -> None:
    if value is not None and value < 0:
        sheet.words("t strong", room.x(value) - 6, at + 13, words, "end")
    else:
        sheet.clear(room.x(value or 0) + 6, at + 13, words)
        sheet.words("t strong" if value is not None else "t faint", room.x(value or 0) + 6, at + 13, words)
