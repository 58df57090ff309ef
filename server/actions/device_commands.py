"""What an administrator asks of a paired device from afar: another name, lock, unlock, a test print, a self-test.

Nothing here waits for the device: a wish is written down, the device finds it in its feed when it is there, does it, and says what came of
it. So a device that is off does it when it is back, except a print job, which the kiosk itself lets go when it has grown old. Only kiosks and scan stations
serve visitors and have a printer, so only they can be locked, print and test themselves.
"""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from server.clock import from_micros
from server.domain.refusals import Refused
from server.store.tables import Device, PrintJob
from server.store.tx import Tx
from wire.asks import clean_text
from wire.vocabulary import DeviceKind, RefusalCode, new_id

MOST_NAME = 60
MOST_SENTENCE = 200
SERVING = frozenset({DeviceKind.KIOSK, DeviceKind.SCAN_STATION})
STILL_PRINTING = timedelta(minutes=2)


def rename(tx: Tx, device_id: int, name: str) -> None:
    """What staff call it from now on. Refuses a revoked device, an empty name and a long one."""
    device, cleaned = _ours(tx, device_id), clean_text(name)
    if not cleaned:
        raise Refused(
            RefusalCode.MALFORMED, "Say what the device shall be called, such as Kiosk by the door."
        )
    if len(cleaned) > MOST_NAME:
        raise Refused(
            RefusalCode.MALFORMED, f"A name has at most {MOST_NAME} characters. Choose a shorter one."
        )
    if cleaned != device.name:
        was, device.name = device.name, cleaned
        tx.audit("device_renamed", f"device:{device_id}", name=cleaned, was=was)
        tx.touch(device.centre_id)


def lock(tx: Tx, device_id: int, sentence: str) -> None:
    """Its screen shows `sentence` and takes no visitor until it is unlocked. Locked already, only the sentence changes."""
    device, cleaned = _serving(tx, device_id, "locked"), clean_text(sentence)
    if not cleaned:
        raise Refused(
            RefusalCode.MALFORMED,
            "Write the sentence that visitors read, such as: Please use the screen by the entrance.",
        )
    if len(cleaned) > MOST_SENTENCE:
        raise Refused(
            RefusalCode.MALFORMED,
            f"The sentence has {len(cleaned)} characters and at most {MOST_SENTENCE} fit. Shorten it.",
        )
    device.locked_say = cleaned
    tx.audit("device_locked", f"device:{device_id}", name=device.name)
    tx.touch(device.centre_id)


def set_exit(tx: Tx, device_id: int, exit_: bool) -> None:
    """It stands at the exit and asks how the visit was, instead of giving tickets; or does so no longer. Only a kiosk can."""
    device = _serving(tx, device_id, "set to ask at the exit")
    if device.kind != DeviceKind.KIOSK:
        raise Refused(RefusalCode.MALFORMED, f"{device.name} is not a kiosk, so it cannot ask at the exit.")
    if bool(device.layout.get("exit")) != exit_:
        kept = {name: value for name, value in device.layout.items() if name != "exit"}
        device.layout = {**kept, "exit": True} if exit_ else kept
        tx.audit("exit_kiosk_set" if exit_ else "exit_kiosk_ended", f"device:{device_id}", name=device.name)
        tx.touch(device.centre_id)


def unlock(tx: Tx, device_id: int) -> None:
    """Visitors may use it again. One that is not locked stays as it is."""
    device = _serving(tx, device_id, "locked")
    if device.locked_say:
        device.locked_say = ""
        tx.audit("device_unlocked", f"device:{device_id}", name=device.name)
        tx.touch(device.centre_id)


def print_test(tx: Tx, device_id: int) -> str:
    """Have it print a test paper; the job's id. Refused while the last one has not been answered."""
    device, session = _serving(tx, device_id, "made to print"), tx.session()
    since = from_micros(tx.now) - STILL_PRINTING
    open_one = select(PrintJob).where(
        PrintJob.device_id == device_id,
        col(PrintJob.ticket_id).is_(None),
        col(PrintJob.done_at).is_(None),
        col(PrintJob.at) > since,
    )
    if session.exec(open_one).first() is not None:
        raise Refused(
            RefusalCode.BUSY,
            f"{device.name} has not answered the last test print yet. Look at its printer, or wait two minutes.",
        )
    job = PrintJob(
        id=new_id(),
        centre_id=device.centre_id,
        device_id=device_id,
        staff_id=tx.actor.id if tx.actor.kind == "staff" else None,
        at=from_micros(tx.now),
    )
    session.add(job)
    tx.audit("device_test_print", f"device:{device_id}", name=device.name)
    tx.touch(device.centre_id)
    return job.id


def ask_self_test(tx: Tx, device_id: int) -> str:
    """Have it test itself now; the test's id. One that was asked for and not yet answered is asked for anew, under a new id."""
    device = _serving(tx, device_id, "made to test itself")
    device.test_job = new_id()
    tx.audit("device_self_test", f"device:{device_id}", name=device.name)
    tx.touch(device.centre_id)
    return device.test_job


def _ours(tx: Tx, device_id: int) -> Device:
    device = tx.session().get(Device, device_id)
    if device is None or device.centre_id != tx.actor.centre:
        raise Refused(RefusalCode.UNKNOWN, "There is no such device at this centre.")
    if device.revoked_at is not None:
        raise Refused(
            RefusalCode.WRONG_STATE,
            f"{device.name} was revoked. Pair it anew before you change anything of it.",
        )
    return device


def _serving(tx: Tx, device_id: int, what: str) -> Device:
    device = _ours(tx, device_id)
    if DeviceKind(device.kind) not in SERVING:
        raise Refused(
            RefusalCode.MALFORMED, f"Only a kiosk or a scan station can be {what}. {device.name} is neither."
        )
    return device
