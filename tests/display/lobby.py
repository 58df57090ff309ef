"""York House on a Tuesday morning, as rows: what the pictures and the tests of the boards show."""

from __future__ import annotations

import time
from typing import Any

from wire.frames import Row
from words import Catalogue

_CATALOGUE = Catalogue()

DESKS = [
    "Desk 4",
    "Desk 1",
    "Desk 6",
    "Room 2",
    "Desk 2",
    "Desk 3",
    "Room 1",
    "Desk 5",
    "Interview room 12",
    "Desk 7",
]
CODES = ["K07", "A12", "B03", "K11", "A09", "K13", "B104", "A14", "K15", "A16"]
LANGUAGES = ["en", "ur", "gu", "en", "pl", "ar", "pa", "en", "en", "gu"]


def now() -> int:
    return time.time_ns() // 1_000_000


def centre(**changes: Any) -> Row:
    return {
        "kind": "centre",
        "name": "York House",
        "slug": "york-house",
        "timezone": "Europe/London",
        "languages": ["en", "gu", "pa", "ur", "ar", "pl"],
        "on": "2026-11-24",
        "open": True,
        "closes": "16:30",
        "closes_at": now() + 3 * 3_600_000,
        "opens_at": None,
        "closed_reason": None,
        "wait_here": {"en": "Please wait in the seats by the window."},
        "public_url": "http://127.0.0.1",
        **changes,
    }


def call(index: int, *, live: bool = True, age: float = 5, times: int = 1, **changes: Any) -> Row:
    at = now() - round(age * 1000)
    return {
        "kind": "call",
        "ticket": f"{index + 1:032x}",
        "code": CODES[index % len(CODES)],
        "where": DESKS[index % len(DESKS)],
        "where_key": DESKS[index % len(DESKS)].lower().replace(" ", "-"),
        "language": LANGUAGES[index % len(LANGUAGES)],
        "called_at": at,
        "first_called_at": at,
        "times": times,
        "live": live,
        **changes,
    }


def told(name: str = "long_wait", *, age: float = 1, text: str = "", number: int = 1) -> dict[str, Row]:
    """An announcement under its key: the catalogue's sentence in every language, or `text` in English."""
    every = {each: _CATALOGUE.say(each, f"announce.{name}") for each in _CATALOGUE.languages()}
    row = {
        "kind": "announcement",
        "id": f"{number:032x}",
        "text": {"en": text} if text else every,
        "at": now() - round(age * 1000),
        "until_at": None,
    }
    return {f"announcement:{row['id']}": row}


def layout(
    device: str, *shows: str, counters: tuple[str, ...] = (), services: tuple[str, ...] = ()
) -> dict[str, Row]:
    row = {"kind": "display", "id": device, "name": "Lobby", "shows": list(shows)}
    return {f"display:{device}": {**row, "counters": list(counters), "services": list(services)}}


def calls(*rows: Row) -> dict[str, Row]:
    return {f"call:{row['ticket']}": row for row in rows}


def _line(order: int, low: int | None, high: int | None, waiting: int, why: str | None, **names: str) -> Row:
    waits: Row = {"low": low, "high": high}
    if why:
        waits["why"] = why
    return {
        "kind": "line",
        "service": f"service-{order}",
        "names": names,
        "order": order,
        "open": True,
        "waiting": waiting,
        "waits": waits,
    }


LINES: dict[str, Row] = {
    row["service"]: row
    for row in (
        _line(1, 10, 20, 6, None, en="Council tax", gu="કાઉન્સિલ ટેક્સ", pa="ਕੌਂਸਲ ਟੈਕਸ", ur="کونسل ٹیکس", ar="ضريبة المجلس", pl="Podatek lokalny (Council Tax)"),
        _line(2, 25, 40, 9, None, en="Housing", gu="રહેઠાણ", pa="ਰਿਹਾਇਸ਼", ur="رہائش", ar="السكن", pl="Mieszkanie"),
        _line(3, 0, 5, 1, None, en="Help with benefits", gu="લાભો માટે મદદ", pa="ਲਾਭਾਂ ਲਈ ਮਦਦ", ur="بینیفٹس میں مدد", ar="المساعدة في الإعانات", pl="Pomoc w sprawie zasiłków"),
        _line(4, None, None, 2, "no_desk", en="Citizens Advice", gu="સિટીઝન્સ એડવાઇસ", pa="ਸਿਟੀਜ਼ਨਜ਼ ਐਡਵਾਈਸ", ur="سٹیزنز ایڈوائس", ar="مكتب استشارات المواطنين", pl="Citizens Advice"),
        _line(5, 0, 0, 0, None, en="Parking and permits", gu="પાર્કિંગ અને પરમિટ", pa="ਪਾਰਕਿੰਗ ਅਤੇ ਪਰਮਿਟ", ur="پارکنگ اور پرمٹ", ar="مواقف السيارات والتصاريح", pl="Parkowanie i pozwolenia"),
        _line(6, None, None, 1, "unknown", en="Schools", gu="શાળાઓ", pa="ਸਕੂਲ", ur="سکول", ar="المدارس", pl="Szkoły"),
        _line(7, 15, 15, 3, None, en="Blue Badge and bus pass", gu="બ્લુ બેજ અને બસ પાસ", pa="ਬਲੂ ਬੈਜ ਅਤੇ ਬੱਸ ਪਾਸ", ur="بلیو بیج اور بس پاس", ar="الشارة الزرقاء وبطاقة الحافلة", pl="Blue Badge i bilet autobusowy"),
    )
}  # fmt: skip

MESSAGE: Row = {
    "kind": "message",
    "order": 1,
    "text": {
        "en": "You can ask for a private room at any time. Just tell any member of staff.",
        "gu": "તમે કોઈપણ સમયે ખાનગી રૂમ માગી શકો છો. કોઈપણ કર્મચારીને કહો.",
        "ur": "آپ کسی بھی وقت الگ کمرے میں بات کرنے کا کہہ سکتے ہیں۔ عملے کے کسی بھی فرد کو بتائیں۔",
        "pl": "W każdej chwili mogą Państwo poprosić o rozmowę w osobnym pokoju.",
    },
}


def board(live: int, over: int = 0, **changes: Any) -> dict[str, Row]:
    """A board with so many calls awaited and so many over."""
    return {
        "centre": centre(**changes),
        **{f"line:{name}": row for name, row in LINES.items()},
        "message:1": MESSAGE,
        **calls(*(call(index, age=4 * index + 4) for index in range(live))),
        **calls(
            *(
                call(live + index, live=False, age=90 + 30 * index, code=f"A{20 + index}")
                for index in range(over)
            )
        ),
    }
