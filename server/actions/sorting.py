"""What staff do with what was handed in: say that its team has it, reject it, file it elsewhere, send it again, delete it, and
change its pages.

Two colleagues may have the same one open. So each deed is held against what is so now: a state that has moved on, or pages that another has
changed meanwhile (a changed file has a new id), refuse it with who was quicker. Whoever may not see it, may not touch it (`refuse_if_hidden`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from server.actions import deleting, hand_offs, posting
from server.actions.paper_looks import refuse_if_hidden
from server.actions.submissions import Sealed, drop_pieces
from server.clock import from_micros
from server.domain import hand_off as rules
from server.domain import papers
from server.domain.refusals import Refused
from server.store.tables import Centre, Document, Staff, Submission
from server.store.tx import Tx
from wire.vocabulary import HandedIn, RefusalCode, SubmissionState

CHANGED = "A colleague has changed these pages since you looked, or their text was made searchable. Look at them again."


def _mine(tx: Tx, submission_id: str) -> Submission:
    """One that something can still be done with."""
    row = refuse_if_hidden(tx, submission_id)
    why = papers.done_with(row.state, deleted=row.deleted_at is not None)
    if why:
        raise Refused(RefusalCode.WRONG_STATE, f"{_who(tx, row)}{why}")
    return row


def _who(tx: Tx, row: Submission) -> str:
    if row.state != SubmissionState.REJECTED or row.rejected_by is None:
        return ""
    return f"{tx.session().get_one(Staff, row.rejected_by).name} was quicker. "


def accept(tx: Tx, submission_id: str) -> None:
    """A person says that the team has it."""
    row = _mine(tx, submission_id)
    hand_offs.accept(tx, row, tx.actor.name or "a colleague")


def reject(tx: Tx, submission_id: str, *, why: str, phone: str, email: str, nobody: bool) -> int:
    """It cannot be used: tell its visitor by the ways they named; how many letters were written. `nobody`: who rejects knows that none is told."""
    if why not in papers.UNUSABLE:
        raise Refused(RefusalCode.MALFORMED, "Say what is wrong with it: choose from the list.")
    row = _mine(tx, submission_id)
    row.state, row.reject_why = SubmissionState.REJECTED, why
    row.rejected_at, row.rejected_by = from_micros(tx.now), tx.actor.id
    row.delete_at = from_micros(tx.now) + timedelta(days=papers.REJECTED_DAYS)
    hand_offs.stop(tx, row.id, "It was rejected.")
    told = posting.unusable(tx, row, phone, email)
    if not told and not nobody:
        raise Refused(
            RefusalCode.WRONG_STATE,
            "Its visitor named no number or address that we can write to, so nobody would learn of it. Ring them if you can, tick that they are told"
            " some other way, and reject it again.",
        )
    tx.audit("submission_rejected", f"submission:{row.id}", why=why, told=told)
    tx.touch(row.centre_id)
    return told


def refile(tx: Tx, submission_id: str, *, what: str, team: str) -> None:
    """File it under another purpose, for another team, or both; it goes there anew. Empty: as it is; the purpose's own team where none is named."""
    row = _mine(tx, submission_id)
    extra = tx.session().get_one(Centre, row.centre_id).extra
    if what and what != row.what:
        purpose = rules.purpose_of(extra, what)
        if purpose is None or row.kind != HandedIn.PAPERS:
            raise Refused(RefusalCode.MALFORMED, "Choose a purpose from the list.")
        row.what, team = what, team or purpose.team
    if team and rules.team_of(extra, team) is None:
        raise Refused(RefusalCode.MALFORMED, "There is no such team at this centre any more. Choose another.")
    row.team = team or row.team
    _anew(tx, row)
    tx.audit("submission_refiled", f"submission:{row.id}", purpose=row.what, team=row.team)


