"""A roster from a CSV file: bytes in, shifts out, every bad line named with what is wrong. Pure.

    date,begins,ends,who,services
    2026-12-01,09:30,13:00,Ann Example,
    01/12/2026,13:00,16:30,,Housing; Council tax

`who` and `services` may be empty or missing: a desk without a name, that serves everything but what is discreet. People are found by the name of their account, however it is
written large and small, or by what they sign in with; a name that is nobody's account is kept as it is and said, for agency staff sit at desks too. Of two people of one name nobody can
say which is meant: such a line is refused. Services are called by name or by their short name in the centre's file, with semicolons between. What a spreadsheet would take for a formula is
refused, since it is written to files again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from server.domain.csv_files import Stop, each_row, rows_of, stop, text_of
from server.domain.roster import Entry, Fault, read_time

MOST_LINES = 5_000
COLUMNS = ("date", "begins", "ends", "who", "services")
NEEDED = COLUMNS[:3]
ALSO_CALLED = {
    "day": "date",
    "from": "begins",
    "start": "begins",
    "begin": "begins",
    "until": "ends",
    "to": "ends",
    "end": "ends",
    "finish": "ends",
    "name": "who",
    "person": "who",
    "staff": "who",
    "service": "services",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Account(NamedTuple):
    id: int
    name: str
    username: str


@dataclass
class RosterFile:
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    """Names that are nobody's account, each once."""

    def fault(self, line: int, say: str) -> None:
        self.faults.append(Fault(line, say))

    @property
    def days(self) -> list[date]:
        return sorted({each.on for each in self.entries})


def template(today: date, service: str) -> str:
    """A file to begin with."""
    return (
        ",".join(COLUMNS)
        + f"\r\n{today.isoformat()},09:30,13:00,Ann Example,\r\n{today.isoformat()},13:00,16:30,,{service}\r\n"
    )


def read_roster(content: bytes, people: Iterable[Account], services: Mapping[str, str]) -> RosterFile:
    """What the file says; `services` are names by slug."""
    read = RosterFile()
    names = _names_of(people)
    slugs = {folded: slug for slug, name in services.items() for folded in (slug.casefold(), _folded(name))}
    try:
        header, rows = rows_of(text_of(content, read), read)
        header = [ALSO_CALLED.get(each, each) for each in header]
        missing = [each for each in NEEDED if each not in header]
        if missing:
            stop(read, f"The heading lacks {' and '.join(missing)}. It must say: {','.join(COLUMNS)}.", 1)
        unknown = [each for each in header if each not in COLUMNS]
        if unknown:
            stop(
                read,
                f"The column '{unknown[0][:40]}' is not known. The heading may say: {','.join(COLUMNS)}.",
                1,
            )
        each_row(
            rows,
            header,
            read,
            lambda line, cells: _take(line, cells, names, slugs, read),
            MOST_LINES,
            "Import it in parts.",
        )
        if not read.entries and not read.faults:
            stop(read, "There is no shift in this file, only its heading.")
    except Stop:
        pass
    return read


def _names_of(people: Iterable[Account]) -> dict[str, set[int]]:
    names: dict[str, set[int]] = {}
    for each in people:
        for called in (each.name, each.username):
            names.setdefault(_folded(called), set()).add(each.id)
    return names


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _take(
    line: int,
    cells: Mapping[str, str],
    names: Mapping[str, set[int]],
    slugs: Mapping[str, str],
    read: RosterFile,
) -> None:
    for name, cell in cells.items():
        if cell.startswith(_FORMULA):
            read.fault(
                line,
                f"The column {name} begins with '{cell[0]!r:.4}', as a formula does. Write the value itself.".replace(
                    "''", "'"
                ),
            )
            return
    before = len(read.faults)
    on = _date(line, cells["date"], read)
    begins, ends = (_time(line, name, cells[name], read) for name in ("begins", "ends"))
    staff, who = _person(line, cells.get("who", ""), names, read)
    services = _services(line, cells.get("services", ""), slugs, read)
    if len(read.faults) == before and on and begins and ends:
        read.entries.append(Entry(line, on, begins, ends, staff, who, services))


def _date(line: int, cell: str, read: RosterFile) -> date | None:
    british = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", cell)
    try:
        return (
            date(int(british[3]), int(british[2]), int(british[1])) if british else date.fromisoformat(cell)
        )
    except ValueError:
        read.fault(line, f"date is '{cell[:20]}', which is no date. Write it as 2026-12-01 or 01/12/2026.")
        return None


def _time(line: int, name: str, cell: str, read: RosterFile) -> str | None:
    found = read_time(cell)
    if found is None:
        read.fault(line, f"{name} is '{cell[:20]}', which is no time. Write it as 09:30.")
    return found


def _person(line: int, cell: str, names: Mapping[str, set[int]], read: RosterFile) -> tuple[int | None, str]:
    who = " ".join(cell.split())
    if not who:
        return None, ""
    if len(who) > 80:
        read.fault(line, "who is longer than 80 letters. Write the name alone.")
        return None, ""
    if any(ord(letter) < 32 for letter in who):
        read.fault(line, "who holds signs that no name has.")
        return None, ""
    found = names.get(_folded(who), set())
    if len(found) > 1:
        read.fault(
            line, f"{len(found)} people here are called {who}. Write what the one who is meant signs in with."
        )
        return None, ""
    if not found:
        if who not in read.strangers:
            read.strangers.append(who)
        return None, who
    return next(iter(found)), ""


def _services(line: int, cell: str, slugs: Mapping[str, str], read: RosterFile) -> tuple[str, ...]:
    found: list[str] = []
    for part in re.split(r"[;|]", cell):
        called = _folded(part)
        if not called:
            continue
        slug = slugs.get(called)
        if slug is None:
            read.fault(
                line,
                f"This centre has no service '{part.strip()[:40]}'. Nobody could be served there; write one that is offered.",
            )
        elif slug not in found:
            found.append(slug)
    return tuple(found)
