"""English and Polish, e-mail addresses, references, and digits.

English as on every keyboard since the typewriter; Polish has each of its nine letters beside the one it comes from, since long presses hide
them from those who do not know of them. Accents of other languages, for names, stand behind one key.
"""

from __future__ import annotations

from kiosk.widgets.keyboard.keys import Layer, Layout, rows

BOTTOM = "{script} , {space} . {line}"
ACCENTS = Layer(
    "é ü",
    rows(
        "à á â ã ä å æ ç è é ê ë", "ì í î ï ñ ò ó ô õ ö ø œ", "ù ú û ü ý ß ă ș ț š ž č",
        "{large:1.8} ğ ı ş ř {space:2.2} {first} {delete}",
    ),
    once=True,
)  # fmt: skip
LARGE_ACCENTS = Layer(
    "É Ü",
    rows(
        "À Á Â Ã Ä Å Æ Ç È É Ê Ë", "Ì Í Î Ï Ñ Ò Ó Ô Õ Ö Ø Œ", "Ù Ú Û Ü Ý Ÿ Ă Ș Ț Š Ž Č",
        "{accents:1.8} Ğ İ Ş Ř {space:2.2} {first} {delete}",
    ),
    once=True,
)  # fmt: skip
SIGNS = Layer(
    "123",
    rows(
        "1 2 3 4 5 6 7 8 9 0", "/ ( ) £ & @ : ; ! ?", "{accents} + % # \" – ’ = - {delete}", f"{{first}} {BOTTOM}"
    ),
)  # fmt: skip
DIGITS = rows("1 2 3 4 5 6 7 8 9 0")[0]

_ENGLISH = ("q w e r t y u i o p", "a s d f g h j k l '", "z x c v b n m -")
_POLISH = ("q w e ę r t y u i o ó p", "a ą s ś d f g h j k l ł", "z ż ź x c ć v b n ń m")


def _letters(label: str, three: tuple[str, str, str], other: str, last: str, *, once: bool = False) -> Layer:
    one, two, three_ = three
    return Layer(label, rows(one, two, f"{{{other}}} {three_} {last}".strip(), f"{{signs}} {BOTTOM}"), once)


def _upper(three: tuple[str, str, str]) -> tuple[str, str, str]:
    one, two, last = (text.upper() for text in three)
    return one, two, last


ENGLISH = Layout(
    "en", "ABC", "en",
    {
        "first": _letters("abc", _ENGLISH, "second", "{delete}"),
        "second": _letters("ABC", _upper(_ENGLISH), "first", "{delete}", once=True),
        "signs": SIGNS, "accents": ACCENTS, "large": LARGE_ACCENTS,
    },
    spare=DIGITS, capitals=True,
)  # fmt: skip


def _polish(label: str, three: tuple[str, str, str], other: str, *, once: bool = False) -> Layer:
    one, two, last = three
    bottom = "{signs} {script} , {space:2.6} . - {line} {delete}"
    return Layer(label, rows(one, two, f"{{{other}:1}} {last}", bottom), once)


POLISH = Layout(
    "pl", "PL", "pl",
    {
        "first": _polish("abc", _POLISH, "second"),
        "second": _polish("ABC", _upper(_POLISH), "first", once=True),
        "signs": SIGNS, "accents": ACCENTS, "large": LARGE_ACCENTS,
    },
    spare=DIGITS, capitals=True,
)  # fmt: skip

EMAIL = Layout(
    "email", "abc", "en",
    {
        "first": Layer(
            "abc",
            rows(
                "q w e r t y u i o p", "a s d f g h j k l @", "{signs} z x c v b n m . - {delete}",
                "@gmail.com @outlook.com .co.uk .com",
            ),
        ),
        "signs": Layer(
            "123",
            rows(
                "1 2 3 4 5 6 7 8 9 0", "_ + ' & / ! # $ % @", "{first} * = ? ^ ~ - . {delete}",
                "@hotmail.com @yahoo.co.uk @icloud.com .org",
            ),
        ),
    },
    spare=DIGITS,
)  # fmt: skip

REFERENCE = Layout(
    "reference", "ABC", "en",
    {
        "first": Layer(
            "ABC",
            rows(
                "A B C D E F G H I J K L", "M N O P Q R S T U V W X", "Y Z 0 1 2 3 4 5 6 7 8 9",
                "- / {space} {delete}",
            ),
        )
    },
)  # fmt: skip


def digits(name: str, beside: str = "") -> Layout:
    """Ten digits as on a telephone; `beside` stand at the left of 0."""
    last = f"{beside} 0 {{delete:1}}" if beside else "{delete:1} 0"
    return Layout(name, "123", "en", {"first": Layer("123", rows("1 2 3", "4 5 6", "7 8 9", last))})


NUMBER = digits("number")
PHONE = digits("phone", "+")
MONEY = digits("money", ".")
DECIMAL = digits("decimal", ".")
SIGNED = digits("signed", "-")
SIGNED_DECIMAL = digits("signed_decimal", "- .")
