"""What is written to whom and when: which ways are open, quiet hours, reminders, back-off, what a receipt or a visitor's answer means.

* A text goes only to a number that takes texts and whose owner said that it is safe to text; an e-mail address given is leave to write to it.
  Confirmations and changes go both ways, for one may fail and the other is kept; a reminder goes one way, as a text if it may.
* Nobody's phone rings at night: a text due between 21:00 and 08:00 of the centre's time waits until 08:00, unless the appointment would be over
  waiting, or somebody is awake and asked for it (their turn is near, they texted us). An e-mail makes no noise and is not held.
* A reminder is worked out when it is due, from the appointment as it is then, so a moved or cancelled one's old reminder never exists.
* What could not be sent is tried again later and later, never in step with others (`roll`), until it would only confuse: a day, or its time.
* Receipts may come twice and in any order: one that says less than what is known changes nothing.

Everything is worked out from what is given; the caller loads, keeps and sends. Instants are microseconds since 1970 in UTC.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from forms.contact import Phone, read_phone
from server.domain.said import ToCome
from wire.vocabulary import BookingState, Letter, PostState, Way

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
AWAKE = frozenset({Letter.COME_NOW, Letter.TAKE_BACK})
"""Written to somebody who is waiting for it."""
BOTH_WAYS = frozenset({Letter.CONFIRMED, Letter.MOVED, Letter.CANCELLED, Letter.RECEIPT, Letter.UNUSABLE})
COME_NOW_LASTS = 20 * MINUTE
SETTLED_ADDRESS = 7 * DAY
"""So long after the last that was heard of it a message keeps its address."""
NEAR_AHEAD, NEAR_MINUTES = 2, 8
JUST_TOLD = HOUR
"""Who was told of their appointment so shortly before is not reminded of it."""
FIRST_WAIT, LONGEST_WAIT = 30 * SECOND, 30 * MINUTE
UNSURE_WAIT = MINUTE
"""After an attempt of unknown outcome: the provider gets this long before it is asked whether it has the message."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Facts:
    """What a letter may say of an appointment, a place in the queue or what was handed in; the words are chosen by `server.connectors.letters`.

    `service` is empty for a discreet one: the words are then neutral. `moment` is the appointment's start; `zone` the centre's.
    """

    centre: str
    zone: str
    service: dict[str, str]
    where: str = ""
    """The centre's address."""
    moment: int | None = None
    reference: str = ""
    code: str = ""
    link: str = ""
    pages: int = 0
    """Of what was handed in."""
    whom: str = ""
    """Whom to ask about it, in the visitor's language."""
    why: str = ""
    """Why it cannot be used: a word of the catalogue (`unusable.<word>`)."""
    promised: tuple[tuple[ToCome, date], ...] = ()
    """Of a complaint, praise or an idea: by when its visitor hears."""


@dataclass(frozen=True)
class Parcel:
    """One message to hand to a provider. `ask_first`: an earlier attempt may have got through; `unsure`: one certainly may have, for whoever
    had it in hand never said."""

    id: str
    letter: Letter
    way: Way
    language: str
    address: str
    facts: Facts
    attempts: int
    unsure: bool = False

    @property
    def ask_first(self) -> bool:
        return self.unsure or self.attempts > 1


@dataclass(frozen=True)
class Taken:
    """The provider has it."""

    provider_id: str = ""


@dataclass(frozen=True)
class Later:
    """It does not, and may when asked again; not before `wait` microseconds."""

    why: str
    wait: int = 0


@dataclass(frozen=True)
class Never:
    """It does not and will not: `why` is for staff."""

    why: str


Result = Taken | Later | Never


def ways(
    letter: Letter, phone: str, email: str, safe_to_text: bool, open_ways: Collection[Way]
) -> list[tuple[Way, str]]:
    """By which ways `letter` goes to somebody, with the address of each; none when nothing may be sent."""
    found: list[tuple[Way, str]] = []
    if Way.SMS in open_ways and safe_to_text and takes_texts(phone):
        found.append((Way.SMS, phone))
    if Way.EMAIL in open_ways and email:
        found.append((Way.EMAIL, email))
    return found if letter in BOTH_WAYS else found[:1]


