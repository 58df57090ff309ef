"""The kiosk's rows of the table."""

from __future__ import annotations

from benchmarks.speed import Bench


def rows(bench: Bench) -> None:
    pass
