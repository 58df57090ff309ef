"""What a kiosk needs to take papers and forms: whose key to seal to, and what papers can be handed in for."""

from __future__ import annotations

from server.domain import handing
from server.live.floor import Floor
from wire.frames import Row
from wire.rows import HandInRow, PurposeRow


def hand_in_rows(floor: Floor) -> dict[str, Row]:
    seen: dict[str, Row] = {}
    if floor.recipients:
        seen["hand_in"] = dict(HandInRow(kind="hand_in", recipients=list(floor.recipients)))
    for order, purpose in enumerate(handing.purposes(floor.set_up.centre.extra)):
        seen[f"purpose:{purpose.slug}"] = dict(_purpose_row(purpose, order))
    return seen


def _purpose_row(purpose: handing.Purpose, order: int) -> PurposeRow:
    return PurposeRow(
        kind="purpose",
        id=purpose.slug,
        names=dict(purpose.names),
        icon=purpose.icon,
        order=order,
        asks=dict(purpose.asks),
        ready=dict(purpose.ready),
        keep_days=purpose.keep_days,
        whom=dict(purpose.whom),
        service=purpose.service,
    )
