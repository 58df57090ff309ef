"""The updater's line to its server: what it shall have, the file in pieces, and how it went. Only what Python itself brings.

Who asks is the device itself: a kiosk by the token in its state folder. Another machine (a display's) by a token of its own in
`/etc/foyer/credentials/update-token` and `FOYER_SERVER` in `/etc/foyer/update.env`. The token goes to that one server and, since redirects are not
followed, nowhere else.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import ssl
import stat
import tomllib
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

from health import settings_of
from places import Places, read_others
from refusal import Broken, Refused
from trust import MOST_SIGNATURE_BYTES, Statement

SECONDS = 30
BLOCK = 256 * 1024
MOST_ANSWER_BYTES = 64 * 1024


class NoLine(Refused):
    """The server cannot be asked now. It is tried again by the timer."""

    status = 8


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True)
class Line:
    server: str
    token: str
    machine: str = ""
    """Names the machine a kiosk runs on, as the kiosk does: its token is good on no other."""

    def __repr__(self) -> str:
        return f"Line({self.server!r})"

    def wanted(self, runs: str) -> dict[str, Any]:
        return self._json(f"/api/releases/wanted?runs={quote(runs)}")

    def tell(self, runs: str, version: str, state: str, say: str) -> None:
        body = {"runs": runs, "version": version, "state": state, "say": say[:1000]}
        self._json("/api/releases/told", json.dumps(body).encode())

    def signature(self, version: str, into: Path) -> None:
        with self._open(f"/api/releases/{version}/signature") as answer:
            into.write_bytes(self._read(answer, MOST_SIGNATURE_BYTES))

    def fetch(self, statement: Statement, into: Path) -> None:
        """The rest of a file that may be here in part. Never more than was signed; what came stays for the next try."""
        have = into.stat().st_size if into.exists() else 0
        if have > statement.size:
            into.unlink()
            have = 0
        if have == statement.size:
            return
        headers = {"range": f"bytes={have}-"} if have else {}
        with self._open(f"/api/releases/{statement.version}/file", headers=headers) as answer:
            if have and answer.status != 206:  # type: ignore[attr-defined]  # an answer over HTTP has one
                have = 0
            _pour(answer, into, have, statement.size)
        if into.stat().st_size < statement.size:
            raise Broken("The line broke while the release was fetched. It goes on where it stopped.")

    def ask(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        return self._json(path, json.dumps(body).encode())

    def _json(self, path: str, body: bytes | None = None) -> dict[str, Any]:
        with self._open(path, body) as answer:
            try:
                found = json.loads(self._read(answer, MOST_ANSWER_BYTES))
            except (ValueError, RecursionError) as error:
                raise NoLine(f"{self.server} answered something else than a Foyer does.") from error
        return found if isinstance(found, dict) else {}

    def _read(self, answer: IO[bytes], most: int) -> bytes:
        try:
            return answer.read(most)
        except (OSError, http.client.HTTPException) as error:
            raise NoLine(f"{self.server} stopped in the middle of its answer.") from error

    def _open(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> IO[bytes]:
        asked = urllib.request.Request(self.server + path, data=body, headers=headers or {})
        if self.token:
            asked.add_header("authorization", f"Bearer {self.token}")
        if self.machine:
            asked.add_header("x-foyer-machine", self.machine)
        if body is not None:
            asked.add_header("content-type", "application/json")
        opener = urllib.request.build_opener(
            _NoRedirects, urllib.request.HTTPSHandler(context=ssl.create_default_context())
        )
        try:
            opened: IO[bytes] = opener.open(asked, timeout=SECONDS)
        except urllib.error.HTTPError as error:
            if error.code in {401, 403}:
                raise NoLine(
                    "The server does not know this device any more, so it is not updated."
                ) from error
            raise NoLine(f"The server refused what the updater asked ({error.code}).") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise NoLine(f"{self.server} cannot be reached: {error}.") from error
        return opened


def _pour(answer: IO[bytes], into: Path, have: int, size: int) -> None:
    with into.open("r+b" if have else "wb") as file:
        file.seek(have)
        while have < size:
            try:
                block = answer.read(min(BLOCK, size - have))
            except (OSError, http.client.HTTPException):
                break
            if not block:
                break
            file.write(block)
            file.flush()
            have += len(block)
        os.fsync(file.fileno())


def line_of(places: Places) -> Line:
    """Whom this machine asks, and as whom."""
    if kiosk := _of_kiosk(places.root):
        return Line(server_of(kiosk[0]), kiosk[1], machine(places.root))
    server, token = _of_other(places)
    return Line(server_of(server), token)


def machine(root: Path) -> str:
    """As `hardware.machine.identity`, again: the updater must work with nothing but Python's library. A test holds the two together."""
    for path in ("proc/device-tree/serial-number", "sys/class/dmi/id/product_serial", "etc/machine-id"):
        try:
            everybodys = (root / path).stat().st_mode & stat.S_IROTH
            text = (root / path).read_text(encoding="ascii", errors="replace") if everybodys else ""
        except OSError:
            continue
        if (name := text.strip("\0 \n")).strip("0"):
            return hashlib.sha256(f"foyer\n{path}\n{name}".encode()).hexdigest()
    return ""


def server_of(server: str) -> str:
    """The server's address, if a token may be sent there."""
    parts = urlsplit(server)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise Refused(f"“{server}” is not the address of a server.")
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise Refused(
            "The server's address must begin with https://, or the device's token could be read on the way."
        )
    return server.rstrip("/")


def _of_kiosk(root: Path) -> tuple[str, str] | None:
    try:
        settings = tomllib.loads((root / "etc/foyer/kiosk.toml").read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Refused(f"/etc/foyer/kiosk.toml cannot be read: {error}") from error
    state = root / str(settings.get("state", "/var/lib/foyer/kiosk")).lstrip("/")
    token = read_others(state / "device.json").get("token")
    if not token or "server" not in settings:
        raise NoLine("This kiosk is not set up yet, so it is not updated.")
    return _moved(state, str(settings["server"])), str(token)


def _moved(state: Path, configured: str) -> str:
    """Where the kiosk follows its server to (kiosk/addressing.py)."""
    kept = read_others(state / "address.json")
    return str(kept.get("to", configured)) if kept.get("from") == configured else configured


def _of_other(places: Places) -> tuple[str, str]:
    server = settings_of(places, "update.env").get("FOYER_SERVER", "")
    try:
        token = (places.root / "etc/foyer/credentials/update-token").read_text("utf-8").strip()
    except OSError:
        token = ""
    if not server or not token:
        raise Refused("This machine has no server to be updated from: foyer-release pair --server https://…")
    return server, token
