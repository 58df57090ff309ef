"""What can be asked for, what can happen, and what is wanted done."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow.marks import FormAct


@dataclass(frozen=True)
class Begin(FormAct):
    """From the first choices."""
