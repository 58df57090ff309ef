"""Reads a centre's file: a plan, or every mistake in it with its line. Nothing in between, so nothing half
right is loaded.

What each key may be stands here; what must agree between keys (a service's choice exists, no name is used
twice) stands in `agreement`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from server.centrefile.agreement import check_agreement
from server.centrefile.bookables import read_bookable
from server.centrefile.handing import read_form, read_portal, read_purpose, read_team
from server.centrefile.lines import line_index
from server.centrefile.offering import read_offering
from server.centrefile.plan import (
    ICONS,
    PLAIN_ICON,
    Area,
    CentrePlan,
    Choice,
    Counter,
    Message,
    Service,
    Staff,
)
from server.centrefile.table import Fault, Mistake, Notebook, Table
from server.centrefile.weekly import read_weekly
from server.domain.hours import Closure, Hours, Special
from server.domain.offers import Offer
from server.domain.tallies import TAPPED
from wire.vocabulary import Activity, CounterKind, Role, TicketClass

__all__ = ["Fault", "Mistake", "read", "read_values"]

MOST_CHARACTERS = 1_000_000
MOST_CONTINUED = 20
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,59}")
_TELEPHONE = re.compile(r"\+?[0-9 ()-]{3,30}")
_MAP = re.compile(r"https://[^\s/?#@\\]+\.[^\s\\\"<>]+")


def read(text: str) -> CentrePlan | list[Mistake]:
    """The plan in the file's text, or its mistakes in the order of their lines."""
    if len(text) > MOST_CHARACTERS:
        return [Mistake(1, f"The file is longer than {MOST_CHARACTERS:,} characters. Is it the right one?")]
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [_not_toml(text, str(error))]
    except RecursionError:
        return [Mistake(1, "The file has lists within lists without end. Is it the right one?")]
    notebook = Notebook(line_index(text))
    plan = _Reading(Table(values, (), notebook)).plan()
    return sorted(set(notebook.mistakes)) or plan


def read_values(values: Mapping[str, Any]) -> tuple[CentrePlan, list[Fault]]:
    """The same of values that came from a form: the plan as far as it can be told, and what is wrong with it."""
    notebook = Notebook({(): 1})
    plan = _Reading(Table(values, (), notebook)).plan()
    return plan, notebook.faults


def _not_toml(text: str, error: str) -> Mistake:
    match = _AT_LINE.search(error)
    line = int(match[1]) if match else text.rstrip("\n").count("\n") + 1
    reason = _AT_LINE.sub("", error).removesuffix(" (at end of document)")
    return Mistake(line, f"This is not written as TOML asks: {reason[:1].lower()}{reason[1:]}.")


