"""Searching in one's own words, over what York House really offers: spelled wrongly, half typed, in six languages; and nothing for nonsense."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.search import nonsense, recall
from server.centrefile import CentrePlan, read
from wire.vocabulary import Language
from words.search import LONGEST, MOST_FOUND, Thing, find, likeness, plain, texts_of

YORK_HOUSE = Path(__file__).resolve().parents[2] / "server" / "centrefile" / "york-house.toml"


@cache
def york_house(language: str) -> tuple[Thing, ...]:
    plan = read(YORK_HOUSE.read_text(encoding="utf-8"))
    assert isinstance(plan, CentrePlan)

    def both(words: object) -> tuple[str, ...]:
        assert isinstance(words, dict)
        return tuple(dict.fromkeys((words.get(language, ""), words.get("en", ""))))

    things = [
        Thing("service", each.slug, texts_of(both(each.names), each.synonyms, both(each.help)))
        for each in plan.services
        if each.walk_in and not each.discreet
    ]
    things += [Thing("purpose", p.slug, texts_of(both(p.names), (), both(p.ready))) for p in plan.purposes]
    things += [
        Thing("portal", each.slug, texts_of(both(each.names), each.synonyms, both(each.ready)))
        for each in plan.portals
    ]
    return tuple(things)


@pytest.mark.parametrize(
    ("language", "typed", "wanted"),
    [
        ("en", "council tax", "council-tax"),
        ("en", "concil tax", "council-tax"),
        ("en", "COUNCIL TAX BILL!!", "benefits-account"),
        ("en", "i need somewhere to live", "find-a-home"),
        ("en", "homeles", "nowhere-to-stay"),
        ("en", "being evicted", "nowhere-to-stay"),
        ("en", "parkng permit", "parking-permit"),
        ("en", "permits", "parking-permits"),
        ("en", "blue bage", "blue-badge"),
        ("en", "bus pas", "bus-pass"),
        ("en", "rubish", "streets"),
        ("en", "fly tiping", "streets"),
        ("en", "pot hole", "streets"),
        ("en", "repair my boiler", "housing-online"),
        ("en", "swiming", "sport"),
        ("en", "vote", "register-to-vote"),
        ("en", "school for my son", "school-admissions"),
        ("en", "skool", "school-place"),
        ("en", "payslip", "benefits"),
        ("en", "taxi licence", "licence"),
        ("en", "debts", "debt-and-rights"),
        ("en", "carer for my mum", "adult-care"),
        ("pl", "smieci", "streets"),
        ("pl", "podatek", "council-tax"),
        ("pl", "zasilek", "benefits-account"),
        ("pl", "szkola", "school-place"),
        ("pl", "bilet na autobus", "bus-pass"),
        ("ar", "ضريبه المجلس", "council-tax"),
        ("ar", "مدرسة", "school-place"),
        ("ar", "تصويت", "register-to-vote"),
        ("ur", "كونسل ٹيكس", "council-tax"),
        ("ur", "پارکنگ", "parking-permit"),
        ("ur", "کوڑا", "streets"),
        ("gu", "કાઉન્સિલ ટેક્ષ", "council-tax"),
        ("gu", "પાર્કીંગ", "parking-permit"),
        ("gu", "કચરો", "streets"),
        ("pa", "ਬਸ ਪਾਸ", "bus-pass"),
        ("pa", "ਸਕੂਲ", "school-admissions"),
        ("pa", "ਕਿਰਾਇਆ", "rent-and-bills"),
    ],
)
def test_what_people_type_is_among_the_first(language: str, typed: str, wanted: str) -> None:
    assert wanted in [hit.id for hit in find(typed, york_house(language))][:4]


@pytest.mark.parametrize("typed", ["", "   ", "the", "xyzzy", "qqqqqq", "1234567", "!?", "zzz zzz zzz"])
def test_what_means_nothing_here_finds_nothing(typed: str) -> None:
    assert find(typed, york_house("en")) == ()


def test_a_short_word_forgives_no_slip() -> None:
    assert likeness("bin", "bid") == 0
    assert likeness("rent", "rant") > 0


@pytest.mark.parametrize(
    ("typed", "word", "like"),
    [
        ("rnt", "rent", True),
        ("bni", "bin", True),
        ("ban", "barn", True),
        ("bin", "bid", False),
        ("cat", "cot", False),
    ],
)
def test_of_three_letters_only_what_can_hardly_be_another_word_is_forgiven(
    typed: str, word: str, like: bool
) -> None:
    assert (likeness(typed, word) > 0) is like


def test_a_slip_in_a_word_that_says_nothing_does_not_count_against_the_others() -> None:
    for typed in (
        "hepl wiht a parking permit",
        "Aply for a parkng permit",
        "tell me abuot my parking permit",
    ):
        assert "parking-permit" in [hit.id for hit in find(typed, york_house("en"))][:3], typed


def test_signs_that_stand_for_sentences_make_no_more_words_than_others() -> None:
    assert find("ﷺ" * LONGEST, york_house("ar")) == ()
    hits = find("parking " + "ﷺ" * LONGEST, york_house("ar"))
    assert hits == () or all(0 < hit.score <= 1 for hit in hits)


def test_a_name_with_a_slip_in_each_word_is_among_the_first_three_in_every_language() -> None:
    for language in Language:
        assert recall(language.value, 2) >= 0.93, language
        assert nonsense(language.value, 150) <= 0.04, language


def test_while_typing_the_same_thing_stays_found() -> None:
    for end in range(3, len("parking permit") + 1):
        found = [hit.id for hit in find("parking permit"[:end], york_house("en"))]
        assert "parking-permit" in found, "parking permit"[:end]


def test_letters_are_compared_as_they_are_meant() -> None:
    assert plain("Świadczenie ŁÓDŹ") == "swiadczenie lodz"
    assert plain("كتاب") == plain("کتاب")
    assert plain("પાર્કીંગ") == plain("પાર્કિંગ")


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_is_answered_in_order(typed: str) -> None:
    hits = find(typed, york_house("en"))
    assert len(hits) <= MOST_FOUND
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 < hit.score <= 1 for hit in hits)
    assert hits == find(typed[:LONGEST], york_house("en"))
