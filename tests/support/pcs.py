"""A self-service PC of a rehearsal's centre, and a page elsewhere that kiosks can send to it."""

from __future__ import annotations

from server.clock import from_micros
from server.domain.access import Actor
from server.store.tables import Centre, Device
from server.store.tx import Tx
from tests.support.house import Rehearsal
from wire.vocabulary import DeviceKind


async def pc_beside(rehearsal: Rehearsal, name: str = "PC 1") -> Actor:
    """Paired, and the centre has the page `vote`."""

    def add(tx: Tx) -> Actor:
        centre = tx.session().get_one(Centre, rehearsal.kiosk.centre)
        page = {"slug": "vote", "names": {"en": "Register to vote"}, "url": "https://www.example.org/vote"}
        centre.extra = {**centre.extra, "portals": [page]}
        centre.version += 1
        device = Device(
            centre_id=rehearsal.kiosk.centre,
            kind=DeviceKind.PC,
            name=name,
            token_hash=f"hash of {name}",
            approved_at=from_micros(tx.now),
        )
        tx.session().add(device)
        tx.session().flush()
        tx.touch(rehearsal.kiosk.centre)
        assert device.id is not None
        return Actor(kind="device", id=device.id, centre=rehearsal.kiosk.centre, device=DeviceKind.PC)

    return await rehearsal.house.change(rehearsal.people["ada"], "pc", add)
