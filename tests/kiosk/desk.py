"""A server's place for handing in, over real HTTP: it opens what it gets with its own key, keeps each packet once, and answers the same again.

Its levers are what real ones and the lines to them do wrong: refusing, stumbling, hanging up before or after it has everything, answering before it has read.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import pyrage

from wire.packets import Manifest, Packet, ScannedPaper, file_of, read_packet
from wire.references import new_reference
from wire.vocabulary import HandedIn, new_id

Deed = int | Literal["cut", "cut_after", "early"]
"""A status to refuse with; the line cut in the middle of the body, or when all is taken; refused before the body is read."""

MARK = "Zanzibar-Marmalade"
"""Stands in every page and reference that tests hand in. Found on a kiosk's disk, it is a visitor's."""


@dataclass
class Desk:
    identity: pyrage.x25519.Identity = field(default_factory=pyrage.x25519.Identity.generate)
    token: str = "right"
    does: Callable[[str, int], Deed | None] = lambda packet, tries: None
    """What goes wrong with this packet at this try (the first is 1); None when nothing does."""
    bodies: dict[str, bytes] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    ages: dict[str, int] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    other_bodies: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> str:
        return str(self.identity.to_public())

    def packet(self, packet: str) -> Packet:
        return read_packet(pyrage.decrypt(self.bodies[packet], [self.identity]))

    def rows(self) -> dict[str, object]:
        return {"hand_in": {"kind": "hand_in", "recipients": [self.key]}}


class _At(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    desk: Desk

    def do_PUT(self) -> None:
        desk, packet = self.desk, self.path.removeprefix("/api/packets/")
        tries = desk.tries[packet] = desk.tries.get(packet, 0) + 1
        length = int(self.headers["Content-Length"])
        deed = desk.does(packet, tries)
        if self.headers["Authorization"] != f"Bearer {desk.token}":
            self.answer(401, "not_signed_in")
        elif deed == "early":
            self.close_connection = True
            self.answer(413, "too_large")
        elif deed == "cut":
            self.rfile.read(length // 2)
            self.hang_up()
        else:
            self.read_all(packet, self.rfile.read(length), length, deed)

    def read_all(self, packet: str, body: bytes, length: int, deed: Deed | None) -> None:
        desk = self.desk
        if len(body) < length:
            self.hang_up()
        elif isinstance(deed, int):
            self.answer(deed, {422: "malformed", 413: "too_large", 502: "", 404: ""}.get(deed, "try_later"))
        elif desk.bodies.setdefault(packet, body) != body:
            desk.other_bodies.append(packet)
            self.answer(409, "id_reused")
        else:
            if packet not in desk.order:
                desk.order.append(packet)
            desk.ages[packet] = int(self.headers["Foyer-Age-Ms"])
            if deed == "cut_after":
                self.hang_up()
            else:
                self.answer(200, "")

    def answer(self, status: int, code: str) -> None:
        said = {"refusal": {"code": code, "say": "The pages cannot be opened."}} if code else {}
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *args: object) -> None:
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: object) -> None:
        """A kiosk that was killed hangs up; that is what some tests are about."""


@contextmanager
def opened(desk: Desk) -> Iterator[Desk]:
    """At `desk.port`, or where there is room."""
    server = _Server(("127.0.0.1", desk.port), type("_AtThis", (_At,), {"desk": desk}))
    desk.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield desk
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def papers(pages: int = 2, size: int = 20_000) -> Packet:
    """Something handed in; the mark stands in every page of it, and in what its visitor typed."""
    bodies = {
        f"p{number}.jpg": (f"{MARK} page {number} ".encode() * (size // 20 + 1))[:size]
        for number in range(pages)
    }
    manifest = Manifest(
        id=new_id(),
        kind=HandedIn.PAPERS,
        reference=new_reference(lambda signs: signs[3]),
        what="council-tax",
        case=f"{MARK}-7",
        phone="+447700900123",
        papers=(ScannedPaper(pages=tuple(bodies)),),
        files=tuple(file_of(name, "image/jpeg", body) for name, body in bodies.items()),
    )
    return Packet(manifest, bodies)
