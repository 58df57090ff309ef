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
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kiosk import onto_card

log = logging.getLogger("foyer.kiosk.enrol")

FILE = "device.json"
POLL_SECONDS = 2.0
RETRY_SECONDS = 5.0
MOST_ANSWER_BYTES = 64 * 1024
ANOTHER_TIME = 429
"""The server has too much to do; so it has from 500 on, or what stands before it says that it is not there."""


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
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Paired(
            str(kept["token"]), str(kept["device"]), str(kept["centre"]), str(kept.get("machine", ""))
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(folder: Path, paired: Paired) -> None:
    """Raises `OSError`; then the old one is still there."""
    folder.mkdir(parents=True, exist_ok=True)
    onto_card.put(folder / FILE, json.dumps(asdict(paired)))


def drop(folder: Path) -> None:
    """Raises `OSError`."""
    onto_card.drop(folder / FILE)


class NoAnswer(Exception):
    """The server could not be asked, or answered nonsense. `str()` is for the log."""


async def enrol(
    where: Callable[[], str],
    name: str,
    show: Callable[[str | None], None],
    *,
    poll: float = POLL_SECONDS,
    retry: float = RETRY_SECONDS,
    failed: Callable[[BaseException], None] = lambda error: None,
) -> Paired:
    """Ask until approved. `where` is the server's address, which may be another each time; `show` gets the code to put on screen, or None while
    no server answers.
    """

    def unanswered(error: BaseException) -> None:
        log.info("not enrolled yet: %s", error)
        failed(reason_of(error))
        show(None)

    while True:
        server = where()
        try:
            status, asked = await asyncio.to_thread(
                _post, f"{server}/api/enrol", {"kind": "kiosk", "name": name}
            )
            if status != 200 and status != 201:
                raise NoAnswer(f"asked to be enrolled, the server said {status}")
            paired = await _claim(server, where, asked, show, unanswered, poll, retry)
            if paired is not None:
                return paired
        except (NoAnswer, KeyError) as error:
            unanswered(error)
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
    server: str,
    where: Callable[[], str],
    asked: dict[str, Any],
    show: Callable[[str | None], None],
    unanswered: Callable[[BaseException], None],
    poll: float,
    retry: float,
) -> Paired | None:
    """None when this enrolment is over (refused, too old, or the server is looked for elsewhere) and another must be asked for. A server that starts
    anew meanwhile knows it still: the code that somebody reads off stays good.
    """
    claim = {"enrolment": asked["enrolment"], "secret": asked["secret"]}
    code = str(asked["code"])
    show(code)
    while server == where():
        try:
            status, answer = await asyncio.to_thread(_post, f"{server}/api/enrol/claim", claim)
            if status == ANOTHER_TIME or status >= 500:
                raise NoAnswer(f"asked for the token, the server said {status}")
        except NoAnswer as error:
            unanswered(error)
            await asyncio.sleep(retry)
            continue
        show(code)
        if status == 200:
            return Paired(str(answer["token"]), str(answer["device"]), str(answer["centre"]))
        if status != 202:
            return None
        await asyncio.sleep(poll)
    return None


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
