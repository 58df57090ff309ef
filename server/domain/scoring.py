"""How right a range of waiting was that somebody was told: judged by the call, summed up exactly, and doubted when it is off. Pure.

A range is judged against the **first call that stands** (a call taken back was none). It was *right* when the visitor was called no earlier than its low end and no later than
its high end, to the second: what stood on the screen is what is judged, rounding and all. Its *error* is how far the call lay from the range's middle, its *bias* whether calls
came later (positive) or earlier than told.

Left out, and counted apart, is who was never called: left, was passed on (the successor is told anew and judged by itself), was merged, withdrawn, or sent home at the end of
the day. Kept is who was called by a colleague out of turn, given priority, or seen to for another need: the promise was made, and that is how it went. Parking and what comes
after the call (also an end nobody set) change no wait, so they change nothing here.

When the ranges of a service have lately been wrong too often it is **doubtful**, and nobody is told any more (`doubtful`), while ranges go on being worked out and judged, so that it comes back
by itself.
"""

from __future__ import annotations

from typing import NamedTuple

from server.domain.sums import Sums

SECOND = 1_000_000
STEP = 5 * 60 * SECOND
"""Of one ticket's wait a range is kept at most once in so many microseconds."""
BANDS = (0, 5, 10, 20, 40)
"""By how long was told: from so many whole minutes on (of the middle), up to the next."""


class Given(NamedTuple):
    """One range as it was told: when (microseconds), and its seconds from then. `told` False: worked out and held back."""

    at: int
    low_seconds: int
    high_seconds: int
    middle_seconds: int
    told: bool = True


class Verdict(NamedTuple):
    """`took_seconds` from the telling until the call; `off_seconds`: the call came so much after the middle (before it: negative)."""

    how: str
    """`within`, `early` (called before the low end) or `late` (after the high end)."""
    took_seconds: int
    off_seconds: int


class Tally(NamedTuple):
    """Ranges of one service that were judged: how many, how many of them were right, of how many tickets, on how many days."""

    judged: int
    right: int
    tickets: int
    days: int

    @property
    def share(self) -> float:
        return self.right / self.judged if self.judged else 0.0


def judge(given: Given, called_at: int | None) -> Verdict | None:
    """What became of one range; None where it cannot be judged: nobody was called, or before it was told (another server's clock)."""
    if called_at is None or called_at < given.at:
        return None
    took = (called_at - given.at) / SECOND
    how = "early" if took < given.low_seconds else "late" if took > given.high_seconds else "within"
    return Verdict(how, round(took), round(took) - given.middle_seconds)


def band_of(middle_seconds: int) -> int:
    """Which of `BANDS` a range belongs to."""
    return max(band for band in BANDS if band * 60 <= max(0, middle_seconds))


def tell(sums: Sums, service: int, given: Given, called_at: int | None, *, over: bool = True) -> None:
    """Add one range to the sums of its day (`estimate/...`). `over` False: the ticket still waits, so nothing is known yet and nothing is added.

    Of a range that was held back is only told that it was, and whether it would have been right.
    """
    verdict = judge(given, called_at)
    if verdict is None and not over:
        return
    if not given.told:
        sums.tell(1, "estimate", service, "held")
        sums.tell(verdict is not None and verdict.how == "within", "estimate", service, "held_within")
        sums.tell(verdict is not None, "estimate", service, "held_judged")
        return
    band = band_of(given.middle_seconds)
    sums.tell(1, "estimate", service, "told")
    sums.tell(1, "estimate", "band", band, "told")
    if verdict is None:
        return
    error = abs(verdict.off_seconds)
    for place in ((service,), ("band", band)):
        sums.tell(1, "estimate", *place, verdict.how)
        sums.tell(error, "estimate", *place, "minutes")
        sums.tell(verdict.off_seconds, "estimate", *place, "bias")
    sums.put(error * SECOND, "estimate", "error", service)
    sums.put(verdict.took_seconds * SECOND, "estimate", "took", band)


# When nobody is told any more --------------------------------------------------------------------------------------------------

LATELY_DAYS = 28
SHORT_DAYS = 7
LEAST_JUDGED, LEAST_TICKETS, LEAST_DAYS = 60, 20, 3
"""Fewer ranges, of fewer tickets or days, prove nothing: the ranges of one ticket, and of one bad morning, go wrong together."""
WRONG_BELOW = 0.6
"""The ranges aim at 80 in 100 and more. With 20 independent tickets chance alone takes fewer than one service in fifty below 60."""
RIGHT_FROM = 0.7
"""To be told again it must be clearly better than what it was held back for, or it would come and go."""


def proves(tally: Tally) -> bool:
    """Whether it is enough to go by."""
    return tally.judged >= LEAST_JUDGED and tally.tickets >= LEAST_TICKETS and tally.days >= LEAST_DAYS


def doubtful(lately: Tally, short: Tally, held: bool) -> bool:
    """Whether the ranges of a service are to be held back. `lately` are its last `LATELY_DAYS`, `short` its last `SHORT_DAYS`; `held`: it is held back now.

    The last week speaks louder when it is good, so that a service whose fault was mended comes back in days; a bad week alone holds nothing back. With too little to go by nothing is
    held against it, so one that nobody has asked for in a month begins anew.
    """
    if not proves(lately) or (proves(short) and short.share >= RIGHT_FROM):
        return False
    return lately.share < (RIGHT_FROM if held else WRONG_BELOW)
