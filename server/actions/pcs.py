"""Self-service PCs: a kiosk sends a page to one, and its browser says whether somebody sits at it.

A PC's browser rests on the page `/pc`, which is its side of this. What a kiosk sends is one of the centre's own pages elsewhere (`portal`), never an
address, so nobody can make a PC open anything else. Nothing of it says who chose it (`server.domain.pcs`
says how long it waits).
"""

from __future__ import annotations

from typing import Any

from server.clock import from_micros, to_micros
from server.domain import handing
from server.domain.pcs import is_free, opens_now
from server.domain.refusals import Refused
from server.store.tables import Centre, Device
from server.store.tx import Tx
from wire.asks import OpenOnPc, PcIs
from wire.vocabulary import DeviceKind, RefusalCode


def open_on_pc(tx: Tx, ask: OpenOnPc) -> dict[str, Any]:
    """Refused while somebody uses it, and for a page that is not the centre's."""
    session = tx.session()
    pc = session.get(Device, int(ask.pc))
    if pc is None or pc.centre_id != tx.actor.centre or pc.kind != DeviceKind.PC or pc.revoked_at is not None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such PC at this centre.")
    extra = session.get_one(Centre, pc.centre_id).extra
    if not any(each.slug == ask.portal for each in handing.portals(extra)):
        raise Refused(RefusalCode.UNKNOWN, "There is no such page at this centre.")
    if not is_free(pc.layout, to_micros(pc.health_at) if pc.health_at else None, tx.now):
        raise Refused(RefusalCode.BUSY, "Somebody is using this PC. Choose another.")
    pc.layout = {**pc.layout, "opens": ask.portal, "opens_at": tx.now}
    tx.touch(pc.centre_id)
    return {}


def pc_is(tx: Tx, ask: PcIs) -> dict[str, Any]:
    """The PC itself says that it rests, or that somebody has begun; what waited there is then done with."""
    pc = tx.session().get_one(Device, tx.actor.id)
    if pc.kind != DeviceKind.PC:
        raise Refused(RefusalCode.NOT_ALLOWED, "This is for a self-service PC.")
    keeps = ask.rests and opens_now(pc.layout, tx.now) is not None
    waiting = {key: pc.layout[key] for key in ("opens", "opens_at")} if keeps else {}
    pc.layout = {"rests": ask.rests, **waiting}
    pc.health_at = from_micros(tx.now)
    tx.touch(pc.centre_id)
    return {}
