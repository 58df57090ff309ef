"""Devices: asking to be paired, approved by a person who stands before them, given a token, revoked.

A device shows a short code; an administrator types it. The code is never listed anywhere, so nobody approves a device they have not
looked at. The device proves that it is the one that asked with a secret only it has, and gets its token for it, once. Should that answer
be lost on the way, it may ask again within a minute, as long as the token was never used: the first one is then void.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, delete, func, select

from server.actions.keys import hash_of, new_key
from server.clock import from_micros
from server.domain.numbering import pick_letter
from server.domain.refusals import Refusal, Refused
from server.store.tables import Centre, Counter, Device, Enrolment, LoginTry, Visit
from server.store.tx import Tx
from wire.asks import clean_text
from wire.vocabulary import DeviceKind, RefusalCode, new_id

ENROLMENT_LIFE = timedelta(minutes=15)
QUARANTINE = timedelta(days=30)
"""So long the letter of a device that was cut off is given to no other, while there are letters enough."""
MOST_OPEN_HERE = 10
"""Open enrolments of one address: a centre's screens share one when they are set up."""
MOST_OPEN = 200
LOST_ANSWER = timedelta(minutes=1)
MOST_GUESSES = 20
GUESS_WINDOW = timedelta(minutes=15)
_CODE_SIGNS = "ABCDEFGHJKLMNPRTUVWXY346789"
_CODE_LENGTH = 6
ISSUING = frozenset({DeviceKind.KIOSK, DeviceKind.SCAN_STATION})


class Asked(NamedTuple):
    """What a device that asked is told: `code` is for the screen, `secret` for itself."""

    enrolment: str
    secret: str
    code: str


class Claimed(NamedTuple):
    token: str
    device: int
    centre: str
    kind: DeviceKind


def ask_to_enrol(tx: Tx, kind: DeviceKind, name: str, address: str) -> Asked:
    """Open an enrolment; refuses when this address or the house has too many open ones."""
    session, now = tx.session(), from_micros(tx.now)
    session.exec(delete(Enrolment).where(col(Enrolment.expires_at) < now))
    if _open_enrolments(session) >= MOST_OPEN or _open_enrolments(session, address) >= MOST_OPEN_HERE:
        raise Refused(
            RefusalCode.TRY_LATER,
            "Too many devices are waiting to be paired. Approve them, or wait 15 minutes.",
        )
    taken = set(session.exec(select(Enrolment.code)))
    code = next(code for code in iter(_new_code, "") if code not in taken)
    asked = Asked(new_id(), new_key(), code)
    session.add(
        Enrolment(
            id=asked.enrolment,
            kind=kind,
            name=clean_text(name)[:60],
            code=code,
            secret_hash=hash_of(asked.secret),
            address=address,
            asked_at=now,
            expires_at=now + ENROLMENT_LIFE,
        )
    )
    return asked


def _open_enrolments(session: Session, address: str | None = None) -> int:
    counted = select(func.count()).select_from(Enrolment).where(col(Enrolment.claimed_at).is_(None))
    if address is not None:
        counted = counted.where(Enrolment.address == address)
    return session.exec(counted).one()


def _new_code() -> str:
    return "".join(secrets.choice(_CODE_SIGNS) for _ in range(_CODE_LENGTH))


