"""Keys that let somebody in (a browser's session, a device's token, an enrolment's secret): made here, kept only as hashes.

A key is 32 random bytes, so a plain SHA-256 is enough to keep it: there is nothing to guess, unlike a password.

A visitor's link to an appointment is not stored at all: it is sealed with a key of the house's own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

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


def linked(house_key: str, what: str, link: str) -> str | None:
    """The id a link is to, or None when this house did not make it."""
    number, _, seal = link.partition(".")
    try:
        thing = base64.b64decode(number + "==", altchars=b"-_", validate=True).hex()
    except ValueError:
        return None
    right = len(thing) == 32 and secrets.compare_digest(seal.encode(), _seal(house_key, what, thing).encode())
    return thing if right else None


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
