"""One submission as who may see it sees it: what it is, its files and pages, its visitor's words, what became of it, and who looked.

This opens what is sealed, so only who has checked the right and logged the look reads it. Answers of a form stand in English, and beside them as
their visitor saw and gave them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from forms import rules
from forms.form import Form as Shape
from forms.form import Place, Question, say, step_at
from server.domain import papers
from server.domain.handing import Purpose, Team, purposes, teams
from server.domain.papers import DOWNLOADED, LOOKED
from server.domain.refusals import Refused
from server.live import opened
from server.live.handed_in_as import what_is_it
from server.live.papers import picked_up, trouble_of
from server.papers.keyring import Keyring
from server.papers.sealing import Facts
from server.store.queries.paper_access import private_ones
from server.store.tables import (
    Audit,
    Centre,
    Device,
    Document,
    HandOff,
    Sighting,
    Staff,
    Submission,
    Ticket,
    Visit,
)
from wire.vocabulary import HandedIn, SubmissionState

MOST_LOOKS = 30


@dataclass(frozen=True)
class Answered:
    """One question of a form. `own`: as its visitor saw and answered it, empty in English."""

    question: str
    answer: Sequence[str]
    own_question: str = ""
    own_answer: Sequence[str] = ()
    seen: bool = True
    """Whether they had come to it: of a form begun, not every question was."""
    group: str = ""
    files: Sequence[str] = ()
    """Ids of the documents that are the answer."""


@dataclass(frozen=True)
class FileNow:
    id: str
    name: str
    type: str
    pages: int
    size: int

    @property
    def has_pages(self) -> bool:
        return self.type == "application/pdf"

    @property
    def is_picture(self) -> bool:
        return self.type.startswith("image/")


@dataclass(frozen=True)
class Look:
    who: str
    at: datetime
    what: str


@dataclass(frozen=True)
class Sent:
    """One hand-off: which round, to whom, and what came of it."""

    round: int
    team: str
    way: str
    made_at: datetime
    sent_at: datetime | None
    picked_at: datetime | None
    dead: bool
    attempts: int
    due_at: datetime
    why: str


@dataclass(frozen=True)
class OneNow:
    row: Submission
    name: str
    state: SubmissionState
    team: Team | None
    device: str
    code: str
    """Of the visit's ticket."""
    private: bool
    closed: str
    """Why it is not opened."""
    done: str
    """Why nothing can be done with it any more."""
    unread: str
    """Why what is sealed could not be opened."""
    facts: Facts
    files: Sequence[FileNow]
    answers: Sequence[Answered]
    looks: Sequence[Look]
    sent: Sequence[Sent]
    sightings: Sequence[tuple[Sighting, str]]
    picked_up: str
    trouble: str
    rejected_by: str
    purposes: Sequence[Purpose]
    teams: Sequence[Team]
    zone: ZoneInfo
    now: datetime


def read_one(session: Session, keyring: Keyring, submission_id: str, now: datetime) -> OneNow:
    row = session.get_one(Submission, submission_id)
    centre = session.get_one(Centre, row.centre_id)
    found = what_is_it(session, row)
    every = {team.slug: team for team in teams(centre.extra)}
    people = {person.id: person.name for person in session.exec(select(Staff))}
    offs = session.exec(
        select(HandOff).where(HandOff.submission_id == row.id).order_by(col(HandOff.round))
    ).all()
    files = _files(session, row.id)
    closed = papers.closed_because(row.virus)
    facts, unread = _facts(session, keyring, row) if not closed else (Facts(), "")
    names = {each.name: each.id for each in files}
    answers = _answers(found.form, facts.answers, row.language, names) if found.form else ()
    team = every.get(row.team)
    last = offs[-1] if offs else None
    device = session.get(Device, row.device_id) if row.device_id else None
    return OneNow(
        row=row,
        name=found.name,
        state=SubmissionState(row.state),
        team=team,
        device=device.name if device else "",
        code=_code(session, row),
        private=row.id in private_ones(session, row.centre_id, [row]),
        closed=closed,
        done=papers.done_with(row.state, deleted=row.deleted_at is not None),
        unread=unread,
        facts=facts,
        files=files,
        answers=answers,
        looks=_looks(session, row.id, people),
        sent=[_sent(each, every) for each in offs],
        sightings=_sightings(session, row.id, people),
        picked_up=picked_up(row, last, team),
        trouble=trouble_of(row, last, team, now),
        rejected_by=people.get(row.rejected_by, ""),
        purposes=purposes(centre.extra),
        teams=tuple(every.values()),
        zone=ZoneInfo(centre.timezone),
        now=now,
    )


