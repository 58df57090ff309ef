"""References of appointments: what a visitor types, says on the telephone, or holds up as a QR.

Seven signs that cannot be read as one another or make a word, and an eighth that catches any one wrong sign and nearly any two in the wrong order (Luhn's
rule over 24 signs). Written in two groups of four. Known here and not on the server alone, because a kiosk without a line must tell a slip
of the finger from a reference it does not know.

A kiosk is not given the day's references but a slow hash of each, salted with the centre and the day: who steals its memory card cannot
walk through all four thousand million of them in a lunch hour.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

SIGNS = "BCDFGHJKMNPQRTVWXY346789"
_BASE = len(SIGNS)
LENGTH = 8


def new_reference(choose: Callable[[str], str]) -> str:
    """A fresh one; `choose` picks one of the signs given, such as `secrets.choice`."""
    body = "".join(choose(SIGNS) for _ in range(LENGTH - 1))
    return body + _check_sign(body)


def read_reference(text: str) -> str | None:
    """The reference in what was typed or scanned, in any case, with or without spaces and hyphens; also at the end of an address.
    None when it is not one."""
    last = text.strip().rstrip("/").rsplit("/", 1)[-1].upper()
    signs = "".join(sign for sign in last if sign.isalnum())
    if len(signs) != LENGTH or any(sign not in SIGNS for sign in signs):
        return None
    return signs if _check_sign(signs[:-1]) == signs[-1] else None


def show_reference(reference: str) -> str:
    """As people read it: `BCDF-3467`."""
    return f"{reference[:4]}-{reference[4:]}"


def arrival_hash(reference: str, salt: str) -> str:
    """What a kiosk knows a reference of today by; 32 hex digits. Takes some 50 ms and 16 MiB, on purpose."""
    return hashlib.scrypt(reference.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=16).hex()


def arrival_salt(centre: str, on: str) -> str:
    """Of centre `centre` (its slug) on a local date (ISO)."""
    return f"{centre}/{on}"


def _check_sign(body: str) -> str:
    total = 0
    for place, sign in enumerate(reversed(body)):
        value = SIGNS.index(sign) * (2 if place % 2 == 0 else 1)
        total += value // _BASE + value % _BASE
    return SIGNS[-total % _BASE]
