"""Fifty followers over bad lines and through restarts end equal to the server, and no board misses a call or announces one twice."""

from benchmarks import feed_storm
from tests.proof.sizes import times


def test_fifty_followers_come_through_a_storm() -> None:
    tally = feed_storm.run(times(4000))
    print(tally.lines())
    assert (tally.unequal, tally.missed, tally.announced_twice) == (0, 0, 0)
    assert tally.restarts >= 10
    assert tally.calls > 50
    assert tally.announced > tally.calls
    assert min(tally.cuts, tally.lost, tally.late, tally.twice) > 100
