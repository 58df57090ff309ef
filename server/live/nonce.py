"""An answer that only this house can give: it shows whoever holds the house's key that an address leads here, and tells others nothing."""

from __future__ import annotations

import hmac


def answer_to(house_key: str, nonce: str) -> str:
    return hmac.digest(house_key.encode(), f"is this the house: {nonce}".encode(), "sha256").hex()[:32]
