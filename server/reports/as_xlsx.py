"""Figures as a workbook: a cover sheet, one marked table a sheet, the definitions.

Cells are what they are: numbers, dates and times of day with a format of their own, never text that looks like one, so that whoever opens it can go on calculating. A table is marked as one
(Excel's "table"), which gives it filters and a name; what it shows stands above it, its total below it and outside, where a sum over the column does not count it again. Text is
written as text, and marked as such where it begins like a formula, so that it stays text when somebody edits the cell.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from math import isfinite
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from server.domain.figure import Cell, Column, Figure, Measure, Table
from server.reports.as_csv import harmless
from server.reports.booklet import Booklet, Chapter

A4 = 9
NARROWEST, WIDEST = 8, 60
HEADER_ROW = 4
"""Counted from 0: title, sentence and notes stand above."""
_SHAPES = {
    Measure.COUNT: "#,##0",
    Measure.NUMBER: "#,##0.##",
    Measure.MINUTES: "0.0",
    Measure.SHARE: "0.0%",
    Measure.CHANGE: "+0.0%;-0.0%;0.0%",
    Measure.DATE: "d mmm yyyy",
    Measure.TIME: "hh:mm",
}
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class _Book:
    """A workbook with its formats, each made once."""

    def __init__(self, booklet: Booklet) -> None:
        self.body = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.workbook = Workbook(self.body, {**options, "strings_to_numbers": False})
        self.workbook.set_properties(
            {
                "title": f"{booklet.title}: {booklet.when}",
                "subject": ", ".join(booklet.centres)[:250],
                "created": booklet.made_at.replace(tzinfo=None),
            }
        )
        self._formats: dict[tuple[Any, ...], Format] = {}
        self.names: dict[str, None] = {}

    def format(self, **properties: Any) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format({"valign": "top", **properties})
        return self._formats[key]

    def sheet(self, name: str) -> Worksheet:
        """A sheet under a name that Excel takes and no other has."""
        plain = re.sub(r"[\[\]:*?/\\']", " ", name).strip() or "Figures"
        wanted, number = plain[:31], 2
        while wanted.casefold() in self.names:
            tail = f" {number}"
            wanted, number = plain[: 31 - len(tail)] + tail, number + 1
        self.names[wanted.casefold()] = None
        sheet = self.workbook.add_worksheet(wanted)
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer("&L&8&A&R&8Page &P of &N")
        sheet.hide_gridlines(1)
        return sheet

    def text(self, sheet: Worksheet, row: int, column: int, words: str, **properties: Any) -> None:
        if harmless(words) != words:
            properties["quote_prefix"] = True
        sheet.write_string(row, column, words[:32_000], self.format(**properties))


def workbook(booklet: Booklet) -> bytes:
    book = _Book(booklet)
    cover = book.sheet("Cover")
    made = [
        (chapter, figure, _table_sheet(book, chapter, figure, table, number))
        for number, (chapter, figure, table, _) in enumerate(booklet.tables(), start=1)
    ]
    if booklet.definitions:
        _definitions(book, booklet)
    _cover(book, cover, booklet, made)
    book.workbook.close()
    return book.body.getvalue()


def _cover(
    book: _Book, sheet: Worksheet, booklet: Booklet, made: Sequence[tuple[Chapter, Figure, str]]
) -> None:
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 26)
    sheet.set_column(2, 2, 90)
    book.text(sheet, 0, 0, booklet.title, bold=True, font_size=16)
    facts: list[tuple[str, str | date]] = [
        ("Time", booklet.when),
        ("From", booklet.span.first),
        ("To", booklet.span.last),
        ("Centre" if len(booklet.centres) == 1 else "Centres", ", ".join(booklet.centres)),
    ]
    row = 2
    for what, value in facts:
        book.text(sheet, row, 0, what, bold=True)
        if isinstance(value, str):
            book.text(sheet, row, 1, value)
        else:
            sheet.write_datetime(row, 1, _moment(value), book.format(num_format="d mmm yyyy", align="left"))
        row += 1
    book.text(sheet, row, 0, "Made", bold=True)
    moment = book.format(num_format="d mmm yyyy hh:mm", align="left")
    sheet.write_datetime(row, 1, booklet.made_at.replace(tzinfo=None), moment)
    row += 1
    for note in booklet.notes:
        book.text(sheet, row, 0, "Note", bold=True)
        sheet.merge_range(row, 1, row, 2, "")
        book.text(sheet, row, 1, note, text_wrap=True)
        sheet.set_row(row, 15 * (1 + len(note) // 110))
        row += 1
    row += 1
    for column, heading in enumerate(("Sheet", "Centre and figure", "What it shows")):
        book.text(sheet, row, column, heading, bold=True, bottom=1)
    for chapter, figure, name in made:
        row += 1
        link = book.format(font_color="#0b4f8a", underline=1)
        sheet.write_url(row, 0, f"internal:'{name}'!A1", link, string=name)
        book.text(sheet, row, 1, f"{chapter.centre}: {figure.title}", text_wrap=True)
        book.text(sheet, row, 2, figure.sentence, text_wrap=True)
        sheet.set_row(row, 15 * max(1 + len(figure.sentence) // 85, 1 + len(figure.title) // 14))
    sheet.activate()


def _table_sheet(book: _Book, chapter: Chapter, figure: Figure, table: Table, number: int) -> str:
    """Write the table on a sheet of its own; the sheet's name."""
    sheet = book.sheet(f"{number} {figure.title}")
    sheet.set_landscape()
    book.text(sheet, 0, 0, f"{figure.title}, {chapter.centre}", bold=True, font_size=14)
    book.text(sheet, 1, 0, figure.sentence)
    book.text(sheet, 2, 0, " ".join(figure.notes), italic=True)
    headings = _headings(table.columns)
    rows = table.rows or ((None,) * len(headings),)
    last = HEADER_ROW + len(rows)
    options: dict[str, Any] = {
        "name": f"Table_{number}",
        "style": "Table Style Light 1",
        "columns": [{"header": each, "header_format": book.format(bold=True)} for each in headings],
    }
    sheet.add_table(HEADER_ROW, 0, last, len(headings) - 1, options)
    for down, row in enumerate(rows, start=HEADER_ROW + 1):
        for across, cell in enumerate(row):
            _put(book, sheet, down, across, cell, table.columns[across].measure)
    if table.total is not None:
        for across, cell in enumerate(table.total):
            measure = table.columns[across].measure
            _put(book, sheet, last + 2, across, cell, measure, bold=True, top=1)
    for across, column in enumerate(table.columns):
        sheet.set_column(across, across, _width(headings[across], column, across, table))
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    sheet.repeat_rows(HEADER_ROW)
    return str(sheet.get_name())


