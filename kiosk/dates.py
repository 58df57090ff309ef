"""Day and month as words on the paper, in each language we speak.

They are CLDR's own names in the form they take inside a date, kept here because asking babel for them loads each language's
whole locale, 9 MB for six, and a kiosk has little to give. A language without a line here is still right: its names are then
taken from babel. A test holds every line against babel's CLDR.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class _Names(NamedTuple):
    days: tuple[str, ...]
    """From Monday."""
    short_days: tuple[str, ...]
    months: tuple[str, ...]
    short_months: tuple[str, ...]


def _names(days: str, short_days: str, months: str, short_months: str) -> _Names:
    return _Names(*(tuple(each.split()) for each in (days, short_days, months, short_months)))


_CLDR = {
    "ar": _names(
        "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
        "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
        "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
        "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    ),
    "en": _names(
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        "Mon Tue Wed Thu Fri Sat Sun",
        "January February March April May June July August September October November December",
        "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec",
    ),
    "gu": _names(
        "સોમવાર મંગળવાર બુધવાર ગુરુવાર શુક્રવાર શનિવાર રવિવાર",
        "સોમ મંગળ બુધ ગુરુ શુક્ર શનિ રવિ",
        "જાન્યુઆરી ફેબ્રુઆરી માર્ચ એપ્રિલ મે જૂન જુલાઈ ઑગસ્ટ સપ્ટેમ્બર ઑક્ટોબર નવેમ્બર ડિસેમ્બર",
        "જાન્યુ ફેબ્રુ માર્ચ એપ્રિલ મે જૂન જુલાઈ ઑગસ્ટ સપ્ટે ઑક્ટો નવે ડિસે",
    ),
    "pa": _names(
        "ਸੋਮਵਾਰ ਮੰਗਲਵਾਰ ਬੁੱਧਵਾਰ ਵੀਰਵਾਰ ਸ਼ੁੱਕਰਵਾਰ ਸ਼ਨਿੱਚਰਵਾਰ ਐਤਵਾਰ",
        "ਸੋਮ ਮੰਗਲ ਬੁੱਧ ਵੀਰ ਸ਼ੁੱਕਰ ਸ਼ਨਿੱਚਰ ਐਤ",
        "ਜਨਵਰੀ ਫ਼ਰਵਰੀ ਮਾਰਚ ਅਪ੍ਰੈਲ ਮਈ ਜੂਨ ਜੁਲਾਈ ਅਗਸਤ ਸਤੰਬਰ ਅਕਤੂਬਰ ਨਵੰਬਰ ਦਸੰਬਰ",
        "ਜਨ ਫ਼ਰ ਮਾਰਚ ਅਪ੍ਰੈ ਮਈ ਜੂਨ ਜੁਲਾ ਅਗ ਸਤੰ ਅਕਤੂ ਨਵੰ ਦਸੰ",
    ),
    "pl": _names(
        "poniedziałek wtorek środa czwartek piątek sobota niedziela",
        "pon. wt. śr. czw. pt. sob. niedz.",
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
        "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    ),
    "ur": _names(
        "پیر منگل بدھ جمعرات جمعہ ہفتہ اتوار",
        "پیر منگل بدھ جمعرات جمعہ ہفتہ اتوار",
        "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
        "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
    ),
}


def day_in_words(day: date, language: str, *, short: bool = False) -> str:
    """ "Saturday 21 November 2026" in `language`; `short`: "Sat 21 Nov 2026"."""
    names = _CLDR.get(language)
    if names is None:
        from babel.dates import format_date

        return format_date(day, "EEE d MMM y" if short else "EEEE d MMMM y", locale=language)
    days, months = (names.short_days, names.short_months) if short else (names.days, names.months)
    return f"{days[day.weekday()]} {day.day} {months[day.month - 1]} {day.year}"
