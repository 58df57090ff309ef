"""Which machine a device's token belongs to: the first that comes with it, until an administrator says another.

A token lies in a file, and a card can be copied in two minutes. Two kiosks with one letter would give the same code to two visitors, so the second
machine is not let in: it stands out of order and says why, staff are told, and whoever put the card into a spare on purpose says so on the device's
page. Then the token goes with it, and the machine it was taken from is the second. Nothing tells a machine for sure (who owns it can say what
they like); this is against mistakes and cheap copies, and a token can be revoked at any time.
"""

from __future__ import annotations

import re

from server.actions.troubles import end_trouble, note_trouble
from server.clock import from_micros
from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tables import Device, DeviceEvent
from server.store.tx import Tx
from wire.vocabulary import RefusalCode

MACHINE = re.compile(r"[0-9a-f]{64}")
_BIND = Statement("UPDATE device SET machine = :machine WHERE id = :device AND machine = ''")


def meet(tx: Tx, device_id: int, machine: str) -> bool:
    """A machine has come with this device's token: whether it is the one. Another is written down for staff to see."""
    tx.sql.run(_BIND, {"machine": machine, "device": device_id})
    device = tx.session().get(Device, device_id)
    if device is None or device.machine == machine:
        return device is not None
    if device.other_machine != machine:
        device.other_machine, device.other_at = machine, from_micros(tx.now)
        say = "Another machine came with a copy of its card, and was not let in."
        tx.session().add(DeviceEvent(device_id=device_id, at=from_micros(tx.now), what="copied", say=say))
        note_trouble(
            tx,
            subject_of(device_id),
            f"A second machine has a copy of the card of {device.name}. It was not let in and shows that it is out of order.",
            f"If {device.name} was moved to a spare machine, say so on its page under Devices. If not, switch the other one off and wipe its card.",
        )
        tx.touch(device.centre_id)
    return False


def subject_of(device_id: int) -> str:
    return f"copied:device:{device_id}"


def move(tx: Tx, device_id: int) -> None:
    """The machine that came last is the right one from now on. Refuses when none came."""
    device = _with_another(tx, device_id)
    device.machine = device.other_machine
    _settled(tx, device)
    tx.audit("device_moved", f"device:{device_id}", name=device.name)


def stay(tx: Tx, device_id: int) -> None:
    """The device stays on its machine; should the other come again, it is told again."""
    device = _with_another(tx, device_id)
    _settled(tx, device)
    tx.audit("device_stays", f"device:{device_id}", name=device.name)


def _settled(tx: Tx, device: Device) -> None:
    device.other_machine, device.other_at = "", None
    end_trouble(tx, subject_of(device.id or 0))
    tx.touch(device.centre_id)


def _with_another(tx: Tx, device_id: int) -> Device:
    device = tx.session().get(Device, device_id)
    if device is None or device.centre_id != tx.actor.centre or device.revoked_at is not None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such device at this centre.")
    if not device.other_machine:
        raise Refused(RefusalCode.UNKNOWN, f"No other machine has come with the card of {device.name}.")
    return device
