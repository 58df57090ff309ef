"""Models of every page of a scan, with pages that have pictures, for the tests that draw and measure them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kiosk.album import ALBUM
from kiosk.flow.line import Line
from kiosk.flow.model import Model, Screen
from kiosk.flow.offer import read_offer
from kiosk.flow.scanning.shown import At, Hint, Page, Receipt, Scanning, Station
from tests.kiosk.screens.sample import DEVICE, NOW, model, rows
from wire.vocabulary import Language, PaperKind, PaperState, PartState, PrinterState

NAMES = {
    "en": "Proof for housing benefit", "gu": "હાઉસિંગ બેનિફિટ માટે પુરાવા", "pa": "ਹਾਊਸਿੰਗ ਬੈਨੀਫਿਟ ਲਈ ਸਬੂਤ",
    "ur": "ہاؤسنگ بینیفٹ کے لیے ثبوت", "ar": "إثبات لإعانة السكن", "pl": "Dokumenty do zasiłku mieszkaniowego",
}  # fmt: skip
ASKS = {
    "en": "Your benefit reference", "gu": "તમારો બેનિફિટ સંદર્ભ", "pa": "ਤੁਹਾਡਾ ਬੈਨੀਫਿਟ ਹਵਾਲਾ", "ur": "آپ کا بینیفٹ حوالہ",
    "ar": "رقم الإعانة", "pl": "Numer Twojego zasiłku",
}  # fmt: skip
READY = {
    "en": "Payslips of two months, rent book, proof of who you are", "gu": "બે મહિનાની પગાર સ્લિપ, ભાડાની ચોપડી, ઓળખનો પુરાવો",
    "pa": "ਦੋ ਮਹੀਨਿਆਂ ਦੀਆਂ ਤਨਖਾਹ ਪਰਚੀਆਂ, ਕਿਰਾਏ ਦੀ ਕਾਪੀ, ਪਛਾਣ ਦਾ ਸਬੂਤ", "ur": "دو ماہ کی تنخواہ کی پرچیاں، کرایہ نامہ، شناخت",
    "ar": "قسائم راتب شهرين ودفتر الإيجار وإثبات الهوية", "pl": "Odcinki wypłaty z dwóch miesięcy, umowa najmu, dowód tożsamości",
}  # fmt: skip
WHOM = {
    "en": "The housing desk, 0116 454 1000", "gu": "હાઉસિંગ ડેસ્ક, 0116 454 1000", "pa": "ਹਾਊਸਿੰਗ ਡੈਸਕ, 0116 454 1000",
    "ur": "ہاؤسنگ ڈیسک، 0116 454 1000", "ar": "مكتب السكن، 0116 454 1000", "pl": "Stanowisko mieszkaniowe, 0116 454 1000",
}  # fmt: skip
_OTHERS = (
    ("housing", "home", {"en": "Housing and homelessness", "gu": "ઘર અને બેઘરપણું", "pa": "ਘਰ ਅਤੇ ਬੇਘਰੀ", "ur": "گھر اور بے گھری", "ar": "السكن والتشرد", "pl": "Mieszkanie i bezdomność"}),
    ("council-tax", "council-tax", {"en": "Council tax", "gu": "કાઉન્સિલ ટેક્સ", "pa": "ਕੌਂਸਲ ਟੈਕਸ", "ur": "کونسل ٹیکس", "ar": "ضريبة المجلس", "pl": "Podatek lokalny"}),
    ("parking", "parking", {"en": "Parking permit", "gu": "પાર્કિંગ પરમિટ", "pa": "ਪਾਰਕਿੰਗ ਪਰਮਿਟ", "ur": "پارکنگ پرمٹ", "ar": "تصريح وقوف", "pl": "Zezwolenie na parkowanie"}),
    ("blue-badge", "badge", {"en": "Blue badge", "gu": "બ્લુ બેજ", "pa": "ਨੀਲਾ ਬੈਜ", "ur": "بلیو بیج", "ar": "البطاقة الزرقاء", "pl": "Niebieska karta"}),
    ("school", "school", {"en": "School place", "gu": "શાળામાં જગ્યા", "pa": "ਸਕੂਲ ਵਿੱਚ ਥਾਂ", "ur": "سکول میں جگہ", "ar": "مقعد دراسي", "pl": "Miejsce w szkole"}),
    ("else", "other", {"en": "Something else", "gu": "બીજું કંઈક", "pa": "ਕੁਝ ਹੋਰ", "ur": "کچھ اور", "ar": "شيء آخر", "pl": "Coś innego"}),
)  # fmt: skip


def purposes() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {"hand_in": {"kind": "hand_in", "recipients": ["age1test"]}}
    every = (("benefits", "money", NAMES), *_OTHERS)
    for order, (slug, icon, names) in enumerate(every):
        asks = ASKS if slug == "benefits" else {}
        found[f"purpose:{slug}"] = {
            "kind": "purpose", "id": slug, "names": names, "icon": icon, "order": order, "asks": asks, "ready": READY,
            "keep_days": 28, "whom": WHOM, "service": "money-service",
        }  # fmt: skip
    return found


def pictures(count: int) -> tuple[Page, ...]:
    """Pages with pictures in the album, each like no other."""
    pages = []
    for number in range(count):
        high, wide = (260, 184) if number % 3 else (184, 260)
        small = np.full((high, wide, 3), 245, np.uint8)
        small[20:-20:9, 14:-14] = (40 + 20 * number % 160, 60, 80)
        large = np.repeat(np.repeat(small, 4, 0), 4, 1)
        page = Page(
            f"p{number}", 1, wide * 8, high * 8, ((0.2, 0.1), (0.8, 0.12), (0.82, 0.9), (0.18, 0.88)),
            begins=number == 2, kind=PaperKind.IDENTITY if number == 2 else PaperKind.OTHER,
        )  # fmt: skip
        for name, picture in (("small", small), ("page", large), ("photograph", large)):
            ALBUM.put((page.id, 1, name), lambda shown=picture: shown)
        pages.append(page)
    return tuple(pages)


RECEIPT = Receipt("f" * 32, "BCDFGHJW", NOW, 3, (PaperKind.LETTER, PaperKind.IDENTITY), PaperState.CONFIRMED)


def scan_scenes(language: Language, **look: bool) -> dict[str, Model]:
    shown = read_offer(rows() | purposes(), DEVICE)
    station = Station(state=PartState.READY)
    three = pictures(3)

    def at(step: At, station_: Station = station, **scanning: Any) -> Model:
        made = {"session": 1, "begun": 40.0, "purpose": "benefits"} | scanning
        plain = model(Screen.SCAN, language, scanning=Scanning(at=step, **made), **look)
        return replace(plain, offer=shown, station=station_)

    plate = at(At.PLATE)
    return {
        "entry": replace(model(Screen.NEEDS, language, **look), offer=shown, station=replace(station, first=True)),
        "left_behind": replace(model(Screen.START, language, **look), offer=shown, station=replace(station, left=True)),
        "purpose": at(At.PURPOSE),
        "reference": at(At.REFERENCE, typed="HB 123"),
        "before": at(At.BEFORE),
        "before_trouble": at(At.BEFORE, replace(station, trouble=Hint.CAMERA)),
        "plate": plate,
        "plate_hint": at(At.PLATE, hint=Hint.SHINY, pages=three),
        "plate_longest": at(At.PLATE, hint=Hint.FOREIGN, pages=pictures(17), next_begins=True),
        "plate_trouble": at(At.PLATE, replace(station, trouble=Hint.UPSIDE_DOWN)),
        "plate_glass": at(At.PLATE, replace(station, live=False), hint=Hint.LAY_FLAT),
        "page": at(At.PAGE, pages=three, page="p1"),
        "page_first": at(At.PAGE, pages=three[:1], page="p0"),
        "corners": at(At.CORNERS, pages=three, page="p1"),
        "kind": at(At.KIND, pages=three, page="p2"),
        "check": at(At.CHECK, pages=three),
        "check_many": replace(at(At.CHECK, pages=pictures(17), email="somebody@example.org"), printer=PrinterState.OUT),
        "receipt": at(At.RECEIPT, pages=three),
        "phone": at(At.PHONE, pages=three, typed="0770090012", wrong=Line("wrong.phone_short")),
        "email": at(At.EMAIL, pages=three, typed="ayse@gmial.com", meant="ayse@gmail.com", wrong=Line("scan.email_meant", {"meant": "ayse@gmail.com"})),
        "sending": at(At.SENDING, pages=three),
        "failed": at(At.FAILED, pages=three, failed="disk"),
        "sent": at(At.SENT, receipt=RECEIPT),
        "sent_lies": at(At.SENT, receipt=replace(RECEIPT, received=True), lies=True),
        "sent_no_paper": replace(at(At.SENT, receipt=replace(RECEIPT, paper=PaperState.NOT_PRINTED), lies=True), link_up=False, printer=PrinterState.OUT),
        "person": at(At.PERSON, pages=three, back_to=At.CHECK),
    }  # fmt: skip
