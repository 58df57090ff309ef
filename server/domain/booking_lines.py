"""Reading a file of appointments: bytes in, appointments and faults out. Pure; nothing is booked here.

Dates and times are the centre's own clock's. Every cell that can be judged without the diary is judged, and each fault is told with its line, so that a
file is mended once and not ten times. Whether the time can be had is `actions.booking_import`'s to say, which books the lines in their order.
What is read here may one day be written to a file again, so a cell that a spreadsheet would take for a formula is a fault; a telephone number
may begin with its plus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from forms.contact import Email, Phone, read_email, read_phone
from server.domain.csv_files import Stop, each_row, rows_of, text_of
from wire.body import clean_text
from wire.vocabulary import Language, Need

MOST_LINES = 300
"""All are booked in one go, while the whole house waits: about a second."""
NEEDED = ("service", "date", "time")
COLUMNS = (*NEEDED, "name", "phone", "safe_to_text", "email", "language", "needs", "interpreter", "people", "person", "room", "note")  # fmt: skip
_ANSWER = "answer."
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_YES = {
    "yes": True,
    "y": True,
    "true": True,
    "1": True,
    "no": False,
    "n": False,
    "false": False,
    "0": False,
    "": False,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Fault(NamedTuple):
    """What is wrong with a line (0: with the file)."""

    line: int
    say: str


@dataclass(frozen=True)
class Known:
    """What a file may name: services by slug and by name, people and rooms by name, all folded; their questions; which day it is."""

    zone: ZoneInfo
    today: date
    services: Mapping[str, str]
    people: Mapping[str, int]
    rooms: Mapping[str, int]
    languages: Mapping[str, str]
    questions: Mapping[str, Mapping[str, Mapping[str, str]]]
    """By service: what is asked, by question, with its choices (folded words or slug to slug; empty: any words)."""


@dataclass(frozen=True)
class BookingLine:
    line: int
    service: str
    starts_at: int
    """Microseconds since 1970."""
    name: str
    phone: str
    email: str
    safe_to_text: bool
    language: str
    needs: tuple[str, ...]
    interpreter: str | None
    people: int
    person: int | None
    room: int | None
    note: str
    answers: Mapping[str, str]


@dataclass
class BookingFile:
    lines: list[BookingLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fault(self, line: int, say: str) -> None:
        self.faults.append(Fault(line, say))


def read_bookings(content: bytes, known: Known) -> BookingFile:
    """The whole file. Never raises."""
    read = BookingFile()
    try:
        header, rows = rows_of(text_of(content, read), read)
        if _heading(header, read):
            each_row(
                rows,
                header,
                read,
                lambda line, cells: _Line(line, cells, known, read).take(),
                MOST_LINES,
                "Split it and import the parts one after another.",
            )
    except Stop:
        pass
    if not read.faults and not read.lines:
        read.fault(0, "The file has a heading and no lines below it. There is nothing to book.")
    return read


def _heading(header: list[str], read: BookingFile) -> bool:
    missing = [name for name in NEEDED if name not in header]
    odd = [name for name in header if name not in COLUMNS and not name.startswith(_ANSWER)]
    if missing:
        read.fault(
            1,
            f"The heading has no {' and no '.join(missing)}. These columns are needed: {', '.join(NEEDED)}.",
        )
    if odd:
        shown = ", ".join(odd)[:80] or "one without a name"
        read.fault(
            1,
            f"These columns are not known: {shown}. Known are {', '.join(COLUMNS)}, and answer. with a question's short name.",
        )
    return not missing and not odd


def folded(words: str) -> str:
    return " ".join(words.split()).casefold()


class _Line:
    """One line: each column's fault is told, not only the first."""

    def __init__(self, line: int, cells: Mapping[str, str], known: Known, read: BookingFile) -> None:
        self.line = line
        self.cells = cells
        self.known = known
        self.read = read
        self.faults = 0

    def fault(self, say: str) -> None:
        self.faults += 1
        self.read.fault(self.line, say)

    def cell(self, name: str) -> str:
        return self.cells.get(name, "")

    def take(self) -> None:
        for name, cell in self.cells.items():
            if cell.startswith(_FORMULA) and name != "phone":
                self.fault(
                    f"The column {name} begins with '{cell[0]}', as a formula does. Write the value itself."
                )
        service = self._service()
        starts_at = self._starts_at()
        line = BookingLine(
            self.line,
            service or "",
            starts_at or 0,
            self._words("name", 200),
            self._phone(),
            self._email(),
            self._safe(),
            self._language("language") or Language.EN.value,
            self._needs(),
            self._interpreter(),
            self._people(),
            self._named("person", self.known.people),
            self._named("room", self.known.rooms),
            self._words("note", 500),
            self._answers(service),
        )
        if not self.faults:
            self.read.lines.append(line)

    def _service(self) -> str | None:
        found = self.known.services.get(folded(self.cell("service")))
        if found is None:
            self.fault(f"'{self.cell('service')[:60]}' is not a service that takes appointments here.")
        return found

    def _starts_at(self) -> int | None:
        on, at = self._date(), self._time()
        if on is None or at is None:
            return None
        said = datetime.combine(on, at, tzinfo=self.known.zone)
        if said.astimezone(UTC).astimezone(self.known.zone).replace(tzinfo=None) != said.replace(tzinfo=None):
            self.fault(f"There is no {at:%H:%M} on {on.day} {on:%B %Y}: the clocks go forward then.")
            return None
        return int((said - _EPOCH).total_seconds()) * 1_000_000

    def _date(self) -> date | None:
        cell = self.cell("date")
        try:
            day, _, rest = cell.partition("/")
            month, _, year = rest.partition("/")
            on = date(int(year), int(month), int(day)) if rest else date.fromisoformat(cell)
        except ValueError:
            self.fault(f"date is '{cell[:20]}', which is no date. Write it as 2026-11-24 or 24/11/2026.")
            return None
        if on < self.known.today:
            self.fault(f"date is {cell[:20]}, which has passed.")
            return None
        return on

    def _time(self) -> time | None:
        cell = self.cell("time")
        hours, _, minutes = cell.replace(".", ":").partition(":")
        try:
            return time(int(hours), int(minutes[:2] or "x"))
        except ValueError:
            self.fault(f"time is '{cell[:20]}', which is no time. Write it as 09:30.")
            return None

    def _words(self, name: str, most: int) -> str:
        words = clean_text(self.cell(name))
        if len(words) > most:
            self.fault(f"{name} is longer than {most} letters.")
        return words[:most]

    def _phone(self) -> str:
        cell = self.cell("phone")
        found = read_phone(cell) if cell else None
        if found is not None and not isinstance(found, Phone):
            self.fault(
                f"phone is '{cell[:30]}', which nobody can have. A spreadsheet drops the first 0 unless the column is text."
            )
            return ""
        return found.e164 if found else ""

    def _email(self) -> str:
        cell = self.cell("email")
        found = read_email(cell) if cell else None
        if found is not None and not isinstance(found, Email):
            self.fault(f"email is '{cell[:60]}', which is no e-mail address.")
            return ""
        if found and found.meant:
            self.read.notes.append(f"Line {self.line}: is {found.address} right, or is it {found.meant}?")
        return found.address if found else ""

    def _safe(self) -> bool:
        found = _YES.get(self.cell("safe_to_text").casefold())
        if found is None:
            self.fault(f"safe_to_text is '{self.cell('safe_to_text')[:20]}'. Write yes or no.")
        elif found and not self.cell("phone"):
            self.fault("safe_to_text is yes, and there is no phone.")
        return bool(found)

    def _language(self, name: str) -> str | None:
        cell = folded(self.cell(name))
        if not cell:
            return None
        found = self.known.languages.get(cell)
        if found is None:
            self.fault(
                f"{name} is '{self.cell(name)[:30]}'. These are known: {', '.join(sorted({*self.known.languages.values()}))}."
            )
        return found

    def _interpreter(self) -> str | None:
        if folded(self.cell("interpreter")) in (
            "sign_language",
            "sign language",
            "bsl",
            "british sign language",
        ):
            return "sign_language"
        return self._language("interpreter")

    def _needs(self) -> tuple[str, ...]:
        wanted = [
            each.strip().casefold().replace(" ", "_")
            for each in self.cell("needs").replace(";", ",").split(",")
        ]
        found = [each for each in wanted if each]
        odd = [each for each in found if each not in set(Need)]
        if odd:
            self.fault(f"needs has '{odd[0][:30]}'. These are known: {', '.join(Need)}.")
        return tuple(dict.fromkeys(found))

    def _people(self) -> int:
        cell = self.cell("people") or "1"
        if not (cell.isascii() and cell.isdecimal() and 1 <= int(cell[:4]) <= 20):
            self.fault(f"people is '{cell[:20]}'. Write how many come together, 1 to 20.")
            return 1
        return int(cell)

    def _named(self, name: str, known: Mapping[str, int]) -> int | None:
        cell = self.cell(name)
        if not cell:
            return None
        found = known.get(folded(cell))
        if found is None:
            self.fault(
                f"{name} is '{cell[:60]}', and nobody or nothing that can be booked here is called that."
            )
        return found

    def _answers(self, service: str | None) -> dict[str, str]:
        asked = self.known.questions.get(service or "", {})
        given = {}
        for name, cell in self.cells.items():
            if not name.startswith(_ANSWER) or not cell or service is None:
                continue
            slug = name.removeprefix(_ANSWER)
            choices = asked.get(slug)
            if choices is None:
                self.fault(f"{name}: the service of this line does not ask that.")
            elif choices and folded(cell) not in choices:
                self.fault(
                    f"{name} is '{cell[:40]}'. Choose one of: {', '.join(dict.fromkeys(choices.values()))}."
                )
            else:
                given[slug] = choices[folded(cell)] if choices else clean_text(cell)[:300]
        return given