class _Reading:
    def __init__(self, root: Table) -> None:
        self._root = root
        self._languages = root.languages()

    def plan(self) -> CentrePlan:
        root = self._root
        plan = CentrePlan(
            slug=root.slug(),
            name=root.text("name", most=120),
            timezone=self._timezone(),
            languages=self._languages,
            wait_here=root.words("wait_here", self._languages, most=160),
            address=root.text("address", most=300, default=""),
            telephone=self._telephone(root),
            map_url=self._map(root),
            find_us=root.words("find_us", self._languages, most=600, needed=False),
            idle_seconds=root.whole("idle_seconds", 20, 600, 40),
            max_calls=root.whole("max_calls", 1, 10, 3),
            no_show_minutes=root.whole("no_show_minutes", 1, 60, 3),
            activities=self._activities(root),
            hours=self._hours(root),
            areas=tuple(self._area(each) for each in root.tables("area")),
            choices=tuple(self._choice(each) for each in root.tables("choice")),
            services=tuple(self._service(each) for each in root.tables("service")),
            counters=tuple(self._counter(each) for each in root.tables("counter")),
            messages=tuple(self._message(each) for each in root.tables("message")),
            staff=tuple(self._staff(each) for each in root.tables("staff")),
            bookables=tuple(read_bookable(each) for each in root.tables("bookable")),
            purposes=tuple(read_purpose(each, self._languages, ICONS) for each in root.tables("purpose")),
            teams=tuple(read_team(each) for each in root.tables("team")),
            portals=tuple(read_portal(each, self._languages, ICONS) for each in root.tables("portal")),
            forms=tuple(read_form(each, ICONS) for each in root.tables("form")),
        )
        root.close()
        check_agreement(plan, root.notebook)
        return plan

    def _activities(self, root: Table) -> tuple[Activity, ...]:
        """Which greeters tap, in the order of the panel; all of them when the file does not say."""
        if "activities" not in root:
            return TAPPED
        told = root.some_of("activities", Activity, Activity.TELEPHONE)
        if Activity.DOOR_HELP in told:
            root.note(
                "'activities' need not have \"door_help\" among them: it has its own place.", "activities"
            )
        return tuple(each for each in TAPPED if each in told)

    @staticmethod
    def _telephone(root: Table) -> str:
        number = root.text("telephone", most=30, default="")
        if number and not (_TELEPHONE.fullmatch(number) and sum(each.isdigit() for each in number) >= 3):
            why = "'telephone' is a number as people read it, such as \"0116 454 1000\"."
            root.note(why, "telephone", plain="Write a telephone number, such as 0116 454 1000.")
        return number

    @staticmethod
    def _map(root: Table) -> str:
        address = root.text("map_url", most=500, default="")
        if address and not _MAP.fullmatch(address):
            why = "'map_url' is the address of a page with a map, and begins with https://"
            root.note(why, "map_url", plain="Write the whole address of a page, beginning with https://")
        return address

    def _timezone(self) -> str:
        name = self._root.text("timezone", most=60, default="Europe/London")
        try:
            ZoneInfo(name)
        except (ValueError, OSError, LookupError):
            why = f"'timezone' cannot be '{name}'. It is a name like 'Europe/London'."
            self._root.note(why, "timezone", plain="Choose one of the list.")
        return name

    def _area(self, table: Table) -> Area:
        area = Area(table.slug(), table.words("names", self._languages, most=60))
        table.close()
        return area

    def _choice(self, table: Table) -> Choice:
        choice = Choice(
            slug=table.slug(),
            names=table.words("names", self._languages, most=60),
            icon=table.named("icon", ICONS, PLAIN_ICON),
        )
        table.close()
        return choice

    def _service(self, table: Table) -> Service:
        private = table.flag("private", default=False)
        service = Service(
            slug=table.slug(),
            names=table.words("names", self._languages, most=60),
            help=table.words("help", self._languages, most=160, needed=False),
            choice=table.slug("choice") if "choice" in table else None,
            icon=table.named("icon", ICONS, PLAIN_ICON),
            ticket_class=table.one_of("class", TicketClass, TicketClass.ORDINARY),
            activity=table.one_of("activity", Activity, Activity.ADVICE),
            target_minutes=table.whole("target_minutes", 1, 480, 20),
            usual_minutes=table.whole("usual_minutes", 1, 480, 12),
            walk_in=table.flag("walk_in", default=True),
            by_appointment=table.flag("by_appointment", default=False),
            discreet=table.flag("discreet", default=private),
            private=private,
            synonyms=table.texts("synonyms", most=60),
            lgsl=table.whole("lgsl", 1, 9999, 0) or None,
            continues=table.slugs("continues", most=MOST_CONTINUED),
            hours=self._hours(table),
            appointments=self._appointments(table),
        )
        table.close()
        return service

    def _appointments(self, table: Table) -> Offer | None:
        told = table.table("appointments")
        return None if told is None else read_offering(told, self._languages)

    def _counter(self, table: Table) -> Counter:
        counter = Counter(
            slug=table.slug(),
            name=table.text("name", most=60),
            kind=table.one_of("kind", CounterKind, CounterKind.DESK),
            area=table.slug("area") if "area" in table else None,
            sends_to=table.text("sends_to", most=60, default=""),
        )
        table.close()
        return counter

    def _message(self, table: Table) -> Message:
        message = Message(
            table.slug(),
            table.words("text", self._languages, most=200),
            standing=table.flag("standing", default=True),
        )
        table.close()
        return message

    def _staff(self, table: Table) -> Staff:
        username = table.text("username", most=60)
        if username and not _USERNAME.fullmatch(username):
            table.note(
                "'username' has 2 to 60 small letters, digits, dots or hyphens, or is an e-mail address.",
                "username",
            )
        if "password" in table:
            table.text("password", most=1000, default="")
            table.note("Passwords do not belong in this file. Each person sets their own.", "password")
        roles = table.some_of("roles", Role, Role.ADVISER)
        if not roles:
            table.note("'roles' is missing here, as in roles = [\"adviser\"]")
        in_order = tuple(role for role in Role if role in roles)
        person = Staff(username, table.text("name", most=80), in_order)
        table.close()
        return person

    # Hours ----------------------------------------------------------------------------------------

    def _hours(self, table: Table) -> Hours:
        return Hours(
            usual=tuple(usual for each in table.tables("hours") for usual in read_weekly(each)),
            special=tuple(self._special(each) for each in table.tables("exception")),
            closures=tuple(self._closure(each) for each in table.tables("closure")),
        )

    @staticmethod
    def _special(table: Table) -> Special:
        special = Special(table.date("on") or date.min, table.time("opens"), table.time("closes"))
        table.close()
        return special

    def _closure(self, table: Table) -> Closure:
        first_on = table.date("first") or date.min
        last_on = (table.date("last") or date.min) if "last" in table else first_on
        if last_on < first_on:
            table.note("'last' is before 'first'.", "last", plain="The last day is before the first.")
        closure = Closure(first_on, last_on, table.words("reason", self._languages, most=200))
        table.close()
        return closure
