"""Each kind of question at its edges: what is forgiven, what is refused, and by which word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forms
from forms.form import Day, Form, Kind, Option, Place, Question
from forms.rules import Wrong, judge, meant, sentence, shown, typed_of
from tests.support.answering import HOSTILE, good_for, typed_for
from words import Catalogue

TODAY = date(2026, 11, 22)
W = {"en": "x"}
OPTIONS = (Option("a", W), Option("b", W), Option("c", W), Option("none", {"en": "None"}, alone=True))


def ask(kind: Kind, **rest: Any) -> Question:
    rest.setdefault("options", OPTIONS if kind in (Kind.CHOICE, Kind.CHOICES) else ())
    return Question("k", kind, W, **rest)


def word(question: Question, typed: Any) -> str:
    found = judge(question, typed, TODAY)
    assert isinstance(found, Wrong), found
    return found.word


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("  Ann\u200e   Patel\n", "Ann Patel"),
        ("e\u0301", "é"),
        ("નમસ્તે", "નમસ્તે"),
    ],
)
def test_text_is_kept_as_words_on_one_line(typed: str, answer: str) -> None:
    assert judge(ask(Kind.TEXT), typed, TODAY) == answer


def test_long_text_keeps_its_lines_and_no_more_than_one_empty() -> None:
    assert judge(ask(Kind.LONG_TEXT), "\r\n\r\na \r\n\r\n\r\n\r\nb\n\n", TODAY) == "a\n\nb"


def test_ten_thousand_letters_are_told_how_many_are_too_many() -> None:
    assert judge(ask(Kind.LONG_TEXT), "a" * 10_000, TODAY) == Wrong("too_long", {"most": 2000, "count": 8000})
    assert judge(ask(Kind.TEXT, most_characters=5), "abcdef", TODAY) == Wrong(
        "too_long", {"most": 5, "count": 1}
    )
    assert judge(ask(Kind.TEXT, most_characters=5), "abcde", TODAY) == "abcde"
    assert judge(ask(Kind.TEXT, least_characters=3), "ab", TODAY) == Wrong("too_short", {"count": 3})
    for kind in Kind:
        if kind not in (Kind.CHOICES, Kind.PHOTO, Kind.NAME, Kind.ADDRESS, Kind.DECLARATION):
            assert isinstance(judge(ask(kind), "9" * 1_000_000, TODAY), Wrong), kind


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("12", "12"),
        (" 12.50 ", "12.5"),
        ("1,234.5", "1234.5"),
        ("12,34,567", "1234567"),
        ("1 234,5", "1234.5"),
        ("1.234.567,5", "1234567.5"),
        ("12,5", "12.5"),
        ("1,234", "1234"),
        ("૧૨.૫", "12.5"),
        ("٣٤٫٥", "34.5"),
        ("۱۲", "12"),
        ("੧੨", "12"),
        ("\u22125", "-5"),
        ("-0", "0"),
        ("007", "7"),
        (".5", "0.5"),
    ],
)
def test_numbers_as_people_write_them(typed: str, answer: str) -> None:
    assert judge(ask(Kind.NUMBER, decimals=2), typed, TODAY) == answer


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("twelve", "number_none"),
        ("1e5", "number_letters"),
        ("NaN", "number_none"),
        ("1,23,4", "number_unclear"),
        ("1.2.3", "number_unclear"),
        ("12 34", "number_unclear"),
        ("1/2", "number_unclear"),
        ("9" * 16, "number_long"),
        ("1.234", "number_decimals"),
        ("1001", "number_large"),
        ("-1", "number_small"),
    ],
)
def test_a_number_that_is_none(typed: str, said: str) -> None:
    assert word(ask(Kind.NUMBER, decimals=2, least=Decimal(0), most=Decimal(1000)), typed) == said


def test_a_whole_number_has_no_point() -> None:
    assert word(ask(Kind.NUMBER), "1.5") == "number_whole"
    assert judge(ask(Kind.NUMBER), "2.0", TODAY) == "2"


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("£1,234.50", 123450),
        ("1234.5", 123450),
        ("£ 12", 1200),
        ("12,50", 1250),
        ("50p", 50),
        ("12 pounds", 1200),
        ("૧૨.૫૦", 1250),
        ("0", 0),
    ],
)
def test_money_is_kept_in_pence(typed: str, pence: int) -> None:
    assert judge(ask(Kind.MONEY), typed, TODAY) == pence


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("£12.505", "money_pence"),
        ("-1", "number_small"),
        ("a lot", "number_none"),
        ("$5", "money_unclear"),
        ("5 zł", "money_unclear"),
    ],
)
def test_money_that_is_unclear(typed: str, said: str) -> None:
    assert word(ask(Kind.MONEY), typed) == said


def test_a_limit_of_money_is_said_in_pounds() -> None:
    assert judge(ask(Kind.MONEY, most=Decimal(1000)), "1000.01", TODAY) == Wrong(
        "number_large", {"most": "£1,000"}
    )


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ({"day": "27", "month": "3", "year": "2026"}, "2026-03-27"),
        ({"day": "૨૭", "month": "૩", "year": "૨૦૨૬"}, "2026-03-27"),
        ({"day": "29", "month": "feb", "year": "2024"}, "2024-02-29"),
        ({"day": "1", "month": "lutego", "year": "2024"}, "2024-02-01"),
        ("27/3/2026", "2026-03-27"),
        ("27. 3. 2026", "2026-03-27"),
        ("2026-03-27", "2026-03-27"),
        ("27 March 2026", "2026-03-27"),
    ],
)
def test_dates_as_people_type_them(typed: Any, answer: str) -> None:
    assert judge(ask(Kind.DATE), typed, TODAY) == answer


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("31 2 2026", "date_days"),
        ("29 2 2026", "date_days"),
        ("32 1 2026", "date_day"),
        ("0 1 2026", "date_day"),
        ("3 13 2026", "date_month"),
        ("3 1 26", "date_year_four"),
        ("3 1 0026", "date_year"),
        ("3 1 9999", "date_year"),
        ("3 1", "date_part"),
        ("soon", "date_part"),
        ({"day": "", "month": "1", "year": "2026"}, "date_day_missing"),
        ({"day": "1", "month": "", "year": "2026"}, "date_month_missing"),
        ({"day": "1", "month": "1", "year": ""}, "date_year_missing"),
        ({"day": "1", "month": "", "year": ""}, "date_part"),
        ({"day": "x", "month": "1", "year": "2026"}, "date_numbers"),
        ({"day": "9" * 5000, "month": "1", "year": "2026"}, "date_day"),
        ({}, "date_empty"),
        ("", "date_empty"),
    ],
)
def test_a_date_that_is_none(typed: Any, said: str) -> None:
    assert word(ask(Kind.DATE), typed) == said


def test_31_february_is_told_what_is_wrong_with_it_in_every_language() -> None:
    wrong = judge(ask(Kind.DATE), "31 2 2026", TODAY)
    assert isinstance(wrong, Wrong)
    assert sentence("en", wrong) == "Check the day: February 2026 has only 28 days"
    assert sentence("pl", wrong) == "Sprawdź dzień. Ostatni dzień miesiąca to 28 lutego 2026"
    assert "ਫਰਵਰੀ" in sentence("pa", wrong) or "ਫ਼ਰਵਰੀ" in sentence("pa", wrong)


@pytest.mark.parametrize(
    ("limits", "typed", "said"),
    [
        ({"latest": Day()}, "2026-11-23", "date_future"),
        ({"earliest": Day()}, "2026-11-21", "date_past"),
        ({"earliest": Day(days=3)}, "2026-11-24", "date_early"),
        ({"latest": Day(years=-18)}, "2008-11-23", "date_late"),
        ({"latest": Day(fixed="2026-04-01")}, "2026-04-02", "date_late"),
    ],
)
def test_a_date_beyond_its_limit(limits: Mapping[str, Day], typed: str, said: str) -> None:
    assert word(ask(Kind.DATE, **limits), typed) == said


def test_a_date_on_its_limit_is_right() -> None:
    for limits, typed in (
        ({"latest": Day(), "earliest": Day()}, "2026-11-22"),
        ({"latest": Day(years=-18)}, "2008-11-22"),
        ({"earliest": Day(days=3)}, "2026-11-25"),
    ):
        assert judge(ask(Kind.DATE, **limits), typed, TODAY) == typed
    leap = ask(Kind.DATE, latest=Day(years=1))
    assert judge(leap, "2025-02-28", date(2024, 2, 29)) == "2025-02-28"


def test_choices_come_in_the_order_of_the_form_each_once() -> None:
    assert judge(ask(Kind.CHOICES), ["c", "a", "a", ""], TODAY) == ["a", "c"]
    assert word(ask(Kind.CHOICES), ["a", "z"]) == "not_an_option"
    assert judge(ask(Kind.CHOICES), ["a", "none"], TODAY) == Wrong("choose_alone", {"option": {"en": "None"}})
    assert judge(ask(Kind.CHOICES, least_chosen=2), ["none"], TODAY) == ["none"]
    assert word(ask(Kind.CHOICES, least_chosen=2), ["a"]) == "choose_more"
    assert word(ask(Kind.CHOICES, most_chosen=1), ["a", "b"]) == "choose_fewer"
    assert word(ask(Kind.CHOICE), "z") == "not_an_option"


@pytest.mark.parametrize("name", ["O’Neil-Smith", "محمد", "ਗੁਰਪ੍ਰੀਤ", "Nguyễn", "X Æ A-12", "d’Él"])
def test_names_of_any_script(name: str) -> None:
    answer = judge(ask(Kind.NAME), {"first": "", "last": name}, TODAY)
    assert answer == {"first": "", "last": name.replace("’", "'")}


def test_what_is_no_name() -> None:
    assert word(ask(Kind.NAME), {"first": "Ann", "last": ""}) == "name_last"
    assert word(ask(Kind.NAME), {"first": "", "last": "12"}) == "name_signs"
    assert word(ask(Kind.NAME), {"first": "", "last": "<b>Ann"}) == "name_signs"
    assert word(ask(Kind.NAME), {"first": "", "last": "a" * 101}) == "too_long"
    assert word(ask(Kind.NAME), {}) == "name_empty"


def test_addresses() -> None:
    home = {
        "line_1": "12 Example Road",
        "line_2": "",
        "line_3": "Leicester",
        "postcode": "le16rn",
        "uprn": "100",
    }
    assert judge(ask(Kind.ADDRESS), home, TODAY) == {
        "lines": ["12 Example Road", "Leicester"],
        "postcode": "LE1 6RN",
        "uprn": "100",
    }
    assert word(ask(Kind.ADDRESS), {**home, "postcode": ""}) == "postcode_missing"
    assert word(ask(Kind.ADDRESS), {**home, "postcode": "LE1"}) == "postcode_wrong"
    assert word(ask(Kind.ADDRESS), {"postcode": "LE1 6RN"}) == "address_lines"
    assert word(ask(Kind.ADDRESS), {**home, "uprn": "x"}) == "not_an_answer"
    assert word(ask(Kind.ADDRESS), {}) == "address_empty"
    abroad = judge(ask(Kind.ADDRESS, anywhere=True), {"line_1": "ul. Długa 5", "postcode": "00-950"}, TODAY)
    assert abroad == {"lines": ["ul. Długa 5"], "postcode": "00-950"}


@pytest.mark.parametrize(
    ("known", "typed", "answer"),
    [
        ("postcode", "le1 6rn", "LE1 6RN"),
        ("postcode", "ec1a1bb", "EC1A 1BB"),
        ("postcode", "LE1 ORN", "LE1 0RN"),
        ("postcode", "LE1 6RC", None),
        ("postcode", "QE1 6RN", None),
        ("nhs_number", "943-476-5919", "943 476 5919"),
        ("nhs_number", "૯૪૩૪૭૬૫૯૧૯", "943 476 5919"),
        ("nhs_number", "943 476 5918", None),
        ("nhs_number", "9434765919 0", None),
        ("nhs_number", "0000000000", None),
        ("national_insurance", "ab123456c", "AB 12 34 56 C"),
        ("national_insurance", "QQ123456C", None),
        ("national_insurance", "AB123456E", None),
        ("vehicle", "ab12 cde", "AB12CDE"),
        ("vehicle", "!!", None),
        ("ours", "bcdf 346w", "BCDF-346W"),
        ("ours", "BCDF-3467", None),
    ],
)
def test_references_whose_rules_are_known(known: str, typed: str, answer: str | None) -> None:
    found = judge(ask(Kind.REFERENCE, known=known), typed, TODAY)
    assert (found == answer) if answer else isinstance(found, Wrong)


def test_references_by_mask() -> None:
    ours = ask(Kind.REFERENCE, masks=("pcn/AA 9999-*",), example="PCN/AB 1234-X")
    assert judge(ours, "PCN ab1234 9", TODAY) == "PCN/AB 1234-9"
    for typed in ("PCN AB 123 4", "PCN AB12349 9", "XCN AB1234 9", "PCN 121234 9"):
        assert judge(ours, typed, TODAY) == Wrong("reference_wrong", {"example": "PCN/AB 1234-X"})
    assert judge(ask(Kind.REFERENCE), " ab/12-3 ", TODAY) == "AB/12-3"
    assert word(ask(Kind.REFERENCE), "<script>") == "reference_signs"
    assert word(ask(Kind.REFERENCE), "A" * 41) == "too_long"


def test_telephones_and_mailboxes() -> None:
    assert judge(ask(Kind.PHONE), "૦૭૭૦૦ ૯૦૦૧૨૩", TODAY) == "+447700900123"
    assert typed_of(ask(Kind.PHONE), "+447700900123") == "07700 900123"
    assert word(ask(Kind.PHONE, textable=True), "0116 496 0123") == "phone_textable"
    assert word(ask(Kind.PHONE), "call me") == "phone_malformed"
    assert judge(ask(Kind.EMAIL), " Ann@Example.COM ", TODAY) == "Ann@example.com"
    assert meant(ask(Kind.EMAIL), "ann@gmial.com") == "ann@gmail.com"
    assert meant(ask(Kind.EMAIL), "ann@gmail.com") is None


def test_files_are_names_of_ours_and_nothing_else() -> None:
    assert judge(ask(Kind.PHOTO), ["a.jpg", "b.png"], TODAY) == ["a.jpg", "b.png"]
    for bad in (["../a.jpg"], ["a.exe"], ["a.jpg", "a.jpg"], ["A.jpg"]):
        assert word(ask(Kind.PHOTO), bad) == "not_an_answer"
    assert word(ask(Kind.PHOTO, most_chosen=1), ["a.jpg", "b.jpg"]) == "photos_many"
    assert word(ask(Kind.PHOTO, least_chosen=2), ["a.jpg"]) == "photos_few"
    assert word(ask(Kind.SIGNATURE), "/etc/passwd") == "not_an_answer"


def test_empty_is_an_answer_only_where_that_is_allowed() -> None:
    for kind in Kind:
        nothing = typed_of(ask(kind), None)
        assert isinstance(judge(ask(kind), nothing, TODAY), Wrong), kind
        assert judge(ask(kind, required=False), nothing, TODAY) is None, kind


ASKED = [
    *(ask(kind, required=required, decimals=2) for kind in Kind for required in (True, False)),
    *(ask(Kind.REFERENCE, known=known) for known in ("postcode", "nhs_number", "ours")),
    ask(Kind.REFERENCE, masks=("AA 999-9", "9999")),
    ask(Kind.NUMBER, least=Decimal(-5), most=Decimal("10.5"), decimals=1),
    ask(Kind.DATE, earliest=Day(days=-3), latest=Day(years=1)),
    ask(Kind.ADDRESS, anywhere=True),
    ask(Kind.CHOICES, least_chosen=2),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(HOSTILE),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["lines", "first", "postcode", "day"]), inner)
    ),
    max_leaves=5,
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ASKED), st.data())
def test_judging_never_fails_and_judging_again_says_the_same(question: Question, data: st.DataObject) -> None:
    form = Form("a", W, W, ("en",), (question,), W)
    for typed in (data.draw(typed_for(question, TODAY)), data.draw(good_for(question, TODAY))):
        judged = judge(question, typed, TODAY)
        if isinstance(judged, Wrong):
            assert sentence("ur", judged)
        else:
            assert judge(question, typed_of(question, judged), TODAY) == judged
            assert "".join(shown(form, Place("k"), judged, "ar"))
    assert not isinstance(judge(question, data.draw(good_for(question, TODAY)), TODAY), Wrong)
    strange: Any = data.draw(JSON)
    judge(question, strange, TODAY)
    judge(question, typed_of(question, strange), TODAY)
    assert shown(form, Place("k"), strange, "pl")


def test_every_word_has_its_sentence_and_every_sentence_its_word() -> None:
    """Words are told by the code that says them: a sentence that nothing says any more is dead, a word without one says nothing."""
    code = "".join(file.read_text(encoding="utf-8") for file in Path(str(forms.__path__[0])).glob("*.py"))
    said = set(re.findall(r'Wrong\(\s*"([a-z_]+)"', code)) | set(
        re.findall(r'"(empty|[a-z]+_empty|choose_[a-z]+)"', code)
    )
    said |= set(re.findall(r'else Wrong\("([a-z_]+)"', code)) | {
        "postcode_wrong",
        "nhs_number_wrong",
        "reference_wrong",
    }
    said |= {f"date_{part}_missing" for part in ("day", "month", "year")}
    said |= set(re.findall(r'"((?:phone|email)_[a-z]+)"', code))
    there = {key.removeprefix("wrong.") for key in sorted(Catalogue().keys()) if key.startswith("wrong.")}
    assert said == there
