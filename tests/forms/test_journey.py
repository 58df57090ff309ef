"""Which pages there are, what is missing and what is kept, told as small stories."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import rules
from forms.conditions import Scope, holds
from forms.form import All, Answered, AnyOf, Compared, Group, Is, Not, Paragraph, Place, Points, blocks
from forms.rules import Wrong
from tests.forms.small import form_of

TODAY = date(2026, 11, 22)
MOVING = form_of("""
- {key: pet, kind: yes_no, title: {en: A pet?}}
- key: kind
  kind: choices
  title: {en: Which?}
  when: {question: pet, is: yes}
  options: [{value: cat, label: {en: Cat}}, {value: dog, label: {en: Dog}}]
- {key: walks, kind: number, title: {en: Walks?}, when: {question: kind, is: dog}}
- key: bites
  kind: notice
  ends: true
  title: {en: Too many}
  text: {en: Ring us}
  when: {question: walks, more_than: 5}
- {key: name, kind: name, title: {en: Name?}, required: false}
""")
PEOPLE = form_of(
    """
- key: people
  kind: group
  title: {en: People}
  one: {en: Person}
  least: 1
  most: 3
  questions:
    - {key: works, kind: yes_no, title: {en: Works?}}
    - {key: pay, kind: money, title: {en: Pay?}, when: {question: works, is: yes}}
