"""How a kiosk comes to belong to a centre: it shows a short code, an administrator approves it, the kiosk
gets its own token.

The token is the kiosk's only credential. It lies in the state folder, readable by its own account alone,
and is never shown or logged. Whoever can take the file can take the machine; the administrator can revoke
it within seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import logging
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

log = logging.getLogger("foyer.kiosk.enrol")

POLL_SECONDS = 2.0
RETRY_SECONDS = 5.0
MOST_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True)
class Paired:
    token: str
    device: str
    centre: str
    machine: str = ""
    """The machine it was given to; empty when that was never told."""

    def on(self, machine: str) -> Paired:
        return replace(self, machine=machine or self.machine)

    def __repr__(self) -> str:
        return f"Paired(device={self.device!r}, centre={self.centre!r})"


def recall(folder: Path) -> Paired | None:
    """The token kept, or None if this kiosk is not set up (or the file makes no sense, which is the same)."""
    try:
        kept = json.loads((folder / "device.json").read_text(encoding="utf-8"))
        return Paired(
            str(kept["token"]), str(kept["device"]), str(kept["centre"]), str(kept.get("machine", ""))
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(folder: Path, paired: Paired) -> None:
    """Write it so that at every instant either the old file or the new one is whole, and only we can read
    it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / "device.json.new"
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(paired), file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / "device.json")


def drop(folder: Path) -> None:
    (folder / "device.json").unlink(missing_ok=True)


class NoAnswer(Exception):
    """The server could not be asked, or answered nonsense. `str()` is for the log."""


async def enrol(
    server: str,
    name: str,
    show: Callable[[str | None], None],
    *,
    poll: float = POLL_SECONDS,
    retry: float = RETRY_SECONDS,
    failed: Callable[[BaseException], None] = lambda error: None,
) -> Paired:
    """Ask until approved. `show` gets the code to put on screen, or None while no server answers."""
    while True:
        try:
            status, asked = await asyncio.to_thread(
                _post, f"{server}/api/enrol", {"kind": "kiosk", "name": name}
            )
            if status != 200 and status != 201:
                raise NoAnswer(f"asked to be enrolled, the server said {status}")
            paired = await _claim(server, asked, show, poll)
            if paired is not None:
                return paired
        except (NoAnswer, KeyError) as error:
            log.info("not enrolled yet: %s", error)
            failed(reason_of(error))
            show(None)
        await asyncio.sleep(retry)


def reason_of(error: BaseException) -> BaseException:
    """What lies at the bottom of it."""
    cause = error.__cause__ or getattr(error, "reason", None)
    return reason_of(cause) if isinstance(cause, BaseException) else error


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_asked: Any, **_more: Any) -> None:
        """Nowhere: a redirect could lead a token to anybody."""


STRAIGHT = urllib.request.build_opener(_Stay)
"""Asks whom it was told to ask, and nobody that one sends it to."""


async def _claim(
    server: str, asked: dict[str, Any], show: Callable[[str | None], None], poll: float
) -> Paired | None:
    """None when this enrolment is over (refused or too old) and another must be asked for."""
    claim = {"enrolment": asked["enrolment"], "secret": asked["secret"]}
    show(str(asked["code"]))
    while True:
        status, answer = await asyncio.to_thread(_post, f"{server}/api/enrol/claim", claim)
        if status == 200:
            return Paired(str(answer["token"]), str(answer["device"]), str(answer["centre"]))
        if status != 202:
            return None
        await asyncio.sleep(poll)


def _post(url: str, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json", "Accept": "application/json"}
    )
    try:
        with STRAIGHT.open(request, timeout=10) as response:
            status, raw = response.status, response.read(MOST_ANSWER_BYTES)
    except urllib.error.HTTPError as error:
        with contextlib.closing(error):
            return error.code, {}
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(str(error)) from error
    try:
        answer = json.loads(raw or b"{}")
    except ValueError as error:
        raise NoAnswer("the server's answer is not JSON") from error
    return status, answer if isinstance(answer, dict) else {}
