"""What can be asked for, what can happen, and what is wanted done."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow.marks import FindAct


@dataclass(frozen=True)
class Begin(FindAct):
    """From the first choices."""