def _facts(session: Session, keyring: Keyring, row: Submission) -> tuple[Facts, str]:
    if row.deleted_at is not None:
        return Facts(), ""
    try:
        return opened.facts(session, keyring, row.id), ""
    except Refused as refused:
        return Facts(), refused.refusal.say


def _files(session: Session, submission_id: str) -> list[FileNow]:
    rows = select(Document).where(Document.submission_id == submission_id).order_by(col(Document.position))
    return [FileNow(row.id, row.name, row.type, row.pages, row.size) for row in session.exec(rows)]


def _code(session: Session, row: Submission) -> str:
    visit_id = row.visit_id
    if visit_id is None and row.ticket_id is not None:
        ticket = session.get(Ticket, row.ticket_id)
        visit_id = ticket.visit_id if ticket else None
    visit = session.get(Visit, visit_id) if visit_id else None
    return visit.code if visit else ""


def _looks(session: Session, submission_id: str, people: Mapping[int | None, str]) -> list[Look]:
    entries = (
        select(Audit)
        .where(
            Audit.about == f"submission:{submission_id}",
            col(Audit.about).like("submission:%"),
            col(Audit.what).in_([LOOKED, DOWNLOADED]),
        )
        .order_by(col(Audit.at).desc())
        .limit(MOST_LOOKS)
    )
    return [Look(people.get(each.staff_id, "Somebody"), each.at, each.what) for each in session.exec(entries)]


def _sightings(
    session: Session, submission_id: str, people: Mapping[int | None, str]
) -> list[tuple[Sighting, str]]:
    rows = select(Sighting).where(
        Sighting.submission_id == submission_id, col(Sighting.withdrawn_at).is_(None)
    )
    return [(row, people.get(row.staff_id, "")) for row in session.exec(rows)]


def _sent(row: HandOff, every: Mapping[str, Team]) -> Sent:
    return Sent(
        round=row.round,
        team=every[row.team].name if row.team in every else row.team,
        way=row.way,
        made_at=row.made_at,
        sent_at=row.sent_at,
        picked_at=row.picked_at,
        dead=row.dead_at is not None,
        attempts=row.attempts,
        due_at=row.due_at,
        why=row.why,
    )


def _answers(
    form: Shape, answers: Mapping[str, Any], language: str, files: Mapping[str, str]
) -> list[Answered]:
    """Every question that was asked, in order."""
    found = []
    for place in rules.places(form, answers):
        step = step_at(form, place)
        if not isinstance(step, Question):
            continue
        answer = rules.answer_at(answers, place)
        group = step_at(form, Place(place.within)) if place.within else None
        named = answer if isinstance(answer, list) else [answer]
        foreign = language != "en"
        found.append(
            Answered(
                question=say(step.title, "en"),
                answer=_said(form, place, answer, "en"),
                own_question=say(step.title, language) if foreign else "",
                own_answer=_said(form, place, answer, language) if foreign else (),
                seen=rules.was_seen(answers, place),
                group=f"{say(group.title, 'en')} {(place.item or 0) + 1}" if group is not None else "",
                files=[files[each] for each in named if isinstance(each, str) and each in files],
            )
        )
    return found


def _said(form: Shape, place: Place, answer: Any, language: str) -> Sequence[str]:
    return () if answer is None else tuple(rules.shown(form, place, answer, language))


def is_begun(row: Submission) -> bool:
    return row.kind == HandedIn.BEGUN
