"""What can be asked for, what can happen, and what is wanted done."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.flow.marks import ScanAct


@dataclass(frozen=True)
class Begin(ScanAct):
    """From the first choices."""
