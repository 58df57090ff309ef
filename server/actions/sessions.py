"""Signing in and out: tries are counted, sessions begun, used and ended.

A try is written down *before* the password is looked at, in the lane, so guesses sent side by side are counted as surely as one
after the other; a right password takes its tries away again. Counting is by account and by address: one person's mistakes
slow one account at one address first, many guesses at one account slow it everywhere, many accounts from one address slow
that address (a centre's staff share one, so it is given more). An unknown name counts like a known one.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, select

from server.actions.keys import hash_of, new_key
from server.clock import from_micros
from server.domain.refusals import Refused
from server.store.tables import BrowserSession, LoginTry, Staff, StaffRole
from server.store.tx import Tx
from wire.vocabulary import RefusalCode

TRY_WINDOW = timedelta(minutes=15)
MOST_HERE = 5
"""Failed tries of one account from one address in the window, after which it must wait."""
MOST_ACCOUNT = 25
MOST_ADDRESS = 40
KEEP_TRIES = timedelta(days=1)
KEEP_SESSIONS = timedelta(days=2)

MUST_WAIT = "There were too many tries. Wait 15 minutes, then try again, or ask your administrator."


def admit_try(tx: Tx, username: str, address: str) -> None:
    """Count one try of `username` (as typed, folded) from `address`; refuses when there have been too many."""
    now, session = from_micros(tx.now), tx.session()
    session.exec(delete(LoginTry).where(col(LoginTry.at) < now - KEEP_TRIES))
    by_account, by_address = LoginTry.username == username, LoginTry.address == address
    if (
        _tries(session, now, by_account, by_address) >= MOST_HERE
        or _tries(session, now, by_account) >= MOST_ACCOUNT
        or _tries(session, now, by_address) >= MOST_ADDRESS
    ):
        raise Refused(RefusalCode.TRY_LATER, MUST_WAIT)
    session.add(LoginTry(username=username, address=address, at=now))


def _tries(session: Session, now: datetime, *which: bool) -> int:
    counted = select(func.count()).select_from(LoginTry).where(col(LoginTry.at) > now - TRY_WINDOW, *which)
    return session.exec(counted).one()


def forgive_tries(tx: Tx, username: str, address: str) -> None:
    tx.session().exec(
        delete(LoginTry).where(col(LoginTry.username) == username, col(LoginTry.address) == address)
    )


def begin_session(tx: Tx, staff_id: int, username: str) -> str:
    """Start a session at the centre this person has a role at (the one used last, if several); answers the cookie's key."""
    session, now = tx.session(), from_micros(tx.now)
    centres = centres_of(session, staff_id)
    if not centres:
        raise Refused(
            RefusalCode.NOT_ALLOWED, "Your account has no role at any centre yet. Ask your administrator."
        )
    last = session.exec(
        select(BrowserSession.centre_id)
        .where(BrowserSession.staff_id == staff_id)
        .order_by(col(BrowserSession.started_at).desc())
        .limit(1)
    ).first()
    session.get_one(Staff, staff_id).seen_at = now
    forgive_tries(tx, username, tx.actor.address)
    session.exec(delete(BrowserSession).where(col(BrowserSession.used_at) < now - KEEP_SESSIONS))
    key = new_key()
    session.add(
        BrowserSession(
            id=hash_of(key),
            staff_id=staff_id,
            centre_id=last if last in centres else centres[0],
            csrf=secrets.token_urlsafe(32),
            started_at=now,
            used_at=now,
            address=tx.actor.address,
        )
    )
    tx.audit("signed_in")
    return key


def centres_of(session: Session, staff_id: int) -> list[int]:
    """The centres at which this person holds any role."""
    found = select(StaffRole.centre_id).where(StaffRole.staff_id == staff_id).distinct()
    return sorted(session.exec(found).all())


def use_session(tx: Tx, session_id: str) -> None:
    """The person did something now, so the idle limit counts from here."""
    kept = tx.session().get(BrowserSession, session_id)
    if kept is not None and kept.ended_at is None:
        kept.used_at = max(kept.used_at, from_micros(tx.now))


def end_session(tx: Tx, session_id: str) -> None:
    kept = tx.session().get(BrowserSession, session_id)
    if kept is not None and kept.ended_at is None:
        kept.ended_at = from_micros(tx.now)
        tx.audit("signed_out")


def end_sessions_of(tx: Tx, staff_id: int, *, but: str = "") -> None:
    """End every session of a person, save the one named."""
    open_ones = select(BrowserSession).where(
        BrowserSession.staff_id == staff_id, col(BrowserSession.ended_at).is_(None)
    )
    for kept in tx.session().exec(open_ones):
        if kept.id != but:
            kept.ended_at = from_micros(tx.now)


def choose_centre(tx: Tx, session_id: str, staff_id: int, centre_id: int) -> None:
    """Work at another centre from now on; only one where the person has a role.

    The session's token for forms changes with it: a form that was filled in for one centre and is sent from another window after the
    choice must not be done at the other.
    """
    kept = tx.session().get(BrowserSession, session_id)
    if kept is None or centre_id not in centres_of(tx.session(), staff_id):
        raise Refused(RefusalCode.NOT_ALLOWED, "You have no role at that centre.")
    if kept.centre_id != centre_id:
        kept.centre_id, kept.csrf = centre_id, secrets.token_urlsafe(32)
    tx.audit("chose_centre", f"centre:{centre_id}")
