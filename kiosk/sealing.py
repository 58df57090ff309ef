"""Seals what a visitor hands in, so that only the house can read it: age, to every one of its public keys.

A kiosk has no key that opens what it sealed. From this moment until the server has it, the card in the machine holds nothing that anybody could read who takes
it, and neither does the kiosk itself. So a key is judged before anything is sealed to it: one that is not an age key of the
plain kind (X25519) would either fail or seal the papers to a stranger's hardware, and then nobody at the council could ever open them.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO, Protocol

from wire.packets import NotAPacket, Packet, packet_pieces

if TYPE_CHECKING:
    import pyrage

MOST_RECIPIENTS = 20


class CannotSeal(Exception):
    """It cannot be sealed, so it must not be kept. `str()` is for staff and says what to do; nothing of the packet stands in it."""


class Writes(Protocol):
    def write(self, data: bytes, /) -> int: ...


def recipients_of(keys: Sequence[str]) -> list[pyrage.x25519.Recipient]:
    """The keys, judged. Raises `CannotSeal`."""
    if not keys:
        raise CannotSeal(
            "The server has not told this kiosk whom papers may be read by. Check the line to the server."
        )
    if len(keys) > MOST_RECIPIENTS:
        raise CannotSeal(f"The server named {len(keys)} keys; at most {MOST_RECIPIENTS} make sense.")
    return [_recipient(key) for key in keys]


def _recipient(key: str) -> pyrage.x25519.Recipient:
    import pyrage  # on the first packet, and not on every kiosk

    try:
        return pyrage.x25519.Recipient.from_str(key)
    except (pyrage.RecipientError, TypeError):
        shown = (
            key[:12] if isinstance(key, str) and not key.upper().startswith("AGE-SECRET") else "a secret key"
        )
        raise CannotSeal(
            f"A key for papers is not one that can be sealed to ({shown!r}). Put the right public key (age1...) on the server."
        ) from None


def seal_into(packet: Packet, keys: Sequence[str], out: Writes) -> None:
    """Seal it piece by piece into `out`. Raises `CannotSeal`, and what `out` raises."""
    import pyrage

    recipients = recipients_of(keys)
    try:
        pieces = packet_pieces(packet)
    except NotAPacket as fault:
        raise CannotSeal(f"The pages do not make a packet: {fault}") from None
    sink = _Sink(out)
    try:
        pyrage.encrypt_io(_Pieces(pieces), sink, recipients)
    except pyrage.EncryptError as fault:
        if sink.fault is not None:
            raise sink.fault from None
        raise CannotSeal(f"Sealing failed: {fault}") from None


def seal(packet: Packet, keys: Sequence[str]) -> bytes:
    """The packet, sealed to all of these public keys. Raises `CannotSeal`."""
    out = io.BytesIO()
    seal_into(packet, keys, out)
    return out.getvalue()


class _Pieces(io.RawIOBase):
    """The pieces read one after another, without joining them."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = [memoryview(piece) for piece in pieces if piece]
        self._at = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Up to so many bytes; fewer at the end of a piece."""
        if not self._pieces:
            return b""
        piece = self._pieces[0]
        end = len(piece) if size is None or size < 0 else min(len(piece), self._at + size)
        found = bytes(piece[self._at : end])
        self._at = end
        if end == len(piece):
            del self._pieces[0]
            self._at = 0
        return found


class _Sink(io.RawIOBase):
    """Remembers why writing failed: pyrage tells only that it did."""

    def __init__(self, out: Writes | BinaryIO) -> None:
        self._out = out
        self.fault: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # what it is given is bytes
        try:
            self._out.write(data)
        except OSError as fault:
            self.fault = fault
            raise
        return len(data)