def _headings(columns: Sequence[Column]) -> list[str]:
    """Titles, told apart where two are the same: a marked table takes no two."""
    taken: dict[str, int] = {}
    found = []
    for column in columns:
        title = column.title or column.key
        number = taken[title.casefold()] = taken.get(title.casefold(), 0) + 1
        found.append(title if number == 1 else f"{title} ({number})")
    return found


def _put(
    book: _Book, sheet: Worksheet, row: int, column: int, cell: Cell, measure: Measure, **looks: Any
) -> None:
    shape = {"num_format": _SHAPES[measure]} if measure in _SHAPES else {}
    if cell is None:
        sheet.write_blank(row, column, None, book.format(**looks))
    elif isinstance(cell, date):
        looks = {"num_format": _SHAPES[Measure.DATE], "align": "left", **looks}
        sheet.write_datetime(row, column, _moment(cell), book.format(**looks))
    elif isinstance(cell, str):
        at = _TIME.fullmatch(cell) if measure is Measure.TIME else None
        if at is not None:
            moment = time(int(at[1]), int(at[2]))
            sheet.write_datetime(row, column, moment, book.format(**shape, align="left", **looks))
        else:
            book.text(
                sheet, row, column, cell, **({} if measure is Measure.TEXT else {"align": "right"}), **looks
            )
    elif isfinite(cell):
        sheet.write_number(row, column, cell, book.format(**shape, **looks))


def _width(heading: str, column: Column, across: int, table: Table) -> float:
    """Wide enough for the longest of its cells as they are written, and for the heading beside its filter's button."""
    cells = [row[across] for row in table.rows]
    if table.total is not None:
        cells.append(table.total[across])
    lengths = [
        12 if isinstance(each, date) else len(f"{each:,.1f}") if isinstance(each, float) else len(str(each))
        for each in cells
        if each is not None
    ]
    return float(min(WIDEST, max(NARROWEST, len(heading) + 4, *lengths, 0) + 2))


def _definitions(book: _Book, booklet: Booklet) -> None:
    sheet = book.sheet("Definitions")
    sheet.set_landscape()
    book.text(sheet, 0, 0, "What these figures mean", bold=True, font_size=14)
    headings = ("Name", "What is counted", "From when to when", "Not in it")
    rows = [(each.name, each.counts, each.times, each.leaves_out) for each in booklet.definitions]
    options = {
        "name": "Definitions",
        "style": "Table Style Light 1",
        "columns": [{"header": each} for each in headings],
    }
    sheet.add_table(2, 0, 2 + len(rows), 3, options)
    for down, row in enumerate(rows, start=3):
        for across, words in enumerate(row):
            book.text(sheet, down, across, words, text_wrap=True, bold=across == 0)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 70)
    sheet.set_column(2, 3, 50)
    sheet.freeze_panes(3, 1)
    sheet.repeat_rows(2)


def _moment(on: date) -> datetime:
    return datetime(on.year, on.month, on.day)  # noqa: DTZ001 - a spreadsheet's dates know no zone