def send_again(tx: Tx, submission_id: str) -> None:
    """Have it go to its team once more, under a name of its own."""
    row = _mine(tx, submission_id)
    if not _anew(tx, row):
        raise Refused(
            RefusalCode.WRONG_STATE,
            "Nothing is sent to this team: it looks at the list itself, or it is not set up any more. Choose another team, or say that the team has it.",
        )
    tx.audit("submission_again", f"submission:{row.id}", team=row.team)


def _anew(tx: Tx, row: Submission) -> bool:
    row.state, row.handed_at = SubmissionState.RECEIVED, None
    tx.touch(row.centre_id)
    return hand_offs.begin(tx, row, by_hand=True) is not None


def delete(tx: Tx, submission_id: str, *, why: str, sure: bool) -> None:
    """Delete it before its time, whatever became of it: at once nobody can open it any more, and what lies with a team is taken back."""
    if why not in papers.DELETE_WHY:
        raise Refused(RefusalCode.MALFORMED, "Say why it is deleted: choose from the list.")
    if not sure:
        raise Refused(RefusalCode.MALFORMED, "Tick that it cannot be brought back, and delete it again.")
    row = refuse_if_hidden(tx, submission_id)
    if row.deleted_at is not None:
        raise Refused(RefusalCode.WRONG_STATE, papers.done_with(row.state, deleted=True))
    hand_offs.stop(tx, row.id, "It was deleted.")
    deleting.take_keys(tx, row.id, deleting.Why.STAFF)
    tx.audit("submission_deleted_by_hand", f"submission:{row.id}", why=why)
    tx.touch(row.centre_id)


# Pages ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changed:
    """A file that takes the place of another. `was` is the id that was looked at."""

    was: str
    sealed: Sealed
    searchable: bool | None


def _file(tx: Tx, submission: Submission, document_id: str) -> Document:
    found = tx.session().get(Document, document_id)
    if found is None or found.submission_id != submission.id:
        raise Refused(RefusalCode.WRONG_STATE, CHANGED)
    return found


def _papers(tx: Tx, submission_id: str) -> Submission:
    row = _mine(tx, submission_id)
    if not papers.may_turn_pages(row.kind):
        raise Refused(RefusalCode.WRONG_STATE, "Only scanned papers have pages that can be changed.")
    return row


def replace(tx: Tx, submission_id: str, changed: Changed, *, deed: str) -> None:
    """Put a file in the place of the one it was made of."""
    row = _papers(tx, submission_id)
    _swap(tx, row, changed)
    _count(tx, row)
    _anew(tx, row)
    tx.audit(deed, f"submission:{row.id}")


def _swap(tx: Tx, row: Submission, changed: Changed) -> None:
    session, was = tx.session(), _file(tx, row, changed.was)
    sealed = changed.sealed
    session.add(
        Document(
            id=sealed.id,
            submission_id=row.id,
            position=was.position,
            name=was.name,
            type=was.type,
            pages=sealed.pages,
            size=sealed.size,
            pieces=sealed.pieces,
            key=sealed.key,
            searchable=changed.searchable,
            made_at=from_micros(tx.now),
        )
    )
    _drop(tx, was)


def _drop(tx: Tx, document: Document) -> None:
    tx.session().delete(document)
    tx.session().flush()
    drop_pieces(tx, documents=[document.id])


def _count(tx: Tx, row: Submission) -> None:
    found = tx.session().exec(select(Document.pages).where(Document.submission_id == row.id)).all()
    row.pages = sum(found)


