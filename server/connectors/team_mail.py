"""A hand-off by e-mail to a team of our own: the link to where it can be seen, or, where the team asked for it, the papers themselves.

With a link the mail tells nothing but what it is for, its reference and how many pages: mail lies about in many places, and a link opens for
those only who may sign in. With attachments the mailbox has the papers once the mail server took the mail, so that is accepting; one of which
that cannot be told is not sent again by itself. A mail with a link may come twice without harm. More than `MOST_MAIL_BYTES` goes as a link.
"""

from __future__ import annotations

import json
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from server.connectors.smtp import UNSURE, Smtp
from server.domain import posting
from server.domain.hand_off import MOST_MAIL_BYTES, Accepted, Bundle, Laid, Later, Never, Result

NO_SERVER = "No mail server is set, so nothing can be sent to this team. Whoever runs the server names one in FOYER_SMTP_HOST."


async def hand_over(
    smtp: Smtp | None, address: str, bundle: Bundle, *, attach: bool, link: str, unsure: bool
) -> Result:
    """`unsure`: an earlier attempt may have got through."""
    if smtp is None:
        return Later(NO_SERVER)
    inside = attach and bundle.size <= MOST_MAIL_BYTES
    if inside and unsure:
        return Never(UNSURE)
    result = await smtp.deliver(address, write(smtp, address, bundle, inside=inside, link=link))
    if isinstance(result, posting.Taken):
        return Accepted(by=f"e-mail to {address}"[:80]) if inside else Laid()
    if isinstance(result, posting.Later):
        return Later(result.why)
    return Never(result.why) if inside or result.why != UNSURE else Laid()


def write(smtp: Smtp, address: str, bundle: Bundle, *, inside: bool, link: str) -> EmailMessage:
    note = bundle.note
    pages = f", {note['pages']} page{'' if note['pages'] == 1 else 's'}" if note["pages"] else ""
    message = EmailMessage()
    message["From"] = Address(note["centre_name"], addr_spec=smtp.sender)
    message["To"] = address
    message["Subject"] = f"{note['what_name']}: {note['reference']}{pages}"
    message["Date"] = format_datetime(smtp.now())
    message["Message-ID"] = f"<{bundle.id}@{smtp.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    lines = [
        f"{note['what_name']}, handed in at {note['centre_name']}.",
        f"Reference: {note['reference']}{pages}",
        "",
    ]
    if inside:
        lines += ["The papers are attached. Delete this mail when they are filed.", ""]
    lines += ["See it, say that you have it, or send it on to another team:", link]
    message.set_content("\n".join(lines) + "\n")
    if inside:
        for name, kind, body in bundle.files:
            main, _, sub = kind.partition("/")
            message.add_attachment(body, maintype=main, subtype=sub, filename=name)
        text = json.dumps(note, ensure_ascii=False, indent=2)
        message.add_attachment(text, subtype="json", filename=bundle.note_name)
    return message
