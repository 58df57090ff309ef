"""A panel that cannot be switched, or shall not be."""

from __future__ import annotations


class AbsentScreen:
    def light(self, lit: bool) -> bool:
        return True
