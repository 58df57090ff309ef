"""Nothing of a visitor comes into the log or a report of faults, whatever is asked, whatever fails, and whoever writes the line.

A real server is asked every route there is by everybody who works there, with marked names, numbers, addresses and words wherever something can be put:
in addresses, queries, forms, documents, files and asks. Then its tables are taken away under it, so that every page fails with the marks in its
statements' values, and it is asked everything again. All that was written, and all that a stand-in for Sentry was sent, is searched for the marks.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import logging
import sqlite3
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest

from server import error_reports, logs
from server.domain.access import NOBODY, ROUTES
from server.store.schema import migrate_address
from tests.server.web.rehearsal import Served, serving, token_of
from wire import asks
from wire.vocabulary import new_id

NAME, MAIL, PHONE = "Zephyrine Quillfeather", "zephyrine@quill.example", "07700900461"
REFERENCE, WORDS = "QLLF-8823", "my neighbour klarinettenweg shouts"
MARKS = ("zephyrine", "quillfeather", "quill.example", "900461", "qllf", "klarinettenweg")
FORM = {
    "name": NAME, "email": MAIL, "phone": PHONE, "reference": REFERENCE, "words": WORDS, "note": WORDS,
    "comment": WORDS, "text": WORDS, "username": MAIL, "password": NAME, "next": f"/t/{REFERENCE}",
    "q": NAME, "find": NAME, "address": WORDS, "score": NAME, "case": REFERENCE, "title": NAME, "days": NAME,
}  # fmt: skip


@contextmanager
def written() -> Iterator[io.StringIO]:
    """Everything that is written while the block lasts, as under systemd; afterwards loggers are as they were."""
    root, kept = logging.getLogger(), list(logging.getLogger().handlers)
    before = {name: (logging.getLogger(name).level, list(logging.getLogger(name).handlers), logging.getLogger(name).propagate) for name in ("", "foyer", "uvicorn", "uvicorn.error")}  # fmt: skip
    page = io.StringIO()
    logs.set_up("json", "debug", journal=True)
    ours = root.handlers[0]
    assert isinstance(ours, logging.StreamHandler)
    ours.setStream(page)
    try:
        yield page
    finally:
        root.handlers[:] = kept
        logging.captureWarnings(False)
        logging.getLogger("uvicorn.access").disabled = False
        for name, (level, handlers, propagate) in before.items():
            logger = logging.getLogger(name)
            logger.setLevel(level)
            logger.handlers[:], logger.propagate = handlers, propagate


@dataclass
class StandIn:
    """Takes what is sent to a Sentry-compatible address, as it is sent."""

    dsn: str = ""
    envelopes: list[str] = field(default_factory=list)

    def events(self) -> list[dict[str, object]]:
        found = []
        for each in self.envelopes:
            for line in each.splitlines():
                document = json.loads(line)
                if "exception" in document:
                    found.append(document)
        return found


@contextmanager
def stand_in() -> Iterator[StandIn]:
    here = StandIn()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            how = self.headers.get("content-encoding", "")
            assert how in ("", "gzip", "br"), how
            clear = gzip.decompress(body) if how == "gzip" else brotli.decompress(body) if how else body
            here.envelopes.append(clear.decode())
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here.dsn = f"http://aKeyOfNobody@127.0.0.1:{server.server_port}/7"
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()


def everything(client: httpx.Client, token: str, *, open_to_all: bool = False) -> int:
    """Every route, or every one that strangers may come to, with marks wherever there is room; how many answers were faults of ours."""
    faults = 0
    for (method, path), rule in ROUTES.items():
        if method == "WEBSOCKET" or path in ("/sign-out", "/metrics"):
            continue
        if open_to_all and not rule.lets_in(NOBODY):
            continue
        parts = path.split("/")
        filled = "/".join((REFERENCE if "{" in part else part) for part in parts)
        ways: list[dict[str, Any]] = [{"params": FORM}]
        if method == "POST":
            by_program = path.startswith("/api/")
            ways = (
                [{"json": {**FORM, "centre": "york-house"}}]
                if by_program
                else [{"data": {**FORM, "csrf": token}}]
            )
        if method == "PUT":
            ways = [{"content": f"{NAME}\0{WORDS}".encode()}]
        for way in ways:
            try:
                answer = client.request(method, filled, headers={"referer": f"https://x.test/{NAME}"}, **way)
            except httpx.TransportError:  # it answered and hung up while the body was still being sent
                faults += 1
                continue
            faults += answer.status_code >= 500
    return faults


def asked(served: Served) -> None:
    """A visitor's day by asks: what is said of them is in their bodies."""
    ticket, _, _ = served.visitor("council-tax")
    served.sit("priya")
    for who, body in (
        ("priya", asks.AddNote(ticket=ticket, note=WORDS)),
        ("priya", asks.AddNote(ticket=new_id(), note=NAME)),
        ("grace", asks.Prioritise(ticket=ticket, ticket_class="soon", reason=NAME)),
        ("grace", asks.KeepApart(ticket=ticket, reference=REFERENCE)),
        ("priya", asks.Withdraw(ticket=ticket)),
        ("priya", asks.CallNext()),
    ):
        served.run(served.house.perform(served.actor(who), f"{REFERENCE}-{new_id()}", body))


