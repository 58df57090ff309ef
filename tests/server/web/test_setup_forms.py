"""What the fields of a form say, as a part of the centre's document."""

from __future__ import annotations

from datetime import date

import pytest
from starlette.datastructures import FormData

from server.centrefile import CentrePlan, Fault
from server.web.pages import setup_forms as forms
from server.web.pages.setup_words import label_of, rows, usual_said


def form(*pairs: tuple[str, str]) -> FormData:
    return FormData(list(pairs))


def test_words_numbers_and_ticks_are_read_and_what_has_no_field_is_kept() -> None:
    kept = {
        "slug": "tax",
        "names": {"en": "Tax", "pl": "Podatek"},
        "hours": [{"days": ["monday"]}],
        "lgsl": 5,
    }
    sent = form(
        ("names.en", " Council \u202etax "),
        ("target_minutes", "15"),
        ("usual_minutes", "soon"),
        ("walk_in", "yes"),
    )
    table = forms.collected("service", sent, kept)
    assert table["names"] == {"en": "Council tax", "pl": "Podatek"}, "no field for Polish was shown"
    assert (table["target_minutes"], table["usual_minutes"]) == (15, "soon")
    assert (table["walk_in"], table["private"]) == (True, False)
    assert (table["slug"], table["hours"]) == ("tax", [{"days": ["monday"]}])
    assert "lgsl" not in table, "its field was emptied"


def test_an_emptied_translation_is_taken_away() -> None:
    kept = {"slug": "a", "names": {"en": "Hall", "pl": "Sala"}}
    assert forms.collected("area", form(("names.en", "Hall"), ("names.pl", " ")), kept)["names"] == {
        "en": "Hall"
    }


def test_rows_that_go_or_are_empty_are_left_out_and_equal_ones_are_joined() -> None:
    sent = form(
        ("hours.0.days", "monday"), ("hours.0.opens", "09:00"), ("hours.0.closes", "12:00"),
        ("hours.1.days", "friday"), ("hours.1.opens", "09:00"), ("hours.1.closes", "12:00"),
        ("hours.2.days", "sunday"), ("hours.2.opens", "09:00"), ("hours.2.away", "yes"),
        ("hours.3.opens", ""), ("hours.3.closes", ""), ("hours.10.days", "tuesday"), ("hours.10.opens", "10:00"),
    )  # fmt: skip
    assert forms.hours_rows(sent) == [
        {"days": ["monday", "friday"], "opens": "09:00", "closes": "12:00"},
        {"days": ["tuesday"], "opens": "10:00", "closes": ""},
    ]


@pytest.mark.parametrize(
    ("name", "taken", "slug"),
    [
        ("Blue Badge or bus pass", (), "blue-badge-or-bus-pass"),
        ("Blue Badge", ("blue-badge", "blue-badge-2"), "blue-badge-3"),
        ("કાઉન્સિલ ટેક્સ", (), "service"),
        ("કાઉન્સિલ", ("service",), "service-2"),
        ("101 things", (), "service-101-things"),
        ("é" * 100, (), "e" * 34),
        ("!!!", (), "service"),
    ],
)
def test_a_new_thing_gets_a_name_that_was_never_used(name: str, taken: tuple[str, ...], slug: str) -> None:
    assert forms.new_slug(name, "service", taken) == slug


def test_mistakes_are_found_by_the_name_of_their_field() -> None:
    filled = forms.filled(
        "service", {"names": {"en": "x"}}, [Fault(("names", "en"), "Too long."), Fault((), "Twice.")]
    )
    assert filled.fault("names.en") == "Too long."
    assert filled.get("hours.3.opens", "-") == "-"
    assert filled.get("walk_in") is True
    assert label_of("names.pl") == "Name in Polish"
    assert label_of("hours.1.closes") == "Hours 2, closes"


def test_a_layout_s_button_moves_one_place_and_not_over_the_edge() -> None:
    sent = (
        ("choices", "a"),
        ("choices", "b"),
        ("services", "x"),
        ("services", "y"),
        ("at.x", "b"),
        ("at.y", "b"),
    )
    assert forms.layout_of(form(*sent, ("move", "up choice b")))["choices"] == ["b", "a"]
    assert forms.layout_of(form(*sent, ("move", "up choice a")))["choices"] == ["a", "b"]
    assert forms.layout_of(form(*sent, ("move", "down service x")))["under"] == {
        "a": [],
        "b": ["y", "x"],
        "": [],
    }
    assert forms.layout_of(form(*sent, ("move", "sideways service x")))["under"]["b"] == ["x", "y"]


def test_what_is_over_is_told_from_what_is_to_come() -> None:
    past, coming = (
        {"first": "2026-01-01", "last": "2026-01-02"},
        {"first": "2026-01-01", "last": "2026-01-03"},
    )
    assert forms.upcoming([past, coming], date(2026, 1, 3)) == ([past], [coming])


def test_hours_and_changes_are_said_as_people_say_them() -> None:
    assert usual_said(
        {"days": ["thursday", "tuesday"], "opens": "22:00", "closes": "02:00", "from": "2026-07-01"}
    ) == ("Tuesday and Thursday 22:00 to 02:00 the next day, from 1 July 2026")
    plan = CentrePlan("c", "C", "Europe/London", ("en",), {"en": "Here"})
    [row] = rows(
        "message",
        {"slug": "m", "text": {"en": "Hi"}},
        {"slug": "m", "text": {"en": "Hi"}, "standing": False},
        plan,
    )
    assert (row.label, row.was, row.becomes) == (
        "Shown",
        ["Always on the lobby display"],
        ["Kept ready for greeters"],
    )
