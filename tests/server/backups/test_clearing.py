"""A folder in which the house lies in the clear is swept away when nobody holds it, and never while or before somebody works in it."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from server.backups import clearing


def test_a_sweep_takes_none_that_is_made_at_the_same_moment(tmp_path: Path) -> None:
    over, usual = threading.Event(), sys.getswitchinterval()

    def sweeping() -> None:
        while not over.is_set():
            clearing.sweep([tmp_path])

    sweeper = threading.Thread(target=sweeping)
    sweeper.start()
    sys.setswitchinterval(1e-6)  # they get in each other's way much more often
    try:
        for _ in range(3000):
            folder, held = clearing._held(tmp_path, clearing.BACKING_UP)
            (folder / "database").write_bytes(b"in the clear")
            assert (folder / "database").exists()
            os.close(held)
    finally:
        sys.setswitchinterval(usual)
        over.set()
        sweeper.join()
    clearing.sweep([tmp_path])
    assert list(tmp_path.iterdir()) == []
