"""`python -I leash.py PARENT COMMAND...`: become COMMAND, and be told to end (SIGTERM) when process PARENT is gone.

A program of its own rather than a function between fork and exec: our process has threads by then, and what runs there could wait for ever on
a lock that one of them held.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
if os.getppid() != int(sys.argv[1]):  # it went before we asked
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
