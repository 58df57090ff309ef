from __future__ import annotations

from pathlib import Path

import pytest

from wire.vocabulary import RIGHT_TO_LEFT, Language
from words.catalogue import Catalogue
from words.check import check, unchecked

ENGLISH = """
[meta]
name = "English"
[a]
plain = "Go to {where}"
[a.counted]
one = "{count} minute to {where}"
other = "{count} minutes to {where}"
"""


def problems(tmp_path: Path, polish: str) -> list[str]:
    (tmp_path / "en.toml").write_text(ENGLISH, encoding="utf-8")
    (tmp_path / "pl.toml").write_text('[meta]\nname = "Polski"\n[a]\n' + polish, encoding="utf-8")
    return check(tmp_path)


GOOD_COUNTED = """
[a.counted]
one = "{count} minuta do {where}"
few = "{count} minuty do {where}"
many = "{count} minut do {where}"
other = "{count} minuty do {where}"
"""


def test_tables_that_agree_have_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path, 'plain = "Idź do {where}"' + GOOD_COUNTED) == []


@pytest.mark.parametrize(
    ("polish", "problem"),
    [
        (GOOD_COUNTED, "pl.toml: 'a.plain' is missing."),
        ('plain = "Idź"' + GOOD_COUNTED, "pl.toml: 'a.plain' leaves out {where}."),
        (
            'plain = "{where} {when}"' + GOOD_COUNTED,
            "pl.toml: 'a.plain' has {when}, which en.toml does not give.",
        ),
        (
            'extra = "x"\nplain = "Idź do {where}"' + GOOD_COUNTED,
            "pl.toml: 'a.extra' is not in en.toml: misspelt, or no longer used.",
        ),
        (
            'plain = "Idź do {where}"\ncounted = "{count} {where}"',
            "pl.toml: 'a.counted' must have plural forms in every language or in none.",
        ),
        (
            'plain = "Idź do {where}"' + GOOD_COUNTED.replace('few = "{count} minuty do {where}"\n', ""),
            "pl.toml: 'a.counted' needs the plural form 'few'.",
        ),
        (
            'plain = "Idź do {where}"' + GOOD_COUNTED + 'two = "{count} {where}"',
            "pl.toml: 'a.counted' has a plural form 'two' that the language never uses.",
        ),
        (
            'plain = "Idź do {where}"' + GOOD_COUNTED.replace("minut do {where}", "minut"),
            "pl.toml: 'a.counted' leaves out {where} in the plural form 'many'.",
        ),
        (
            'plain = "Idź\\u202e do {where}"' + GOOD_COUNTED,
            "pl.toml: 'a.plain' has an unseen character U+202E (RIGHT-TO-LEFT OVERRIDE).",
        ),
        (
            'plain = "Idź\\u0007 do {where}"' + GOOD_COUNTED,
            "pl.toml: 'a.plain' has an unseen character U+0007 (a control).",
        ),
        ('plain = " Idź do {where}"' + GOOD_COUNTED, "pl.toml: 'a.plain' begins or ends with white space."),
        (
            'plain = "Idź do {where} {"' + GOOD_COUNTED,
            "pl.toml: 'a.plain' has a brace that does not belong to a placeholder like {name}.",
        ),
    ],
)
def test_one_mistake_is_said_in_one_sentence(tmp_path: Path, polish: str, problem: str) -> None:
    assert problems(tmp_path, polish) == [problem]


def test_a_number_where_a_sentence_should_be(tmp_path: Path) -> None:
    assert problems(tmp_path, "plain = 3" + GOOD_COUNTED) == [
        "pl.toml: 'a.plain' is neither a sentence nor a table of sentences.",
        "pl.toml: 'a.plain' is missing.",
    ]


def test_an_empty_sentence(tmp_path: Path) -> None:
    assert problems(tmp_path, 'plain = ""' + GOOD_COUNTED) == [
        "pl.toml: 'a.plain' is empty.",
        "pl.toml: 'a.plain' leaves out {where}.",
    ]


def test_a_file_that_is_not_toml_is_named_with_its_line(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, "plain = \n")
    assert problem.startswith("pl.toml cannot be read: Invalid value (at line 4, column 9)")


def test_joiners_are_let_through(tmp_path: Path) -> None:
    assert problems(tmp_path, 'plain = "Idź\\u200c do {where}"' + GOOD_COUNTED) == []


# The real tables ------------------------------------------------------------------------------------------


def test_our_own_sentences_have_no_problems() -> None:
    assert check() == []


def test_every_language_of_the_vocabulary_has_a_table_in_its_direction() -> None:
    words = Catalogue()
    assert set(words.languages()) == {language.value for language in Language}
    assert {each for each in words.languages() if words.direction(each) == "rtl"} == RIGHT_TO_LEFT


def test_unchecked_names_the_languages_that_need_a_native_reader(tmp_path: Path) -> None:
    problems(tmp_path, "")
    assert unchecked(tmp_path) == ["pl"]
