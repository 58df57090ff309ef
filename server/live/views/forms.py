"""The forms that can be filled in at a kiosk: what they are called, and by which digest their text is known."""

from __future__ import annotations

from server.domain.said import SAID_FORM
from server.live.floor import Floor
from server.live.offered_forms import OfferedNow
from wire.frames import Row
from wire.rows import FormRow


def form_rows(floor: Floor) -> dict[str, Row]:
    offered = [each for each in floor.set_up.forms if each.row.at_kiosks]
    return {f"form:{each.slug}": dict(_row(floor, each, order)) for order, each in enumerate(offered)}


def _row(floor: Floor, each: OfferedNow, order: int) -> FormRow:
    row = FormRow(
        kind="form",
        id=each.slug,
        names=dict(each.shape.title),
        help=dict(each.shape.lead),
        icon=each.row.icon,
        order=order,
        version=each.version,
        digest=each.digest,
        minutes=each.shape.minutes,
        service=each.row.service,
        synonyms=list(each.shape.synonyms),
    )
    if each.slug == SAID_FORM:
        row["promised"] = [floor.promise.acknowledge, floor.promise.answer]
    return row
