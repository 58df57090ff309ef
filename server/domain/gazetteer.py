"""Reads the council's list of addresses: an extract of its gazetteer as CSV, however its columns are called.

What is needed of a line is a property's number (UPRN), a postcode and the address in words: one column of it, or the parts that make one. Headers are known by
many names; commas, semicolons or tabs part the columns; the text is UTF-8 or, as older systems write it, Windows-1252. Every gazetteer also
holds what nobody lives at (streets, plots, masts without a postcode): such lines are passed over and counted, never a fault. A file of which nothing can be
used is refused whole, with the sentence that says why.

Capitals all through, as many systems write, are put into ordinary writing, since visitors read this. Addresses stand in the order people look for them:
street by street, 2 before 10.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from forms.references import read_postcode

MOST_BYTES = 60 * 1024 * 1024
MOST_LINES = 400_000
LINE_CHARACTERS = 200
_NAMES: Mapping[str, tuple[str, ...]] = {
    "uprn": ("uprn", "uniquepropertyreferencenumber", "propertyreference", "propertyid"),
    "postcode": ("postcode", "postcodelocator", "pcode", "postalcode"),
    "line": (
        "address",
        "singlelineaddress",
        "fulladdress",
        "geographicaddress",
        "addressline",
        "addresssingleline",
        "postaladdress",
    ),
}
_PARTS = (
    "organisation",
    "organisationname",
    "subbuildingname",
    "saotext",
    "buildingname",
    "paotext",
    "buildingnumber",
    "paostartnumber",
    "address1",
    "addressline1",
    "dependentthoroughfare",
    "thoroughfare",
    "thoroughfarename",
    "streetdescription",
    "street",
    "address2",
    "addressline2",
    "doubledependentlocality",
    "dependentlocality",
    "locality",
    "address3",
    "addressline3",
    "posttown",
    "townname",
    "town",
)
"""Where no column has the whole address, these make it, in this order."""
_NUMBERS = frozenset({"buildingnumber", "paostartnumber"})
_SMALL = frozenset({"of", "the", "and", "on", "in", "at", "under", "upon", "le"})


@dataclass(frozen=True)
class Line:
    """`postcode` without its space, as it is looked for."""

    uprn: str
    postcode: str
    line: str


@dataclass
class Gazetteer:
    """`fault`: why nothing of it can be used. `passed_over`: lines without a postcode or a number; `twice`: numbers that stood there before."""

    lines: list[Line] = field(default_factory=list)
    passed_over: int = 0
    twice: int = 0
    fault: str = ""


def read_gazetteer(content: bytes) -> Gazetteer:
    """Everything in the file, in the order it is shown. Never raises."""
    if len(content) > MOST_BYTES:
        return Gazetteer(
            fault=f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Send only what has a postcode."
        )
    if content[:2] == b"PK":
        return Gazetteer(fault="This is a workbook or a ZIP file. Save it as CSV and choose that.")
    text = _decoded(content)
    if text is None or "\x00" in text[:4096]:
        return Gazetteer(fault="This is not a CSV file: it is no text.")
    try:
        return _read(text)
    except csv.Error as error:
        return Gazetteer(fault=f"This is not a CSV file: {error}.")


def _read(text: str) -> Gazetteer:
    head = text[: text.find("\n") + 1] or text
    delimiter = max(",;\t|", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = next(rows, [])
    columns = _columns(header)
    missing = [name for name in ("uprn", "postcode") if name not in columns]
    if missing:
        wanted = " and ".join({"uprn": "the UPRN", "postcode": "the postcode"}[name] for name in missing)
        return Gazetteer(
            fault=f"The first line names no column for {wanted}. It says: {', '.join(header)[:200]}."
        )
    if "line" not in columns and not any(name in columns for name in _PARTS):
        return Gazetteer(fault="The first line names no column for the address.")
    found = Gazetteer()
    seen: set[str] = set()
    for row in islice(rows, MOST_LINES + 1):
        line = _line(row, columns)
        if line is None:
            found.passed_over += 1
        elif line.uprn in seen:
            found.twice += 1
        else:
            seen.add(line.uprn)
            found.lines.append(line)
    if len(found.lines) + found.passed_over + found.twice > MOST_LINES:
        return Gazetteer(fault=f"The file has more than {MOST_LINES} lines. Send only what has a postcode.")
    if not found.lines:
        return Gazetteer(fault="No line of the file has a UPRN, a whole postcode and an address.")
    found.lines.sort(key=lambda each: (each.postcode, _order(each.line)))
    return found


def _columns(header: list[str]) -> dict[str, int]:
    """Where each column is that we know; of two with one name the first."""
    folded = {
        re.sub(r"[^a-z0-9]", "", name.casefold()): number
        for number, name in reversed(list(enumerate(header)))
    }
    found = {
        ours: next(folded[name] for name in names if name in folded)
        for ours, names in _NAMES.items()
        if any(name in folded for name in names)
    }
    return {**{name: folded[name] for name in _PARTS if name in folded}, **found}


def _line(row: list[str], columns: Mapping[str, int]) -> Line | None:
    def cell(name: str) -> str:
        at = columns.get(name, -1)
        return " ".join(row[at].split()) if 0 <= at < len(row) else ""

    words = (
        cell("line")
        if "line" in columns
        else _joined({name: cell(name) for name in _PARTS if name in columns})
    )
    return ordinary_address(cell("uprn"), cell("postcode"), words)


def ordinary_address(uprn: str, postcode: str, words: str) -> Line | None:
    """As visitors read it; None without a number, a whole postcode or any words."""
    number, code = uprn.lstrip("0"), read_postcode(postcode)
    if code is None or not re.fullmatch(r"[0-9]{1,12}", number):
        return None
    said = _without(" ".join(words.split()), code)
    return Line(number, code.replace(" ", ""), said[:LINE_CHARACTERS]) if said else None


def _joined(parts: Mapping[str, str]) -> str:
    """The parts with commas, but a house's number with a space before its street."""
    said = ""
    for name in _PARTS:
        part = parts.get(name, "")
        if part:
            said += part + (" " if name in _NUMBERS else ", ")
    return said.strip(" ,")


