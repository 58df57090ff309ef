"""What visitors wrote with their answers, opened for a manager who reads it; and runs of answers that look like play.

Nothing here is in any feed or figure: the words are opened for one page, by whoever has the keys, and are gone with it. Who calls writes the look down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from server.clock import to_micros
from server.domain import rating
from server.domain.rating import Answer, Run
from server.papers.keyring import Keyring
from server.papers.written import open_words
from server.store.tables import Device, Feedback, Staff
from wire.body import clean_text
from wire.vocabulary import FeedbackWay

PORTION = 30
LOOK_BACK = timedelta(days=14)
"""How far back a run of answers is looked for."""


@dataclass(frozen=True)
class Comment:
    """`words` None: they cannot be opened with the keys of this house."""

    id: str
    at: datetime
    way: str
    score: int
    reason: str
    language: str
    device: str
    words: str | None
    seen_at: datetime | None
    seen_by: str
    taken_out: bool

    def __repr__(self) -> str:
        return f"Comment({self.id})"


@dataclass(frozen=True)
class Comments:
    """The newest first. `more` is the place to go on from, empty at the end."""

    found: tuple[Comment, ...]
    unread: int
    more: str


def read_comments(session: Session, keyring: Keyring, centre: int, *, every: bool, after: str) -> Comments:
    """Those not dealt with yet, or every one there is; from `after` on, which a page before gave."""
    written: Any = select(Feedback).where(
        col(Feedback.centre_id) == centre, col(Feedback.sealed).is_not(None)
    )
    unread = len(session.exec(written.where(col(Feedback.seen_at).is_(None))).all())
    if not every:
        written = written.where(col(Feedback.seen_at).is_(None))
    last = session.get(Feedback, after) if after else None
    if last is not None:
        earlier = col(Feedback.at) < last.at
        written = written.where(earlier | ((col(Feedback.at) == last.at) & (col(Feedback.id) < last.id)))
    rows = session.exec(
        written.order_by(col(Feedback.at).desc(), col(Feedback.id).desc()).limit(PORTION + 1)
    ).all()
    people = {person.id: person.name for person in session.exec(select(Staff))}
    devices = {
        device.id: device.name for device in session.exec(select(Device).where(Device.centre_id == centre))
    }
    found = tuple(
        Comment(
            id=row.id,
            at=row.at,
            way=row.way,
            score=row.score,
            reason=row.reason or "",
            language=row.language,
            device=devices.get(row.device_id, ""),
            words=_words(keyring, row.sealed or ""),
            seen_at=row.seen_at,
            seen_by=people.get(row.seen_by, ""),
            taken_out=row.withdrawn_at is not None,
        )
        for row in rows[:PORTION]
    )
    return Comments(found, unread, found[-1].id if len(rows) > PORTION else "")


def _words(keyring: Keyring, sealed: str) -> str | None:
    """Cleaned here, for a kiosk seals before anybody could."""
    words = open_words(keyring, sealed)
    return None if words is None else clean_text(words)


def read_runs(session: Session, centre: int, now: datetime) -> list[Run]:
    """Runs among the answers that count. A ticket's page answers once a visit, and only the hour is known: it has none."""
    counted = select(Feedback.id, Feedback.at, Feedback.way, Feedback.device_id).where(
        col(Feedback.centre_id) == centre,
        col(Feedback.given_on) >= (now - LOOK_BACK).date(),
        col(Feedback.way) != FeedbackWay.PHONE.value,
        col(Feedback.withdrawn_at).is_(None),
    )
    return rating.runs(
        Answer(number, to_micros(at), f"{way}:{device or 0}")
        for number, at, way, device in session.exec(counted)
    )
