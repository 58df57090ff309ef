"""Check-ins in the journal: handed over with their reference, which is nowhere afterwards; and journals from before there were any."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from kiosk.flow.found import Appointment, Standing
from kiosk.journal import Journal, Order, Verdict
from tests.kiosk.clockwork import DAY, HandClocks
from tests.kiosk.test_journal import ORDER, clocks, file, hand_over, journal
from wire.asks import CheckIn, Issue
from wire.device_asks import Use
from wire.vocabulary import Language, UseEnd, UseKind

__all__ = ["clocks", "file", "journal"]

VERSION_2 = Path(__file__).parent / "journal_version_2.sql"
VERSION_3 = Path(__file__).parent / "journal_version_3.sql"
REFERENCE, ARRIVAL = "BCDFGHJW", "7" * 32
BOOKED: Order = replace(
    ORDER, service="appointment", reference=REFERENCE, arrival=ARRIVAL,
    appointment=Appointment(Standing.LATE, 1_795_515_600_000, "First floor"),
)  # fmt: skip


def bytes_of(file: Path) -> bytes:
    return b"".join(part.read_bytes() for part in file.parent.iterdir())


def test_a_check_in_is_handed_over_with_its_reference_as_the_same_command(journal: Journal) -> None:
    given = journal.take(BOOKED)
    assert given.appointment == BOOKED.appointment
    first = journal.next_held()
    again = journal.next_held()
    assert first is not None
    assert again is not None
    assert (first.ask, first.body) == (again.ask, again.body)
    assert isinstance(first.body, CheckIn)
    body = first.body
    assert (body.reference, body.otherwise, body.code, body.language) == (
        REFERENCE, "appointment", given.code, Language.GU,
    )  # fmt: skip
    assert journal.held() == 1


def test_the_reference_is_in_no_file_once_the_server_has_it(journal: Journal, file: Path) -> None:
    """Also while its visitor still stands there: nothing needs it any more."""
    given = journal.take(BOOKED)
    assert REFERENCE.encode() in bytes_of(file)
    hand_over(journal)
    journal.scrub()
    assert REFERENCE.encode() not in bytes_of(file)
    journal.forget(given.ticket)
    journal.scrub()
    assert b"First floor" not in bytes_of(file)


def test_it_goes_too_when_the_server_will_never_have_it(journal: Journal, file: Path) -> None:
    journal.take(BOOKED)
    held = journal.next_held()
    assert held is not None
    journal.settle(held, Verdict.SET_ASIDE, "unknown: No such service.")
    journal.scrub()
    assert REFERENCE.encode() not in bytes_of(file)
    assert journal.set_aside() == 1


def test_it_is_kept_as_long_as_nobody_has_taken_it(journal: Journal, file: Path, clocks: HandClocks) -> None:
    given = journal.take(BOOKED)
    journal.forget(given.ticket)
    journal.close()
    clocks.go(8 * DAY)
    journal = Journal(file, clocks)
    held = journal.next_held()
    assert held is not None
    assert isinstance(held.body, CheckIn)
    assert held.body.reference == REFERENCE
    journal.close()


def test_what_was_checked_in_today_is_known_by_its_hash_and_tomorrow_forgotten(
    journal: Journal, clocks: HandClocks
) -> None:
    given = journal.take(BOOKED)
    hand_over(journal)
    assert journal.arrived(ARRIVAL) == given.code
    assert journal.arrived("8" * 32) == ""
    clocks.go(DAY)
    journal.take(replace(BOOKED, arrival="9" * 32))
    assert journal.arrived(ARRIVAL) == ""


def test_after_a_crash_the_visitor_finds_the_same_ticket(
    journal: Journal, file: Path, clocks: HandClocks
) -> None:
    given = journal.take(BOOKED)
    journal.close()
    journal = Journal(file, clocks)
    assert journal.in_doubt(60_000) == given
    journal.close()


def test_a_journal_of_version_2_goes_on_with_what_it_had_to_tell(file: Path, clocks: HandClocks) -> None:
    old = sqlite3.connect(file)
    old.executescript(VERSION_2.read_text())
    old.close()
    journal = Journal(file, clocks)
    told = [held.body for held in hand_over(journal)]
    assert [(body.do, body.code) for body in told if isinstance(body, Issue)] == [("issue", "K02")]
    assert [body.do for body in told] == ["issue", "printed"]
    assert journal.take(BOOKED).code == "K03"
    assert isinstance(hand_over(journal)[0].body, CheckIn)
    journal.close()


def test_a_journal_of_version_3_goes_on_with_what_it_had_to_tell_and_takes_what_is_handed_in(
    file: Path, clocks: HandClocks
) -> None:
    old = sqlite3.connect(file)
    old.executescript(VERSION_3.read_text())
    old.close()
    journal = Journal(file, clocks)
    use = Use(use="ab" * 16, kind=UseKind.SCAN, ended=UseEnd.LEFT)
    journal.tell_use(use)
    assert [held.body.do for held in hand_over(journal)] == ["check_in", "issue", "printed", "use"]
    journal.add_packet("cd" * 16, "BCDF3467", "housing")
    assert journal.packets() == {"cd" * 16}
    assert journal.take(BOOKED).code == "K04"
    journal.close()
