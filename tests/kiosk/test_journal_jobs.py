"""Papers for staff in the journal: begun once, ended once, told once; and journals written before there were any."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest

from kiosk.journal import Begun, Journal, Order, Verdict
from tests.kiosk.clockwork import DAY, HandClocks
from tests.kiosk.test_journal import clocks, file, hand_over, journal
from wire.asks import Issue, Printed
from wire.vocabulary import Language, PaperState, new_id

__all__ = ["clocks", "file", "journal"]

VERSION_1 = Path(__file__).parent / "journal_version_1.sql"


def test_a_job_is_begun_once_and_its_answer_carries_the_hash_of_its_secret(journal: Journal) -> None:
    job = new_id()
    begun = journal.begin_job(job)
    assert isinstance(begun, Begun)
    assert journal.begin_job(job) is None
    assert journal.next_held() is None, "nothing to tell yet"
    journal.end_job(job, PaperState.CONFIRMED)
    journal.end_job(job, PaperState.UNKNOWN)
    digest = hashlib.sha256(begun.secret.encode()).hexdigest()
    assert [held.body for held in hand_over(journal)] == [
        Printed(job=job, paper=PaperState.CONFIRMED, follow_hash=digest)
    ]
    assert journal.begin_job(job) is None, "a late feed prints nothing anew"


def test_what_did_not_come_out_has_no_qr(journal: Journal) -> None:
    begun, refused = new_id(), new_id()
    journal.begin_job(begun)
    for job in (begun, refused):
        journal.end_job(job, PaperState.NOT_PRINTED)
    assert [held.body for held in hand_over(journal)] == [
        Printed(job=job, paper=PaperState.NOT_PRINTED) for job in (begun, refused)
    ]


def test_one_cut_off_is_told_as_unknown_after_the_restart(
    journal: Journal, file: Path, clocks: HandClocks
) -> None:
    job = new_id()
    begun = journal.begin_job(job)
    assert begun is not None
    journal.close()
    journal = Journal(file, clocks)
    held = journal.next_held()
    assert held is not None
    assert isinstance(held.body, Printed)
    assert (held.body.job, held.body.paper) == (job, PaperState.UNKNOWN)
    assert held.body.follow_hash == hashlib.sha256(begun.secret.encode()).hexdigest(), "it may be out"
    journal.settle(held, Verdict.AGAIN)
    again = journal.next_held()
    assert again is not None
    assert (again.ask, again.body) == (held.ask, held.body), "the same question however often"
    journal.close()
    assert begun.secret.encode() not in b"".join(part.read_bytes() for part in file.parent.iterdir())


@pytest.mark.parametrize("verdict", [Verdict.DONE, Verdict.SET_ASIDE])
def test_the_hash_goes_when_the_server_has_it_or_never_will(
    journal: Journal, file: Path, verdict: Verdict
) -> None:
    job = new_id()
    begun = journal.begin_job(job)
    assert begun is not None
    journal.end_job(job, PaperState.CONFIRMED)
    held = journal.next_held()
    assert held is not None
    journal.settle(held, verdict, "No.")
    assert journal.next_held() is None, "a paper for staff is no visitor's ticket to see to by hand"
    journal.scrub()
    digest = hashlib.sha256(begun.secret.encode()).hexdigest().encode()
    assert digest not in b"".join(part.read_bytes() for part in file.parent.iterdir())


def test_ids_are_kept_a_week(journal: Journal, file: Path, clocks: HandClocks) -> None:
    told, held = new_id(), new_id()
    journal.begin_job(told)
    journal.end_job(told, PaperState.CONFIRMED)
    hand_over(journal)
    journal.begin_job(held)
    clocks.go(8 * DAY)
    journal.close()
    journal = Journal(file, clocks)
    assert journal.begin_job(told) is not None
    assert journal.begin_job(held) is None, "what is yet to be told is kept"
    journal.close()


def test_a_damaged_answer_does_not_hold_up_the_rest(journal: Journal) -> None:
    job = new_id()
    journal.begin_job(job)
    journal.end_job(job, PaperState.CONFIRMED)
    journal._db.execute("UPDATE job SET paper = 'burnt'")
    journal.take(Order("K", "Europe/London", "council-tax", Language.GU))
    assert [held.body.do for held in hand_over(journal)] == ["issue"]


def test_a_journal_of_version_1_goes_on_with_what_it_had_to_tell(file: Path, clocks: HandClocks) -> None:
    old = sqlite3.connect(file)
    old.executescript(VERSION_1.read_text())
    old.close()
    journal = Journal(file, clocks)
    bodies = [held.body for held in hand_over(journal)]
    assert [(body.do, body.code) for body in bodies if isinstance(body, Issue)] == [("issue", "K07")]
    job = new_id()
    journal.begin_job(job)
    journal.end_job(job, PaperState.CONFIRMED)
    assert [held.body.do for held in hand_over(journal)] == ["printed"]
    journal.close()


def test_the_day_of_the_last_test_is_remembered(journal: Journal, file: Path, clocks: HandClocks) -> None:
    assert journal.tested_on() == ""
    journal.keep_tested_on("2026-11-24")
    journal.close()
    journal = Journal(file, clocks)
    assert journal.tested_on() == "2026-11-24"
    journal.close()
