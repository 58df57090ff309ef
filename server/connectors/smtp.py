"""E-mail through a mail server of the council's own, for those who do not send it by GOV.UK Notify.

A mail server cannot be asked whether it has a message. Until the text is handed over (DATA) nothing has happened, so whatever goes wrong
before is tried again. If the line breaks while it is handed over, it may or may not have been taken: it is not sent again by itself, but put
among those that need a person, who can send it once more; the Message-ID is the same each time, so that mail programs which look
can tell. The same holds for one that a server which died had in hand.

Encryption is required (STARTTLS, or TLS from the start on port 465) and the server's certificate checked, except on this machine itself.
"""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Literal

import aiosmtplib

from server.clock import Clock
from server.connectors import letters
from server.domain.posting import Later, Never, Parcel, Result, Taken

SECONDS = 20.0
"""For all that comes before the text together, and as long again for the text: a server may answer each line just in time, and a message must
be settled before another of our servers takes it for left behind (`post_sending.LEASE`)."""
AT_ONCE = 8
UNSURE = "The mail server may or may not have taken it: the line broke at the end. If they have not got it, send it again."
SLOW = "The mail server cannot be reached, or did not answer in time."
Tls = Literal["from the start", "starttls", "none"]


def tls_for(host: str, port: int) -> Tls:
    """How the line to this server is encrypted."""
    if port == 465:
        return "from the start"
    return "none" if is_loopback(host) else "starttls"


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Smtp:
    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        user: str = "",
        password: str = "",
        tls: Tls | None = None,
        context: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._host, self._port, self._sender = host, port, sender
        self._user, self._password = user, password
        self._tls = tls or tls_for(host, port)
        self._context, self._seconds = context, seconds
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._clock = Clock()

    async def send(self, parcel: Parcel) -> Result:
        if parcel.unsure:
            return Never(UNSURE)
        return await self.deliver(parcel.address, self.message(parcel))

    async def deliver(self, address: str, message: EmailMessage) -> Result:
        """Hand one message to the mail server, for one address."""
        async with self._at_once:
            return await self._deliver(address, message)

    @property
    def sender(self) -> str:
        return self._sender

    def now(self) -> datetime:
        """What a message is dated."""
        return self._clock.now()

    def close(self) -> None:
        """Each message has its own line; there is nothing to close."""

    async def _deliver(self, address: str, message: EmailMessage) -> Result:
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            timeout=self._seconds,
            use_tls=self._tls == "from the start",
            start_tls=self._tls == "starttls",
            tls_context=self._context,
        )
        try:
            try:
                async with asyncio.timeout(self._seconds):
                    refused = await self._reach(client, address)
                if refused is not None:
                    return refused
            except aiosmtplib.SMTPResponseException as error:
                return _answered(error.code, "The mail server refused us")
            except aiosmtplib.SMTPException as error:
                return Later(_line(error))
            except TimeoutError:
                return Later(SLOW)
            except (OSError, ssl.SSLError):
                return Later("The mail server cannot be reached.")
            return await _hand_over(client, message, self._seconds)
        finally:
            client.close()

    async def _reach(self, client: aiosmtplib.SMTP, address: str) -> Result | None:
        """Up to the point of no return; a result when it ends before."""
        await client.connect()
        if self._user:
            await client.login(self._user, self._password)
        await client.mail(self._sender)
        try:
            await client.rcpt(address)
        except aiosmtplib.SMTPRecipientRefused as error:
            if error.code >= 500:
                return Never(
                    "The mail server says that there is no such mailbox. Ring them or ask for another address."
                )
            return Later("The mail server does not take mail for this address just now.")
        return None

    def message(self, parcel: Parcel) -> EmailMessage:
        values = letters.fields(parcel)
        body = letters.text(parcel.letter, parcel.way, parcel.language, values)
        message = EmailMessage()
        message["From"] = Address(parcel.facts.centre, addr_spec=self._sender)
        message["To"] = parcel.address
        message["Subject"] = letters.subject(parcel.letter, parcel.language)
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{parcel.id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = parcel.language
        message.set_content(body)
        message.add_alternative(letters.page(body, parcel.language), subtype="html")
        return message


async def _hand_over(client: aiosmtplib.SMTP, message: EmailMessage, seconds: float) -> Result:
    """Hand the text over. An answer settles it; none leaves it open for good."""
    try:
        async with asyncio.timeout(seconds):
            await client.data(message.as_bytes(policy=message.policy.clone(linesep="\r\n")))
    except aiosmtplib.SMTPResponseException as error:
        return _answered(error.code, "The mail server did not take the message")
    except (aiosmtplib.SMTPException, OSError):
        return Never(UNSURE)
    return Taken()


def _answered(code: int, what: str) -> Result:
    """4xx: not now; 5xx: not so. A wrong password is put right by an administrator, so it is tried again."""
    if code in (530, 534, 535, 538):
        return Later(
            "The mail server does not accept our user name and password. Look at FOYER_SMTP_USER and FOYER_SMTP_PASSWORD."
        )
    if 500 <= code < 600:
        return Never(f"{what} for good (it answered {code}).")
    return Later(f"{what} for now (it answered {code}).")


def _line(error: aiosmtplib.SMTPException) -> str:
    if "STARTTLS" in str(error):
        return "The mail server offers no encryption, and without it nothing is sent."
    return SLOW
