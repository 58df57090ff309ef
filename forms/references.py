"""References as people copy them from letters and cards: postcodes, NHS and National Insurance numbers, vehicles' plates, and any a council has, by mask.

Spaces and hyphens never matter, nor capitals, nor in whose digits it is typed; it is kept as it is usually written. Masks instead of regular expressions,
because a form is written by people who should not need to know those, and because no mask can take for ever to match.

Postcodes: the shapes of BS 7666 / Royal Mail's programmers' guide. NHS numbers: check digit modulus 11 (NHS Data Dictionary). National Insurance numbers:
prefixes and suffix as HMRC's manual NIM39110 gives them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from forms.signs import plain_signs
from forms.wrong import Wrong
from wire.references import read_reference, show_reference

_POSTCODE = re.compile(
    r"(GIR|[A-PR-UWYZ]([0-9]{1,2}|[A-HK-Y][0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Y][0-9][ABEHMNPRV-Y]))([0-9][ABD-HJLNP-UW-Z]{2})"
)
_INSURANCE = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]")
_VEHICLE = re.compile(
    r"[A-Z]{2}[0-9]{2}[A-Z]{3}|[A-Z][0-9]{1,3}[A-Z]{3}|[A-Z]{3}[0-9]{1,3}[A-Z]|[A-Z]{1,3}[0-9]{1,4}|[0-9]{1,4}[A-Z]{1,3}"
)
MOST_CHARACTERS = 40


def squeezed(text: str) -> str:
    """Letters and digits alone, in capitals."""
    return "".join(sign for sign in plain_signs(text[:500]).upper() if sign.isalnum() and sign.isascii())


def read_postcode(text: str) -> str | None:
    """`LE1 6RN`; None when it cannot be a postcode. The letters O and I where only a digit can stand are the slip they look like."""
    signs = squeezed(text)
    if not 5 <= len(signs) <= 7:
        return None
    inward = signs[-3:]
    if inward[0] in "OI":
        inward = ("0" if inward[0] == "O" else "1") + inward[1:]
    if not _POSTCODE.fullmatch(signs[:-3] + inward):
        return None
    return f"{signs[:-3]} {inward}"


def _nhs(signs: str) -> str | None:
    if not re.fullmatch(r"[0-9]{10}", signs) or len(set(signs)) == 1:
        return None
    check = 11 - sum(int(sign) * weight for sign, weight in zip(signs, range(10, 1, -1), strict=False)) % 11
    if check == 10 or (0 if check == 11 else check) != int(signs[9]):
        return None
    return f"{signs[:3]} {signs[3:6]} {signs[6:]}"


def _insurance(signs: str) -> str | None:
    if not _INSURANCE.fullmatch(signs):
        return None
    return " ".join((signs[:2], signs[2:4], signs[4:6], signs[6:8], signs[8]))


def _vehicle(signs: str) -> str | None:
    return signs if _VEHICLE.fullmatch(signs) else None


def _ours(signs: str) -> str | None:
    found = read_reference(signs)
    return None if found is None else show_reference(found)


KNOWN: dict[str, tuple[Callable[[str], str | None], str]] = {
    "postcode": (read_postcode, "LE1 6RN"),
    "nhs_number": (_nhs, "943 476 5919"),
    "national_insurance": (_insurance, "QQ 12 34 56 C"),
    "vehicle": (_vehicle, "AB12 CDE"),
    "ours": (_ours, "BCDF-346W"),
}
"""What is checked beyond its looks, and an example. `ours`: a reference that this house has given."""


def read_reference_of(
    text: str, *, known: str = "", masks: tuple[str, ...] = (), example: str = ""
) -> str | Wrong:
    """The reference in `text` as it is kept. `known` is one of `KNOWN`."""
    if known:
        read, usual = KNOWN[known]
        found = read(squeezed(text))
        if found is None:
            word = f"{known}_wrong" if known in ("postcode", "nhs_number") else "reference_wrong"
            return Wrong(word, {"example": example or usual})
        return found
    signs = squeezed(text)
    for mask in masks:
        if (fitted := _fit(signs, mask)) is not None:
            return fitted
    if masks:
        return Wrong("reference_wrong", {"example": example or _example(masks[0])})
    plain = " ".join(plain_signs(text[:500]).upper().split())
    if not signs or not re.fullmatch(r"[0-9A-Z /.\-_#&]+", plain):
        return Wrong("reference_signs")
    return plain


_CLASS = {"9": str.isdigit, "A": str.isalpha, "*": str.isalnum}


def _fit(signs: str, mask: str) -> str | None:
    """`signs` written as `mask` has it; None when they do not fit. A small letter in a mask stands for itself."""
    left, out = list(signs), []
    for slot in mask:
        if not (slot.isalnum() or slot == "*"):
            out.append(slot)
            continue
        sign = left.pop(0) if left else ""
        fits = _CLASS[slot](sign) if slot in _CLASS else sign == slot.upper()
        if not sign or not fits:
            return None
        out.append(sign)
    return None if left else "".join(out)


def _example(mask: str) -> str:
    numbers = iter("1234567890" * 5)
    letters = iter("ABCDEFGHJK" * 5)
    made = (
        next(numbers) if slot in "9*" else next(letters) if slot == "A" else slot.upper()
        for slot in mask[:40]
    )
    return "".join(made)
