"""Power cuts under the server's own writing: with `synchronous=FULL` nothing is lost, and with less this very test finds losses."""

import random

from benchmarks import power_cut
from benchmarks.forgetful import SECTOR, Stored
from tests.proof.sizes import times


def test_a_thousand_power_cuts_lose_no_acknowledged_ticket() -> None:
    tally = power_cut.run(times(2000))
    print(tally.lines())
    assert (tally.lost, tally.halves, tally.damaged) == (0, 0, 0)
    assert tally.cuts == times(2000)
    assert tally.in_the_middle > tally.cuts / 2
    assert tally.acknowledged > tally.cuts


def test_the_same_test_finds_the_losses_of_a_weaker_setting() -> None:
    tally = power_cut.run(200, "NORMAL")
    print(tally.lines())
    assert tally.lost > 0
    assert tally.cuts_that_lost > 20
    assert tally.damaged == 0  # NORMAL forgets, it does not damage: the file system is harsh, not absurd


def test_the_file_system_keeps_what_was_synced_and_may_forget_the_rest() -> None:
    chance = random.Random(1)
    stored = Stored()
    stored.write(0, b"a" * SECTOR)
    stored.sync()
    stored.write(SECTOR, b"b" * SECTOR)
    stored.write(0, b"c" * SECTOR)
    left = {bytes(stored.after_a_cut(chance)) for _ in range(200)}
    a, b, c = b"a" * SECTOR, b"b" * SECTOR, b"c" * SECTOR
    assert left == {a, a + b, c, c + b}
