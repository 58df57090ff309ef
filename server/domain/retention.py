"""How long what is known of people is kept, class by class, and why; after that it is erased, and only figures stay. Pure.

One table, so that a data protection officer reads here (on the page "How long things are kept", and in docs/retention.md, which is made from it) what the program does, and the program does
what stands here. A class that can be set has a least and a most: the least is what the centre's work needs, the most keeps a slip of the finger from keeping things for ever.
Whole days are erased, never half of one, so that a day's figures can be summed first and stay exactly what they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Name(StrEnum):
    """Classes whose time an administrator may set."""

    NOTES = "notes"
    CONTACTS = "contacts"
    COMMENTS = "comments"
    COMPLAINTS = "complaints"
    VISITS = "visits"
    PERSONS = "persons"
    AUDIT = "audit"
    ACCOUNTS = "accounts"


@dataclass(frozen=True)
class Kept:
    """A class of what is kept. `since`: what its days are counted from; `why`: what it is needed for so long; `stays`: what is left of it afterwards; `one`, `many`: what is counted when it goes."""

    title: str
    what: str
    since: str
    why: str
    stays: str
    days: int
    least: int
    most: int
    one: str
    many: str


SETTABLE: Mapping[Name, Kept] = {
    Name.NOTES: Kept(
        "Notes on visits",
        "What staff wrote for whoever serves next",
        "the day it was written",
        "A visitor who comes back within weeks need not tell everything again.",
        "Nothing",
        days=90, least=1, most=400,
        one="note", many="notes",
    ),
    Name.CONTACTS: Kept(
        "Names and contacts of appointments",
        "Name, telephone, e-mail, answers, access needs and note",
        "the appointment",
        "Somebody who missed it or complains can still be answered.",
        "When it was, for what, and how it ended",
        days=28, least=1, most=90,
        one="name of an appointment", many="names of appointments",
    ),
    Name.COMMENTS: Kept(
        "What visitors wrote about their visit",
        "Comments, sealed",
        "the day it was written",
        "Managers read and act on them, and look again half a year later.",
        "The score, the reason from the list, the language",
        days=180, least=7, most=730,
        one="comment", many="comments",
    ),
    Name.COMPLAINTS: Kept(
        "Complaints and compliments",
        "What they say, sealed, as staff wrote it down; sent by a form, the days of that form hold",
        "the day it was answered or passed on",
        "The ombudsman looks at complaints that are up to a year old; an answer may take as long again.",
        "Reference, kind, service, dates and how it ended",
        days=1095, least=365, most=2555,
        one="complaint or compliment", many="complaints and compliments",
    ),
    Name.VISITS: Kept(
        "Detail of visits",
        "Each visit, ticket and step with its times, language, access needs and who served; sittings and breaks; appointments without a name; what was told of waits",
        "the day of the visit",
        "Thirteen months, so that a season can be planned from the same one last year, and mistakes be put right.",
        "Sums of the day: how many, for what, how long, how it ended; nobody can be found in them",
        days=400, least=60, most=3650,
        one="visit", many="visits",
    ),
    Name.PERSONS: Kept(
        "Who counted what",
        "Which member of staff entered or corrected a count, and the reason they gave",
        "the day of the count",
        "Mistakes are put right with whoever made them.",
        "The count",
        days=400, least=60, most=3650,
        one="count with who entered it", many="counts with who entered them",
    ),
    Name.AUDIT: Kept(
        "Audit",
        "What staff did, when, about which thing, from which address",
        "the moment",
        "Who looked at what must be found when somebody asks, which may be long after.",
        "Nothing",
        days=730, least=365, most=3650,
        one="line of the audit", many="lines of the audit",
    ),
    Name.ACCOUNTS: Kept(
        "Accounts of former staff",
        "User name and name",
        "the day the account was disabled",
        "The audit and figures of persons name them until then.",
        "A number; with the council's sign-on its number for them too, so that the account stays shut",
        days=730, least=30, most=3650,
        one="account", many="accounts",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Fixed:
    """What goes by a rule of its own, which cannot be set here."""

    title: str
    until: str
    stays: str


FIXED: tuple[Fixed, ...] = (
    Fixed("What a visitor touches on a kiosk", "the end of the visit, Hide, or the idle time", "Nothing"),
    Fixed("Papers and answers that were handed in", "the days its purpose or form says after the team has it; a complaint's after it has ended", "That something was handed in, for what, and what became of it"),
    Fixed("Forms being filled in on the web", "an hour after the last page", "Nothing"),
    Fixed("A form begun on the web and kept for who comes to the centre with its reference", "the end of the next day it is open", "Nothing"),
    Fixed("Papers that the server did not take from a kiosk, sealed on its card", "30 days", "Nothing"),
    Fixed("A mobile number for one text", "the end of the visit", "Nothing"),
    Fixed("Addresses that messages went to", "7 days after the last that was heard of it", "That a message was sent, for 90 days"),
    Fixed("A case whose visitors must not meet", "12 hours after the visit ended", "Nothing"),
    Fixed("The key of a ticket's phone page", "the page is dead a day after the visit", "A hash, with the detail of the visit"),
    Fixed("The answer to what was asked of the server, with a hash of what was asked", "35 days", "Nothing"),
    Fixed("That a paper was seen and not kept, for which case and by whom", "366 days", "Nothing"),
    Fixed("Requests for a person, alarms, announcements", "90 days after they were dealt with", "What the audit has"),
    Fixed("Addresses that a report of figures goes to by e-mail", "a year after the report was stopped", "Nothing"),
    Fixed("Sessions of staff, with the kind of browser and the address they came from", "two days after they were last used", "What the audit has"),
    Fixed("The count of failed sign-ins; who tried to book or find", "a day", "What the audit has"),
)  # fmt: skip


def days_of(name: Name, rules: Mapping[str, int]) -> int:
    """As set, or the default; never outside what may be set, whatever stands in a database."""
    kept = SETTABLE[name]
    return min(kept.most, max(kept.least, rules.get(name.value, kept.days)))


def why_not(name: Name, days: int) -> str | None:
    """A sentence when so many days cannot be set."""
    kept = SETTABLE[name]
    if kept.least <= days <= kept.most:
        return None
    return f"{kept.title} can be kept from {kept.least} to {kept.most} days. Choose a number between."


def last_due(today: date, days: int) -> date:
    """The last day whose rows are due: those of `days` ago are still kept."""
    return today - timedelta(days=days + 1)
