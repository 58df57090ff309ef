"""What one lobby display shows: which parts in what weight, whose calls, which waits.

A layout leaves out; it adds nothing: a display can show no more than the lobby's view holds, so no choice here can bring a discreet visit to
a wall. Empty means all, for every part, so a display that was never laid out shows everything and an undone layout does too. Announcements
and that the building must be left are on every display whatever its layout.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tx import Tx
from wire.vocabulary import DeviceKind, RefusalCode

PARTS = ("calls", "waits", "messages")
"""What a display can show. The first of a layout gets the most room."""

_DEVICE = Statement(
    "SELECT kind, name FROM device WHERE id = :device AND centre_id = :centre AND revoked_at IS NULL"
)
_COUNTERS = Statement("SELECT slug FROM counter WHERE centre_id = :centre AND retired_at IS NULL")
_SERVICES = Statement(
    """SELECT slug FROM service WHERE centre_id = :centre AND retired_at IS NULL AND NOT discreet AND NOT private"""
)
_SET = Statement("UPDATE device SET layout = :layout WHERE id = :device")


def set_layout(
    tx: Tx, device_id: int, shows: Sequence[str], counters: Sequence[str], services: Sequence[str]
) -> None:
    """Lay out a display of the actor's centre. Refuses what is no display, and parts, counters and services that are not there."""
    centre = tx.actor.centre
    record = tx.sql.one(_DEVICE, {"device": device_id, "centre": centre})
    if record is None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such device at this centre now.")
    if record[0] != DeviceKind.DISPLAY:
        raise Refused(RefusalCode.MALFORMED, f"{record[1]} is not a lobby display, so it has no layout.")
    offered = {each[0] for each in tx.sql.all(_SERVICES, {"centre": centre})}
    there = {each[0] for each in tx.sql.all(_COUNTERS, {"centre": centre})}
    _refuse_unknown(shows, PARTS, "A display can show calls, waits and messages, and nothing called {}.")
    _refuse_unknown(counters, there, "This centre has no counter {} now. Load the page again.")
    _refuse_unknown(
        services,
        offered,
        "No waits of {} can be shown: it is not offered, or not in public. Load the page again.",
    )
    layout = {
        "shows": list(dict.fromkeys(shows)),
        "counters": sorted(set(counters)),
        "services": sorted(set(services)),
    }
    tx.sql.run(_SET, {"layout": json.dumps(layout), "device": device_id})
    tx.audit("laid out", record[1], **layout)
    tx.touch(centre)


def _refuse_unknown(given: Sequence[str], known: Collection[str], say: str) -> None:
    unknown = next((each for each in given if each not in known), None)
    if unknown is not None:
        raise Refused(RefusalCode.UNKNOWN, say.format(unknown[:40]))
