"""What the screens show of it, as one frozen value in `Visitor.scanning`; None while nobody is at it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scanning:
    pass
