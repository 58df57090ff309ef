"""Small questions to the server over HTTP, with this device's token: a form's text, addresses, what is carried to and from a phone.

Beside the other line, because that is for rows and asks of some kilobytes. Each blocks and is called in a thread; none is waited for long, for a visitor stands
there. What could not be asked is `None`, which is never a refusal.
"""

from __future__ import annotations

import contextlib
import http.client
import logging
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hardware import machine
from kiosk import enrol
from wire.frames import device_headers

log = logging.getLogger("foyer.kiosk.fetching")

SECONDS = 8.0
MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def ask(server: str, state: Path, path: str, method: str = "GET", body: bytes | None = None) -> Answer | None:
    """What the server says to `path`; None when it cannot be asked. `state` is where this device's token lies."""
    paired = enrol.recall(state)
    if paired is None:
        return None
    shown = device_headers(paired.token, machine.identity())
    if body is not None:
        shown["Content-Type"] = "application/octet-stream"
    request = urllib.request.Request(f"{server}{path}", body, shown, method=method)
    try:
        with enrol.STRAIGHT.open(request, timeout=SECONDS) as response:
            told = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, response.read(MOST_BYTES), told)
    except urllib.error.HTTPError as error:
        with contextlib.closing(error):
            return Answer(error.code)
    except (OSError, http.client.HTTPException, ValueError) as error:
        log.info("the server could not be asked: %s", type(error).__name__)
        return None
