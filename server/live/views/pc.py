"""What a self-service PC shows: what can be done online, the centre's forms, and the page that somebody chose for it at a kiosk."""

from __future__ import annotations

from server.domain.pcs import opens_now
from server.live.floor import Floor
from server.live.views.centre import announcement_rows, centre_row
from server.live.views.signposts import portal_rows
from wire.frames import Row
from wire.rows import OpensRow


def rows(floor: Floor, subject: str) -> dict[str, Row]:
    seen: dict[str, Row] = {"centre": dict(centre_row(floor)), **portal_rows(floor)}
    for device in floor.devices:
        if str(device.id) != subject:
            continue
        opens = opens_now(dict(device.layout), floor.now)
        if opens is not None and f"portal:{opens}" in seen:
            seen["opens"] = dict(OpensRow(kind="opens", portal=opens, name=device.name))
    return seen | announcement_rows(floor)
