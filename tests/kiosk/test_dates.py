"""Our own names of days and months against babel's CLDR, and that a kiosk loads no locale for them."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest
from babel.dates import format_date

from kiosk.dates import day_in_words
from wire.vocabulary import Language

YEAR = [date(2026, 1, 1) + timedelta(days=12 * step + step % 7) for step in range(31)]
"""Every month and every weekday among them."""


@pytest.mark.parametrize("language", [each.value for each in Language])
@pytest.mark.parametrize(("short", "shape"), [(False, "EEEE d MMMM y"), (True, "EEE d MMM y")])
def test_each_day_is_said_as_in_cldr(language: str, short: bool, shape: str) -> None:
    locale = "en_GB" if language == "en" else language
    assert {day.month for day in YEAR} == set(range(1, 13))
    assert {day.weekday() for day in YEAR} == set(range(7))
    for day in YEAR:
        assert day_in_words(day, language, short=short) == format_date(day, shape, locale=locale)


def test_a_language_without_names_of_ours_is_still_right() -> None:
    assert day_in_words(date(2026, 11, 23), "fr") == "lundi 23 novembre 2026"


def test_a_kiosk_loads_no_locale_to_say_the_day() -> None:
    program = (
        "import sys; from datetime import date; from wire.vocabulary import Language; from kiosk.dates import day_in_words\n"
        "import kiosk.paper\n"
        "for language in Language: day_in_words(date(2026, 11, 23), language.value)\n"
        "print('babel.dates' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
