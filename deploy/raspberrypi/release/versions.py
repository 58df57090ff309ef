"""How releases are named, and which of two is newer.

A release made at a tag is called like it (`1.4.0`). One made between tags says how many commits later and which:
`1.4.0.dev12.g1a2b3c4` comes *before* 1.4.0, as what is on its way to it. A name that is anything else is refused before it becomes
part of a path. The server keeps the same rule in `server/domain/rollout.py`; a test holds the two together.
"""

from __future__ import annotations

import re

SHAPE = re.compile(r"(\d{1,4}(?:\.\d{1,4}){1,3})(?:\.dev(\d{1,7})(?:\.g([0-9a-f]{7,12}))?)?")


def is_version(text: str) -> bool:
    return len(text) <= 40 and SHAPE.fullmatch(text) is not None


def order(version: str) -> tuple[tuple[int, ...], int]:
    """A key to sort by: newer is greater. Two builds of one place count as the same."""
    match = SHAPE.fullmatch(version)
    if match is None or len(version) > 40:
        raise ValueError(f"“{version}” is not the name of a release.")
    numbers = [int(part) for part in match[1].split(".")]
    numbers += [0] * (4 - len(numbers))
    return tuple(numbers), int(match[2]) if match[2] is not None else 10**8
