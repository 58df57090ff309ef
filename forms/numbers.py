"""Numbers and amounts of money as people write them, with the digits of any script.

Taken: 1234.5, 1,234.50, 12,34,567 (as in India), 1 234,50 and 1.234,50 (as in Poland), £1,234.50, "50p". A single comma before one or two digits is a
decimal comma, since no grouping reads so; `1.234` is a little more than one, as everybody here writes it. What could be read in two ways is refused with
a sentence, never guessed.
"""

from __future__ import annotations

import re
from decimal import Decimal

from forms.signs import plain_signs
from forms.wrong import Wrong

_PLAIN = re.compile(r"\d+(\.\d+)?|\.\d+")
_BRITISH = re.compile(r"\d{1,3}([ ,])\d{3}(\1\d{3})*(\.\d+)?")
_INDIAN = re.compile(r"\d{1,2}(,\d{2})*,\d{3}(\.\d+)?")
_CONTINENTAL = re.compile(r"(\d+|\d{1,3}([ .])\d{3}(\2\d{3})*),\d{1,2}")
_CURRENCY = re.compile(r"^(-?) ?(?:£|gbp) ?|(?: ?(?:£|gbp|pounds?))$")
_PENCE = re.compile(r"(\d{1,4}) ?(?:p|pence)")
MOST_DIGITS = 15


def read_number(text: str) -> Decimal | Wrong:
    """The number in `text`, which is not empty."""
    plain = plain_signs(text[:200])
    minus = plain.startswith("-")
    plain = plain.removeprefix("-").removeprefix("+").strip()
    if not any(sign.isdigit() for sign in plain):
        return Wrong("number_none")
    if any(sign.isalpha() for sign in plain):
        return Wrong("number_letters")
    if len(plain) > 40:
        return Wrong("number_long")
    if _PLAIN.fullmatch(plain):
        number = plain
    elif _BRITISH.fullmatch(plain) or _INDIAN.fullmatch(plain):
        number = re.sub(r"[ ,]", "", plain)
    elif _CONTINENTAL.fullmatch(plain):
        number = re.sub(r"[ .]", "", plain).replace(",", ".")
    else:
        return Wrong("number_unclear")
    if len(number.partition(".")[0]) > MOST_DIGITS:
        return Wrong("number_long")
    return Decimal(f"-{number}" if minus and number.strip("0.") else number)


def read_money(text: str) -> int | Wrong:
    """The amount in `text`, in pence."""
    plain = plain_signs(text[:200]).casefold()
    if found := _PENCE.fullmatch(plain):
        return int(found[1])
    bare = _CURRENCY.sub(lambda found: found[1] or "", plain)
    number = read_number(bare)
    if isinstance(number, Wrong):
        return Wrong("money_unclear") if number.word in ("number_letters", "number_unclear") else number
    pence = number * 100
    if pence != pence.to_integral_value():
        return Wrong("money_pence")
    return int(pence)
