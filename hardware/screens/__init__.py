"""Panels, lit and dark. A panel that is lit for sixteen empty hours a day ages three times as fast, and warms and brightens an empty house."""

from __future__ import annotations

from typing import Protocol


class Screen(Protocol):
    """MUST return within some seconds, and MUST NOT raise for a panel that does not do it: then the answer is False. Called from any thread, one call at a time."""

    def light(self, lit: bool) -> bool:
        """Make it lit or dark; whether the panel took that, as far as it tells. The same again is harmless, and mends what a panel forgot."""
