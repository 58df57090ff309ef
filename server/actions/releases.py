"""Releases that devices may be brought to, and their way over the fleet. The rule is `server.domain.rollout`; here it is loaded and written down.

Whatever a device tells is judged in the same transaction, so a rollout that must halt has halted before the next device asks. That one fell
silent cannot be told by it, so the rounds look too. A rollout that halted says so among the house's troubles until a person sends it
on, ends it or begins another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session, col, select

from server.actions.troubles import end_trouble, note_trouble
from server.clock import from_micros
from server.domain import rollout as rule
from server.domain.refusals import Refused
from server.domain.rollout import Course, Machine, Ring, Told
from server.store.tables import Device
from server.store.tables.running import Release, Rollout
from server.store.tx import Tx
from wire.asks import clean_text
from wire.vocabulary import DeviceKind, RefusalCode

UPDATED = (DeviceKind.KIOSK, DeviceKind.SCAN_STATION, DeviceKind.DISPLAY, DeviceKind.SIGN)
"""What may stand on a machine of ours with an updater."""
TROUBLE = "rollout"
MOST_SAY = 300


def machines(session: Session) -> list[Machine]:
    """Every device of every centre that could be brought to a release."""
    found = session.exec(
        select(Device)
        .where(col(Device.revoked_at).is_(None), col(Device.kind).in_([kind.value for kind in UPDATED]))
        .order_by(Device.name, col(Device.id))
    )
    return [machine_of(device) for device in found]


def machine_of(device: Device) -> Machine:
    told = device.updating
    at = told.get("at")
    state = str(told.get("state", ""))
    return Machine(
        id=device.id or 0,
        name=device.name,
        ring=Ring(device.ring) if device.ring in list(Ring) else Ring.ALL,
        runs=str(told.get("runs", "")),
        version=str(told.get("version", "")),
        state=Told(state) if state in list(Told) else None,
        say=str(told.get("say", "")),
        told_at=from_micros(int(at)) if at else None,
        seen_at=max((at for at in (device.seen_at, device.health_at) if at is not None), default=None),
    )


def open_rollout(session: Session) -> Rollout | None:
    return session.exec(select(Rollout).where(col(Rollout.open).is_(True))).first()


def course_of(rollout: Rollout) -> Course:
    return Course(rollout.version, Ring(rollout.stage), rollout.staged_at, rollout.paused_at is not None)


def add(tx: Tx, version: str, digest: str, size: int, notes: str) -> None:
    """Make a release known. The same file again changes nothing; another under the same name is refused."""
    if not rule.is_version(version):
        raise Refused(RefusalCode.MALFORMED, f"“{version[:40]}” is not the name of a release.")
    session = tx.session()
    known = session.get(Release, version)
    if known is not None and known.digest != digest:
        say = f"Another file was added as {version} before. One version is one file: make it anew under its own number."
        raise Refused(RefusalCode.ID_REUSED, say)
    if known is not None and known.withdrawn_at is not None:
        raise Refused(RefusalCode.CLOSED, f"{version} was withdrawn. Make a newer release instead.")
    if known is None:
        by = tx.actor.id or None
        session.add(
            Release(
                version=version,
                digest=digest,
                size=size,
                notes=clean_text(notes)[:2000],
                added_at=from_micros(tx.now),
                added_by=by,
            )
        )
        tx.audit("release_added", f"release:{version}", digest=digest)


def start(tx: Tx, version: str, own: str = "") -> None:
    """Begin with the first ring. What was open before ends. `own` is this server's release: devices are never brought beyond it."""
    session, now = tx.session(), from_micros(tx.now)
    release = _usable(session, version)
    if rule.is_version(own) and rule.order(release.version) > rule.order(own):
        say = f"This server runs {own}. Bring the server to {version} first, then the devices: a device must never know more than its server."
        raise Refused(RefusalCode.WRONG_STATE, say)
    before = open_rollout(session)
    if before is not None:
        if before.version == version:
            raise Refused(RefusalCode.WRONG_STATE, f"{version} is on its way already.")
        _end(tx, before, f"{version} was begun")
    session.flush()
    session.add(
        Rollout(
            version=version,
            stage=Ring.FIRST,
            begun_at=now,
            begun_by=tx.actor.id or None,
            staged_at=now,
        )
    )
    tx.audit("rollout_begun", f"release:{version}")


def send_on(tx: Tx) -> None:
    """To the next ring, when the rule allows it."""
    session, rollout = tx.session(), _open(tx.session())
    course, now = course_of(rollout), from_micros(tx.now)
    if course.paused:
        raise Refused(RefusalCode.WRONG_STATE, "The rollout is paused. Let it go on first.")
    stage = rule.next_stage(course)
    if stage is None:
        raise Refused(RefusalCode.WRONG_STATE, "It goes to every device already.")
    why_not = rule.not_yet(course, machines(session), now)
    if why_not:
        raise Refused(RefusalCode.WRONG_STATE, why_not)
    rollout.stage, rollout.staged_at = stage, now
    tx.audit("rollout_sent_on", f"release:{rollout.version}", stage=stage.value)


