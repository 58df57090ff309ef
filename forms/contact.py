"""What a visitor types as a telephone number or an e-mail address, judged: usable, or why not.

A wrong contact is the commonest reason that somebody never hears of their appointment, and nobody notices until they do not come. So what
cannot be right is said at once, and what is probably a slip of the finger (`jane@gmial.com`) is asked about: `meant` is only ever offered,
never put in by itself, for the odd domain exists. Whether a telephone takes texts is told by its number's range; a landline is a good contact
for ringing, so it is no fault. Digits of any script count: a visitor writing in Urdu may type them in theirs.

Faults are words; whoever shows them has the sentence (`FAULTS` names them all). Nothing here asks a network: an address that can exist may
still not.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches

from forms.signs import digit

FAULTS = (
    "phone_empty",
    "phone_malformed",
    "phone_short",
    "phone_long",
    "phone_country",
    "phone_unknown",
    "email_empty",
    "email_at",
    "email_space",
    "email_name",
    "email_domain",
    "email_long",
)


@dataclass(frozen=True)
class Phone:
    """`e164` such as +447700900123; `textable`: its range takes texts; `foreign`: of another country than the region's, where a text costs more
    and may not be allowed."""

    e164: str
    textable: bool
    foreign: bool


@dataclass(frozen=True)
class Email:
    """`address` as it is used (domain in small letters); `meant`: the likely right spelling when this one looks like a slip."""

    address: str
    meant: str | None = None


@dataclass(frozen=True)
class Fault:
    """`key` is one of `FAULTS`; `meant` a right spelling to offer, where one is plain."""

    key: str
    meant: str | None = None


_PHONE = re.compile(r"[0-9+()\[\]./\- ]+")
_OF_PLAYS = re.compile(r"\+44(7700900|1632960|2079460|1164960)\d{3}")
"""Numbers that Ofcom gives to nobody, for plays and examples: good in the demo, in training and in tests; a text to one reaches no one."""


def read_phone(text: str, *, region: str = "GB") -> Phone | Fault:
    """The number in `text`, written in any usual way; one without a country's code is taken as of `region`."""
    plain = "".join(digit(sign) for sign in unicodedata.normalize("NFKC", text)).strip()
    plain = re.sub(r"^(tel:|phone:)\s*", "", plain, flags=re.IGNORECASE)
    if not plain:
        return Fault("phone_empty")
    if not _PHONE.fullmatch(plain):
        return Fault("phone_malformed")
    import phonenumbers  # 8 MB and a tenth of a second, which a kiosk takes when a number is typed and not before

    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException as error:
        return Fault(_why(error.error_type))
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible in (
        phonenumbers.ValidationResult.TOO_SHORT,
        phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
    ):
        return Fault("phone_short")
    if possible == phonenumbers.ValidationResult.TOO_LONG:
        return Fault("phone_long")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if found := _OF_PLAYS.fullmatch(e164):
        return Phone(e164, found[1].startswith("7"), region != "GB")
    if not phonenumbers.is_valid_number(number):
        return Fault("phone_unknown")
    return Phone(
        e164,
        phonenumbers.number_type(number)
        in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE),
        number.country_code != phonenumbers.country_code_for_region(region),
    )


def _why(error: int) -> str:
    from phonenumbers import NumberParseException as Why

    return {
        Why.INVALID_COUNTRY_CODE: "phone_country",
        Why.TOO_SHORT_AFTER_IDD: "phone_short",
        Why.TOO_SHORT_NSN: "phone_short",
        Why.TOO_LONG: "phone_long",
    }.get(error, "phone_malformed")


