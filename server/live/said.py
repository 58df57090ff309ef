"""Complaints, compliments and suggestions as managers see them: the list with what is due, and one with its words, opened for whoever reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from server.domain import said as rules
from server.domain.refusals import Refused
from server.domain.said import Deed
from server.live.paper_one import Answered, read_one
from server.papers.keyring import Keyring
from server.papers.written import UNREADABLE, open_words
from server.store.tables import Centre, Said, Service, Staff
from wire.vocabulary import SaidKind, SaidState

MOST = 200
PRIVATE = "It belongs to a private visit. Ask a colleague who has the right for those to read it."
GONE = "Its words have been deleted: they were kept for as long as the form's papers are."


@dataclass(frozen=True)
class Line:
    """One in the list. `days` since it was received; `due_on` what is to be done next by when."""

    id: str
    kind: SaidKind
    reference: str
    state: SaidState
    received_on: date
    days: int
    due_on: date | None
    late: bool
    service: str
    way: str
    passed_to: str
    ended_at: datetime | None


@dataclass(frozen=True)
class One:
    """`words` or `answers` hold what was said; `unread` says why neither does."""

    line: Line
    row: Said
    deeds: Sequence[Deed]
    words: str
    answers: Sequence[Answered]
    phone: str
    email: str
    unread: str
    service: str
    """The slug of what it is about, or empty."""
    entered_by: str
    acknowledged_by: str
    ended_by: str
    zone: ZoneInfo

    def __repr__(self) -> str:
        return f"One({self.line.id})"


def read_list(
    session: Session, centre: int, now: datetime, *, which: str = "", kind: str = ""
) -> tuple[list[Line], int]:
    """`which` is `late`, `ended`, `all`, or those still open; with how many are late. The one due first stands first, ended ones newest first."""
    zone = ZoneInfo(session.get_one(Centre, centre).timezone)
    today = now.astimezone(zone).date()
    names = {
        each.id: each.names["en"] for each in session.exec(select(Service).where(Service.centre_id == centre))
    }
    chosen: Any = select(Said).where(col(Said.centre_id) == centre)
    if kind:
        chosen = chosen.where(col(Said.kind) == kind)
    opened = [
        _line(row, today, names)
        for row in session.exec(chosen.where(col(Said.ended_at).is_(None)).order_by(col(Said.received_on)))
    ]
    opened.sort(key=lambda line: (line.due_on or date.max, line.received_on, line.id))
    late = [line for line in opened if line.late]
    if which == "late":
        return late[:MOST], len(late)
    if which not in ("ended", "all"):
        return opened[:MOST], len(late)
    over = chosen.where(col(Said.ended_at).is_not(None)).order_by(col(Said.ended_at).desc()).limit(MOST)
    ended = [_line(row, today, names) for row in session.exec(over)]
    return ([*opened, *ended] if which == "all" else ended)[:MOST], len(late)


def read_said(session: Session, keyring: Keyring, row_id: str, now: datetime, *, private: bool) -> One:
    """Opened. `private`: whoever reads has the right for private visits."""
    row = session.get_one(Said, row_id)
    zone = ZoneInfo(session.get_one(Centre, row.centre_id).timezone)
    people = {person.id: person.name for person in session.exec(select(Staff))}
    service = session.get(Service, row.service_id) if row.service_id else None
    words, answers, phone, email, unread = _opened(session, keyring, row, now, private)
    return One(
        line=_line(row, now.astimezone(zone).date(), {service.id: service.names["en"]} if service else {}),
        row=row,
        deeds=rules.deeds_from(SaidState(row.state), SaidKind(row.kind)),
        words=words,
        answers=answers,
        phone=phone,
        email=email,
        unread=unread,
        service=service.slug if service else "",
        entered_by=people.get(row.entered_by, ""),
        acknowledged_by=people.get(row.acknowledged_by, ""),
        ended_by=people.get(row.ended_by, ""),
        zone=zone,
    )


def _opened(
    session: Session, keyring: Keyring, row: Said, now: datetime, private: bool
) -> tuple[str, Sequence[Answered], str, str, str]:
    if row.sealed:
        words = open_words(keyring, row.sealed)
        return words or "", (), "", "", "" if words is not None else UNREADABLE
    if row.submission_id is None:
        return "", (), "", "", GONE
    try:
        found = read_one(session, keyring, row.submission_id, now)
    except Refused as refused:
        return "", (), "", "", refused.refusal.say
    if found.private and not private:
        return "", (), "", "", PRIVATE
    if found.row.deleted_at is not None:
        return "", (), "", "", GONE
    return "", found.answers, found.facts.phone, found.facts.email, found.unread


def _line(row: Said, today: date, names: dict[int | None, str] | dict[int, str]) -> Line:
    state = SaidState(row.state)
    return Line(
        id=row.id,
        kind=SaidKind(row.kind),
        reference=row.reference,
        state=state,
        received_on=row.received_on,
        days=(today - row.received_on).days,
        due_on=rules.next_due(state, row.acknowledge_due_on, row.answer_due_on),
        late=rules.is_late(state, row.acknowledge_due_on, row.answer_due_on, today),
        service=names.get(row.service_id, "") if row.service_id else "",
        way=row.way,
        passed_to=row.passed_to,
        ended_at=row.ended_at,
    )
