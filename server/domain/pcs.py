"""Whether a page may be sent to a self-service PC, and which one waits there. Instants are microseconds since 1970.

Kept in the device's `layout`: `rests` (its browser shows the page of the PC itself), `opens` and `opens_at` (a page of the centre, sent from a kiosk).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WAITS = 3 * 60 * 1_000_000
"""How long a page waits for whoever chose it; then the next person must not find it."""
AWAY = 90 * 1_000_000
"""A PC that has not said for so long that it rests is in use, or off."""


def is_free(layout: Mapping[str, Any], health_at: int | None, now: int) -> bool:
    """Whether a page may be sent to it: it rests, said so lately, and no page waits there."""
    rests = bool(layout.get("rests")) and health_at is not None and now - health_at <= AWAY
    return rests and opens_now(layout, now) is None


def opens_now(layout: Mapping[str, Any], now: int) -> str | None:
    """The slug of the page that waits at it."""
    at = layout.get("opens_at")
    waits = isinstance(at, int) and now - at <= WAITS
    return str(layout["opens"]) if waits and layout.get("opens") else None
