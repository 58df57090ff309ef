"""What was handed in, opened: read from its sealed pieces with the house's keys, for whoever has checked that they may.

Below the pages and the jobs, because both need it: pages show papers, jobs hand them to teams. It decides nothing about who may look and logs nothing.
What is opened lives in memory only. What is gone or damaged is said, never answered with something else.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from server.domain.refusals import Refused
from server.papers import sealing
from server.papers.clamd import Virus
from server.papers.keyring import Damaged, ForeignKey, Keyring
from server.papers.sealing import Facts
from server.store.tables import Document, Piece, Submission
from wire.vocabulary import RefusalCode

GONE = "This was deleted. Nothing of it is kept here any more."
DAMAGED = "This cannot be opened: a part of it is damaged, or the house's key for it is missing. Tell whoever runs the server."


VIRUS = "A virus was found in this. Nobody can open it; reject it, so that its visitor is told, and it will be deleted."
NOT_LOOKED = "The virus scanner has not looked at this yet. Try again in a few minutes; if it stays, tell whoever runs the server."


def refuse_unsafe(virus: str) -> None:
    """What a scanner found something in, or was to look at and has not, is opened by nobody."""
    if virus == Virus.FOUND:
        raise Refused(RefusalCode.WRONG_STATE, VIRUS)
    if virus == Virus.WAITS:
        raise Refused(RefusalCode.WRONG_STATE, NOT_LOOKED)


@dataclass(frozen=True)
class Opened:
    id: str
    name: str
    type: str
    pages: int
    searchable: bool | None
    body: bytes

    def __repr__(self) -> str:
        return f"Opened({self.id})"


def document(session: Session, keyring: Keyring, document_id: str, *, for_scanner: bool = False) -> Opened:
    """One file in the clear; raises Refused. `for_scanner`: also what a virus scanner has yet to look at."""
    row = session.get(Document, document_id)
    if row is None or not row.key:
        raise Refused(RefusalCode.CLOSED, GONE)
    if not for_scanner:
        refuse_unsafe(session.get_one(Submission, row.submission_id).virus)
    numbered = select(Piece.body).where(Piece.document_id == document_id).order_by(col(Piece.number))
    pieces = list(session.exec(numbered))
    try:
        body = sealing.unseal(keyring.unwrap(row.key), row.id, pieces)
    except (Damaged, ForeignKey):
        raise Refused(RefusalCode.WRONG_STATE, DAMAGED) from None
    return Opened(row.id, row.name, row.type, row.pages, row.searchable, body)


def documents(session: Session, keyring: Keyring, submission_id: str) -> list[Opened]:
    """All files of a submission in their order; raises Refused."""
    ids = select(Document.id).where(Document.submission_id == submission_id).order_by(col(Document.position))
    return [document(session, keyring, each) for each in session.exec(ids)]


def facts(session: Session, keyring: Keyring, submission_id: str) -> Facts:
    """The visitor's reference, where they wish to hear, and a form's answers; raises Refused."""
    row = session.get(Submission, submission_id)
    if row is None or row.deleted_at is not None or row.key is None or row.facts is None:
        raise Refused(RefusalCode.CLOSED, GONE)
    try:
        return sealing.unseal_facts(keyring.unwrap(row.key), row.id, row.facts)
    except (Damaged, ForeignKey):
        raise Refused(RefusalCode.WRONG_STATE, DAMAGED) from None
