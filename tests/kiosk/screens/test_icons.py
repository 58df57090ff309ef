"""Every picture a centre's file may name is drawn, and no two names that a centre may put side by side look the same."""

from __future__ import annotations

import pytest
from PIL import ImageChops

from kiosk.widgets import icons
from server.centrefile import plan


@pytest.mark.parametrize("name", plan.ICONS)
def test_a_name_of_the_centre_file_has_a_drawing(name: str) -> None:
    assert name in icons.ICONS or name in icons.ALIASES
    assert icons.known(name) != "info"


def test_each_name_of_the_centre_file_has_a_drawing_of_its_own() -> None:
    drawn = {name: icons.mask(name, 72) for name in plan.ICONS}
    for name, picture in drawn.items():
        assert picture.getbbox() is not None, name
        same = [
            other
            for other in drawn
            if other != name and ImageChops.difference(picture, drawn[other]).getbbox() is None
        ]
        assert same == [], name
