"""Reading a file of past figures: bytes in, lines and faults out. Pure; nothing is entered here.

Two shapes are known by their first line: figures by **activity** (centre, period, activity, visitors), as councils publish them by the quarter,
and counts of a **door** (centre, door, from, until, in, out). A file is taken whole or not at all, so every fault is found and told with its
line before anything is entered. A cell that a spreadsheet would take for a formula is a fault: what is read here is written to files again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from server.domain.csv_files import MOST_BYTES, MOST_FAULTS, Stop, each_row, rows_of, text_of
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

__all__ = ["MOST_BYTES", "MOST_FAULTS", "DoorLine", "Fault", "PastFile", "PastLine", "Place", "read_file"]

MOST_LINES = 20_000
_SPLIT = "Split it by year and import the parts."

ACTIVITY_COLUMNS = ("centre", "period_start", "period_end", "activity", "visitors")
DOOR_COLUMNS = ("centre", "door", "from", "until", "in", "out")
YEARLY_COLUMNS = ("centre", "year", "visitors", "months")


def read_file(content: bytes, place: Place, activities: Mapping[str, Activity]) -> PastFile:
    """Read a whole file. `activities` are the words an activity may be called by, folded. Never raises."""
    read = PastFile()
    try:
        text = text_of(content, read)
        header, rows = rows_of(text, read)
        if set(header) == set(ACTIVITY_COLUMNS):
            read.kind = "activities"
            each_row(
                rows,
                header,
                read,
                lambda line, cells: activity_line(line, cells, place, activities, read),
                MOST_LINES,
                _SPLIT,
            )
            find_overlaps(read)
        elif set(header) == set(DOOR_COLUMNS):
            read.kind = "door"
            each_row(
                rows,
                header,
                read,
                lambda line, cells: door_line(line, cells, place, read),
                MOST_LINES,
                _SPLIT,
            )
            find_span_overlaps(read)
        else:
            _say_columns(header, read)
    except Stop:
        pass
    if not read.faults and not read.lines and not read.spans:
        read.fault(0, "The file has a heading and no lines below it. There is nothing to enter.")
    return read


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
