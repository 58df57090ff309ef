"""The demonstration's papers can be scanned by its scan station: found, straight enough, in order."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import cv2

from demo.letters import LETTERS, PLATE, lay_out, photograph
from hardware.devices import Colour
from hardware.vision import pages


def test_a_paper_on_the_plate_is_found_whole_and_nothing_is_wrong_with_it() -> None:
    for number in (1, 3):  # the most turned, and the smallest
        letter = LETTERS[number]
        picture = photograph(letter, number)
        assert picture.shape == (PLATE[1], PLATE[0], 3)
        look = cast(
            "Colour", cv2.resize(picture, (PLATE[0] // 2, PLATE[1] // 2), interpolation=cv2.INTER_AREA)
        )
        found = pages.find(look)
        assert found is not None, letter.name
        assert pages.judge(look, found).fault is None, letter.name
        top_left, top_right, bottom_right, _ = found.corners
        wide = float(((top_right - top_left) ** 2).sum() ** 0.5)
        high = float(((bottom_right - top_right) ** 2).sum() ** 0.5)
        assert abs(wide / high * letter.size[1] / letter.size[0] - 1) < 0.04, letter.name


def test_what_is_there_already_is_not_made_again(tmp_path: Path) -> None:
    for letter in LETTERS:
        (tmp_path / f"{letter.name}.jpg").write_bytes(b"kept")
    files = lay_out(tmp_path)
    assert [file.read_bytes() for file in files] == [b"kept"] * len(LETTERS)
    assert [file.name for file in files] == sorted(file.name for file in files)
