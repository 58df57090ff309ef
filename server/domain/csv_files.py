"""Reading a CSV file that somebody sends: bytes in, numbered rows out, every fault with its line and in a sentence. Pure.

What spreadsheets make of "save as CSV" is taken as it comes: a mark at the start, semicolons, Windows letters. What is no CSV file at all is said to be
what it is. A file is taken whole or not at all by whoever reads rows with this, so reading stops only where going on makes no sense.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NoReturn, Protocol

MOST_BYTES = 5 * 1024 * 1024
MOST_FAULTS = 100


class Reading(Protocol):
    """What faults and notes are added to."""

    notes: list[str]

    @property
    def faults(self) -> Sequence[object]: ...

    def fault(self, line: int, say: str) -> None: ...


class Stop(Exception):
    """There is no use in reading on."""


def text_of(content: bytes, read: Reading) -> str:
    if len(content) > MOST_BYTES:
        stop(
            read,
            f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Split it and import the parts.",
        )
    if not content.strip():
        stop(read, "The file is empty.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        stop(
            read,
            "The file is saved as Unicode text (UTF-16). In the spreadsheet, save it as 'CSV UTF-8' and send that.",
        )
    if content.startswith(b"PK\x03\x04"):
        stop(
            read,
            "This is a spreadsheet, not a CSV file. Open it, choose Save as, then 'CSV UTF-8', and send that.",
        )
    if b"\0" in content:
        stop(
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
        stop(
            read,
            "The letters of this file cannot be read. Save it from the spreadsheet as 'CSV UTF-8' and send that.",
        )
    read.notes.append(
        "The file was read as Windows text (cp1252), not UTF-8. Look whether names with accents are right."
    )
    return text


def stop(read: Reading, say: str, line: int = 0) -> NoReturn:
    read.fault(line, say)
    raise Stop


def rows_of(text: str, read: Reading) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
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
                stop(
                    read,
                    "The quotation marks in this line do not match, so the rest cannot be read.",
                    reader.line_num,
                )
            if any(cell.strip() for cell in row):
                yield reader.line_num, row

    numbered = rows()
    _, header = next(numbered, (1, []))
    return [cell.strip().casefold().replace(" ", "_") for cell in header], numbered


def each_row(
    rows: Iterator[tuple[int, list[str]]],
    header: Sequence[str],
    read: Reading,
    take: Callable[[int, dict[str, str]], None],
    most: int,
    split: str,
) -> None:
    if len(header) != len(set(header)):
        stop(read, "Two columns of the heading have the same name.", 1)
    for line, row in islice(rows, most):
        if len(row) != len(header):
            read.fault(line, f"This line has {len(row)} columns; the heading has {len(header)}.")
        else:
            take(line, {name: cell.strip(" ") for name, cell in zip(header, row, strict=True)})
        if len(read.faults) >= MOST_FAULTS:
            stop(
                read,
                f"There are more than {MOST_FAULTS} faults; reading stopped here. Mend these first.",
                line,
            )
    if next(rows, None) is not None:
        stop(read, f"The file has more than {most:,} lines. {split}")
