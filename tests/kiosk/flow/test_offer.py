"""Rows from a newer server, an old cache or a bug."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.flow.offer import read_offer
from tests.kiosk.flow.walking import york_house
from wire.vocabulary import Language


def test_rows_are_read_in_their_order() -> None:
    offer = read_offer(york_house(), "k1")
    assert [choice.id for choice in offer.choices] == ["money", "home"]
    assert [service.id for service in offer.within("home")] == ["repairs", "homeless", "advice"]
    assert offer.device is not None
    assert offer.device.letter == "K"


@pytest.mark.parametrize(
    "odd", [None, 7, [], {}, {"kind": "service"}, {"kind": "service", "id": "BAD SLUG!", "open": True}]
)
def test_an_odd_row_is_passed_over_and_the_rest_is_offered(odd: Any) -> None:
    rows: dict[str, Any] = york_house()
    rows["service:tax"] = odd
    offer = read_offer(rows, "k1")
    assert [choice.id for choice in offer.choices] == ["home"]
    assert len(offer.services) == 3


def test_a_field_this_kiosk_does_not_know_is_no_reason_to_refuse_a_row() -> None:
    rows = york_house()
    rows["centre"]["colour"] = "green"
    assert read_offer(rows, "k1").centre is not None


def test_another_kiosks_letter_is_not_ours() -> None:
    assert read_offer(york_house(), "k2").device is None


def test_an_unknown_time_zone_or_letter_is_an_odd_row() -> None:
    rows = york_house(timezone="Europe/Leicester")
    rows["device:k1"]["letter"] = "O"
    offer = read_offer(rows, "k1")
    assert (offer.centre, offer.device) == (None, None)


def test_languages_this_kiosk_cannot_write_are_left_out_and_english_is_always_there() -> None:
    centre = read_offer(york_house(languages=["so", "gu"]), "k1").centre
    assert centre is not None
    assert centre.spoken == (Language.EN, Language.GU)


def test_names_lose_controls_and_direction_overrides_and_have_an_end() -> None:
    rows = york_house()
    rows["service:tax"]["names"] = {"en": "Tax\u202e\x07" + "x" * 10_000}
    tax = read_offer(rows, "k1").service("tax")
    assert tax is not None
    assert tax.names["en"] == "Tax" + "x" * 497
