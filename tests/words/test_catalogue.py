from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from words import Catalogue, isolate
from words.plurals import category, rule_of
from words.tables import is_counted

ENGLISH = """
[meta]
name = "English"
direction = "ltr"
checked_by = "the authors"

[start]
welcome = "Welcome to {centre}"
only_english = "Please ask us"

[wait.people]
one = "{count} person is before you"
other = "{count} people are before you"
"""
POLISH = """
[meta]
name = "Polski"
direction = "ltr"
checked_by = ""

[start]
welcome = "Witamy w {centre}"

[wait.people]
one = "Przed Tobą jest {count} osoba"
few = "Przed Tobą są {count} osoby"
many = "Przed Tobą jest {count} osób"
other = "Przed Tobą jest {count} osoby"
"""
URDU = """
[meta]
name = "اردو"
direction = "rtl"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for language, text in {"en": ENGLISH, "pl": POLISH, "ur": URDU}.items():
        (tmp_path / f"{language}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_sentence_is_said_in_the_language_asked_for(folder: Path) -> None:
    assert Catalogue(folder).say("pl", "start.welcome", centre="York House") == "Witamy w York House"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "Przed Tobą jest 1 osoba"),
        (3, "Przed Tobą są 3 osoby"),
        (5, "Przed Tobą jest 5 osób"),
        (12, "Przed Tobą jest 12 osób"),
        (22, "Przed Tobą są 22 osoby"),
    ],
)
def test_the_count_chooses_the_plural_form(folder: Path, count: int, said: str) -> None:
    assert Catalogue(folder).say("pl", "wait.people", count=count) == said


def test_a_missing_sentence_is_said_in_english_with_english_plurals(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = Catalogue(folder)
    with caplog.at_level(logging.WARNING):
        assert words.say("pl", "start.only_english") == "Please ask us"
        assert words.say("ur", "wait.people", count=2) == "2 people are before you"
    assert len(caplog.records) == 2


def test_an_unknown_language_or_key_or_value_never_fails_on_a_public_screen(folder: Path) -> None:
    words = Catalogue(folder)
    assert words.say("xx", "start.welcome", centre="York House") == "Welcome to York House"
    assert words.say("en", "start.nonsense") == ""
    assert words.say("en", "start.welcome") == "Welcome to "
    assert words.say("en", "wait.people") == " people are before you"


@pytest.mark.parametrize(
    ("language", "key"),
    [("pl", "start.only_english"), ("en", "start.nonsense"), ("en", "start.welcome"), ("en", "wait.people")],
)
def test_strict_raises_where_a_public_screen_would_make_do(folder: Path, language: str, key: str) -> None:
    with pytest.raises(LookupError):
        Catalogue(folder, strict=True).say(language, key)


def test_a_value_with_braces_is_not_filled_again(folder: Path) -> None:
    words = Catalogue(folder)
    assert (
        words.say("en", "start.welcome", centre="{centre} {0.__class__}")
        == "Welcome to {centre} {0.__class__}"
    )


def test_export_fills_in_english_and_keeps_plural_forms(folder: Path) -> None:
    exported = Catalogue(folder).export("ur")
    assert exported == {
        "language": "ur",
        "name": "اردو",
        "direction": "rtl",
        "sentences": {
            "start.welcome": "Welcome to {centre}",
            "start.only_english": "Please ask us",
            "wait.people": {"one": "{count} person is before you", "other": "{count} people are before you"},
        },
    }


def test_languages_directions_and_who_checked(folder: Path) -> None:
    words = Catalogue(folder)
    assert words.languages() == ("en", "pl", "ur")
    assert [words.direction(language) for language in words.languages()] == ["ltr", "ltr", "rtl"]
    assert [words.is_checked(language) for language in words.languages()] == [True, False, False]
    assert words.keys() == {"start.welcome", "start.only_english", "wait.people"}


def test_isolate_wraps_in_lri_and_pdi() -> None:
    assert isolate("K07") == "\u2066K07\u2069"


def test_a_folder_without_english_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Catalogue(tmp_path)


def test_a_table_with_an_odd_key_is_a_table_and_not_a_plural() -> None:
    assert is_counted({"one": "a", "other": "b"})
    assert not is_counted({"one": "a"})
    assert not is_counted({"other": "a", "title": "b"})


@pytest.mark.parametrize("language", ["en", "gu", "pa", "ur", "ar", "pl"])
def test_our_plural_rules_are_those_of_cldr(language: str) -> None:
    from babel import Locale

    cldr = Locale.parse(language).plural_form
    assert rule_of(language).tags == cldr.tags
    assert [category(language, count) for count in range(1200)] == [cldr(count) for count in range(1200)]


def test_a_language_without_a_rule_of_ours_gets_cldrs() -> None:
    assert [category("ro", count) for count in (1, 2, 20, 101)] == ["one", "few", "other", "few"]


def test_speaking_six_languages_loads_no_locale_data() -> None:
    program = (
        "import sys; from words.plurals import category;"
        "[category(language, 3) for language in ('en', 'gu', 'pa', 'ur', 'ar', 'pl')];"
        "import babel.localedata; print(len(babel.localedata._cache))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


def test_the_houses_sentences_are_held_once_however_many_catalogues_there_are() -> None:
    """Each copy is a megabyte, and eight parts of the server have one."""
    assert Catalogue().say("pl", "announce.all_clear") is Catalogue().say("pl", "announce.all_clear") != ""