def libraries() -> None:
    """Lines and exceptions of others, with something of somebody's in them."""
    logging.getLogger("httpx").warning("could not send to %s", MAIL)
    logging.getLogger("aiosmtplib").error(f"refused {MAIL}: {NAME}")
    logging.getLogger("uvicorn.error").warning("Invalid request for %s", REFERENCE)
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: ValueError(%r)", NAME)
    logging.getLogger("foyer.jobs").error("a slip of ours wrote %s and %s and %s", MAIL, PHONE, REFERENCE)
    warnings.warn(f"{NAME} was met", RuntimeWarning, stacklevel=1)
    try:
        try:
            int(NAME)
        except ValueError as error:
            raise LookupError(f"no {MAIL}") from error
    except LookupError:
        logging.getLogger("foyer.jobs").exception("a round failed; the next is made as usual")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("logs")
    migrate_address(f"sqlite:///{folder}/foyer.db")
    return f"sqlite:///{folder}/foyer.db"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_whole_day_leaves_nobodys_name(address: str, tmp_path: Path) -> None:
    with serving(address, data=tmp_path) as served, written() as page, stand_in() as sentry:
        reporter = error_reports.set_up(sentry.dsn, "0.1.0")
        assert reporter is not None
        try:
            asked(served)
            clients = [
                served.client(),
                *(served.signed_in(who) for who in ("olga",)),
            ]  # she is everything at her centre
            tokens = ["", *(token_of(client) for client in clients[1:])]
            for client, token in zip(clients, tokens, strict=True):
                everything(client, token, open_to_all=not token)
            quiet = page.getvalue().count("\n")
            broken = sqlite3.connect(address.removeprefix("sqlite:///"))
            for table in (
                "ticket",
                "visit",
                "booking",
                "submission",
                "post",
                "device",
                "service",
                "form",
                "wish",
            ):
                found = broken.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
                if found:
                    broken.execute(f'ALTER TABLE "{table}" RENAME TO "{table}_gone"')
            broken.commit()
            broken.close()
            faults = everything(clients[1], tokens[1])
            libraries()
            for client in clients:
                client.close()
        finally:
            reporter.close()
    text = page.getvalue()
    assert quiet < 40, "a day in which nothing fails is quiet"
    assert faults > 20, "without faults this would prove nothing"
    _clean(text)
    lines = [json.loads(line[3:]) for line in text.splitlines()]
    assert all(line.startswith(("<3>", "<4>", "<6>", "<7>")) for line in text.splitlines())
    assert all(set(line) <= set(logs.KEPT) for line in lines)
    fault = next(line for line in lines if line.get("error") and line.get("request"))
    assert fault["through"], fault
    told = next(line for line in lines if line.get("error", "").startswith("LookupError < ValueError"))
    assert told["event"] == "a round failed; the next is made as usual"
    assert "tests/server/test_logs.py" in told["through"][-1]
    assert any(
        line["event"] == "a slip of ours wrote (address) and (number) and (reference)" for line in lines
    )
    assert any(line["event"] == "httpx has something to say" and line["line"] for line in lines)
    assert any(line["event"] == "Task exception was never retrieved" for line in lines)
    _reports(sentry)


def _clean(text: str) -> None:
    lowered = text.casefold()
    for mark in MARKS:
        at = lowered.find(mark)
        assert at < 0, text[max(0, at - 300) : at + 200]


def _reports(sentry: StandIn) -> None:
    events = sentry.events()
    assert events, "faults were told"
    for each in sentry.envelopes:
        _clean(each)
    for event in events:
        assert (
            not {"request", "user", "server_name", "breadcrumbs", "modules", "contexts", "extra"}
            & event.keys()
        ), event.keys()
        assert "vars" not in json.dumps(event)
    assert any("server/" in json.dumps(event) for event in events), "they say where in our code"
    prints = [json.dumps(event["fingerprint"]) for event in events]
    assert len(prints) == len(set(prints)), "the same fault is told once"


def test_no_address_no_reports_and_nothing_is_loaded() -> None:
    assert error_reports.set_up("", "0.1.0") is None


def test_a_request_and_an_ask_can_be_followed_through_the_log() -> None:
    with written() as page:
        marks = logs.request_id.set("ab12cd34"), logs.ask_id.set(NAME)
        logging.getLogger("foyer.test").warning("two of %d", 3)
        logs.request_id.reset(marks[0])
        logs.ask_id.reset(marks[1])
    line = json.loads(page.getvalue()[3:])
    assert (line["request"], line["ask"], line["event"], page.getvalue()[:3]) == (
        "ab12cd34",
        "other",
        "two of 3",
        "<4>",
    )


def test_the_audits_newest_link_stands_in_the_log_and_strangers_noise_does_not() -> None:
    head = f"7 {'0a1b2c3d' * 8}"
    with written() as page:
        logging.getLogger("foyer.audit").info("the audit is sealed up to link %s", head)
        logging.getLogger("foyer.audit").info("something else was %s", head)
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    first, second = (json.loads(line[3:])["event"] for line in page.getvalue().splitlines())
    assert first.endswith(head), "or nothing could be held against the chain"
    assert second == "something else was 7 (key)"


async def test_people_read_a_line_and_its_frames(capsys: pytest.CaptureFixture[str]) -> None:
    root, kept = logging.getLogger(), list(logging.getLogger().handlers)
    try:
        logs.set_up("plain", "info", journal=False)
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0)
        except TimeoutError:
            logging.getLogger("foyer.test").exception("it took too long")
        said = capsys.readouterr().out
    finally:
        root.handlers[:] = kept
        logging.captureWarnings(False)
        logging.getLogger("uvicorn.access").disabled = False
    assert "ERROR" in said
    assert "foyer.test: it took too long [error=TimeoutError" in said
    assert "\n    tests/server/test_logs.py:" in said
