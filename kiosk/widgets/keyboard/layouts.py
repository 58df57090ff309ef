"""Which keyboards a field offers: `for_field(kind, language)`.

Free text begins in the visitor's own script, with Latin letters one key away. Names, addresses and whatever is copied off a paper begin in
Latin letters, because that is how they stand in passports, tenancies and on letters; the visitor's script is one key away there.
"""

from __future__ import annotations

from enum import StrEnum

from kiosk.widgets.keyboard.arabic import ARABIC, URDU
from kiosk.widgets.keyboard.indic import GUJARATI, PANJABI
from kiosk.widgets.keyboard.keys import Layout
from kiosk.widgets.keyboard.latin import (
    DECIMAL,
    EMAIL,
    ENGLISH,
    MONEY,
    NUMBER,
    PHONE,
    POLISH,
    REFERENCE,
    SIGNED,
    SIGNED_DECIMAL,
)


class Field(StrEnum):
    TEXT = "text"
    """Also what is searched for."""
    NAME = "name"
    """Names and addresses: words that begin with a capital."""
    NUMBER = "number"
    DECIMAL = "decimal"
    SIGNED = "signed"
    SIGNED_DECIMAL = "signed_decimal"
    MONEY = "money"
    PHONE = "phone"
    EMAIL = "email"
    REFERENCE = "reference"
    """Capitals and digits: postcodes, account numbers, what stands on a letter."""


OF_LANGUAGE: dict[str, Layout] = {
    "en": ENGLISH,
    "gu": GUJARATI,
    "pa": PANJABI,
    "ur": URDU,
    "ar": ARABIC,
    "pl": POLISH,
}
_OTHERS = {
    Field.NUMBER: NUMBER,
    Field.DECIMAL: DECIMAL,
    Field.SIGNED: SIGNED,
    Field.SIGNED_DECIMAL: SIGNED_DECIMAL,
    Field.MONEY: MONEY,
    Field.PHONE: PHONE,
    Field.EMAIL: EMAIL,
    Field.REFERENCE: REFERENCE,
}
_LATIN = frozenset({"en", "pl"})


def for_field(field: Field, language: str) -> tuple[Layout, ...]:
    """The layouts a field offers, the one it begins with first. At least one."""
    if field in _OTHERS:
        return (_OTHERS[field],)
    own = OF_LANGUAGE.get(language, ENGLISH)
    if language in _LATIN or own is ENGLISH:
        return (own,)
    return (own, ENGLISH) if field is Field.TEXT else (ENGLISH, own)
