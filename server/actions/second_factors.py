"""The second factor: an authenticator app set up, its codes taken, recovery codes for the day the phone is gone, and its reset by somebody else.

The app's secret is sealed with the house's key file (`server.papers.keyring`), which is not in the database: whoever has a backup cannot make
codes. It is sealed anew each time it is used, so a new key on top of the file takes over by itself. A code is judged and its step noted in one
transaction, so it is right once however many servers are asked at the same moment. Tries are counted before they are judged, like those of
passwords, and more narrowly: a million codes, three right at a time, 30 tries a day. A recovery code has 120 bits and so needs no narrow limit;
whoever is kept out by somebody else's guesses at their codes still gets in with one.

Recovery codes are kept as SHA-256, with the person in it. A slow hash is for what can be guessed: ten of them at each new list would take a small machine
seconds, and nobody gets through 2^120 by any hash. A keyed one would be no use on the day they are for, when the key file is gone as well.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta

import pyotp
from sqlmodel import Session, col, delete, func, select

from server.actions.keys import hash_of
from server.actions.sessions import MUST_WAIT, admit_try, end_sessions_of
from server.actions.tries import network_of
from server.clock import from_micros
from server.domain.proving import step_of
from server.domain.refusals import Refused
from server.papers.keyring import Damaged, ForeignKey, Keyring
from server.store.tables import LoginTry, RecoveryCode, SecondFactor, Staff
from server.store.tx import Tx
from wire.vocabulary import RefusalCode

MOST_CODES = 10
"""Tries at one person's codes in a quarter of an hour."""
MOST_CODES_A_DAY = 30
WINDOW, DAY = timedelta(minutes=15), timedelta(days=1)
SETTING_UP = timedelta(hours=1)
"""So long an app may be being set up: its key is shown meanwhile to whoever sits before that screen."""
RECOVERY_CODES = 10
_RECOVERY_BYTES = 15
"""ASVS 5.0, 6.5.2: from 112 bits on a plain hash will do. 24 letters; they are typed once in years."""

WRONG_CODE = (
    "This code is not right, or was used before. Wait for the app to show the next one, and type that."
    " If none is ever right, the clock of the phone or of the server is wrong."
)
WRONG_RECOVERY = "This recovery code is not right, or was used before. Try another one from your list."
NOT_OPENED = "Your authenticator cannot be checked: the server lacks the key it was sealed with. Use a recovery code, and tell whoever runs the server."
NOT_BEGUN = "No authenticator app is being set up. Begin again."


def new_secret() -> str:
    """160 bits, as RFC 4226 asks for, in the letters apps take."""
    return pyotp.random_base32(32)


def sealed(secret: str, keyring: Keyring) -> str:
    return base64.b64encode(keyring.wrap(secret.encode())).decode()


def opened(kept: str, keyring: Keyring) -> str:
    """Raises Refused when no key of ours opens it."""
    try:
        return keyring.unwrap(base64.b64decode(kept)).decode()
    except (ForeignKey, Damaged):
        raise Refused(RefusalCode.WRONG_STATE, NOT_OPENED) from None


def factor_of(session: Session, staff_id: int) -> SecondFactor | None:
    """The one in use; None when there is none, or it was never confirmed."""
    kept = session.get(SecondFactor, staff_id)
    return kept if kept is not None and kept.confirmed_at is not None else None


def begun_by(session: Session, staff_id: int, now: datetime) -> str:
    """The sealed secret of the one that is being set up and not confirmed yet; empty when there is none. `now` is the house's time."""
    kept = session.get(SecondFactor, staff_id)
    in_time = kept is not None and timedelta() <= now - kept.made_at <= SETTING_UP
    return kept.next_secret if kept is not None and in_time else ""


def codes_left(session: Session, staff_id: int) -> int:
    unused = select(func.count()).select_from(RecoveryCode)
    unused = unused.where(RecoveryCode.staff_id == staff_id, col(RecoveryCode.used_at).is_(None))
    return session.exec(unused).one()


def begin(tx: Tx, staff_id: int, sealed_secret: str) -> None:
    """Set one up, or another in its place. What was there before, and its list, goes on until the new one is confirmed: who is called away from the
    screen shall not be left with a password alone."""
    kept = _held(tx, staff_id) or SecondFactor(staff_id=staff_id, made_at=from_micros(tx.now))
    kept.next_secret, kept.made_at = sealed_secret, from_micros(tx.now)
    tx.session().add(kept)
    tx.audit("factor_begun", f"staff:{staff_id}")


def confirm(tx: Tx, staff_id: int, typed: str, now: datetime, keyring: Keyring) -> list[str]:
    """The app shows the right code, so it counts from now on; answers the recovery codes, which are shown once. `now` is the real time."""
    kept = _held(tx, staff_id)
    tx.session().get_one(
        Staff, staff_id, with_for_update={"key_share": True}
    )  # who signs in without one waits, or is met
    begun = begun_by(tx.session(), staff_id, from_micros(tx.now))
    if kept is None or not begun:
        raise Refused(RefusalCode.WRONG_STATE, NOT_BEGUN)
    kept.secret, kept.next_secret, kept.last_step = begun, "", 0
    _take(tx, kept, typed, now, keyring)
    kept.confirmed_at = from_micros(tx.now)
    _forgive(tx, staff_id)
    tx.audit("factor_confirmed", f"staff:{staff_id}")
    return _new_codes(tx, staff_id)


