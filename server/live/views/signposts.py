"""What a kiosk needs to point somebody to a page elsewhere: the pages by need, and the self-service PCs that can open one."""

from __future__ import annotations

from server.domain import handing
from server.domain.pcs import is_free
from server.live.floor import Floor
from wire.frames import Row
from wire.rows import PcRow, PortalRow
from wire.vocabulary import DeviceKind


def portal_rows(floor: Floor) -> dict[str, Row]:
    """In the order the centre's plan has them."""
    return {
        f"portal:{portal.slug}": dict(_portal_row(portal, order))
        for order, portal in enumerate(handing.portals(floor.set_up.centre.extra))
    }


def pc_rows(floor: Floor) -> dict[str, Row]:
    return {
        f"pc:{pc.id}": dict(
            PcRow(kind="pc", id=str(pc.id), name=pc.name, free=is_free(pc.layout, pc.health_at, floor.now))
        )
        for pc in floor.devices
        if pc.kind == DeviceKind.PC
    }


def _portal_row(portal: handing.Portal, order: int) -> PortalRow:
    return PortalRow(
        kind="portal",
        id=portal.slug,
        names=dict(portal.names),
        url=portal.url,
        ready=dict(portal.ready),
        icon=portal.icon,
        order=order,
        service=portal.service,
        synonyms=list(portal.synonyms),
    )
