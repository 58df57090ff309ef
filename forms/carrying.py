"""How a begun form is put into one piece, and sealed so that only who holds its secret can read it.

A secret is 256 random bits (`new_secret`), or a reference that somebody can read out and type: then a slow hash stands between it and the key, salted
with the house's address, for its seven free signs alone could be tried through. From the secret come two things that say nothing of
each other: the name the house keeps the bytes under (`id_of`) and the key (AES-256-GCM; the name is bound in, so bytes kept under another name do
not open). A secret seals one thing only, or each time with a fresh nonce of 96 bits.

    12 bytes nonce | sealed: 4 bytes length of the document, big-endian | the document, UTF-8 JSON | the files, one after the other
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wire.references import arrival_hash, read_reference

NONCE_BYTES = 12
_LENGTH_BYTES = 4


class CannotOpen(ValueError):
    """Another secret sealed it, or it is not whole."""


@dataclass(frozen=True)
class BegunFile:
    """A photo or a signature."""

    type: str
    body: bytes


@dataclass(frozen=True)
class Begun:
    """A form as far as it is filled in. `typed` is what stands on pages and has not been found right, by their places as they stand in an address (`key`, `group.0.key`)."""

    slug: str
    version: int
    language: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, BegunFile] = field(default_factory=dict)
    typed: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""
    """The page that was open."""
    seconds: int = 0
    """How long it has taken so far."""


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def secret_of(text: str, house: str) -> str:
    """The secret in what stands behind `/carry-on/`; `house` is its public address. Of a reference it takes some 50 ms and 16 MiB, on purpose."""
    reference = read_reference(text) if len(text) <= 12 else None
    return arrival_hash(reference, f"carry-on {house.rstrip('/')}") if reference else text


def id_of(secret: str) -> str:
    """What the house keeps it under: 64 hex digits."""
    return hashlib.sha256(b"foyer carried id\0" + secret.encode("utf-8", "surrogatepass")).hexdigest()


def _key(secret: str) -> bytes:
    return hashlib.sha256(b"foyer carried key\0" + secret.encode("utf-8", "surrogatepass")).digest()


def seal_bytes(body: bytes, secret: str, label: str = "") -> bytes:
    """`label` tells the parts of one thing from each other: sealed under one, it does not open under another."""
    # Six megabytes, for the first that is sealed.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_key(secret)).encrypt(nonce, body, _bound(secret, label))


def open_bytes(sealed: bytes, secret: str, label: str = "") -> bytes:
    """Raises CannotOpen."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(_key(secret)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(secret, label))
    except (InvalidTag, ValueError):
        raise CannotOpen("This was sealed with another secret, or is not whole.") from None


def _bound(secret: str, label: str) -> bytes:
    return f"{id_of(secret)} {label}".encode()


def seal(begun: Begun, secret: str) -> bytes:
    """Everything of it, for whoever comes with the secret."""
    document = {
        "slug": begun.slug,
        "version": begun.version,
        "language": begun.language,
        "answers": begun.answers,
        "typed": begun.typed,
        "at": begun.at,
        "seconds": begun.seconds,
        "files": [
            {"name": name, "type": each.type, "bytes": len(each.body)} for name, each in begun.files.items()
        ],
    }
    head = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    bodies = (each.body for each in begun.files.values())
    return seal_bytes(b"".join((len(head).to_bytes(_LENGTH_BYTES, "big"), head, *bodies)), secret)


def unseal(sealed: bytes, secret: str) -> Begun:
    """Raises CannotOpen."""
    body = open_bytes(sealed, secret)
    start = _LENGTH_BYTES + int.from_bytes(body[:_LENGTH_BYTES], "big")
    try:
        document = json.loads(body[_LENGTH_BYTES:start])
        files: dict[str, BegunFile] = {}
        for each in document["files"]:
            files[each["name"]] = BegunFile(each["type"], body[start : start + each["bytes"]])
            start += each["bytes"]
        return Begun(
            slug=document["slug"],
            version=document["version"],
            language=document["language"],
            answers=document["answers"],
            files=files,
            typed=document.get("typed", {}),
            at=document.get("at", ""),
            seconds=document.get("seconds", 0),
        )
    except (KeyError, TypeError, ValueError):
        raise CannotOpen("This is not a form that was begun.") from None
