"""Deleting what was handed in, and proving it.

In three steps, so that a thing of a hundred pages never holds up the queue and no crash leaves it half deleted. First its keys go, in one change: from then
on nobody opens it, whoever has copied what. Then its pieces, each a change of its own. Last what named them, with a look at the database inside
the same transaction: were anything left, the step would fail and be made again. What remains is the row that figures are summed from
(when, what for, how many pages), which says nothing of whom it was about, and a line of the audit that says how much went and why.

On SQLite what is deleted is overwritten (`secure_delete`), and the log that still held it is started anew (`Lane.clean`). On PostgreSQL see docs/papers.md.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection

from server.store.sql import Sql, Statement
from server.store.tx import Tx
from wire.vocabulary import HandedIn, Letter, SubmissionState, Way

REJECTED_DAYS = 14
"""What cannot be used is kept for so long, in case its visitor comes to ask."""
BEGUN_DAYS = 7
"""What was begun and taken to a person served its purpose when they were served."""
PORTION = 20


class Why(StrEnum):
    RETENTION = "retention"
    REJECTED = "rejected"
    STAFF = "staff"
    UNCLAIMED = "unclaimed"
    KEY_LOST = "key_lost"


_UNANSWERED = "EXISTS (SELECT 1 FROM said WHERE said.id = submission.id AND said.submission_id IS NOT NULL AND said.ended_at IS NULL)"
"""A complaint's words are there until it was answered, whatever else became of its form. (Its number is its submission's: `server.actions.said.from_form`.)"""
_DUE = Statement(
    f"""SELECT id, centre_id, state FROM submission WHERE deleted_at IS NULL AND delete_at <= :now AND NOT {_UNANSWERED}
    ORDER BY delete_at LIMIT :most"""
)
_OLD = Statement(
    """SELECT id, centre_id, state FROM submission WHERE deleted_at IS NULL AND delete_at IS NULL
    AND ((state = :rejected AND rejected_at <= :long_rejected) OR (kind = :begun AND state = :received AND received_at <= :long_begun)) LIMIT :most"""
)
_KEYS = Statement(
    """UPDATE submission SET key = NULL, facts = NULL, deleted_at = :now, deleted_why = :why, delete_at = NULL
    WHERE id = :id AND deleted_at IS NULL"""
)
_DOCUMENT_KEYS = Statement("UPDATE document SET key = :none WHERE submission_id = :id")
_UNFINISHED = Statement(
    """SELECT id, centre_id FROM submission WHERE id IN (SELECT submission_id FROM document) AND deleted_at IS NOT NULL LIMIT :most"""
)
_PIECES = Statement(
    """SELECT p.document_id, p.number FROM document d JOIN piece p ON p.document_id = d.id WHERE d.submission_id = :id"""
)
_PIECE = Statement("DELETE FROM piece WHERE document_id = :document AND number = :number")
_COUNTS = Statement(
    "SELECT COUNT(*), COALESCE(SUM(pieces), 0), COALESCE(SUM(size), 0) FROM document WHERE submission_id = :id"
)
_DOCUMENTS = Statement("DELETE FROM document WHERE submission_id = :id")
_REMAINS = Statement(
    """SELECT (SELECT COUNT(*) FROM document WHERE submission_id = :id),
    (SELECT COUNT(*) FROM piece p JOIN document d ON d.id = p.document_id WHERE d.submission_id = :id),
    (SELECT COUNT(*) FROM submission WHERE id = :id AND (key IS NOT NULL OR facts IS NOT NULL))"""
)
_ADDRESSES = Statement(
    "UPDATE post SET address = '' WHERE subject IN (:by_text, :by_mail) AND state <> 'queued'"
)
_WHY = Statement("SELECT deleted_why FROM submission WHERE id = :id")


@dataclass(frozen=True)
class Remains:
    """What is left of a submission that was deleted."""

    documents: int
    pieces: int
    keys: int

    @property
    def nothing(self) -> bool:
        return not any(astuple(self))


class NotDeleted(RuntimeError):
    """Something of it is left although it was deleted; the change is undone and made again."""


def due(connection: Connection, now: int) -> list[tuple[str, int, Why]]:
    """What is to be deleted now, and why: id, centre."""
    sql, day = Sql(connection), timedelta(days=1) // timedelta(microseconds=1)
    values = {
        "rejected": SubmissionState.REJECTED.value,
        "received": SubmissionState.RECEIVED.value,
        "begun": HandedIn.BEGUN.value,
        "long_rejected": now - REJECTED_DAYS * day,
        "long_begun": now - BEGUN_DAYS * day,
        "most": PORTION,
    }
    found = [*sql.all(_DUE, {"now": now, "most": PORTION}), *sql.all(_OLD, values)]
    return [(r[0], r[1], Why.REJECTED if r[2] == SubmissionState.REJECTED else Why.RETENTION) for r in found]


def unfinished(connection: Connection) -> list[tuple[str, int]]:
    """What lost its keys and still has pieces or documents: id, centre."""
    return [(r[0], r[1]) for r in Sql(connection).all(_UNFINISHED, {"most": PORTION})]


def pieces_of(connection: Connection, submission: str) -> list[tuple[str, int]]:
    return [(r[0], r[1]) for r in Sql(connection).all(_PIECES, {"id": submission})]


def take_keys(tx: Tx, submission: str, why: Why) -> bool:
    """The first step, after which nobody can open it any more, and all there is to do for a form without files; False when it was taken before. The
    job does the rest."""
    if tx.sql.run(_KEYS, {"id": submission, "now": tx.now, "why": why.value}) != 1:
        return False
    tx.sql.run(_DOCUMENT_KEYS, {"id": submission, "none": b""})
    by_text, by_mail = (f"{Letter.RECEIPT.value}:{submission}:{way.value}" for way in (Way.SMS, Way.EMAIL))
    tx.sql.run(_ADDRESSES, {"by_text": by_text, "by_mail": by_mail})
    if not remains(tx.sql, submission).documents:
        finish(tx, submission)
    return True


def drop_piece(tx: Tx, document: str, number: int) -> None:
    tx.sql.run(_PIECE, {"document": document, "number": number})


def finish(tx: Tx, submission: str) -> Remains:
    """The last step: what named the pieces goes, nothing is left, and the audit says so."""
    counted = tx.sql.one(_COUNTS, {"id": submission})
    why = tx.sql.one(_WHY, {"id": submission})
    left = remains(tx.sql, submission)
    if left.pieces or left.keys:
        raise NotDeleted(submission)
    tx.sql.run(_DOCUMENTS, {"id": submission})
    left = remains(tx.sql, submission)
    if not left.nothing:
        raise NotDeleted(submission)
    documents, pieces, size = counted or (0, 0, 0)
    tx.audit(
        "submission_deleted",
        f"submission:{submission}",
        why=why[0] if why else "",
        documents=int(documents),
        pieces=int(pieces),
        bytes=int(size),
        left=0,
    )
    tx.touch(tx.actor.centre)
    return left


def remains(sql: Sql, submission: str) -> Remains:
    """What of it is in the database."""
    documents, pieces, keys = sql.one(_REMAINS, {"id": submission}) or (0, 0, 0)
    return Remains(int(documents), int(pieces), int(keys))
