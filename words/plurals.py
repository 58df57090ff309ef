"""Which form of a sentence a number takes in a language.

The rules are CLDR's own (Unicode Language Plural Rules, cardinal, integers), kept here for the languages we
speak because asking babel for them loads each language's whole locale, 10 MB for six, and a kiosk has little
to give. A language without a line here is still right: its rule is then taken from babel. A test holds every
line against babel's CLDR.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel.plural import PluralRule

CATEGORIES = ("zero", "one", "two", "few", "many", "other")

_NAUGHT_OR_ONE = {"one": "i = 0 or n = 1"}
_CLDR: dict[str, Mapping[str, str]] = {
    "ar": {
        "zero": "n = 0",
        "one": "n = 1",
        "two": "n = 2",
        "few": "n % 100 = 3..10",
        "many": "n % 100 = 11..99",
    },
    "en": {"one": "i = 1 and v = 0"},
    "gu": _NAUGHT_OR_ONE,
    "pa": {"one": "n = 0..1"},
    "pl": {
        "one": "i = 1 and v = 0",
        "few": "v = 0 and i % 10 = 2..4 and i % 100 != 12..14",
        "many": "v = 0 and i != 1 and i % 10 = 0..1 or v = 0 and i % 10 = 5..9 or v = 0 and i % 100 = 12..14",
    },
    "ur": {"one": "i = 1 and v = 0"},
}


@cache
def rule_of(language: str) -> PluralRule:
    """The plural rule of `language` (ISO 639 code); English's for a language that CLDR does not know."""
    known = _CLDR.get(language)
    if known is not None:
        return PluralRule(known)
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language).plural_form
    except (UnknownLocaleError, ValueError):
        return rule_of("en")


def category(language: str, count: int) -> str:
    """One of `CATEGORIES`: the form that `count` things take in `language`."""
    return rule_of(language)(abs(count))


def categories_of(language: str) -> frozenset[str]:
    """The forms a counted sentence must have in `language`; `other` is always one of them."""
    return frozenset(rule_of(language).tags) | {"other"}
