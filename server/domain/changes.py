"""What a change of a centre's set-up is: one part of the centre's document, as it was and as it becomes.

A part is one thing an administrator thinks of (a service with its hours, one closure, the order of the first screen), so that two people at
different things never get in each other's way. Two at the same thing do: a change is done only while every value it changes is still what
it was when the change was made, and is refused otherwise. What it does not change may have changed meanwhile and stays: a name corrected
today does not undo the closing time planned for Monday. Undoing is the same change the other way round, under the same rule.

Whether the centre is right afterwards is judged by the reading of the centre's file, not here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from server.domain.hours import midnight

Table = dict[str, Any]
Flat = dict[str, Any]

LISTED = frozenset({"area", "choice", "service", "counter", "message", "purpose", "team", "portal"})
"""Parts that stand as `[[kind]]` and are named by their slug."""
ORDERED = {
    "counter": "counters",
    "area": "areas",
    "message": "messages",
    "purpose": "purposes",
    "portal": "portals",
}
"""What has no order of its own on the kiosk: the part `order:counter` is in which order counters stand. Services have `layout`."""
CENTRE_KEYS = (
    "name", "timezone", "languages", "address", "telephone", "map_url", "find_us", "idle_seconds", "max_calls", "no_show_minutes", "wait_here", "activities",
)  # fmt: skip
KINDS = {
    "centre": "The centre",
    "hours": "Usual hours",
    "exception": "Special hours",
    "closure": "Closure",
    "area": "Area",
    "choice": "First choice",
    "service": "Service",
    "counter": "Counter",
    "message": "Message",
    "purpose": "What papers are for",
    "team": "Team",
    "portal": "Page to do it online",
    "layout": "First screen",
    "order": "Order",
    "private": "Talks in private",
}
_SAID = {
    "names": "the name", "name": "the name", "help": "the help text", "text": "the words", "icon": "the picture",
    "choice": "the first choice", "class": "the priority", "activity": "the activity", "target_minutes": "the target",
    "usual_minutes": "the usual time", "walk_in": "walk-in", "by_appointment": "by appointment", "discreet": "discreet",
    "private": "the private mark", "synonyms": "other words", "lgsl": "the LGSL number", "hours": "the hours",
    "exception": "special hours", "closure": "closures", "kind": "the kind", "area": "the area", "sends_to": "where it sends to",
    "standing": "when it is shown", "wait_here": "where to wait", "languages": "the languages", "timezone": "the time zone",
    "address": "the address", "telephone": "the telephone number", "map_url": "the map", "find_us": "how to find us",
    "appointments": "appointments", "idle_seconds": "the kiosk's patience", "max_calls": "calls", "no_show_minutes": "no-show minutes",
    "activities": "what is counted by a tap",
    "asks": "the reference asked for", "ready": "what to have ready", "whom": "whom to ask", "keep_days": "how long it is kept",
    "keep_minutes": "how long it is kept", "team": "the team", "service": "the service", "way": "how it reaches them", "attach": "whether the papers go along",
    "url": "the page", "purposes": "the order", "portals": "the order",
    "choices": "the order of choices", "under": "which service stands where", "counters": "the order", "areas": "the order", "messages": "the order", "first": "the days", "last": "the days", "reason": "the reason",
}  # fmt: skip
LATEST_DAYS = 5 * 366
"""Nothing is planned further ahead than this."""


@dataclass(frozen=True)
class Part:
    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


def part_of(said: str) -> Part | None:
    """The part that a stored or sent name means; None when there is no such kind."""
    kind, _, name = said.partition(":")
    if kind == "order":
        return Part(kind, name) if name in ORDERED else None
    named = kind in LISTED or kind in ("exception", "closure")
    return Part(kind, name) if kind in KINDS and bool(name) == named else None


def part_for(kind: str, table: Mapping[str, Any]) -> Part:
    """The name of the part that `table` is: a closure's changes with its days."""
    if kind == "closure":
        first = str(table.get("first", ""))
        return Part(kind, f"{first}..{table.get('last') or first}")
    if kind == "exception":
        return Part(kind, next((str(each.get("on", "")) for each in table.get("exception", ())), ""))
    return Part(kind, str(table.get("slug", "")) if kind in LISTED else "")


