"""What a service offers by appointment, as the centre's file says it under `[service.appointments]`.

Stored as the document the file would be read as (`Service.booking`), so that set-up, file and database hold one shape; this is the frozen
value every rule works with. Minutes are minutes of the clock; shares are of each day's time. A service without a document has no
appointments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from server.domain.hours import Hours, Usual

Words = Mapping[str, str]
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Question:
    """Something the service must know beforehand. `choices` empty: a line of text; otherwise one of them (slug -> words)."""

    slug: str
    text: Words
    required: bool = True
    choices: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """`at_once` limits how many appointments of this service may run side by side; `by_people` asks for a free person of the rota who may
    serve it, `rooms` (counters' slugs) for a free one of these. `walk_in_share` percent of each day's time is never booked.

    `notice_hours`: how late one may book. `cancel_hours`: how late one may move or cancel by oneself. `early_minutes`: from when before the
    time one may check in; `late_minutes`: until when after it the place is kept.
    """

    minutes: int = 20
    prepare_minutes: int = 0
    clear_minutes: int = 0
    every_minutes: int = 15
    at_once: int = 1
    by_people: bool = False
    rooms: tuple[str, ...] = ()
    walk_in_share: int = 0
    ahead_days: int = 28
    notice_hours: int = 2
    cancel_hours: int = 24
    early_minutes: int = 30
    late_minutes: int = 10
    public: bool = True
    partner: str = ""
    """Whose surgery it is, such as Citizens Advice; empty: the council's own."""
    asks: Mapping[str, str] = field(
        default_factory=lambda: {"name": "required", "phone": "optional", "email": "optional"}
    )
    """Of `name`, `phone`, `email`: `required`, `optional` or `no`."""
    questions: tuple[Question, ...] = ()
    bring: tuple[Words, ...] = ()
    reminder_hours: tuple[int, ...] = (48, 3)
    hours: Hours = field(default_factory=Hours)
    """Its own pattern inside the service's hours; empty: whenever the service is open."""


def read_offer(document: Mapping[str, Any]) -> Offer | None:
    """The offer in a stored document, None when there is none. The document was judged when it was stored."""
    if not document:
        return None
    plain = {
        key: document[key]
        for key in [
            "minutes",
            "prepare_minutes",
            "clear_minutes",
            "every_minutes",
            "at_once",
            "by_people",
            "walk_in_share",
            "ahead_days",
            "notice_hours",
            "cancel_hours",
            "early_minutes",
            "late_minutes",
            "public",
            "partner",
            "asks",
        ]
        if key in document
    }
    questions = tuple(
        Question(
            each["slug"],
            each["text"],
            each.get("required", True),
            {choice["slug"]: choice["names"] for choice in each.get("choice", ())},
        )
        for each in document.get("question", ())
    )
    usual = tuple(
        Usual(
            DAYS.index(day),
            time.fromisoformat(span["opens"]),
            time.fromisoformat(span["closes"]),
            _date(span, "from"),
            _date(span, "until"),
        )
        for span in document.get("hours", ())
        for day in span["days"]
    )
    return Offer(
        **plain,
        rooms=tuple(document.get("rooms", ())),
        questions=questions,
        bring=tuple(document.get("bring", ())),
        reminder_hours=tuple(document.get("reminder_hours", Offer.reminder_hours)),
        hours=Hours(usual),
    )


def _date(span: Mapping[str, Any], key: str) -> date | None:
    return date.fromisoformat(span[key]) if key in span else None
