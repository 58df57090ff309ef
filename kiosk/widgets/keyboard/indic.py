"""Gujarati and Panjabi (Gurmukhi): in the order of the alphabet, as it is learned, not in that of a typewriter.

The first row has the vowels, each the sign or the letter as its place asks (`keys`); then the consonants that most words are made of. The
second layer has the vowels as letters (for "કઈ", where one follows a consonant), the consonants that are seldom, and the conjuncts people think
of as letters. Any other conjunct is typed by the virama between two consonants.
"""

from __future__ import annotations

from kiosk.widgets.keyboard.keys import Layer, Layout, rows
from kiosk.widgets.keyboard.latin import DIGITS

_SIGNS = ("1 2 3 4 5 6 7 8 9 0", "/ ( ) £ & @ : ! ? - + '")

GUJARATI = Layout(
    "gu", "ગુજ", "gu",
    {
        "first": Layer(
            "કખગ",
            rows(
                "અ ા|આ િ|ઇ ી|ઈ ુ|ઉ ૂ|ઊ ે|એ ૈ|ઐ ો|ઓ ૌ|ઔ ં ્",
                "ક ખ ગ ઘ ચ છ જ ટ ડ ણ ત થ",
                "દ ધ ન પ બ ભ મ ય ર લ વ શ",
                "{second:1.6} {signs} {script} {space:2} સ હ ળ {line:1.2} {delete:1.3}",
            ),
        ),
        "second": Layer(
            "આઝક્ષ",
            rows(
                "અ આ ઇ ઈ ઉ ઊ ઋ એ ઐ ઓ ઔ ઍ",
                "ઑ ઝ ઠ ઢ ફ ષ ઙ ઞ ક્ષ જ્ઞ ત્ર શ્ર",
                "ૃ|ઋ ૅ|ઍ ૉ|ઑ ઃ ઁ ઼ ૐ । , . ? -",
                "{first:1.6} {signs} {script} {space:2} ( ) / {line:1.2} {delete:1.3}",
            ),
            once=True,
        ),
        "signs": Layer(
            "123", rows(*_SIGNS, "૦ ૧ ૨ ૩ ૪ ૫ ૬ ૭ ૮ ૯", "{first:1.6} {script} , {space:2.4} . {line:1.2} {delete:1.3}")
        ),
    },
    spare=DIGITS,
)  # fmt: skip

PANJABI = Layout(
    "pa", "ਪੰਜ", "pa",
    {
        "first": Layer(
            "ਕਖਗ",
            rows(
                "ਅ ਾ|ਆ ਿ|ਇ ੀ|ਈ ੁ|ਉ ੂ|ਊ ੇ|ਏ ੈ|ਐ ੋ|ਓ ੌ|ਔ ੰ ਂ",
                "ੱ ਸ ਹ ਕ ਖ ਗ ਚ ਛ ਜ ਟ ਠ ਡ",
                "ਣ ਤ ਥ ਦ ਧ ਨ ਪ ਬ ਭ ਮ ਯ ਰ",
                "{second:1.6} {signs} {script} {space:2} ਲ ਵ ੜ {line:1.2} {delete:1.3}",
            ),
        ),
        "second": Layer(
            "ਆਘਸ਼",
            rows(
                "ਅ ਆ ਇ ਈ ਉ ਊ ਏ ਐ ਓ ਔ ੳ ੲ",
                "ਘ ਙ ਝ ਞ ਢ ਫ ਸ਼ ਖ਼ ਗ਼ ਜ਼ ਫ਼ ਲ਼",
                "੍ ਼ ਃ ਁ ੴ । , . ? - : '",
                "{first:1.6} {signs} {script} {space:2} ( ) / {line:1.2} {delete:1.3}",
            ),
            once=True,
        ),
        "signs": Layer(
            "123", rows(*_SIGNS, "੦ ੧ ੨ ੩ ੪ ੫ ੬ ੭ ੮ ੯", "{first:1.6} {script} , {space:2.4} . {line:1.2} {delete:1.3}")
        ),
    },
    spare=DIGITS,
)  # fmt: skip