# The part in the document -----------------------------------------------------------------------------


def found(document: Mapping[str, Any], part: Part) -> Table | None:
    """What `document` says of the part; None when it is not there. The whole centre's parts are always there."""
    match part.kind:
        case "centre":
            return {key: document[key] for key in CENTRE_KEYS if key in document}
        case "hours":
            return {"hours": list(document.get("hours", ()))}
        case "exception":
            rows = [each for each in document.get("exception", ()) if each.get("on") == part.name]
            return {"exception": rows} if rows else None
        case "layout":
            return _layout(document)
        case "order":
            return {ORDERED[part.name]: [each["slug"] for each in document.get(part.name, ())]}
        case "private":
            return {
                "private": next((each["slug"] for each in _services(document) if each.get("private")), "")
            }
    rows = document.get(part.kind, ())
    return next((dict(each) for each in rows if part_for(part.kind, each) == part), None)


def put(document: Mapping[str, Any], part: Part, after: Table | None) -> Table:
    """`document` with the part as `after` says, in its place; a new one at the end."""
    changed = dict(document)
    match part.kind:
        case "centre":
            rest = {key: value for key, value in document.items() if key not in CENTRE_KEYS}
            return {**(after or {}), **rest}
        case "hours":
            changed["hours"] = list((after or {}).get("hours", ()))
        case "exception":
            others = [each for each in document.get("exception", ()) if each.get("on") != part.name]
            rows = [*others, *(after or {}).get("exception", ())]
            changed["exception"] = sorted(rows, key=lambda each: str(each.get("on", "")))
        case "layout":
            _lay_out(changed, after or {})
        case "order":
            told = dict.fromkeys((after or {}).get(ORDERED[part.name], ()))
            rank = {slug: at for at, slug in enumerate(told)}
            rows = document.get(part.name, ())
            changed[part.name] = sorted(rows, key=lambda each: rank.get(each["slug"], len(rank)))
        case "private":
            changed["service"] = [
                _marked(each, (after or {}).get("private", "")) for each in _services(document)
            ]
        case _:
            rows = list(document.get(part.kind, ()))
            at = place_of(document, part)
            rows[at : at + 1] = [] if after is None else [after]
            if part.kind == "closure":
                rows.sort(key=lambda each: str(each.get("first", "")))
            changed[part.kind] = rows
    return changed


def place_of(document: Mapping[str, Any], part: Part) -> int:
    """Where the part stands among its kind; where it would be added when it is not there."""
    rows = document.get(part.kind, ())
    return next((at for at, each in enumerate(rows) if part_for(part.kind, each) == part), len(rows))


def _services(document: Mapping[str, Any]) -> list[Table]:
    return list(document.get("service", ()))


def _marked(service: Table, private: str) -> Table:
    """The service with the private mark or without. Discreet it stays as it was: the mark alone would say so only while it is there."""
    had = bool(service.get("private"))
    if had == (service["slug"] == private):
        return service
    return {**service, "private": not had, "discreet": service.get("discreet", had)}


def _layout(document: Mapping[str, Any]) -> Table:
    choices = [each["slug"] for each in document.get("choice", ())]
    under: dict[str, list[str]] = {slug: [] for slug in (*choices, "")}
    for each in document.get("service", ()):
        under.setdefault(each.get("choice", ""), []).append(each["slug"])
    return {"choices": choices, "under": under}


def _lay_out(document: Table, layout: Mapping[str, Any]) -> None:
    """Order choices and services as told; what the layout does not know stays, behind the others."""
    rank = {slug: at for at, slug in enumerate(layout.get("choices", ()))}
    under = layout.get("under", {})
    document["choice"] = sorted(
        document.get("choice", ()), key=lambda each: rank.get(each["slug"], len(rank))
    )
    order = [*(each["slug"] for each in document["choice"]), ""]
    places = {
        slug: (order.index(choice), at, choice)
        for choice in order
        for at, slug in enumerate(under.get(choice, ()))
    }
    services = []
    for at, each in enumerate(document.get("service", ())):
        own = each.get("choice", "")
        row, column, choice = places.get(
            each["slug"], (order.index(own) if own in order else len(order), 1000 + at, own)
        )
        moved = {key: value for key, value in each.items() if key != "choice"}
        services.append((row, column, {**moved, "choice": choice} if choice else moved))
    document["service"] = [each for _, _, each in sorted(services, key=lambda each: each[:2])]


