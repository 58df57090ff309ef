"""Where this kiosk's server is: as its settings say, or where that server itself said it moves to.

A kiosk must find a server that got another address without somebody standing before it, and must never be led to a wrong one. So the only voice that
counts is the server it already trusts, over the line it already has: a row of its feed names the new address (`FOYER_MOVING_TO`). Nothing else does: no redirect,
no name service, no broadcast. The new address is tried with this kiosk's own token before it is believed (it must be secure if the old one was, and must
know this very device), then kept in a file beside the token; the old address stays as the way back when the new one is silent for long.

Whoever writes another `server` into the settings has the last word: what was kept is for the address it came from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kiosk import onto_card

FILE = "address.json"


def recall(folder: Path, configured: str) -> str:
    """The address to begin with."""
    try:
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
        old, new = str(kept["from"]), str(kept["to"])
    except (OSError, ValueError, KeyError, TypeError):
        return configured
    return new if old == configured and acceptable(new, configured) else configured


def keep(folder: Path, configured: str, moved_to: str) -> None:
    """Raises `OSError`."""
    if moved_to == configured:
        onto_card.drop(folder / FILE)
    else:
        onto_card.put(folder / FILE, json.dumps({"from": configured, "to": moved_to}))


def acceptable(new: str, old: str) -> bool:
    """A plain address, and no less secure than the old one."""
    try:
        parts = urlsplit(new)
        # A part raises for what is no port, and `encode` for a name that no name service could be asked for.
        plain = parts.hostname and parts.port != 0 and parts.hostname.encode("idna")
    except ValueError:
        return False
    if not plain or parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username:
        return False
    return parts.scheme == "https" or urlsplit(old).scheme == "http"


def told(rows: Mapping[str, Any], now_at: str) -> str:
    """The address the server says it moves to; empty when it says none, or we are there, or it is none to go to."""
    row = rows.get("moving")
    new = str(row.get("server", "")).rstrip("/") if isinstance(row, Mapping) else ""
    return new if new and new != now_at and acceptable(new, now_at) else ""
