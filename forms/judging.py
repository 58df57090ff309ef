"""Judges what was typed on one page: an answer, None where it was left empty and may be, or what is wrong with it.

Every kind has one reader below, from what a renderer holds to an answer, and one line in `_TYPED` for the way back. Readers forgive what cannot be
misread (blanks, capitals, the digits of any script) and refuse what can, with a sentence that says how to put it right. They are total: a list where
words are wanted, ten thousand signs or a mark nobody has heard of make a `Wrong`, never an exception. Limits come last, so that a slip of the finger
is never told off as "too long".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from forms import dates
from forms.contact import Email, Fault, Phone, read_email, read_phone
from forms.form import Answer, Kind, Question
from forms.journey import plain
from forms.numbers import read_money, read_number
from forms.references import MOST_CHARACTERS, read_postcode, read_reference_of
from forms.signs import lines, one_line, plain_name, plain_signs
from forms.wrong import Wrong

Typed = str | list[str] | dict[str, str]

MOST_TYPED = 10_000
"""No question takes more, whatever its form says."""
DEFAULT_MOST = {Kind.TEXT: 200, Kind.LONG_TEXT: 2000, Kind.REFERENCE: MOST_CHARACTERS}
NAME_CHARACTERS = 100
LINE_CHARACTERS = 100
MOST_PHOTOS = 10
ADDRESS_LINES = ("line_1", "line_2", "line_3")
_FILE = re.compile(r"[a-z0-9_-]{1,40}\.(jpg|png|pdf)")
_SAYS_YES = frozenset({"yes", "true"})


def judge(question: Question, typed: Typed, today: date) -> Answer | Wrong:
    """None means that nothing was given, and that this is allowed."""
    if not _is_shape(question.kind, typed):
        return Wrong("not_an_answer")
    if sum(len(part) for part in _texts(typed)) > 4 * MOST_TYPED:
        return Wrong("too_long", {"most": most_characters(question), "count": 4 * MOST_TYPED})
    found = _READ[question.kind](question, typed, today)
    if found is None and question.required:
        return Wrong(_EMPTY.get(question.kind, "empty"))
    return found


def typed_of(question: Question, answer: Any) -> Typed:
    """The answer as a renderer shows it; what is no answer of this kind is shown as nothing."""
    if question.kind in (Kind.CHOICES, Kind.PHOTO):
        return [each for each in answer if isinstance(each, str)] if isinstance(answer, list) else []
    if question.kind in (Kind.DATE, Kind.NAME, Kind.ADDRESS):
        return _typed_parts(question.kind, answer)
    if question.kind is Kind.YES_NO:
        return "yes" if answer is True else "no" if answer is False else ""
    if question.kind is Kind.DECLARATION:
        return "yes" if answer is True else ""
    if question.kind is Kind.MONEY:
        return _typed_money(answer) if isinstance(answer, int) and not isinstance(answer, bool) else ""
    if not isinstance(answer, str):
        return ""
    return shown_phone(answer) if question.kind is Kind.PHONE else answer


def meant(question: Question, typed: Typed) -> str | None:
    """What was probably meant (`jane@gmail.com` for `jane@gmial.com`): to be offered, never put in by itself."""
    if question.kind is not Kind.EMAIL or not isinstance(typed, str):
        return None
    found = read_email(typed[:500])
    return found.meant if isinstance(found, Email | Fault) else None


def most_characters(question: Question) -> int:
    """How many signs the answer may have; renderers count down to it."""
    own = question.most_characters or DEFAULT_MOST.get(question.kind, MOST_TYPED)
    return min(own, MOST_TYPED)


def most_chosen(question: Question) -> int:
    """How many options, or photographs."""
    own = question.most_chosen or MOST_PHOTOS
    return (
        min(own, MOST_PHOTOS)
        if question.kind is Kind.PHOTO
        else question.most_chosen or len(question.options)
    )


def shown_phone(e164: str) -> str:
    """As people here write it: `07700 900123`; of another country with its `+`."""
    import phonenumbers  # large: see `forms.contact.read_phone`

    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if number.country_code == 44
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    text = phonenumbers.format_number(number, style)
    again = read_phone(text)
    return text if isinstance(again, Phone) and again.e164 == e164 else e164


# The readers ----------------------------------------------------------------------------------------------------------


def _text(question: Question, typed: Any, today: date) -> Answer | Wrong:
    text = lines(typed) if question.kind is Kind.LONG_TEXT else one_line(typed)
    if not text:
        return None
    most = most_characters(question)
    if len(text) > most:
        return Wrong("too_long", {"most": most, "count": len(text) - most})
    least = question.least_characters or 0
    return Wrong("too_short", {"count": least}) if len(text) < least else text


def _number(question: Question, typed: Any, today: date) -> Answer | Wrong:
    if not plain_signs(typed):
        return None
    number = read_number(typed)
    if isinstance(number, Wrong):
        return number
    if -number.normalize().as_tuple().exponent > question.decimals:  # type: ignore[operator]  # finite, so an int
        return (
            Wrong("number_whole")
            if not question.decimals
            else Wrong("number_decimals", {"count": question.decimals})
        )
    return _within(question, number, money=False) or plain(number)


def _money(question: Question, typed: Any, today: date) -> Answer | Wrong:
    if not plain_signs(typed):
        return None
    pence = read_money(typed)
    if isinstance(pence, Wrong):
        return pence
    asked = question if question.least is not None else replace(question, least=Decimal(0))
    wrong = _within(asked, Decimal(pence) / 100, money=True)
    return pence if wrong is None else wrong


def _within(question: Question, number: Decimal, *, money: bool) -> Wrong | None:
    def said(limit: Decimal) -> str:
        return pounds(int(limit * 100)) if money else plain(limit)

    if question.least is not None and number < question.least:
        return Wrong("number_small", {"least": said(question.least)})
    if question.most is not None and number > question.most:
        return Wrong("number_large", {"most": said(question.most)})
    return None


def _date(question: Question, typed: Any, today: date) -> Answer | Wrong:
    found = dates.read_date(typed)
    if not isinstance(found, date):
        return found
    return dates.limits(found, question.earliest, question.latest, today) or found.isoformat()


def _choice(question: Question, typed: Any, today: date) -> Answer | Wrong:
    if not typed:
        return None
    return typed if any(each.value == typed for each in question.options) else Wrong("not_an_option")


def _choices(question: Question, typed: Any, today: date) -> Answer | Wrong:
    given = {each for each in typed if each}
    chosen = [each for each in question.options if each.value in given]
    if len(chosen) != len(given):
        return Wrong("not_an_option")
    if not chosen:
        return None
    alone = next((each for each in chosen if each.alone), None)
    if alone is not None and len(chosen) > 1:
        return Wrong("choose_alone", {"option": alone.label})
    if alone is None and len(chosen) < (question.least_chosen or 0):
        return Wrong("choose_more", {"count": question.least_chosen or 0})
    if len(chosen) > most_chosen(question):
        return Wrong("choose_fewer", {"count": most_chosen(question)})
    return [each.value for each in chosen]


def _yes_no(question: Question, typed: Any, today: date) -> Answer | Wrong:
    if not typed:
        return None
    return typed == "yes" if typed in ("yes", "no") else Wrong("not_an_option")


def _name(question: Question, typed: Any, today: date) -> Answer | Wrong:
    first, last = (plain_name(typed.get(part, "")) for part in ("first", "last"))
    if not first and not last:
        return None
    if not last:
        return Wrong("name_last")
    for part in (first, last):
        if len(part) > NAME_CHARACTERS:
            return Wrong("too_long", {"most": NAME_CHARACTERS, "count": len(part) - NAME_CHARACTERS})
        if part and (not any(sign.isalpha() for sign in part) or any(sign in "<>{}@\\|" for sign in part)):
            return Wrong("name_signs")
    return {"first": first, "last": last}


def _address(question: Question, typed: Any, today: date) -> Answer | Wrong:
    given = [one_line(typed.get(line, "")) for line in ADDRESS_LINES]
    kept = [line for line in given if line]
    code = typed.get("postcode", "")
    if not kept and not plain_signs(code):
        return None
    if not kept:
        return Wrong("address_lines")
    over = max(len(line) for line in kept) - LINE_CHARACTERS
    if over > 0:
        return Wrong("too_long", {"most": LINE_CHARACTERS, "count": over})
    found: dict[str, Any] = {"lines": kept, "postcode": ""}
    if plain_signs(code):
        postcode = read_postcode(code)
        if postcode is None and not question.anywhere:
            return Wrong("postcode_wrong", {"example": "LE1 6RN"})
        found["postcode"] = postcode or one_line(code)[:20].upper().strip()
    elif not question.anywhere:
        return Wrong("postcode_missing")
    uprn = plain_signs(typed.get("uprn", ""))
    if uprn:
        if not re.fullmatch(r"[0-9]{1,12}", uprn):
            return Wrong("not_an_answer")
        found["uprn"] = uprn
    return found


def _phone(question: Question, typed: Any, today: date) -> Answer | Wrong:
    found = read_phone(typed[:200])
    if isinstance(found, Fault):
        return None if found.key == "phone_empty" and len(typed) <= 200 else Wrong(found.key)
    return Wrong("phone_textable") if question.textable and not found.textable else found.e164


def _email(question: Question, typed: Any, today: date) -> Answer | Wrong:
    found = read_email(typed[:500])
    if isinstance(found, Fault):
        return None if found.key == "email_empty" and len(typed) <= 500 else Wrong(found.key)
    return found.address


def _reference(question: Question, typed: Any, today: date) -> Answer | Wrong:
    if not plain_signs(typed):
        return None
    found = read_reference_of(typed, known=question.known, masks=question.masks, example=question.example)
    if isinstance(found, Wrong):
        return found
    most = most_characters(question)
    over = max(len(found), len(plain_signs(typed)) if len(typed) > 500 else 0) - most
    return Wrong("too_long", {"most": most, "count": over}) if over > 0 else found


def _photo(question: Question, typed: Any, today: date) -> Answer | Wrong:
    if not typed:
        return None
    if len(set(typed)) != len(typed) or not all(_FILE.fullmatch(name) for name in typed):
        return Wrong("not_an_answer")
    if len(typed) < (question.least_chosen or 0):
        return Wrong("photos_few", {"count": question.least_chosen or 0})
    if len(typed) > most_chosen(question):
        return Wrong("photos_many", {"count": most_chosen(question)})
    return list(typed)


def _signature(question: Question, typed: Any, today: date) -> Answer | Wrong:
    if not typed:
        return None
    return typed if _FILE.fullmatch(typed) else Wrong("not_an_answer")


def _declaration(question: Question, typed: Any, today: date) -> Answer | Wrong:
    return True if typed in _SAYS_YES else None


_READ: dict[Kind, Callable[[Question, Any, date], Answer | Wrong]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.YES_NO: _yes_no,
    Kind.NAME: _name,
    Kind.ADDRESS: _address,
    Kind.PHONE: _phone,
    Kind.EMAIL: _email,
    Kind.REFERENCE: _reference,
    Kind.PHOTO: _photo,
    Kind.SIGNATURE: _signature,
    Kind.DECLARATION: _declaration,
}
_EMPTY = {
    Kind.CHOICE: "choose_one",
    Kind.CHOICES: "choose_some",
    Kind.YES_NO: "choose_one",
    Kind.DATE: "date_empty",
    Kind.NAME: "name_empty",
    Kind.ADDRESS: "address_empty",
    Kind.PHONE: "phone_empty",
    Kind.EMAIL: "email_empty",
    Kind.PHOTO: "photo_empty",
    Kind.SIGNATURE: "signature_empty",
    Kind.DECLARATION: "declaration_empty",
}


# The way back, and the shapes -------------------------------------------------------------------------------------------


def pounds(pence: int) -> str:
    """`£1,234.50`; without pence when they are none: `£1,234`."""
    sign = "-" if pence < 0 else ""
    whole, rest = divmod(abs(pence), 100)
    return f"{sign}£{whole:,}" + (f".{rest:02}" if rest else "")


def _typed_money(pence: int) -> str:
    sign = "-" if pence < 0 else ""
    return f"{sign}{abs(pence) // 100}.{abs(pence) % 100:02}"


def _typed_parts(kind: Kind, answer: Any) -> dict[str, str]:
    if kind is Kind.DATE:
        found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", answer) if isinstance(answer, str) else None
        if found is None:
            return {"day": "", "month": "", "year": ""}
        return {"day": str(int(found[3])), "month": str(int(found[2])), "year": found[1]}
    held = answer if isinstance(answer, dict) else {}
    if kind is Kind.NAME:
        return {part: _str(held.get(part)) for part in ("first", "last")}
    given = held.get("lines")
    rows = [_str(line) for line in given] if isinstance(given, list) else []
    rows += [""] * (len(ADDRESS_LINES) - len(rows))
    typed = {name: rows[number] for number, name in enumerate(ADDRESS_LINES)}
    typed["postcode"] = _str(held.get("postcode"))
    if "uprn" in held:
        typed["uprn"] = _str(held["uprn"])
    return typed


def _str(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _is_shape(kind: Kind, typed: Any) -> bool:
    if kind in (Kind.CHOICES, Kind.PHOTO):
        return isinstance(typed, list) and all(isinstance(each, str) for each in typed)
    if kind in (Kind.NAME, Kind.ADDRESS):
        return isinstance(typed, dict) and all(isinstance(each, str) for each in typed.values())
    if kind is Kind.DATE:
        return isinstance(typed, str) or (
            isinstance(typed, dict) and all(isinstance(each, str) for each in typed.values())
        )
    return isinstance(typed, str)


def _texts(typed: Any) -> list[str]:
    return [typed] if isinstance(typed, str) else list(typed.values()) if isinstance(typed, dict) else typed


__all__ = [
    "Typed",
    "Wrong",
    "judge",
    "meant",
    "most_characters",
    "most_chosen",
    "pounds",
    "shown_phone",
    "typed_of",
]
