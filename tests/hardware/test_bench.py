"""The bench tells in words what it learned of a printer, from a process of its own over real TCP."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from hardware import bench
from hardware.devices import Paper
from hardware.printers.standin import StandIn


def test_page_is_printed_and_said_to_be_out(standin: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["printer", "--type", "network", "--address", standin.address, "--papers", "2"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("The printer is ready. Asked in ")
    assert said[2].startswith("Page 2 confirmed: the page is out.")
    assert standin.papers()[1].tobytes() == bench.trial_page(Paper(576)).tobytes()


def test_no_paper_is_said(standin: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    standin.levers.set_paper("out")
    assert bench.main(["printer", "--type", "network", "--address", standin.address]) == 1
    assert "refused: nothing was printed. The printer is out of paper." in capsys.readouterr().out


def test_wrong_address_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["printer", "--type", "usb", "--address", "lp0"]) == 2
    assert "vendor:product" in capsys.readouterr().err


def test_stand_in_from_a_terminal_takes_a_page_from_the_bench(tmp_path: Path) -> None:
    room = StandIn().start()  # finds a free port
    port = room.address.split(":")[1]
    room.stop()
    command = [sys.executable, "-m", "hardware.printers.standin", "--port", port, "--folder", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "listens at" in process.stdout.readline()
        words = ["printer", "--type", "network", "--address", f"127.0.0.1:{port}"]
        tried = subprocess.run(
            [sys.executable, "-m", "hardware.bench", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        process.terminate()
    assert tried.returncode == 0, tried.stdout + tried.stderr
    deadline = time.monotonic() + 2
    while not (tmp_path / "paper-0001.png").exists():
        assert time.monotonic() < deadline
