"""What became of each device over the last months: its history, written as it changes.

A report is compared with the one kept in the device's row, by the same single look-up that a report costs anyway; one that says the same
again writes nothing more. That a device fell silent cannot come from the device, so the rounds note it, once for each silence, and the next
report notes that it is heard again. A door counter is not expected to report every minute and is left out of that.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from server.actions.issuing import device_seen
from server.domain.concerns import SILENT_AFTER
from server.domain.device_health import changes
from server.store.sql import Statement, document
from server.store.tables import DeviceEvent
from server.store.tx import Tx
from wire.asks import Health
from wire.vocabulary import DeviceKind

KEEP = timedelta(days=90)
MOST = 2_000
"""Events kept of one device, so that one with a loose cable cannot fill the disk."""
SHOWN = 200

_LAST = Statement(
    """SELECT health, (SELECT e.what FROM device_event e WHERE e.device_id = d.id ORDER BY e.at DESC, e.id DESC LIMIT 1)
    FROM device d WHERE d.id = :device AND d.revoked_at IS NULL"""
)
_ADD = Statement("INSERT INTO device_event (device_id, at, what, say) VALUES (:device, :at, :what, :say)")
_SILENT = Statement(
    """SELECT d.id, COALESCE(d.seen_at, d.approved_at) FROM device d WHERE d.revoked_at IS NULL AND d.kind <> :door
    AND COALESCE(d.seen_at, d.approved_at) < :before AND NOT EXISTS (SELECT 1 FROM device_event e WHERE e.device_id = d.id
    AND e.what = 'silent' AND e.at >= COALESCE(d.seen_at, d.approved_at))"""
)
_SWEEP_OLD = Statement("DELETE FROM device_event WHERE at < :before")
_SWEEP_MANY = Statement(
    """DELETE FROM device_event WHERE id IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER
    (PARTITION BY device_id ORDER BY at DESC, id DESC) AS place FROM device_event) AS placed WHERE place > :most)"""
)


class Happened(NamedTuple):
    at: Any
    what: str
    say: str


def health(tx: Tx, ask: Health) -> dict[str, Any]:
    """Keep a device's report, and what in it differs from the last one."""
    record = tx.sql.one(_LAST, {"device": tx.actor.id})
    if record is not None:
        if record[1] == "silent":
            _note(tx, tx.actor.id, "heard", "Heard from again.")
        for event in changes(document(record[0]) or {}, ask.model_dump(mode="json", exclude={"do"})):
            _note(tx, tx.actor.id, event.what, event.say)
    return device_seen(tx, ask.model_dump_json(exclude={"do"}))


def note_silent(tx: Tx) -> int:
    """Note every device that has been silent for too long and of which that was not yet said; how many."""
    found = tx.sql.all(_SILENT, {"door": DeviceKind.DOOR_COUNTER.value, "before": tx.now - SILENT_AFTER})
    for device, _heard_at in found:
        _note(tx, device, "silent", "Not heard from for 3 minutes.")
    return len(found)


def sweep(tx: Tx) -> None:
    """Let go what is older than `KEEP`, and of each device what is more than `MOST`."""
    tx.sql.run(_SWEEP_OLD, {"before": tx.now - round(KEEP.total_seconds() * 1_000_000)})
    tx.sql.run(_SWEEP_MANY, {"most": MOST})


def history(session: Session, device_id: int) -> list[Happened]:
    """The latest events of one device, newest first."""
    found = select(DeviceEvent).where(DeviceEvent.device_id == device_id)
    newest = found.order_by(col(DeviceEvent.at).desc(), col(DeviceEvent.id).desc()).limit(SHOWN)
    return [Happened(each.at, each.what, each.say) for each in session.exec(newest)]


def _note(tx: Tx, device: int, what: str, say: str) -> None:
    tx.sql.run(_ADD, {"device": device, "at": tx.now, "what": what, "say": say[:500]})
