"""Keyboards as data: whatever our own sentences say in a language can be typed in it, and no key is too small or leads nowhere."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.widgets.keyboard import arabic, indic, latin
from kiosk.widgets.keyboard.keys import MOST_IN_A_ROW, Does, Layout, carries, shown, without_last
from kiosk.widgets.keyboard.layouts import OF_LANGUAGE, Field, for_field

LOCALE = Path(__file__).parents[3] / "locale"
ALL = (*OF_LANGUAGE.values(), latin.EMAIL, latin.REFERENCE, latin.PHONE, latin.MONEY, latin.NUMBER, latin.SIGNED, latin.SIGNED_DECIMAL)  # fmt: skip


def sentences(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from sentences(each)


def typed(layout: Layout, *wanted: str) -> str:
    """A text by touching the keys that are marked so, in the order given."""
    text = ""
    for mark in wanted:
        key = next(
            key for key in layout.all_keys() if mark in (key.sign, key.alone) and key.types(text) == mark
        )
        text += key.types(text)
    return text


@pytest.mark.parametrize("language", OF_LANGUAGE)
def test_every_sentence_of_the_catalogue_can_be_typed(language: str) -> None:
    catalogue = tomllib.loads((LOCALE / f"{language}.toml").read_text("utf-8"))
    letters = {
        letter
        for text in sentences(catalogue)
        for letter in unicodedata.normalize("NFC", text)
        if unicodedata.category(letter)[0] in "LMN"
    }
    can = frozenset().union(*(layout.signs for layout in for_field(Field.TEXT, language)))
    assert letters - can - set("\u2009\u00a0\u2066\u2069\u200c") == set()


@pytest.mark.parametrize("layout", ALL, ids=lambda layout: layout.name)
def test_no_row_has_more_keys_than_a_small_panel_has_room_for(layout: Layout) -> None:
    for layer in layout.layers.values():
        assert len(layer.rows) <= 4, layer.label
        for row in layer.rows:
            shares = sum(key.share for key in row)
            room = (207 - (len(row) - 1)) / shares  # of a 217 mm panel, 1 mm between keys
            assert min(key.share for key in row) * room >= 15.0, (layout.name, layer.label, row)
            assert len(row) <= MOST_IN_A_ROW


@pytest.mark.parametrize("layout", ALL, ids=lambda layout: layout.name)
def test_every_layer_can_be_reached_and_left_and_has_a_delete_key(layout: Layout) -> None:
    assert "first" in layout.layers
    reached, todo = set(), ["first"]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            keys = [key for row in layout.layers[name].rows for key in row]
            assert any(key.does is Does.DELETE for key in keys), name
            todo += [key.leads for key in keys if key.does is Does.LAYER]
    assert reached == set(layout.layers)
    for name, layer in layout.layers.items():
        leads = {key.leads for row in layer.rows for key in row if key.does is Does.LAYER}
        assert name == "first" or "first" in leads


@pytest.mark.parametrize("language", ["gu", "pa", "ur", "ar"])
def test_the_script_can_be_changed_from_every_layer_that_types_letters(language: str) -> None:
    for layer in OF_LANGUAGE[language].layers.values():
        assert any(key.does is Does.SCRIPT for row in layer.rows for key in row)
    assert [each.name for each in for_field(Field.TEXT, language)] == [language, "en"]
    assert [each.name for each in for_field(Field.NAME, language)] == ["en", language]


def test_polish_capitals_are_all_there() -> None:
    assert set("ĄĆĘŁŃÓŚŹŻąćęłńóśźż") <= latin.POLISH.signs


def test_gujarati_is_typed_as_it_is_thought() -> None:
    gu = indic.GUJARATI
    assert typed(gu, "ગ", "ુ", "જ", "ર", "ા", "ત", "ી") == "ગુજરાતી"
    assert typed(gu, "આ", "પ", "ન", "ુ", "ં") == "આપનું"  # the vowel key gives the letter at the beginning
    assert typed(gu, "ક", "ઈ") == "કઈ"  # and the second layer gives it after a consonant
    assert typed(gu, "ક", "્", "ય", "ા", "ં") == "ક્યાં"
    assert typed(gu, "વ", "િ", "દ", "્", "ય", "ા", "ર", "્", "થ", "ી") == "વિદ્યાર્થી"


def test_panjabi_is_typed_as_it_is_thought() -> None:
    pa = indic.PANJABI
    assert typed(pa, "ਪ", "ੰ", "ਜ", "ਾ", "ਬ", "ੀ") == "ਪੰਜਾਬੀ"
    assert typed(pa, "ਉ", "ਸ", "ਨ", "ੂ", "ੰ") == "ਉਸਨੂੰ"
    assert typed(pa, "ਪ", "੍", "ਰ") == "ਪ੍ਰ"
    sha = next(key for key in pa.all_keys() if key.sign == unicodedata.normalize("NFC", "\u0a36"))
    assert sha.types("") + "ਹਿਰ" == unicodedata.normalize("NFC", "ਸ਼ਹਿਰ")


def test_a_vowel_key_gives_the_letter_wherever_nothing_can_carry_its_sign() -> None:
    aa = next(key for key in indic.GUJARATI.all_keys() if key.sign == "ા")
    assert aa.types("") == "આ"
    assert aa.types("ક ") == "આ"
    assert aa.types("ક") == "ા"
    assert aa.types("કા") == "આ"
    assert aa.types("ક\u0abc") == "ા"
    assert not carries("ક\u0acd")
    assert not carries("k")


def test_delete_takes_one_sign_not_the_whole_syllable() -> None:
    assert without_last("કી") == "ક"
    assert without_last("") == ""


def test_a_sign_that_needs_a_letter_is_shown_on_a_ring() -> None:
    assert shown("ા") == "\u25ccા"
    assert shown("ક") == "ક"
    assert shown("\u0650") == "\u0640\u0650"


def test_all_that_is_typed_is_in_the_form_in_which_texts_are_compared() -> None:
    for layout in ALL:
        for key in layout.all_keys():
            for text in (key.sign, key.alone):
                assert unicodedata.normalize("NFC", text) == text, (layout.name, text)


def test_each_letter_of_urdu_and_arabic_stands_in_its_first_layer() -> None:
    urdu = "ابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھءیے"
    arabic_letters = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءةىئؤأإ"
    for layout, letters in ((arabic.URDU, urdu), (arabic.ARABIC, arabic_letters)):
        first = {key.sign for row in layout.layers["first"].rows for key in row}
        assert set(letters) - first == set()
