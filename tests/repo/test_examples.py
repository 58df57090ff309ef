"""Example files are read by the program they are for: an example that is refused teaches nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.config import Refused, parse, read
from tests.repo.tree import ROOT, files
from tests.repo.tree import read as text_of

EXAMPLES = [path for path in files() if path.match("deploy/raspberrypi/examples/kiosk-*.toml")]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_is_accepted(example: Path) -> None:
    settings = read(ROOT / example, {})
    assert settings.server == "https://foyer.example.org"
    assert ("portrait" in example.stem) == (settings.orientation == "portrait")
    assert settings.printer.type in example.stem
    assert ("scan-station" in example.stem) == (settings.plate.first and settings.plate.type != "none")
    assert not settings.dock.enabled


def test_there_are_examples_of_both_ways_to_mount_a_screen() -> None:
    assert len(EXAMPLES) >= 2


def test_a_mistake_in_an_example_would_be_found() -> None:
    text = text_of(EXAMPLES[0]).replace("width_mm", "width_inches")
    with pytest.raises(Refused, match="no such setting"):
        parse(text, ROOT / EXAMPLES[0], {})
