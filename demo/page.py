"""The demonstration's own page: where everything is, with one click each, and the papers that came out.

A browser keeps one pairing for each host name, and cookies know no ports: so this page, on a port of its own, can hand the browser the cookie
of a paired display and send it on. The sign is opened under the name `localhost` and the PC under `pc.localhost`, so that all live side by side in
one browser. It also reads the square on the newest paper, as a phone would, and follows it. On loopback only, under local names only.
"""

from __future__ import annotations

import contextlib
import html
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from demo.door import Closed

LOCAL = ("127.0.0.1", "localhost", "pc.localhost")
MOST_PAPERS = 4
DEVICE_COOKIE = "foyer_device"
HTML = "text/html; charset=utf-8"
HEADERS = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"),
    ("X-Content-Type-Options", "nosniff"),
)


@dataclass(frozen=True)
class Login:
    who: str
    """What the person does: `Adviser`."""
    name: str
    username: str
    password: str
    where: str
    """The page they work on."""


@dataclass
class Told:
    """What the page tells; filled in when the centre stands."""

    server: str
    dock: str
    token_of: Callable[[str], str]
    """Pairs the display of this name if it is not yet; its token."""
    logins: tuple[Login, ...]
    papers: Path
    time: str
    plays: bool
    phones: str = ""
    """Where the messages to visitors can be read."""
    followed: dict[str, str] = field(default_factory=dict)
    """Secrets of the rehearsal's tickets, by code."""


def newest_papers(folder: Path) -> list[Path]:
    return sorted(folder.glob("paper-*.png"), key=lambda each: each.stat().st_mtime)[-MOST_PAPERS:][::-1]


def read_square(paper: Path) -> str | None:
    """What the QR on a paper says; None when there is none to be read."""
    import cv2

    picture = cv2.imread(str(paper), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        return None
    bordered = cv2.copyMakeBorder(picture, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=255)
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(bordered)
    return text or None


_pairing = threading.Lock()


class Desk(ThreadingHTTPServer):
    """Serves in threads of its own from the moment it is made; `close` ends it."""

    daemon_threads = True

    def __init__(self, told: Told, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Visit)
        self.told = told
        threading.Thread(target=self.serve_forever, name="demo page", daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Visit(BaseHTTPRequestHandler):
    server: Desk

    def do_GET(self) -> None:
        host = (self.headers.get("Host") or "").rpartition(":")[0]
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if host not in LOCAL:
                self._send(403, b"Only on this machine.", "text/plain")
                return
            try:
                self._answer(self.path.partition("?")[0], self.server.told)
            except Closed as error:  # the server is just being started again, perhaps
                self._send(503, f"{error}. Load this page again.".encode(), "text/plain; charset=utf-8")

    def _answer(self, path: str, told: Told) -> None:
        match path:
            case "/":
                self._send(200, _page(told).encode(), HTML)
            case "/lobby":
                self._go(f"{told.server}/display", "lobby")
            case "/sign":
                address = told.server.replace("127.0.0.1", "localhost")
                self._go(f"{address}/display/sign", "sign", "localhost")
            case "/pc":
                self._go(f"{told.server.replace('127.0.0.1', 'pc.localhost')}/pc", "pc", "pc.localhost")
            case "/phone":
                self._phone(told)
            case _ if path.startswith("/papers/") and (file := _paper(told.papers, path)):
                self._send(200, file.read_bytes(), "image/png")
            case _:
                self._send(404, b"There is nothing here.", "text/plain")

    def _phone(self, told: Told) -> None:
        papers = newest_papers(told.papers)
        square = read_square(papers[0]) if papers else None
        if square:
            self._go(square)
        elif told.followed:
            self._go(f"{told.server}/t/{list(told.followed.values())[-1]}")
        else:
            say = "No paper has come out yet. Take a ticket at the kiosk first."
            self._send(200, _frame(f"<main><p>{say}</p><p><a href='/'>Back</a></p></main>").encode(), HTML)

    def _go(self, where: str, display: str = "", host: str = "127.0.0.1") -> None:
        """Send the browser on, with the cookie of a display if one is named. Cookies belong to the name this page was asked under, so it
        has to be the name the device's page is opened under."""
        here = (self.headers.get("Host") or "").rpartition(":")[0]
        if display and here != host:
            where, display = f"http://{host}:{self.server.server_port}{self.path}", ""
        token = self._token(display) if display else ""
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Cache-Control", "no-store")
        if token:
            cookie = f"{DEVICE_COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=86400"
            self.send_header("Set-Cookie", cookie)
        self.end_headers()

    def _token(self, display: str) -> str:
        with _pairing:  # two tabs at once pair one device
            return self.server.told.token_of(display)

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), *HEADERS):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the library's name
        """Silent: the terminal belongs to the addresses."""