def pause(tx: Tx) -> None:
    """No device begins any more. One that is switching at this moment finishes."""
    rollout = _open(tx.session())
    if rollout.paused_at is None:
        rollout.paused_at, rollout.why = from_micros(tx.now), "An administrator paused it."
        tx.audit("rollout_paused", f"release:{rollout.version}")


def go_on(tx: Tx) -> None:
    """A person has looked: what was said until now counts no more, and devices on which it failed try again."""
    rollout = _open(tx.session())
    if rollout.paused_at is not None:
        rollout.paused_at, rollout.why, rollout.staged_at = None, "", from_micros(tx.now)
        end_trouble(tx, TROUBLE)
        tx.audit("rollout_goes_on", f"release:{rollout.version}")


def set_any_time(tx: Tx, any_time: bool) -> None:
    """Whether devices may switch while their centre is open."""
    rollout = _open(tx.session())
    if rollout.any_time != any_time:
        rollout.any_time = any_time
        tx.audit("rollout_any_time", f"release:{rollout.version}", any_time=any_time)


def end(tx: Tx) -> None:
    """Devices stay at what they have."""
    rollout = _open(tx.session())
    _end(tx, rollout, "An administrator ended it.")
    tx.audit("rollout_ended", f"release:{rollout.version}")


def withdraw(tx: Tx, version: str) -> None:
    """No device is brought to it any more. Those that run it stay until another rollout takes them on, or back."""
    session = tx.session()
    release = session.get(Release, version)
    if release is None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such release.")
    if release.withdrawn_at is None:
        release.withdrawn_at = from_micros(tx.now)
        tx.audit("release_withdrawn", f"release:{version}")
    rollout = open_rollout(session)
    if rollout is not None and rollout.version == version:
        _end(tx, rollout, "The release was withdrawn.")


def set_rings(tx: Tx, rings: Sequence[tuple[int, str]]) -> None:
    """When each of these devices gets a new release."""
    session = tx.session()
    for device_id, ring in rings:
        device = session.get(Device, device_id)
        if device is None or device.revoked_at is not None or ring not in list(Ring):
            raise Refused(RefusalCode.UNKNOWN, "There is no such device, or no such ring.")
        if device.ring != ring:
            tx.audit("device_ring", f"device:{device_id}", ring=ring, was=device.ring)
            device.ring = ring


def told(tx: Tx, runs: str, version: str, state: Told, say: str) -> None:
    """What a device's updater says; judged at once."""
    session = tx.session()
    device = session.get_one(Device, tx.actor.id)
    for name in (runs, version):
        if name and not rule.is_version(name):
            raise Refused(RefusalCode.MALFORMED, "That is not the name of a release.")
    was = machine_of(device)
    at = tx.now
    if (was.runs, was.version, was.state) == (runs, version, state) and was.told_at is not None:
        # The moment it began to be so counts: a word repeated does not make a switch younger, or a failure new.
        at = int(device.updating["at"])
    device.updating = {
        "runs": runs,
        "version": version,
        "state": state.value,
        "say": clean_text(say)[:MOST_SAY],
        "at": at,
    }
    session.flush()
    look(tx)


def look(tx: Tx) -> None:
    """Halt the open rollout if it must."""
    session = tx.session()
    rollout = open_rollout(session)
    if rollout is None:
        return
    why = rule.halts(course_of(rollout), machines(session), from_micros(tx.now))
    if why:
        rollout.paused_at, rollout.why = from_micros(tx.now), why[:200]
        note_trouble(
            tx,
            TROUBLE,
            f"The rollout of {rollout.version} halted by itself. {why}",
            "See Administration, Releases: look at that device, then let the rollout go on, or end it and withdraw the release.",
            grave=True,
        )
        tx.audit("rollout_halted", f"release:{rollout.version}", why=why[:200])


def wanted_by(session: Session, device_id: int, runs: str) -> tuple[Rollout, Release, bool] | None:
    """The open rollout that wants this device, which runs `runs` now, to have its release, and whether it may try it again after it failed."""
    rollout = open_rollout(session)
    if rollout is None:
        return None
    machine = replace(machine_of(session.get_one(Device, device_id)), runs=runs)
    course = course_of(rollout)
    release = session.get_one(Release, rollout.version)
    if not rule.wanted(course, machine) or release.withdrawn_at is not None:
        return None
    return rollout, release, rule.may_try_again(course, machine)


def releases(session: Session) -> list[Release]:
    return sorted(session.exec(select(Release)), key=lambda one: rule.order(one.version), reverse=True)


def _usable(session: Session, version: str) -> Release:
    release = session.get(Release, version)
    if release is None:
        raise Refused(RefusalCode.UNKNOWN, "There is no such release.")
    if release.withdrawn_at is not None:
        raise Refused(RefusalCode.CLOSED, f"{version} was withdrawn.")
    return release


def _open(session: Session) -> Rollout:
    rollout = open_rollout(session)
    if rollout is None:
        raise Refused(RefusalCode.WRONG_STATE, "No release is on its way. Load the page again.")
    return rollout


def _end(tx: Tx, rollout: Rollout, why: str) -> None:
    rollout.open, rollout.why = False, why
    end_trouble(tx, TROUBLE)
