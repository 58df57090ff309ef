"""Signs as people type them: digits of any script as ASCII, every kind of blank and dash as the plain one, marks of direction gone.

A visitor writing in Gujarati or Urdu types the digits their keyboard has, and copied text brings marks that nobody sees. Judging begins here, so no rule
further on needs to know of scripts.
"""

from __future__ import annotations

import unicodedata

from wire.body import clean_text

_POINTS = {"\u066b": ".", "\u066c": ",", "\u060c": ",", "\uff0e": ".", "\uff0c": ",", "\u3002": "."}
"""Arabic decimal point, thousands sign and comma; full-width ones."""
_QUOTES = {"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u0060": "'", "\u00b4": "'"}


def digit(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.digit(sign))
    if kind == "Zs" or sign in "\t\r\n":
        return " "
    if kind == "Pd" or sign == "\u2212":
        return "-"
    return "" if kind == "Cf" else sign


def plain_signs(text: str) -> str:
    """For numbers, dates and references: ASCII digits, plain blanks, dashes and points; not for words."""
    return "".join(digit(_POINTS.get(sign, sign)) for sign in unicodedata.normalize("NFKC", text)).strip()


def one_line(text: str) -> str:
    """Words on one line, as they are kept: NFC, blanks folded, nothing unseen."""
    return clean_text(clean_text(text))  # taking a sign out can bring two together that NFC makes one


def lines(text: str) -> str:
    """Words on several lines, as they are kept: each line as `one_line`, at most one empty line between two."""
    found: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        clean = one_line(line)
        if clean or (found and found[-1]):
            found.append(clean)
    while found and not found[-1]:
        found.pop()
    return "\n".join(found)


def plain_name(text: str) -> str:
    """A name: on one line, with the plain apostrophe."""
    return one_line("".join(_QUOTES.get(sign, sign) for sign in text))