def split(
    tx: Tx,
    submission_id: str,
    *,
    kept: Changed,
    rest: Sealed,
    new: Mapping[str, Any],
    papers_kept: Sequence[Mapping[str, Any]],
    papers_rest: Sequence[Mapping[str, Any]],
) -> str:
    """Cut it in two: the first part stays, the rest becomes a submission of its own (`new`: its id, reference, sealed facts); its id."""
    row = _papers(tx, submission_id)
    session, now = tx.session(), from_micros(tx.now)
    name = _file(tx, row, kept.was).name
    _swap(tx, row, kept)
    carried = {
        "centre_id", "kind", "what", "version", "team", "channel", "device_id", "visit_id", "ticket_id", "booking_id", "language",
        "readable", "virus", "made_at", "received_at",
    }  # fmt: skip
    other = Submission(
        **{field: getattr(row, field) for field in carried},
        **new,
        papers=[dict(each) for each in papers_rest],
        pages=rest.pages,
    )
    session.add(other)
    session.flush()
    session.add(
        Document(
            id=rest.id,
            submission_id=other.id,
            name=name,
            type="application/pdf",
            pages=rest.pages,
            size=rest.size,
            pieces=rest.pieces,
            key=rest.key,
            searchable=kept.searchable,
            made_at=now,
        )
    )
    row.papers = [dict(each) for each in papers_kept]
    session.flush()
    _count(tx, row)
    _anew(tx, row)
    _anew(tx, other)
    tx.audit("submission_split", f"submission:{row.id}", into=other.reference)
    tx.audit("submission_split", f"submission:{other.id}", of=row.reference)
    return other.id


def join(tx: Tx, submission_id: str, *, other_id: str, changed: Changed, other_was: str) -> None:
    """Put another's pages behind this one's, which goes on; the other is deleted, and says which one it became part of."""
    row, other = _papers(tx, submission_id), _papers(tx, other_id)
    if row.id == other.id:
        raise Refused(RefusalCode.MALFORMED, "Choose another submission to put into this one.")
    gone = _file(tx, other, other_was)
    session = tx.session()
    if other.id not in {each.id for each in could_be_joined(session, row)}:
        raise Refused(
            RefusalCode.WRONG_STATE,
            "Nothing says that the same visitor handed both in, so they stay apart: one visitor's papers must never be put among another's.",
        )
    if len(session.exec(select(Document.id).where(Document.submission_id == other.id)).all()) > 1:
        raise Refused(
            RefusalCode.WRONG_STATE, "The other has more than one file, and cannot be put into this one."
        )
    _swap(tx, row, changed)
    row.papers = [*row.papers, *other.papers]
    hand_offs.stop(tx, other.id, "It was put into another.")
    _drop(tx, gone)
    other.key = other.facts = None
    other.deleted_at, other.deleted_why, other.delete_at = (
        from_micros(tx.now),
        f"merged:{row.reference}",
        None,
    )
    other.pages = 0
    other.papers = []
    session.flush()
    _count(tx, row)
    _anew(tx, row)
    tx.audit("submission_joined", f"submission:{row.id}", with_=other.reference)
    tx.audit("submission_joined", f"submission:{other.id}", into=row.reference)


def could_be_joined(session: Any, row: Submission) -> Sequence[Submission]:
    """Others that may be of the same visitor: of the same visit, or handed in at the same device within half an hour."""
    near = timedelta(minutes=30)
    return [
        each
        for each in session.exec(
            select(Submission)
            .where(
                Submission.centre_id == row.centre_id,
                Submission.id != row.id,
                Submission.kind == HandedIn.PAPERS,
                col(Submission.deleted_at).is_(None),
                col(Submission.state).in_([state.value for state in papers.OPEN_STATES]),
                col(Submission.received_at) >= row.received_at - timedelta(hours=12),
                col(Submission.received_at) <= row.received_at + timedelta(hours=12),
            )
            .order_by(col(Submission.received_at))
            .limit(200)
        ).all()
        if (row.visit_id is not None and each.visit_id == row.visit_id)
        or (
            (each.visit_id, each.device_id, each.made_at) == (row.visit_id, row.device_id, row.made_at)
        )  # one was split from the other
        or (
            each.visit_id == row.visit_id is None
            and row.device_id is not None
            and each.device_id == row.device_id
            and abs(each.made_at - row.made_at) <= near
        )
    ]