def admit_code(tx: Tx, staff_id: int, address: str) -> None:
    """Count one try at a person's code before it is judged; refuses when there have been too many."""
    session, now, name = tx.session(), from_micros(tx.now), _tries_of(staff_id)
    by = select(func.count()).select_from(LoginTry).where(LoginTry.username == name)
    if (
        session.exec(by.where(col(LoginTry.at) > now - WINDOW)).one() >= MOST_CODES
        or session.exec(by.where(col(LoginTry.at) > now - DAY)).one() >= MOST_CODES_A_DAY
    ):
        raise Refused(RefusalCode.TRY_LATER, f"{MUST_WAIT} A recovery code works at once.")
    session.add(LoginTry(username=name, address=network_of(address), at=now))


def take_code(tx: Tx, staff_id: int, typed: str, now: datetime, keyring: Keyring) -> None:
    """A code of the app, which is used up with it; raises Refused when it is not right. `now` is the real time."""
    kept = _held(tx, staff_id)
    if kept is None or kept.confirmed_at is None:
        raise Refused(RefusalCode.NOT_ALLOWED, WRONG_CODE)
    _take(tx, kept, typed, now, keyring)
    _forgive(tx, staff_id)


def _held(tx: Tx, staff_id: int) -> SecondFactor | None:
    """The row, held until the transaction ends: another server that judges the same code waits, and then sees that it was taken. The lane holds the
    centre already, but a person's sessions may be at two."""
    return tx.session().get(SecondFactor, staff_id, with_for_update=True)


def _take(tx: Tx, kept: SecondFactor, typed: str, now: datetime, keyring: Keyring) -> None:
    secret = opened(kept.secret, keyring)
    step = step_of(secret, typed, now, kept.last_step)
    if step is None:
        raise Refused(RefusalCode.NOT_ALLOWED, WRONG_CODE)
    kept.last_step, kept.secret = step, sealed(secret, keyring)
    tx.session().add(kept)


def admit_recovery(tx: Tx, staff_id: int, address: str) -> None:
    admit_try(tx, f"#recovery:{staff_id}", address)


def take_recovery(tx: Tx, staff_id: int, typed: str) -> int:
    """One of the codes on paper, which is used up with it; how many are left. Raises Refused when it is none."""
    session, kept = tx.session(), _held(tx, staff_id)
    unused = (RecoveryCode.staff_id == staff_id, col(RecoveryCode.used_at).is_(None))
    found = session.exec(
        select(RecoveryCode).where(*unused, RecoveryCode.hash == _hash_of(staff_id, typed))
    ).first()
    if found is None or kept is None or kept.confirmed_at is None:
        raise Refused(RefusalCode.NOT_ALLOWED, WRONG_RECOVERY)
    found.used_at = from_micros(tx.now)
    session.add(found)
    session.flush()
    session.exec(delete(LoginTry).where(col(LoginTry.username) == f"#recovery:{staff_id}"))
    left = codes_left(session, staff_id)
    tx.audit("recovery_code_used", f"staff:{staff_id}", left=left)
    return left


def new_codes(tx: Tx, staff_id: int) -> list[str]:
    """A new list; the old one does not work any more."""
    if factor_of(tx.session(), staff_id) is None:
        raise Refused(RefusalCode.WRONG_STATE, "Set up an authenticator app first.")
    tx.audit("recovery_codes_made", f"staff:{staff_id}")
    return _new_codes(tx, staff_id)


def _new_codes(tx: Tx, staff_id: int) -> list[str]:
    session = tx.session()
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.staff_id) == staff_id))
    made = [_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(staff_id=staff_id, hash=_hash_of(staff_id, code)) for code in made)
    return made


def _recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, 24, 4))


def _hash_of(staff_id: int, code: str) -> str:
    return hash_of(f"recovery {staff_id} {_plain(code)}")


def _plain(typed: str) -> str:
    """As it is compared: spaces, hyphens and capitals do not matter, nor a nought or one read for a letter (neither is used)."""
    letters = "".join(sign for sign in typed.casefold() if sign.isalnum())[:40]
    return letters.replace("0", "o").replace("1", "l")


def reset(tx: Tx, person: Staff, sure: str = "") -> None:
    """Somebody lost phone and list: an administrator, or who runs the server, takes the factor away, and all their sessions end.

    Who may do it to whom, the caller has looked to (`server.actions.staff`). `sure`: how it was made sure who asks, a word of ours; it stands in the audit."""
    assert person.id is not None
    _remove(tx, person.id)
    end_sessions_of(tx, person.id)
    tx.audit("factor_reset", f"staff:{person.id}", username=person.username, sure=sure)


def _remove(tx: Tx, staff_id: int) -> None:
    session = tx.session()
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.staff_id) == staff_id))
    session.exec(delete(SecondFactor).where(col(SecondFactor.staff_id) == staff_id))


def _tries_of(staff_id: int) -> str:
    return f"#code:{staff_id}"


def _forgive(tx: Tx, staff_id: int) -> None:
    tx.session().exec(delete(LoginTry).where(col(LoginTry.username) == _tries_of(staff_id)))
