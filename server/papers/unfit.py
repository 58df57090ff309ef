"""The refusal of what was handed in. By itself, because who only hears it needs none of the libraries that open papers."""

from __future__ import annotations


class Unfit(ValueError):
    """It is not taken; `str()` is a sentence that does not say what is in it."""
