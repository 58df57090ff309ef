"""Text is shaped, runs in the right direction, stays inside its picture and its width."""

from __future__ import annotations

import re
import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from kiosk import typeset
from kiosk.typeset import isolate
from wire.vocabulary import RIGHT_TO_LEFT, Language
from words import Catalogue

LANGUAGES = [language.value for language in Language]
WORDS = Catalogue()
SENTENCES = {
    language: [
        text
        for sentence in WORDS.export(language)["sentences"].values()  # type: ignore[attr-defined]  # a map of sentences
        for text in ([sentence] if isinstance(sentence, str) else sentence.values())
    ]
    for language in LANGUAGES
}


def columns_of_ink(mask: Image.Image) -> tuple[int, int]:
    box = mask.getbbox()
    assert box is not None
    return box[0], box[2]


def test_this_machine_can_shape() -> None:
    assert typeset.shaping_fault() is None


def test_direction_is_that_of_the_vocabulary() -> None:
    assert {each for each in LANGUAGES if typeset.is_rtl(each)} == {each.value for each in RIGHT_TO_LEFT}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("bold", [False, True])
def test_every_letter_of_the_catalogue_is_in_the_font(language: str, bold: bool) -> None:
    from fontTools.ttLib import TTFont

    font = TTFont(typeset._font(language, 20, bold).path)
    wanted = {ord(letter) for sentence in SENTENCES[language] for letter in sentence}
    wanted |= {ord(letter) for letter in WORDS.name(language)} | set(range(0x20, 0x7F))
    missing = {chr(code) for code in wanted - set(font.getBestCmap())}
    assert missing <= set("\u2066\u2069\u200b\ufeff\n"), "invisible by rule; anything else would be a box"


@pytest.mark.parametrize("language", ["ar", "ur"])
def test_code_in_a_right_to_left_sentence_is_not_turned_round(language: str) -> None:
    """The picture of the sentence contains the picture of the code as it stands alone."""
    sentence = typeset.draw_mask(f"رقم {isolate('K023')} هنا", language, 40)
    assert likeness(sentence, typeset.draw_mask("K023", language, 40)) > 0.9
    assert likeness(sentence, typeset.draw_mask("320K", language, 40)) < 0.8


def likeness(whole: Image.Image, part: Image.Image) -> float:
    """How much of `part` is found at its best place in `whole`; glyphs may lie a fraction of a dot aside."""
    shape = np.asarray(part.crop(part.getbbox()))
    return float(cv2.matchTemplate(np.asarray(whole), shape, cv2.TM_CCOEFF_NORMED).max())


def test_arabic_letters_are_joined() -> None:
    joined = typeset.measure("سلام", "ar", 60)
    apart = typeset.measure("س\u200cل\u200cا\u200cم", "ar", 60)
    assert joined < apart * 0.9


def test_gujarati_vowel_sign_stands_before_its_letter() -> None:
    """ "કિ" is written ક, િ and drawn િક: below its arch, the letter stands at the right."""
    together = typeset.draw_mask("કિ", "gu", 60)
    letter = typeset.draw_mask("ક", "gu", 60)
    arch = 26
    right = together.crop((together.width - letter.width, arch, together.width, letter.height))
    assert ImageChops.difference(right, letter.crop((0, arch, *letter.size))).getbbox() is None
    assert together.crop((0, arch, together.width - letter.width, letter.height)).getbbox() is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_ink_is_cut_off_at_top_or_bottom(language: str) -> None:
    """Each sentence is drawn again on a larger ground: as much ink must be in the picture as there."""
    size = 40
    font = typeset._font(language, size, True)
    direction = "rtl" if typeset.is_rtl(language) else "ltr"
    for sentence in SENTENCES[language]:
        ground = Image.new("L", (typeset.measure(sentence, language, size, bold=True), 400), 0)
        pen = ImageDraw.Draw(ground)
        pen.text((0, 200), sentence, 255, font, anchor="ls", direction=direction, language=language)
        mask = typeset.draw_mask(sentence, language, size, bold=True)
        assert mask.histogram()[1:] == ground.histogram()[1:], sentence
        assert mask.height <= typeset.block_height(language, size) + size, sentence


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [200, 372, 1000])
def test_wrapped_lines_fit_and_hold_every_word_once(language: str, width: int) -> None:
    for sentence in SENTENCES[language]:
        for balance in (False, True):
            lines = typeset.wrap(sentence, language, 28, width, balance=balance)
            assert "".join("".join(lines).split()) == "".join(sentence.split())
            if all(typeset.measure(word, language, 28) <= width for word in sentence.split()):
                assert " ".join(lines).split() == sentence.split(), "no word is broken that need not be"
            assert all(typeset.measure(line, language, 28) <= width + 1 for line in lines)
        assert len(lines) == len(typeset.wrap(sentence, language, 28, width)), "balance takes no more lines"


