"""Figures as CSV for spreadsheets and programs: one table a file, a heading a column in `snake_case`, ISO dates, shares as numbers from 0 to 1, UTF-8 with its mark.

A table's total is not among its rows, where a sum over the column would count everybody twice; `about.csv` in the same archive says of each file what it shows, of
which centre and time, and what is counted. A cell that is a text and begins like a formula gets an apostrophe, which spreadsheets take for "this is text".
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from server.domain.figure import Cell, Table
from server.reports.booklet import Booklet

_BEGINS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # the wide ones are taken for the narrow by some
_AT_ONCE = ("\t", "\r", "\n")


def harmless(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula, as one that it does not; numbers stay numbers, also negative ones."""
    if isinstance(cell, str) and (cell.startswith(_AT_ONCE) or cell.lstrip().startswith(_BEGINS)):
        return f"'{cell}"
    return cell


def written(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows as a file that spreadsheets open as it is."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def table_rows(table: Table) -> Iterator[list[Cell]]:
    """The heading, then the rows. An empty cell: there is nothing to tell."""
    yield [column.key for column in table.columns]
    yield from (list(row) for row in table.rows)


def archive(booklet: Booklet) -> bytes:
    """All tables, each a file in a folder of its centre and topic, and `about.csv`."""
    about: list[list[Any]] = [
        [
            "file",
            "centre",
            "topic",
            "figure",
            "what_it_shows",
            "period_start",
            "period_end",
            "made_at",
            "what_is_counted",
            "from_when_to_when",
            "not_in_it",
            "notes",
        ]
    ]
    meanings = {each.slug: each for each in booklet.definitions}
    packed = io.BytesIO()
    stamp = booklet.made_at.timetuple()[:6]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:

        def put(name: str, body: bytes) -> None:
            entry = zipfile.ZipInfo(name, max(stamp, (1980, 1, 1, 0, 0, 0)))
            entry.compress_type = zipfile.ZIP_DEFLATED
            into.writestr(entry, body)

        for chapter, figure, table, name in booklet.tables():
            put(f"{name}.csv", written(table_rows(table)))
            meant = meanings.get(figure.definition)
            about.append(
                [
                    f"{name}.csv",
                    chapter.centre,
                    chapter.title,
                    figure.title,
                    figure.sentence,
                    booklet.span.first,
                    booklet.span.last,
                    booklet.made_at.isoformat(timespec="seconds"),
                    *((meant.counts, meant.times, meant.leaves_out) if meant else ("", "", "")),
                    " ".join((*figure.notes, *booklet.notes)),
                ]
            )
        put("about.csv", written(about))
    return packed.getvalue()
