"""What was handed in goes when its time is over: keys, pieces and facts, from the file and its log, and the audit says so."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from sqlmodel import select

from server.actions import deleting, hand_offs, submissions
from server.actions.deleting import Remains, Why
from server.domain.access import SYSTEM
from server.domain.refusals import Refused
from server.edge import House
from server.jobs.deleting import delete_due
from server.live import opened
from server.store.sql import Sql, Statement
from server.store.tables import Audit, Submission
from server.store.tx import Tx
from tests.support.handed_in import documents, handed_in, submission, with_teams
from tests.support.house import Rehearsal, running_house
from wire.vocabulary import HandedIn, SubmissionState

LONG = b"%PDF-" + bytes(range(256)) * 12_000  # three pieces


async def accepted(rehearsal: Rehearsal, number: str) -> None:
    def accept(tx: Tx) -> None:
        assert hand_offs.accept(tx, tx.session().get_one(Submission, number), "Housing")

    await rehearsal.house.change(SYSTEM, "accept", accept)


async def left(house: House, number: str) -> Remains:
    return await house.look(lambda connection: deleting.remains(Sql(connection), number))


async def test_after_acceptance_it_goes_when_its_purpose_says_and_nothing_is_left(
    rehearsal: Rehearsal,
) -> None:
    house = rehearsal.house
    await with_teams(house, rehearsal.kiosk)
    files = [("papers.pdf", "application/pdf", LONG, 1)]
    gone, stays = [
        await handed_in(house, rehearsal.kiosk, files=files, what=what) for what in ("benefits", "housing")
    ]
    for number in (gone, stays):
        await accepted(rehearsal, number)
    (document,) = await documents(house, gone)
    rehearsal.clock.go(days=13, hours=23)
    assert await delete_due(house) == 0
    rehearsal.clock.go(hours=2)
    assert await delete_due(house) == 1
    assert await left(house, gone) == Remains(0, 0, 0)
    row = await submission(house, gone)
    assert (row.key, row.facts, row.deleted_why, row.pages) == (None, None, "retention", 1)
    assert row.deleted_at is not None
    assert await left(house, stays) == Remains(1, 3, 1)
    audit = await house.read(
        lambda session: session.exec(select(Audit).where(Audit.what == "submission_deleted")).one()
    )
    assert audit.about == f"submission:{gone}"
    assert audit.detail == {"why": "retention", "documents": 1, "pieces": 3, "bytes": len(LONG), "left": 0}
    for look in (
        lambda session: opened.document(session, house.keyring, document.id),
        lambda session: opened.facts(session, house.keyring, gone),
    ):
        with pytest.raises(Refused, match="deleted"):
            await house.read(look)
    assert await delete_due(house) == 0


async def test_unclaimed_papers_are_never_deleted_and_rejected_and_begun_ones_are(
    rehearsal: Rehearsal,
) -> None:
    house = rehearsal.house
    now: dict[str, Any] = {"rejected_at": rehearsal.clock.now(), "state": SubmissionState.REJECTED}
    rejected = await handed_in(house, rehearsal.kiosk, **now)
    begun = await handed_in(house, rehearsal.kiosk, kind=HandedIn.BEGUN)
    unclaimed = await handed_in(house, rehearsal.kiosk)
    rehearsal.clock.go(days=deleting.BEGUN_DAYS, minutes=1)
    await delete_due(house)
    assert [(await left(house, each)).nothing for each in (rejected, begun, unclaimed)] == [
        False,
        True,
        False,
    ]
    rehearsal.clock.go(days=deleting.REJECTED_DAYS - deleting.BEGUN_DAYS)
    await delete_due(house)
    assert (await submission(house, rejected)).deleted_why == "rejected"
    rehearsal.clock.go(days=4000)
    assert await delete_due(house) == 0
    assert not (await left(house, unclaimed)).nothing


def _run(statement: Statement, number: str, tx: Tx) -> None:
    tx.sql.run(statement, {"id": number})


async def test_one_that_cannot_be_deleted_keeps_no_other(sqlite_url: str) -> None:
    async with running_house(sqlite_url) as rehearsal:
        house = rehearsal.house
        now: dict[str, Any] = {"rejected_at": rehearsal.clock.now(), "state": SubmissionState.REJECTED}
        stuck, goes = [await handed_in(house, rehearsal.kiosk, **now) for _ in range(2)]
        guard = Statement(
            f"CREATE TRIGGER guard BEFORE UPDATE ON submission WHEN OLD.id = '{stuck}' BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        await house.change(SYSTEM, "guard", lambda tx: tx.sql.run(guard))
        rehearsal.clock.go(days=deleting.REJECTED_DAYS, minutes=1)
        assert await delete_due(house) == 1
        assert (await left(house, goes)).nothing
        assert not (await left(house, stuck)).nothing


async def test_one_that_broke_off_in_the_middle_is_brought_to_its_end(rehearsal: Rehearsal) -> None:
    """Its keys are gone and one of its pieces is; then the server died."""
    house = rehearsal.house
    number = await handed_in(house, rehearsal.kiosk, files=[("papers.pdf", "application/pdf", LONG, 1)])
    (document,) = await documents(house, number)
    assert await house.change(SYSTEM, "keys", partial(deleting.take_keys, submission=number, why=Why.STAFF))
    await house.change(SYSTEM, "piece", partial(deleting.drop_piece, document=document.id, number=1))
    assert await left(house, number) == Remains(1, 2, 0)
    assert await delete_due(house) == 1
    assert (await left(house, number)).nothing
    assert (await submission(house, number)).deleted_why == "staff"


async def test_a_form_without_files_is_gone_at_once_and_the_audit_says_so(rehearsal: Rehearsal) -> None:
    house = rehearsal.house
    number = await handed_in(house, rehearsal.kiosk)
    for table, name in (
        ("piece", "document_id IN (SELECT id FROM document)"),
        ("document", "submission_id = :id"),
    ):
        plain = Statement(f"DELETE FROM {table} WHERE {name}")
        await house.change(SYSTEM, "no files", partial(_run, plain, number))
    assert await left(house, number) == Remains(0, 0, 1)
    take = partial(deleting.take_keys, submission=number, why=Why.STAFF)
    assert await house.change(rehearsal.kiosk, "keys", take)
    assert (await left(house, number)).nothing
    audit = await house.read(
        lambda session: session.exec(select(Audit).where(Audit.what == "submission_deleted")).one()
    )
    assert audit.detail == {"why": "staff", "documents": 0, "pieces": 0, "bytes": 0, "left": 0}


async def test_what_is_still_there_is_never_said_to_be_gone(rehearsal: Rehearsal) -> None:
    """The last step, made too early: it fails, and the audit says nothing."""
    house = rehearsal.house
    number = await handed_in(house, rehearsal.kiosk)
    with pytest.raises(Refused):
        await house.change(SYSTEM, "finish", partial(deleting.finish, submission=number))
    assert await left(house, number) == Remains(1, 1, 1)
    assert not await house.read(
        lambda session: session.exec(select(Audit).where(Audit.what == "submission_deleted")).all()
    )


async def test_pieces_of_nothing_are_swept_after_an_hour_and_no_others(rehearsal: Rehearsal) -> None:
    house = rehearsal.house
    kept = await handed_in(house, rehearsal.kiosk)
    for number in range(2):
        put = partial(submissions.put_piece, document="f" * 32, number=number, body=b"broken off")
        await house.change(SYSTEM, "piece", put)
    rehearsal.clock.go(minutes=59)
    await delete_due(house)
    count = Statement("SELECT COUNT(*) FROM piece")
    assert await house.look(lambda connection: tuple(Sql(connection).one(count) or ())) == (3,)
    rehearsal.clock.go(minutes=2)
    await delete_due(house)
    assert await house.look(lambda connection: tuple(Sql(connection).one(count) or ())) == (1,)
    assert (await left(house, kept)).pieces == 1


async def test_no_mark_of_it_is_in_the_database_its_log_or_the_folder_afterwards(sqlite_url: str) -> None:
    """Marks in the sealed bytes themselves, so that finding none means that even the noise is gone; they are found before."""
    async with running_house(sqlite_url) as rehearsal:
        house, place = rehearsal.house, Path(make_url(sqlite_url).database or "").parent
        files = [("papers.pdf", "application/pdf", LONG, 1)]
        number = await handed_in(house, rehearsal.kiosk, files=files)
        marks = await house.look(lambda connection: marks_of(Sql(connection), number))
        assert len(marks) == 6
        assert all(found_in(place, mark) for mark in marks)
        take = partial(deleting.take_keys, submission=number, why=Why.STAFF)
        await house.change(SYSTEM, "keys", take)
        assert await delete_due(house) == 1
        for _ in range(50):  # the log is begun anew when nobody reads in it
            if not any(found_in(place, mark) for mark in marks):
                break
            house.lane._tidy_at = 0.0
            await house.change(SYSTEM, "later", lambda _tx: None)
        assert not [mark for mark in marks if found_in(place, mark)]


def marks_of(sql: Sql, number: str) -> list[bytes]:
    """Bytes from the middle of each piece, of the facts and of both keys."""
    statements = (
        "SELECT p.body FROM piece p JOIN document d ON d.id = p.document_id WHERE d.submission_id = :id",
        "SELECT facts FROM submission WHERE id = :id",
        "SELECT key FROM submission WHERE id = :id",
        "SELECT key FROM document WHERE submission_id = :id",
    )
    bodies = [bytes(r[0]) for text in statements for r in sql.all(Statement(text), {"id": number})]
    return [body[len(body) // 2 :][:40] for body in bodies]


def found_in(folder: Path, mark: bytes) -> bool:
    return any(mark in each.read_bytes() for each in folder.rglob("*") if each.is_file())