def takes_texts(phone: str) -> bool:
    read = read_phone(phone)
    return isinstance(read, Phone) and read.textable


# When ------------------------------------------------------------------------------------------------------------


def due_at(letter: Letter, way: Way, now: int, zone: ZoneInfo, until: int | None) -> int:
    """When a letter written `now` may go out; `until` is the appointment's start."""
    if way is not Way.SMS or letter in AWAKE:
        return now
    morning = morning_after(now, zone)
    return now if morning is None or (until is not None and until <= morning) else morning


def morning_after(at: int, zone: ZoneInfo) -> int | None:
    """When the quiet hours that `at` lies in end; None when it lies in none. By the clock on the wall, so a night of a clock change is
    an hour shorter or longer."""
    local = (_EPOCH + timedelta(microseconds=at)).astimezone(zone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    on = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    return _micros(datetime.combine(on, QUIET_UNTIL, zone))


def expires_at(letter: Letter, due: int, until: int | None) -> int:
    """From when on it would only confuse: a day after it was due, or when what it says is over."""
    if letter is Letter.COME_NOW:
        return due + COME_NOW_LASTS
    ends = due + DAY
    return ends if until is None or letter is Letter.CANCELLED else min(ends, until)


def reminder_due(starts: int, hours: Sequence[int], told: int, now: int) -> int | None:
    """Which reminder (its hours before the start) is to be sent now, None when none is.

    The latest that has come due counts: a server that was off sends one, not three. One that came due before, or shortly after, the visitor was
    last told (`told`) is not sent at all.
    """
    if now >= starts:
        return None
    come = [each for each in hours if starts - each * HOUR <= now]
    if not come:
        return None
    latest = min(come)
    return latest if starts - latest * HOUR >= told + JUST_TOLD else None


def back_off(attempts: int, roll: float, at_least: int = 0) -> int:
    """How long until the next attempt after `attempts` of them; `roll` in 0..1 spreads them by a fifth either way."""
    doubled: int = FIRST_WAIT << min(attempts - 1, 12)
    wait = max(min(doubled, LONGEST_WAIT), at_least)
    return round(wait * (0.8 + 0.4 * roll)) if wait > at_least else round(wait * (1 + 0.4 * roll))


def is_near(state: str, ahead: int | None, high_minutes: int | None) -> bool:
    """Whether a walk-in who asked for a text should start walking back."""
    if state == "called":
        return True
    if state != "waiting" or ahead is None:
        return False
    return ahead <= NEAR_AHEAD or (high_minutes is not None and high_minutes <= NEAR_MINUTES)


def _micros(at: datetime) -> int:
    return (at.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


# Whether still -----------------------------------------------------------------------------------------------------


def not_needed(
    letter: Letter, state: str, starts: int, sequence: int, values: dict[str, Any], now: int
) -> str:
    """Why a letter about an appointment, as it is now, need not go out any more; empty when it should."""
    if letter is Letter.CANCELLED:
        return "" if state == BookingState.CANCELLED else "The appointment stands after all."
    if state != BookingState.BOOKED:
        return "The appointment was cancelled, or the visitor is already here."
    if starts <= now:
        return "The appointment's time has come."
    if letter is Letter.REMINDER and values.get("starts_at") != starts:
        return "The appointment was moved."
    if letter is Letter.MOVED and values.get("sequence") != sequence:
        return "The appointment was moved again."
    return ""


# Receipts ----------------------------------------------------------------------------------------------------------

RECEIPTS = {
    "created": 0,
    "sending": 0,
    "pending": 0,
    "sent": 1,
    "temporary-failure": 2,
    "technical-failure": 3,
    "permanent-failure": 4,
    "delivered": 5,
}
"""Notify's words for what became of a message, by how much they settle."""
_WHY_FAILED = {
    (Way.SMS, "temporary-failure"): "The phone was off or out of reach for three days.",
    (
        Way.SMS,
        "permanent-failure",
    ): "There is no such phone, or it takes no texts. Ring them or ask for another number.",
    (Way.EMAIL, "temporary-failure"): "The mailbox is full or refuses our mail for now.",
    (Way.EMAIL, "permanent-failure"): "There is no such mailbox. Ring them or ask for another address.",
}


def after_receipt(way: Way, known: str, told: str) -> tuple[PostState, str] | None:
    """The state and reason after a receipt that says `told`, when `known` was the last; None when it changes nothing."""
    if told not in RECEIPTS or RECEIPTS[told] <= RECEIPTS.get(known, -1):
        return None
    if told == "delivered":
        return PostState.DELIVERED, ""
    if RECEIPTS[told] >= RECEIPTS["temporary-failure"]:
        technical = "It went wrong between the message provider and the network. Try again."
        return PostState.FAILED, _WHY_FAILED.get((way, told), technical)
    return PostState.SENT, ""


# What visitors text back ---------------------------------------------------------------------------------------------


class Wanted(StrEnum):
    CANCEL = "cancel"
    STOP = "stop"


_CANCEL = "cancel cancelled cancelling anuluj anulować odwołaj odwołać odwolaj rezygnuję રદ ਰੱਦ منسوخ کینسل إلغاء الغاء"
_STOP = "stop stopall unsubscribe koniec przestań બંધ ਬੰਦ بند توقف إيقاف ايقاف"
_COURTESY = (
    "please pls thanks thank you thx hi hello my the it this appointment booking appt texts texting messages all"
    " proszę prosze dziękuję dziekuje moją moja wizytę wizyte wizyta sms smsy"
    " કૃપા કરીને કરો મારી એપોઇન્ટમેન્ટ આભાર ਕਿਰਪਾ ਕਰਕੇ ਕਰੋ ਮੇਰੀ ਅਪਾਇੰਟਮੈਂਟ ਧੰਨਵਾਦ"
    " براہ کرم کریں کر دیں میری اپائنٹمنٹ شکریہ من فضلك موعدي الموعد شكرا"
)


def heard(words: str) -> Wanted | None:
    """What a text asks for; None when a person must read it. Only a text that says nothing else is acted upon: "Don't cancel!" says more."""
    plain = "".join(_letter(sign) for sign in unicodedata.normalize("NFKC", words).casefold())
    left = [word for word in plain.split() if word not in _COURTESIES]
    if left and all(word in _CANCELS for word in left):
        return Wanted.CANCEL
    if left and all(word in _STOPS for word in left):
        return Wanted.STOP
    return None


def _letter(sign: str) -> str:
    """Punctuation apart from words; an apostrophe stays, or "don't" would fall apart."""
    kind = unicodedata.category(sign)
    if kind == "Cf":
        return ""
    return sign if kind[0] in "LMN" or sign in "'\u2019" else " "


def _words(text: str) -> frozenset[str]:
    return frozenset(unicodedata.normalize("NFKC", text).casefold().split())


_CANCELS, _STOPS, _COURTESIES = _words(_CANCEL), _words(_STOP), _words(_COURTESY)


# For the screens -------------------------------------------------------------------------------------------------------


def masked(address: str) -> str:
    """Enough of an address to tell two apart, and no more: the last three digits, or a first letter and where the mailbox is."""
    if not address:
        return ""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}" if at else f"…{address[-3:]}"


_ADDRESSES = re.compile(r"\S+@\S+|\+?\d[\d\s()-]{5,}\d")


def without_addresses(text: str) -> str:
    """What a provider said, fit to be kept: anything that could be a number or an address is taken out."""
    return _ADDRESSES.sub("…", text)[:200]


# How long a text is ----------------------------------------------------------------------------------------------------

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€\f")


def parts(text: str) -> tuple[str, int, int]:
    """How `text` travels (3GPP TS 23.038): the alphabet, its length in that alphabet's units, and how many texts it is charged as."""
    if all(sign in _GSM or sign in _GSM_TWICE for sign in text):
        units = sum(2 if sign in _GSM_TWICE else 1 for sign in text)
        return "GSM-7", units, 1 if units <= 160 else -(-units // 153)
    units = len(text.encode("utf-16-le")) // 2
    return "UCS-2", units, 1 if units <= 70 else -(-units // 67)
