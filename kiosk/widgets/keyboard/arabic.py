"""Arabic and Urdu.

Arabic as on its keyboards, which have one order everywhere and whose rows are counted from the left like any keyboard's. Urdu has several
orders and most of its readers learned none, so it stands in that of its alphabet, from the right.
"""

from __future__ import annotations

from kiosk.widgets.keyboard.keys import Layer, Layout, rows
from kiosk.widgets.keyboard.latin import DIGITS

_SIGNS = ("1 2 3 4 5 6 7 8 9 0", "/ ( ) £ & @ : ! - +")

ARABIC = Layout(
    "ar", "عربي", "ar",
    {
        "first": Layer(
            "ابت",
            rows(
                "ض ص ث ق ف غ ع ه خ ح ج د",
                "ش س ي ب ل ا ت ن م ك ط ذ",
                "ئ ء ؤ ر لا ى ة و ز ظ أ إ",
                "{second:1.4} {signs:1.3} {script:1.3} ، {space:2} . {line:1.2} {delete:1.3}",
            ),
        ),
        "second": Layer(
            "آ ؟",
            rows(
                "آ أ إ ء ئ ؤ ى ة ٱ لآ لأ لإ",
                "َ ِ ُ ْ ّ ً ٍ ٌ ٰ ـ پ چ",
                "گ ڤ ؟ ؛ : ( ) - / « » '",
                "{first:1.4} {signs:1.3} {script:1.3} ، {space:2} . {line:1.2} {delete:1.3}",
            ),
            once=True,
        ),
        "signs": Layer(
            "123",
            rows(
                *_SIGNS, "٠ ١ ٢ ٣ ٤ ٥ ٦ ٧ ٨ ٩",
                "{first:1.4} {script:1.3} ، ؟ {space:2} . {line:1.2} {delete:1.3}",
            ),
        ),
    },
    spare=DIGITS,
)  # fmt: skip

URDU = Layout(
    "ur", "اردو", "ar",  # single letters are known from print, and Nastaliq would need higher keys
    {
        "first": Layer(
            "ابپ",
            rows(
                "ا ب پ ت ٹ ث ج چ ح خ د ڈ",
                "ذ ر ڑ ز ژ س ش ص ض ط ظ ع",
                "غ ف ق ک گ ل م ن ں و ہ ھ",
                "{second:1.3} {signs:1.2} {script:1.2} ء ی ے {space:1.8} ۔ {line:1.1} {delete:1.3}",
            ),
            once=False,
        ),
        "second": Layer(
            "آ ئ ؤ",
            rows(
                "آ أ ئ ؤ ۂ ۃ ۓ ۀ إ ة ي ك",
                "َ ِ ُ ْ ّ ً ٍ ٌ ٰ ٔ £ @",
                "، ؟ ؛ : ( ) - / ’ & ! +",
                "{first:1.3} {signs:1.2} {script:1.2} ، {space:1.8} ۔ {line:1.1} {delete:1.3}",
            ),
            once=True,
        ),
        "signs": Layer(
            "123",
            rows(
                *_SIGNS, "۰ ۱ ۲ ۳ ۴ ۵ ۶ ۷ ۸ ۹",
                "{first:1.3} {script:1.2} ، ؟ {space:1.8} ۔ {line:1.1} {delete:1.3}",
            ),
        ),
    },
    from_right=True, spare=DIGITS,
)  # fmt: skip
