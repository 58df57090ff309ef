"""What the screens show of it, as one frozen value in `Visitor.finding`; None while nobody is at it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    pass
