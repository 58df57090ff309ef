"""The sketch of the kiosk shows what the kiosk would: the same rules, the same pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from server.centrefile import CentrePlan, read
from server.centrefile.plan import ICONS
from server.web import icons
from server.web.pages.setup_kiosk import look_at, missing
from server.web.pages.setup_words import ICON_NAMES

YORK_HOUSE = Path(__file__).resolve().parents[3] / "server" / "centrefile" / "york-house.toml"


@pytest.fixture(scope="module")
def york_house() -> CentrePlan:
    plan = read(YORK_HOUSE.read_text(encoding="utf-8"))
    assert isinstance(plan, CentrePlan)
    return plan


def test_every_picture_a_centre_can_use_is_drawn_and_named() -> None:
    assert set(ICONS) == set(ICON_NAMES)
    assert set(ICONS) <= set(icons.ICONS)


def test_the_first_screen_has_the_choices_that_lead_somewhere(york_house: CentrePlan) -> None:
    look = look_at(york_house)
    assert [tile.name for tile in look.tiles] == [each.names["en"] for each in york_house.choices]
    school = next(tile for tile in look.tiles if tile.icon == "school")
    assert school.help, "a choice with one service shows its help"
    empty = replace(york_house, services=tuple(each for each in york_house.services if each.choice != "home"))
    assert len(look_at(empty).tiles) == len(look.tiles) - 1


def test_neither_discreet_nor_private_services_nor_appointments_alone_are_on_it(
    york_house: CentrePlan,
) -> None:
    services = tuple(
        replace(each, discreet=each.choice == "home", walk_in=each.choice != "money")
        for each in york_house.services
    )
    names = {tile.name for tile in look_at(replace(york_house, services=services)).tiles}
    assert names == {each.names["en"] for each in york_house.choices if each.slug not in ("home", "money")}


def test_behind_a_choice_stand_its_services_in_the_language_looked_at(york_house: CentrePlan) -> None:
    look = look_at(york_house, "ur", "money", tall=False)
    within = [each for each in york_house.services if each.choice == "money"]
    assert [tile.name for tile in look.tiles] == [each.names["ur"] for each in within]
    assert (look.direction, look.tall) == ("rtl", False)
    assert look_at(york_house, "en", "nowhere").title == look_at(york_house).title
    assert look_at(york_house, "xx").language == "en"


def test_what_has_no_words_in_a_language_is_counted(york_house: CentrePlan) -> None:
    assert missing(york_house) == {}
    first, *rest = york_house.services
    without = replace(first, names={key: text for key, text in first.names.items() if key != "pl"})
    lacking = replace(york_house, services=(without, *rest))
    assert missing(lacking) == {"pl": 1}
    tile = next(
        each for each in look_at(lacking, "pl", first.choice or "").tiles if each.name == first.names["en"]
    )
    assert tile.missing