def read_pairing_code(typed: str) -> str:
    """The code as kept, from how a person types it: spaces and hyphens do not matter, nor capitals."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())[:8]


def claim(tx: Tx, enrolment_id: str, secret: str, address: str) -> Claimed | Refusal | None:
    """The token of an approved device; None while nobody has approved it; a Refusal for what is unknown or over.

    Refusals are answered, not raised: a wrong guess must be counted, so its transaction has to stand.
    """
    session, now = tx.session(), from_micros(tx.now)
    if _guesses(session, now, _CLAIMS, address) >= MOST_GUESSES:
        return Refusal(RefusalCode.TRY_LATER, "There were too many tries from here. Wait 15 minutes.")
    enrolment = session.get(Enrolment, enrolment_id)
    if enrolment is None or not secrets.compare_digest(enrolment.secret_hash, hash_of(secret)):
        session.add(LoginTry(username=_CLAIMS, address=address, at=now))
        return Refusal(
            RefusalCode.UNKNOWN, "This pairing is not known any more. Start again to show a new code."
        )
    if enrolment.device_id is None:
        if enrolment.expires_at < now:
            return Refusal(
                RefusalCode.CLOSED, "The code on the screen is over. Start again to show a new one."
            )
        return None
    device = session.get_one(Device, enrolment.device_id)
    used = device.seen_at is not None or device.health_at is not None
    if enrolment.claimed_at is not None and (used or now - enrolment.claimed_at > LOST_ANSWER):
        return Refusal(RefusalCode.CLOSED, "This device was paired already. Start again to show a new code.")
    token = new_key()
    device.token_hash = hash_of(token)
    enrolment.claimed_at = enrolment.claimed_at or now
    centre = session.get_one(Centre, device.centre_id)
    return Claimed(token, enrolment.device_id, centre.slug, DeviceKind(device.kind))


def approve(tx: Tx, typed_code: str, centre_id: int, name: str, counter_slug: str | None) -> int | Refusal:
    """Pair the device that shows this code with the centre; its id. A kiosk gets a letter, a sign its counter.

    A wrong code is counted, so it is answered rather than raised.
    """
    session, now = tx.session(), from_micros(tx.now)
    guesser = f"#approve:{tx.actor.id}"
    if _guesses(session, now, guesser, tx.actor.address) >= MOST_GUESSES:
        return Refusal(RefusalCode.TRY_LATER, "There were too many wrong codes. Wait 15 minutes.")
    enrolment = _waiting_enrolment(session, read_pairing_code(typed_code), now)
    if enrolment is None:
        session.add(LoginTry(username=guesser, address=tx.actor.address, at=now))
        return Refusal(
            RefusalCode.UNKNOWN,
            "No device is showing this code now. Look at its screen: codes change every 15 minutes.",
        )
    kind = DeviceKind(enrolment.kind)
    device = Device(
        centre_id=centre_id,
        kind=kind,
        name=clean_text(name)[:60] or enrolment.name or KIND_NAMES[kind],
        counter_id=_counter_for(session, kind, centre_id, counter_slug),
        letter=_letter_for(session, kind, centre_id, now),
        token_hash=hash_of(new_key()),  # nobody's, until the device claims its own
        approved_by=tx.actor.id or None,
        approved_at=now,
    )
    session.add(device)
    session.flush()
    assert device.id is not None
    enrolment.device_id = device.id
    tx.audit(
        "device_approved", f"device:{device.id}", kind=kind, name=device.name, letter=device.letter or ""
    )
    tx.touch(centre_id)
    return device.id


KIND_NAMES = {
    DeviceKind.KIOSK: "Kiosk",
    DeviceKind.SCAN_STATION: "Scan station",
    DeviceKind.DISPLAY: "Lobby display",
    DeviceKind.SIGN: "Counter sign",
    DeviceKind.DOOR_COUNTER: "Door counter",
    DeviceKind.PC: "Self-service PC",
}


def _waiting_enrolment(session: Session, code: str, now: datetime) -> Enrolment | None:
    waiting = select(Enrolment).where(
        Enrolment.code == code, col(Enrolment.device_id).is_(None), col(Enrolment.expires_at) >= now
    )
    return session.exec(waiting).first()


def _counter_for(session: Session, kind: DeviceKind, centre_id: int, slug: str | None) -> int | None:
    if kind is not DeviceKind.SIGN:
        return None
    counter = session.exec(
        select(Counter).where(
            Counter.centre_id == centre_id, Counter.slug == (slug or ""), col(Counter.retired_at).is_(None)
        )
    ).first()
    if counter is None:
        raise Refused(
            RefusalCode.MALFORMED, "This device is a counter's sign. Choose which counter it hangs over."
        )
    return counter.id


def _letter_for(session: Session, kind: DeviceKind, centre_id: int, now: datetime) -> str | None:
    """The letter of a new issuing point: none that another owns, or that stands on a ticket given out today."""
    if kind not in ISSUING:
        return None
    return free_letter(session, centre_id, now)


def free_letter(session: Session, centre_id: int, now: datetime) -> str:
    """A letter that no issuing point of the centre owns and that stands on no ticket given out today.

    One that was cut off may not know it yet, and goes on giving tickets of its letter: so that is kept out of the way too, for as long as there are others.
    """
    centre = session.get_one(Centre, centre_id)
    today = now.astimezone(ZoneInfo(centre.timezone)).date()
    owned = session.exec(
        select(Device.letter).where(Device.centre_id == centre_id, col(Device.revoked_at).is_(None))
    ).all()
    given = session.exec(
        select(func.substr(Visit.code, 1, 1))
        .where(Visit.centre_id == centre_id, Visit.arrived_on == today)
        .distinct()
    ).all()
    lately = session.exec(
        select(Device.letter).where(Device.centre_id == centre_id, col(Device.revoked_at) > now - QUARANTINE)
    ).all()
    own = (centre.desk_letter, centre.emergency_letter)
    taken = {letter for letter in (*owned, *given, *own) if letter}
    letter = pick_letter(taken | {letter for letter in lately if letter})
    if isinstance(letter, Refusal):
        letter = pick_letter(taken)
    if isinstance(letter, Refusal):
        raise Refused(letter.code, letter.say)
    return letter


def revoke(tx: Tx, device_id: int, centre_id: int) -> None:
    """The device's token is void from now on; its live socket is hung up within seconds."""
    device = tx.session().get(Device, device_id)
    if device is None or device.centre_id != centre_id:
        raise Refused(RefusalCode.UNKNOWN, "There is no such device at this centre.")
    if device.revoked_at is None:
        device.revoked_at = from_micros(tx.now)
        tx.audit("device_revoked", f"device:{device_id}", kind=device.kind, name=device.name)
        tx.touch(centre_id)


_CLAIMS = "#claim"


def _guesses(session: Session, now: datetime, what: str, address: str) -> int:
    counted = (
        select(func.count())
        .select_from(LoginTry)
        .where(LoginTry.username == what, LoginTry.address == address, col(LoginTry.at) > now - GUESS_WINDOW)
    )
    return session.exec(counted).one()
