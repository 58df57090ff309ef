"""What a zero means: with nought faults in n tries, the true rate is below 3/n with 95% certainty (the rule of three)."""

from __future__ import annotations


def told(faults: int, tries: int) -> str:
    """`0 of 2,000 (below 0.15% with 95% certainty)`, or just the count when it is not nought."""
    if faults or not tries:
        return f"{faults:,} of {tries:,}"
    return f"0 of {tries:,} (below {100 * 3 / tries:.2g}% with 95% certainty)"
