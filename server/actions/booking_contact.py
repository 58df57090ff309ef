"""A visitor's telephone number and e-mail address as staff typed them: written one way, or refused in words for who is typing."""

from __future__ import annotations

from forms.contact import Fault, read_email, read_phone
from server.domain.refusals import Refused
from wire.vocabulary import RefusalCode

_SAY = {
    "phone_malformed": "The telephone number has signs in it that no number has. Type digits only, with + first for a foreign one.",
    "phone_short": "The telephone number is too short. Ask for it again, with the code of its place.",
    "phone_long": "The telephone number is too long. Ask for it again.",
    "phone_country": "No country has that code. Type a foreign number with + and its country's code.",
    "phone_unknown": "There is no such telephone number. Ask for it again.",
    "email_at": "An e-mail address has one @ in it, such as name@example.org.",
    "email_space": "An e-mail address has no spaces. Ask for it again.",
    "email_name": "What stands before the @ cannot be part of an e-mail address. Ask for it again.",
    "email_domain": "What stands after the @ is no address of a mail service. Ask for it again.",
    "email_long": "That is too long for an e-mail address. Ask for it again.",
}


def phone_of(text: str) -> str:
    """E.164, or empty when none was given."""
    if not text:
        return ""
    found = read_phone(text)
    if isinstance(found, Fault):
        raise Refused(RefusalCode.MALFORMED, _said(found))
    return found.e164


def email_of(text: str) -> str:
    """As it is written to, or empty when none was given."""
    if not text:
        return ""
    found = read_email(text)
    if isinstance(found, Fault):
        raise Refused(RefusalCode.MALFORMED, _said(found))
    return found.address


def _said(fault: Fault) -> str:
    what = "telephone number" if fault.key.startswith("phone") else "e-mail address"
    say = _SAY.get(fault.key, f"That is no {what}. Ask for it again.")
    return f"{say} Did they mean {fault.meant}?" if fault.meant else say
