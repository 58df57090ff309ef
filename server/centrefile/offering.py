"""`[service.appointments]`: what a service offers by appointment, read from the file's table and said again as a document.

The document is also what is kept in the database and in planned changes (`server.domain.offers.read_offer` reads it). What is as it would be
without a key is left out, but for `minutes`, which is always said: a service with appointments is told by it from one without.

What would leave nothing to be booked is refused here, where whoever wrote it can mend it: no visitor could tell them later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from server.centrefile.table import Table
from server.centrefile.weekly import read_weekly, weekly_tables
from server.domain.hours import Hours, Usual
from server.domain.offers import Offer, Question, Words

MOST_QUESTIONS, MOST_OPTIONS, MOST_BRING, MOST_REMINDERS, MOST_ROOMS = 10, 20, 12, 4, 40
"""An answer travels with up to eleven others (`wire.booking_asks.Book`)."""
ASKED = {"name": "required", "phone": "optional", "email": "optional"}
"""What is asked of a visitor when the file does not say."""
MANNERS = ("required", "optional", "no")

WHOLE: dict[str, tuple[int, int]] = {
    "minutes": (5, 480),
    "prepare_minutes": (0, 240),
    "clear_minutes": (0, 240),
    "every_minutes": (5, 480),
    "at_once": (1, 99),
    "walk_in_share": (0, 90),
    "ahead_days": (1, 366),
    "notice_hours": (0, 720),
    "cancel_hours": (0, 720),
    "early_minutes": (0, 240),
    "late_minutes": (0, 240),
}
"""Between which numbers each may lie; forms show the same."""
_PLAIN = (*WHOLE, "by_people", "public", "partner")
_STANDARD = Offer()


def read_offering(table: Table, languages: Sequence[str]) -> Offer:
    """The offer in a table; what is wrong with it is noted."""
    numbers = {key: table.whole(key, *bounds, getattr(_STANDARD, key)) for key, bounds in WHOLE.items()}
    offer = Offer(
        **numbers,
        by_people=table.flag("by_people", default=False),
        rooms=table.slugs("rooms", most=MOST_ROOMS),
        public=table.flag("public", default=True),
        partner=table.text("partner", most=80, default=""),
        asks=_asks(table),
        questions=tuple(_question(each, languages) for each in table.tables("question")),
        bring=tuple(each.all_words(languages, most=160) for each in table.tables("bring")),
        reminder_hours=_reminders(table),
        hours=Hours(tuple(usual for each in table.tables("hours") for usual in read_weekly(each))),
    )
    _check(offer, table)
    table.close()
    return offer


def _asks(table: Table) -> dict[str, str]:
    told = table.table("asks")
    if told is None:
        return dict(ASKED)
    asks = {key: told.named(key, MANNERS, manner) for key, manner in ASKED.items()}
    told.close()
    return asks


def _question(table: Table, languages: Sequence[str]) -> Question:
    choices: dict[str, Words] = {}
    count = 0
    for each in table.tables("choice"):
        slug = each.slug()
        if slug in choices:
            each.note(
                f"Another choice of this question has the slug '{slug}' already.",
                "slug",
                plain="This choice stands there twice. Take one away.",
            )
        choices[slug] = each.words("names", languages, most=80)
        each.close()
        count += 1
    if count == 1:
        table.note(
            "A question with one [[choice]] leaves nothing to choose. Add another, or take it out.",
            "choice",
            plain="One answer leaves nothing to choose. Add another, or take it out for a line of text.",
        )
    if count > MOST_OPTIONS:
        table.note(f"A question may have at most {MOST_OPTIONS} choices.", "choice")
    question = Question(
        table.slug(),
        table.words("text", languages, most=160),
        table.flag("required", default=True),
        choices,
    )
    table.close()
    return question


def _reminders(table: Table) -> tuple[int, ...]:
    if "reminder_hours" not in table:
        return _STANDARD.reminder_hours
    hours = table.wholes("reminder_hours", 1, 720, most=MOST_REMINDERS)
    if len(set(hours)) < len(hours):
        table.note(
            "'reminder_hours' has the same number twice.",
            "reminder_hours",
            plain="Two reminders at the same time are one too many.",
        )
    return tuple(sorted(set(hours), reverse=True))


def _check(offer: Offer, table: Table) -> None:
    if offer.notice_hours >= offer.ahead_days * 24:
        table.note(
            "'notice_hours' is as long as 'ahead_days', so no time could ever be booked.",
            "notice_hours",
            plain="This is as long as the days one may book ahead, so no time could ever be booked. Make one of them other.",
        )
    if len(offer.questions) > MOST_QUESTIONS:
        why = f"At most {MOST_QUESTIONS} questions may be asked: each one turns visitors away."
        table.note(why, "question", MOST_QUESTIONS)
    if len(offer.bring) > MOST_BRING:
        table.note(f"At most {MOST_BRING} things to bring can be listed.", "bring", MOST_BRING)
    seen: set[str] = set()
    for index, question in enumerate(offer.questions):
        if question.slug in seen:
            table.note(
                f"Another question has the slug '{question.slug}' already.",
                *("question", index, "slug"),
                plain="Another question has this short name already.",
            )
        seen.add(question.slug)
    if len(set(offer.rooms)) < len(offer.rooms):
        table.note("'rooms' names a room twice.", "rooms", plain="A room stands there twice.")
    for row, short in _too_short(offer.hours.usual, offer.minutes):
        why = f"These hours are {short} minutes long, and an appointment takes {offer.minutes}."
        table.note(why, "hours", row, "closes")


def _too_short(usuals: Sequence[Usual], minutes: int) -> Iterator[tuple[int, int]]:
    row = -1
    before: tuple[object, ...] = ()
    for each in usuals:
        same = (each.opens, each.closes, each.from_on, each.until_on)
        row += same != before
        length = each.closes.hour * 60 + each.closes.minute - each.opens.hour * 60 - each.opens.minute
        if 0 < length < minutes and same != before:
            yield row, length
        before = same


# Said again -------------------------------------------------------------------------------------------


def offer_table(offer: Offer) -> dict[str, Any]:
    """What the file says of it, as TOML would be read: dates are dates."""
    table: dict[str, Any] = {"minutes": offer.minutes}
    for key in _PLAIN:
        if getattr(offer, key) != getattr(_STANDARD, key):
            table[key] = getattr(offer, key)
    if offer.rooms:
        table["rooms"] = list(offer.rooms)
    if offer.reminder_hours != _STANDARD.reminder_hours:
        table["reminder_hours"] = list(offer.reminder_hours)
    if dict(offer.asks) != ASKED:
        table["asks"] = {key: offer.asks[key] for key in ASKED if key in offer.asks}
    if offer.questions:
        table["question"] = [_question_table(each) for each in offer.questions]
    if offer.bring:
        table["bring"] = [dict(each) for each in offer.bring]
    if offer.hours.usual:
        table["hours"] = list(weekly_tables(offer.hours.usual))
    return table


def _question_table(question: Question) -> dict[str, Any]:
    table: dict[str, Any] = {"slug": question.slug, "text": dict(question.text)}
    if not question.required:
        table["required"] = False
    if question.choices:
        table["choice"] = [{"slug": slug, "names": dict(names)} for slug, names in question.choices.items()]
    return table


def offer_document(offer: Offer | None) -> dict[str, Any]:
    """What is kept of it in the database: the same with dates as text; nothing when there is none."""
    if offer is None:
        return {}
    table = offer_table(offer)
    for span in table.get("hours", ()):
        span.update({key: span[key].isoformat() for key in ("from", "until") if key in span})
    return table
