"""A dead kiosk's place is taken by a spare, in one change: the spare that shows the code gets its name, layout and ring, and the dead one is cut off.

**The letter is a new one.** The dead kiosk may have given out tickets that nobody heard of, and while it only seems dead it may give out more; no
gap after the highest number known is known to be wide enough. With another letter no code can come twice, whatever the old one did or does, and
its letter is kept out of the way for `QUARANTINE` (`devices.free_letter`).

**What it held.** Should the old machine come back, its token is refused and it shows a pairing code. Paired anew it is a spare with a letter of its
own, and hands in what its journal holds under the old letter: a code is taken from the machine that owned its letter when it was given
(`was_its_own`). Somebody who holds such a paper meanwhile is entered by a greeter.
"""

from __future__ import annotations

from typing import NamedTuple

from server.actions import devices
from server.clock import from_micros
from server.domain.refusals import Refusal, Refused
from server.store.sql import Sql, Statement
from server.store.tables import Counter, Device, DeviceEvent
from server.store.tx import Tx
from wire.vocabulary import DeviceKind, RefusalCode

_WAS_ITS_OWN = Statement(
    """SELECT 1 FROM device d JOIN device me ON me.id = :device
    WHERE d.centre_id = :centre AND d.letter = :letter AND d.revoked_at IS NOT NULL AND d.machine <> '' AND d.machine = me.machine LIMIT 1"""
)


class Replaced(NamedTuple):
    device: int
    letter: str
    old_letter: str
    held: int
    """Tickets the old one said it had yet to hand over, when it was last heard."""


def replace(tx: Tx, device_id: int, typed_code: str) -> Replaced | Refusal:
    """The device that shows this code stands in for `device_id` from now on. A wrong code is counted, so it is answered rather than raised."""
    session, now = tx.session(), from_micros(tx.now)
    old = session.get(Device, device_id)
    if old is None or old.centre_id != tx.actor.centre or old.revoked_at is not None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such device at this centre.")
    counter = session.get(Counter, old.counter_id) if old.counter_id else None
    # The old one still owns its letter while the new one gets its own: so it is another.
    approved = devices.approve(tx, typed_code, old.centre_id, old.name, counter.slug if counter else None)
    if isinstance(approved, Refusal):
        return approved
    new = session.get_one(Device, approved)
    if new.kind != old.kind:
        what = devices.KIND_NAMES
        say = f"What shows this code is a {what[DeviceKind(new.kind)].lower()}, and {old.name} is a {what[DeviceKind(old.kind)].lower()}. Nothing was changed."
        raise Refused(RefusalCode.MALFORMED, say)
    new.layout, new.ring = dict(old.layout), old.ring
    devices.revoke(tx, device_id, old.centre_id)
    gives = f" Its tickets begin with {new.letter}." if new.letter else ""
    for device, say in (
        (device_id, "Replaced by another machine."),
        (approved, f"Took the place of another machine.{gives}"),
    ):
        session.add(DeviceEvent(device_id=device, at=now, what="replaced", say=say))
    tx.audit("device_replaced", f"device:{device_id}", by=approved, name=old.name, letter=new.letter or "")
    return Replaced(approved, new.letter or "", old.letter or "", int(old.health.get("held", 0)))


def was_its_own(sql: Sql, device: int, centre: int, letter: str) -> bool:
    """Whether this machine owned the letter under an identity it no longer has."""
    return sql.one(_WAS_ITS_OWN, {"device": device, "centre": centre, "letter": letter}) is not None
