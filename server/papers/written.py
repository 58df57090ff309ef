"""What a visitor wrote, in a few words that fit one column: sealed to the house's key at once, opened when somebody with the right reads it.

The text goes through age as it is (UTF-8), then base64, the same whether a kiosk sealed it (to the `recipients` it was told) or the server did. It is bound to
no row, unlike a paper's pieces: a kiosk seals before there is one.
"""

from __future__ import annotations

import base64
import binascii

from server.papers.keyring import Damaged, ForeignKey, Keyring

UNREADABLE = "These words cannot be opened with the keys of this house. Ask whoever keeps the key file (docs/papers.md)."


def seal_words(keyring: Keyring, text: str) -> str:
    """As it may lie in the database; empty for nothing."""
    return base64.b64encode(keyring.wrap(text.encode())).decode() if text else ""


def open_words(keyring: Keyring, sealed: str) -> str | None:
    """What was written; None when it cannot be opened: another house's key, or not whole."""
    try:
        return keyring.open(base64.b64decode(sealed, validate=True)).decode()
    except (Damaged, ForeignKey, binascii.Error, UnicodeDecodeError):
        return None
