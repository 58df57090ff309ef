"""Passwords: hashed with argon2id, off the event loop, a few at a time.

Each hash takes 32 MiB and some 60 ms by design, so a burst of sign-ins must neither stop the queue nor fill a small machine's memory: a
pool of two threads does them, the rest wait in line. A name nobody has is checked against a hash of its own, so that the answer
takes as long as for a real one. What a password must be follows the National Cyber Security Centre: long and not one of the
usual ones, with no rules about digits and signs, which only make people write it down.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from server.web import guessed

log = logging.getLogger("foyer.passwords")

LEAST_CHARACTERS = 12
MOST_CHARACTERS = 200
_MEMORY_KIB = 32 * 1024
_PASSES = 3
_AT_ONCE = 2

_SYLLABLES = tuple(first + second for first in "bdfghjklmnprstvwz" for second in "aeiou")
OF_THE_HOUSE = (
    *("foyer", "leicester", "york house", "council", "customer", "service", "centre", "center", "kiosk"),
    *("counter", "queue", "ticket", "adviser", "greeter", "manager", "administrator", "admin", "staff"),
    *(
        "password",
        "passwort",
        "welcome",
        "letmein",
        "changeme",
        "qwerty",
        "summer",
        "autumn",
        "winter",
        "spring",
    ),
)
"""What whoever guesses at this house tries first. A password may hold such words; it may not be made of them (docs/sign-on.md lists them)."""
MOST_USUAL = 3_000_000
"""Lines that are read of a list; those of 12 signs and more, which are kept, are the smaller part of every such list."""

_pool = ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="password")
_hasher = PasswordHash((Argon2Hasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=1),))


def hash_now(password: str) -> str:
    """The argon2id hash; blocks for some 60 ms. For commands; pages use `hash_password`."""
    return _hasher.hash(password)


async def hash_password(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_pool, _hasher.hash, password)


async def matches(password: str, kept: str | None) -> bool:
    """Whether `password` is the one behind the hash `kept`. None or empty costs the same time and is never right."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _matches, password, kept or "")


def _matches(password: str, kept: str) -> bool:
    too_long = len(password) > MOST_CHARACTERS  # is never right, and never because of how it begins
    try:
        right = _hasher.verify("" if too_long else password, kept or _nobodys_hash())
    except UnknownHashError:
        return False
    return right and bool(kept) and not too_long


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))


def usual_in(file: Path | None) -> frozenset[str]:
    """The passwords of the house's own list that are long enough to be chosen at all. Raises OSError when it cannot be read."""
    return frozenset() if file is None else _usual_in(file, file.stat().st_mtime_ns)


def usual_if_readable(file: Path | None) -> frozenset[str]:
    """The same, and none while the list cannot be read: what is weak by our own rules is refused all the same, and nobody who must choose a password now is shut
    out by a slip in a setting. The doctor tells of it every hour; the log each time, for each may be the password of an administrator."""
    try:
        return usual_in(file)
    except OSError as error:
        log.warning(
            "the list of usual passwords cannot be read (%s): a password is judged by our own rules alone",
            error.strerror,
        )
        return frozenset()


@lru_cache(maxsize=1)
def _usual_in(file: Path, _changed: int) -> frozenset[str]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        read = (line.rstrip("\r\n").casefold() for line in islice(lines, MOST_USUAL))
        return frozenset(each for each in read if LEAST_CHARACTERS <= len(each) <= MOST_CHARACTERS)


def fault_of(password: str, username: str = "", usual: frozenset[str] = frozenset()) -> str | None:
    """Why this password will not do, in a sentence; None when it will. `usual`: those of the house's own list."""
    if len(password) < LEAST_CHARACTERS:
        return f"Use at least {LEAST_CHARACTERS} characters. Three words that do not belong together are easy to remember."
    if len(password) > MOST_CHARACTERS:
        return f"Use at most {MOST_CHARACTERS} characters."
    plain = password.casefold()
    if (
        len(set(plain)) < 5
        or plain in usual
        or (username and username.casefold() in plain and len(plain) < 20)
        or guessed.is_guessed(plain, (*OF_THE_HOUSE, *re.split(r"[^a-z]+", username.casefold())))
    ):
        return "This password is easy to guess. Three words that do not belong together make a good one."
    return None


def one_time_password() -> str:
    """A password to tell somebody once, easy to read out: 76 bits in four groups (`kilo-...`)."""
    groups = ("".join(secrets.choice(_SYLLABLES) for _ in range(3)) for _ in range(4))
    return "-".join(groups)
