"""What may be asked to be taken away, and when a report that goes out by itself is due. Pure.

Two people who ask for the same get a file each; one who asks twice while it is made gets the one. What somebody asks is kept as a document, so that whoever makes it (another server, after a
restart) reads the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from server.domain import publishing, spans
from server.domain.spans import ONE_DAY, Kind, Span

MOST_CENTRES = 40
MOST_RECIPIENTS = 20
KEPT = timedelta(days=1)
"""A file is there for a day, which is long enough to fetch it and too short to be forgotten somewhere."""
STOPPED_KEPT = timedelta(days=366)
"""A plan that was stopped can be started again for a year; then it goes, with the addresses in it."""
LEASE = timedelta(minutes=2)
"""A server at work on a report says so every few seconds; one that has not for so long has fallen, and another takes it up."""
SEND_LEASE = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
PUBLICATION = "publication"
"""The one topic that may be published."""
AT_ONCE_DAYS = 400
"""So long a time at one centre is a moment's work, except as a PDF."""


class Every(StrEnum):
    """How often a report goes out by itself."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True)
class Wanted:
    """A report as somebody asked for it. `form` is a `server.reports.Form`."""

    topics: tuple[str, ...]
    centres: tuple[int, ...]
    span: Span
    form: str
    public: bool = False

    def document(self) -> dict[str, Any]:
        return {
            "topics": list(self.topics),
            "centres": list(self.centres),
            "kind": self.span.kind.value,
            "first": self.span.first.isoformat(),
            "last": self.span.last.isoformat(),
            "form": self.form,
            "public": self.public,
        }

    @property
    def is_short(self) -> bool:
        """Whether it is made while somebody waits for the page."""
        return self.form != "pdf" and len(self.centres) == 1 and self.span.days <= AT_ONCE_DAYS

    @property
    def title(self) -> str:
        return "Figures for publication" if self.public else "Figures of the customer centre" if len(self.centres) == 1 else "Figures of the customer centres"  # fmt: skip


def wanted_of(document: Mapping[str, Any]) -> Wanted:
    span = Span(
        date.fromisoformat(document["first"]), date.fromisoformat(document["last"]), Kind(document["kind"])
    )
    return Wanted(
        tuple(document["topics"]), tuple(document["centres"]), span, document["form"], document["public"]
    )


NO_TOPIC = "Choose at least one kind of figures."
NO_CENTRE = "Choose at least one centre."
NOT_YOURS = (
    "You can take away figures of the centres where you are manager, and of no others. Nothing was made."
)
TOO_MANY = f"Choose {MOST_CENTRES} centres at most."
NOT_BEGUN = "This time has not begun, so there is nothing to tell of it. Choose an earlier one."


def why_not(wanted: Wanted, topics: Iterable[str], own: Iterable[int], today: date) -> str:
    """Why this cannot be taken away, in a sentence; empty when it can. `topics` and `own` are those that this person may read."""
    if not set(wanted.centres) <= set(own):
        return NOT_YOURS
    if not wanted.centres:
        return NO_CENTRE
    if len(wanted.centres) > MOST_CENTRES:
        return TOO_MANY
    if not wanted.topics or not set(wanted.topics) <= set(topics):
        return NO_TOPIC
    if wanted.public:
        return publishing.why_not(wanted.span, today)
    return NOT_BEGUN if wanted.span.first > today else ""


# By e-mail, by itself ------------------------------------------------------------------------------------------------


def span_told(every: Every, next_on: date) -> Span:
    """What the report that is due on `next_on` tells of: the week, month or quarter that ended the day before."""
    return spans.span_of(Kind(every.value), next_on - ONE_DAY)


def first_due(every: Every, today: date) -> date:
    """The day after the week, month or quarter that runs now."""
    return spans.span_of(Kind(every.value), today).last + ONE_DAY


def due_after(every: Every, next_on: date) -> date:
    return spans.span_of(Kind(every.value), next_on).last + ONE_DAY


def taken_up(every: Every, next_on: date, today: date) -> date:
    """When the next one is due of a plan that was stopped for a while: what came to its end in the meantime is not sent after."""
    running = spans.span_of(Kind(every.value), today)
    return next_on if next_on >= running.first else running.last + ONE_DAY


def wait_after(tries: int) -> timedelta:
    """How long after try number `tries` (from 1) the next comes: two minutes, four, eight ... six hours at most, without end, for a report is never lost."""
    return min(timedelta(minutes=2 ** min(tries, 12)), LONGEST_WAIT)


def report_id_of(plan: int, next_on: date) -> str:
    """The id of the one report of a plan for a time: however many servers make it, there is one."""
    return hashlib.sha256(f"report plan {plan} {next_on.isoformat()}".encode()).hexdigest()[:32]


def domains_of(setting: str, sender: str) -> frozenset[str]:
    """The domains that reports may go to: those named, or else that of our own sender."""
    named = frozenset(each.lstrip("@").casefold() for each in setting.replace(",", " ").split())
    own = sender.rpartition("@")[2].casefold()
    return named or (frozenset({own}) if own else frozenset())


def is_ours(address: str, domains: Iterable[str]) -> bool:
    """Whether an address lies in one of these domains; those below a domain are not in it."""
    return address.rpartition("@")[2].casefold() in set(domains)
