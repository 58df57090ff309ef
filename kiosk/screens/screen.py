"""What every screen is: a stack that is given a model and the words, built once and thrown away when either changes.

Building anew is simpler than mending and cannot leave anything of the visitor before behind; it takes a few milliseconds, since
drawn texts are shared.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kivy.lang import Builder

from kiosk.flow.model import Model
from kiosk.screens.saying import Saying
from kiosk.widgets.boxes import Stack
from kiosk.widgets.look import Look, look


class Screen(Stack):
    """`root.model`, `root.say` and `root.now` (the look) are what its kv file reads."""

    def __init__(self, model: Model, say: Saying, **kwargs: Any) -> None:
        self.model = model
        self.say = say
        self.now: Look = look()
        super().__init__(**kwargs)
        self.fill()

    def fill(self) -> None:
        """Add what depends on how much there is to show."""


def rules(file: str) -> None:
    """Load the kv file beside a module; called once, when the screen is first needed."""
    Builder.load_file(str(Path(file).with_suffix(".kv")), rulesonly=True)
