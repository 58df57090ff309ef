"""The text of one version of a form, and what it reads as: the same text is read once.

A version never changes once it is published, so its text names it (`digest_of`), and whoever began with it can finish with it. Reading takes
some hundredths of a second, which no page and no refresh of a screen should take again and again.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from forms.form import Form
from forms.reading import read_form

MOST_KEPT = 200
"""Every form of a council in a few versions."""


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=MOST_KEPT)
def form_of(text: str) -> Form | None:
    """None where the text is not a form, or not any more: what was right once may be refused by a later reader."""
    found = read_form(text)
    return found if isinstance(found, Form) else None
