"""Panels switched dark and lit: the kernel's files of a backlight, and real programs that answer and fail."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hardware.catalogue import ScreenConfig, build_screen
from hardware.screens.backlight import Backlight
from hardware.screens.commands import WAYS, CommandScreen
from hardware.screens.simulated import SimulatedScreen


def panel(among: Path) -> Path:
    folder = among / "10-0045"
    folder.mkdir()
    for name, value in (("bl_power", "0"), ("brightness", "180"), ("max_brightness", "255")):
        (folder / name).write_text(f"{value}\n")
    return folder


def test_a_backlight_goes_dark_and_comes_back_as_bright_as_it_was(tmp_path: Path) -> None:
    folder = panel(tmp_path)
    screen = Backlight(among=tmp_path)
    assert screen.light(False)
    assert screen.light(False)
    assert [(folder / name).read_text() for name in ("bl_power", "brightness")] == ["4", "0"]
    assert screen.light(True)
    assert [(folder / name).read_text() for name in ("bl_power", "brightness")] == ["0", "180"]


def test_a_panel_left_dark_by_a_run_before_is_lit_fully(tmp_path: Path) -> None:
    folder = panel(tmp_path)
    (folder / "brightness").write_text("0")
    assert Backlight(folder).light(True)
    assert (folder / "brightness").read_text() == "255"


def test_a_backlight_that_is_not_there_is_said_to_be_broken(tmp_path: Path) -> None:
    assert not Backlight(among=tmp_path).light(True)
    assert not Backlight(tmp_path / "gone").light(False)


@pytest.mark.parametrize("kind", sorted(WAYS))
def test_each_program_is_called_with_its_own_words(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = WAYS[kind][1][0]
    (tmp_path / program).write_text(f'#!/bin/sh\necho "$0 $@" >> {tmp_path}/called\n')
    (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    screen = build_screen(ScreenConfig.read({"type": kind, "address": "/dev/cec1; reboot"}))
    assert screen.light(True)
    assert screen.light(False)
    lit, dark = (tmp_path / "called").read_text().splitlines()
    assert lit != dark
    assert "/dev/cec1; reboot" in lit, "one word, to no shell"


def test_a_program_that_fails_or_is_not_there_is_a_broken_screen() -> None:
    assert not CommandScreen(["false"], ["false"]).light(True)
    assert not CommandScreen(["no-such-program-here"], []).light(True)


def test_a_panel_that_goes_on_failing_is_written_down_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told again every few seconds: the log of a card would hold nothing else."""
    there = tmp_path / "there"
    screen = CommandScreen(["cat", str(there)], ["no-such-program-here"])
    for _ in range(3):
        assert not screen.light(True)
    assert len(caplog.records) == 1
    there.touch()
    assert screen.light(True)
    there.unlink()
    assert not screen.light(True)
    assert not screen.light(False)
    assert len(caplog.records) == 3


def test_settings_that_make_no_sense_are_refused() -> None:
    for wrong in ({"type": "dpms"}, {"type": "cec", "address": "--all"}, {"type": 3}, {"kind": "cec"}):
        with pytest.raises(ValueError, match="screen:"):
            ScreenConfig.read(wrong)


def test_a_simulated_panel_tells_from_outside_how_it_is(tmp_path: Path) -> None:
    file = tmp_path / "panel"
    screen = SimulatedScreen(file)
    assert screen.light(False)
    assert file.read_text() == "dark"
    file.write_text("broken")
    assert not screen.light(True)
