"""What the letters to visitors say: their fields, their text, and the templates to be set up at GOV.UK Notify.

The words are the catalogue's (`letter.*`), so a letter exists in every language the pages do. Notify keeps its own copy of a template and is
sent the fields only; `template` writes that copy with Notify's double brackets, from the same sentences, so the two cannot drift apart
unnoticed. A discreet service has no name here: its fields say "your appointment" in the visitor's language.

Sentences name things one after the other ("Booked: Council tax, Tuesday 24 November, 10:30"), because a service's name cannot be bent into
the grammar of six languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from server.domain.posting import Facts, Parcel
from wire.vocabulary import Language, Letter, Way
from words import Catalogue, isolate

_catalogue = Catalogue()
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SMS_ONLY = frozenset({Letter.COME_NOW, Letter.TAKE_BACK})
"""Of use only to somebody with the phone in their hand."""
HANDED_IN = frozenset({Letter.RECEIPT, Letter.UNUSABLE})
"""About what a visitor handed in; there is no page of theirs to lead to."""
_LAST_LINE = {Letter.CANCELLED: "again", Letter.PLACE_FREE: "take"}
_FIELDS = {
    Letter.CANCELLED: ("what", "when", "centre", "link"),
    Letter.PLACE_FREE: ("what", "when", "centre", "link"),
    Letter.COME_NOW: ("centre", "code"),
    Letter.TAKE_BACK: ("centre",),
    Letter.RECEIPT: ("what", "when", "centre", "reference", "promise"),
    Letter.UNUSABLE: ("what", "when", "centre", "reference", "why"),
}
_USUAL_FIELDS = ("what", "when", "centre", "reference", "link")


def kinds() -> Iterator[tuple[Letter, Way]]:
    """Every letter with each way it goes."""
    for letter in Letter:
        yield letter, Way.SMS
        if letter not in SMS_ONLY:
            yield letter, Way.EMAIL


def field_names(letter: Letter, way: Way) -> tuple[str, ...]:
    """The fields a template of this letter may use; Notify is sent these and no others."""
    names = _FIELDS.get(letter, _USUAL_FIELDS)
    if letter is Letter.RECEIPT and way is Way.EMAIL:
        names = (*names, "whom")
    return tuple("where" if way is Way.EMAIL and name == "centre" else name for name in names)


def fields(parcel: Parcel) -> dict[str, str]:
    """The fields of one letter in its language."""
    facts, language = parcel.facts, parcel.language
    every = {
        "what": _what(parcel),
        "when": when(facts, language),
        "centre": facts.centre,
        "where": facts.where
        if facts.where.startswith(facts.centre)
        else f"{facts.centre}, {facts.where}".rstrip(", "),
        "reference": _left_to_right(facts.reference, language),
        "link": facts.link,
        "code": facts.code,
        "whom": facts.whom,
        "why": _say(language, f"unusable.{facts.why}") if facts.why else "",
        "promise": " ".join(
            _say(language, f"said.{what.value}", day=_day(on, language)) for what, on in facts.promised
        ),
    }
    return {name: every[name] for name in field_names(parcel.letter, parcel.way)}


def _what(parcel: Parcel) -> str:
    """What it is about, in the visitor's words; neutral where it may not be named, or nobody knows any more."""
    facts, language = parcel.facts, parcel.language
    what = facts.service.get(language) or facts.service.get("en") or neutral(language, parcel.letter)
    return _say(language, "letter.text.pages", what=what, pages=facts.pages) if facts.pages else what


def _left_to_right(reference: str, language: str) -> str:
    """Of a reference that begins with four digits, the halves would be exchanged among words that run from right to left."""
    return isolate(reference) if reference and _catalogue.direction(language) == "rtl" else reference


