"""The list of what visitors handed in, as who sorts papers sees it: what, how old, how it stands, who picked it up, and what is the matter.

What belongs to a discreet visit is not in the list of who has not that right, only how many there are. Nothing here is opened: a list is made of
what stands in clear, which says of nobody who they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from server.domain import hand_off, papers
from server.domain.access import Actor
from server.domain.handing import Purpose, Team, TeamWay, purposes, teams
from server.live.handed_in_as import what
from server.store.queries.paper_access import private_ones
from server.store.tables import Centre, Form, HandOff, Submission
from wire.references import read_reference
from wire.vocabulary import HandedIn, SubmissionState

ON_A_PAGE = 50
TO_DO, ALL, TROUBLE = "open", "all", "trouble"
SHOWN = (TO_DO, TROUBLE, SubmissionState.ACCEPTED.value, SubmissionState.REJECTED.value, ALL)
SPAN_DAYS = 400
"""Earlier ones are figures only."""


@dataclass(frozen=True)
class Wanted:
    shown: str = TO_DO
    what: str = ""
    team: str = ""
    page: int = 1


@dataclass(frozen=True)
class Line:
    """One submission in the list."""

    id: str
    reference: str
    kind: HandedIn
    name: str
    team: str
    pages: int
    language: str
    state: SubmissionState
    made_at: datetime
    readable: str
    private: bool
    picked_up: str
    """Who has it, or where it lies."""
    trouble: str
    """What is the matter, in a sentence; empty when nothing is."""
    deleted: bool


@dataclass(frozen=True)
class PapersNow:
    lines: Sequence[Line]
    hidden: int
    """How many are not shown to who looks, because they are private."""
    more: bool
    counts: Mapping[str, int]
    purposes: Sequence[Purpose]
    forms: Sequence[tuple[str, str]]
    teams: Sequence[Team]
    zone: ZoneInfo
    now: datetime


def read_papers(session: Session, actor: Actor, wanted: Wanted, now: datetime) -> PapersNow:
    centre = session.get_one(Centre, actor.centre)
    here: list[ColumnElement[bool]] = [
        col(Submission.centre_id) == actor.centre,
        col(Submission.received_at) >= now - timedelta(days=SPAN_DAYS),
    ]
    query = select(Submission).where(*here, *_state(wanted.shown))
    if wanted.what:
        query = query.where(Submission.what == wanted.what)
    if wanted.team:
        query = query.where(Submission.team == wanted.team)
    in_order = col(Submission.received_at)
    query = query.order_by(in_order if wanted.shown == TO_DO else in_order.desc(), col(Submission.id))
    if wanted.shown == TROUBLE:
        found = list(session.exec(query.limit(1000)).all())
    else:
        found = list(session.exec(query.offset((wanted.page - 1) * ON_A_PAGE).limit(ON_A_PAGE + 1)).all())
    offs = _latest(session, [row.id for row in found])
    every = {team.slug: team for team in teams(centre.extra)}
    if wanted.shown == TROUBLE:
        found = [row for row in found if trouble_of(row, offs.get(row.id), every.get(row.team), now)]
        found = found[(wanted.page - 1) * ON_A_PAGE :][: ON_A_PAGE + 1]
    shown, more = found[:ON_A_PAGE], len(found) > ON_A_PAGE
    private = private_ones(session, actor.centre, shown)
    seen = [row for row in shown if papers.may_see(actor.roles, private=row.id in private, served=False)]
    lines = [
        _line(session, row, offs.get(row.id), every.get(row.team), row.id in private, now) for row in seen
    ]
    forms = session.exec(
        select(Form).where(Form.centre_id == actor.centre).order_by(col(Form.position))
    ).all()
    return PapersNow(
        lines=lines,
        hidden=len(shown) - len(seen),
        more=more,
        counts=_counts(session, actor.centre),
        purposes=purposes(centre.extra),
        forms=[
            (form.slug, what(session, actor.centre, HandedIn.FORM, form.slug, form.version).name)
            for form in forms
        ],
        teams=tuple(every.values()),
        zone=ZoneInfo(centre.timezone),
        now=now,
    )


def _state(shown: str) -> list[ColumnElement[bool]]:
    kept = col(Submission.deleted_at).is_(None)
    if shown in (TO_DO, TROUBLE):
        # A form that was begun and taken to a person is that person's to go on with.
        of_teams = col(Submission.kind) != HandedIn.BEGUN.value
        return [kept, of_teams, col(Submission.state).in_([state.value for state in papers.OPEN_STATES])]
    return [] if shown == ALL else [col(Submission.state) == shown]


def _counts(session: Session, centre: int) -> Mapping[str, int]:
    found = session.exec(
        select(Submission.state, func.count())
        .where(
            Submission.centre_id == centre,
            col(Submission.deleted_at).is_(None),
            Submission.kind != HandedIn.BEGUN.value,
        )
        .group_by(col(Submission.state))
    ).all()
    return {state: int(many) for state, many in found}


def _latest(session: Session, ids: Sequence[str]) -> Mapping[str, HandOff]:
    """The last hand-off of each."""
    rows = select(HandOff).where(col(HandOff.submission_id).in_(ids)).order_by(col(HandOff.round))
    return {row.submission_id: row for row in session.exec(rows)}


def _line(
    session: Session, row: Submission, off: HandOff | None, team: Team | None, private: bool, now: datetime
) -> Line:
    state = SubmissionState(row.state)
    return Line(
        id=row.id,
        reference=row.reference,
        kind=HandedIn(row.kind),
        name=what(session, row.centre_id, row.kind, row.what, row.version).name,
        team=team.name if team else row.team,
        pages=row.pages,
        language=row.language,
        state=state,
        made_at=row.made_at,
        readable=row.readable,
        private=private,
        picked_up=picked_up(row, off, team),
        trouble=trouble_of(row, off, team, now),
        deleted=row.deleted_at is not None,
    )


_WHERE = {
    TeamWay.FOLDER.value: "in the team's folder",
    TeamWay.SFTP.value: "in the team's SFTP folder",
    TeamWay.EMAIL.value: "with the team, as a link by e-mail",
    TeamWay.WEBHOOK.value: "on its way",
}


def picked_up(row: Submission, off: HandOff | None, team: Team | None) -> str:
    """Who has it, or where it is, as a table says it."""
    if row.deleted_at is not None and row.deleted_why.startswith("merged:"):
        return f"Put into {row.deleted_why.partition(':')[2]}"
    if row.state == SubmissionState.ACCEPTED:
        return row.accepted_by
    if row.state == SubmissionState.REJECTED:
        return ""
    if row.state == SubmissionState.HANDED_OFF and off is not None:
        return f"Lies {_WHERE.get(off.way, 'there')}"
    if row.kind == HandedIn.BEGUN:
        return "Goes with a ticket"
    if team is not None and not hand_off.is_sent(team):
        return "In this list"
    return "On its way" if off is not None and off.dead_at is None else ""


def trouble_of(row: Submission, off: HandOff | None, team: Team | None, now: datetime) -> str:
    """What is the matter with one that somebody should see to. A hand-off to a team that it was for before is over."""
    if off is not None and off.team != row.team:
        off = None
    if row.deleted_at is not None or row.state not in papers.OPEN_STATES:
        return ""
    if closed := papers.closed_because(row.virus):
        return closed
    if row.kind == HandedIn.BEGUN:
        return ""
    if team is None:
        return "It is for a team that is not set up. File it for one that is."
    if off is not None and off.dead_at is not None:
        return f"It was not sent. {off.why}"
    if (
        off is not None
        and off.why
        and (off.sent_at or now - off.made_at > timedelta(microseconds=hand_off.TROUBLE_AFTER))
    ):
        return off.why
    if now - row.received_at > timedelta(microseconds=hand_off.UNCLAIMED_AFTER):
        return "Nobody has taken it for more than three days."
    return ""


def find(session: Session, actor: Actor, typed: str) -> str | None:
    """The submission with this reference, as somebody reads it off a receipt; None when there is none here that they may see."""
    reference = read_reference(typed)
    if reference is None:
        return None
    row = session.exec(
        select(Submission).where(Submission.centre_id == actor.centre, Submission.reference == reference)
    ).first()
    if row is None:
        return None
    private = row.id in private_ones(session, actor.centre, [row])
    return row.id if papers.may_see(actor.roles, private=private, served=False) else None
