"""Those who carry for us: the mail server, GOV.UK Notify, the virus scanner. Each is greeted and asked nothing that costs; no message is sent."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from server.connectors import open_carriers
from server.connectors.notify import is_key
from server.connectors.smtp import tls_for
from server.connectors.templates import LettersUnusable, read_templates
from server.doctor.ground import Ground
from server.doctor.line import Answer, ask, trust
from server.domain.troubles import Verdict, fine, not_looked_at, worth_knowing, wrong
from server.papers.clamd import read_address

OLD_DAYS = 7


def messages(ground: Ground) -> list[Verdict]:
    """Whether what is set can be used at all; and whether anything is."""
    carriers = open_carriers(ground.settings)
    try:
        return [can_write(carriers.faults, sorted(set(carriers.names.values())))]
    finally:
        carriers.close()


def can_write(faults: Sequence[str], names: Sequence[str]) -> Verdict:
    if faults:
        return wrong("messages", faults[0], "Put the setting right and start the server anew.")
    if not names:
        return fine("messages", "None are set up, so visitors are not written to.")
    return fine("messages", f"They go by {' and '.join(names)}.")


# The mail server ----------------------------------------------------------------------------------------------------


def mail(ground: Ground) -> list[Verdict]:
    settings = ground.settings
    if not settings.smtp_host:
        return [fine("mail server", "Not used.")]
    found = greet(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
        ground.seconds * 0.8,
    )
    return [mail_stands(settings.smtp_host, found)]


def greet(
    host: str, port: int, user: str, password: str, seconds: float, context: ssl.SSLContext | None = None
) -> str:
    """Up to signing in, and good-bye. Empty when all went well; otherwise at which step it did not."""
    tls = tls_for(host, port)
    step, ours = "reach", socket.gethostname()  # or it would ask a name server who we are
    line: smtplib.SMTP | None = None
    try:
        if tls == "from the start":
            line = smtplib.SMTP_SSL(host, port, ours, timeout=seconds, context=context or trust())
        else:
            line = smtplib.SMTP(host, port, ours, timeout=seconds)
        line.ehlo()
        if tls == "starttls":
            step = "tls"
            line.starttls(context=context or trust())
            line.ehlo()
        if user:
            step = "sign in"
            line.login(user, password)
    except ssl.SSLError:
        return "tls"
    except (OSError, smtplib.SMTPException) as error:
        late = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
        return "time" if late else step
    finally:
        if line is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                line.quit()
            line.close()
    return ""


def mail_stands(host: str, step: str) -> Verdict:
    match step:
        case "":
            return fine("mail server", f"{host} greets us and lets us in.")
        case "tls":
            return wrong(
                "mail server",
                f"{host} offers no encryption that can be trusted.",
                "Have its certificate put right, or use port 465. Foyer sends nothing unencrypted.",
            )
        case "time":
            return wrong(
                "mail server",
                f"{host} does not answer in time. E-mail waits and goes out when it does.",
                "Ask whoever runs it whether it hangs, and see that the firewall does not swallow what this machine sends there.",
            )
        case "sign in":
            return wrong(
                "mail server",
                f"{host} does not accept our user name and password.",
                "Put the right ones into FOYER_SMTP_USER and FOYER_SMTP_PASSWORD.",
            )
    return wrong(
        "mail server",
        f"{host} cannot be reached. E-mail waits and goes out when it is back.",
        "See that it runs and that the firewall lets this machine through.",
    )


# GOV.UK Notify --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """What Notify says when it is asked for the templates it has. `missing`: those of ours that it has not."""

    status: int = 0
    clock: bool = False
    missing: int = 0


def notify(ground: Ground) -> list[Verdict]:
    key = ground.settings.notify_key.get_secret_value().strip()
    if not key:
        return [fine("GOV.UK Notify", "Not used.")]
    if not is_key(key):
        return [
            wrong(
                "GOV.UK Notify",
                "FOYER_NOTIFY_KEY is not a key of GOV.UK Notify.",
                "Copy the whole of it: name, service and secret.",
            )
        ]
    found = [notify_stands(_templates(ground, key))]
    parts = urlsplit(ground.settings.notify_url)
    greeting = ask(parts, "/_status?simple=1", ground.seconds * 0.4)
    return [*found, *skew(greeting)]


def _templates(ground: Ground, key: str) -> Known:
    from notifications_python_client.errors import APIError
    from notifications_python_client.notifications import NotificationsAPIClient

    make: Any = NotificationsAPIClient  # its library says no types
    client = make(key, base_url=ground.settings.notify_url, timeout=ground.seconds * 0.5)
    try:
        there = {str(each.get("id")) for each in client.get_all_templates().get("templates", [])}
    except APIError as error:
        if error.response is None:
            return Known()
        return Known(error.status_code, clock="clock" in str(error.message))
    wanted: set[str] = set()
    if ground.settings.letters is not None:
        with contextlib.suppress(LettersUnusable):  # said by `messages`
            wanted = set(read_templates(ground.settings.letters).values())
    return Known(200, missing=len(wanted - there))


def notify_stands(known: Known) -> Verdict:
    subject = "GOV.UK Notify"
    if known.status == 200 and known.missing:
        return wrong(
            subject,
            f"{known.missing} of the templates that FOYER_LETTERS names are not at Notify.",
            "Set them up there as 'foyer letters' writes them, and name their IDs in the file.",
        )
    if known.status == 200:
        return fine(subject, "It answers, accepts our key and has our templates.")
    if known.status in (401, 403) and known.clock:
        return wrong(
            subject,
            "Notify says that this machine's clock is wrong.",
            "Set the clock (timedatectl set-ntp true); messages go out by themselves then.",
        )
    if known.status in (401, 403):
        return wrong(subject, "Notify does not accept our key.", "Put the right one into FOYER_NOTIFY_KEY.")
    said = f"It answers with a fault of its own ({known.status})" if known.status else "It cannot be reached"
    return worth_knowing(
        subject,
        f"{said}. Messages wait and go out when it is back.",
        "See status.notifications.service.gov.uk, and that the firewall lets this machine through.",
    )


def skew(greeting: Answer) -> list[Verdict]:
    """Notify takes nothing from whose clock is more than 30 seconds wrong."""
    if greeting.ahead is None:
        return []
    off = abs(greeting.ahead)
    if off <= 20:
        return [fine("clock beside Notify", "Near enough.")]
    return [
        wrong(
            "clock beside Notify",
            f"This machine's clock is {off:.0f} seconds off Notify's, which takes nothing beyond 30.",
            "Keep it right from the network (timedatectl set-ntp true).",
        )
    ]


# The virus scanner --------------------------------------------------------------------------------------------------------


def scanner(ground: Ground) -> list[Verdict]:
    if not ground.settings.clamd:
        return [
            fine("virus scanner", "None is set. What visitors hand in is not looked through for viruses.")
        ]
    return [
        scanner_stands(
            ground.settings.clamd, _version(ground.settings.clamd, ground.seconds * 0.8), ground.now
        )
    ]


def _version(address: str, seconds: float) -> str | None:
    kind, place, port = read_address(address)
    try:
        with (
            socket.socket(socket.AF_UNIX)
            if kind == "unix"
            else socket.create_connection((place, port), seconds) as line
        ):
            line.settimeout(seconds)
            if kind == "unix":
                line.connect(place)
            line.sendall(b"zVERSION\0")
            said = b""
            while not said.endswith(b"\0") and len(said) < 500 and (part := line.recv(500)):
                said += part
    except OSError:
        return None
    return said.rstrip(b"\0").decode("ascii", "replace")


def scanner_stands(address: str, version: str | None, now: datetime) -> Verdict:
    """It says `ClamAV 1.0.3/27000/Mon Nov  2 08:00:00 2026`: what it knows viruses by, and of when."""
    subject = "virus scanner"
    if version is None:
        return wrong(
            subject,
            f"The virus scanner at {address} does not answer. What is handed in waits sealed, and nobody can open it.",
            "Start it (systemctl start clamav-daemon), and see that the server's user may use its socket.",
        )
    *_, made = version.split("/")
    try:
        age = now.replace(tzinfo=None) - datetime.strptime(made.strip(), "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007 - it names no zone; days matter
    except ValueError:
        return not_looked_at(
            subject, f"It answers, and does not say of when what it knows is ({version.split('/')[0][:40]})."
        )
    if age.days > OLD_DAYS:
        return worth_knowing(
            subject,
            f"What the virus scanner knows is {age.days} days old.",
            "See that freshclam runs and reaches its server.",
        )
    return fine(subject, f"It answers; what it knows is {max(age.days, 0)} days old.")
