"""Tickets handed over by an issuing point, and what became of their paper.

The point has already given the ticket out, so there is nothing to decide about numbers here, only to check: the code is of the point's own
letter (or of one that its machine owned before it was paired anew) and nobody else's today. A service that is closed or retired by now still takes the ticket, because a person holds it. A ticket of
an earlier day, handed over when the line is back after days, is entered for the figures and ended at once: its visitor has gone home, and
today somebody else may hold the same code.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from server.actions import goes_with, queue, replacing
from server.clock import from_micros
from server.domain import tickets as rules
from server.domain.refusals import Refused
from server.store.queries import tickets
from server.store.sql import Statement
from server.store.tx import Tx
from wire.asks import Issue, Paper
from wire.vocabulary import Channel, PaperState, RefusalCode


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_date(micros: int, timezone: str) -> str:
    """The centre's date at an instant, ISO."""
    return datetime.fromtimestamp(micros / 1_000_000, _zone(timezone)).date().isoformat()


def issue(tx: Tx, ask: Issue) -> dict[str, Any]:
    """Enter a visit with its first ticket. Refuses a code of another point or given twice, and an unknown service."""
    centre = tx.actor.centre
    place = tickets.issuing_place(tx.sql, centre, tx.actor.id, ask.service)
    if place is None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such service. See to the visitor by hand.")
    if place.letter != ask.code[0] and not replacing.was_its_own(tx.sql, tx.actor.id, centre, ask.code[0]):
        raise Refused(
            RefusalCode.CODE_TAKEN,
            f"The code {ask.code} does not belong to this kiosk. See to the visitor by hand.",
        )
    arrived = tx.now - ask.age_ms * 1000
    visit = {
        "id": ask.visit,
        "centre": centre,
        "arrived_on": local_date(arrived, place.timezone),
        "code": ask.code,
        "language": ask.language.value,
        "needs": json.dumps([need.value for need in ask.needs]),
        "discreet": ask.discreet or bool(place.discreet),
        "channel": Channel.KIOSK.value,
        "device": tx.actor.id,
        "follow_hash": ask.follow_hash,
        "arrived_at": arrived,
    }
    if not tickets.add_visit(tx.sql, visit):
        if tickets.visit_exists(tx.sql, ask.visit):
            raise Refused(RefusalCode.ID_REUSED, "This visit is already entered.")
        raise Refused(
            RefusalCode.CODE_TAKEN,
            f"The code {ask.code} was already given today. See to the visitor by hand.",
        )
    ticket = {
        "id": ask.ticket,
        "visit": ask.visit,
        "centre": centre,
        "service": place.service,
        "ticket_class": place.ticket_class,
        "arrived_at": arrived,
        "counts_from": arrived,
        "for_counter": None,
        "follows": None,
        "paper": ask.paper.value,
    }
    if not tickets.add_ticket(tx.sql, ticket):
        raise Refused(RefusalCode.ID_REUSED, "This ticket is already entered.")
    goes_with.ticket_came(tx, ask.ticket, ask.visit)
    if arrived < tx.now - rules.NIGHT and visit["arrived_on"] != local_date(tx.now, place.timezone):
        queue.end_gone_home(tx, ask.ticket)
    tx.touch(centre)
    return {"ticket": ask.ticket, "code": ask.code}


_PAPER = Statement(
    """UPDATE ticket SET paper = :paper, copies = :copies
    WHERE id = :ticket AND centre_id = :centre AND EXISTS (SELECT 1 FROM visit v WHERE v.id = ticket.visit_id AND (v.device_id = :device OR
    EXISTS (SELECT 1 FROM device d JOIN device me ON me.machine = d.machine WHERE d.id = v.device_id AND me.id = :device AND d.machine <> '')))"""
)


def paper(tx: Tx, ask: Paper) -> dict[str, Any]:
    """What became of the paper of a ticket this very kiosk issued, under whatever identity."""
    values = {
        "paper": ask.paper.value,
        "copies": ask.copies,
        "ticket": ask.ticket,
        "centre": tx.actor.centre,
        "device": tx.actor.id,
    }
    if tx.sql.run(_PAPER, values) != 1:
        raise Refused(RefusalCode.UNKNOWN, "This kiosk issued no such ticket.")
    if ask.paper in (PaperState.UNKNOWN, PaperState.NOT_PRINTED):
        tx.touch(tx.actor.centre)
    return {}


_HEALTH = Statement(
    "UPDATE device SET health = :health, health_at = :at, seen_at = :at WHERE id = :device AND revoked_at IS NULL"
)


def device_seen(tx: Tx, health: str) -> dict[str, Any]:
    """Keep a device's last health report (JSON)."""
    tx.sql.run(_HEALTH, {"health": health, "at": tx.now, "device": tx.actor.id})
    tx.touch(tx.actor.centre)
    return {"at": int(from_micros(tx.now).timestamp())}
