"""Standing columns (`Columns`) and lines (`Lines`) over an order, and the frame both stand in: an axis at the left, the labels below, as many as fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.charts.keys import put_key
from server.charts.scale import Scale, scale_of
from server.charts.sheet import LINE, Sheet, width_of
from server.domain.figure import Columns, Lines, Measure, Series
from server.domain.telling.writing import written

LOOKS = ("s1", "s2", "s3", "s4")
STROKES = ("l1", "l2", "l3", "l4")
SMALL = 11.5
EVERY = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 15, 20, 24, 25, 26, 30, 50, 52, 100)
WRITTEN_POINTS = 12
"""Lines with more points than this have only their last value written."""


@dataclass(frozen=True)
class _Frame:
    scale: Scale
    left: float
    right: float
    top: float
    bottom: float
    slots: int

    @property
    def slot(self) -> float:
        """How wide the room of one label is."""
        return (self.right - self.left) / max(1, self.slots)

    def x(self, number: int) -> float:
        """The middle of a label's room."""
        return self.left + (number + 0.5) * self.slot

    def y(self, value: float) -> float:
        return self.bottom - self.scale.part(value) * (self.bottom - self.top)


def draw_columns(chart: Columns, width: float) -> Sheet:
    sheet = Sheet(width)
    banded = [each for each in chart.series if each.low]
    several = len(chart.series) > 1
    key = [("box", LOOKS[n % 4], each.name) for n, each in enumerate(chart.series)] if several else []
    key += _key_of_bands(chart.series)
    values = _stacks(chart) if chart.stacked else [v for each in chart.series for v in each.values]
    bands = [value for each in banded for value in (*each.low, *each.high)]
    frame = _frame(sheet, chart.labels, [*values, *bands], chart.measure, key, 0.0)
    for each in banded:
        _band_boxes(sheet, frame, each)
    if chart.stacked:
        _stacked(sheet, frame, chart)
    else:
        _grouped(sheet, frame, chart)
    sheet.line("axis", frame.left, frame.y(0), frame.right, frame.y(0))
    return sheet


def _key_of_bands(series: Sequence[Series]) -> list[tuple[str, str, str]]:
    """Bands all look alike, so what they are is said together."""
    names = dict.fromkeys(each.band for each in series if each.low)
    return [("box", "band", ", ".join(names))] if names else []


def _stacks(chart: Columns) -> list[float | None]:
    return [
        sum(value or 0 for value in column) if any(value is not None for value in column) else None
        for column in zip(*(each.values for each in chart.series), strict=True)
    ]


def _stacked(sheet: Sheet, frame: _Frame, chart: Columns) -> None:
    wide = _wide(frame, chart)
    for number, total in enumerate(_stacks(chart)):
        under = 0.0
        for n, each in enumerate(chart.series):
            value = each.values[number] or 0
            foot, head = frame.y(under), frame.y(under + value)
            sheet.rect(LOOKS[n % 4], frame.x(number) - wide / 2, head, wide, foot - head)
            under += value
        _written_on(sheet, frame.x(number), frame, total, chart.measure, frame.slot)


def _grouped(sheet: Sheet, frame: _Frame, chart: Columns) -> None:
    wide = _wide(frame, chart)
    each_wide = wide / max(1, len(chart.series))
    for n, each in enumerate(chart.series):
        for number, value in enumerate(each.values):
            if value is None:
                continue
            x = frame.x(number) - wide / 2 + n * each_wide
            head, foot = sorted((frame.y(value), frame.y(0)))
            sheet.rect(LOOKS[n % 4], x, head, each_wide * (0.94 if len(chart.series) > 1 else 1), foot - head)
            _written_on(
                sheet,
                x + each_wide / 2,
                frame,
                value,
                chart.measure,
                each_wide if len(chart.series) > 1 else frame.slot,
            )


def _wide(frame: _Frame, chart: Columns) -> float:
    """A column is narrower than the usual band it stands in, or it would hide the band's lower end."""
    if frame.slot <= 3:
        return frame.slot
    return min(frame.slot * (0.56 if any(each.low for each in chart.series) else 0.78), 56.0)


def _written_on(
    sheet: Sheet, x: float, frame: _Frame, value: float | None, measure: Measure, room: float
) -> None:
    """The value over its column, where there is room for it."""
    if value is None:
        return
    words = written(value, measure)
    if width_of(words, SMALL) <= room - 1:
        sheet.words("t small", x, frame.y(value) - 5 if value >= 0 else frame.y(value) + 13, words, "middle")


def _band_boxes(sheet: Sheet, frame: _Frame, series: Series) -> None:
    for number, (low, high) in enumerate(zip(series.low, series.high, strict=True)):
        if low is not None and high is not None:
            x, wide = frame.x(number) - frame.slot * 0.48, frame.slot * 0.96
            sheet.rect("band", x, frame.y(high), wide, max(1.5, frame.y(low) - frame.y(high)))


# Lines ---------------------------------------------------------------------------------------------------------------


