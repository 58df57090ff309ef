"""What all tests share: the fixtures of `tests/support`, and the guard that keeps every test on this
machine.

The fixtures are imported here by name, so that this page is the list of them. Hypothesis tries new cases
at every run on a developer's machine, and the same ones on the build machine: there a red line must mean
that the change is wrong.
"""

import gc
import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest

from tests.support.browser import Watch, browser, open_page, watch
from tests.support.databases import (
    database_url,
    empty_postgres_url,
    postgres_template,
    postgres_url,
    sqlite_template,
    sqlite_url,
)
from tests.support.loopback import stay_on_this_machine
from tests.support.postgres import postgres_cluster
from tests.support.processes import start_process
from tests.support.screen import virtual_screen

__all__ = [
    "browser",
    "database_url",
    "empty_postgres_url",
    "open_page",
    "postgres_cluster",
    "postgres_template",
    "postgres_url",
    "sqlite_template",
    "sqlite_url",
    "start_process",
    "virtual_screen",
    "watch",
]

stay_on_this_machine()
_KEYS = tempfile.TemporaryDirectory(prefix="foyer-keys-")
os.environ["FOYER_PAPER_KEYS"] = str(Path(_KEYS.name) / "papers.key")
os.environ["FOYER_AUDIT_KEYS"] = str(Path(_KEYS.name) / "audit.key")
"""One key file of each kind for every server a test starts, so that none is left in the folder the tests are run from. Each process that runs tests has its
own: some tests spoil the file for a moment."""
os.environ.setdefault("FOYER_READING_LANGUAGES", "")
"""Tests that make papers searchable say so: it takes seconds."""
hypothesis.settings.register_profile("foyer", deadline=None, derandomize="CI" in os.environ, print_blob=True)
hypothesis.settings.load_profile("foyer")

LONG = (
    "tests/proof/",
    "tests/system/",
    "tests/kiosk/test_memory.py",
    "tests/display/test_board.py",
    "tests/server/web/test_door.py",
    "tests/server/web/test_counting_panel.py",
    "tests/server/web/test_greeter_journeys.py",
    "tests/kiosk/devdock/",
)
"""Files of few tests that take long. Begun last, one of them would run on when the other processes have nothing left to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first; all else stays as it stands. `scripts/test.sh` has xdist keep this order."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is read here stays to the end: no look through the garbage need walk over it, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    over = getattr(item, "funcargs", {}).get("watch")
    if isinstance(over, Watch):
        over.server_may_be_gone = True
