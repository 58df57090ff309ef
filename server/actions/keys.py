"""Keys that let somebody in (a browser's session, a device's token, an enrolment's secret): made here, kept only as hashes.

A key is 32 random bytes, so a plain SHA-256 is enough to keep it: there is nothing to guess, unlike a password.
"""

from __future__ import annotations

import hashlib
import secrets


def new_key() -> str:
    """A fresh key, fit for a cookie, a header or an address."""
    return secrets.token_urlsafe(32)


def hash_of(key: str) -> str:
    """What is kept of `key`: its SHA-256 in hex."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