def when(facts: Facts, language: str) -> str:
    """Day and time of an appointment as one says it: "Tuesday 24 November, 10:30"."""
    if facts.moment is None:
        return ""
    local = (_EPOCH + timedelta(microseconds=facts.moment)).astimezone(ZoneInfo(facts.zone))
    return _say(language, "letter.text.moment", day=_day(local.date(), language), time=f"{local:%H:%M}")


def _day(on: date, language: str) -> str:
    return _say(
        language,
        "day.date",
        day=_say(language, f"day.{_DAYS[on.weekday()]}"),
        number=on.day,
        month=_say(language, f"month.{_MONTHS[on.month - 1]}"),
    )


def subject(letter: Letter, language: str) -> str:
    return _say(language, f"letter.subject.{letter.value}")


def text(letter: Letter, way: Way, language: str, values: Mapping[str, str]) -> str:
    """The whole text of a letter with `values` in the places of its fields."""
    if way is Way.SMS:
        said = _say(language, f"letter.sms.{letter.value}", **values)
        return f"{said} {values.get('promise', '')}".rstrip()
    lines = [
        _say(language, f"letter.lead.{letter.value}"),
        "",
        values["what"],
        values["when"],
        values["where"],
    ]
    if "reference" in values:
        lines += ["", _say(language, "calendar.reference", reference=values["reference"])]
    if letter in HANDED_IN:
        lines += _handed_in_lines(letter, language, values)
    else:
        last = _LAST_LINE.get(letter, "manage")
        lines += ["", _say(language, f"letter.text.{last}", link=values["link"])]
    return "\n".join([*lines, "", _say(language, "letter.text.sender")])


def _handed_in_lines(letter: Letter, language: str, values: Mapping[str, str]) -> list[str]:
    if letter is Letter.UNUSABLE:
        return ["", values["why"], _say(language, "letter.text.person")]
    return [line for name in ("promise", "whom") if values[name] for line in ("", values[name])]


def template(letter: Letter, way: Way, language: str) -> str:
    """The text to paste into Notify."""
    return text(letter, way, language, {name: f"(({name}))" for name in field_names(letter, way)})


def page(body: str, language: str) -> str:
    """The same text as a page of HTML: a plain one is set from left to right by most mail programs, whatever it is written in."""
    lines = "".join(f"<p>{_linked(line)}</p>" if line else "" for line in body.split("\n"))
    return (
        f'<!doctype html><html lang="{language}" dir="{_catalogue.direction(language)}"><head><meta charset="utf-8"></head>'
        f'<body style="font-family:sans-serif;font-size:19px;line-height:1.4">{lines}</body></html>'
    )


def _linked(line: str) -> str:
    words = [
        f'<a href="{escape(word)}">{escape(word)}</a>'
        if word.startswith(("https://", "http://"))
        else escape(word)
        for word in line.split(" ")
    ]
    return " ".join(words)


def languages() -> tuple[str, ...]:
    return tuple(each for each in _catalogue.languages() if each in set(Language))


def language_name(language: str) -> str:
    return _catalogue.name(language)


def _say(language: str, key: str, **values: object) -> str:
    return _catalogue.say(language, key, **values)


def neutral(language: str, letter: Letter = Letter.CONFIRMED) -> str:
    """What stands for the name of a discreet service, or of what was handed in for something nobody knows any more."""
    return _say(language, "letter.text.handed" if letter in HANDED_IN else "calendar.appointment")


def usual_why(language: str) -> str:
    """A reason of usual length."""
    return _say(language, "unusable.page_missing")


def usual_promise(language: str) -> str:
    """What a receipt for a complaint says beyond others, at its longest."""
    day = _day(date(2026, 11, 25), language)
    return " ".join(_say(language, f"said.{each}_by", day=day) for each in ("acknowledge", "answer"))


def usual_time(language: str) -> str:
    """A day and time to count a text's length with."""
    wednesday = (datetime(2026, 11, 25, 10, 30, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
    return when(Facts("", "Europe/London", {}, moment=wednesday), language)
