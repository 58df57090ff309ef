"""The house's own keys for papers, in a file outside the database: who has only the database, or a backup of it, can read nothing handed in.

The file holds age identities, one a line (`AGE-SECRET-KEY-1...`, comments behind `#`), readable by the server's user alone. The first seals
and is what kiosks seal to; all of them open, so a key is changed by putting a new one on top. It is made at the first start. A start that
would make a new one while something sealed with another is still kept is refused: the kiosk would go on, and nobody would notice until an
adviser opens a paper. Several servers on one database share one file (`server.key_file`).
"""

from __future__ import annotations

import hmac
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
from pyrage import x25519

from server.key_file import KeyFile
from server.store.database import DatabaseUnusable

COMMENT = (
    "# Opens what visitors handed in to Foyer. Keep a copy apart from the backups of the database (docs/papers.md).\n"
    "# The first key seals, all of them open.\n"
)


class KeysUnusable(DatabaseUnusable):
    """The key file cannot be used; `str()` is a sentence that says why and what to do."""


class ForeignKey(ValueError):
    """It was not sealed to any of our keys."""


class Damaged(ValueError):
    """It was sealed to us, and is not whole any more."""


@dataclass(frozen=True)
class Keyring:
    """The keys of one house; safe to use from several threads. Its representation names none of them."""

    identities: tuple[x25519.Identity, ...]

    @property
    def recipients(self) -> tuple[str, ...]:
        """What others seal to: the public key of the first."""
        return (self.known[0],)

    @property
    def known(self) -> tuple[str, ...]:
        """The public keys of all, in their order."""
        return tuple(str(each.to_public()) for each in self.identities)

    def wrap(self, key: bytes) -> bytes:
        """A document's key, so that only this house has it again."""
        wrapped: bytes = pyrage.encrypt(key, [self.identities[0].to_public()])
        return wrapped

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises ForeignKey or Damaged."""
        return self.open(wrapped)

    def open(self, body: bytes) -> bytes:
        """What was sealed to us, such as a kiosk's packet. Takes a while for a long one; raises ForeignKey or Damaged."""
        clear = io.BytesIO()
        try:
            pyrage.decrypt_io(_Slowly(body), clear, list(self.identities))
        except pyrage.DecryptError as error:
            if "No matching keys" in str(error):
                raise ForeignKey("It is sealed to another house's key.") from None
            raise Damaged("It is cut off or was changed on its way.") from None
        except OSError:
            raise Damaged("It is cut off or was changed on its way.") from None
        return clear.getvalue()

    def mark(self, purpose: str, body: bytes) -> str:
        """What a body is known again by, 64 hex digits, which tells nothing of it to who lacks the key file. The same for as long as the last
        key stands in the file. A mark made for one purpose is none for another, so nobody can have us mark what another part then trusts."""
        return hmac.new(
            str(self.identities[-1]).encode(), purpose.encode() + b"\0" + body, "sha256"
        ).hexdigest()

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self.known)})"


class _Slowly(io.RawIOBase):
    """Gives a body out in small parts. Opened at one go, 100 pages would keep every other thread from the interpreter for a tenth of a second;
    each part is a moment at which they get it (measured: never longer than 2 ms)."""

    def __init__(self, body: bytes) -> None:
        self._left = memoryview(body)

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        count = min(len(into), len(self._left), 65_536)
        into[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def new_identity() -> str:
    """A line for the file."""
    return str(x25519.Identity.generate())


def open_keyring(path: Path, sealed: Sequence[bytes] = (), known_as: str = "") -> Keyring:
    """The keys in `path`, made anew when there is no file and nothing needs an old one. Raises KeysUnusable.

    `sealed`: wrapped keys of what is kept, each of which must open; `known_as`: the public key the database was last used with.
    """
    file = _file(path)
    if not file.is_there():
        if sealed:
            raise KeysUnusable(
                f"The key file {path} is missing, and what visitors handed in is sealed with it. Put it back from where its copy is kept"
                f"{_named(known_as)}, or name its place in FOYER_PAPER_KEYS. No new one was made: it could not open them."
            )
        file.make(new_identity())
    ring = Keyring(tuple(_read(file)))
    for each in sealed:
        try:
            ring.unwrap(each)
        except ForeignKey:
            raise KeysUnusable(
                f"The key file {path} belongs to another house, or an old key was taken out of it: it cannot open what visitors handed in here."
                f" Put the right file back{_named(known_as)}, or add the missing key to it as another line."
            ) from None
        except Damaged:
            continue  # one damaged row is that document's trouble, not a reason to turn everybody away
    return ring


def _named(known_as: str) -> str:
    return f" (the one whose public key is {known_as})" if known_as else ""


def _file(path: Path) -> KeyFile:
    return KeyFile(path, COMMENT, "FOYER_PAPER_KEYS", KeysUnusable, if_open="think of who may have read it")


def _read(file: KeyFile) -> Iterable[x25519.Identity]:
    keys = file.lines()
    if not keys:
        raise KeysUnusable(
            f"The key file {file.path} holds no key. Put it back from where its copy is kept, or move it away if nothing was handed in yet."
        )
    for number, line in keys:
        try:
            yield x25519.Identity.from_str(line)
        except pyrage.IdentityError:
            raise KeysUnusable(
                f"Line {number} of the key file {file.path} is no key (AGE-SECRET-KEY-1...). Put the file back from where its copy is kept."
            ) from None


def read_keyring(path: Path) -> Keyring:
    """The keys in a file that is there; none is made. Raises KeysUnusable."""
    return Keyring(tuple(_read(_file(path))))


def add_key(path: Path) -> None:
    """A new key on top of those in the file, which stays whose it was. Raises KeysUnusable."""
    file = _file(path)
    tuple(_read(file))
    file.put_on_top(new_identity())