@given(
    st.text(st.sampled_from("abcW K0.\n કિ્ષਿੰسلاگھ\u200d\u2066\u2069"), max_size=60),
    st.sampled_from(LANGUAGES),
)
@settings(max_examples=60, deadline=None)
def test_any_text_is_drawn_in_its_width_and_keeps_its_letters(text: str, language: str) -> None:
    lines = typeset.wrap(text, language, 20, 120)
    marks = re.compile("[\u2066\u2069 \u00a0\n]")
    assert marks.sub("", "".join(lines)) == marks.sub("", text)
    assert typeset.draw_mask(text, language, 20, width=120).width == 120


def test_word_wider_than_the_line_is_broken_between_letters_not_inside_them() -> None:
    lines = typeset.wrap("ક્ષ્મિ" * 6, "gu", 40, 120)
    assert len(lines) > 1
    assert all(line.startswith("ક") for line in lines), (
        "no line begins with a sign that belongs to the letter before"
    )


def test_short_isolate_is_kept_on_one_line_and_a_long_one_is_closed_on_each() -> None:
    narrow = typeset.measure("go to Desk", "en", 20) + 4
    assert any("Desk\u00a04" in line for line in typeset.wrap(f"go to {isolate('Desk 4')}", "en", 20, narrow))
    lines = typeset.wrap(isolate("a very long name of a centre in the town"), "ar", 20, 120)
    assert len(lines) > 2
    assert all(line.count("\u2066") == line.count("\u2069") == 1 for line in lines)


@pytest.mark.parametrize(("language", "text"), [("en", "left"), ("ur", "دائیں")])
def test_alignment_follows_the_reading_direction(language: str, text: str) -> None:
    starts = columns_of_ink(typeset.draw_mask(text, language, 30, width=400, align="start"))
    ends = columns_of_ink(typeset.draw_mask(text, language, 30, width=400, align="end"))
    centre = columns_of_ink(typeset.draw_mask(text, language, 30, width=400, align="centre"))
    left, right = (ends, starts) if typeset.is_rtl(language) else (starts, ends)
    assert left[0] < 10
    assert right[1] > 390
    assert abs(centre[0] - (400 - centre[1])) < 8


def test_colour_and_opacity_are_those_asked_for() -> None:
    picture = typeset.draw_text("██ K", "en", 40, colour=(10, 20, 30, 128), bold=True)
    darkest = max(picture.get_flattened_data(), key=lambda pixel: pixel[3])
    assert darkest == (10, 20, 30, 128)


def test_fit_is_the_largest_that_fits() -> None:
    size = typeset.fit("What do you need today?", "en", 300, 120, largest=80, smallest=10)
    lines = typeset.wrap("What do you need today?", "en", size, 300)
    assert typeset.block_height("en", size, len(lines)) <= 120
    more = typeset.wrap("What do you need today?", "en", size + 1, 300)
    assert typeset.block_height("en", size + 1, len(more)) > 120


def test_memory_of_drawn_text_is_bounded_and_can_be_emptied() -> None:
    for number in range(60):
        typeset.draw_mask(f"a line {number}", "en", 60, width=1080)
    assert 0 < typeset._shelf._held <= typeset._shelf._limit
    typeset._shelf.put(("big",), Image.new("L", (3000, 1200)))
    typeset._shelf.put(("too big",), Image.new("L", (4000, 2900)))
    assert typeset._shelf._held <= typeset._shelf._limit
    typeset.forget()
    assert typeset._shelf._held == 0


def test_drawing_again_is_fast() -> None:
    typeset.draw_mask("Please wait here", "ur", 30, width=300)
    begun = time.perf_counter()
    for _ in range(100):
        typeset.draw_mask("Please wait here", "ur", 30, width=300)
    assert (time.perf_counter() - begun) / 100 < 0.001
