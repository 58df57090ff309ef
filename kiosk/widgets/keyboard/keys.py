"""What a key is, what a layout is, and how a layout is written down: rows of signs in plain text, with names in braces for what types nothing.

    "{second} z x c v b n m - {delete}"        letters, and the keys beside them
    "ા|આ"                                      the vowel sign; and what the key types where there is no consonant to carry it

The second form is how Gujarati and Panjabi are typed here: one key for each vowel, which is the sign after a consonant and the letter
everywhere else, since a sign without a consonant is never right. The key always shows what it would type now.

A layer marked `once` gives way to the first again after one sign, as capitals do. No key repeats and none is held down: one touch, one sign.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

MOST_IN_A_ROW = 12
"""What a 217 mm panel has room for at 15 mm a key."""
_VIRAMA = {"\u0acd", "\u0a4d"}
_NUKTA = {"\u0abc", "\u0a3c"}


class Does(StrEnum):
    SIGN = "sign"
    SPACE = "space"
    LINE = "line"
    """A new line, in long texts."""
    DELETE = "delete"
    LAYER = "layer"
    SCRIPT = "script"
    """On to the next of the scripts offered."""


@dataclass(frozen=True)
class Key:
    does: Does = Does.SIGN
    sign: str = ""
    alone: str = ""
    """What it types where no consonant stands before; empty: the same."""
    leads: str = ""
    """The layer it goes to."""
    share: float = 1.0

    def types(self, before: str) -> str:
        """What it adds to the text `before`; empty for a key that types nothing."""
        return self.alone if self.alone and not carries(before) else self.sign


@dataclass(frozen=True)
class Layer:
    label: str
    """On the key that leads here."""
    rows: tuple[tuple[Key, ...], ...]
    once: bool = False


@dataclass(frozen=True)
class Layout:
    name: str
    label: str
    """On the key that leads here from another script."""
    language: str
    """As which its keys are set."""
    layers: dict[str, Layer] = field(hash=False)
    from_right: bool = False
    """Its rows run from the right."""
    spare: tuple[Key, ...] = ()
    """One more row, above, where there is room: it only saves going to another layer."""
    capitals: bool = False
    """The second layer is that of capitals."""

    def all_keys(self) -> Iterator[Key]:
        for layer in self.layers.values():
            for row in layer.rows:
                yield from row

    @property
    def signs(self) -> frozenset[str]:
        """Every character that can be typed on it."""
        typed = (text for key in self.all_keys() for text in (key.sign, key.alone))
        return frozenset(character for text in typed for character in text)


def carries(before: str) -> bool:
    """Whether the text ends in a consonant that can carry a vowel sign."""
    if not before:
        return False
    last = before[-1]
    if last in _NUKTA:
        return True
    return "\u0a95" <= last <= "\u0ab9" or "\u0a15" <= last <= "\u0a39" or "\u0a59" <= last <= "\u0a5e"


def shown(text: str) -> str:
    """A sign as its key shows it: one that needs a letter to stand on gets a ring instead, in Arabic a stroke."""
    if text and unicodedata.category(text[0])[0] == "M":
        return f"\u0640{text}" if "\u0600" <= text[0] <= "\u06ff" else f"\u25cc{text}"
    return text


def without_last(text: str) -> str:
    """After "delete": the last character less. In Indic scripts that is the last sign, as on their keyboards everywhere, so that a wrong vowel
    does not cost its consonant."""
    return text[:-1]


_NAMED = {
    "space": Key(Does.SPACE, sign=" ", share=3.2),
    "line": Key(Does.LINE, sign="\n", share=1.4),
    "delete": Key(Does.DELETE, share=1.5),
    "script": Key(Does.SCRIPT, share=1.5),
}


def _key(token: str) -> Key:
    if token.startswith("{") and len(token) > 1:
        name, _, share = token[1:-1].partition(":")
        made = _NAMED.get(name) or Key(Does.LAYER, leads=name, share=1.5)
        return made if not share else Key(made.does, made.sign, made.alone, made.leads, float(share))
    sign, _, alone = token.partition("|") if len(token) > 1 else (token, "", "")
    if unicodedata.category(sign[0])[0] != "M" and len(sign) > 3:  # a whole ending, such as ".co.uk"
        return Key(sign=sign, share=0.7 + 0.24 * len(sign))
    return Key(sign=sign, alone=alone)


def rows(*texts: str) -> tuple[tuple[Key, ...], ...]:
    return tuple(tuple(_key(token) for token in text.split()) for text in texts)
