"""How visitors found their visit: one row an answer, however often it is told, and nothing in it of who gave it.

A kiosk hands an answer over when it can, a page at once; both name it by an id that was made where the finger touched. It belongs to the local day on which it was
given, not to the one on which it was heard of. What was written comes sealed and is kept so (`server.live.said_by_visitors` opens it); no audit line says that it came,
because a line with a time beside a camera's picture would say who.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from server.clock import from_micros
from server.domain.refusals import Refused
from server.store.queries import counts
from server.store.queries.rating import Ended
from server.store.sql import Statement
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import FeedbackReason, FeedbackWay, Language, RefusalCode

REFINED_WITHIN = 2 * 3600 * 1_000_000
"""So long an answer can be added to by the page on which it was given. Of a phone only the hour is known, hence the second one."""
HOUR = 3600 * 1_000_000
_ADD = Statement(
    """INSERT INTO feedback (id, centre_id, given_on, at, way, score, reason, language, service_id, device_id, sealed)
    VALUES (:id, :centre, :given_on, :at, :way, :score, :reason, :language, :service, :device, :sealed)
    ON CONFLICT DO NOTHING"""
)
_ANOTHER_FACE = Statement(
    """UPDATE feedback SET score = :score WHERE id = :id AND centre_id = :centre AND way = :way AND device_id IS NULL
    AND at >= :since AND withdrawn_at IS NULL"""
)
_REFINE = Statement(
    """UPDATE feedback SET reason = COALESCE(:reason, reason), sealed = COALESCE(:sealed, sealed)
    WHERE id = :id AND centre_id = :centre AND device_id IS NULL AND at >= :since AND withdrawn_at IS NULL"""
)
_MARK = Statement("UPDATE visit SET rated = :yes WHERE id = :visit AND rated = :no")
_SEEN = Statement(
    """UPDATE feedback SET seen_at = :now, seen_by = :staff WHERE id = :id AND centre_id = :centre AND sealed IS NOT NULL
    AND seen_at IS NULL"""
)
_TAKE_OUT = Statement(
    """UPDATE feedback SET withdrawn_at = :now, withdrawn_by = :staff WHERE id = :id AND centre_id = :centre
    AND withdrawn_at IS NULL"""
)
_PUT_BACK = Statement(
    """UPDATE feedback SET withdrawn_at = NULL, withdrawn_by = NULL WHERE id = :id AND centre_id = :centre
    AND withdrawn_at IS NOT NULL"""
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


def give(tx: Tx, given: Given) -> bool:
    """A page tells of one, perhaps a second time because its visitor went back and chose another face. False: it is too late for that."""
    if add(tx, given):
        return True
    values = {
        "id": given.id,
        "centre": given.centre,
        "way": given.way.value,
        "score": given.score,
        "since": tx.now - REFINED_WITHIN,
    }
    return tx.sql.run(_ANOTHER_FACE, values) == 1


def refine(tx: Tx, rating: str, centre: int, reason: FeedbackReason | None = None, sealed: str = "") -> bool:
    """What the answer is about, or what was written with it. Who knows its number may, for a while. False: there is no such answer any more."""
    values = {
        "id": rating,
        "centre": centre,
        "reason": reason.value if reason else None,
        "sealed": sealed or None,
        "since": tx.now - REFINED_WITHIN,
    }
    return tx.sql.run(_REFINE, values) == 1


def give_of_visit(tx: Tx, ended: Ended, score: int, language: Language) -> str | None:
    """The answer of a visit that is over, once: its number, or None when there was one before.

    Nothing leads from the row to the visit: the visit keeps a mark without a time, the answer the hour and no more, and its number is drawn by lot, where
    others rise with time.
    """
    if tx.sql.run(_MARK, {"visit": ended.visit, "yes": True, "no": False}) != 1:
        return None
    given = Given(
        id=secrets.token_hex(16),
        centre=ended.centre,
        at=tx.now - tx.now % HOUR,
        way=FeedbackWay.PHONE,
        score=score,
        language=language,
        service=ended.service,
    )
    add(tx, given)
    return given.id


# What managers do with it ------------------------------------------------------------------------------------------------


def deal_with(tx: Tx, rating: str) -> None:
    """A manager has read what was written, and done what was to be done."""
    values = {"id": rating, "centre": tx.actor.centre, "now": tx.now, "staff": tx.actor.id}
    if tx.sql.run(_SEEN, values) == 1:
        tx.audit("comment_dealt_with", f"feedback:{rating}")


def take_out(tx: Tx, ratings: Sequence[str]) -> int:
    """Count these no more: children at play, a test. They stay, and can be put back. Refuses those that are not there."""
    values = {"centre": tx.actor.centre, "now": tx.now, "staff": tx.actor.id}
    taken = sum(tx.sql.run(_TAKE_OUT, {**values, "id": each}) for each in ratings)
    if not taken:
        raise Refused(
            RefusalCode.UNKNOWN, "These answers are not counted any more, or are not of this centre."
        )
    tx.audit("ratings_taken_out", f"centre:{tx.actor.centre}", number=taken)
    return taken


def put_back(tx: Tx, rating: str) -> None:
    """Count it again."""
    if tx.sql.run(_PUT_BACK, {"id": rating, "centre": tx.actor.centre}) != 1:
        raise Refused(RefusalCode.UNKNOWN, "This answer counts already, or is not of this centre.")
    tx.audit("rating_put_back", f"feedback:{rating}")


def day_of(tx: Tx, centre: int, at: int) -> date:
    """The centre's date at an instant."""
    return from_micros(at).astimezone(ZoneInfo(counts.zone_name(tx.sql, centre))).date()
