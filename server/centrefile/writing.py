"""Writes a plan as the text of a centre's file, such that reading it gives the same plan again.

What is as it would be without a key is left out, so that a file of a centre stays as short as its centre is
simple.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from typing import Any

from server.centrefile.bookables import bookable_table
from server.centrefile.handing import OfferedForm, handing_table
from server.centrefile.offering import offer_table
from server.centrefile.plan import CentrePlan, Counter, Service, Words
from server.centrefile.weekly import weekly_tables
from server.domain.handing import Portal, Purpose, Team
from server.domain.hours import Hours

_OFFER = "service.appointments"


def write(plan: CentrePlan) -> str:
    """The file's text, UTF-8 when saved."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: CentrePlan) -> Iterator[str]:
    yield "# A centre's file. What each key means is told in docs/centre-file.md."
    yield f"slug = {_text(plan.slug)}"
    yield f"name = {_text(plan.name)}"
    yield f"timezone = {_text(plan.timezone)}"
    yield f"languages = {_list(plan.languages)}"
    if plan.address:
        yield f"address = {_text(plan.address)}"
    if plan.telephone:
        yield f"telephone = {_text(plan.telephone)}"
    if plan.map_url:
        yield f"map_url = {_text(plan.map_url)}"
    yield f"idle_seconds = {plan.idle_seconds}"
    yield f"max_calls = {plan.max_calls}"
    yield f"no_show_minutes = {plan.no_show_minutes}"
    yield f"activities = {_list(plan.activities)}"
    yield from _words("wait_here", plan.wait_here)
    yield from _words("find_us", plan.find_us)
    yield from _hours(plan.hours, "")
    for area in plan.areas:
        yield from ("", "[[area]]", f"slug = {_text(area.slug)}", *_words("names", area.names))
    for choice in plan.choices:
        yield from ("", "[[choice]]", f"slug = {_text(choice.slug)}", f"icon = {_text(choice.icon)}")
        yield from _words("names", choice.names)
    for service in plan.services:
        yield from _service(service)
    for counter in plan.counters:
        yield from _counter(counter)
    for message in plan.messages:
        yield from ("", "[[message]]", f"slug = {_text(message.slug)}", *_words("text", message.text))
        if not message.standing:
            yield "standing = false"
    for person in plan.staff:
        yield from ("", "[[staff]]", f"username = {_text(person.username)}", f"name = {_text(person.name)}")
        yield f"roles = {_list(person.roles)}"
    for bookable in plan.bookables:
        yield from ("", "[[bookable]]", *_table(bookable_table(bookable), "bookable"))
    yield from _handing(plan)


def _handing(plan: CentrePlan) -> Iterator[str]:
    things: tuple[tuple[str, Purpose | Team | Portal | OfferedForm], ...] = (
        *(("purpose", each) for each in plan.purposes),
        *(("team", each) for each in plan.teams),
        *(("portal", each) for each in plan.portals),
        *(("form", each) for each in plan.forms),
    )
    for kind, thing in things:
        yield from ("", f"[[{kind}]]", *_table(handing_table(thing), kind))


def _service(service: Service) -> Iterator[str]:
    yield from ("", "[[service]]", f"slug = {_text(service.slug)}")
    if service.choice is not None:
        yield f"choice = {_text(service.choice)}"
    yield f"icon = {_text(service.icon)}"
    yield from _words("names", service.names)
    yield from _words("help", service.help)
    yield f"class = {_text(service.ticket_class)}"
    yield f"activity = {_text(service.activity)}"
    yield f"target_minutes = {service.target_minutes}"
    yield f"usual_minutes = {service.usual_minutes}"
    if not service.walk_in:
        yield "walk_in = false"
    if service.by_appointment:
        yield "by_appointment = true"
    if service.private:
        yield "private = true"
    if service.discreet != service.private:
        yield f"discreet = {_flag(service.discreet)}"
    if service.synonyms:
        yield f"synonyms = {_list(service.synonyms)}"
    if service.lgsl is not None:
        yield f"lgsl = {service.lgsl}"
    if service.continues:
        yield f"continues = {_list(service.continues)}"
    if service.appointments is not None:
        yield from ("", "[service.appointments]", *_table(offer_table(service.appointments), _OFFER))
    yield from _hours(service.hours, "service.")


def _counter(counter: Counter) -> Iterator[str]:
    yield from ("", "[[counter]]", f"slug = {_text(counter.slug)}", f"name = {_text(counter.name)}")
    yield f"kind = {_text(counter.kind)}"
    if counter.area is not None:
        yield f"area = {_text(counter.area)}"
    if counter.sends_to:
        yield f"sends_to = {_text(counter.sends_to)}"


def _hours(hours: Hours, prefix: str) -> Iterator[str]:
    for table in weekly_tables(hours.usual):
        yield from ("", f"[[{prefix}hours]]", *_table(table, f"{prefix}hours"))
    for special in hours.special:
        yield from ("", f"[[{prefix}exception]]", f"on = {special.held_on}")
        yield from _from_to(special.opens, special.closes)
    for closure in hours.closures:
        yield from ("", f"[[{prefix}closure]]", f"first = {closure.first_on}", f"last = {closure.last_on}")
        yield from _words("reason", closure.reason)


def _table(table: Mapping[str, Any], path: str) -> Iterator[str]:
    """The keys of a table in its order; tables under it, which must come last in TOML, after them."""
    below = {key: value for key, value in table.items() if _is_tables(value)}
    for key, value in table.items():
        if key not in below:
            yield from _value(key, value)
    for key, rows in below.items():
        for row in rows:
            yield from ("", f"[[{path}.{key}]]", *_table(row, f"{path}.{key}"))


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _value(key: str, value: Any) -> Iterator[str]:
    match value:
        case Mapping():
            yield from _words(key, value)
        case bool():
            yield f"{key} = {_flag(value)}"
        case str():
            yield f"{key} = {_text(value)}"
        case list():
            yield f"{key} = [{', '.join(_text(each) if isinstance(each, str) else str(each) for each in value)}]"
        case _:
            yield f"{key} = {value}"


def _from_to(opens: time, closes: time) -> Iterator[str]:
    yield f'opens = "{opens:%H:%M}"'
    yield f'closes = "{closes:%H:%M}"'


def _words(key: str, words: Words) -> Iterator[str]:
    for language, text in words.items():
        yield f"{key}.{language} = {_text(text)}"


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(_text(item) for item in items)}]"


def _text(text: str) -> str:
    """A TOML basic string; JSON's escapes are among TOML's."""
    return json.dumps(str(text), ensure_ascii=False)


def _flag(value: bool) -> str:
    return "true" if value else "false"