def _without(words: str, postcode: str) -> str:
    """Without the postcode at its end, and in ordinary writing."""
    outward, inward = postcode.split(" ")
    bare = re.sub(rf"[\s,]*{outward}\s*{inward}[\s,.]*$", "", words, flags=re.IGNORECASE)
    bare = re.sub(r"^(\d+[A-Z]?),\s+", r"\1 ", bare.strip(" ,"), flags=re.IGNORECASE)
    return _ordinary(bare) if bare.isupper() else bare


def _ordinary(words: str) -> str:
    """12A EXAMPLE ROAD, LEICESTER as 12A Example Road, Leicester."""
    said = []
    for number, word in enumerate(words.split(" ")):
        if any(sign.isdigit() for sign in word):
            said.append(word)
        elif number and word.casefold() in _SMALL:
            said.append(word.casefold())
        else:
            said.append(re.sub(r"'S\b", "'s", re.sub(r"[A-Z]+", lambda found: found[0].capitalize(), word)))
    return " ".join(said)


def _order(words: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    """By street (what follows the last number), then by the house's number, then by the flat's."""
    folded = words.casefold()
    numbers = list(re.finditer(r"(\d+)([a-z]?)\b", folded))
    street = folded[numbers[-1].end() :] if numbers else folded
    return street.strip(" ,"), tuple((int(each[1][:9]), each[2]) for each in reversed(numbers))


def _decoded(content: bytes) -> str | None:
    for coding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(coding)
        except UnicodeDecodeError:
            continue
    return None


def written_under(line: str, most: int = 3) -> tuple[str, ...]:
    """The address as lines under each other: at most `most`, what is over stands in the last but one, so that the town has its own."""
    parts = [part.strip() for part in line.split(",") if part.strip()]
    if len(parts) <= most:
        return tuple(parts)
    return (*parts[: most - 2], ", ".join(parts[most - 2 : -1]), parts[-1])


def chunks(lines: list[Line], size: int) -> Iterator[tuple[int, list[Line]]]:
    """(position of the first, so many lines) again and again."""
    for start in range(0, len(lines), size):
        yield start, lines[start : start + size]