- {key: rent, kind: money, title: {en: Rent?}, when: {question: people, more_than: 1}}
- {key: help, kind: yes_no, title: {en: Help?}, when: {question: income, less_than: 100}}
""",
    more="""\
    totals:
      - {key: income, title: {en: Income}, of: [pay]}
    """,
)


def keys(form: Any, answers: dict[str, Any]) -> list[str]:
    return [place.key for place in rules.places(form, answers)]


def test_pages_follow_the_answers() -> None:
    assert keys(MOVING, {}) == ["pet", "name"]
    assert keys(MOVING, {"pet": True}) == ["pet", "kind", "name"]
    assert keys(MOVING, {"pet": True, "kind": ["cat", "dog"]}) == ["pet", "kind", "walks", "name"]
    assert rules.after(MOVING, {"pet": True}, Place("pet")) == Place("kind")
    assert rules.before(MOVING, {"pet": True}, Place("name")) == Place("kind")
    assert rules.before(MOVING, {}, Place("pet")) is None
    assert rules.after(MOVING, {}, Place("name")) is None
    assert rules.after(MOVING, {}, None) == Place("pet")
    assert rules.before(MOVING, {}, None) == Place("name")
    assert rules.after(MOVING, {"pet": False}, Place("kind")) is None


def test_an_answer_of_a_page_no_longer_reached_counts_for_nothing() -> None:
    answers = {"pet": False, "kind": ["dog"], "walks": "9", "name": None, "planted": 1}
    assert keys(MOVING, answers) == ["pet", "name"]
    assert rules.kept(MOVING, answers) == {"pet": False}
    assert rules.stopped(MOVING, answers) is None
    assert rules.judge_all(MOVING, answers, TODAY) == []


def test_a_notice_that_ends_stops_the_journey_and_refuses_to_be_sent() -> None:
    answers = {"pet": True, "kind": ["dog"], "walks": "6", "name": None}
    assert keys(MOVING, answers)[-1] == "bites"
    stop = rules.stopped(MOVING, answers)
    assert stop is not None
    assert stop.key == "bites"
    assert rules.judge_all(MOVING, answers, TODAY) == [(Place("bites"), Wrong("ends_here"))]


def test_what_is_missing_is_what_must_be_answered() -> None:
    assert rules.missing(MOVING, {}) == (Place("pet"),)
    assert rules.missing(MOVING, {"pet": False}) == ()
    assert rules.missing(MOVING, {"pet": True, "kind": []}) == (Place("kind"),)
    assert not rules.was_seen({}, Place("name"))
    assert rules.was_seen({"name": None}, Place("name"))


def test_a_group_has_its_least_from_the_start_and_grows_to_its_most() -> None:
    group = PEOPLE.steps[0]
    assert isinstance(group, Group)
    assert rules.places(PEOPLE, {})[:2] == (Place("works", 0, "people"), Place("people"))
    answers: dict[str, Any] = {}
    for number in range(5):
        answers = rules.with_one_more(group, answers)
        assert len(answers["people"]) == min(number + 2, 3)
    answers = rules.with_answer(PEOPLE, answers, Place("works", 1, "people"), True)
    assert rules.answer_at(answers, Place("works", 1, "people")) is True
    assert Place("pay", 1, "people") in rules.places(PEOPLE, answers)
    assert Place("pay", 0, "people") not in rules.places(PEOPLE, answers)
    assert len(rules.without_one(group, answers, 0)["people"]) == 2
    assert rules.with_answer(PEOPLE, answers, Place("works", 9, "people"), True) == answers
    many = {"people": [{"works": False}] * 5}
    assert len(rules.items_of(group, many)) == 3
    assert Place("works", 3, "people") not in rules.places(PEOPLE, many)


def test_conditions_count_items_and_sums() -> None:
    one = {"people": [{"works": True, "pay": 5_000}]}
    two = {"people": [{"works": True, "pay": 5_000}, {"works": True, "pay": 5_001}]}
    assert "rent" not in keys(PEOPLE, one)
    assert "help" in keys(PEOPLE, one)
    assert "rent" in keys(PEOPLE, two)
    assert "help" not in keys(PEOPLE, two)
    assert rules.totals(PEOPLE, two)[0].value == 10_001
    huge = {"people": [{"works": True, "pay": "9e999999"}] * 2}
    assert rules.totals(PEOPLE, huge)[0].value == 0, "what no judging can have kept is no number"
    hidden = {"people": [{"works": False, "pay": 5_000}]}
    assert rules.totals(PEOPLE, hidden) == (), "nobody is shown a nought of what was not asked"
    assert rules.totals(PEOPLE, {"people": [{"works": True, "pay": None}]})[0].value == 0


def test_groups_of_the_wrong_size_or_shape_are_refused() -> None:
    def words(answers: dict[str, Any]) -> set[tuple[str, str]]:
        return {(place.key, wrong.word) for place, wrong in rules.judge_all(PEOPLE, answers, TODAY)}

    good = {"works": False}
    base = {"rent": 1, "help": True}
    assert words({"people": [good], **base}) == set()
    assert ("people", "group_many") in words({"people": [good] * 4, **base})
    assert ("people", "group_few") in words({"people": [], **base})
    assert ("people", "not_an_answer") in words({"people": ["x"], **base})
    assert ("people", "not_an_answer") in words({"people": {"0": good}, **base})
    assert ("works", "choose_one") in words({"people": [{}], **base})
    assert ("rent", "empty") in words({"people": [good, good], "rent": True, "help": True})
    unordered = {"pet": True, "kind": ["dog", "cat"], "walks": "1"}
    assert rules.judge_all(MOVING, unordered, TODAY) == [(Place("kind"), Wrong("not_an_answer"))]


@pytest.mark.parametrize(
    ("condition", "answers", "held"),
    [
        (None, {}, True),
        (Is("a", (True,)), {"a": True}, True),
        (Is("a", (True,)), {"a": 1}, False),
        (Is("a", ("x", "y")), {"a": ["z", "y"]}, True),
        (Is("a", ("x",)), {}, False),
        (Not(Is("a", ("x",))), {}, True),
        (Compared("a", more_than=Decimal(3)), {"a": "3"}, False),
        (Compared("a", more_than=Decimal(3)), {"a": "3.1"}, True),
        (Compared("a", more_than=Decimal(3)), {"a": "NaN"}, False),
        (Compared("a", more_than=Decimal(3)), {"a": {}}, False),
        (Compared("a", more_than=Decimal(3)), {"a": "9e999999999999"}, False),
        (Compared("a", Decimal(3), Decimal(5)), {"a": "4"}, True),
        (Compared("m", more_than=Decimal(3)), {"m": 301}, True),
        (Compared("m", more_than=Decimal(3)), {"m": 300}, False),
        (Answered("a"), {"a": None}, False),
        (Answered("a"), {"a": False}, True),
        (All((Answered("a"), Answered("b"))), {"a": "x"}, False),
        (AnyOf((Answered("a"), Answered("b"))), {"a": "x"}, True),
    ],
)
def test_conditions(condition: Any, answers: dict[str, Any], held: bool) -> None:
    assert holds(condition, Scope(answers, {}, frozenset({"m"}))) is held


def test_long_texts_are_paragraphs_and_lists() -> None:
    assert blocks("One\ntwo\n\n- a\n- b\n\nlast") == (
        Paragraph("One two"),
        Points(("a", "b")),
        Paragraph("last"),
    )


STRANGE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["9e999999999999", "-9e999999999999", "NaN", 10**30]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["works", "pay", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["people", "rent", "help", "pet", "kind", "walks"]), STRANGE))
def test_no_answers_make_the_rules_fail(answers: dict[str, Any]) -> None:
    for form in (PEOPLE, MOVING):
        kept = rules.kept(form, answers)
        assert rules.kept(form, kept) == kept
        assert rules.places(form, kept) == rules.places(form, answers)
        for place in rules.places(form, answers):
            rules.after(form, answers, place)
            assert rules.shown(form, place, rules.answer_at(answers, place), "ur")
        rules.judge_all(form, answers, TODAY)
        rules.totals(form, answers)
        rules.missing(form, answers)
        assert rules.ending(form, answers).text
