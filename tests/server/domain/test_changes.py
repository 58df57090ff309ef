"""One part of a centre's document: found, put back, changed while others change other things, and said in words."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from server.domain.changes import (
    Part,
    Table,
    carried_over,
    changed_keys,
    deed,
    found,
    moment,
    part_for,
    part_of,
    put,
    title,
    what,
)

LONDON = ZoneInfo("Europe/London")
DOCUMENT: Table = {
    "slug": "york-house",
    "name": "York House",
    "languages": ["en", "pl"],
    "wait_here": {"en": "Take a seat."},
    "hours": [{"days": ["tuesday"], "opens": "09:30", "closes": "16:30"}],
    "exception": [{"on": "2026-12-22", "opens": "09:30", "closes": "13:00"}],
    "closure": [{"first": "2026-12-24", "last": "2027-01-01", "reason": {"en": "Christmas"}}],
    "choice": [{"slug": "money", "names": {"en": "Money"}}, {"slug": "home", "names": {"en": "Home"}}],
    "service": [
        {"slug": "tax", "choice": "money", "names": {"en": "Tax"}},
        {"slug": "rent", "choice": "home", "names": {"en": "Rent"}},
        {"slug": "bins", "choice": "money", "names": {"en": "Bins"}},
        {"slug": "talk", "names": {"en": "Talk"}, "private": True},
    ],
}
PARTS = [
    "centre",
    "hours",
    "exception:2026-12-22",
    "closure:2026-12-24..2027-01-01",
    "choice:home",
    "service:tax",
    "layout",
    "private",
]


def part(said: str) -> Part:
    known = part_of(said)
    assert known is not None
    return known


@pytest.mark.parametrize("said", PARTS)
def test_every_part_is_found_and_put_back_as_it_was(said: str) -> None:
    assert str(part(said)) == said
    table = found(DOCUMENT, part(said))
    assert table is not None
    if said != "layout":
        assert put(DOCUMENT, part(said), table) == DOCUMENT
    assert found(put(DOCUMENT, part(said), table), part(said)) == table


@pytest.mark.parametrize("said", ["", "service", "service:", "centre:x", "colour:red", "closure:"])
def test_a_part_that_cannot_be_is_none(said: str) -> None:
    assert part_of(said) is None


def test_what_is_added_stands_last_and_a_closure_by_its_day() -> None:
    added = put(DOCUMENT, part("service:new"), {"slug": "new"})
    assert [each["slug"] for each in added["service"]] == ["tax", "rent", "bins", "talk", "new"]
    closure = {"first": "2026-05-01", "last": "2026-05-01"}
    assert part_for("closure", {"first": "2026-05-01"}) == Part("closure", "2026-05-01..2026-05-01")
    closed = put(DOCUMENT, part_for("closure", closure), closure)
    assert [each["first"] for each in closed["closure"]] == ["2026-05-01", "2026-12-24"]
    assert found(DOCUMENT, part("service:new")) is None


def test_taking_away_leaves_the_others_where_they_are() -> None:
    fewer = put(DOCUMENT, part("service:rent"), None)
    assert [each["slug"] for each in fewer["service"]] == ["tax", "bins", "talk"]
    assert put(DOCUMENT, part("exception:2026-12-22"), None)["exception"] == []


def test_a_layout_moves_services_between_choices_and_orders_both() -> None:
    layout = {
        "choices": ["home", "money"],
        "under": {"money": ["tax"], "home": ["bins", "rent"], "": ["talk"]},
    }
    laid = put(DOCUMENT, part("layout"), layout)
    assert [each["slug"] for each in laid["choice"]] == ["home", "money"]
    assert [(each["slug"], each.get("choice")) for each in laid["service"]] == [
        ("bins", "home"),
        ("rent", "home"),
        ("tax", "money"),
        ("talk", None),
    ]
    assert found(laid, part("layout")) == layout


def test_what_a_layout_does_not_know_stays_behind_the_others() -> None:
    laid = put(DOCUMENT, part("layout"), {"choices": ["home"], "under": {"home": ["rent"]}})
    assert [each["slug"] for each in laid["choice"]] == ["home", "money"]
    assert [each["slug"] for each in laid["service"]] == ["rent", "tax", "bins", "talk"]


# Meeting other changes --------------------------------------------------------------------------------

WAS: Table = {"slug": "tax", "names": {"en": "Tax", "pl": "Podatek"}, "target_minutes": 20}


def test_a_change_is_done_on_what_it_was_made_from() -> None:
    after = {**WAS, "target_minutes": 15}
    assert carried_over(WAS, after, WAS) == after


def test_what_others_changed_elsewhere_in_the_part_stays() -> None:
    after = {**WAS, "target_minutes": 15}
    now = {**WAS, "names": {"en": "Council tax", "pl": "Podatek"}, "lgsl": 57}
    assert carried_over(WAS, after, now) == {**now, "target_minutes": 15}
    without = {"slug": "tax", "names": {"en": "Tax"}, "target_minutes": 20}
    assert carried_over(WAS, without, now) == {**now, "names": {"en": "Council tax"}}


def test_the_same_value_changed_by_two_is_a_clash() -> None:
    now = {**WAS, "target_minutes": 30}
    assert carried_over(WAS, {**WAS, "target_minutes": 15}, now) == ["target_minutes"]


@pytest.mark.parametrize(
    ("before", "after", "now"),
    [
        (None, WAS, {**WAS, "target_minutes": 5}),
        (WAS, None, {**WAS, "target_minutes": 5}),
        (WAS, {**WAS, "target_minutes": 5}, None),
    ],
)
def test_what_was_added_or_taken_away_meanwhile_is_a_clash(
    before: Table | None, after: Table | None, now: Table | None
) -> None:
    assert isinstance(carried_over(before, after, now), list)


def test_undoing_is_the_change_the_other_way_round() -> None:
    after = {**WAS, "names": {"en": "Tax", "pl": "Podatki"}}
    assert carried_over(after, WAS, after) == WAS
    assert carried_over(after, WAS, {**after, "lgsl": 57}) == {**WAS, "lgsl": 57}


# Words and moments ------------------------------------------------------------------------------------


def test_what_was_changed_is_said_in_words() -> None:
    after = {**WAS, "names": {"en": "Council tax", "pl": "X"}, "target_minutes": 15}
    assert changed_keys(WAS, after) == ["names.en", "names.pl", "target_minutes"]
    assert what(changed_keys(WAS, after)) == "the name and the target"
    assert deed(None, WAS) == "added it"
    assert deed(WAS, None) == "took it away"


def test_a_title_is_what_an_administrator_calls_it() -> None:
    assert title(part("service:tax"), DOCUMENT["service"][0]) == "Service: Tax"
    assert title(part("exception:2026-12-22"), None) == "Special hours: Tuesday 22 December 2026"
    assert (
        title(part("closure:2026-12-24..2026-12-24"), {"first": "2026-12-24"})
        == "Closure: Thursday 24 December 2026"
    )
    assert title(part("layout"), {}) == "First screen"
    assert len(title(part("service:tax"), {"names": {"en": "x" * 300}})) < 160


def test_tomorrow_is_the_centre_s_midnight_in_summer_and_in_winter() -> None:
    summer = datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert moment("tomorrow", "", LONDON, summer) == datetime(2026, 7, 1, 23, tzinfo=UTC)
    winter = datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert moment("tomorrow", "", LONDON, winter) == datetime(2026, 12, 2, tzinfo=UTC)
    assert moment("date", "2026-10-26", LONDON, summer) == datetime(2026, 10, 26, tzinfo=UTC)
    assert moment("date", "2026-10-25", LONDON, summer) == datetime(2026, 10, 24, 23, tzinfo=UTC)
    late_evening = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # the second already, in London
    assert moment("tomorrow", "", LONDON, late_evening) == datetime(2026, 7, 2, 23, tzinfo=UTC)
    assert moment("now", "", LONDON, winter) == winter


def test_where_the_clock_skips_midnight_a_day_begins_when_it_moves() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    at = moment("date", "2027-03-28", beirut, datetime(2027, 3, 1, tzinfo=UTC))
    assert at == datetime(2027, 3, 27, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "on", "said"),
    [
        ("date", "2026-12-01", "not after today"),
        ("date", "1999-01-01", "not after today"),
        ("date", "2026-02-30", "Choose when"),
        ("date", "", "Choose when"),
        ("someday", "x", "Choose when"),
        ("date", "2099-01-01", "five years"),
    ],
)
def test_a_moment_that_cannot_be_is_a_sentence(when: str, on: str, said: str) -> None:
    answer = moment(when, on, LONDON, datetime(2026, 12, 1, 10, tzinfo=UTC))
    assert isinstance(answer, str)
    assert said in answer
