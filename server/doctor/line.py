"""How the house is reached from outside: its public address, the certificate there, and whether it leads to this very house.

The certificate is looked at by shaking hands as a browser does, so the chain, the name and the date are judged by the same rules; the days left are
said long before they are over. Whether the address leads here is asked by a number that only this house can answer (`server.web.api.health`).
"""

from __future__ import annotations

import http.client
import secrets
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from urllib.parse import SplitResult, urlsplit

from server.clock import Clock
from server.doctor import machine
from server.doctor.ground import Ground
from server.domain.troubles import Verdict, fine, not_looked_at, worth_knowing, wrong
from server.live.nonce import answer_to
from server.store.sql import Statement

GRAVE_DAYS, LOW_DAYS = 7, 21
MOVED = frozenset({301, 302, 303, 307, 308})
_KEY = Statement("SELECT secret FROM house_key WHERE name = 'links'")


@cache
def trust() -> ssl.SSLContext:
    """What this machine trusts. Loading it takes a while, so it is loaded once."""
    return ssl.create_default_context()


def web_address(text: str) -> SplitResult | None:
    """Its parts, if a browser would take it for an address."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname and port != 0 else None


def public_address(ground: Ground) -> list[Verdict]:
    address = ground.settings.public_url
    parts = web_address(address)
    if not address:
        return [
            worth_knowing(
                "public address",
                "None is set: tickets carry no QR, and messages no link.",
                "Name what phones reach in FOYER_PUBLIC_URL.",
            )
        ]
    if parts is None:
        return [
            wrong(
                "public address",
                f"FOYER_PUBLIC_URL ({address}) is no web address.",
                "Write it as https://queue.example.gov.uk.",
            )
        ]
    found = [_certificate(ground, parts)] if parts.scheme == "https" else []
    if parts.scheme == "http" and not ground.settings.demo:
        found.append(
            worth_knowing(
                "certificate",
                "The public address is without TLS: whoever is on the same network can read along.",
                "Put a proxy with a certificate before the server (docs/operations.md).",
            )
        )
    return [*found, *_reached(ground, parts)]


@dataclass(frozen=True)
class Shown:
    """`fault`: why a browser would refuse it, as the library puts it; `ends` when it is accepted."""

    fault: str = ""
    ends: datetime | None = None
    reached: bool = True


def _certificate(ground: Ground, parts: SplitResult) -> Verdict:
    return certificate(
        parts.hostname or "", show(parts.hostname or "", parts.port or 443, ground.seconds * 0.6), ground.now
    )


def show(host: str, port: int, seconds: float, context: ssl.SSLContext | None = None) -> Shown:
    try:
        with (
            socket.create_connection((host, port), timeout=seconds) as line,
            (context or trust()).wrap_socket(line, server_hostname=host) as talk,
        ):
            kept = talk.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return Shown(fault=error.verify_message)
    except ssl.SSLError as error:
        return Shown(fault=error.reason or "the handshake failed")
    except (OSError, UnicodeError):
        return Shown(reached=False)
    return Shown(ends=datetime.fromtimestamp(ssl.cert_time_to_seconds(str(kept["notAfter"])), UTC))


def certificate(host: str, shown: Shown, now: datetime) -> Verdict:
    act = "Renew it and have the proxy take it up (certbot renew; Caddy does by itself: look at its log)."
    if not shown.reached:
        return not_looked_at("certificate", f"{host} cannot be reached from this machine.")
    if "expired" in shown.fault:
        return wrong(
            "certificate",
            f"The certificate of {host} has expired: nobody can open a page, and kiosks are cut off.",
            act,
        )
    if "not yet valid" in shown.fault:
        return wrong(
            "certificate",
            f"The certificate of {host} is not valid yet, so nobody can open a page and kiosks are cut off: "
            "it was made while a clock was ahead, or this machine's clock is behind.",
            "Set the clock right (timedatectl). If it is, have the certificate made anew: with an authority of its own (--tls house) by running "
            "sudo /opt/foyer/current/deploy/raspberrypi/install.sh again; else by whoever issued it.",
        )
    if "Hostname" in shown.fault or "hostname" in shown.fault or "IP address mismatch" in shown.fault:
        return wrong(
            "certificate",
            f"The certificate at {host} is for another name.",
            "Have one made for this name, or put FOYER_PUBLIC_URL right.",
        )
    if shown.fault:
        return wrong(
            "certificate",
            f"Browsers do not accept the certificate of {host}: {shown.fault}.",
            "See that the proxy sends the whole chain, and that this machine knows who signed it (update-ca-certificates).",
        )
    assert shown.ends is not None
    left = shown.ends - now
    said = f"The certificate of {host} ends on {shown.ends:%d %B %Y}, in {left.days} days."
    if left < timedelta(days=GRAVE_DAYS):
        return wrong("certificate", said, act)
    if left < timedelta(days=LOW_DAYS):
        return worth_knowing("certificate", said, act)
    return fine("certificate", said)


@dataclass(frozen=True)
class Answer:
    """What was answered at the public address. `why` when nothing was."""

    status: int = 0
    body: str = ""
    ahead: float | None = None
    """Seconds by which the clock there is ahead of this machine's, by the answer's date; None when it gives none. Measured as it was
    asked: a check that was kept waiting by a busy machine must not take its own wait for a wrong clock."""
    why: str = ""


def _reached(ground: Ground, parts: SplitResult) -> list[Verdict]:
    nonce = secrets.token_hex(16)
    with ground.looking() as sql:
        kept = sql.one(_KEY)
    if kept is None:
        return [not_looked_at("public address", "The server has not run on this database yet.")]
    answer = ask(parts, f"/health/house/{nonce}", ground.seconds * 0.6)
    found = [
        leads_here(parts.geturl(), answer, answer_to(str(kept[0]), nonce), running=ground.process is not None)
    ]
    if answer.ahead is not None:
        found.append(machine.off("clock beside the public address", "the web server's", answer.ahead))
    return found


def ask(parts: SplitResult, path: str, seconds: float) -> Answer:
    """One GET, whatever certificate is shown: that is judged by itself."""
    host, prefix = parts.hostname or "", parts.path.rstrip("/")
    port = parts.port or (
        443 if parts.scheme == "https" else 80
    )  # or the end of an IPv6 address is taken for it
    line: http.client.HTTPConnection
    if parts.scheme == "https":
        blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
        line = http.client.HTTPSConnection(host, port, timeout=seconds, context=blind)
    else:
        line = http.client.HTTPConnection(host, port, timeout=seconds)
    before = Clock().wall()
    try:
        line.request("GET", prefix + path, headers={"user-agent": "foyer-doctor"})
        answer = line.getresponse()
        after = Clock().wall()
        body = answer.read(1000).decode("ascii", "replace").strip()
        return Answer(answer.status, body, ahead_of(_date(answer.getheader("date")), before, after))
    except (socket.gaierror, UnicodeError):  # such as queue..example
        return Answer(why="its name is not known")
    except TimeoutError:
        return Answer(why="it did not answer in time")
    except (OSError, http.client.HTTPException):
        return Answer(why="nothing listens there, or it hung up")
    finally:
        line.close()


def ahead_of(date: datetime | None, before: datetime, after: datetime) -> float | None:
    """How far a date of whole seconds, given between two moments of ours, lies outside them; 0 when it may be right."""
    if date is None:
        return None
    if date + timedelta(seconds=1) < before:
        return (date + timedelta(seconds=1) - before).total_seconds()
    return max(0.0, (date - after).total_seconds())


def _date(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text) if text else None
    except ValueError:
        return None


def leads_here(address: str, answer: Answer, wanted: str, *, running: bool) -> Verdict:
    subject = "public address"
    if answer.why:
        return worth_knowing(
            subject,
            f"{address} cannot be reached from this machine: {answer.why}.",
            "Try it from a phone. If it works there, only this machine's way to it is closed; otherwise see to the proxy and the name."
            + ("" if running else " The server may just not be running."),
        )
    if answer.status >= 500:
        return wrong(
            subject,
            f"At {address} a proxy answers, and says that it does not reach the server ({answer.status}).",
            "Start the server, or put its address right in the proxy.",
        )
    if answer.status == 200 and secrets.compare_digest(answer.body.encode(), wanted.encode()):
        return fine(subject, f"{address} leads to this house.")
    if answer.status in MOVED:
        return wrong(
            subject,
            f"{address} only sends on to another address. A phone's camera follows it; what the house itself asks there does not.",
            "Write the address it sends on to in FOYER_PUBLIC_URL (https:// instead of http://, most likely).",
        )
    return wrong(
        subject,
        f"{address} leads to another server than this house's: visitors' phones do not find their tickets.",
        "Put FOYER_PUBLIC_URL right, or have the name and the proxy lead here.",
    )
