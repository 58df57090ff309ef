"""A real server under hostile input: every route as several people, sockets in every state, and bytes that are hardly HTTP.

What must hold is looked at from outside and inside: no answer of 500 and none that is late, a log without traces and without what was sent, a
server that still serves, and as many files, threads, tasks and as much memory as before.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import psutil
from sqlalchemy import Connection, text
from sqlmodel import SQLModel
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException
from websockets.sync.client import connect

from server.domain.access import ROUTES, SYSTEM
from server.store.tx import Tx
from server.web.gate import ENROLLING_PATHS, OWN_PASSWORD_PATHS
from tests.fuzz.dice import MARK, Dice
from tests.fuzz.readers import ASKS, HELLO, picture_files
from tests.fuzz.targets import SLOW_SECONDS, Target
from tests.server.web.api.programs import booking_house
from tests.server.web.everybody import CSRF, Line, Someone, everybody
from tests.server.web.rehearsal import Served
from tests.server.web.test_access import BODIES

LEFT_ALONE = {("POST", "/sign-out"), ("POST", "/account/sign-out-elsewhere"), ("POST", "/password")}
"""Would end the session of who tries it; nobody's are tried all the same."""
WHO = (
    "all",
    "all",
    "all",
    "nobody",
    "nobody",
    "device kiosk",
    "program read+book+names",
    "visitor",
    "must change",
)
TEMPLATES = Path(__file__).resolve().parents[2] / "server/web/templates"
MOST_MEMORY = 96 * 1024 * 1024
PLAUSIBLE = ("council-tax", "housing", "york-house", "2026-11-25", "10:00", "1", "2", "3", "en", "on", "day", "Meera Patel", "07700 900123", "a@example.org", "yes", "desk-1")  # fmt: skip

DATES = ("on", "day", "first", "last", "from", "to", "until", "week", "month", "received_on", "date", "begins", "effective", "since", "year", "starts_at", "ends_at", "at")  # fmt: skip
DATE_EDGES = ("", "0001-01-01", "0001-01-07", "9999-12-31", "9999-12-25", "1969-12-31", "2026-02-29", "2026-W01-1", "20261124", "2026-11-24T10:00", "10000-01-01", "-1")  # fmt: skip
TIMES = ("starts", "ends", "opens", "closes", "time", "begins_at", "from_time", "to_time")
TIME_EDGES = ("", "00:00", "23:59", "24:00", "25:61", "10:00:00.5", "٠٩:٣٠", "9", "10:00+14:00", "T10")
NUMBERS = ("number", "days", "minutes", "people", "sheet", "page", "tickets", "most", "count", "visitors", "limit", "after", "version", "position", "hours", "who", "centre", "to")  # fmt: skip
NUMBER_EDGES = ("", "0", "-1", "1", "2147483647", "2147483648", "9223372036854775808", "9" * 40, "1e9", "٣", "²", "1.5", "+1", " 1", "0x1")  # fmt: skip

KNOWN = "handle_parser_exception\n    assert self.conn.close_sent is not None"
"""uvicorn's own: bytes that are no frame before its handshake is over end that connection with a trace in the log, and nothing else (docs/fuzzing.md)."""


