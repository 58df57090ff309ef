"""From what is typed in a form of appointments to an ask, and from its refusal back to the field it is about.

A form keeps what was typed whatever comes back, so that nothing is typed twice. What can be judged without the database is judged before
asking and said next to its field; what only the house knows (the time is gone) comes back as a sentence for the top of the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request

from forms.contact import Email, Fault, Phone, read_email, read_phone
from server.clock import to_micros
from server.web.errors import status_of
from server.web.gate import house_of, text_of
from server.web.identity import Caller
from wire.asks import AnyAsk, AskBody
from wire.vocabulary import new_id

Problems = dict[str, str]
"""By field, what is wrong with it."""

INCOMPLETE = "Something is missing or not as it should be. It is said below, next to its field."
CONTACT_SAYS = {
    "phone_empty": "Write the telephone number.",
    "phone_malformed": "This is no telephone number: it has signs that no number has.",
    "phone_short": "A digit is missing: this number is too short.",
    "phone_long": "This number has too many digits.",
    "phone_country": "No country has this code. A number from abroad begins with + and its country's code.",
    "phone_unknown": "Nobody can have this number. Read it back to the visitor.",
    "email_empty": "Write the e-mail address.",
    "email_at": "An e-mail address has one @ in it, such as name@example.com.",
    "email_space": "An e-mail address has no blanks in it.",
    "email_name": "What stands before the @ cannot be right.",
    "email_domain": "What stands after the @ cannot be right. Read it back to the visitor.",
    "email_long": "This is too long for an e-mail address.",
}
_asks: TypeAdapter[AnyAsk] = TypeAdapter(AskBody)


@dataclass(frozen=True)
class Done:
    """`said` why not, empty when it was done; then `result` is the answer."""

    said: str = ""
    status: int = 200
    problems: Problems = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)


async def perform(request: Request, caller: Caller, form: FormData, body: Mapping[str, Any]) -> Done:
    """Do what `body` asks, once for the form's `command`."""
    told = {name: value for name, value in body.items() if value is not None}
    try:
        ask = _asks.validate_python(told)
    except ValidationError as error:
        faults = {str(each["loc"][-1]) if each["loc"] else "": each["msg"] for each in error.errors()}
        if "do" in faults or "" in faults:
            return Done("This cannot be done here yet.", 409)
        return Done(INCOMPLETE, 422, dict.fromkeys(faults, "This is not as it should be. Write it anew."))
    given = text_of(form, "command", 32)
    answer = await house_of(request).perform(caller.actor, given if is_id(given) else new_id(), ask)
    if answer.refusal is not None:
        return Done(answer.refusal.say, status_of(answer.refusal))
    return Done(result=answer.result or {})


def is_id(text: str) -> bool:
    return len(text) == 32 and all(sign in "0123456789abcdef" for sign in text)


def millis_in(text: str) -> int | None:
    """An instant in milliseconds as a form sends it; None for nonsense, and for years no calendar has."""
    return int(text) if text.isdecimal() and len(text) < 15 else None


def instant_of(on: date, at: str, zone: ZoneInfo) -> int | None:
    """The instant of a local date and time `HH:MM`, the first of two; None for no time, or one that the clock skips that night."""
    try:
        hours, _, minutes = at.strip().replace(".", ":").partition(":")
        said = datetime.combine(on, time(int(hours), int(minutes or 0)), tzinfo=zone)
    except ValueError:
        return None
    if said.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != said.replace(tzinfo=None):
        return None
    return to_micros(said)


def judge_contact(phone: str, email: str, problems: Problems) -> tuple[Phone | None, Email | None]:
    """What was typed, judged; faults go into `problems`. Empty is nobody's fault here."""
    found_phone = read_phone(phone) if phone else None
    found_email = read_email(email) if email else None
    if isinstance(found_phone, Fault):
        problems["phone"] = CONTACT_SAYS.get(found_phone.key, CONTACT_SAYS["phone_malformed"])
        found_phone = None
    if isinstance(found_email, Fault):
        say = CONTACT_SAYS.get(found_email.key, CONTACT_SAYS["email_domain"])
        problems["email"] = f"{say} Is it {found_email.meant}?" if found_email.meant else say
        found_email = None
    return found_phone, found_email
