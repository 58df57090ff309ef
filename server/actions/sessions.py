"""Signing in and out: tries are counted, sessions begun, used and ended.

A try is written down *before* the password is looked at, in the lane, so guesses sent side by side are counted as surely as one
after the other; a right password takes its tries away again. Counting is by account and by address: one person's mistakes
slow one account at one address first, many guesses at one account slow it everywhere, many accounts from one address slow
that address (a centre's staff share one, so it is given more; of IPv6 a household's 64 bits are one). An unknown name counts like a known one.

A password is looked at outside the lane, for it takes a while, and its account may be changed meanwhile: what was judged is held against the row once more in
the transaction that goes by it (`hold_to`). Without that, whoever signs in again and again with a password that they found out would be in, once, after it was
taken away.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine
from sqlmodel import Session, col, delete, func, select

from server.actions.keys import hash_of, new_key
from server.actions.tries import may_try, network_of
from server.clock import from_micros
from server.domain.proving import Means
from server.domain.refusals import Refused
from server.store.tables import Audit, BrowserSession, Centre, LoginTry, Staff, StaffRole
from server.store.tx import Tx
from wire.vocabulary import RefusalCode

TRY_WINDOW = timedelta(minutes=15)
MOST_HERE = 5
"""Failed tries of one account from one address in the window, after which it must wait."""
MOST_ACCOUNT = 25
"""From everywhere together, but for where that person signed in within the last `LATELY`."""
MOST_ADDRESS = 40
LATELY = timedelta(days=8)
"""A centre that is open once a week knows its staff."""
DESKS_KEPT = timedelta(minutes=1)
MOST_DESKS_KEPT = 1000
_DESKS: WeakKeyDictionary[Engine, dict[str, tuple[datetime, frozenset[str]]]] = WeakKeyDictionary()
KEEP_TRIES = timedelta(days=1)
KEEP_SESSIONS = timedelta(days=2)
HALF_LIFE = timedelta(minutes=10)
"""So long may pass between the password and the second factor."""

CHANGED_MEANWHILE = "This account was changed while you waited. Nothing was done: try again."
MUST_WAIT = "There were too many tries. Wait 15 minutes, then try again, or ask your administrator."


def admit_try(tx: Tx, username: str, address: str) -> None:
    """Count one try of `username` (as typed, folded) from `address`; refuses when there have been too many."""
    now, session, address = from_micros(tx.now), tx.session(), network_of(address)
    session.exec(delete(LoginTry).where(col(LoginTry.at) < now - KEEP_TRIES))
    by_account, by_address = LoginTry.username == username, LoginTry.address == address
    if (
        _tries(session, now, by_account, by_address) >= MOST_HERE
        or _tries(session, now, by_address) >= MOST_ADDRESS
        or (
            _tries(session, now, by_account) >= MOST_ACCOUNT
            and address not in _desks_of(session, now, username)
        )
    ):
        raise Refused(RefusalCode.TRY_LATER, MUST_WAIT)
    session.add(LoginTry(username=username, address=address, at=now))


def _desks_of(session: Session, now: datetime, username: str) -> frozenset[str]:
    """As `_signed_in_from`, a minute old at most: whoever is turned away is not counted, and may ask as often as they like."""
    kept = _DESKS.setdefault(session.connection().engine, {})
    found = kept.get(username)
    if found is None or abs(now - found[0]) > DESKS_KEPT:
        if len(kept) >= MOST_DESKS_KEPT:
            kept.clear()
        found = kept[username] = (now, _signed_in_from(session, now, username))
    return found[1]


def _signed_in_from(session: Session, now: datetime, username: str) -> frozenset[str]:
    """From where this person signed in lately. The few tries that one address has are enough of a limit then: names are no secret, and whoever
    guesses from everywhere must not keep somebody from their own desk."""
    person = session.exec(select(Staff.id).where(Staff.username == username)).first() or 0
    # A name that nobody has is looked for likewise, or the time it takes would tell which names there are.
    centres = centres_of(session, person) or session.exec(select(Centre.id).limit(1)).all()
    rows = select(Audit.address).where(
        col(Audit.centre_id).in_(centres),
        col(Audit.at) > now - LATELY,
        Audit.staff_id == person,
        Audit.what == "signed_in",
    )
    return frozenset(network_of(each) for each in session.exec(rows.distinct()))


def _tries(session: Session, now: datetime, *which: bool) -> int:
    counted = select(func.count()).select_from(LoginTry).where(col(LoginTry.at) > now - TRY_WINDOW, *which)
    return session.exec(counted).one()


def note_failed(tx: Tx, person: Staff | None, by: str = "password") -> None:
    """Somebody was not let in. A name that nobody has is not repeated: people type their password there. So many an hour from one address, so that
    the audit is not filled by who tries all day."""
    if not may_try(tx, "sign_in_no", tx.actor.address):
        return
    if person is None:
        tx.audit("sign_in_failed", why=by)
    else:
        tx.audit("sign_in_failed", f"staff:{person.id}", username=person.username, why=by)


def forgive_tries(tx: Tx, username: str, address: str) -> None:
    tx.session().exec(
        delete(LoginTry).where(
            col(LoginTry.username) == username, col(LoginTry.address) == network_of(address)
        )
    )


def hold_to(tx: Tx, judged: Staff) -> Staff:
    """The account, held until the transaction ends, if its password, whether it is disabled and its emergency mark are as they were when `judged` was read; raises Refused."""
    # As the lane holds centres: a stronger lock would wait for everybody who writes a row that names this person.
    kept = tx.session().get_one(Staff, judged.id, with_for_update={"key_share": True})
    now, then = (
        (each.password_hash, each.disabled_at, each.emergency)  # without the mark a password may open nothing
        for each in (kept, judged)
    )
    if now != then:
        raise Refused(RefusalCode.NOT_ALLOWED, CHANGED_MEANWHILE)
    return kept


def begin_session(
    tx: Tx,
    staff_id: int,
    username: str,
    *,
    means: Means = "password",
    browser: str = "",
    sso_session: str | None = None,
    proved_at: datetime | None = None,
) -> str:
    """Start a session at the centre this person has a role at (the one used last, if several); answers the cookie's key.

    `half`: the password was right and the second factor is still to come; such a session opens nothing (`half_of`). `proved_at` is when the
    person showed who they are, if not now.
    """
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
    if means != "half":
        session.get_one(Staff, staff_id).seen_at = now
        forgive_tries(tx, username, tx.actor.address)
        tx.audit("signed_in", means=means)
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
            means=means,
            browser=browser,
            sso_session=sso_session,
            proved_at=min(proved_at, now) if proved_at is not None else now,
        )
    )
    return key


def half_of(session: Session, key: str, now: datetime) -> Staff | None:
    """Whose second step is to come in the browser that shows `key`; None when it took too long, or was done."""
    kept = session.get(BrowserSession, hash_of(key))
    if kept is None or kept.means != "half" or kept.ended_at is not None:
        return None
    person = session.get_one(Staff, kept.staff_id)
    return person if now - kept.started_at <= HALF_LIFE and person.disabled_at is None else None


def end_half(tx: Tx, key: str) -> None:
    """Its second step is done; raises Refused when another did it first."""
    if half_of(tx.session(), key, from_micros(tx.now)) is None:
        raise Refused(RefusalCode.NOT_SIGNED_IN, "This took too long. Sign in again.")
    tx.session().get_one(BrowserSession, hash_of(key)).ended_at = from_micros(tx.now)


def renew_session(tx: Tx, session_id: str, means: Means | None = None) -> str:
    """The person showed anew who they are: the session goes on under a new key, which is answered. Its forms stay good, its hours go on counting."""
    session, now, key = tx.session(), from_micros(tx.now), new_key()
    kept = session.get(BrowserSession, session_id)
    if kept is None or kept.ended_at is not None:
        raise Refused(RefusalCode.NOT_SIGNED_IN, "You were signed out. Sign in again.")
    session.add(
        BrowserSession(
            **{
                **kept.model_dump(),
                "id": hash_of(key),
                "used_at": now,
                "proved_at": now,
                "means": means or kept.means,
            }
        )
    )
    kept.ended_at = now
    tx.audit("confirmed_who", f"staff:{kept.staff_id}")
    return key


def sessions_of(session: Session, staff_id: int) -> list[BrowserSession]:
    """A person's sessions that were not ended, the last used first; those that ran out are among them (`server.web.identity.is_over`)."""
    found = select(BrowserSession).where(
        BrowserSession.staff_id == staff_id,
        col(BrowserSession.ended_at).is_(None),
        BrowserSession.means != "half",
    )
    return list(session.exec(found.order_by(col(BrowserSession.used_at).desc())))


def end_one_of(tx: Tx, staff_id: int, began: int) -> None:
    """End the session of a person that began in this microsecond; its key, and so its id, may be another by now. Ended already is as good."""
    by = select(BrowserSession).where(
        BrowserSession.staff_id == staff_id,
        BrowserSession.started_at == from_micros(began),
        col(BrowserSession.ended_at).is_(None),
    )
    found = list(tx.session().exec(by))
    for kept in found:
        kept.ended_at = from_micros(tx.now)
    if found:
        tx.audit("session_ended", f"staff:{staff_id}")


def sign_out_elsewhere(tx: Tx, staff_id: int, session_id: str) -> None:
    """End every other session of a person."""
    end_sessions_of(tx, staff_id, but=session_id)
    tx.audit("signed_out_elsewhere", f"staff:{staff_id}")


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


def stay_at(tx: Tx, session_id: str, centre_id: int) -> None:
    """Show this centre's pages from now on, and let the page that is open be sent again: for whoever can do nothing yet but make everyone leave, and
    so has no form that was meant for another centre."""
    kept = tx.session().get(BrowserSession, session_id)
    if kept is not None and kept.ended_at is None:
        kept.centre_id = centre_id
