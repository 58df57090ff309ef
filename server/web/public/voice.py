"""How the booking pages speak: one visitor's language, with days and times said in it.

The language is the one asked for in the address, else the one chosen before (a cookie, kept while the browser is open), else the first the browser
asks for that we speak. Dates are the catalogue's words (`day.date`); times and numbers stay left to right. Months over a
calendar stand alone, which in Polish is another form than in a date: they are `book.months`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape
from starlette.requests import Request

from server.clock import from_micros
from words import Catalogue, isolate

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
COOKIE = "foyer_language"


def cookie_name(*, secure: bool) -> str:
    return f"__Host-{COOKIE}" if secure else COOKIE


@cache
def catalogue() -> Catalogue:
    return Catalogue()


@dataclass(frozen=True)
class Voice:
    """One language, for a page to speak in."""

    language: str

    @property
    def direction(self) -> str:
        return catalogue().direction(self.language)

    @staticmethod
    def direction_of(language: str) -> str:
        return catalogue().direction(language)

    @property
    def others(self) -> tuple[tuple[str, str, str], ...]:
        """Every language there is: its code, its own name, its direction."""
        known = catalogue()
        return tuple((code, known.name(code), known.direction(code)) for code in known.languages())

    def say(self, key: str, **values: object) -> str:
        return catalogue().say(self.language, f"book.{key}", **values)

    def wrong(self, key: str, values: Mapping[str, object]) -> str:
        """Why a field must be filled in again."""
        return self.say(f"wrong.{key}", country=self.country, example=self.ltr("07700 900123"), **values)

    @property
    def country(self) -> str:
        """How a number from abroad begins; left to itself a plus goes to the wrong end among words that run from right to left."""
        return self.ltr("+48")

    def word(self, key: str, **values: object) -> str:
        """A sentence of another part of the catalogue."""
        return catalogue().say(self.language, key, **values)

    def of(self, texts: Mapping[str, str] | None) -> str:
        """Words kept by language: this one's, else the English."""
        return (texts or {}).get(self.language) or (texts or {}).get("en", "")

    def marked(self, texts: Mapping[str, str] | None) -> Markup:
        """The same for a page: words in another language say which, and run their own way."""
        language, words = self.told(texts or {}), self.of(texts)
        if language == self.language:
            return escape(words)
        return Markup('<span lang="{}" dir="{}">{}</span>').format(
            language, self.direction_of(language), words
        )

    def told(self, texts: Mapping[str, str]) -> str:
        """The language `of` finds them in."""
        return self.language if texts.get(self.language) else "en"

    def ltr(self, text: str) -> str:
        """A reference, a number, an address: left to right also among words that are not."""
        return isolate(text) if self.direction == "rtl" else text

    def time(self, at: int | datetime, zone: ZoneInfo) -> str:
        moment = from_micros(at) if isinstance(at, int) else at
        return self.ltr(f"{moment.astimezone(zone):%H:%M}")

    def day(self, on: date) -> str:
        """`Tuesday 24 November`."""
        known = catalogue()
        day = known.say(self.language, f"day.{DAYS[on.weekday()]}")
        month = known.say(self.language, f"month.{MONTHS[on.month - 1]}")
        return known.say(self.language, "day.date", day=day, number=on.day, month=month)

    def day_of(self, at: int | datetime, zone: ZoneInfo) -> str:
        moment = from_micros(at) if isinstance(at, int) else at
        return self.day(moment.astimezone(zone).date())

    def when(self, at: int | datetime, zone: ZoneInfo) -> str:
        """`Tuesday 24 November, 10:15`."""
        return self.say("day_time", day=self.day_of(at, zone), time=self.time(at, zone))

    def month(self, on: date) -> str:
        """`November 2026`, as it stands over a calendar."""
        return f"{self.say('months').split()[on.month - 1]} {on.year}"

    def week(self) -> list[tuple[str, str]]:
        """The days of a week from Monday: as short as a column is, and whole."""
        whole = (catalogue().say(self.language, f"day.{day}") for day in DAYS)
        return list(zip(self.say("week").split(), whole, strict=True))


def voice_of(request: Request, own: str | None = None) -> Voice:
    """`own` is the language of the thing looked at, such as a booking's."""
    known = catalogue().languages()
    asked = request.query_params.get("lang", "")
    names = (cookie_name(secure=True), cookie_name(secure=False))
    before = next((request.cookies[name] for name in names if name in request.cookies), "")
    preferred = (
        part.split(";")[0].strip()[:2].lower()
        for part in request.headers.get("accept-language", "").split(",")
    )
    return Voice(next((each for each in (asked, before, own, *preferred) if each in known), "en"))


OWN_NAMES = {
    "bn": "বাংলা", "fa": "فارسی", "fr": "Français", "hi": "हिन्दी", "it": "Italiano", "ku": "Kurdî", "lt": "Lietuvių", "ps": "پښتو",
    "pt": "Português", "ro": "Română", "ru": "Русский", "sk": "Slovenčina", "so": "Soomaali", "sq": "Shqip", "sw": "Kiswahili",
    "ta": "தமிழ்", "ti": "ትግርኛ", "tr": "Türkçe", "uk": "Українська", "vi": "Tiếng Việt", "zh": "中文",
}  # fmt: skip
"""What a language we have no words in calls itself, for whoever looks for an interpreter of it."""


def own_name(code: str) -> str:
    """What a language calls itself; its code when nobody told us."""
    return catalogue().name(code) if code in catalogue().languages() else OWN_NAMES.get(code, code)