class Listening(logging.Handler):
    """What the log says that it should not: a trace, or anything that was sent."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.wrong: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("websockets.client"):
            return  # ours, that did the harm
        said = self.format(record)
        if record.name == "asyncio" and KNOWN in said:
            return
        ours = record.name.startswith(("foyer", "server", "uvicorn", "websockets"))
        if record.exc_info or record.levelno >= logging.ERROR or (MARK in said and ours):
            self.wrong.append(f"{record.name} {record.levelname}: {said[-1500:]}")


@dataclass(frozen=True)
class Held:
    """What the process holds."""

    files: int
    threads: int
    tasks: int
    memory: int
    rows: dict[str, int] = field(default_factory=dict)


class FuzzedHouse:
    def __init__(self, served: Served) -> None:
        self.served = served
        self.people: dict[str, Someone] = {
            each.name: each for each in everybody(served, OWN_PASSWORD_PATHS, ENROLLING_PATHS)
        }
        ticket, _code, self.secret = served.visitor()
        self.real = (
            ticket,
            "1",
            "2",
            "3",
            "york-house",
            "council-tax",
            "BCDF-GHJW",
            self.secret,
            "services",
            "footfall",
            "name",
            "0" * 32,
        )
        self.lines = {name: Line(served.url, someone.shows) for name, someone in self.people.items()}
        self.listening = Listening()
        self.cases = 0
        self.statuses: dict[int, int] = {}
        self.routes = [key for key in ROUTES if key[0] != "WEBSOCKET" and key not in LEFT_ALONE]
        self.fields = sorted(
            {name for path in TEMPLATES.rglob("*.html") for name in re.findall(r'name="([a-z_-]+)"', path.read_text(encoding="utf-8"))}
        )  # fmt: skip
        logging.getLogger().addHandler(self.listening)
        self.uvicorn = logging.getLogger("uvicorn")
        self.said_by_uvicorn, self.uvicorn.handlers = self.uvicorn.handlers, [self.listening]

    # Routes ---------------------------------------------------------------------------------------------------

    def routes_case(self, dice: Dice) -> None:
        """One request to a route of the house."""
        who = dice.one_of(WHO)
        method, path = dice.one_of(self.routes)
        address = re.sub(r"{[^}]+}", lambda _: self._part(dice), path)
        if dice.often(0.5):
            pairs = [(self._field(dice), self._value(dice)) for _ in range(1 + dice.count(5))]
            address += "?" + urlencode(pairs, errors="replace")
        body, headers = self._body(dice, method)
        if dice.often(0.1):
            headers |= self._headers(dice)
        headers["accept"] = dice.one_of(("text/html", "application/json", "*/*"))
        began = time.monotonic()
        said = self.lines[who].ask(method, address, body, **headers)
        self._judge(said.status, time.monotonic() - began, f"{who} {method} {path}")

    def edges_case(self, dice: Dice) -> None:
        """A route with every field that may hold a date, a time or a number at the same edge, or left out."""
        method, path = dice.one_of(self.routes)
        address = re.sub(r"{[^}]+}", lambda _: quote(dice.one_of(self.real), safe=""), path)
        kinds = (
            (DATES, dice.one_of(DATE_EDGES)),
            (TIMES, dice.one_of(TIME_EDGES)),
            (NUMBERS, dice.one_of(NUMBER_EDGES)),
        )
        pairs = [("csrf", CSRF)] + [
            (name, edge) for names, edge in kinds for name in names if edge and dice.often(0.9)
        ]
        pairs += [
            (name, dice.one_of((*PLAUSIBLE, *self.real))) for name in dice.random.sample(self.fields, 12)
        ]
        sent = urlencode(pairs)
        form = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
        began = time.monotonic()
        if method == "GET":
            said = self.lines["all"].ask("GET", f"{address}?{sent}", None, accept="text/html")
        else:
            said = self.lines["all"].ask(method, address, sent.encode(), **form)
        self._judge(said.status, time.monotonic() - began, f"{method} {path}")

    def _part(self, dice: Dice) -> str:
        found = dice.one_of(self.real) if dice.often(0.6) else dice.text(40)
        return quote(found[:300], safe="", errors="replace") or "x"

    def _field(self, dice: Dice) -> str:
        return dice.one_of(self.fields) if dice.often(0.9) else dice.text(10)

    def _value(self, dice: Dice) -> str:
        return dice.one_of((*PLAUSIBLE, *self.real)) if dice.often(0.5) else dice.text(200)

    def _body(self, dice: Dice, method: str) -> tuple[bytes | None, dict[str, str]]:
        if method == "GET":
            return None, {}
        kind = dice.random.randrange(10)
        if kind < 5:
            pairs = [("csrf", CSRF)] + [
                (self._field(dice), self._value(dice)) for _ in range(dice.random.randint(0, 14))
            ]
            return urlencode(pairs, errors="replace").encode(), {
                "content-type": "application/x-www-form-urlencoded"
            }
        if kind < 7:
            return self._multipart(dice)
        if kind < 9:
            if dice.often(0.5):
                document = {
                    "ask_id": "a" * 32,
                    "body": dice.broken(dice.one_of(list(BODIES.values())).model_dump(mode="json"), 0.5),
                }
            else:
                document = {self._field(dice): dice.value(2) for _ in range(1 + dice.count(6))} | {
                    "csrf": CSRF
                }
            return dice.json(document).encode("utf-8", "replace"), {
                "content-type": "application/json",
                "idempotency-key": dice.one_of(("a" * 16, "b" * 90, "c")),
            }
        return dice.signs(2000), {
            "content-type": dice.one_of(
                (
                    "application/octet-stream",
                    "text/plain",
                    "application/x-www-form-urlencoded",
                    "multipart/form-data",
                )
            )
        }

    def _multipart(self, dice: Dice) -> tuple[bytes, dict[str, str]]:
        mark = "----x7"
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{CSRF}\r\n'.encode()]
        for _ in range(dice.random.randint(0, 6)):
            name = self._field(dice).replace('"', "").replace("\r", "").replace("\n", "")
            parts.append(
                f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{self._value(dice)}\r\n'.encode(
                    "utf-8", "replace"
                )
            )
        name = dice.one_of(("file", "photo", "files", "picture", self._field(dice)))
        file = dice.text(20).replace("\r", "").replace("\n", "")
        kind = dice.one_of(("image/jpeg", "image/png", "application/pdf", "text/csv", "application/toml"))
        content = (
            dice.mangled(dice.one_of(list(picture_files().values()))) if dice.often(0.6) else dice.signs(500)
        )
        parts.append(
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\nContent-Type: {kind}\r\n\r\n'.encode(
                "utf-8", "replace"
            )
            + content
            + b"\r\n"
        )
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        return (dice.mangled(body) if dice.often(0.3) else body), {
            "content-type": f"multipart/form-data; boundary={mark}"
        }

    def _headers(self, dice: Dice) -> dict[str, str]:
        """One that is hostile, of those somebody looks at."""
        name = dice.one_of(
            (
                "host",
                "origin",
                "referer",
                "x-forwarded-for",
                "x-forwarded-proto",
                "cookie",
                "authorization",
                "accept-language",
                "sec-fetch-site",
                "x-foyer-token",
                "x-foyer-machine",
                "range",
                "if-none-match",
                "content-encoding",
                "te",
            )
        )
        value = dice.text(200).encode("latin-1", "replace").decode("latin-1")
        return {name: re.sub(r"[\x00-\x1f\x7f]", "?", value) or "x"}

    # Sockets --------------------------------------------------------------------------------------------------

    def sockets_case(self, dice: Dice) -> None:
        """One conversation: hellos, asks, broken ones, giant, nested and binary ones, in any order; some are left half said."""
        path, who = dice.one_of(
            (
                ("/ws/device", "device kiosk"),
                ("/ws/device", "device display"),
                ("/ws/staff", "all"),
                (f"/ws/t/{self.secret}", "nobody"),
                (f"/ws/t/{quote(dice.text(30), safe='', errors='replace')}", "nobody"),
            )
        )
        address = self.served.url.replace("http", "ws", 1) + path
        began = time.monotonic()
        try:
            with connect(
                address,
                additional_headers=dict(self.people[who].shows),
                open_timeout=10,
                close_timeout=1,
                max_size=None,
            ) as talk:
                if dice.often(0.85):
                    talk.send(self._frame(HELLO))
                for _ in range(dice.random.randint(0, 8)):
                    talk.send(self._message(dice))
                if dice.often(0.3):
                    talk.socket.shutdown(socket.SHUT_RDWR)
                else:
                    with suppress(TimeoutError):
                        for _ in range(3):
                            talk.recv(timeout=0.02)
        except (ConnectionClosed, InvalidHandshake, WebSocketException, OSError):
            pass
        self._judge(101, time.monotonic() - began - 1.0, path[:10])

    def _frame(self, document: object) -> str:
        import json

        return json.dumps(document)

    def _message(self, dice: Dice) -> str | bytes:
        if dice.often(0.06):
            odd: tuple[str | bytes, ...] = ("x" * 70_000, b"\x00" * 1000, dice.signs(300), "", "[" * 20_000)
            return dice.one_of(odd)
        bodies = [each.model_dump(mode="json") for each in BODIES.values()]
        ask = {
            "type": "ask",
            "id": dice.one_of(("a" * 32, "b" * 32, dice.text(40))),
            "body": dice.one_of(bodies),
        }
        return (
            dice.json(dice.broken(dice.one_of((*ASKS, HELLO, ask, ask, ask)), 0.3))
            .encode("utf-8", "replace")
            .decode()
        )

    # Bytes ----------------------------------------------------------------------------------------------------

    def bytes_case(self, dice: Dice) -> None:
        """What is hardly HTTP, at the level of TCP: mangled heads, lengths that lie, pieces, half frames of a socket, and then gone."""
        parts = urlsplit(self.served.url)
        sent = dice.one_of(HEADS).replace(
            b"PATH",
            dice.one_of((b"/", b"/sign-in", b"/public", b"/api/enrol", b"/ws/device", b"/static/staff.css")),
        )
        if dice.often(0.7):
            sent = dice.mangled(sent)
        with suppress(OSError), socket.create_connection((parts.hostname, parts.port), timeout=5) as line:
            for at in range(0, len(sent), max(1, len(sent) // dice.random.randint(1, 4))):
                line.sendall(sent[at : at + max(1, len(sent) // 3)])
            line.settimeout(0.03)
            with suppress(TimeoutError):
                while line.recv(65536):
                    pass
        self._judge(0, 0.0, "bytes")

    # Judging --------------------------------------------------------------------------------------------------

    def _judge(self, status: int, seconds: float, what: str) -> None:
        self.cases += 1
        self.statuses[status] = self.statuses.get(status, 0) + 1
        wrong, self.listening.wrong = self.listening.wrong, []
        assert not wrong, f"{what}: the log says {wrong[0]}"
        assert status < 500 or status == 503, f"{what}: answered {status}"
        assert seconds < SLOW_SECONDS * 5, f"{what}: took {seconds:.1f} s"
        if self.cases % 100 == 0:
            self.put_right()

    def put_right(self) -> None:
        """Who has every role may have done away with themselves; and the house must still serve."""

        def mend(tx: Tx) -> None:
            connection = tx.session().connection()
            person = self.people["all"].actor.id
            connection.execute(
                text(
                    "UPDATE staff SET disabled_at = NULL, must_change = :no, emergency = :no WHERE id = :id"
                ),
                {"id": person, "no": False},
            )
            connection.execute(
                text("UPDATE browser_session SET ended_at = NULL, centre_id = :here WHERE staff_id = :id"),
                {"id": person, "here": self.served.ids.centre},
            )
            for role in self.people["all"].actor.roles:
                connection.execute(
                    text(
                        "INSERT INTO staff_role (staff_id, centre_id, role) SELECT :id, :here, :role WHERE NOT EXISTS (SELECT 1 FROM staff_role WHERE staff_id = :id AND centre_id = :here AND role = :role)"
                    ),
                    {"id": person, "here": self.served.ids.centre, "role": role.value},
                )

        self.served.run(self.served.house.change(SYSTEM, "put right", mend))
        assert self.lines["nobody"].ask("GET", "/health/live").status == 200
        assert self.lines["nobody"].ask("GET", "/sign-in").status in (200, 303)

    def held(self) -> Held:
        """After a moment in which what was hung up on is let go."""
        gc.collect()
        deadline, last = time.monotonic() + 8.0, -1
        while time.monotonic() < deadline:
            now = self.served.run(_tasks())
            if now == last:
                break
            last = now
            time.sleep(0.5)  # nothing to poll: what is over has no name any more
        process = psutil.Process()
        rows = self.served.run(self.served.house.look(_rows))
        return Held(process.num_fds(), threading.active_count(), last, process.memory_info().rss, rows)

    def close(self) -> None:
        logging.getLogger().removeHandler(self.listening)
        self.uvicorn.handlers = self.said_by_uvicorn
        for line in self.lines.values():
            line.close()


async def _tasks() -> int:
    return len(asyncio.all_tasks())


def _rows(connection: Connection) -> dict[str, int]:
    return {
        table.name: int(connection.execute(text(f'SELECT COUNT(*) FROM "{table.name}"')).scalar_one())
        for table in SQLModel.metadata.sorted_tables
    }


HEADS = (
    b"GET PATH HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST PATH HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab=cd",
    b"POST PATH HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
    b"POST PATH HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST PATH HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST PATH HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"GET PATH HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer token-of-the-kiosk-for-these-tests\r\n\r\n\x81\xfe\x00\x20abcd",
    b"GET PATH HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer token-of-the-kiosk-for-these-tests\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    b"GET PATH HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 2000 + b"\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET PATH HTTP/1.1\r\nHost: x\r\nCookie: " + b"a=b; " * 4000 + b"\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET PATH HTTP/1.1\nHost: x\n\n",
    b"GET PATH\r\n\r\n",
)  # fmt: skip


@contextmanager
def fuzzed_house(folder: str) -> Iterator[FuzzedHouse]:
    os.environ.setdefault("FOYER_READING_LANGUAGES", "")
    with booking_house(folder) as (served, _hands):
        house = FuzzedHouse(served)
        try:
            yield house
        finally:
            house.close()


def targets_of(house: FuzzedHouse) -> tuple[Target, ...]:
    return (
        Target("routes", house.routes_case),
        Target("edges", house.edges_case),
        Target("sockets", house.sockets_case),
        Target("bytes", house.bytes_case),
    )


def grown(before: Held, after: Held) -> list[str]:
    """What there is more of than a running house explains."""
    said = []
    if after.files > before.files + 30:
        said.append(f"{after.files - before.files} more open files")
    if after.threads > before.threads + 8:
        said.append(f"{after.threads - before.threads} more threads")
    if after.tasks > before.tasks + 30:
        said.append(f"{after.tasks - before.tasks} more tasks")
    if after.memory > before.memory + MOST_MEMORY:
        said.append(f"{(after.memory - before.memory) // 2**20} MiB more memory")
    return said
