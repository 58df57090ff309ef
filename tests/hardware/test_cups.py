"""A print queue tells bad news at most; a ticket handed to it is never called printed."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from hardware.devices import CoverOpen, Low, Missing, Out, Paper, Refused, Silent, Unknown
from hardware.printers import commands
from hardware.printers.cups import CupsPrinter

Draw = Callable[..., Image.Image]

LPSTAT = """#!/bin/sh
[ "$1 $2 $3" = "-l -p receipts" ] || { echo "lpstat: Invalid destination name" >&2; exit 1; }
cat "$FOYER_QUEUE/state"
"""
LP = """#!/bin/sh
echo "$*" > "$FOYER_QUEUE/arguments"
cat > "$FOYER_QUEUE/data"
echo "request id is receipts-1 (1 file(s))"
"""
IDLE = "printer receipts is idle.  enabled since Tue\n\tForm mounted:\n\tAlerts: {alerts}\n\tConnection: direct\n"


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`lp` and `lpstat` first on the PATH, answering in CUPS' words from what a test puts in the folder."""
    for name, script in (("lp", LP), ("lpstat", LPSTAT)):
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(stat.S_IRWXU)
    (tmp_path / "state").write_text(IDLE.format(alerts="none"))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("FOYER_QUEUE", str(tmp_path))
    return tmp_path


def make(queue: str = "receipts", time_out: float = 3.0) -> CupsPrinter:
    return CupsPrinter(queue, Paper(576), time_out=time_out)


def test_handed_over_is_not_printed(queue: Path, picture: Draw) -> None:
    drawn = picture()
    outcome = make().print(drawn, "Ticket K07; rm -rf")
    assert isinstance(outcome, Unknown)
    assert (queue / "data").read_bytes() == commands.ticket(drawn, cutter=True)
    assert (queue / "arguments").read_text().strip() == "-d receipts -t Ticket K07 rm -rf -o raw"


@pytest.mark.parametrize(
    ("alerts", "status"),
    [
        ("media-empty-error", Out()),
        ("media-low-report", Low()),
        ("cover-open", CoverOpen()),
        ("none", Silent("a print queue does not tell how its printer is")),
    ],
)
def test_bad_news_is_taken_and_good_news_is_not(queue: Path, alerts: str, status: object) -> None:
    (queue / "state").write_text(IDLE.format(alerts=alerts))
    assert make().status() == status


def test_a_printer_without_paper_is_given_nothing(queue: Path, picture: Draw) -> None:
    (queue / "state").write_text(IDLE.format(alerts="media-empty-error"))
    assert make().print(picture(), "K07") == Refused(Out())
    assert not (queue / "data").exists()


def test_a_stopped_queue_refuses(queue: Path, picture: Draw) -> None:
    (queue / "state").write_text("printer receipts disabled since Tue -\n\tPaused\n")
    outcome = make().print(picture(), "K07")
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.status, Silent)


def test_no_such_queue_is_missing(queue: Path, picture: Draw) -> None:
    assert isinstance(make("other").status(), Missing)
    assert isinstance(make("other").print(picture(), "K07"), Refused)


def test_no_cups_is_missing(queue: Path, picture: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(queue / "empty"))
    assert make().status() == Missing("CUPS is not installed")
    assert make().print(picture(), "K07") == Refused(Missing("CUPS is not installed"))


def test_a_queue_that_hangs_is_silent_in_time(queue: Path, picture: Draw) -> None:
    (queue / "lpstat").write_text("#!/bin/sh\nexec sleep 20\n")
    (queue / "lp").write_text("#!/bin/sh\nexec sleep 20\n")
    begun = time.monotonic()
    assert isinstance(make(time_out=0.3).status(), Silent)
    assert isinstance(make(time_out=0.3).print(picture(), "K07"), Unknown)
    assert time.monotonic() - begun < 1.5
