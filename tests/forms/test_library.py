"""The forms of the library: right, whole in six languages, and every page of each filled in by made-up visitors."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms import rules
from forms.form import Group, Kind, Notice, questions
from tests.forms.library_forms import LIBRARY, library
from tests.support.answering import journeys

TODAY = date(2026, 11, 22)
SLUGS = (
    "blue-badge-first-step",
    "change-of-address",
    "compliment-or-complaint",
    "council-tax-living-alone",
    "feedback-on-your-visit",
    "missed-bin-or-bulky-collection",
    "report-a-street-problem",
)


def test_there_are_seven_in_six_languages() -> None:
    assert tuple(library()) == SLUGS
    assert [Path(file).stem for file in sorted(LIBRARY.glob("*.yaml"))] == list(SLUGS)
    for form in library().values():
        assert form.languages == ("en", "gu", "pa", "ur", "ar", "pl"), form.slug
        assert form.whom, form.slug


@pytest.mark.parametrize("slug", SLUGS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data())
def test_every_journey_ends_sent_or_stopped_and_is_judged_alike_again(slug: str, data: st.DataObject) -> None:
    form = library()[slug]
    journey = data.draw(journeys(form, TODAY))
    answers = journey.answers
    assert rules.kept(form, answers) == answers
    for place in rules.places(form, answers):
        for language in form.languages:
            assert "".join(rules.shown(form, place, rules.answer_at(answers, place), language))
    faults = [(place.key, wrong.word) for place, wrong in rules.judge_all(form, answers, TODAY)]
    if journey.ends:
        stop = rules.stopped(form, answers)
        assert stop is not None
        assert faults == [(stop.key, "ends_here")]
    else:
        assert faults == []
        assert rules.missing(form, answers) == ()
        assert rules.ending(form, answers).text


def test_contact_is_asked_of_nobody_who_does_not_want_it() -> None:
    """Who wants no answer is not asked who they are."""
    asked: dict[str, dict[str, Any]] = {
        "compliment-or-complaint": {
            "what": "idea",
            "about": "other",
            "happened": "An idea of mine",
            "reply": "none",
        },
        "report-a-street-problem": {"danger": False, "problem": "road", "reply": "none"},
        "missed-bin-or-bulky-collection": {"need": "missed"},
    }
    who = {Kind.NAME, Kind.PHONE}
    for slug, answers in asked.items():
        form = library()[slug]
        kinds = {question.key: question.kind for question, _ in questions(form)}
        shown = {kinds.get(place.key) for place in rules.places(form, answers)}
        assert not shown & who, slug


def test_danger_in_a_street_is_told_to_a_person_and_not_to_a_form() -> None:
    form = library()["report-a-street-problem"]
    stop = rules.stopped(form, {"danger": True})
    assert stop is not None
    assert "999" in stop.text["en"]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"here": False}, "elsewhere"),
        ({"here": True, "who": "me", "has": ["blind"], "help": False}, "without_more"),
        ({"here": True, "who": "small_child", "equipment": True, "help": False}, "without_more"),
        ({"here": True, "who": "small_child", "equipment": False, "help": False}, "unlikely"),
        ({"here": True, "who": "adult", "has": ["none"], "trouble": ["distress"], "help": False}, "assessed"),
        ({"here": True, "who": "adult", "has": ["none"], "trouble": ["none"], "help": False}, "unlikely"),
        ({"here": True, "who": "adult", "has": ["none"], "trouble": ["none"], "help": True}, None),
    ],
)
def test_the_blue_badge_leads_to_what_to_do_next(answers: dict[str, Any], told: str | None) -> None:
    stop = rules.stopped(library()["blue-badge-first-step"], answers)
    assert (stop.key if stop else None) == told


def test_many_big_things_are_told_of_two_rounds() -> None:
    form = library()["missed-bin-or-bulky-collection"]
    things = [{"thing": "sofa", "how_many": "4"}, {"thing": "bed", "how_many": "3"}]
    assert (
        rules.ending(form, {"need": "bulky", "things": things}).title["en"]
        == "We ring you about so many things"
    )
    assert rules.totals(form, {"need": "bulky", "things": things})[0].value == "7"
    assert (
        rules.ending(form, {"need": "bulky", "things": things[:1]}).title["en"]
        == "We ring you to agree on a day"
    )
    assert rules.ending(form, {"need": "missed"}).text == form.sent


def test_who_moves_alone_is_told_of_the_reduction() -> None:
    form = library()["change-of-address"]
    group = next(step for step in form.steps if isinstance(step, Group))
    alone = {"moving": "into", "new_tie": "tenant", "others": []}
    keys = [place.key for place in rules.places(form, alone)]
    assert "quarter_off" in keys
    two = rules.with_one_more(group, alone)
    assert "quarter_off" not in [place.key for place in rules.places(form, two)]


@pytest.mark.parametrize(
    ("answers", "stops", "checked"),
    [
        ({"who": "alone", "myself": False}, False, False),
        ({"who": "alone", "myself": True}, False, True),
        ({"who": "adults", "myself": False, "everyone": "not_all"}, True, False),
        ({"who": "adults", "myself": True, "everyone": "not_all"}, False, True),
        ({"who": "adults", "myself": False, "everyone": "unsure"}, False, True),
    ],
)
def test_who_does_not_count_themselves_is_not_sent_away(
    answers: dict[str, Any], stops: bool, checked: bool
) -> None:
    """A student who lives alone pays nothing, and one who lives with one other adult pays a quarter less."""
    form = library()["council-tax-living-alone"]
    told = {"home": True, **answers}
    assert (rules.stopped(form, told) is not None) is stops
    assert ("adults" in [place.key for place in rules.places(form, told)]) is (
        told["who"] == "adults" and not stops
    )
    if not stops:
        assert (rules.ending(form, told).text != form.sent) is checked


def test_nothing_is_added_up_that_is_not_fetched() -> None:
    assert rules.totals(library()["missed-bin-or-bulky-collection"], {"need": "missed"}) == ()


def test_no_sentence_counts_on_standing_in_the_building() -> None:
    """The same form is filled in at home."""
    for form in library().values():
        for step in form.steps:
            if isinstance(step, Notice):
                assert " here" not in step.text["en"], (form.slug, step.key)
        assert not any(" here" in each.text["en"] for each in form.endings), form.slug
