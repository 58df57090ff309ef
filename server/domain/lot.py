"""Drawing lots that fall the same each time: for figures that need chance and must not change when they are looked at again. Pure.

A lot is drawn by name, so what is drawn for one ticket does not depend on which others there are, nor on how many lots were drawn before.
"""

from __future__ import annotations

from hashlib import blake2b

_ALL = 1 << 64


def drawn(*name: object) -> float:
    """From 0 up to 1, evenly spread over names."""
    text = "/".join(map(str, name))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) / _ALL