def _paper(folder: Path, path: str) -> Path | None:
    """By its exact name among those there are: no path from outside reaches the file system."""
    return {file.name: file for file in newest_papers(folder)}.get(path.removeprefix("/papers/"))


STYLE = """
body{margin:0;background:#f3f0e9;color:#14202b;font:16px/1.5 "Noto Sans",system-ui,sans-serif}
header{background:#0a4a48;color:#fff;padding:28px max(24px,calc(50vw - 540px))}header h1{margin:0;font-size:30px}
header p{margin:4px 0 0;color:#d3e6e2;max-width:60ch}
main{max-width:1080px;margin:24px auto;padding:0 24px;display:grid;gap:20px}
.cards{display:grid;gap:16px;grid-template-columns:repeat(auto-fill,minmax(190px,1fr))}
.card{display:block;background:#fff;border:1px solid #d5dde3;border-radius:10px;padding:18px 20px;color:inherit;text-decoration:none}
a.card:hover,a.card:focus-visible{border-color:#0a4a48;box-shadow:0 0 0 3px #0a4a4833;outline:none}
.card b{display:block;font-size:19px;color:#0a4a48}.card span{color:#45535f}
table{border-collapse:collapse;width:100%;background:#fff;border:1px solid #d5dde3;border-radius:10px}
td a{color:#0a4a48}th,td{text-align:left;padding:10px 16px;border-top:1px solid #e4eaee}thead th{border-top:0;color:#45535f;font-weight:600}
code{font:15px/1.4 "Noto Sans Mono",ui-monospace,monospace;background:#eef3f6;padding:2px 7px;border-radius:5px;user-select:all}
h2{margin:8px 0 0;font-size:20px}.papers{display:flex;gap:16px;flex-wrap:wrap;align-items:flex-start}
.papers img{width:190px;border:1px solid #d5dde3;box-shadow:0 2px 8px #0002;background:#fff}
.quiet{color:#45535f;margin:0}
"""


def _frame(body: str) -> str:
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>York House: the demonstration</title>"
        f"<meta name='viewport' content='width=device-width'><style>{STYLE}</style>{body}</html>"
    )


def _card(address: str, name: str, say: str) -> str:
    return f"<a class='card' href='{html.escape(address)}' target='_blank' rel='noreferrer'><b>{name}</b><span>{say}</span></a>"


def _page(told: Told) -> str:
    kiosk = (
        _card(told.dock, "Kiosk", "Its screen, live: touch it, take a ticket, see the paper, pull faults.")
        if told.dock
        else "<div class='card'><b>Kiosk</b><span>In a window of its own on this screen.</span></div>"
    )
    cards = kiosk + "".join(
        (
            _card("/lobby", "Lobby display", "The board that everybody sees. Click it once to let it speak."),
            _card("/sign", "Sign over Desk 4", "What hangs over one counter."),
            _card(
                f"{told.server}/counter",
                "Counter",
                "Where advisers call and serve. Sign in as one of those below.",
            ),
            _card("/phone", "Phone", "The page behind the square on the newest paper ticket."),
            _card("/pc", "Self-service PC", "What it rests on; a kiosk can send a page to it."),
            _card(f"{told.server}/forms", "Forms on the web", "The same forms as at the kiosk."),
            _card(f"{told.server}/online", "Online, by need", "What can be done on a page elsewhere."),
            _card(
                told.phones, "Visitors' messages", "Texts and e-mails that went out; text back as a visitor."
            )
            if told.phones
            else "",
        )
    )
    rows = "".join(
        f"<tr><td>{each.who}</td><td>{each.name}</td><td><code>{each.username}</code></td><td><code>{each.password}</code></td>"
        f"<td><a href='{told.server}{each.where}' target='_blank' rel='noreferrer'>{each.where}</a></td></tr>"
        for each in told.logins
    )
    papers = "".join(
        f"<img src='/papers/{each.name}' alt='A printed ticket'>" for each in newest_papers(told.papers)
    )
    plays = " Visitors and advisers of a rehearsal are at work; Desk 4 is left for you." if told.plays else ""
    return _frame(
        f"<header><h1>York House</h1><p>The demonstration began on {told.time}.{plays}</p></header>"
        f"<main><section class='cards'>{cards}</section>"
        "<h2>Staff</h2><table><thead><tr><th>Role<th>Name<th>User name<th>Password<th>Begins at</tr></thead>"
        f"<tbody>{rows}</tbody></table><p class='quiet'>Made for this run. To be several people at once, use a private window for each.</p>"
        f"<h2>Printed tickets</h2><div class='papers'>{papers or '<p class=quiet>None yet. Load this page again after taking one.</p>'}</div></main>"
    )