# The difference ---------------------------------------------------------------------------------------


def flat(table: Mapping[str, Any] | None) -> Flat:
    """The values one by one: `names.gu`, `hours`. What is one value changes as one."""
    values: Flat = {}
    for key, value in (table or {}).items():
        if isinstance(value, Mapping):
            values.update({f"{key}.{name}": each for name, each in value.items()})
        else:
            values[key] = value
    return values


def changed_keys(before: Table | None, after: Table | None) -> list[str]:
    was, becomes = flat(before), flat(after)
    return [key for key in {**was, **becomes} if was.get(key) != becomes.get(key)]


def carried_over(before: Table | None, after: Table | None, now: Table | None) -> Table | list[str] | None:
    """What the part becomes when the change meets the part as it is `now`; or the keys that were changed meanwhile.

    What is added must not be there, and what is taken away must be as it was.
    """
    if now == before:
        return after
    if before is None or after is None or now is None:
        return changed_keys(before, now) or ["slug"]
    was, becomes, stands = flat(before), flat(after), flat(now)
    keys = changed_keys(before, after)
    clash = [key for key in keys if stands.get(key) != was.get(key)]
    if clash:
        return clash
    for key in keys:
        if key in becomes:
            stands[key] = becomes[key]
        else:
            del stands[key]
    return _unflat(stands)


def _unflat(values: Flat) -> Table:
    table: Table = {}
    for key, value in values.items():
        name, _, inner = key.partition(".")
        if inner or (name == "under" and "." in key):
            table.setdefault(name, {})[inner] = value
        else:
            table[name] = value
    return table


def mark_of(table: Table | None) -> str:
    """A short fingerprint: a form that carries it tells whether the part is still what it was filled from."""
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()[:16]


# Its words and its moment -----------------------------------------------------------------------------


def title(part: Part, table: Mapping[str, Any] | None) -> str:
    """The part as an administrator calls it: "Service: Council tax"."""
    table = table or {}
    if part.kind == "closure":
        return f"Closure: {days_said(str(table.get('first', '')), str(table.get('last', '')))}"
    if part.kind == "exception":
        return f"Special hours: {day_said(part.name)}"
    if part.kind == "order":
        return f"Order of {ORDERED[part.name]}"
    if part.kind not in LISTED:
        return KINDS[part.kind]
    words = table.get("names") or table.get("text")
    name = str(table.get("name") or (words.get("en") if isinstance(words, Mapping) else "") or part.name)
    return f"{KINDS[part.kind]}: {name if len(name) <= 80 else name[:79] + '…'}"


def what(keys: Iterable[str]) -> str:
    """`the name and the target`: what a change changed, for those who meet it."""
    names = list(dict.fromkeys(_SAID.get(key.partition(".")[0], key) for key in keys))
    return listed(names) or "nothing"


def deed(before: Table | None, after: Table | None) -> str:
    if before is None:
        return "added it"
    return "took it away" if after is None else f"changed {what(changed_keys(before, after))}"


def listed(names: Iterable[str]) -> str:
    names = list(names)
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def day_said(on: str) -> str:
    try:
        return f"{(day := date.fromisoformat(on)):%A} {day.day} {day:%B %Y}"
    except ValueError:
        return on


def days_said(first: str, last: str) -> str:
    return day_said(first) if not last or last == first else f"{day_said(first)} to {day_said(last)}"


def moment(when: str, on: str, zone: ZoneInfo, now: datetime) -> datetime | str:
    """The instant that `now`, `tomorrow` or `date` (with `on`) means at the centre; or what is wrong with it."""
    today = now.astimezone(zone).date()
    if when == "now":
        return now
    if when == "tomorrow":
        return midnight(today + timedelta(days=1), zone)
    try:
        day = date.fromisoformat(on)
    except ValueError:
        return "Choose when: now, tomorrow or a date."
    if day <= today:
        return "This date is not after today. Choose “Now”, or a later date."
    if (day - today).days > LATEST_DAYS:
        return "This date is more than five years away. Choose an earlier one."
    return midnight(day, zone)