COMMON = (
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "hotmail.co.uk",
    "outlook.com",
    "live.com",
    "live.co.uk",
    "msn.com",
    "yahoo.com",
    "yahoo.co.uk",
    "ymail.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "btinternet.com",
    "sky.com",
    "talktalk.net",
    "virginmedia.com",
    "ntlworld.com",
    "blueyonder.co.uk",
    "protonmail.com",
    "proton.me",
    "wp.pl",
    "o2.pl",
    "onet.pl",
    "interia.pl",
    "leicester.gov.uk",
    "nhs.net",
)
"""Where most visitors have their mailbox: what is nearly one of these was probably meant to be."""
_GENUINE = frozenset(
    {
        *COMMON,
        "mail.com",
        "email.com",
        "gmx.com",
        "gmx.net",
        "gmx.co.uk",
        "outlook.co.uk",
        "hotmail.fr",
        "hotmail.de",
        "hotmail.it",
        "hotmail.es",
        "yahoo.in",
        "yahoo.co.in",
        "yahoo.fr",
        "yahoo.de",
        "yahoo.pl",
        "yahoo.es",
        "yahoo.it",
        "yahoo.ie",
        "live.in",
        "live.fr",
        "live.nl",
        "aol.co.uk",
        "op.pl",
        "vp.pl",
        "poczta.pl",
        "bt.com",
        "tiscali.co.uk",
        "rocketmail.com",
        "pm.me",
        "le.ac.uk",
        "dmu.ac.uk",
        "fastmail.com",
        "hushmail.com",
        "zoho.com",
        "tutanota.com",
        "talk21.com",
        "rediffmail.com",
    }
)
"""Near another, and yet real."""
_ENDS = {
    "con": "com",
    "cpm": "com",
    "vom": "com",
    "comm": "com",
    "ocm": "com",
    "cmo": "com",
    "xom": "com",
    "coml": "com",
    "cim": "com",
    "couk": "co.uk",
}
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_TOP = re.compile(r"([a-z]{2,63}|xn--[a-z0-9-]{2,59})")
_CLOSE = 0.8


def read_email(text: str) -> Email | Fault:
    """The address in `text`. Only what every mail provider takes: no quoted names, no addresses in brackets, no names outside ASCII."""
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf"
    ).strip()
    plain = re.sub(r"^mailto:", "", plain, flags=re.IGNORECASE).strip().strip("<>,;").rstrip(".")
    if not plain:
        return Fault("email_empty")
    if re.search(r"\s", plain):
        return Fault("email_space")
    name, at, domain = plain.rpartition("@")
    if not at or "@" in name:
        return Fault("email_at")
    if not name or not _NAME.fullmatch(name):
        return Fault("email_name")
    if len(name) > 64 or len(plain) > 254:
        return Fault("email_long")
    small = domain.lower()
    try:
        ascii_domain = small.encode("idna").decode("ascii") if not small.isascii() else small
    except UnicodeError:
        ascii_domain = ""
    better = _nearest(small)
    meant = f"{name}@{better}" if better else None
    if not _is_domain(ascii_domain):
        return Fault("email_domain", meant)
    return Email(f"{name}@{ascii_domain}", meant)


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    return (
        len(domain) <= 253
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and _TOP.fullmatch(labels[-1]) is not None
    )


def _nearest(domain: str) -> str | None:
    """The domain that was probably meant, None when this one is as likely as any."""
    if domain in _GENUINE:
        return None
    mended = re.sub(r"\.{2,}", ".", re.sub(r"[,;:/]", ".", domain)).strip(".")
    if mended in _GENUINE and mended != domain:
        return mended
    head, _, end = mended.rpartition(".")
    if head and end in _ENDS:
        mended = f"{head}.{_ENDS[end]}"
    if mended in _GENUINE:
        return mended
    undotted = {known.replace(".", ""): known for known in COMMON}
    if mended.replace(".", "") in undotted:
        return undotted[mended.replace(".", "")]
    found = get_close_matches(mended, COMMON, n=1, cutoff=_CLOSE)
    if found and _same_ending(mended, found[0]):
        return found[0]
    return mended if mended != domain and _is_domain(mended) else None


def _same_ending(domain: str, known: str) -> bool:
    """A short domain of one's own (`sly.com`) is near `sky.com` and none of its business: only long names are compared so freely."""
    return len(known.partition(".")[0]) >= 5 or sorted(domain) == sorted(known)
