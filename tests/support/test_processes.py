"""A child says when it is ready, its failure is shown, and it never outlives its test."""

import re

import psutil
import pytest

from tests.support.processes import Child, Start, child_environment
from tests.support.waiting import until

STUBBORN = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("grandchild", child.pid, flush=True)
time.sleep(60)
"""


def test_the_ready_line_is_given_back(start_process: Start) -> None:
    child = start_process("-c", "print('listening on 4711'); input()")
    assert child.said(r"listening on (\d+)")[1] == "4711"


def test_a_child_that_ends_before_it_is_ready_shows_what_it_said(start_process: Start) -> None:
    with pytest.raises(AssertionError, match=r"(?s)ended with 3 before it said 'ready'.*no such table"):
        start_process("-c", "import sys; print('no such table'); sys.exit(3)", ready="ready")


def test_a_child_that_does_not_get_ready_is_given_up(start_process: Start) -> None:
    with pytest.raises(AssertionError, match=r"did not come true within 0\.3 s"):
        start_process("-c", "import time; time.sleep(60)", ready="ready", seconds=0.3)


def test_a_stubborn_child_and_what_it_started_are_gone_afterwards() -> None:
    import sys

    from tests.support.processes import ROOT

    stubborn = Child([sys.executable, "-c", STUBBORN], child_environment(), ROOT)
    stubborn.said("up")
    stubborn.kill()
    assert stubborn.exit_status == -9

    parent = Child([sys.executable, "-c", PARENT], child_environment(), ROOT)
    grandchild = int(parent.said(r"grandchild (\d+)")[1])
    parent.end()
    until(lambda: not _runs(grandchild), 5, "the end of the grandchild")
    assert re.search("grandchild", parent.output)


TESTS = """
import os
from tests.support.processes import ROOT, Child, child_environment
child = Child([sys.executable, "-c", "print('up'); import time; time.sleep(60)"], child_environment(), ROOT)
child.said("up")
print("child", child.pid, flush=True)
time.sleep(60)
"""


def test_a_child_goes_with_tests_that_are_killed(start_process: Start) -> None:
    tests = start_process("-c", f"import sys, time{TESTS}")
    child = int(tests.said(r"child (\d+)")[1])
    tests.kill()
    until(lambda: not _runs(child), 5, "the end of the child")


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
