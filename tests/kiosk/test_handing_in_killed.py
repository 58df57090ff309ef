"""kill -9 in the middle of keeping and of sending: what a visitor was told is safe is with the server once, and their words are nowhere on the disk.

The child is a whole kiosk without a window, which hands in as fast as it can and says over a pipe what is safe; the parent is the server, whose line is cut
again and again, and kills it at a random instant. `FOYER_KILLS=1000` kills more often than CI does.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.kiosk.desk import MARK, Deed, Desk, opened
from tests.kiosk.test_handing_in import found, is_empty, lying, station
from tests.kiosk.visiting import *  # noqa: F403  # fixtures

KILLS = max(4, int(os.environ.get("FOYER_KILLS", "30")) // 4)
"""A life of a whole kiosk takes longer to begin than one of a journal."""

CHILD = """
import asyncio, sys
from pathlib import Path
from kiosk import enrol
from tests.kiosk.desk import papers
from tests.kiosk.visiting import GoodPrinter, WORDS, settings_for
from kiosk.run import Runner
import kiosk.link
kiosk.link.FIRST_PAUSE, kiosk.link.LONGEST_PAUSE = 0.01, 0.02

def say(*words):
    sys.stdout.write(" ".join(words) + "\\n")
    sys.stdout.flush()

async def main(state, url, key):
    enrol.keep(state, enrol.Paired("right", "k1", "york-house"))
    runner = Runner(settings_for(None, state, url), GoodPrinter(), WORDS)
    task = asyncio.create_task(runner.run())
    while runner.journal is None or runner.model.steady == 0:
        await asyncio.sleep(0.002)
    runner.handing_in.rows({"hand_in": {"recipients": [key]}})
    say("up")
    while True:
        packet = papers(1 + runner.handing_in.held % 3, 60_000)
        await runner.handing_in.keep(packet)
        say("safe", packet.manifest.id)
        while runner.handing_in.held > 4:
            await asyncio.sleep(0.002)

asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
"""


def one_life(state: Path, desk: Desk, chance: random.Random) -> list[str]:
    """The ids it called safe until it was killed."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(state), desk.url, desk.key],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    said = [child.stdout.readline()]  # it is up; only now does the random time begin
    assert said == ["up\n"], "the child did not come up"
    said += [child.stdout.readline() for _ in range(chance.randrange(1, 12))]
    threading.Event().wait(chance.random() * 0.01)
    child.send_signal(signal.SIGKILL)
    said += child.stdout.read().splitlines(keepends=True)
    child.wait()
    child.stdout.close()
    return [line.split()[1] for line in said if line.startswith("safe ") and line.endswith("\n")]


async def test_kill_9_while_it_is_kept_or_sent_loses_nothing_and_tells_nobody(tmp_path: Path) -> None:
    chance = random.Random(5)
    deeds: list[Deed | None] = ["cut", "cut_after", 503, None, None]
    safe: list[str] = []
    with opened(Desk(does=lambda packet, tries: chance.choice(deeds))) as desk:
        for _ in range(KILLS):
            safe += await asyncio.to_thread(one_life, tmp_path, desk, chance)
            assert found(tmp_path) == []
        desk.does = lambda packet, tries: None
        left = len(lying(tmp_path))
        async with station(desk, tmp_path) as visitor:
            await is_empty(visitor, tmp_path)
        assert len(safe) > KILLS
        assert left > 0 or max(desk.tries.values()) > 1, "nothing was ever cut off"
        assert set(safe) <= set(desk.order), "what a visitor was told is safe was lost"
        assert len(desk.order) == len(set(desk.order))
        assert desk.other_bodies == []
        assert len(desk.order) - len(safe) <= KILLS, (
            "at most the one being kept at each kill was never called safe"
        )
        assert all(MARK.encode() in body for packet in safe for body in desk.packet(packet).files.values())
    assert found(tmp_path) == []
