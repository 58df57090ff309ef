"""Reading a file of past figures: bytes in, lines and faults out. Pure; nothing is entered here.

Two shapes are known by their first line: figures by **activity** (centre, period, activity, visitors), as councils publish them by the quarter,
and counts of a **door** (centre, door, from, until, in, out). A file is taken whole or not at all, so every fault is found and told with its
line before anything is entered. A cell that a spreadsheet would take for a formula is a fault: what is read here is written to files again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from server.domain.past_lines import (
    DoorLine,
    Fault,
    PastFile,
    PastLine,
    Place,
    activity_line,
    door_line,
    find_overlaps,
    find_span_overlaps,
)
from wire.vocabulary import Activity

__all__ = ["DoorLine", "Fault", "PastFile", "PastLine", "Place", "read_file"]

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 20_000
MOST_FAULTS = 100

ACTIVITY_COLUMNS = ("centre", "period_start", "period_end", "activity", "visitors")
DOOR_COLUMNS = ("centre", "door", "from", "until", "in", "out")
YEARLY_COLUMNS = ("centre", "year", "visitors", "months")


class _Stop(Exception):
    """There is no use in reading on."""


def read_file(content: bytes, place: Place, activities: Mapping[str, Activity]) -> PastFile:
    """Read a whole file. `activities` are the words an activity may be called by, folded. Never raises."""
    read = PastFile()
    try:
        text = _text_of(content, read)
        header, rows = _rows_of(text, read)
        if set(header) == set(ACTIVITY_COLUMNS):
            read.kind = "activities"
            _each(rows, header, read, lambda line, cells: activity_line(line, cells, place, activities, read))
            find_overlaps(read)
        elif set(header) == set(DOOR_COLUMNS):
            read.kind = "door"
            _each(rows, header, read, lambda line, cells: door_line(line, cells, place, read))
            find_span_overlaps(read)
        else:
            _say_columns(header, read)
    except _Stop:
        pass
    if not read.faults and not read.lines and not read.spans:
        read.fault(0, "The file has a heading and no lines below it. There is nothing to enter.")
    return read


# The text ------------------------------------------------------------------------------------------------------------


def _text_of(content: bytes, read: PastFile) -> str:
    if len(content) > MOST_BYTES:
        _stop(
            read,
            f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Split it by year and import the parts.",
        )
    if not content.strip():
        _stop(read, "The file is empty.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        _stop(
            read,
            "The file is saved as Unicode text (UTF-16). In the spreadsheet, save it as 'CSV UTF-8' and send that.",
        )
    if content.startswith(b"PK\x03\x04"):
        _stop(
            read,
            "This is a spreadsheet, not a CSV file. Open it, choose Save as, then 'CSV UTF-8', and send that.",
        )
    if b"\0" in content:
        _stop(
            read,
            "The file holds bytes that no text has. Save it from the spreadsheet as 'CSV UTF-8' and send that.",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        _stop(
            read,
            "The letters of this file cannot be read. Save it from the spreadsheet as 'CSV UTF-8' and send that.",
        )
    read.notes.append(
        "The file was read as Windows text (cp1252), not UTF-8. Look whether names with accents are right."
    )
    return text


def _stop(read: PastFile, say: str, line: int = 0) -> None:
    read.fault(line, say)
    raise _Stop


def _rows_of(text: str, read: PastFile) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    first = text.split("\n", 1)[0]
    mark = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)

    def rows() -> Iterator[tuple[int, list[str]]]:
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                _stop(
                    read,
                    "The quotation marks in this line do not match, so the rest cannot be read.",
                    reader.line_num,
                )
            if any(cell.strip() for cell in row):
                yield reader.line_num, row

    numbered = rows()
    _, header = next(numbered, (1, []))
    return [cell.strip().casefold().replace(" ", "_") for cell in header], numbered


def _each(
    rows: Iterator[tuple[int, list[str]]],
    header: Sequence[str],
    read: PastFile,
    take: Callable[[int, dict[str, str]], None],
) -> None:
    if len(header) != len(set(header)):
        _stop(read, "Two columns of the heading have the same name.", 1)
    for line, row in islice(rows, MOST_LINES):
        if len(row) != len(header):
            read.fault(line, f"This line has {len(row)} columns; the heading has {len(header)}.")
        else:
            take(line, {name: cell.strip(" ") for name, cell in zip(header, row, strict=True)})
        if len(read.faults) >= MOST_FAULTS:
            _stop(
                read,
                f"There are more than {MOST_FAULTS} faults; reading stopped here. Mend these first.",
                line,
            )
    if next(rows, None) is not None:
        _stop(read, f"The file has more than {MOST_LINES:,} lines. Split it by year and import the parts.")


def _say_columns(header: Sequence[str], read: PastFile) -> None:
    wanted = f"Figures by activity need the columns {', '.join(ACTIVITY_COLUMNS)}; a door's counts need {', '.join(DOOR_COLUMNS)}."
    if set(header) == set(YEARLY_COLUMNS):
        read.fault(
            1,
            f"These are figures by year without an activity, which cannot be entered beside counts by activity. {wanted}",
        )
        return
    near = (
        ACTIVITY_COLUMNS
        if len({*header} & {*ACTIVITY_COLUMNS}) >= len({*header} & {*DOOR_COLUMNS})
        else DOOR_COLUMNS
    )
    missing = [name for name in near if name not in header]
    if len(missing) == len(near):
        read.fault(1, f"The first line is not a heading. {wanted}")
    elif missing:
        read.fault(1, f"The heading has no {' and no '.join(missing)}. {wanted}")
    else:
        odd = [name for name in header if name not in near]
        read.fault(
            1,
            f"The heading has a column more than expected: {', '.join(odd)[:80] or 'one without a name'}. {wanted}",
        )
