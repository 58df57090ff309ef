"""What every ask is made of: the base class and the shapes of its fields.

Free text is cleaned here, once, for every way in: control characters and direction overrides (which can
make a note read as something else) are taken out, and length is bounded.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

NOTE_CHARACTERS = 500
MOST_COUNTED = 10**15
"""Beyond every count of entries and, in milliseconds, every calendar; what is larger is nonsense and could not be reckoned with."""
_OVERRIDES = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def clean_text(text: str) -> str:
    """`text` without control characters and direction overrides, white space folded, NFC."""
    kept = (
        " " if character in "\n\r\t" else character
        for character in unicodedata.normalize("NFC", text)
        if character in "\n\r\t" or (unicodedata.category(character)[0] != "C" or character in "\u200c\u200d")
    )
    return " ".join("".join(character for character in kept if character not in _OVERRIDES).split())


Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""A name given in the centre's file: small letters, digits, hyphens."""
Code = Annotated[str, StringConstraints(pattern=r"^[ABCDEFGHJKLMNPRTUVWXY](0[1-9]|[1-9][0-9]{1,4})$")]
"""A ticket's code as `codes.write_code` writes it: one spelling a number, so that K07 and K007 cannot both be called."""
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Note = Annotated[str, StringConstraints(max_length=NOTE_CHARACTERS), AfterValidator(clean_text)]
Reason = Annotated[
    str, StringConstraints(max_length=200), AfterValidator(clean_text), StringConstraints(min_length=3)
]
"""Why something out of the usual order was done; at least a word."""
Reference = Annotated[str, StringConstraints(max_length=40), AfterValidator(clean_text)]
"""A case's own reference as staff name it; never a person's name."""
Wants = Annotated[str, StringConstraints(pattern=r"^(sign_language|[a-z]{2})$")]
"""Whom a visitor asked for: an adviser who speaks this language (its code), or who signs."""
AgeMs = Annotated[int, Field(ge=0, le=30 * 24 * 3600 * 1000)]
"""How long ago it happened, by the steady clock of where it happened."""
Subject = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,12}:[0-9a-z:_-]{1,60}$")]
"""What something noticed is about, such as `paper:device:3` or `long_wait:<ticket>`."""


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    retold: ClassVar[frozenset[str]] = frozenset()
    """Fields told as of the moment of asking. Asked again they may differ, and it is still the same command."""

    def fingerprint(self) -> str:
        """What must be equal for an id asked twice to be one command: a hash of the body without what is `retold`."""
        told = self.model_dump_json(exclude=set(self.retold))
        return hashlib.sha256(told.encode()).hexdigest()[:32]
