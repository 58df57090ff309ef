"""The real server with the play's clock. `python -m benchmarks.month.house FACE`; settings come from the environment, as always."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.month.turned import Face, TurnedClock
from server import app, memory, serve
from server.jobs import estimates, rounds, sending, summing
from server.live import hub
from server.settings import Settings

OFTENER = 20.0
"""A real month has half a million rounds. Here a day lasts a minute, and what happens every few minutes must still happen in it."""


def main(face: Path) -> None:
    rounds.EVERY_SECONDS /= OFTENER
    sending.EVERY_SECONDS /= OFTENER
    summing.EVERY_SECONDS /= OFTENER
    estimates.EVERY_SECONDS /= OFTENER
    app.TIDY_SECONDS /= 3 * OFTENER
    hub.FORGET_SECONDS /= OFTENER
    settings = Settings()
    memory.few_heaps()
    serve._open_many_files()
    serve.Server(serve.config_of(settings, TurnedClock(face=Face(face)))).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
