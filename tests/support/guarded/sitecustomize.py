"""Put first on a child's PYTHONPATH, this guards it like the test that started it (see `tests/support/loopback.py`), and
ends it with the tests when they are killed and cannot. Only the test's own child: whether a program of ours takes
its children with it is for a test to find out.
"""

import ctypes
import os
import runpy
import signal
from pathlib import Path

PR_SET_PDEATHSIG = 1

runpy.run_path(str(Path(__file__).resolve().parent.parent / "loopback.py"))["stay_on_this_machine"]()
if os.environ.get("FOYER_STARTED_BY") == str(os.getppid()):
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
