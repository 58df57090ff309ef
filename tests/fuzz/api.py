"""The programs' API tried by its own document for longer than every run of the tests does: schemathesis, all checks, other cases with each seed."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.targets import Outcome
from tests.server.web.api.programs import book, booking_house, key_for, program
from tests.server.web.api.test_v1_document import CONFIG

EXAMPLES_A_SECOND = 1.5
"""Of each operation and phase, on two cores."""


def try_document(folder: str, seed: int, seconds: float) -> Outcome:
    outcome = Outcome("api")
    with booking_house(folder) as (house, _hands):
        _, token = key_for(house, "read", "book", "names")
        made = book(program(house, "book"))
        config = CONFIG.format(reference=made["reference"]).replace(
            "deterministic = true", "deterministic = false"
        )
        Path(folder, "schemathesis.toml").write_text(config)
        words = f"--phases examples,coverage,fuzzing,stateful --checks all --no-color --seed {seed} --max-examples {max(5, round(seconds * EXAMPLES_A_SECOND))}"
        began = time.monotonic()
        tried = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run"),
                *(f"{house.url}/api/v1/openapi.json", "-H", f"Authorization: Bearer {token}", *words.split()),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        outcome.seconds = time.monotonic() - began
    counted = re.search(r"(\d[\d,]*) generated", tried.stdout)
    outcome.cases = int(counted[1].replace(",", "")) if counted else 0
    if tried.returncode:
        outcome.faults.append((seed, tried.stdout[-4000:]))
    return outcome
