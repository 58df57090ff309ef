"""A part of the set-up in words: every value with its name, for the table that shows what a change changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from server.centrefile import CentrePlan
from server.domain.changes import Table, day_said, days_said, listed
from server.domain.handing import TeamWay
from server.web import labels
from server.web.pages import setup_offer
from server.web.pages.setup_forms import complete
from wire.vocabulary import RIGHT_TO_LEFT, Activity, CounterKind, Language, TicketClass

LABELS = {
    "name": "Name", "names": "Name", "help": "Help text", "text": "Words", "reason": "Reason shown", "icon": "Picture",
    "choice": "First choice", "class": "Priority", "activity": "Counted as", "target_minutes": "Target",
    "usual_minutes": "Usual time", "walk_in": "Walk-in", "by_appointment": "By appointment", "discreet": "Discreet by nature",
    "private": "For talks in private", "synonyms": "Other words for it", "lgsl": "LGSL number", "continues": "Figures go on from", "hours": "Hours",
    "exception": "Special hours", "closure": "Closed", "kind": "Kind", "area": "Area", "sends_to": "Visitors go to",
    "standing": "Shown", "wait_here": "Where to wait", "languages": "Languages", "timezone": "Time zone", "address": "Address", "telephone": "Telephone", "map_url": "Page with a map", "find_us": "How to find us",
    "idle_seconds": "Kiosk asks “Are you still there?” after", "max_calls": "Calls before a no-show",
    "no_show_minutes": "No-show after", "activities": "Counted by a tap", "first": "First day", "last": "Last day", "choices": "Order of first choices",
    "under": "Services under", "counters": "Order", "areas": "Order", "messages": "Order", "appointments": "Appointments",
    "asks": "Reference asked for", "ready": "What to have ready", "whom": "Whom to ask afterwards", "keep_days": "Kept", "keep_minutes": "Kept",
    "team": "Dealt with by", "service": "Who wants a person joins", "way": "How it reaches them", "attach": "Papers go along in the e-mail", "url": "Page",
    "purposes": "Order", "portals": "Order",
}  # fmt: skip
CLASSES = {
    TicketClass.ORDINARY: ("Ordinary", "In the order they came."),
    TicketClass.SOON: ("Soon", "Gains on ordinary ones the longer it waits."),
    TicketClass.URGENT: ("Urgent", "Goes before nearly everybody."),
    TicketClass.BOOKED: ("Like an appointment", "Called near a booked time."),
}
ICON_NAMES = {
    "house": "House", "coins": "Money", "envelope": "Letter", "car": "Car", "badge": "Wheelchair user", "school": "School",
    "heart": "Heart", "people": "People", "briefcase": "Briefcase", "key": "Key", "bin": "Bin", "speech": "Talking",
    "shield": "Shield", "bus": "Bus", "card": "Payment", "form": "Form",
}  # fmt: skip
UNITS = {
    "target_minutes": "minutes",
    "usual_minutes": "minutes",
    "no_show_minutes": "minutes",
    "idle_seconds": "seconds",
    "keep_days": "days after the team has it",
    "keep_minutes": "minutes after they have it",
}
WAYS = {
    TeamWay.LIST: ("They look at the list here", "Whoever may see papers finds it under “Papers”."),
    TeamWay.FOLDER: ("A folder on this server", "Another system, or people, take files from there."),
    TeamWay.SFTP: ("Sent to their file server", "By SFTP, to a server whose key is known."),
    TeamWay.WEBHOOK: ("Sent to their system", "A signed call to an address of theirs."),
    TeamWay.EMAIL: ("By e-mail", "A link, or the papers themselves."),
}
NOT_ON_KIOSK = "Not on the kiosk"
_STEPS = {"from": "first day", "until": "last day", "on": "date", "first": "first day", "last": "last day"}
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Row(NamedTuple):
    label: str
    was: list[str]
    becomes: list[str]
    language: str = ""
    direction: str = "ltr"


class Line(NamedTuple):
    label: str
    value: list[str]
    language: str = ""


def rows(kind: str, before: Table | None, after: Table | None, plan: CentrePlan) -> list[Row]:
    """What differs, value by value. A new thing has nothing in the first column, one taken away nothing in the second."""
    was = dict(_lines(kind, before, plan)) if before is not None else {}
    becomes = dict(_lines(kind, after, plan)) if after is not None else {}
    found = []
    order = list(LABELS)
    for key in sorted({**was, **becomes}, key=lambda key: order.index(key.partition(".")[0])):
        old, new = was.get(key), becomes.get(key)
        if (old.value if old else []) == (new.value if new else []):
            continue
        line = new or old
        assert line is not None
        language = line.language
        direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        found.append(Row(line.label, old.value if old else [], new.value if new else [], language, direction))
    return found


def label_of(path: str) -> str:
    """What a field is called, by its path: `Name in English`, `Hours 2, closes`."""
    key, *rest = path.split(".")
    if key == "appointments":
        return setup_offer.label_of(rest)
    said = LABELS.get(key, "Here")
    for step in rest:
        if step.isdecimal():
            said += f" {int(step) + 1}"
        elif step in set(Language):
            said += f" in {labels.LANGUAGES[Language(step)]}"
        else:
            said += f", {_STEPS.get(step, step)}"
    return said


def _lines(kind: str, table: Table | None, plan: CentrePlan) -> Iterator[tuple[str, Line]]:
    for key, value in complete(kind, table).items():
        if key == "slug":
            continue
        label = LABELS.get(key, key)
        if key == "under":
            for choice, services in value.items():
                name = _choice(plan, choice) if choice else NOT_ON_KIOSK
                yield (
                    f"under.{choice}",
                    Line(f"Under “{name}”" if choice else name, [_service(plan, each) for each in services]),
                )
        elif key == "appointments":
            rooms = {each.slug: each.name for each in plan.counters}
            for name, said, lines in setup_offer.lines_of(value, usual_said, rooms):
                yield f"appointments.{name}", Line(f"Appointments: {said[:1].lower()}{said[1:]}", lines)
        elif isinstance(value, Mapping):
            for language in Language:
                if language.value in value:
                    said = f"{label} in {labels.LANGUAGES[language]}"
                    yield f"{key}.{language}", Line(said, [str(value[language.value])], language.value)
        else:
            yield key, Line(label, _said(kind, key, value, plan))


def _said(kind: str, key: str, value: Any, plan: CentrePlan) -> list[str]:
    if isinstance(value, list):
        return _listed(kind, key, value, plan)
    if key == "standing":
        return ["Always on the lobby display" if value else "Kept ready for greeters"]
    if isinstance(value, bool):
        return ["Yes" if value else "No"]
    if key in _NAMED:
        return [_NAMED[key](plan, str(value))]
    return [f"{value} {UNITS[key]}" if key in UNITS else str(value)]


def _listed(kind: str, key: str, rows: list[Any], plan: CentrePlan) -> list[str]:
    match key:
        case "hours":
            return [usual_said(each) for each in rows]
        case "exception":
            return [special_said(each, dated=kind == "service") for each in rows]
        case "closure":
            return [closure_said(each) for each in rows]
        case "languages":
            return [listed(labels.LANGUAGES[Language(each)] for each in rows)]
        case "activities":
            return [listed(labels.ACTIVITIES[Activity(each)] for each in rows) if rows else "Nothing"]
        case "choices":
            return [f"{at}. {_choice(plan, slug)}" for at, slug in enumerate(rows, 1)]
        case "counters" | "areas" | "messages" | "purposes" | "portals":
            names = names_in_order(plan, key)
            return [f"{at}. {names.get(slug, slug)}" for at, slug in enumerate(rows, 1)]
    return [", ".join(map(str, rows))]


def closure_said(row: Table) -> str:
    return f"{days_said(row['first'], row.get('last', ''))}: {row['reason'].get('en', '')}"


def usual_said(row: Table) -> str:
    """`Tuesday and Thursday 09:30 to 16:30, from 1 July 2026`."""
    days = listed(day.capitalize() for day in sorted(row["days"], key=WEEK.index))
    bounds = [
        f"{word} {_short(row[key])}" for key, word in (("from", "from"), ("until", "until")) if row.get(key)
    ]
    return ", ".join([f"{days} {_times(row)}", *([" ".join(bounds)] if bounds else [])])


def special_said(row: Table, *, dated: bool = True) -> str:
    return f"{day_said(row['on'])} {_times(row)}" if dated else _times(row)


def _times(row: Table) -> str:
    if row["opens"] == row["closes"]:
        return f"all day and night from {row['opens']}"
    night = " the next day" if row["closes"] < row["opens"] else ""
    return f"{row['opens']} to {row['closes']}{night}"


def _short(said: str) -> str:
    day = date.fromisoformat(said)
    return f"{day.day} {day:%B %Y}"


def _choice(plan: CentrePlan, slug: str) -> str:
    return next((each.names["en"] for each in plan.choices if each.slug == slug), slug)


def _service(plan: CentrePlan, slug: str) -> str:
    return next((each.names["en"] for each in plan.services if each.slug == slug), slug)


def _area(plan: CentrePlan, slug: str) -> str:
    return next((each.names["en"] for each in plan.areas if each.slug == slug), slug)


def names_in_order(plan: CentrePlan, key: str) -> dict[str, str]:
    """What each counter, area or message is called, by its slug."""
    match key:
        case "counters":
            return {each.slug: each.name for each in plan.counters}
        case "areas":
            return {each.slug: each.names["en"] for each in plan.areas}
        case "purposes":
            return {each.slug: each.names["en"] for each in plan.purposes}
        case "portals":
            return {each.slug: each.names["en"] for each in plan.portals}
    return {each.slug: each.text["en"] for each in plan.messages}


_NAMED: Mapping[str, Callable[[CentrePlan, str], str]] = {
    "icon": lambda _, value: ICON_NAMES.get(value, value),
    "choice": _choice,
    "area": _area,
    "private": lambda plan, value: _service(plan, value) if value else "No service",
    "class": lambda _, value: CLASSES[TicketClass(value)][0],
    "activity": lambda _, value: labels.ACTIVITIES[Activity(value)],
    "service": _service,
    "team": lambda plan, value: next((each.name for each in plan.teams if each.slug == value), value),
    "way": lambda _, value: WAYS[TeamWay(value)][0],
    "kind": lambda _, value: labels.COUNTER_KINDS[CounterKind(value)],
    "first": lambda _, value: day_said(value),
    "last": lambda _, value: day_said(value),
}
