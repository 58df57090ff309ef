"""The outbox of what was handed in: which submission goes to which team, what is in hand, and what became of it.

`begin` is called in the transaction that makes a submission, files it elsewhere or sends it again, so nothing is sent that was not taken in and nothing
taken in is forgotten; `server.jobs.handing_off` does the sending. Taking in hand is a condition on the row, so of several servers one has it,
and one that dies with it leaves it to be tried again under the same id after `LEASE`. Before each attempt the row is held against what is so
now: what was accepted, rejected, deleted or filed elsewhere meanwhile is not sent.

Acceptance is once and for all (`accept`): from it on runs the time after which the submission is deleted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, func, select

from server.clock import from_micros, to_micros
from server.domain import hand_off as rules
from server.domain.calling import wait_after
from server.domain.hand_off import Accepted, Laid, Later, Never, Result
from server.domain.handing import Team, TeamWay
from server.store.sql import Statement
from server.store.tables import Centre, Document, Form, HandOff, Submission
from server.store.tx import Tx
from wire.vocabulary import HandedIn, SubmissionState, new_id

LEASE = timedelta(minutes=10)
WAIT_FOR_TAKING_BACK = timedelta(hours=1)
LOOK_AGAIN = timedelta(seconds=15)
"""While a machine still makes its text readable."""
OPEN_STATES = frozenset({SubmissionState.RECEIVED, SubmissionState.HANDED_OFF})
LYING = frozenset({TeamWay.FOLDER.value, TeamWay.SFTP.value})
TO_TAKE_BACK = "It is taken back from where it was laid down."
TAKEN_BACK = "It was taken back from where it was laid down, before anybody had fetched it."
FETCHED_BEFORE = "The team had fetched this before it could be taken back. Tell them that it is void."
ARRIVED = "The team got this although it was stopped here meanwhile. Tell them that it is void."
NOT_THERE = "Nothing of it was in the team's folder to be taken back, nor was our mark. If the folder was changed, take it away from the old one by hand."
STRANDED = "It cannot be taken back, for the team is reached another way now. Take it away by hand from where it lies."
ELSEWHERE = "It was filed elsewhere, dealt with or deleted before it was sent."

_TAKE = Statement(
    """UPDATE hand_off SET attempts = attempts + 1, due_at = :until, sending_since = :now WHERE id = :id AND attempts = :attempts
    AND due_at <= :now AND sent_at IS NULL AND dead_at IS NULL"""
)
_WAIT = Statement(
    "UPDATE hand_off SET due_at = :until WHERE id = :id AND attempts = :attempts AND sent_at IS NULL AND dead_at IS NULL"
)


@dataclass(frozen=True)
class InHand:
    """One attempt. `unsure`: an earlier one was not heard of again."""

    id: str
    submission: str
    attempts: int
    unsure: bool
    round: int
    team: Team
    centre: int
    centre_slug: str
    centre_name: str


def begin(tx: Tx, submission: Submission, *, by_hand: bool = False) -> HandOff | None:
    """Have it go to its team, unless the team looks at the list itself or it may not go; what was under way before goes no more, and what lies
    somewhere is taken back from there first."""
    stop(tx, submission.id, ELSEWHERE)
    session = tx.session()
    team = rules.team_of(session.get_one(Centre, submission.centre_id).extra, submission.team)
    if (
        team is None
        or not rules.is_sent(team)
        or not rules.may_go(submission.kind, submission.virus, by_hand=by_hand)
    ):
        return None
    before = session.exec(select(func.max(HandOff.round)).where(HandOff.submission_id == submission.id)).one()
    now = from_micros(tx.now)
    row = HandOff(
        id=new_id(),
        submission_id=submission.id,
        round=(before or 0) + 1,
        centre_id=submission.centre_id,
        team=team.slug,
        way=team.way.value,
        made_at=now,
        due_at=now,
    )
    session.add(row)
    session.flush()
    return row


def stop(tx: Tx, submission_id: str, why: str) -> None:
    """What of it is not fetched yet is not sent, looked for or told of any more."""
    session = tx.session()
    open_ones = select(HandOff).where(
        HandOff.submission_id == submission_id,
        col(HandOff.dead_at).is_(None),
        col(HandOff.picked_at).is_(None),
    )
    for row in session.exec(open_ones):
        now = from_micros(tx.now)
        row.dead_at, row.why = now, why
        if row.way in LYING and (row.sent_at is not None or row.sending_since is not None):
            # One that is in hand, or was when a server died, lies there perhaps.
            row.why, row.sent_at = TO_TAKE_BACK, row.sent_at or now
    session.flush()


def take(tx: Tx, hand_off_id: str) -> InHand | None:
    """Take it in hand; None when it is not due, waits to be made readable, goes no more, or another server has it."""
    session = tx.session()
    row = session.get(HandOff, hand_off_id)
    if row is None or row.sent_at is not None or row.dead_at is not None:
        return None
    submission = session.get_one(Submission, row.submission_id)
    centre = session.get_one(Centre, row.centre_id)
    team = rules.team_of(centre.extra, row.team)
    fit = (
        submission.deleted_at is None
        and submission.state in OPEN_STATES
        and submission.team == row.team
        and team is not None
        and team.way.value == row.way
        and rules.may_go(submission.kind, submission.virus, by_hand=True)
    )
    if not fit or team is None:
        row.dead_at, row.why = from_micros(tx.now), ELSEWHERE
        return None
    documents = session.exec(select(Document).where(Document.submission_id == submission.id)).all()
    tried = [(each.type, each.searchable) for each in documents]
    waits = rules.is_still_read(tried, to_micros(submission.received_at), tx.now)
    if waits or rules.is_to_be_looked_at(submission.virus) or _is_taken_back_first(tx, submission.id):
        until = tx.now + LOOK_AGAIN // timedelta(microseconds=1)
        tx.sql.run(_WAIT, {"id": row.id, "attempts": row.attempts, "until": until})
        return None
    until = tx.now + LEASE // timedelta(microseconds=1)
    values = {"id": row.id, "attempts": row.attempts, "now": tx.now, "until": until}
    if not tx.sql.run(_TAKE, values):
        return None
    return InHand(
        id=row.id,
        submission=submission.id,
        attempts=row.attempts + 1,
        unsure=row.sending_since is not None,
        round=row.round,
        team=team,
        centre=centre.id or 0,
        centre_slug=centre.slug,
        centre_name=centre.name,
    )


def _is_taken_back_first(tx: Tx, submission_id: str) -> bool:
    """For a while: a folder that is gone for good must not keep it from the team for ever."""
    lying = select(HandOff.id).where(
        HandOff.submission_id == submission_id,
        HandOff.why == TO_TAKE_BACK,
        col(HandOff.dead_at) > from_micros(tx.now) - WAIT_FOR_TAKING_BACK,
    )
    return tx.session().exec(lying).first() is not None


def note(tx: Tx, taken: InHand, result: Result) -> None:
    """What came of an attempt. One that another server has taken up since is theirs to note, unless this one got through."""
    session = tx.session()
    row = session.get(HandOff, taken.id)
    if row is None or (row.sent_at is not None and row.dead_at is None):
        return
    now, through = from_micros(tx.now), isinstance(result, Laid | Accepted)
    if row.attempts != taken.attempts and not through:
        return
    row.sending_since = None
    submission = session.get_one(Submission, row.submission_id)
    tx.touch(submission.centre_id)
    if row.dead_at is not None and _is_void(tx, row, submission):
        _note_void(row, result, now)
        return
    match result:
        case Laid():
            row.sent_at, row.why, row.dead_at = now, "", None
            if submission.state == SubmissionState.RECEIVED:
                submission.state, submission.handed_at = SubmissionState.HANDED_OFF, now
            elif submission.state == SubmissionState.ACCEPTED:  # by hand, meanwhile
                row.picked_at = now
        case Accepted(by):
            row.sent_at = row.picked_at = now
            row.why, row.dead_at = "", None
            accept(tx, submission, by)
        case Later(why, asked):
            row.why = why[:300]
            wait = wait_after(row.id, row.attempts, asked)
            if wait is None:
                row.dead_at = now
            else:
                row.due_at = now + wait
        case Never(why):
            row.why, row.dead_at = why[:300], now
    if row.dead_at is not None and not through:
        tx.audit("hand_off_given_up", f"submission:{submission.id}", team=row.team)


def _is_void(tx: Tx, row: HandOff, submission: Submission) -> bool:
    """Whether it was rejected, deleted, changed or filed elsewhere while an attempt was under way: what arrives then is not what is so now."""
    if submission.deleted_at is not None or submission.state == SubmissionState.REJECTED:
        return True
    newer = select(HandOff.id).where(HandOff.submission_id == row.submission_id, HandOff.round > row.round)
    return submission.team != row.team or tx.session().exec(newer).first() is not None


def _note_void(row: HandOff, result: Result, now: datetime) -> None:
    if row.way in LYING:  # a failed attempt may have left half of it
        row.sent_at, row.why = row.sent_at or now, TO_TAKE_BACK
    elif isinstance(result, Accepted):
        row.sent_at, row.picked_at, row.why = now, now, ARRIVED
    elif isinstance(result, Laid):
        row.sent_at = now


def picked(tx: Tx, hand_off_id: str) -> bool:
    """The team has fetched it from where it was laid down; False when somebody noted that before."""
    session = tx.session()
    row = session.get(HandOff, hand_off_id)
    if row is None or row.picked_at is not None or row.sent_at is None or row.dead_at is not None:
        return False
    row.picked_at, row.why = from_micros(tx.now), ""
    submission = session.get_one(Submission, row.submission_id)
    team = rules.team_of(session.get_one(Centre, row.centre_id).extra, row.team)
    where = "the team's folder" if row.way == TeamWay.FOLDER else "the team's SFTP folder"
    return accept(tx, submission, f"{team.name if team else row.team}, from {where}")


def seen(tx: Tx, hand_off_id: str, why: str) -> None:
    """It was laid down and looked for: `why` it cannot be found or asked about now, empty when it lies there as it should."""
    row = tx.session().get(HandOff, hand_off_id)
    if row is not None and row.picked_at is None and row.dead_at is None and row.why != why[:300]:
        row.why = why[:300]
        tx.touch(row.centre_id)


def taken_back(tx: Tx, hand_off_id: str, why: str) -> None:
    """What became of taking it back: a sentence, `TO_TAKE_BACK` where it is to be tried again."""
    row = tx.session().get(HandOff, hand_off_id)
    if row is None or row.why != TO_TAKE_BACK:
        return
    row.why = why[:300]
    if why == FETCHED_BEFORE:
        row.picked_at = from_micros(tx.now)
    else:
        row.sent_at = None
    tx.audit(
        "hand_off_taken_back", f"submission:{row.submission_id}", team=row.team, fetched=why == FETCHED_BEFORE
    )
    tx.touch(row.centre_id)


def accept(tx: Tx, submission: Submission, by: str) -> bool:
    """The team has it, from now on for good; False when that was known, or it was rejected or deleted."""
    if submission.state not in OPEN_STATES or submission.deleted_at is not None:
        return False
    now = from_micros(tx.now)
    submission.state, submission.accepted_at, submission.accepted_by = SubmissionState.ACCEPTED, now, by[:80]
    submission.delete_at = now + kept_for(tx, submission)
    _end_hand_offs(tx, submission.id)
    tx.audit("submission_accepted", f"submission:{submission.id}")
    tx.touch(submission.centre_id)
    return True


def _end_hand_offs(tx: Tx, submission_id: str) -> None:
    """What lay somewhere is fetched, what was still to be sent is not."""
    session, now = tx.session(), from_micros(tx.now)
    open_ones = select(HandOff).where(
        HandOff.submission_id == submission_id,
        col(HandOff.dead_at).is_(None),
        col(HandOff.picked_at).is_(None),
    )
    for row in session.exec(open_ones):
        if row.sent_at is None:
            row.dead_at, row.why = now, ELSEWHERE
        else:
            row.picked_at = now


def kept_for(tx: Tx, submission: Submission) -> timedelta:
    """How long it stays here once its team has it: as its purpose or form says, or shorter where the team says so."""
    session = tx.session()
    extra = session.get_one(Centre, submission.centre_id).extra
    days = rules.KEPT_DAYS
    if submission.kind == HandedIn.PAPERS:
        purpose = rules.purpose_of(extra, submission.what)
        days = purpose.keep_days if purpose else days
    else:
        here = select(Form).where(Form.centre_id == submission.centre_id, Form.slug == submission.what)
        form = session.exec(here).first()
        days = form.keep_days if form else days
    team = rules.team_of(extra, submission.team)
    usual = timedelta(days=days)
    if team is None or team.keep_minutes is None:
        return usual
    return min(usual, timedelta(minutes=team.keep_minutes))
