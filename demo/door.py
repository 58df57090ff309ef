"""The centre's web pages as a program uses them: sign in, approve a device, pair one. Standard library only, this machine only.

Devices are paired as in a real centre: one side asks to be enrolled and is given a code, an administrator who is signed in types it, the
device claims its token. Here the same program plays both.
"""

from __future__ import annotations

import contextlib
import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from wire.vocabulary import DeviceKind

SECONDS = 10.0
_CSRF = re.compile(r'name="csrf" value="([^"]*)"')


class Closed(Exception):
    """The server said no, or nothing. `str()` says what was tried."""


@dataclass(frozen=True)
class PairedDevice:
    device: str
    token: str
    centre: str


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any, **_more: Any) -> None:
        return None


class Door:
    """A browser's worth of HTTP towards one server, with its cookies."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies), _StayHere()
        )

    def get(self, path: str) -> tuple[int, str]:
        return self._send(urllib.request.Request(f"{self.address}{path}"))

    def post_form(self, path: str, **fields: str) -> tuple[int, str]:
        """Status, and where it sends the browser or else the page."""
        body = urllib.parse.urlencode(fields).encode()
        return self._send(urllib.request.Request(f"{self.address}{path}", body))

    def post_json(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        request = urllib.request.Request(f"{self.address}{path}", json.dumps(body).encode(), headers)
        status, text = self._send(request)
        with contextlib.suppress(ValueError):
            answer = json.loads(text)
            return status, answer if isinstance(answer, dict) else {}
        return status, {}

    def sign_in(self, username: str, password: str) -> None:
        _, page = self.get("/sign-in")
        status, answer = self.post_form(
            "/sign-in", csrf=_token_in(page), username=username, password=password
        )
        if status != 303:
            raise Closed(f"{username} could not sign in: the server said {status} {_told(answer)}")

    @property
    def cookie(self) -> str:
        """The Cookie header of a socket of this browser."""
        return "; ".join(f"{each.name}={each.value}" for each in self.cookies)

    def approve(self, code: str, name: str, counter: str = "") -> None:
        """Pair the device that shows `code`; whoever is signed in must be an administrator."""
        _, page = self.get("/admin/devices")
        form = {"csrf": _token_in(page), "code": code, "name": name, "counter": counter}
        status, answer = self.post_form("/admin/devices/approve", **form)
        if status != 303:
            raise Closed(f"{name} could not be paired: the server said {status} {_told(answer)}")

    def pair(self, kind: DeviceKind, name: str, counter: str = "") -> PairedDevice:
        """A new device of this centre, by the enrolment API; needs an administrator signed in here."""
        other_side = Door(self.address)
        status, asked = other_side.post_json("/api/enrol", {"kind": kind.value, "name": name})
        if status != 201:
            raise Closed(f"{name} could not ask to be paired: the server said {status}")
        self.approve(asked["code"], name, counter)
        claim = {"enrolment": asked["enrolment"], "secret": asked["secret"]}
        status, paired = other_side.post_json("/api/enrol/claim", claim)
        if status != 200:
            raise Closed(f"{name} was not given its token: the server said {status}")
        return PairedDevice(str(paired["device"]), str(paired["token"]), str(paired["centre"]))

    def _send(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with contextlib.closing(error):
                return error.code, error.read().decode("utf-8", "replace")
        except OSError as error:
            raise Closed(f"{self.address} does not answer: {error}") from error


def _token_in(page: str) -> str:
    found = _CSRF.search(page)
    if found is None:
        raise Closed("the page has no form to fill in")
    return found[1]


def _told(page: str) -> str:
    """What a refusing page says, without its tags."""
    main = page.partition("<main")[2].partition("</main>")[0] or page
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())[:200]
