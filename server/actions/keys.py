"""Keys that let somebody in (a browser's session, a device's token, an enrolment's secret): made here, kept only as hashes.

A key is 32 random bytes, so a plain SHA-256 is enough to keep it: there is nothing to guess, unlike a password.

A visitor's link to an appointment is not stored at all: it is sealed with a key of the house's own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import Session, col, delete, select

from server.clock import from_micros
from server.store.tables import HouseKey
from server.store.tx import Tx


def new_key() -> str:
    """A fresh key, fit for a cookie, a header or an address."""
    return secrets.token_urlsafe(32)


def hash_of(key: str) -> str:
    """What is kept of `key`: its SHA-256 in hex."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def link_to(house_key: str, what: str, thing: str) -> str:
    """The last part of a visitor's link to one of their things: its id and a seal only this house can make.

    `what` keeps a link for one purpose from working for another (`booking`, `wish`); `thing` is an id of 32 hex digits. Worked out and not
    stored, so that a reminder written weeks later carries the same link.
    """
    number = base64.urlsafe_b64encode(bytes.fromhex(thing)).decode().rstrip("=")
    return f"{number}.{_seal(house_key, what, thing)}"


def linked(house_keys: Iterable[str], what: str, link: str) -> str | None:
    """The id a link is to, or None when this house did not make it with any of these keys of its own."""
    number, _, seal = link.partition(".")
    try:
        thing = base64.b64decode(number + "==", altchars=b"-_", validate=True).hex()
    except ValueError:
        return None
    if len(thing) != 32:
        return None
    given = seal.encode()
    right = [secrets.compare_digest(given, _seal(key, what, thing).encode()) for key in house_keys]
    return thing if any(right) else None


def _seal(house_key: str, what: str, thing: str) -> str:
    sealed = hmac.digest(house_key.encode(), f"{what}:{thing}".encode(), "sha256")
    return base64.urlsafe_b64encode(sealed[:18]).decode()


def house_key(tx: Tx) -> str:
    """The house's own secret for such links, made the first time it is asked for."""
    found = tx.session().get(HouseKey, "links")
    if found is None:
        found = HouseKey(name="links", secret=new_key(), made_at=from_micros(tx.now))
        tx.session().add(found)
        tx.session().flush()
    return found.secret


LINKS = "links"
OLD_LINKS_KEPT = timedelta(days=400)
"""So long links that were sealed with an earlier key go on working: longer than anybody books ahead."""


def link_keys(session: Session) -> tuple[str, ...]:
    """The keys that open links: the first seals, the others are earlier ones."""
    now = session.get(HouseKey, LINKS)
    earlier = select(HouseKey).where(col(HouseKey.name).like(f"{LINKS}-%"))
    old = session.exec(earlier.order_by(col(HouseKey.made_at).desc())).all()
    return tuple(key.secret for key in ([now] if now else []) + list(old))


def renew_links(tx: Tx, *, at_once: bool = False) -> None:
    """A new key seals links from now on. Those that are out go on working for `OLD_LINKS_KEPT`, or end now: `at_once`, for a key that got out."""
    session, now = tx.session(), from_micros(tx.now)
    house_key(tx)
    kept = session.get_one(HouseKey, LINKS)
    earlier = col(HouseKey.name).like(f"{LINKS}-%")
    session.exec(delete(HouseKey).where(earlier, col(HouseKey.made_at) < now - OLD_LINKS_KEPT))
    if at_once:
        session.exec(delete(HouseKey).where(earlier))
    else:
        session.add(HouseKey(name=f"{LINKS}-{tx.now // 1000}", secret=kept.secret, made_at=now))
    kept.secret, kept.made_at = new_key(), now
    session.add(kept)
    tx.audit("links_renewed", at_once=at_once)
