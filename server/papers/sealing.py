"""How what was handed in is kept: each document, and the facts of each submission, under a key of its own (AES-256-GCM).

A document is cut into pieces that fit a row of at most one MiB. Each is sealed with the document's id, its number and how many there are as
associated data, so pieces cannot be swapped, dropped or put under another document without it being noticed. The key itself is kept wrapped
(`keyring`); with it gone, the pieces are noise, in every copy of them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from server.papers.keyring import Damaged

KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
MOST_PIECE_BYTES = 1024 * 1024
"""Of a sealed piece."""
CLEAR_BYTES = MOST_PIECE_BYTES - NONCE_BYTES - TAG_BYTES


@dataclass(frozen=True)
class Facts:
    """What only the visitor's team may know. Never shown by `repr`: exceptions and logs print that."""

    case: str = ""
    phone: str = ""
    email: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "Facts(...)"


def new_key() -> bytes:
    """For one document, or the facts of one submission; never used for another."""
    return secrets.token_bytes(KEY_BYTES)


def how_many(size: int) -> int:
    """Pieces of a document of `size` bytes; one at least."""
    return max(1, -(-size // CLEAR_BYTES))


def seal(key: bytes, document: str, body: bytes) -> Iterator[bytes]:
    """The pieces of a document, numbered from 0 as they come."""
    count, view = how_many(len(body)), memoryview(body)
    for number in range(count):
        yield _seal(key, _bound(document, number, count), view[number * CLEAR_BYTES :][:CLEAR_BYTES])


def unseal(key: bytes, document: str, pieces: Sequence[bytes]) -> bytes:
    """The document, given all its pieces in their order; raises Damaged."""
    count = len(pieces)
    if not count:
        raise Damaged("None of its parts is there.")
    return b"".join(
        _unseal(key, _bound(document, number, count), piece) for number, piece in enumerate(pieces)
    )


def seal_facts(key: bytes, submission: str, facts: Facts) -> bytes:
    clear = json.dumps(asdict(facts), ensure_ascii=False, separators=(",", ":")).encode()
    return _seal(key, f"facts:{submission}".encode(), clear)


def unseal_facts(key: bytes, submission: str, sealed: bytes) -> Facts:
    """Raises Damaged. What a later version wrote besides is passed over."""
    told = json.loads(_unseal(key, f"facts:{submission}".encode(), sealed))
    return Facts(
        case=told.get("case", ""),
        phone=told.get("phone", ""),
        email=told.get("email", ""),
        answers=told.get("answers", {}),
    )


def _bound(document: str, number: int, count: int) -> bytes:
    return f"{document}:{number}:{count}".encode()


def _seal(key: bytes, bound: bytes, clear: bytes | memoryview) -> bytes:
    # Six megabytes, for the first that is sealed.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, bound)


def _unseal(key: bytes, bound: bytes, sealed: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        raise Damaged("A part of it is missing or was changed since it was kept.") from None
