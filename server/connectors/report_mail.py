"""A report by e-mail: the file attached, a few words of what it is, no figure in the text.

The Message-ID is made of the report and the address, so that one that comes twice (a mail server that took it and did not say so) can be told by mail programs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from server.connectors.smtp import Smtp
from server.domain.hand_off import MOST_MAIL_BYTES
from server.domain.posting import Later, Never, Result

NO_SERVER = (
    "No mail server is set, so nothing can be sent. Whoever runs the server names one in FOYER_SMTP_HOST."
)
TOO_LARGE = "The report is too large for an e-mail. Choose fewer figures, or take it away from this page."


@dataclass(frozen=True)
class Enclosed:
    """What is sent. `title` and `when` are words for the subject."""

    report: str
    centre: str
    title: str
    when: str
    file_name: str
    media_type: str
    body: bytes


async def send(smtp: Smtp | None, address: str, enclosed: Enclosed) -> Result:
    if smtp is None:
        return Later(NO_SERVER)
    if len(enclosed.body) > MOST_MAIL_BYTES:
        return Never(TOO_LARGE)
    return await smtp.deliver(address, write(smtp, address, enclosed))


def write(smtp: Smtp, address: str, enclosed: Enclosed) -> EmailMessage:
    named = hashlib.sha256(f"{enclosed.report} {address}".encode()).hexdigest()[:32]
    message = EmailMessage()
    message["From"] = Address(enclosed.centre, addr_spec=smtp.sender)
    message["To"] = address
    message["Subject"] = f"{enclosed.title}, {enclosed.when}: {enclosed.centre}"
    message["Date"] = format_datetime(smtp.now())
    message["Message-ID"] = f"<{named}@{smtp.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "en"
    message.set_content(
        f"{enclosed.title} of {enclosed.centre}, {enclosed.when}. The report is attached.\n\n"
        "A manager of the centre had it sent to you. To get it no more, tell them.\n"
    )
    main, _, sub = enclosed.media_type.partition("/")
    message.add_attachment(enclosed.body, maintype=main, subtype=sub, filename=enclosed.file_name)
    return message