def draw_lines(chart: Lines, width: float) -> Sheet:
    sheet = Sheet(width)
    named = [each.name for each in chart.series if each.name] if len(chart.series) > 1 else []
    at_end = width >= 400 and 0 < len(named) <= 4
    ends = min(max(width_of(name) for name in named) + 14, width * 0.3) if at_end else 8.0
    key = (
        []
        if at_end
        else [("line", STROKES[n % 4], each.name) for n, each in enumerate(chart.series) if named]
    )
    key += _key_of_bands(chart.series)
    key += (
        [("line", "target", f"target {written(chart.target, chart.measure)}")]
        if chart.target is not None
        else []
    )
    values = [v for each in chart.series for v in (*each.values, *each.low, *each.high)]
    frame = _frame(sheet, chart.labels, [*values, chart.target], chart.measure, key, ends)
    for each in chart.series:
        _band_area(sheet, frame, each)
    sheet.line("axis", frame.left, frame.y(0), frame.right, frame.y(0))
    if chart.target is not None:
        sheet.line("target", frame.left, frame.y(chart.target), frame.right, frame.y(chart.target))
    for n, each in reversed(list(enumerate(chart.series))):
        _line(sheet, frame, each, n)
    _line_values(sheet, frame, chart)
    if at_end:
        _names_at_end(sheet, frame, chart.series)
    return sheet


def _runs(values: Sequence[float | None]) -> list[list[int]]:
    """The numbers of the values that follow each other without a gap."""
    runs: list[list[int]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(number)
    return [run for run in runs if run]


def _line(sheet: Sheet, frame: _Frame, series: Series, n: int) -> None:
    values = series.values
    for run in _runs(values):
        points = [(frame.x(number), frame.y(values[number] or 0)) for number in run]
        if len(points) > 1:
            sheet.path(f"line {STROKES[n % 4]}", points)
        if len(points) == 1 or len(values) <= WRITTEN_POINTS:
            for x, y in points:
                sheet.dot(f"dot d{n % 4 + 1}", x, y, 3.2)


def _band_area(sheet: Sheet, frame: _Frame, series: Series) -> None:
    if not series.low:
        return
    both = [
        low if low is not None and high is not None else None
        for low, high in zip(series.low, series.high, strict=True)
    ]
    for run in _runs(both):
        upper = [(frame.x(number), frame.y(series.high[number] or 0)) for number in run]
        lower = [(frame.x(number), frame.y(series.low[number] or 0)) for number in run]
        if len(run) == 1:
            x, y = upper[0]
            sheet.rect("band", x - frame.slot / 2, y, frame.slot, max(1.5, lower[0][1] - y))
        else:
            sheet.path("band", [*upper, *reversed(lower)], closed=True)


def _line_values(sheet: Sheet, frame: _Frame, chart: Lines) -> None:
    """Each value where there are few points of one line; the last of it otherwise."""
    if len(chart.series) != 1:
        return
    values = chart.series[0].values
    known = [number for number, value in enumerate(values) if value is not None]
    for number in known if len(values) <= WRITTEN_POINTS else known[-1:]:
        value = values[number] or 0.0
        words = written(value, chart.measure)
        half = width_of(words, SMALL) / 2
        if half * 2 <= frame.slot or number == known[-1]:
            x = min(max(frame.x(number), half), sheet.width - half)
            sheet.clear(x - half, frame.y(value) - 9, words, SMALL)
            sheet.words("t small", x, frame.y(value) - 9, words, "middle")


def _names_at_end(sheet: Sheet, frame: _Frame, series: Sequence[Series]) -> None:
    """Each line's name at its end, moved apart where two lines end close to each other."""
    last = [next((value for value in reversed(each.values) if value is not None), None) for each in series]
    ends = sorted((frame.y(value), n) for n, value in enumerate(last) if value is not None)
    free, placed = frame.top - LINE, list[tuple[float, int]]()
    for y, n in ends:
        free = max(y, free + LINE)
        placed.append((free, n))
    over = max(0.0, free - frame.bottom)
    for y, n in placed:
        sheet.line(f"line {STROKES[n % 4]}", frame.right + 1, y - over, frame.right + 9, y - over)
        sheet.words("t", frame.right + 12, y - over + 4.5, series[n].name)


# The frame -----------------------------------------------------------------------------------------------------------


def _frame(
    sheet: Sheet,
    labels: Sequence[str],
    values: Sequence[float | None],
    measure: Measure,
    key: Sequence[tuple[str, str, str]],
    ends: float,
) -> _Frame:
    top = put_key(sheet, key) + 20
    scale = scale_of(values, measure, 4)
    ticks = [written(tick, measure) for tick in scale.ticks]
    left = max(width_of(words) for words in ticks) + 8
    frame = _Frame(
        scale, left, sheet.width - ends, top, top + (200 if sheet.width >= 400 else 170), len(labels)
    )
    for tick, words in zip(scale.ticks, ticks, strict=True):
        sheet.line("rule", frame.left, frame.y(tick), frame.right, frame.y(tick))
        sheet.words("t faint", frame.left - 7, frame.y(tick) + 4.5, words, "end")
    _labels(sheet, frame, labels)
    return frame


def _labels(sheet: Sheet, frame: _Frame, labels: Sequence[str]) -> None:
    """As many as fit, evenly: all, or each second, third ..."""
    if not labels:
        return
    widest = max(width_of(label) for label in labels) + 6
    every = next((step for step in EVERY if step * frame.slot >= widest), len(labels))
    ends = -1000.0
    for number in range(0, len(labels), every):
        half = width_of(labels[number]) / 2
        x = min(max(frame.x(number), half), sheet.width - half)
        if every > 1:
            sheet.line("tick", frame.x(number), frame.bottom, frame.x(number), frame.bottom + 4)
        if x - half > ends + 4:  # the last is moved inwards, and may then meet the one before
            sheet.words("t", x, frame.bottom + LINE + 1, labels[number], "middle")
            ends = x + half
