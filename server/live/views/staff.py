"""The doorbell of the staff pages: a mark for each part of the page that changes whenever that part would.

The rows carry nothing else. A page that hears its mark change fetches the part anew, through its own access check.
"""

from __future__ import annotations

from typing import Any

from server.live.floor import Floor
from server.live.views.centre import centre_row
from wire.frames import Row
from wire.rows import BellRow


def _mark(*parts: Any) -> dict[str, Any]:
    return dict(BellRow(kind="bell", mark=f"{hash(parts) & 0xFFFF_FFFF_FFFF_FFFF:016x}"))


def rows(floor: Floor, _subject: str) -> dict[str, Row]:
    tickets = (floor.waiting, floor.at_counters, floor.parked)
    devices = tuple((device.id, device.name, repr(sorted(device.health.items()))) for device in floor.devices)
    asked = tuple((*each[:4], repr(each.detail), *each[5:]) for each in floor.asked)
    return {
        "centre": dict(centre_row(floor)),
        "floor": _mark(
            tickets,
            floor.seats,
            tuple(sorted(floor.waiting_count.items())),
            floor.last_note,
            floor.handed_in,
            floor.set_up.version,
            tuple(each.id for each in floor.announced),
        ),
        "diary": _mark(floor.diary),
        "attention": _mark(asked, floor.attention, devices),
    }
