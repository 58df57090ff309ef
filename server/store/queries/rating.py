"""The visit behind a ticket's secret once it is over, so that its visitor can be asked once how it was.

The secret's hash is in an index only while a visit is open (an index of years of hashes would cost every new visit a page). So it is looked for
among the visits of the last two days, centre by centre, through the index of their codes: some hundred rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from server.clock import from_micros
from server.store.sql import Sql, Statement
from wire.vocabulary import Language, TicketState

ASKED_FOR = 24 * 3600 * 1_000_000
"""How long after its end a visit is asked about."""
_BACK = timedelta(days=2)
"""A visit that ended a day ago may have begun before midnight, and east or west of here it was another date."""

_CENTRES = Statement("SELECT id FROM centre ORDER BY id")
_VISIT = Statement(
    """SELECT id, centre_id, language, discreet, rated, merged_into, ended_at FROM visit
    WHERE centre_id = :centre AND arrived_on >= :since AND (follow_hash = :key OR shown_hash = :key)"""
)
_BECAME = Statement(
    "SELECT id, centre_id, language, discreet, rated, merged_into, ended_at FROM visit WHERE id = :visit"
)
_TICKETS = Statement(
    """SELECT t.state, t.served_at, t.service_id, s.discreet, s.private FROM ticket t JOIN service s ON s.id = t.service_id
    WHERE t.visit_id = :visit AND t.counted AND t.state <> 'transferred' ORDER BY COALESCE(t.ended_at, 0) DESC, t.id DESC"""
)
_MOST_MERGES = 8


@dataclass(frozen=True)
class Ended:
    """A visit that is over since a day at most. `service` is the one they were last at, where it may be named."""

    visit: str
    centre: int
    language: Language
    rated: bool
    missed: bool
    """They were called and did not come; they may still be in the house, and need a person rather than a question."""
    service: int | None


def ended_visit(sql: Sql, key: str, now: int) -> Ended | None:
    """`key` is the hash of the secret. None: it opens nothing, the visit is not over, or it was over long ago."""
    since = (from_micros(now) - _BACK).date().isoformat()
    for (centre,) in sql.all(_CENTRES, {}):
        found = sql.one(_VISIT, {"centre": centre, "since": since, "key": key})
        if found is not None:
            return _ended(sql, found, now)
    return None


def _ended(sql: Sql, found: Sequence[object], now: int) -> Ended | None:
    for _ in range(_MOST_MERGES):
        if found[5] is None:
            break
        became = sql.one(_BECAME, {"visit": found[5]})
        if became is None:
            return None
        found = became
    visit, centre, language, discreet, rated, _, ended_at = found
    if not isinstance(ended_at, int) or now - ended_at > ASKED_FOR:
        return None
    tickets = sql.all(_TICKETS, {"visit": visit})
    last = next((each for each in tickets if each[1] is not None), tickets[0] if tickets else None)
    hidden = bool(discreet) or last is None or bool(last[3]) or bool(last[4])
    return Ended(
        visit=str(visit),
        centre=int(str(centre)),
        language=Language(str(language)),
        rated=bool(rated),
        missed=bool(tickets)
        and tickets[0][0] == TicketState.NO_SHOW
        and last is not None
        and last[1] is None,
        service=None if hidden or last is None else int(last[2]),
    )
