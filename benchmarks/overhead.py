"""What counting costs: tickets issued a second with the server's measures and without, in one run, in turns.

    python -m benchmarks.overhead

Both halves run on the same house, a few hundred tickets at a time and one after the other, so that a busy machine slows both. What is compared is the
processor's time as well as the clock's: the first does not depend on who else is at work. Without: what adds is replaced by something that adds nothing.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from server.measures import Measures, Spread
from server.store.schema import migrate_address
from tests.support.house import Rehearsal, running_house

TURNS, TICKETS, AT_ONCE = 12, 400, 50


class _Nothing(Spread):
    def add(self, value: float) -> None:
        pass


class _NoCounter(Counter[tuple[str, str]]):
    def __getitem__(self, key: tuple[str, str]) -> int:
        return 0

    def __setitem__(self, key: tuple[str, str], value: int) -> None:
        pass


def _without() -> Measures:
    return Measures(
        lane=_Nothing(), batches=_Nothing(), readings=_Nothing(), lags=_Nothing(), asks=_NoCounter()
    )


async def _issue(rehearsal: Rehearsal) -> tuple[float, float]:
    """Seconds by the clock and of the processor for `TICKETS` tickets."""
    asks = [rehearsal.issue_ask() for _ in range(TICKETS)]
    began, used = time.perf_counter(), time.process_time()
    for at in range(0, TICKETS, AT_ONCE):
        await asyncio.gather(*(rehearsal.ask(rehearsal.kiosk, each) for each in asks[at : at + AT_ONCE]))
    return time.perf_counter() - began, time.process_time() - used


async def _measure(address: str) -> None:
    async with running_house(address) as rehearsal:
        house = rehearsal.house
        kinds = {"with": house.measures, "without": _without()}
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
        await _issue(rehearsal)
        for turn in range(TURNS):
            for name in sorted(kinds, reverse=bool(turn % 2)):
                house.measures = house.lane.measures = house.hub.measures = kinds[name]
                took[name].append(await _issue(rehearsal))
        for place, what in ((0, "by the clock"), (1, "of the processor")):
            rates = {name: statistics.median(TICKETS / each[place] for each in took[name]) for name in kinds}
            ratio = statistics.median(
                w[place] / o[place] for w, o in zip(took["with"], took["without"], strict=True)
            )
            print(
                f"tickets a second, {what}: {rates['with']:.0f} with, {rates['without']:.0f} without; {(ratio - 1) * 100:+.1f} % time for counting"
            )
        assert house.measures is not None
        print(f"one addition: {_one_addition() * 1e9:.0f} ns")


def _one_addition() -> float:
    spread, times = Spread(), 200_000
    began = time.process_time()
    for _ in range(times):
        spread.add(0.0031)
    return (time.process_time() - began) / times


def main() -> None:
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'foyer.db'}"
        migrate_address(address)
        asyncio.run(_measure(address))


if __name__ == "__main__":
    main()
