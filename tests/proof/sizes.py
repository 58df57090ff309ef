"""How often each proof tries here. More is a matter of time, so it can be asked for from outside."""

import os

TIMES = float(os.environ.get("FOYER_PROOF", "1"))


def times(usual: int) -> int:
    return max(1, round(usual * TIMES))
