"""`[[bookable]]`: people, rooms and interpreters whose time appointments take, as a centre's file says them.

Loading adds and changes them and takes nobody away, as with `[[staff]]`: people come and go on the page of their own. A room of the centre need
not stand here, every one can be booked; it does where it has times or services of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from server.centrefile.plan import Bookable, Counter, Staff
from server.centrefile.table import Table
from server.centrefile.weekly import WORKING, read_weekly, weekly_tables
from wire.vocabulary import BookableKind, CounterKind

ROOMS = frozenset({CounterKind.ROOM, CounterKind.CRISIS_ROOM})
"""Counters that appointments can take."""
SPOKEN = (
    "ar", "bn", "en", "fa", "fr", "gu", "hi", "it", "ku", "pa", "pl", "ps", "pt", "ro", "ru", "so", "sk", "sq", "sw", "ta", "ti",
    "tr", "uk", "ur", "vi", "zh", "sign_language",
)  # fmt: skip
"""What an interpreter can interpret: more than the screens are written in."""


def read_bookable(table: Table) -> Bookable:
    bookable = Bookable(
        kind=table.one_of("kind", BookableKind, BookableKind.PERSON),
        name=table.text("name", most=80, default=""),
        username=table.text("username", most=60, default=""),
        counter=table.slug("counter") if "counter" in table else "",
        languages=table.some_named("languages", SPOKEN),
        services=table.slugs("services", most=100),
        rota=tuple(usual for each in table.tables("rota") for usual in read_weekly(each, WORKING)),
    )
    _check(bookable, table)
    table.close()
    return bookable


def _check(bookable: Bookable, table: Table) -> None:
    kind = bookable.kind
    if kind is BookableKind.ROOM:
        if not bookable.counter:
            table.note('A room names its counter, as in counter = "room-1"', "counter")
    elif not bookable.name and not bookable.username:
        table.note("'name' is missing here.", "name")
    if bookable.name and (bookable.counter or bookable.username):
        table.note("It is called as its counter or account is. Take 'name' out.", "name")
    if bookable.counter and kind is not BookableKind.ROOM:
        table.note("Only a room has a 'counter'.", "counter")
    if bookable.username and kind is not BookableKind.PERSON:
        table.note("Only a person has a 'username'.", "username")
    if kind is BookableKind.INTERPRETER and not bookable.languages:
        table.note(
            'An interpreter needs \'languages\', as in languages = ["pl", "sign_language"]', "languages"
        )
    if bookable.languages and kind is not BookableKind.INTERPRETER:
        table.note("Only an interpreter has 'languages'.", "languages")


def disagreements(
    bookables: Sequence[Bookable],
    staff: Sequence[Staff],
    counters: Sequence[Counter],
    services: Collection[str],
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What they name that is not there, and who stands there twice."""
    usernames = {each.username for each in staff}
    rooms = {each.slug for each in counters if each.kind in ROOMS}
    seen: set[tuple[str, str]] = set()
    for index, each in enumerate(bookables):
        if each.username and each.username not in usernames:
            yield (
                ("bookable", index, "username"),
                f"There is no [[staff]] with the username '{each.username}'.",
            )
        if each.counter and each.counter not in rooms:
            yield ("bookable", index, "counter"), f"There is no room with the slug '{each.counter}'."
        for at, slug in enumerate(each.services):
            if slug not in services:
                yield ("bookable", index, "services", at), f"There is no [[service]] with the slug '{slug}'."
        key = "username" if each.username else "counter" if each.counter else "name"
        called = (each.kind.value, each.username or each.counter or each.name)
        if called in seen:
            yield ("bookable", index, key), f"Another {each.kind} '{called[1]}' stands in this file already."
        seen.add(called)


def bookable_table(bookable: Bookable) -> dict[str, Any]:
    table: dict[str, Any] = {"kind": bookable.kind.value}
    for key in ("name", "username", "counter"):
        if getattr(bookable, key):
            table[key] = getattr(bookable, key)
    for key in ("languages", "services"):
        if getattr(bookable, key):
            table[key] = list(getattr(bookable, key))
    if bookable.rota:
        table["rota"] = list(weekly_tables(bookable.rota, WORKING))
    return table
