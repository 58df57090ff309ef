"""What visitors type on the booking pages, judged: names of every kind, telephones, e-mails, answers, how many come."""

from __future__ import annotations

from typing import Any

import pytest

from server.domain.offers import Offer, Question
from server.web.public.look import adapted, sheet
from server.web.public.steps import Step, first_open, read, steps_of

OFFER = Offer(
    asks={"name": "required", "phone": "optional", "email": "optional"},
    questions=(
        Question(
            "tenure", {"en": "Rent or own?"}, choices={"rent": {"en": "I rent"}, "own": {"en": "I own"}}
        ),
        Question("case", {"en": "Your case number"}, required=False),
    ),
)
RIGHT: dict[str, Any] = {"name": "Li", "answer-tenure": "rent", "needs": [], "people": "1"}


def wrong(step: Step, offer: Offer = OFFER, **given: Any) -> list[tuple[str, str]]:
    return [(each.field, each.key) for each in read(step, given, offer).wrong]


@pytest.mark.parametrize(
    "name", ["Ó", "أمينة", "O'Brien", "李", "Kowalska-Nowak 3rd", "x" * 200, "Anne\u200dMarie", "ਸਿੰਘ"]
)
def test_a_name_is_what_somebody_says_it_is(name: str) -> None:
    assert wrong(Step.NAME, name=name) == []
    assert read(Step.NAME, {"name": name}, OFFER).values["name"] == name


@pytest.mark.parametrize(
    ("name", "key"),
    [("", "name_missing"), ("   ", "name_missing"), ("07700 900123", "name_letters"), ("x" * 201, "name_long"), ("?!", "name_letters")],
)  # fmt: skip
def test_what_is_no_name_is_asked_again(name: str, key: str) -> None:
    assert wrong(Step.NAME, name=name) == [("name", key)]


def test_a_name_that_need_not_be_given_may_be_left_out_but_not_be_a_number() -> None:
    optional = Offer(asks={"name": "optional"})
    assert wrong(Step.NAME, optional, name="") == []
    assert wrong(Step.NAME, optional, name="123") == [("name", "name_letters")]


def test_a_direction_override_in_a_name_is_taken_out() -> None:
    assert read(Step.NAME, {"name": "Ann\u202ebad"}, OFFER).values["name"] == "Annbad"


def test_a_mobile_asks_whether_it_is_safe_and_a_landline_does_not() -> None:
    assert wrong(Step.CONTACT, phone="07700 900123") == [("safe", "safe_missing")]
    assert wrong(Step.CONTACT, phone="07700 900123", safe="maybe") == [("safe", "safe_missing")]
    landline = read(Step.CONTACT, {"phone": "0116 454 1000", "safe": "yes"}, OFFER)
    assert landline.wrong == ()
    assert landline.values["phone"] == "+441164541000"
    assert (landline.values["textable"], landline.values["safe_to_text"]) == (False, False)
    foreign = read(Step.CONTACT, {"phone": "+48 512 345 678", "safe": "no"}, OFFER)
    assert (foreign.wrong, foreign.values["phone"], foreign.values["safe_to_text"]) == ((), "+48512345678", False)  # fmt: skip


def test_a_slip_in_an_email_is_asked_about_once_and_believed() -> None:
    asked = read(Step.CONTACT, {"email": "ann@gmial.com"}, OFFER)
    assert (asked.meant, asked.right) == ("ann@gmail.com", False)
    assert read(Step.CONTACT, {"email": "ann@gmial.com", "email_is": "ann@gmial.com"}, OFFER).right
    assert not read(Step.CONTACT, {"email": "ann@gmial.con", "email_is": "ann@gmial.com"}, OFFER).right
    assert wrong(Step.CONTACT, email="ann") == [("email", "email_at")]


def test_a_contact_the_service_needs_is_asked_for() -> None:
    needing = Offer(asks={"name": "no", "phone": "required", "email": "required"})
    assert wrong(Step.CONTACT, needing) == [("phone", "phone_missing"), ("email", "email_missing")]
    assert steps_of(needing) == (Step.CONTACT, Step.NEEDS)
    assert steps_of(Offer(asks={"name": "no", "phone": "no", "email": "no"})) == (Step.NEEDS,)


def test_an_answer_that_was_not_offered_is_no_answer() -> None:
    squat = read(Step.QUESTIONS, {"answer-tenure": "squat"}, OFFER).wrong
    assert [(each.field, each.key) for each in squat] == [("answer-tenure", "choose_answer")]
    reading = read(Step.QUESTIONS, {"answer-tenure": "own", "answer-case": "x" * 301}, OFFER)
    assert [each.key for each in reading.wrong] == ["answer_long"]
    assert reading.values["answers"] == {"tenure": "own"}


@pytest.mark.parametrize(("people", "right"), [("1", True), ("20", True), ("٣", True), ("", True), ("0", False), ("21", False), ("-1", False), ("two", False), ("9" * 400, False), ("00021", False), ("0002", True), ("²", False)])  # fmt: skip
def test_how_many_come(people: str, right: bool) -> None:
    assert (wrong(Step.NEEDS, people=people) == []) == right


def test_the_first_open_page_is_the_first_that_is_not_right() -> None:
    steps, every = steps_of(OFFER), [step.value for step in Step]
    assert first_open(steps, [], RIGHT, OFFER) is Step.NAME
    assert first_open(steps, every, RIGHT, OFFER) is None
    assert first_open(steps, every, {**RIGHT, "answer-tenure": ""}, OFFER) is Step.QUESTIONS
    assert first_open(steps, ["name", "questions", "contact"], RIGHT, OFFER) is Step.NEEDS


def test_the_style_sheet_is_small_and_knows_no_left_no_right_and_no_font_of_others() -> None:
    kept = sheet()
    text = kept.plain.decode()
    assert len(kept.packed) < 14_000
    assert "url(" not in text
    assert "GDS Transport" not in text
    assert "margin-left" not in text
    assert ".govuk-button" in text
    assert ".govuk-accordion" not in text
    said = adapted("@media print{.govuk-tabs{left:0}}.govuk-body,.govuk-tabs{margin:0 1px;padding-left:2px;text-align:right}")  # fmt: skip
    assert said == ".govuk-body{margin:0 1px;padding-inline-start:2px;text-align:end}"
