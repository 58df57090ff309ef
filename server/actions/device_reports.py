"""What a kiosk says it has done for staff: a paper printed, itself tested.

**Which QR works.** Each paper carries a QR of its own, whose secret the kiosk made; a visit keeps two hashes. A visitor whom a greeter
entered has none on paper yet, so the first paper's hash takes the place of the one that is nobody's, and stays for good. Any later
paper, and any paper for a visit that a kiosk issued, goes beside it (`shown_hash`): the first paper, which the visitor may still
hold or have open on a phone, goes on working, and so does the newest. What gives way is the one in between, a QR shown on a
greeter's screen or a second paper that was printed again because it was lost.

**What is known of the ticket's paper.** The first paper's state is the ticket's. Once a paper is out, another that fails takes nothing
back; one that came out, or may have, counts as a copy.
"""

from __future__ import annotations

from typing import Any

from server.clock import from_micros
from server.domain.refusals import Refused
from server.store.sql import Record, Statement
from server.store.tables import Device
from server.store.tx import Tx
from wire.asks import Printed, SelfTest
from wire.vocabulary import Channel, PaperState, RefusalCode

_OUT = frozenset({PaperState.CONFIRMED, PaperState.UNKNOWN})
"""It is on paper, or may be."""
_JOB = Statement(
    """SELECT p.ticket_id, p.paper, t.paper, t.copies, t.visit_id, v.channel FROM print_job p
    LEFT JOIN ticket t ON t.id = p.ticket_id LEFT JOIN visit v ON v.id = t.visit_id
    WHERE p.id = :job AND p.centre_id = :centre AND p.device_id = :device"""
)
_DONE = Statement("UPDATE print_job SET done_at = COALESCE(done_at, :now), paper = :paper WHERE id = :job")
_TICKET = Statement("UPDATE ticket SET paper = :paper, copies = :copies WHERE id = :ticket")
_QR_IS_OUT = Statement(
    """SELECT 1 FROM ticket WHERE visit_id = :visit AND (copies > 0 OR (:by_hand AND paper IN ('confirmed', 'unknown'))) LIMIT 1"""
)
_FIRST_QR = Statement(
    "UPDATE visit SET follow_hash = :hash WHERE id = :visit AND (ended_at IS NULL OR merged_into IS NOT NULL)"
)
_LATER_QR = Statement(
    "UPDATE visit SET shown_hash = :hash WHERE id = :visit AND (ended_at IS NULL OR merged_into IS NOT NULL)"
)
"""One that became part of another while its paper came out is followed to there."""


def printed(tx: Tx, ask: Printed) -> dict[str, Any]:
    """What became of a paper that staff sent to this very kiosk. Its first word stands; refuses another device's, and a word that is no end."""
    here = {"job": ask.job, "centre": tx.actor.centre, "device": tx.actor.id}
    job = tx.sql.one(_JOB, here)
    if job is None:
        raise Refused(RefusalCode.UNKNOWN, "This kiosk was asked to print no such paper.")
    if ask.paper not in _OUT | {PaperState.NOT_PRINTED}:
        raise Refused(
            RefusalCode.MALFORMED, "Say what became of the paper: confirmed, unknown or not_printed."
        )
    if job[1]:
        return {}
    tx.sql.run(_DONE, {"now": tx.now, "paper": ask.paper.value, "job": ask.job})
    if job[0] is not None:
        _of_ticket(tx, ask, job)
    tx.touch(tx.actor.centre)
    return {}


def _of_ticket(tx: Tx, ask: Printed, job: Record) -> None:
    ticket, _, paper, copies, visit, channel = job
    if ask.follow_hash is not None and ask.paper in _OUT:
        # A paper ticket of the emergency pack is paper without a QR of ours: only copies printed since carry one.
        by_hand = channel == Channel.GREETER
        taken = channel in (Channel.KIOSK, Channel.WEB) or tx.sql.one(
            _QR_IS_OUT, {"visit": visit, "by_hand": by_hand}
        )
        tx.sql.run(_LATER_QR if taken else _FIRST_QR, {"hash": ask.follow_hash, "visit": visit})
    if paper in _OUT or paper == PaperState.SENT:
        copies = min(copies + 1, 99) if ask.paper in _OUT else copies
        paper = PaperState.CONFIRMED if ask.paper is PaperState.CONFIRMED else paper
    else:
        paper = ask.paper
    tx.sql.run(_TICKET, {"paper": str(paper), "copies": copies, "ticket": ticket})


def self_test(tx: Tx, ask: SelfTest) -> dict[str, Any]:
    """Keep what a device found out about itself; the latest replaces what was before. What follows from it is decided elsewhere."""
    device = tx.session().get_one(Device, tx.actor.id)
    device.tested = [finding.model_dump() for finding in ask.findings]
    device.tested_at = from_micros(tx.now)
    if ask.job is not None and device.test_job == ask.job:
        device.test_job = None
    tx.session().add(device)
    tx.touch(tx.actor.centre)
    return {}
