"""What waits for which team, and what lies where teams fetch it: what the hand-off job looks at, cheap enough to be looked at every other second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection
from sqlmodel import Session, col, or_, select

from server.domain.hand_off import team_of
from server.domain.handing import Team, TeamWay
from server.store.sql import Sql, Statement
from server.store.tables import Centre, HandOff, Submission
from wire.vocabulary import SubmissionState

MOST_LOOKED_FOR = 500
LAID = frozenset({TeamWay.FOLDER, TeamWay.SFTP})

_TEAMS = Statement(
    """SELECT centre_id, team FROM hand_off WHERE sent_at IS NULL AND dead_at IS NULL AND due_at <= :now GROUP BY centre_id, team
    ORDER BY MIN(due_at), centre_id, team"""
)
# The plus keeps SQLite to the index of what is due, instead of all that a centre ever handed off.
_DUE = Statement(
    """SELECT id FROM hand_off WHERE sent_at IS NULL AND dead_at IS NULL AND due_at <= :now AND +centre_id = :centre AND team = :team
    ORDER BY made_at, id LIMIT :most"""
)


def due_teams(connection: Connection, now: int) -> list[tuple[int, str]]:
    """Centre and team, the longest due first."""
    return [(row[0], row[1]) for row in Sql(connection).all(_TEAMS, {"now": now})]


def due_to_team(connection: Connection, centre: int, team: str, now: int, most: int) -> list[str]:
    values = {"now": now, "centre": centre, "team": team, "most": most}
    return [row[0] for row in Sql(connection).all(_DUE, values)]


@dataclass(frozen=True)
class Laying:
    """One that lies where its team fetches it."""

    id: str
    reference: str
    round: int
    centre: int
    centre_slug: str
    team: Team
    why: str


def to_take_back(session: Session, why: str, now: datetime) -> tuple[list[Laying], list[tuple[int, str]]]:
    """What lies somewhere and is to be taken away again, known by `why`; and centre and id of what we have no way to any more. One that a server has in
    hand is left to it until it has noted what came of it, or its time is over."""
    rows = _rows(
        session,
        [
            col(HandOff.why) == why,
            col(HandOff.dead_at).is_not(None),
            or_(col(HandOff.sending_since).is_(None), col(HandOff.due_at) <= now),
        ],
    )
    reached = [laying for row, reference, centre in rows if (laying := _laying(row, reference, centre))]
    stranded = {row.id: row.centre_id for row, _, _ in rows}
    for each in reached:
        del stranded[each.id]
    return reached, [(centre, id_) for id_, centre in stranded.items()]


def laid_down(session: Session) -> list[Laying]:
    """What nobody has fetched yet, the oldest first. A team whose way was changed since is not asked any more."""
    open_ones = [
        col(Submission.deleted_at).is_(None),
        col(Submission.state) == SubmissionState.HANDED_OFF,
        col(HandOff.dead_at).is_(None),
    ]
    rows = _rows(session, open_ones)
    return [laying for row, reference, centre in rows if (laying := _laying(row, reference, centre))]


def _rows(session: Session, which: Sequence[ColumnElement[bool]]) -> Sequence[tuple[HandOff, str, Centre]]:
    return session.exec(
        select(HandOff, Submission.reference, Centre)
        .join(Submission, col(Submission.id) == col(HandOff.submission_id))
        .join(Centre, col(Centre.id) == col(HandOff.centre_id))
        .where(
            *which,
            col(HandOff.sent_at).is_not(None),
            col(HandOff.picked_at).is_(None),
            col(HandOff.way).in_([way.value for way in LAID]),
        )
        .order_by(col(HandOff.sent_at), col(HandOff.id))
        .limit(MOST_LOOKED_FOR)
    ).all()


def _laying(row: HandOff, reference: str, centre: Centre) -> Laying | None:
    team = team_of(centre.extra, row.team)
    if team is None or team.way.value != row.way:
        return None
    return Laying(row.id, reference, row.round, row.centre_id, centre.slug, team, row.why)
