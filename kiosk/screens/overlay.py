"""What lies over a screen: help is coming, and are you still there. The bar below stays free: help must always be there."""

from __future__ import annotations

from kiosk.screens import standing
from kiosk.screens.screen import Screen, rules


class HelpOverlay(Screen):
    @property
    def title(self) -> str:
        lines = self.model.help_lines
        return self.say.line(lines[0]) if lines else ""

    @property
    def lead(self) -> str:
        lines = self.model.help_lines
        return self.say.line(lines[1]) if lines else ""

    def fill(self) -> None:
        self.ids.sign.show("people")


class IdleOverlay(Screen):
    @property
    def left(self) -> str:
        return self.say("idle.clears", count=self.model.idle_left or 0)

    def fill(self) -> None:
        self.ids.sign.show("time")


NAMED_IN_KV = (standing,)
"""Imported for the kv file, which names its class."""
rules(__file__)
