"""A kiosk runs for months: what it holds after fifty visitors is what it held after ten."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.printers.standin import StandIn

ROOT = Path(__file__).resolve().parents[2]
GROWTH_MB = 2.7
"""Seen: up to 1. Twenty visitors more leave 230 when screens stay behind, 13 when papers do, 4 when drawn texts do. Of two such spans the lesser
counts: what is left behind is left behind in both, and what the machine takes once for itself (5 was seen) in one."""
HELD_MB = 125.0
"""With Mesa's software renderer, whose part is some 45 MB; a kiosk with a graphics card holds the less. Seen on bare Debian: up to 116."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read as Linux tells it")
def test_memory_does_not_grow_from_visitor_to_visitor(tmp_path: Path) -> None:
    printer = StandIn(keep=2).start()
    try:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.kiosk.many_visits",
                str(tmp_path),
                printer.address,
                "10",
                "30",
                "50",
            ],
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
    assert min(held[30] - held[10], held[50] - held[30]) < GROWTH_MB, held
    assert held[50] < HELD_MB, held


HEAVY = [
    "phonenumbers",
    "jsonschema",
    "yaml",
    "cv2",
    "numpy",
    "rapidfuzz",
    "cryptography",
    "pyrage",
    "zxingcpp",
]
"""Together some 60 MB and seconds of start on a small machine: each is loaded by what needs it, when it does."""


@pytest.mark.parametrize(
    "loaded", ["kiosk.run, kiosk.flow.journey", "kiosk.form_texts, kiosk.screens.filling"]
)
def test_a_kiosk_starts_without_what_it_may_never_need(loaded: str) -> None:
    code = f"import sys, {loaded}; print(*sorted({set(HEAVY)!r} & {{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == []
