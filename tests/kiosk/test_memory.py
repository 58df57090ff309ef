"""A kiosk runs for months: what it holds after forty visitors is what it held after ten."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.printers.standin import StandIn

ROOT = Path(__file__).resolve().parents[2]
GROWTH_MB = 4.0
"""Seen: up to 1. Thirty visitors more leave 340 when screens stay behind, 20 when papers do, 6 when drawn texts do."""
HELD_MB = 115.0
"""With Mesa's software renderer, whose part is some 45 MB; a kiosk with a graphics card holds the less."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read as Linux tells it")
def test_memory_does_not_grow_from_visitor_to_visitor(tmp_path: Path) -> None:
    printer = StandIn(keep=2).start()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.kiosk.many_visits", str(tmp_path), printer.address, "10", "40"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=180,
        )
    finally:
        printer.stop()
    assert done.returncode == 0, done.stderr[-2000:]
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    held = {each["visits"]: each["held_mb"] for each in told}
    assert held[40] - held[10] < GROWTH_MB, held
    assert held[40] < HELD_MB, held
