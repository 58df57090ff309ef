"""How visitors found their visit: one row an answer, however often it is told, and nothing in it of who gave it.

A kiosk hands an answer over when it can, a page at once; both name it by an id that was made where the finger touched. It belongs to the local day on which it was
given, not to the one on which it was heard of. What was written comes sealed and is kept so (`server.live.said_by_visitors` opens it); no audit line says that it came,
because a line with a time beside a camera's picture would say who.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from server.clock import from_micros
from server.store.queries import counts
from server.store.sql import Statement
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import FeedbackReason, FeedbackWay, Language

_ADD = Statement(
    """INSERT INTO feedback (id, centre_id, given_on, at, way, score, reason, language, service_id, device_id, sealed)
    VALUES (:id, :centre, :given_on, :at, :way, :score, :reason, :language, :service, :device, :sealed)
    ON CONFLICT DO NOTHING"""
)


@dataclass(frozen=True)
class Given:
    """One answer. `at` in microseconds; `sealed` is what was written, sealed to the house's key (base64)."""

    id: str
    centre: int
    at: int
    way: FeedbackWay
    score: int
    reason: FeedbackReason | None = None
    language: Language = Language.EN
    service: int | None = None
    device: int | None = None
    sealed: str = ""


def rate(tx: Tx, ask: asks.Rate) -> dict[str, Any]:
    """A kiosk at the exit tells of one."""
    given = Given(
        id=ask.rating,
        centre=tx.actor.centre,
        at=tx.now - ask.age_ms * 1000,
        way=FeedbackWay.EXIT,
        score=ask.score,
        reason=ask.reason,
        language=ask.language,
        device=tx.actor.id,
        sealed=ask.sealed,
    )
    add(tx, given)
    return {"rating": ask.rating}


def add(tx: Tx, given: Given) -> bool:
    """Write it down; False when it was told before."""
    values = {
        "id": given.id,
        "centre": given.centre,
        "given_on": day_of(tx, given.centre, given.at).isoformat(),
        "at": given.at,
        "way": given.way.value,
        "score": given.score,
        "reason": given.reason.value if given.reason else None,
        "language": given.language.value,
        "service": given.service,
        "device": given.device,
        "sealed": given.sealed or None,
    }
    return tx.sql.run(_ADD, values) == 1


def day_of(tx: Tx, centre: int, at: int) -> date:
    """The centre's date at an instant."""
    return from_micros(at).astimezone(ZoneInfo(counts.zone_name(tx.sql, centre))).date()
